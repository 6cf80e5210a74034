/* See recognise.h. Compiled with its own flags. */
#include "recognise.h"

#include <arm_neon.h>

/* One set of rows, of which `left` are wanted; returns where the next set begins. */
static inline __attribute__((always_inline)) const int8_t *set_of(const int8_t *w, const double *scales, const int8_t *x, int groups, double *out, int left, const int size) {
    int32x4_t sum[2 * RECOGNISE_MOST];
    for (int i = 0; i < 2 * size; i++) sum[i] = vdupq_n_s32(0);
    for (int group = 0; group < groups; group++, w += 32 * size) {
        int32_t four;
        __builtin_memcpy(&four, x + RECOGNISE_GROUP * group, sizeof four);
        const int8x16_t same = vreinterpretq_s8_s32(vdupq_n_s32(four));
        for (int i = 0; i < 2 * size; i++) sum[i] = vdotq_s32(sum[i], vld1q_s8(w + 16 * i), same);
    }
    int32_t each[8 * RECOGNISE_MOST];
    for (int i = 0; i < 2 * size; i++) vst1q_s32(each + 4 * i, sum[i]);
    for (int i = 0; i < left && i < 8 * size; i++) out[i] = (each[i] + RECOGNISE_BIAS * w[i]) * scales[i];
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

const recognise_kernel recognise_dotprod = {product, RECOGNISE_LANES, RECOGNISE_MOST, 32, RECOGNISE_GROUP, 8};
