/* Rows of the LM head's planes times some rounded x, with products of 8 bits. Part of kernels_dotprod.c. */

/* 128 numbers of a row, in the order of x. */
typedef struct {
    int8x16_t part[8];
} line;

static inline __attribute__((always_inline)) line line_of(const uint8_t *at) {
    line found;
    for (int i = 0; i < 4; i++) {
        const uint8x16_t two = vld1q_u8(at + 16 * i);
        found.part[i] = vreinterpretq_s8_u8(vandq_u8(two, vdupq_n_u8(15)));
        found.part[i + 4] = vreinterpretq_s8_u8(vshrq_n_u8(two, 4));
    }
    return found;
}

static inline __attribute__((always_inline)) int32x4_t add_line(int32x4_t to, line numbers, const int8_t *x) {
    for (int i = 0; i < 8; i++) to = vdotq_s32(to, numbers.part[i], vld1q_s8(x + 16 * i));
    return to;
}

/* Row by row, in the order of memory, where the processor reads ahead by itself. */
static inline __attribute__((always_inline)) void near_of(const uint8_t *rows, int lines, const int8_t *x, int32_t *out, int apart, const int tokens) {
    const size_t stride = (size_t)lines * 64, width = 2 * stride;
    for (int r = 0; r < HEAD_BATCH; r++, rows += stride) {
        int32x4_t sum[HEAD_TOKENS];
        for (int t = 0; t < tokens; t++) sum[t] = vdupq_n_s32(0);
        for (size_t k = 0; k < stride; k += 64) {
            const line numbers = line_of(rows + k);
            for (int t = 0; t < tokens; t++) sum[t] = add_line(sum[t], numbers, x + 2 * t * width + 2 * k);
        }
        for (int t = 0; t < tokens; t++) out[t * apart + r] = vaddvq_s32(sum[t]);
    }
}

static inline __attribute__((always_inline)) void nibbles_of(const uint8_t *row, const uint8_t *next, int lines, const int8_t *x, double *out, const int tokens) {
    const size_t stride = (size_t)lines * 64, width = 2 * stride;
    int32x4_t sum[HEAD_TOKENS][2];
    for (int t = 0; t < tokens; t++) sum[t][0] = sum[t][1] = vdupq_n_s32(0);
    for (size_t k = 0; k < stride; k += 64) {
        __builtin_prefetch(next + k);
        const line numbers = line_of(row + k);
        for (int t = 0; t < tokens; t++)
            for (int part = 0; part < 2; part++) sum[t][part] = add_line(sum[t][part], numbers, x + (2 * t + part) * width + 2 * k);
    }
    for (int t = 0; t < tokens; t++) out[t] = 127.0 * vaddvq_s32(sum[t][0]) + vaddvq_s32(sum[t][1]);
}

#include "head_body.h"
