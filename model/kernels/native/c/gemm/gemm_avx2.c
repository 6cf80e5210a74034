/* AVX2: products of 8 bits in pairs of 16 bits, which are added up to 32. NF4's values have to be small, so that two
   products fit into 16 bits; of int4's, 16 do. Of numbers of 8 bits, two do where the larger factor has no sign, which the
   other one takes over. */
#include <immintrin.h>

#include "gemm.h"

#define TILE_ROWS 6
enum { HALF = LANES / 2, PANEL_COLUMNS = 1024, NF4_ZERO = 53, NF4_ONE = 53, W8_ZERO = 0 };

/* The 16 values of NF4 times NF4_ONE, which rounds them best below 64 (by 0.7 % of their mean size), plus NF4_ZERO. */
static const uint8_t NF4[16] = {0, 16, 25, 32, 38, 43, 48, 53, 57, 62, 66, 71, 76, 83, 91, 106};

#include "gemm_rows.h"

/* Sums of a block's products. Of int4, pairs of products of all 32 columns stay in 16 bits: 16 · 15 · 127 at most. */
static inline __attribute__((always_inline)) void multiply_block(const int rows, const int form, const int32_t *const *x, const char *panel, __m256i *sum) {
    const __m256i ones = _mm256_set1_epi16(1);
    const int half = form == FORM_INT4 || form == FORM_INT4M;
    for (int r = 0; r < 2 * rows; r++) sum[r] = _mm256_setzero_si256();
    for (int step = 0; step < lectern_block_of(form) / 4; step++, panel += 4 * HALF) {
        const __m256i low = _mm256_load_si256((const __m256i *)panel), high = _mm256_load_si256((const __m256i *)panel + 1);
#pragma GCC unroll 6
        for (int r = 0; r < rows; r++) {
            const __m256i four = _mm256_set1_epi32(x[r][step]);
            const __m256i a = lectern_is_w8(form) ? _mm256_maddubs_epi16(_mm256_abs_epi8(low), _mm256_sign_epi8(four, low)) : _mm256_maddubs_epi16(low, four);
            const __m256i b = lectern_is_w8(form) ? _mm256_maddubs_epi16(_mm256_abs_epi8(high), _mm256_sign_epi8(four, high)) : _mm256_maddubs_epi16(high, four);
            sum[2 * r] = half ? _mm256_add_epi16(sum[2 * r], a) : _mm256_add_epi32(sum[2 * r], _mm256_madd_epi16(a, ones));
            sum[2 * r + 1] = half ? _mm256_add_epi16(sum[2 * r + 1], b) : _mm256_add_epi32(sum[2 * r + 1], _mm256_madd_epi16(b, ones));
        }
    }
    for (int r = 0; half && r < 2 * rows; r++) sum[r] = _mm256_madd_epi16(sum[r], ones);
}

#include "gemm_256.h"

const lectern_gemm_kernels lectern_gemm_avx2 = {inputs_of, prepare_chunk, product_chunk, expert_chunk, sum_chunk};
