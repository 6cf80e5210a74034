/* Rows of the LM head's planes times some rounded x, with integer products. Part of kernels_avx512.c.

   A product waits for the one before it in its sum, so several rows or tokens side by side take little longer than
   one. */

/* The sums of four vectors. */
static inline __m128i four_sums(__m512i a, __m512i b, __m512i c, __m512i d) {
    const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    const __m512i all = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
    const __m256i two = _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
    return _mm_add_epi32(_mm256_castsi256_si128(two), _mm256_extracti128_si256(two, 1));
}

/* Row by row, in the order of memory, where the processor reads ahead by itself: rows side by side, or asking for them
   early, take up to twice as long. */
static inline __attribute__((always_inline)) void near_of(const uint8_t *rows, int lines, const int8_t *x, int32_t *out, int apart, const int tokens) {
    const __m512i half = _mm512_set1_epi8(15);
    const size_t stride = (size_t)lines * 64, width = 2 * stride;
    __m512i sum[HEAD_TOKENS][HEAD_BATCH];
#pragma GCC unroll 4 /* the sums stay in registers */
    for (int r = 0; r < HEAD_BATCH; r++, rows += stride) {
        for (int t = 0; t < tokens; t++) sum[t][r] = _mm512_setzero_si512();
        for (size_t k = 0; k < stride; k += 64) {
            const __m512i bytes = _mm512_loadu_si512(rows + k);
            const __m512i left = _mm512_and_si512(bytes, half), right = _mm512_and_si512(_mm512_srli_epi16(bytes, 4), half);
#pragma GCC unroll 4
            for (int t = 0; t < tokens; t++) {
                const int8_t *at = x + 2 * t * width + 2 * k;
                sum[t][r] = _mm512_dpbusd_epi32(sum[t][r], left, _mm512_loadu_si512(at));
                sum[t][r] = _mm512_dpbusd_epi32(sum[t][r], right, _mm512_loadu_si512(at + 64));
            }
        }
    }
    for (int t = 0; t < tokens; t++)
        _mm_storeu_si128((__m128i *)(out + t * apart), four_sums(sum[t][0], sum[t][1], sum[t][2], sum[t][3]));
}

static inline __attribute__((always_inline)) void nibbles_of(const uint8_t *row, const uint8_t *next, int lines, const int8_t *x, double *out, const int tokens) {
    const __m512i half = _mm512_set1_epi8(15);
    const size_t stride = (size_t)lines * 64, width = 2 * stride;
    __m512i sum[HEAD_TOKENS][2];
    for (int t = 0; t < tokens; t++) sum[t][0] = sum[t][1] = _mm512_setzero_si512();
    for (size_t k = 0; k < stride; k += 64) {
        _mm_prefetch((const char *)next + k, _MM_HINT_T0);
        const __m512i bytes = _mm512_loadu_si512(row + k);
        const __m512i left = _mm512_and_si512(bytes, half), right = _mm512_and_si512(_mm512_srli_epi16(bytes, 4), half);
#pragma GCC unroll 4 /* the sums stay in registers */
        for (int t = 0; t < tokens; t++)
#pragma GCC unroll 2
            for (int part = 0; part < 2; part++) {
                const int8_t *at = x + (2 * t + part) * width + 2 * k;
                sum[t][part] = _mm512_dpbusd_epi32(sum[t][part], left, _mm512_loadu_si512(at));
                sum[t][part] = _mm512_dpbusd_epi32(sum[t][part], right, _mm512_loadu_si512(at + 64));
            }
    }
    for (int t = 0; t < tokens; t++) out[t] = 127.0 * _mm512_reduce_add_epi32(sum[t][0]) + _mm512_reduce_add_epi32(sum[t][1]);
}

#include "head_body.h"
