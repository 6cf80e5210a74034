/* AVX512 with BF16 products: dot products of bf16 pairs, summed in float32. Compiled with its own flags. */
#include <immintrin.h>

#include "lectern.h"

/* The 16 values of NF4 in bf16, twice: the index has five bits, and a byte's high half lies on the fifth. */
static const uint16_t NF4[32] = {
    0xbf80, 0xbf32, 0xbf06, 0xbeca, 0xbe92, 0xbe3d, 0xbdba, 0x0000, 0x3da3, 0x3e25, 0x3e7c, 0x3ead, 0x3ee2, 0x3f10, 0x3f39, 0x3f80,
    0xbf80, 0xbf32, 0xbf06, 0xbeca, 0xbe92, 0xbe3d, 0xbdba, 0x0000, 0x3da3, 0x3e25, 0x3e7c, 0x3ead, 0x3ee2, 0x3f10, 0x3f39, 0x3f80,
};

static inline __m512 widen(__m256i bf16) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bf16), 16)); }

static inline __m512bh pair(const uint16_t *x) { return (__m512bh)_mm512_set1_epi32(*(const int32_t *)x); }

/* 32 rows × all columns for a fixed number of tokens. A step is two columns: 32 bytes, whose low halves are the first 16
   rows and whose high halves the others. Two sums a row and parity, so that none waits for the one before. */
static inline __attribute__((always_inline)) void nf4_rows(const lectern_matrix *w, const lectern_input *x, int group, float *out, const int tokens) {
    const __m512i table = _mm512_loadu_si512(NF4);
    const int blocks = w->columns / NF4_BLOCK;
    const uint8_t *data = (const uint8_t *)w->data + (size_t)group * LANES * (w->columns / 2);
    const uint16_t *scales = w->scales + (size_t)group * LANES;
    __m512 total[2 * MAX_TOKENS];
    for (int i = 0; i < 2 * tokens; i++) total[i] = _mm512_setzero_ps();
    for (int block = 0; block < blocks; block++, data += LANES * NF4_BLOCK / 2, scales += w->rows) {
        __m512 sum[4 * MAX_TOKENS];
        for (int i = 0; i < 4 * tokens; i++) sum[i] = _mm512_setzero_ps();
        _mm_prefetch((const char *)(scales + 8 * (size_t)w->rows), _MM_HINT_T0);
        const uint16_t *at = x->bf16 + block * NF4_BLOCK;
        for (int step = 0; step < NF4_BLOCK / 2; step++) {
            const int parity = tokens < 3 ? step % 2 : 0;
            const __m512i bytes = _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)(data + 32 * step)));
            const __m512bh low = (__m512bh)_mm512_permutexvar_epi16(bytes, table);
            const __m512bh high = (__m512bh)_mm512_permutexvar_epi16(_mm512_srli_epi16(bytes, 4), table);
            for (int t = 0; t < tokens; t++) {
                const __m512bh both = pair(at + (size_t)t * x->stride + 2 * step);
                sum[4 * t + 2 * parity] = _mm512_dpbf16_ps(sum[4 * t + 2 * parity], low, both);
                sum[4 * t + 2 * parity + 1] = _mm512_dpbf16_ps(sum[4 * t + 2 * parity + 1], high, both);
            }
        }
        const __m512 first = widen(_mm256_loadu_si256((const __m256i *)scales));
        const __m512 second = widen(_mm256_loadu_si256((const __m256i *)(scales + 16)));
        for (int t = 0; t < tokens; t++) {
            const __m512 a = tokens < 3 ? _mm512_add_ps(sum[4 * t], sum[4 * t + 2]) : sum[4 * t];
            const __m512 b = tokens < 3 ? _mm512_add_ps(sum[4 * t + 1], sum[4 * t + 3]) : sum[4 * t + 1];
            total[2 * t] = _mm512_fmadd_ps(a, first, total[2 * t]);
            total[2 * t + 1] = _mm512_fmadd_ps(b, second, total[2 * t + 1]);
        }
    }
    for (int i = 0; i < 2 * tokens; i++) _mm512_storeu_ps(out + 16 * i, total[i]);
}

/* One row of bf16 for each token; the last columns under a mask. */
static inline float bf16_row(const uint16_t *row, const uint16_t *x, int columns) {
    __m512 a = _mm512_setzero_ps(), b = a;
    int k = 0;
    for (; k + 64 <= columns; k += 64) {
        a = _mm512_dpbf16_ps(a, (__m512bh)_mm512_loadu_si512(row + k), (__m512bh)_mm512_loadu_si512(x + k));
        b = _mm512_dpbf16_ps(b, (__m512bh)_mm512_loadu_si512(row + k + 32), (__m512bh)_mm512_loadu_si512(x + k + 32));
    }
    for (; k < columns; k += 32) {
        const __mmask32 mask = columns - k >= 32 ? 0xffffffffu : (1u << (columns - k)) - 1;
        a = _mm512_dpbf16_ps(a, (__m512bh)_mm512_maskz_loadu_epi16(mask, row + k), (__m512bh)_mm512_maskz_loadu_epi16(mask, x + k));
    }
    return _mm512_reduce_add_ps(_mm512_add_ps(a, b));
}

static void bf16_rows(const lectern_matrix *w, const lectern_input *x, int group, float *out) {
    const int first = group * LANES, count = w->rows - first < LANES ? w->rows - first : LANES;
    for (int row = 0; row < count; row++)
        for (int t = 0; t < x->tokens; t++)
            out[t * LANES + row] = bf16_row((const uint16_t *)w->data + (size_t)(first + row) * w->columns, x->bf16 + (size_t)t * x->stride, w->columns);
}

static void multiply(const lectern_matrix *w, const lectern_input *x, int group, float *out) {
    if (w->form == FORM_BF16) {
        bf16_rows(w, x, group, out);
        return;
    }
    switch (x->tokens) {
    case 1: nf4_rows(w, x, group, out, 1); break;
    case 2: nf4_rows(w, x, group, out, 2); break;
    case 3: nf4_rows(w, x, group, out, 3); break;
    case 4: nf4_rows(w, x, group, out, 4); break;
    case 5: nf4_rows(w, x, group, out, 5); break;
    case 6: nf4_rows(w, x, group, out, 6); break;
    case 7: nf4_rows(w, x, group, out, 7); break;
    case 8: nf4_rows(w, x, group, out, 8); break;
    }
}

static void prepare(lectern_input *x, int columns) {
    for (int t = 0; t < x->tokens; t++) {
        const float *from = x->f32 + (size_t)t * x->stride;
        uint16_t *to = (uint16_t *)x->bf16 + (size_t)t * x->stride;
        for (int k = 0; k < columns; k += 16) {
            const __mmask16 mask = columns - k >= 16 ? 0xffff : (1u << (columns - k)) - 1;
            _mm256_mask_storeu_epi16(to + k, mask, (__m256i)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, from + k)));
        }
    }
}

static uint64_t read_lines(const void *data, size_t bytes) {
    const char *at = data;
    __m512i a = _mm512_setzero_si512(), b = a, c = a, d = a;
    for (size_t i = 0; i + 256 <= bytes; i += 256) {
        a = _mm512_add_epi64(a, _mm512_loadu_si512(at + i));
        b = _mm512_add_epi64(b, _mm512_loadu_si512(at + i + 64));
        c = _mm512_add_epi64(c, _mm512_loadu_si512(at + i + 128));
        d = _mm512_add_epi64(d, _mm512_loadu_si512(at + i + 192));
    }
    return (uint64_t)_mm512_reduce_add_epi64(_mm512_add_epi64(_mm512_add_epi64(a, b), _mm512_add_epi64(c, d)));
}

const lectern_kernels lectern_avx512 = {"AVX512-BF16", multiply, prepare, read_lines};
