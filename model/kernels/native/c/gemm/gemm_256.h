/* Panels and tiles of 256-bit registers. Included by gemm_avx2.c and gemm_avxvnni.c, which have defined the table NF4
   and multiply_block. A panel is two halves of 16 rows, each with four columns side by side. */
/* 8 of 16 rows and four columns: their first two and their last two, a row's side by side in 16 bits. */
static inline __m256i four_columns(const uint8_t *two, const uint8_t *more) {
    const __m256i first = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)two));
    return _mm256_or_si256(first, _mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)more)), 16));
}

/* Four columns of 32 rows of 8 bits become 32 rows of four. */
static void unpack_w8(const lectern_matrix *w, int group, int first, int count, char *panel) {
    const __m256i zero = _mm256_set1_epi8((char)W8_ZERO);
    const __m256i *data = (const __m256i *)((const char *)w->data + (size_t)group * LANES * w->columns + (size_t)first * LANES);
    for (int step = 0; step < count / 4; step++, data += 4, panel += 4 * HALF) {
        __m256i column[4];
        for (int i = 0; i < 4; i++) column[i] = _mm256_xor_si256(_mm256_loadu_si256(data + i), zero);
        const __m256i a = _mm256_unpacklo_epi8(column[0], column[1]), b = _mm256_unpackhi_epi8(column[0], column[1]);
        const __m256i c = _mm256_unpacklo_epi8(column[2], column[3]), d = _mm256_unpackhi_epi8(column[2], column[3]);
        const __m256i four[4] = {_mm256_unpacklo_epi16(a, c), _mm256_unpackhi_epi16(a, c), _mm256_unpacklo_epi16(b, d), _mm256_unpackhi_epi16(b, d)};
        for (int i = 0; i < 4; i++) {
            _mm_store_si128((__m128i *)panel + i, _mm256_castsi256_si128(four[i]));
            _mm_store_si128((__m128i *)(panel + (size_t)count * HALF) + i, _mm256_extracti128_si256(four[i], 1));
        }
    }
}

static void unpack(const lectern_matrix *w, int group, int first, int count, char *panel) {
    if (lectern_is_w8(w->form)) {
        unpack_w8(w, group, first, count, panel);
        return;
    }
    const __m256i table = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)NF4)), nibble = _mm256_set1_epi8(15);
    const int int4 = w->form != FORM_NF4;
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

/* out [rows] += a block's numbers of x times its columns of a panel, whose scales and minimums are for 8 rows each;
   `finer`: what those numbers lack. */
static inline __attribute__((always_inline)) void add_block(const int rows, const int form, const int32_t *const *x, const block_of_row *const *about, const int finer, const char *panel, const __m256 *scales, const __m256 *minimums, float *out) {
    __m256i sum[2 * TILE_ROWS];
    multiply_block(rows, form, x, panel, sum);
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++) {
        const eight_bits *own = finer ? &about[r]->fine : &about[r]->coarse;
        const __m256i start = _mm256_set1_epi32(own->start);
        const __m256 scale = _mm256_set1_ps(own->scale), first = _mm256_cvtepi32_ps(_mm256_add_epi32(sum[2 * r], start));
        const __m256 second = _mm256_cvtepi32_ps(_mm256_add_epi32(sum[2 * r + 1], start));
        float *to = out + r * LANES;
        __m256 one = _mm256_fmadd_ps(first, _mm256_mul_ps(scale, scales[0]), _mm256_loadu_ps(to));
        __m256 other = _mm256_fmadd_ps(second, _mm256_mul_ps(scale, scales[1]), _mm256_loadu_ps(to + 8));
        if (lectern_has_minimums(form)) {
            const __m256 sum_of_x = _mm256_set1_ps(sum_of_block(own));
            one = _mm256_fmadd_ps(sum_of_x, minimums[0], one), other = _mm256_fmadd_ps(sum_of_x, minimums[1], other);
        }
        _mm256_storeu_ps(to, one);
        _mm256_storeu_ps(to + 8, other);
    }
}

/* 16 rows of W, half a panel. NF4's scales are bf16 and its blocks 64 columns wide; those of other forms fp16 and 32. */
static inline __attribute__((always_inline)) void half_of(
    const int rows, const int form, const input *const *x, int first, int count, const lectern_matrix *w, const uint16_t *scales, const char *panel, float *out, const char *next, int lines) {
    const int half = form != FORM_NF4, columns = lectern_block_of(form);
    const size_t apart = lectern_has_minimums(form) ? 2 * (size_t)w->rows : (size_t)w->rows;
    const int32_t *at[TILE_ROWS];
    const block_of_row *about[TILE_ROWS];
    for (int r = 0; r < rows; r++) {
        at[r] = (const int32_t *)(x[r] + first);
        about[r] = blocks_of(w, x[r]) + first / columns;
    }
    for (int i = 0; i < count / columns; i++, scales += apart, panel += HALF * columns) {
        if (i % (NF4_BLOCK / columns) == 0) /* every 64 columns */
            for (int line = 0; line < lines; line++, next += 64) _mm_prefetch(next, _MM_HINT_T1);
        const __m256 both[2] = {scale_of(scales, half), scale_of(scales + 8, half)};
        __m256 minimums[2];
        for (int n = 0; n < 2 && lectern_has_minimums(form); n++)
            minimums[n] = _mm256_fmadd_ps(both[n], _mm256_set1_ps(missing(form)), scale_of(scales + w->rows + 8 * n, 1));
        add_block(rows, form, at, about, 0, panel, both, minimums, out);
        if (any_finer(rows, about)) {
            const int32_t *rest[TILE_ROWS];
            for (int r = 0; r < rows; r++) rest[r] = at[r] + w->columns / 4;
            add_block(rows, form, rest, about, 1, panel, both, minimums, out);
        }
        for (int r = 0; r < rows; r++) at[r] += columns / 4, about[r]++;
    }
}

#include "gemm_halves.h"

#include "gemm_body.h"
