/* AVX2 with FMA: panels of scaled float32 numbers, 2 halves of 16 rows, and float32 activations. */
#include <immintrin.h>
#include <string.h>

#include "gemm.h"

typedef float number;
typedef float input;
enum { PANEL_COLUMNS = 1024, TILE_ROWS = 6, PREPARED = 0, HALF = LANES / 2 };

static inline number to_number(float x) { return x; }
static inline float from_number(number x) { return x; }

static inline size_t inputs_of(const lectern_matrix *w) { return w->columns; }

static inline void prepare(const lectern_matrix *w, const float *x, int block, input *row) {
    const int columns = lectern_block_columns(w);
    memcpy(row + (size_t)block * columns, x, (size_t)columns * sizeof *x);
}

static const float VALUES[2][16] = {
    {-1.0f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f, -0.28444138169288635f, -0.18477343022823334f,
     -0.09105003625154495f, 0.0f, 0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f,
     0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1.0f},
    {-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7},
};

static inline __m256 value_of(__m256i index, __m256 low, __m256 high) {
    return _mm256_blendv_ps(_mm256_permutevar8x32_ps(low, index), _mm256_permutevar8x32_ps(high, index), _mm256_castsi256_ps(_mm256_slli_epi32(index, 28)));
}

static inline __m256 scale_of(const uint16_t *scales, int half) {
    const __m128i bits = _mm_loadu_si128((const __m128i *)scales);
    return half ? _mm256_cvtph_ps(bits) : _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16));
}

/* 8 of 16 rows and two columns: 16 bytes, a row's two columns side by side. `to` and `to + HALF` are the two columns. */
static inline void two_columns(const uint8_t *data, __m256 low, __m256 high, __m256 first, __m256 second, float *to, size_t half) {
    const __m256i both = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)data));
    const __m256i mask = _mm256_set1_epi32(15);
    _mm256_storeu_ps(to, _mm256_mul_ps(value_of(_mm256_and_si256(both, mask), low, high), first));
    _mm256_storeu_ps(to + HALF, _mm256_mul_ps(value_of(_mm256_and_si256(_mm256_srli_epi32(both, 8), mask), low, high), first));
    _mm256_storeu_ps(to + half, _mm256_mul_ps(value_of(_mm256_and_si256(_mm256_srli_epi32(both, 4), mask), low, high), second));
    _mm256_storeu_ps(to + half + HALF, _mm256_mul_ps(value_of(_mm256_srli_epi32(both, 12), low, high), second));
}

static void unpack(const lectern_matrix *w, int group, int first, int count, char *panel) {
    const int is_int4 = w->form == FORM_INT4, block = lectern_block_columns(w);
    const __m256 low = _mm256_loadu_ps(VALUES[is_int4]), high = _mm256_loadu_ps(VALUES[is_int4] + 8);
    const uint8_t *data = (const uint8_t *)w->data + (size_t)group * LANES * (w->columns / 2) + (size_t)first * 16;
    const uint16_t *scales = w->scales + (size_t)(first / block) * w->rows + (size_t)group * LANES;
    const size_t half = (size_t)count * HALF;
    float *to = (float *)panel;
    for (int begin = 0; begin < count; begin += block, scales += w->rows) {
        const __m256 a = scale_of(scales, is_int4), b = scale_of(scales + 8, is_int4);
        const __m256 c = scale_of(scales + 16, is_int4), d = scale_of(scales + 24, is_int4);
        for (int step = 0; step < block / 2; step++, data += 32, to += 2 * HALF) {
            two_columns(data, low, high, a, c, to, half);
            two_columns(data + 16, low, high, b, d, to + 8, half);
        }
    }
}

static inline __attribute__((always_inline)) void tile_of(const int rows, const input *const *x, int first, int count, const float *panel, float *out, int add, const char *next, int lines) {
    const float *at[TILE_ROWS];
    __m256 sum[2 * TILE_ROWS];
    for (int r = 0; r < rows; r++) {
        at[r] = x[r] + first;
        sum[2 * r] = add ? _mm256_loadu_ps(out + r * LANES) : _mm256_setzero_ps();
        sum[2 * r + 1] = add ? _mm256_loadu_ps(out + r * LANES + 8) : _mm256_setzero_ps();
    }
    for (int column = 0; column < count; column++, panel += HALF) {
        if (column % 64 == 0)
            for (int i = 0; i < lines; i++, next += 64) _mm_prefetch(next, _MM_HINT_T1);
        const __m256 low = _mm256_load_ps(panel), high = _mm256_load_ps(panel + 8);
#pragma GCC unroll 6
        for (int r = 0; r < rows; r++) {
            const __m256 one = _mm256_broadcast_ss(at[r] + column);
            sum[2 * r] = _mm256_fmadd_ps(low, one, sum[2 * r]);
            sum[2 * r + 1] = _mm256_fmadd_ps(high, one, sum[2 * r + 1]);
        }
    }
    for (int r = 0; r < rows; r++) {
        _mm256_storeu_ps(out + r * LANES, sum[2 * r]);
        _mm256_storeu_ps(out + r * LANES + 8, sum[2 * r + 1]);
    }
}

#define TILE(rows) \
    case rows: \
        tile_of(rows, x, first, count, from, out, add, next, lines); \
        tile_of(rows, x, first, count, from + (size_t)count * HALF, out + HALF, add, NULL, 0); \
        break;

static void tile(int rows, const input *const *x, int first, int count, const lectern_matrix *w, int group, const char *panel, float *out, int add, const char *next, int lines) {
    const float *from = (const float *)panel;
    (void)w;
    (void)group;
    switch (rows) {
        TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)
    }
}

#include "gemm_body.h"

const lectern_gemm_kernels lectern_gemm_avx2 = {sizeof(number), inputs_bytes, prepare_chunk, product_chunk, expert_chunk, sum_chunk};
