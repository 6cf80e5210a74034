/* Attention over bf16 keys and values in float32. Part of kernels_avx2.c.

   Widening even and odd numbers apart takes one instruction each and no shuffling. */

/* For up to 8 queries at a time, so that each key is loaded and widened once for all of them. With few there are two
   sums each, so that none waits for the one before. */
static inline __attribute__((always_inline)) void score_rows(const uint16_t *q, const uint16_t *keys, size_t stride, int count, int size, float *out, const int rows) {
    const int ways = rows <= 4 ? 2 : 1;
    for (int s = 0; s < count; s++, keys += stride) {
        __m256 sum[16];
        float rest[8];
        for (int i = 0; i < ways * rows; i++) sum[i] = _mm256_setzero_ps();
        for (int r = 0; r < rows; r++) rest[r] = 0;
        int k = 0;
        for (; k + 16 <= size; k += 16) {
            const __m256i key = load(keys + k);
            const __m256 first = even(key), second = odd(key);
            for (int r = 0; r < rows; r++) {
                const __m256i query = load(q + (size_t)r * size + k);
                sum[ways * r] = _mm256_fmadd_ps(first, even(query), sum[ways * r]);
                sum[ways * r + ways - 1] = _mm256_fmadd_ps(second, odd(query), sum[ways * r + ways - 1]);
            }
        }
        for (; k < size; k++)
            for (int r = 0; r < rows; r++) rest[r] += bf16_to_f32(keys[k]) * bf16_to_f32(q[(size_t)r * size + k]);
        for (int r = 0; r < rows; r++) {
            const __m256 both = ways == 2 ? _mm256_add_ps(sum[2 * r], sum[2 * r + 1]) : sum[r];
            out[r * PIECE + s] = sum_of(both) + rest[r];
        }
    }
}

#include "attention_body.h"

/* 32 numbers of each value, a line of the cache, for at most two rows of weights: as much as 16 registers sum up. */
static inline __attribute__((always_inline)) void weigh_line(const uint16_t *weights, const uint16_t *values, size_t stride, int count, int size, float *out, const int rows) {
    __m256 sum[2][4];
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < 4; i++) sum[r][i] = _mm256_setzero_ps();
    for (int s = 0; s < count; s++, values += stride) {
        const __m256i a = load(values), b = load(values + 16);
        const __m256 part[4] = {even(a), odd(a), even(b), odd(b)};
        for (int r = 0; r < rows; r++) {
            const __m256 weight = _mm256_set1_ps(bf16_to_f32(weights[r * PIECE + s]));
            for (int i = 0; i < 4; i++) sum[r][i] = _mm256_fmadd_ps(weight, part[i], sum[r][i]);
        }
    }
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < 2; i++) {
            const __m256 low = _mm256_unpacklo_ps(sum[r][2 * i], sum[r][2 * i + 1]), high = _mm256_unpackhi_ps(sum[r][2 * i], sum[r][2 * i + 1]);
            _mm256_storeu_ps(out + (size_t)r * size + 16 * i, _mm256_permute2f128_ps(low, high, 0x20));
            _mm256_storeu_ps(out + (size_t)r * size + 16 * i + 8, _mm256_permute2f128_ps(low, high, 0x31));
        }
}

#include "layers/weigh_body.h"
