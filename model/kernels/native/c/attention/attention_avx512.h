/* Attention over bf16 keys and values with bf16 products. Part of kernels_avx512.c. */

/* For up to 8 queries at a time, so that each key is loaded once for all of them. */
static inline __attribute__((always_inline)) void score_rows(const uint16_t *q, const uint16_t *keys, size_t stride, int count, int size, float *out, const int rows) {
    for (int s = 0; s < count; s++, keys += stride) {
        __m512 sum[8];
        for (int r = 0; r < rows; r++) sum[r] = _mm512_setzero_ps();
        int k = 0;
        for (; k + 32 <= size; k += 32) {
            const __m512bh key = (__m512bh)_mm512_loadu_si512(keys + k);
            for (int r = 0; r < rows; r++) sum[r] = _mm512_dpbf16_ps(sum[r], key, (__m512bh)_mm512_loadu_si512(q + r * size + k));
        }
        if (k < size) {
            const __mmask32 mask = (1u << (size - k)) - 1;
            const __m512bh key = (__m512bh)_mm512_maskz_loadu_epi16(mask, keys + k);
            for (int r = 0; r < rows; r++) sum[r] = _mm512_dpbf16_ps(sum[r], key, (__m512bh)_mm512_maskz_loadu_epi16(mask, q + r * size + k));
        }
        for (int r = 0; r < rows; r++) out[r * PIECE + s] = _mm512_reduce_add_ps(sum[r]);
    }
}

#include "attention_body.h"

/* 32 numbers of each value at a time; two values side by side make the pairs of a bf16 product. Interleaving leaves the
   numbers in the order 0-3, 8-11, … and 4-7, 12-15, …, which is undone at the end. */
static inline __attribute__((always_inline)) void weigh_rows(const uint16_t *weights, const uint16_t *values, size_t stride, int count, int size, float *out, const int rows) {
    const __m512i first = _mm512_setr_epi32(0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
    const __m512i second = _mm512_setr_epi32(8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
    for (int k = 0; k < size; k += 32) {
        const int left = size - k;
        const __mmask32 mask = left >= 32 ? 0xffffffffu : (1u << left) - 1;
        __m512 low[8], high[8];
        for (int r = 0; r < rows; r++) low[r] = high[r] = _mm512_setzero_ps();
        for (int s = 0; s < count; s += 2) {
            const __m512i a = _mm512_maskz_loadu_epi16(mask, values + (size_t)s * stride + k);
            const __m512i b = _mm512_maskz_loadu_epi16(s + 1 < count ? mask : 0, values + (size_t)(s + 1 < count ? s + 1 : s) * stride + k);
            const __m512bh even = (__m512bh)_mm512_unpacklo_epi16(a, b), odd = (__m512bh)_mm512_unpackhi_epi16(a, b);
            for (int r = 0; r < rows; r++) {
                const __m512bh both = pair(weights + r * PIECE + s);
                low[r] = _mm512_dpbf16_ps(low[r], even, both);
                high[r] = _mm512_dpbf16_ps(high[r], odd, both);
            }
        }
        for (int r = 0; r < rows; r++) {
            _mm512_mask_storeu_ps(out + r * size + k, (__mmask16)mask, _mm512_permutex2var_ps(low[r], first, high[r]));
            _mm512_mask_storeu_ps(out + r * size + k + 16, (__mmask16)(mask >> 16), _mm512_permutex2var_ps(low[r], second, high[r]));
        }
    }
}

static void weigh(const uint16_t *weights, int rows, const uint16_t *values, size_t stride, int count, int size, float *out) {
    for (; rows >= 8; rows -= 8, weights += 8 * PIECE, out += 8 * size) weigh_rows(weights, values, stride, count, size, out, 8);
    if (rows >= 4) {
        weigh_rows(weights, values, stride, count, size, out, 4);
        rows -= 4, weights += 4 * PIECE, out += 4 * size;
    }
    if (rows == 3) weigh_rows(weights, values, stride, count, size, out, 3);
    if (rows == 2) weigh_rows(weights, values, stride, count, size, out, 2);
    if (rows == 1) weigh_rows(weights, values, stride, count, size, out, 1);
}
