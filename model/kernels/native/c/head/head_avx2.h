/* Rows of the LM head's planes times some rounded x, with integer products. Part of kernels_avx2.c.

   Two products of at most 15 · 127 take 13 bits, so four such pairs are added up before they are widened. */

/* 128 numbers of a row, in the order of x. */
typedef struct {
    __m256i part[4];
} line;

static inline __attribute__((always_inline)) line line_of(const uint8_t *at) {
    const __m256i half = _mm256_set1_epi8(15), a = load(at), b = load(at + 32);
    return (line){{
        _mm256_and_si256(a, half), _mm256_and_si256(b, half),
        _mm256_and_si256(_mm256_srli_epi16(a, 4), half), _mm256_and_si256(_mm256_srli_epi16(b, 4), half),
    }};
}

static inline __attribute__((always_inline)) __m256i add_line(__m256i to, line numbers, const int8_t *x) {
    __m256i sum = _mm256_maddubs_epi16(numbers.part[0], load(x));
#pragma GCC unroll 4
    for (int i = 1; i < 4; i++) sum = _mm256_add_epi16(sum, _mm256_maddubs_epi16(numbers.part[i], load(x + 32 * i)));
    return _mm256_add_epi32(to, _mm256_madd_epi16(sum, _mm256_set1_epi16(1)));
}

static inline int whole_sum(__m256i x) {
    const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
    const __m128i two = _mm_add_epi32(four, _mm_unpackhi_epi64(four, four));
    return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 1)));
}

/* Row by row, in the order of memory, where the processor reads ahead by itself. */
static inline __attribute__((always_inline)) void near_of(const uint8_t *rows, int lines, const int8_t *x, int32_t *out, int apart, const int tokens) {
    const size_t stride = (size_t)lines * 64, width = 2 * stride;
    for (int r = 0; r < HEAD_BATCH; r++, rows += stride) {
        __m256i sum[HEAD_TOKENS];
        for (int t = 0; t < tokens; t++) sum[t] = _mm256_setzero_si256();
        for (size_t k = 0; k < stride; k += 64) {
            const line numbers = line_of(rows + k);
#pragma GCC unroll 4 /* the sums stay in registers */
            for (int t = 0; t < tokens; t++) sum[t] = add_line(sum[t], numbers, x + 2 * t * width + 2 * k);
        }
        for (int t = 0; t < tokens; t++) out[t * apart + r] = whole_sum(sum[t]);
    }
}

static inline __attribute__((always_inline)) void nibbles_of(const uint8_t *row, const uint8_t *next, int lines, const int8_t *x, double *out, const int tokens) {
    const size_t stride = (size_t)lines * 64, width = 2 * stride;
    __m256i sum[HEAD_TOKENS][2];
    for (int t = 0; t < tokens; t++) sum[t][0] = sum[t][1] = _mm256_setzero_si256();
    for (size_t k = 0; k < stride; k += 64) {
        _mm_prefetch((const char *)next + k, _MM_HINT_T0);
        const line numbers = line_of(row + k);
#pragma GCC unroll 4 /* the sums stay in registers */
        for (int t = 0; t < tokens; t++)
#pragma GCC unroll 2
            for (int part = 0; part < 2; part++)
                sum[t][part] = add_line(sum[t][part], numbers, x + (2 * t + part) * width + 2 * k);
    }
    for (int t = 0; t < tokens; t++) out[t] = 127.0 * whole_sum(sum[t][0]) + whole_sum(sum[t][1]);
}

#include "head_body.h"
