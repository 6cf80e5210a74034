/* AVX512 with BF16 products. A panel holds the unscaled 4-bit numbers as bf16, pairs of columns side by side for 32 rows;
   each block of columns is summed by itself and scaled as it is added to the total, so that no weight is rounded. */
#include <immintrin.h>

#include "gemm.h"

typedef uint16_t number;
enum { PANEL_COLUMNS = PANEL_BYTES / (2 * LANES), TILE_ROWS = 6 };

static inline number to_number(float x) { return f32_to_bf16(x); }
static inline float from_number(number x) { return bf16_to_f32(x); }

/* The values in bf16, twice: an index has five bits, and a byte's high half lies on the fifth. */
static const uint16_t VALUES[2][32] = {
    {0xbf80, 0xbf32, 0xbf06, 0xbeca, 0xbe92, 0xbe3d, 0xbdba, 0x0000, 0x3da3, 0x3e25, 0x3e7c, 0x3ead, 0x3ee2, 0x3f10, 0x3f39, 0x3f80,
     0xbf80, 0xbf32, 0xbf06, 0xbeca, 0xbe92, 0xbe3d, 0xbdba, 0x0000, 0x3da3, 0x3e25, 0x3e7c, 0x3ead, 0x3ee2, 0x3f10, 0x3f39, 0x3f80},
    {0xc100, 0xc0e0, 0xc0c0, 0xc0a0, 0xc080, 0xc040, 0xc000, 0xbf80, 0x0000, 0x3f80, 0x4000, 0x4040, 0x4080, 0x40a0, 0x40c0, 0x40e0,
     0xc100, 0xc0e0, 0xc0c0, 0xc0a0, 0xc080, 0xc040, 0xc000, 0xbf80, 0x0000, 0x3f80, 0x4000, 0x4040, 0x4080, 0x40a0, 0x40c0, 0x40e0},
};

static void unpack(const lectern_matrix *w, int group, int first, int count, char *panel) {
    const __m512i table = _mm512_loadu_si512(VALUES[w->form == FORM_INT4]);
    const uint8_t *data = (const uint8_t *)w->data + (size_t)group * LANES * (w->columns / 2) + (size_t)first * 16;
    for (int step = 0; step < count / 2; step++, data += 32, panel += 128) {
        const __m512i bytes = _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)data));
        _mm512_store_si512(panel, _mm512_permutexvar_epi16(bytes, table));
        _mm512_store_si512(panel + 64, _mm512_permutexvar_epi16(_mm512_srli_epi16(bytes, 4), table));
    }
}

static inline __m512 scale_of(const uint16_t *scales, int half) {
    const __m256i bits = _mm256_loadu_si256((const __m256i *)scales);
    return half ? _mm512_cvtph_ps(bits) : _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
}

/* `half`: scales are fp16 and blocks 32 columns wide; else bf16 and 64. */
static inline __attribute__((always_inline)) void tile_of(
    const int rows, const int half, const number *const *x, int first, int count, const lectern_matrix *w, int group, const char *panel, float *out, int add, const char *next, int lines) {
    const int steps = half ? INT4_BLOCK / 2 : NF4_BLOCK / 2;
    const uint16_t *scales = w->scales + (size_t)(first / (2 * steps)) * w->rows + (size_t)group * LANES;
    const int32_t *at[TILE_ROWS];
    __m512 total[2 * TILE_ROWS];
    for (int r = 0; r < rows; r++) {
        at[r] = (const int32_t *)(x[r] + first);
        total[2 * r] = add ? _mm512_loadu_ps(out + r * LANES) : _mm512_setzero_ps();
        total[2 * r + 1] = add ? _mm512_loadu_ps(out + r * LANES + 16) : _mm512_setzero_ps();
    }
    for (int begin = 0; begin < count / 2; begin += steps, scales += w->rows) {
        __m512 sum[2 * TILE_ROWS];
        for (int r = 0; r < 2 * rows; r++) sum[r] = _mm512_setzero_ps();
        if (!half || begin % (2 * steps) == 0)
            for (int i = 0; i < lines; i++, next += 64) _mm_prefetch(next, _MM_HINT_T1);
        for (int step = begin; step < begin + steps; step++, panel += 128) {
            const __m512bh low = (__m512bh)_mm512_load_si512(panel), high = (__m512bh)_mm512_load_si512(panel + 64);
#pragma GCC unroll 6
            for (int r = 0; r < rows; r++) {
                const __m512bh both = (__m512bh)_mm512_set1_epi32(at[r][step]);
                sum[2 * r] = _mm512_dpbf16_ps(sum[2 * r], low, both);
                sum[2 * r + 1] = _mm512_dpbf16_ps(sum[2 * r + 1], high, both);
            }
        }
        const __m512 a = scale_of(scales, half), b = scale_of(scales + 16, half);
#pragma GCC unroll 6
        for (int r = 0; r < rows; r++) {
            total[2 * r] = _mm512_fmadd_ps(sum[2 * r], a, total[2 * r]);
            total[2 * r + 1] = _mm512_fmadd_ps(sum[2 * r + 1], b, total[2 * r + 1]);
        }
    }
    for (int r = 0; r < 2 * rows; r++) _mm512_storeu_ps(out + r * 16, total[r]);
}

#define TILE(rows) \
    case rows: \
        if (w->form == FORM_INT4) tile_of(rows, 1, x, first, count, w, group, panel, out, add, next, lines); \
        else tile_of(rows, 0, x, first, count, w, group, panel, out, add, next, lines); \
        break;

static void tile(int rows, const number *const *x, int first, int count, const lectern_matrix *w, int group, const char *panel, float *out, int add, const char *next, int lines) {
    switch (rows) {
        TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)
    }
}

#include "gemm_body.h"

const lectern_gemm_kernels lectern_gemm_avx512 = {sizeof(number), product_chunk, expert_chunk, sum_chunk};
