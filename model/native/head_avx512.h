/* A row of 8-bit numbers times some rounded x, with integer products. Part of kernels_avx512.c.

   One factor must be without a sign: the row's numbers are taken 128 too large, and the sum of x tells how much that adds.
   A product waits for the one before it in its sum, so several tokens side by side take little longer than one. */

static inline __attribute__((always_inline)) void words_of(const int8_t *row, int columns, const int8_t *x, const double *sums, double *out, const int tokens) {
    const __m512i sign = _mm512_set1_epi8((char)0x80);
    __m512i sum[HEAD_TOKENS][2];
    for (int t = 0; t < tokens; t++) sum[t][0] = sum[t][1] = _mm512_setzero_si512();
    for (int k = 0; k < columns; k += 64) {
        _mm_prefetch(row + k + HEAD_AHEAD, _MM_HINT_T0);
        const __m512i v = _mm512_xor_si512(_mm512_loadu_si512(row + k), sign);
#pragma GCC unroll 4 /* the sums stay in registers */
        for (int t = 0; t < tokens; t++)
#pragma GCC unroll 2
            for (int part = 0; part < 2; part++)
                sum[t][part] = _mm512_dpbusd_epi32(sum[t][part], v, _mm512_loadu_si512(x + (size_t)(2 * t + part) * columns + k));
    }
    for (int t = 0; t < tokens; t++)
        out[t] = 127.0 * _mm512_reduce_add_epi32(sum[t][0]) + _mm512_reduce_add_epi32(sum[t][1]) - 128.0 * sums[t];
}

#include "head_body.h"
