/* ARM with DotProd: products of 8 bits, four of which are added up in 32 bits. A panel is two halves of 16 rows, each
   with four columns side by side. */
#include <arm_neon.h>

#include "gemm.h"

#define TILE_ROWS 4
enum { HALF = LANES / 2, PANEL_COLUMNS = 1024, VECTORS = HALF / 4, NF4_ZERO = 0, NF4_ONE = 127, W8_ZERO = 0 };

/* The 16 values of NF4 times NF4_ONE. */
static const int8_t NF4[16] = {-127, -88, -67, -50, -36, -23, -12, 0, 10, 20, 31, 43, 56, 71, 92, 127};

#include "gemm_rows.h"

/* Four columns of 32 rows of 8 bits become 32 rows of four. */
static void unpack_w8(const lectern_matrix *w, int group, int first, int count, char *panel) {
    const uint8_t *data = (const uint8_t *)w->data + (size_t)group * LANES * w->columns + (size_t)first * LANES;
    for (int step = 0; step < count / 4; step++, data += 4 * LANES, panel += 4 * HALF)
        for (int half = 0; half < 2; half++) {
            const uint8_t *from = data + HALF * half;
            uint8_t *to = (uint8_t *)panel + (size_t)half * count * HALF;
            const uint8x16x2_t a = vzipq_u8(vld1q_u8(from), vld1q_u8(from + LANES)), b = vzipq_u8(vld1q_u8(from + 2 * LANES), vld1q_u8(from + 3 * LANES));
            for (int i = 0; i < 2; i++) {
                const uint16x8x2_t four = vzipq_u16(vreinterpretq_u16_u8(a.val[i]), vreinterpretq_u16_u8(b.val[i]));
                vst1q_u8(to + 32 * i, vreinterpretq_u8_u16(four.val[0]));
                vst1q_u8(to + 32 * i + 16, vreinterpretq_u8_u16(four.val[1]));
            }
        }
}

static void unpack(const lectern_matrix *w, int group, int first, int count, char *panel) {
    if (lectern_is_w8(w->form)) {
        unpack_w8(w, group, first, count, panel);
        return;
    }
    const uint8x16_t values = vreinterpretq_u8_s8(vld1q_s8(NF4));
    const int int4 = w->form != FORM_NF4;
    const uint8_t *data = (const uint8_t *)w->data + (size_t)group * LANES * (w->columns / 2) + (size_t)first * 16;
    uint8_t *to = (uint8_t *)panel;
    for (int step = 0; step < count / 4; step++, data += 64, to += 4 * HALF)
        for (int rows = 0; rows < 2; rows++) {
            const uint16x8_t two = vreinterpretq_u16_u8(vld1q_u8(data + 16 * rows)), more = vreinterpretq_u16_u8(vld1q_u8(data + 32 + 16 * rows));
            for (int part = 0; part < 2; part++) { /* 4 rows, each with its four columns */
                const uint8x16_t four = vreinterpretq_u8_u16(part ? vzip2q_u16(two, more) : vzip1q_u16(two, more));
                const uint8x16_t low = vandq_u8(four, vdupq_n_u8(15)), high = vshrq_n_u8(four, 4);
                uint8_t *at = to + 32 * rows + 16 * part;
                vst1q_u8(at, int4 ? low : vqtbl1q_u8(values, low));
                vst1q_u8(at + (size_t)count * HALF, int4 ? high : vqtbl1q_u8(values, high));
            }
        }
}

static inline float32x4_t scale_of(const uint16_t *scales, int half) {
    const uint16x4_t bits = vld1_u16(scales);
    return half ? vcvt_f32_f16(vreinterpret_f16_u16(bits)) : vreinterpretq_f32_u32(vshll_n_u16(bits, 16));
}

/* out [rows] += a block's numbers of x times its columns of a panel, whose scales and minimums are for 4 rows each;
   `finer`: what those numbers lack. */
static inline __attribute__((always_inline)) void add_block(const int rows, const int form, const input *const *x, const block_of_row *const *about, const int finer, const char *panel, const float32x4_t *scale, const float32x4_t *minimums, float *out) {
    const int columns = lectern_block_of(form);
    int32x4_t sum[TILE_ROWS][VECTORS];
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < VECTORS; i++) sum[r][i] = vdupq_n_s32((finer ? &about[r]->fine : &about[r]->coarse)->start);
    for (int column = 0; column < columns; column += 4, panel += 4 * HALF) {
        int8x16_t w[VECTORS];
        for (int i = 0; i < VECTORS; i++) w[i] = vld1q_s8((const int8_t *)panel + 16 * i);
        for (int r = 0; r < rows; r++) {
            const int8x16_t four = vreinterpretq_s8_s32(vld1q_dup_s32((const int32_t *)(x[r] + column)));
            for (int i = 0; i < VECTORS; i++) sum[r][i] = vdotq_s32(sum[r][i], w[i], four);
        }
    }
    for (int r = 0; r < rows; r++) {
        const eight_bits *own = finer ? &about[r]->fine : &about[r]->coarse;
        const float sum_of_x = sum_of_block(own);
        for (int i = 0; i < VECTORS; i++) {
            float *to = out + r * LANES + 4 * i;
            const float32x4_t all = vfmaq_f32(vld1q_f32(to), vcvtq_f32_s32(sum[r][i]), vmulq_n_f32(scale[i], own->scale));
            vst1q_f32(to, lectern_has_minimums(form) ? vfmaq_n_f32(all, minimums[i], sum_of_x) : all);
        }
    }
}

/* 16 rows of W, half a panel. NF4's scales are bf16 and its blocks 64 columns wide; those of other forms fp16 and 32. */
static inline __attribute__((always_inline)) void half_of(
    const int rows, const int form, const input *const *x, int first, int count, const lectern_matrix *w, const uint16_t *scales, const char *panel, float *out, const char *next, int lines) {
    const int half = form != FORM_NF4, columns = lectern_block_of(form);
    const size_t apart = lectern_has_minimums(form) ? 2 * (size_t)w->rows : (size_t)w->rows;
    const input *at[TILE_ROWS];
    const block_of_row *about[TILE_ROWS];
    for (int r = 0; r < rows; r++) {
        at[r] = x[r] + first;
        about[r] = blocks_of(w, x[r]) + first / columns;
    }
    for (int i = 0; i < count / columns; i++, scales += apart, panel += HALF * columns) {
        float32x4_t scale[VECTORS], minimums[VECTORS];
        if (i % (NF4_BLOCK / columns) == 0) /* every 64 columns */
            for (int line = 0; line < lines; line++, next += 64) __builtin_prefetch(next, 0, 2);
        for (int v = 0; v < VECTORS; v++) scale[v] = scale_of(scales + 4 * v, half);
        for (int v = 0; v < VECTORS && lectern_has_minimums(form); v++)
            minimums[v] = vfmaq_n_f32(scale_of(scales + w->rows + 4 * v, 1), scale[v], missing(form));
        add_block(rows, form, at, about, 0, panel, scale, minimums, out);
        if (any_finer(rows, about)) {
            const input *rest[TILE_ROWS];
            for (int r = 0; r < rows; r++) rest[r] = at[r] + w->columns;
            add_block(rows, form, rest, about, 1, panel, scale, minimums, out);
        }
        for (int r = 0; r < rows; r++) at[r] += columns, about[r]++;
    }
}

#include "gemm_halves.h"

#include "gemm_body.h"

const lectern_gemm_kernels lectern_gemm_dotprod = {inputs_of, prepare_chunk, product_chunk, expert_chunk, sum_chunk};
