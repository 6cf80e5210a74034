/* AVX-VNNI (Intel's desktops and laptops since 2021, AMD's Zen 5): four products of 8 bits at once in 256 bits, summed
   in 32.

   AVX512-VNNI has the same instructions in another encoding, with which the tests compile this file. */
#include <immintrin.h>

#include "gemm.h"

#define TILE_ROWS 6
enum { HALF = LANES / 2, PANEL_COLUMNS = 1024, NF4_ZERO = 128, NF4_ONE = 112, W8_ZERO = 128 };

/* As in gemm_vnni.c. */
static const uint8_t NF4[16] = {16, 50, 69, 84, 96, 107, 118, 128, 137, 146, 156, 166, 177, 191, 209, 240};

#include "gemm_rows.h"

#if defined(__AVX512VNNI__)
#define ADD_FOUR _mm256_dpbusd_epi32
#else
#define ADD_FOUR _mm256_dpbusd_avx_epi32
#endif

/* Sums of a block's products. */
static inline __attribute__((always_inline)) void multiply_block(const int rows, const int form, const int32_t *const *x, const char *panel, __m256i *sum) {
    for (int r = 0; r < 2 * rows; r++) sum[r] = _mm256_setzero_si256();
    for (int step = 0; step < lectern_block_of(form) / 4; step++, panel += 4 * HALF) {
        const __m256i low = _mm256_load_si256((const __m256i *)panel), high = _mm256_load_si256((const __m256i *)panel + 1);
#pragma GCC unroll 6
        for (int r = 0; r < rows; r++) {
            const __m256i four = _mm256_set1_epi32(x[r][step]);
            sum[2 * r] = ADD_FOUR(sum[2 * r], low, four);
            sum[2 * r + 1] = ADD_FOUR(sum[2 * r + 1], high, four);
        }
    }
}

#include "gemm_256.h"

const lectern_gemm_kernels lectern_gemm_avxvnni = {inputs_of, prepare_chunk, product_chunk, expert_chunk, sum_chunk};
