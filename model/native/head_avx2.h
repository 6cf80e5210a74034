/* A row of 8-bit numbers times some rounded x, with integer products. Part of kernels_avx2.c.

   One factor must be without a sign, which x takes over. Two products fill 16 bits without overflowing: a row's numbers are
   at most 128, and those of x at most 127. */

static inline __m256i signed_products(__m256i magnitude, __m256i row, const int8_t *x) {
    return _mm256_madd_epi16(_mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(load(x), row)), _mm256_set1_epi16(1));
}

static inline int whole_sum(__m256i x) {
    const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
    const __m128i two = _mm_add_epi32(four, _mm_unpackhi_epi64(four, four));
    return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 1)));
}

static inline __attribute__((always_inline)) void words_of(const int8_t *row, int columns, const int8_t *x, const double *sums, double *out, const int tokens) {
    __m256i sum[HEAD_TOKENS][2];
    (void)sums;
    for (int t = 0; t < tokens; t++) sum[t][0] = sum[t][1] = _mm256_setzero_si256();
    for (int k = 0; k < columns; k += 32) {
        _mm_prefetch(row + k + HEAD_AHEAD, _MM_HINT_T0);
        const __m256i numbers = load(row + k), magnitude = _mm256_abs_epi8(numbers);
#pragma GCC unroll 4 /* the sums stay in registers */
        for (int t = 0; t < tokens; t++)
#pragma GCC unroll 2
            for (int part = 0; part < 2; part++)
                sum[t][part] = _mm256_add_epi32(sum[t][part], signed_products(magnitude, numbers, x + (size_t)(2 * t + part) * columns + k));
    }
    for (int t = 0; t < tokens; t++) out[t] = 127.0 * whole_sum(sum[t][0]) + whole_sum(sum[t][1]);
}

#include "head_body.h"
