/* AVX512 with VNNI: four products of 8 bits at once, summed in 32 bits. A panel has four columns side by side for 32
   rows. */
#include <immintrin.h>

#include "gemm.h"

#define TILE_ROWS 6
enum { PANEL_COLUMNS = PANEL_BYTES / LANES, NF4_ZERO = 128, NF4_ONE = 112, W8_ZERO = 128 };

/* The 16 values of NF4 times NF4_ONE, which rounds them best (by 0.3 % of their mean size), plus NF4_ZERO. */
static const uint8_t NF4[16] = {16, 50, 69, 84, 96, 107, 118, 128, 137, 146, 156, 166, 177, 191, 209, 240};

#include "gemm_rows.h"

/* Four columns of 32 rows of 8 bits become 32 rows of four. */
static void unpack_w8(const lectern_matrix *w, int group, int first, int count, char *panel) {
    const __m256i zero = _mm256_set1_epi8((char)W8_ZERO);
    const __m256i *data = (const __m256i *)((const char *)w->data + (size_t)group * LANES * w->columns + (size_t)first * LANES);
    for (int step = 0; step < count / 4; step++, data += 4, panel += 128) {
        __m256i column[4];
        for (int i = 0; i < 4; i++) column[i] = _mm256_xor_si256(_mm256_loadu_si256(data + i), zero);
        const __m256i a = _mm256_unpacklo_epi8(column[0], column[1]), b = _mm256_unpackhi_epi8(column[0], column[1]);
        const __m256i c = _mm256_unpacklo_epi8(column[2], column[3]), d = _mm256_unpackhi_epi8(column[2], column[3]);
        const __m256i four[4] = {_mm256_unpacklo_epi16(a, c), _mm256_unpackhi_epi16(a, c), _mm256_unpacklo_epi16(b, d), _mm256_unpackhi_epi16(b, d)};
        for (int i = 0; i < 4; i++) {
            _mm_store_si128((__m128i *)panel + i, _mm256_castsi256_si128(four[i]));
            _mm_store_si128((__m128i *)panel + 4 + i, _mm256_extracti128_si256(four[i], 1));
        }
    }
}

static void unpack(const lectern_matrix *w, int group, int first, int count, char *panel) {
    if (lectern_is_w8(w->form)) {
        unpack_w8(w, group, first, count, panel);
        return;
    }
    const __m512i table = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)NF4)), nibble = _mm512_set1_epi8(15);
    const int int4 = w->form != FORM_NF4;
    const uint8_t *data = (const uint8_t *)w->data + (size_t)group * LANES * (w->columns / 2) + (size_t)first * 16;
    for (int step = 0; step < count / 4; step++, data += 64, panel += 128) {
        const __m512i two = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)data));
        const __m512i more = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(data + 32)));
        const __m512i four = _mm512_or_si512(two, _mm512_slli_epi32(more, 16));
        const __m512i low = _mm512_and_si512(four, nibble), high = _mm512_and_si512(_mm512_srli_epi16(four, 4), nibble);
        _mm512_store_si512(panel, int4 ? low : _mm512_shuffle_epi8(table, low));
        _mm512_store_si512(panel + 64, int4 ? high : _mm512_shuffle_epi8(table, high));
    }
}

static inline __m512 scale_of(const uint16_t *scales, int half) {
    const __m256i bits = _mm256_loadu_si256((const __m256i *)scales);
    return half ? _mm512_cvtph_ps(bits) : _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
}

/* total [rows] += a block's numbers of x times its columns of a panel, whose scales and minimums are for 16 rows each;
   `finer`: what those numbers lack. */
static inline __attribute__((always_inline)) void add_block(const int rows, const int form, const int32_t *const *x, const block_of_row *const *about, const int finer, const char *panel, const __m512 *scales, const __m512 *minimums, __m512 *total) {
    const int columns = lectern_block_of(form);
    const eight_bits *own[TILE_ROWS];
    __m512i sum[2 * TILE_ROWS];
    for (int r = 0; r < rows; r++) {
        own[r] = finer ? &about[r]->fine : &about[r]->coarse;
        sum[2 * r] = sum[2 * r + 1] = _mm512_set1_epi32(own[r]->start);
    }
    for (int step = 0; step < columns / 4; step++, panel += 128) {
        const __m512i low = _mm512_load_si512(panel), high = _mm512_load_si512(panel + 64);
#pragma GCC unroll 6
        for (int r = 0; r < rows; r++) {
            const __m512i four = _mm512_set1_epi32(x[r][step]);
            sum[2 * r] = _mm512_dpbusd_epi32(sum[2 * r], low, four);
            sum[2 * r + 1] = _mm512_dpbusd_epi32(sum[2 * r + 1], high, four);
        }
    }
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++) {
        const __m512 scale = _mm512_set1_ps(own[r]->scale);
        total[2 * r] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum[2 * r]), _mm512_mul_ps(scale, scales[0]), total[2 * r]);
        total[2 * r + 1] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum[2 * r + 1]), _mm512_mul_ps(scale, scales[1]), total[2 * r + 1]);
        if (!lectern_has_minimums(form)) continue;
        const __m512 sum_of_x = _mm512_set1_ps(sum_of_block(own[r]));
        total[2 * r] = _mm512_fmadd_ps(sum_of_x, minimums[0], total[2 * r]);
        total[2 * r + 1] = _mm512_fmadd_ps(sum_of_x, minimums[1], total[2 * r + 1]);
    }
}

/* NF4's scales are bf16 and its blocks 64 columns wide; those of other forms fp16 and 32. */
static inline __attribute__((always_inline)) void tile_of(
    const int rows, const int form, const input *const *x, int first, int count, const lectern_matrix *w, int group, const char *panel, float *out, int add, const char *next, int lines) {
    const int half = form != FORM_NF4, columns = lectern_block_of(form);
    const size_t apart = lectern_has_minimums(form) ? 2 * (size_t)w->rows : (size_t)w->rows;
    const uint16_t *scales = w->scales + (size_t)(first / columns) * apart + (size_t)group * LANES;
    const int32_t *at[TILE_ROWS];
    const block_of_row *about[TILE_ROWS];
    __m512 total[2 * TILE_ROWS];
    for (int r = 0; r < rows; r++) {
        at[r] = (const int32_t *)(x[r] + first);
        about[r] = blocks_of(w, x[r]) + first / columns;
        total[2 * r] = add ? _mm512_loadu_ps(out + r * LANES) : _mm512_setzero_ps();
        total[2 * r + 1] = add ? _mm512_loadu_ps(out + r * LANES + 16) : _mm512_setzero_ps();
    }
    for (int i = 0; i < count / columns; i++, scales += apart, panel += LANES * columns) {
        if (i % (NF4_BLOCK / columns) == 0) /* every 64 columns */
            for (int line = 0; line < lines; line++, next += 64) _mm_prefetch(next, _MM_HINT_T1);
        const __m512 both[2] = {scale_of(scales, half), scale_of(scales + 16, half)};
        __m512 minimums[2];
        for (int n = 0; n < 2 && lectern_has_minimums(form); n++)
            minimums[n] = _mm512_fmadd_ps(both[n], _mm512_set1_ps(missing(form)), scale_of(scales + w->rows + 16 * n, 1));
        add_block(rows, form, at, about, 0, panel, both, minimums, total);
        if (any_finer(rows, about)) {
            const int32_t *rest[TILE_ROWS];
            for (int r = 0; r < rows; r++) rest[r] = at[r] + w->columns / 4;
            add_block(rows, form, rest, about, 1, panel, both, minimums, total);
        }
        for (int r = 0; r < rows; r++) at[r] += columns / 4, about[r]++;
    }
    for (int r = 0; r < 2 * rows; r++) _mm512_storeu_ps(out + r * 16, total[r]);
}

#include "gemm_tile.h"

#include "gemm_body.h"

const lectern_gemm_kernels lectern_gemm_vnni = {inputs_of, prepare_chunk, product_chunk, expert_chunk, sum_chunk};
