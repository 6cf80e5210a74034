/* AVX2: products of 8 bits in pairs of 16 bits, which are added up to 32. A panel is two halves of 16 rows, each with four
   columns side by side. NF4's values have to be small, so that two products fit into 16 bits; of int4's, 16 do. */
#include <immintrin.h>

#include "gemm.h"

enum { HALF = LANES / 2, PANEL_COLUMNS = 1024, TILE_ROWS = 6, NF4_ZERO = 53, NF4_ONE = 53 };

/* The 16 values of NF4 times NF4_ONE, which rounds them best below 64 (by 0.7 % of their mean size), plus NF4_ZERO. */
static const uint8_t NF4[16] = {0, 16, 25, 32, 38, 43, 48, 53, 57, 62, 66, 71, 76, 83, 91, 106};

#include "gemm_rows.h"

/* 8 of 16 rows and four columns: their first two and their last two, a row's side by side in 16 bits. */
static inline __m256i four_columns(const uint8_t *two, const uint8_t *more) {
    const __m256i first = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)two));
    return _mm256_or_si256(first, _mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)more)), 16));
}

static void unpack(const lectern_matrix *w, int group, int first, int count, char *panel) {
    const __m256i table = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)NF4)), nibble = _mm256_set1_epi8(15);
    const int int4 = w->form == FORM_INT4;
    const uint8_t *data = (const uint8_t *)w->data + (size_t)group * LANES * (w->columns / 2) + (size_t)first * 16;
    for (int step = 0; step < count / 4; step++, data += 64, panel += 4 * HALF)
        for (int rows = 0; rows < 2; rows++) {
            const __m256i four = four_columns(data + 16 * rows, data + 32 + 16 * rows);
            const __m256i low = _mm256_and_si256(four, nibble), high = _mm256_and_si256(_mm256_srli_epi16(four, 4), nibble);
            __m256i *to = (__m256i *)panel + rows;
            _mm256_store_si256(to, int4 ? low : _mm256_shuffle_epi8(table, low));
            _mm256_store_si256(to + (size_t)count * HALF / 32, int4 ? high : _mm256_shuffle_epi8(table, high));
        }
}

static inline __m256 scale_of(const uint16_t *scales, int half) {
    const __m128i bits = _mm_loadu_si128((const __m128i *)scales);
    return half ? _mm256_cvtph_ps(bits) : _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16));
}

/* Sums of a block's products. Of int4, pairs of products of all 32 columns stay in 16 bits: 16 · 15 · 127 at most. */
static inline __attribute__((always_inline)) void multiply_block(const int rows, const int half, const int32_t *const *x, const char *panel, __m256i *sum) {
    const __m256i ones = _mm256_set1_epi16(1);
    for (int r = 0; r < 2 * rows; r++) sum[r] = _mm256_setzero_si256();
    for (int step = 0; step < (half ? INT4_BLOCK : NF4_BLOCK) / 4; step++, panel += 4 * HALF) {
        const __m256i low = _mm256_load_si256((const __m256i *)panel), high = _mm256_load_si256((const __m256i *)panel + 1);
#pragma GCC unroll 6
        for (int r = 0; r < rows; r++) {
            const __m256i four = _mm256_set1_epi32(x[r][step]);
            const __m256i a = _mm256_maddubs_epi16(low, four), b = _mm256_maddubs_epi16(high, four);
            sum[2 * r] = half ? _mm256_add_epi16(sum[2 * r], a) : _mm256_add_epi32(sum[2 * r], _mm256_madd_epi16(a, ones));
            sum[2 * r + 1] = half ? _mm256_add_epi16(sum[2 * r + 1], b) : _mm256_add_epi32(sum[2 * r + 1], _mm256_madd_epi16(b, ones));
        }
    }
    for (int r = 0; half && r < 2 * rows; r++) sum[r] = _mm256_madd_epi16(sum[r], ones);
}

/* out [rows] += a block's numbers of x times its columns of a panel; `finer`: what those numbers lack. */
static inline __attribute__((always_inline)) void add_block(const int rows, const int half, const int32_t *const *x, const block_of_row *const *about, const int finer, const char *panel, __m256 a, __m256 b, float *out) {
    __m256i sum[2 * TILE_ROWS];
    multiply_block(rows, half, x, panel, sum);
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++) {
        const eight_bits *own = finer ? &about[r]->fine : &about[r]->coarse;
        const __m256i start = _mm256_set1_epi32(own->start);
        const __m256 scale = _mm256_set1_ps(own->scale), first = _mm256_cvtepi32_ps(_mm256_add_epi32(sum[2 * r], start));
        const __m256 second = _mm256_cvtepi32_ps(_mm256_add_epi32(sum[2 * r + 1], start));
        float *to = out + r * LANES;
        _mm256_storeu_ps(to, _mm256_fmadd_ps(first, _mm256_mul_ps(scale, a), _mm256_loadu_ps(to)));
        _mm256_storeu_ps(to + 8, _mm256_fmadd_ps(second, _mm256_mul_ps(scale, b), _mm256_loadu_ps(to + 8)));
    }
}

/* 16 rows of W. `half`: scales are fp16 and blocks 32 columns wide; else bf16 and 64. */
static inline __attribute__((always_inline)) void tile_of(
    const int rows, const int half, const input *const *x, int first, int count, const lectern_matrix *w, const uint16_t *scales, const char *panel, float *out, const char *next, int lines) {
    const int columns = half ? INT4_BLOCK : NF4_BLOCK;
    const int32_t *at[TILE_ROWS];
    const block_of_row *about[TILE_ROWS];
    for (int r = 0; r < rows; r++) {
        at[r] = (const int32_t *)(x[r] + first);
        about[r] = blocks_of(w, x[r]) + first / columns;
    }
    for (int i = 0; i < count / columns; i++, scales += w->rows, panel += HALF * columns) {
        if (!half || i % 2 == 0)
            for (int line = 0; line < lines; line++, next += 64) _mm_prefetch(next, _MM_HINT_T1);
        const __m256 a = scale_of(scales, half), b = scale_of(scales + 8, half);
        add_block(rows, half, at, about, 0, panel, a, b, out);
        if (any_finer(rows, about)) {
            const int32_t *rest[TILE_ROWS];
            for (int r = 0; r < rows; r++) rest[r] = at[r] + w->columns / 4;
            add_block(rows, half, rest, about, 1, panel, a, b, out);
        }
        for (int r = 0; r < rows; r++) at[r] += columns / 4, about[r]++;
    }
}

#define TILE(rows) \
    case rows: \
        for (int part = 0; part < 2; part++) { \
            const uint16_t *at = scales + part * HALF; \
            const char *from = panel + (size_t)part * count * HALF; \
            if (w->form == FORM_INT4) tile_of(rows, 1, x, first, count, w, at, from, out + part * HALF, next, part ? 0 : lines); \
            else tile_of(rows, 0, x, first, count, w, at, from, out + part * HALF, next, part ? 0 : lines); \
        } \
        break;

static void tile(int rows, const input *const *x, int first, int count, const lectern_matrix *w, int group, const char *panel, float *out, int add, const char *next, int lines) {
    const uint16_t *scales = w->scales + (size_t)(first / lectern_block_columns(w)) * w->rows + (size_t)group * LANES;
    if (!add) memset(out, 0, (size_t)rows * LANES * sizeof *out);
    switch (rows) {
        TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)
    }
}

#include "gemm_body.h"

const lectern_gemm_kernels lectern_gemm_avx2 = {inputs_of, prepare_chunk, product_chunk, expert_chunk, sum_chunk};
