/* See recognise.h. Two products of at most 127 * 127 fit into 16 bits. Compiled with its own flags. */
#include "recognise.h"

#include <immintrin.h>
#include <string.h>

/* One set of rows, of which `left` are wanted; returns where the next set begins. */
static inline __attribute__((always_inline)) const int8_t *set_of(const int8_t *w, const double *scales, const int8_t *x, int groups, double *out, int left, const int size) {
    const __m256i ones = _mm256_set1_epi16(1);
    __m256i sum[RECOGNISE_MOST];
#pragma GCC unroll 8
    for (int i = 0; i < size; i++) sum[i] = _mm256_setzero_si256();
    for (int group = 0; group < groups; group++, w += 32 * size) {
        int32_t four;
        memcpy(&four, x + RECOGNISE_GROUP * group, sizeof four);
        const __m256i signs = _mm256_set1_epi32(four), sizes = _mm256_abs_epi8(signs);
#pragma GCC unroll 8
        for (int i = 0; i < size; i++) {
            const __m256i numbers = _mm256_loadu_si256((const __m256i *)(w + 32 * i));
            const __m256i pairs = _mm256_maddubs_epi16(sizes, _mm256_sign_epi8(numbers, signs));
            sum[i] = _mm256_add_epi32(sum[i], _mm256_madd_epi16(pairs, ones));
        }
    }
    double each[8 * RECOGNISE_MOST];
    for (int i = 0; i < size; i++) {
        const __m256i bias = _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(w + 8 * i)));
        const __m256i all = _mm256_add_epi32(sum[i], _mm256_mullo_epi32(bias, _mm256_set1_epi32(RECOGNISE_BIAS)));
        _mm256_storeu_pd(each + 8 * i, _mm256_cvtepi32_pd(_mm256_castsi256_si128(all)));
        _mm256_storeu_pd(each + 8 * i + 4, _mm256_cvtepi32_pd(_mm256_extracti128_si256(all, 1)));
    }
    for (int i = 0; i < left && i < 8 * size; i++) out[i] = each[i] * scales[i];
    return w + 8 * size;
}

static void product(int rows, int columns, const int8_t *w, const double *scales, const int8_t *x, double *out) {
    const int groups = (columns - 1 + RECOGNISE_GROUP - 1) / RECOGNISE_GROUP, filled = (rows + 7) & ~7;
    int row = 0;
    for (; row + 64 <= filled; row += 64) w = set_of(w, scales + row, x, groups, out + row, rows - row, 8);
    if (row + 32 <= filled) w = set_of(w, scales + row, x, groups, out + row, rows - row, 4), row += 32;
    if (row + 16 <= filled) w = set_of(w, scales + row, x, groups, out + row, rows - row, 2), row += 16;
    if (row + 8 <= filled) set_of(w, scales + row, x, groups, out + row, rows - row, 1);
}

const recognise_kernel recognise_avx2 = {product, RECOGNISE_LANES, RECOGNISE_MOST, 32, RECOGNISE_GROUP, 8};
