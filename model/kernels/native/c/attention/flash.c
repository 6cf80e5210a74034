/* Sharing out the attention of a prompt's chunk; see flash.h. */
#include "flash.h"

/* Only where lectern_gemm_choose returns AVX512-BF16. */
LECTERN_API void lectern_flash(const lectern_flash_job *given) {
#if defined(__x86_64__)
    lectern_flash_job job = *given;
    job.block = job.groups < FLASH_ROWS ? FLASH_ROWS / job.groups : 1;
    pool_enter();
    pool_run(lectern_flash_avx512, &job, (job.tokens + job.block - 1) / job.block * job.kv_heads);
    pool_leave();
#else
    (void)given;
#endif
}
