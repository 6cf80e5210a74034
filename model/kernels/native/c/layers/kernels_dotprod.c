/* ARM's 64-bit processors with products of 8 bits (DotProd: Apple's, most from 2018 on). Compiled with its own flags.

   A few tokens go through whole numbers of 16 bits, summed in 32, as with AVX2: that puts a product off by 0.01 %. */
#include <arm_neon.h>

#include "lectern.h"
#include "ops.h"

/* 8 numbers in bf16 as two times 4 in float32. */
static inline float32x4_t lower(uint16x8_t bf16) { return vreinterpretq_f32_u32(vshll_n_u16(vget_low_u16(bf16), 16)); }
static inline float32x4_t upper(uint16x8_t bf16) { return vreinterpretq_f32_u32(vshll_high_n_u16(bf16, 16)); }

#include "attention/attention_dotprod.h"
#include "head/head_dotprod.h"

/* 32 columns are summed before scales come in: 32 · 8192 · MOST is just below 2^31. */
enum { MOST = 8191, COLUMNS = 32, STEPS = COLUMNS / 2, FEW = 4, ROWS = 16, VECTORS = ROWS / 4 };

/* The 16 values of NF4 times 8192, and int4's numbers -8 … 7 times 1024. */
static const int16_t VALUES[2][16] = {
    {-8192, -5703, -4301, -3235, -2330, -1514, -746, 0, 652, 1318, 2016, 2768, 3610, 4609, 5922, 8192},
    {-8192, -7168, -6144, -5120, -4096, -3072, -2048, -1024, 0, 1024, 2048, 3072, 4096, 5120, 6144, 7168},
};

typedef struct {
    uint8x16_t low, high; /* the bytes of the 16 values */
} table;

static table table_of(const int16_t *values) {
    const uint8x16_t first = vld1q_u8((const uint8_t *)values), second = vld1q_u8((const uint8_t *)(values + 8));
    return (table){vuzp1q_u8(first, second), vuzp2q_u8(first, second)};
}

/* 32 columns of 16 rows for at most FEW tokens. Two columns of 32 rows are 32 bytes: a row's two side by side, the
   first 16 rows in the low halves and the others in the high ones. */
static inline __attribute__((always_inline)) void add_columns(const uint8_t *data, const int high, table t, const lectern_input *x, int column, float32x4_t (*to)[VECTORS], const int tokens) {
    const int16_t *at = (const int16_t *)x->rounded + column;
    int32x4_t sum[FEW][VECTORS];
    for (int n = 0; n < tokens; n++)
        for (int i = 0; i < VECTORS; i++) sum[n][i] = vdupq_n_s32(0);
    for (int step = 0; step < STEPS; step++, data += 32) {
        const uint8x16x2_t two = vld2q_u8(data);
        for (int c = 0; c < 2; c++) {
            const uint8x16_t index = high ? vshrq_n_u8(two.val[c], 4) : vandq_u8(two.val[c], vdupq_n_u8(15));
            const uint8x16_t a = vqtbl1q_u8(t.low, index), b = vqtbl1q_u8(t.high, index);
            const int16x8_t w[2] = {vreinterpretq_s16_u8(vzip1q_u8(a, b)), vreinterpretq_s16_u8(vzip2q_u8(a, b))};
            for (int n = 0; n < tokens; n++) {
                const int16_t number = at[(size_t)n * x->stride + 2 * step + c];
                for (int i = 0; i < 2; i++) {
                    sum[n][2 * i] = vmlal_n_s16(sum[n][2 * i], vget_low_s16(w[i]), number);
                    sum[n][2 * i + 1] = vmlal_high_n_s16(sum[n][2 * i + 1], w[i], number);
                }
            }
        }
    }
    for (int n = 0; n < tokens; n++) {
        const float scale = x->scales[((size_t)n * x->stride + column) / COLUMNS];
        for (int i = 0; i < VECTORS; i++) to[n][i] = vfmaq_n_f32(to[n][i], vcvtq_f32_s32(sum[n][i]), scale);
    }
}

static inline float32x4_t scale_of(const uint16_t *scales, const int int4) {
    const uint16x4_t bits = vld1_u16(scales);
    return int4 ? vcvt_f32_f16(vreinterpret_f16_u16(bits)) : vreinterpretq_f32_u32(vshll_n_u16(bits, 16));
}

/* One block of 16 rows. */
static inline __attribute__((always_inline)) void add_block(const uint8_t *data, const uint16_t *scales, const int high, table t, const lectern_input *x, int column, float32x4_t (*total)[VECTORS], const int tokens, const int form, int rows) {
    const int half = form != FORM_NF4, size = half ? INT4_BLOCK : NF4_BLOCK;
    float32x4_t part[FEW][VECTORS];
    for (int n = 0; n < tokens; n++)
        for (int i = 0; i < VECTORS; i++) part[n][i] = vdupq_n_f32(0);
    for (int k = 0; k < size; k += COLUMNS) add_columns(data + LANES * k / 2, high, t, x, column + k, part, tokens);
    for (int i = 0; i < VECTORS; i++) {
        const float32x4_t scale = scale_of(scales + ROWS * high + 4 * i, half);
        for (int n = 0; n < tokens; n++) total[n][i] = vfmaq_f32(total[n][i], part[n][i], scale);
        if (form != FORM_INT4M) continue;
        /* Numbers were taken as int4's, 8 less than they are: what is missing is that and the minimum for each x. */
        const float32x4_t minimum = vmulq_n_f32(vfmaq_n_f32(scale_of(scales + rows + ROWS * high + 4 * i, 1), scale, 8), 1024);
        for (int n = 0; n < tokens; n++) total[n][i] = vfmaq_n_f32(total[n][i], minimum, x->sums[((size_t)n * x->stride + column) / INT4_BLOCK]);
    }
}

/* 32 rows × all columns for a fixed number of tokens, at most FEW. */
static inline __attribute__((always_inline)) void few_tokens(const lectern_matrix *w, const lectern_input *x, int group, float *out, const int tokens, const int form) {
    const int fp16 = form != FORM_NF4, size = fp16 ? INT4_BLOCK : NF4_BLOCK;
    const size_t apart = form == FORM_INT4M ? 2 * (size_t)w->rows : (size_t)w->rows;
    const uint8_t *data = (const uint8_t *)w->data + (size_t)group * LANES * (w->columns / 2);
    const uint16_t *scales = w->scales + (size_t)group * LANES;
    const table t = table_of(VALUES[fp16]);
    float32x4_t total[2][FEW][VECTORS];
    for (int half = 0; half < 2; half++)
        for (int n = 0; n < tokens; n++)
            for (int i = 0; i < VECTORS; i++) total[half][n][i] = vdupq_n_f32(0);
    for (int column = 0; column < w->columns; column += size, data += LANES * size / 2, scales += apart) {
        add_block(data, scales, 0, t, x, column, total[0], tokens, form, w->rows);
        add_block(data, scales, 1, t, x, column, total[1], tokens, form, w->rows);
    }
    const float unit = fp16 ? 1.0f / 1024 : 1.0f / 8192;
    for (int n = 0; n < tokens; n++)
        for (int half = 0; half < 2; half++)
            for (int i = 0; i < VECTORS; i++) vst1q_f32(out + n * LANES + ROWS * half + 4 * i, vmulq_n_f32(total[half][n][i], unit));
}

/* More tokens go through a group in two turns, of which the second finds it in the cache. */
static inline __attribute__((always_inline)) void rows_of_32(const lectern_matrix *w, const lectern_input *x, int group, float *out, const int tokens, const int form) {
    few_tokens(w, x, group, out, tokens < FEW ? tokens : FEW, form);
    if (tokens > FEW) {
        const lectern_input rest = lectern_rows(x, FEW, tokens - FEW);
        few_tokens(w, &rest, group, out + FEW * LANES, tokens - FEW, form);
    }
}

/* The same with numbers of 8 bits, which are widened, times x as it is: 32 columns of 16 rows for at most two
   tokens. */
static inline __attribute__((always_inline)) void w8_few(const int8_t *data, const uint16_t *scales, const lectern_matrix *w, const lectern_input *x, float *out, const int tokens, const int form) {
    const int block = lectern_block_of(form);
    const size_t apart = lectern_has_minimums(form) ? 2 * (size_t)w->rows : (size_t)w->rows;
    float32x4_t total[2][VECTORS];
    for (int t = 0; t < tokens; t++)
        for (int i = 0; i < VECTORS; i++) total[t][i] = vdupq_n_f32(0);
    for (int first = 0; first < w->columns; first += block, scales += apart) {
        float32x4_t sum[2][VECTORS];
        for (int t = 0; t < tokens; t++)
            for (int i = 0; i < VECTORS; i++) sum[t][i] = vdupq_n_f32(0);
        for (int k = first; k < first + block; k++, data += LANES) {
            const int8x16_t bytes = vld1q_s8(data);
            const int16x8_t low = vmovl_s8(vget_low_s8(bytes)), high = vmovl_high_s8(bytes);
            const float32x4_t wide[VECTORS] = {
                vcvtq_f32_s32(vmovl_s16(vget_low_s16(low))), vcvtq_f32_s32(vmovl_high_s16(low)),
                vcvtq_f32_s32(vmovl_s16(vget_low_s16(high))), vcvtq_f32_s32(vmovl_high_s16(high)),
            };
            for (int t = 0; t < tokens; t++)
                for (int i = 0; i < VECTORS; i++) sum[t][i] = vfmaq_n_f32(sum[t][i], wide[i], x->f32[(size_t)t * x->stride + k]);
        }
        for (int t = 0; t < tokens; t++)
            for (int i = 0; i < VECTORS; i++) total[t][i] = vfmaq_f32(total[t][i], sum[t][i], scale_of(scales + 4 * i, 1));
        for (int t = 0; t < tokens && form == FORM_W8M; t++)
            for (int i = 0; i < VECTORS; i++)
                total[t][i] = vfmaq_n_f32(total[t][i], scale_of(scales + w->rows + 4 * i, 1), x->sums[((size_t)t * x->stride + first) / INT4_BLOCK]);
    }
    for (int t = 0; t < tokens; t++)
        for (int i = 0; i < VECTORS; i++) vst1q_f32(out + t * LANES + 4 * i, total[t][i]);
}

static inline __attribute__((always_inline)) void w8_rows(const lectern_matrix *w, const lectern_input *x, int group, float *out, const int tokens, const int form) {
    const int8_t *data = (const int8_t *)w->data + (size_t)group * LANES * w->columns;
    const uint16_t *scales = w->scales + (size_t)group * LANES;
    for (int t = 0; t < tokens; t += 2) {
        const lectern_input part = lectern_rows(x, t, tokens - t < 2 ? 1 : 2);
        for (int half = 0; half < 2; half++) {
            float *to = out + t * LANES + ROWS * half;
            if (part.tokens == 2) w8_few(data + ROWS * half, scales + ROWS * half, w, &part, to, 2, form);
            else w8_few(data + ROWS * half, scales + ROWS * half, w, &part, to, 1, form);
        }
    }
}

/* Times x as it is. */
static inline float bf16_row(const uint16_t *row, const lectern_input *input, size_t first, int columns) {
    const float *x = input->f32 + first;
    float32x4_t sum[4] = {vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0)};
    int k = 0;
    for (; k + 16 <= columns; k += 16)
        for (int i = 0; i < 2; i++) {
            const uint16x8_t eight = vld1q_u16(row + k + 8 * i);
            sum[2 * i] = vfmaq_f32(sum[2 * i], lower(eight), vld1q_f32(x + k + 8 * i));
            sum[2 * i + 1] = vfmaq_f32(sum[2 * i + 1], upper(eight), vld1q_f32(x + k + 8 * i + 4));
        }
    float rest = 0;
    for (; k < columns; k++) rest += bf16_to_f32(row[k]) * x[k];
    return vaddvq_f32(vaddq_f32(vaddq_f32(sum[0], sum[1]), vaddq_f32(sum[2], sum[3]))) + rest;
}

#include "multiply_body.h"

/* 32 numbers rounded to integers; returns their unit. Magnitudes are compared as bits, where non-finite ones are the
   largest, and so show in the unit. */
static inline float round_block(const float *from, int16_t *to) {
    uint32x4_t most = vdupq_n_u32(0);
    for (int i = 0; i < COLUMNS; i += 4) most = vmaxq_u32(most, vandq_u32(vreinterpretq_u32_f32(vld1q_f32(from + i)), vdupq_n_u32(0x7fffffff)));
    union { uint32_t bits; float value; } largest = {vmaxvq_u32(most)};
    const float factor = largest.value > 1e-30f ? MOST / largest.value : 0;
    for (int i = 0; i < COLUMNS; i += 4) vst1_s16(to + i, vqmovn_s32(vcvtnq_s32_f32(vmulq_n_f32(vld1q_f32(from + i), factor))));
    return largest.value / MOST;
}

/* Columns behind the last whole block belong to a matrix in bf16, which reads x as it is. */
static void prepare(lectern_input *x, int columns) {
    for (int t = 0; t < x->tokens; t++) {
        const size_t first = (size_t)t * x->stride;
        for (int k = 0; k + COLUMNS <= columns; k += COLUMNS)
            ((float *)x->scales)[(first + k) / COLUMNS] = round_block(x->f32 + first + k, (int16_t *)x->rounded + first + k);
        block_sums(x->f32 + first, columns, (float *)x->sums + first / COLUMNS);
    }
}

static uint64_t read_lines(const void *data, size_t bytes) {
    const uint8_t *at = data;
    uint64x2_t sum[4] = {vdupq_n_u64(0), vdupq_n_u64(0), vdupq_n_u64(0), vdupq_n_u64(0)};
    for (size_t k = 0; k + 64 <= bytes; k += 64)
        for (int i = 0; i < 4; i++) sum[i] = vaddq_u64(sum[i], vreinterpretq_u64_u8(vld1q_u8(at + k + 16 * i)));
    return vaddvq_u64(vaddq_u64(vaddq_u64(sum[0], sum[1]), vaddq_u64(sum[2], sum[3])));
}

const lectern_kernels lectern_dotprod = {
    "DotProd", multiply, prepare, read_lines, scores, weigh, near, nibbles, rms_norm, gelu_mul, exponents, soft_cap, add_scaled, sixteens,
};
