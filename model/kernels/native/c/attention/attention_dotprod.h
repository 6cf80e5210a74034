/* Attention over bf16 keys and values in float32. Part of kernels_dotprod.c. */

/* For up to 8 queries at a time, so that each key is loaded and widened once for all of them. With few there are two
   sums each, so that none waits for the one before. */
static inline __attribute__((always_inline)) void score_rows(const uint16_t *q, const uint16_t *keys, size_t stride, int count, int size, float *out, const int rows) {
    for (int s = 0; s < count; s++, keys += stride) {
        float32x4_t sum[8][2];
        for (int r = 0; r < rows; r++) sum[r][0] = sum[r][1] = vdupq_n_f32(0);
        int k = 0;
        for (; k + 8 <= size; k += 8) {
            const uint16x8_t key = vld1q_u16(keys + k);
            const float32x4_t first = lower(key), second = upper(key);
            for (int r = 0; r < rows; r++) {
                const uint16x8_t query = vld1q_u16(q + (size_t)r * size + k);
                sum[r][0] = vfmaq_f32(sum[r][0], first, lower(query));
                sum[r][1] = vfmaq_f32(sum[r][1], second, upper(query));
            }
        }
        for (int r = 0; r < rows; r++) {
            float rest = 0;
            for (int i = k; i < size; i++) rest += bf16_to_f32(keys[i]) * bf16_to_f32(q[(size_t)r * size + i]);
            out[r * PIECE + s] = vaddvq_f32(vaddq_f32(sum[r][0], sum[r][1])) + rest;
        }
    }
}

#include "attention_body.h"

/* 32 numbers of each value, a line of the cache, for at most two rows of weights. */
static inline __attribute__((always_inline)) void weigh_line(const uint16_t *weights, const uint16_t *values, size_t stride, int count, int size, float *out, const int rows) {
    float32x4_t sum[2][8];
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < 8; i++) sum[r][i] = vdupq_n_f32(0);
    for (int s = 0; s < count; s++, values += stride)
        for (int i = 0; i < 4; i++) {
            const uint16x8_t eight = vld1q_u16(values + 8 * i);
            const float32x4_t first = lower(eight), second = upper(eight);
            for (int r = 0; r < rows; r++) {
                const float weight = bf16_to_f32(weights[r * PIECE + s]);
                sum[r][2 * i] = vfmaq_n_f32(sum[r][2 * i], first, weight);
                sum[r][2 * i + 1] = vfmaq_n_f32(sum[r][2 * i + 1], second, weight);
            }
        }
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < 8; i++) vst1q_f32(out + (size_t)r * size + 4 * i, sum[r][i]);
}

#include "layers/weigh_body.h"
