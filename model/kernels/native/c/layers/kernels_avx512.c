/* AVX512 with BF16 products: dot products of bf16 pairs, summed in float32. Compiled with its own flags. */
#include <immintrin.h>

#include "lectern.h"
#include "ops.h"

static inline __m512bh pair(const uint16_t *x) { return (__m512bh)_mm512_set1_epi32(both_of(x)); }

#include "attention/attention_avx512.h"
#include "head/head_avx512.h"

/* The 16 values of NF4 in bf16, twice: the index has five bits, and a byte's high half reaches the fifth. */
static const uint16_t NF4[32] = {
    0xbf80, 0xbf32, 0xbf06, 0xbeca, 0xbe92, 0xbe3d, 0xbdba, 0x0000, 0x3da3, 0x3e25, 0x3e7c, 0x3ead, 0x3ee2, 0x3f10, 0x3f39, 0x3f80,
    0xbf80, 0xbf32, 0xbf06, 0xbeca, 0xbe92, 0xbe3d, 0xbdba, 0x0000, 0x3da3, 0x3e25, 0x3e7c, 0x3ead, 0x3ee2, 0x3f10, 0x3f39, 0x3f80,
};

/* int4's numbers -8 … 7, likewise. */
static const uint16_t INT4[32] = {
    0xc100, 0xc0e0, 0xc0c0, 0xc0a0, 0xc080, 0xc040, 0xc000, 0xbf80, 0x0000, 0x3f80, 0x4000, 0x4040, 0x4080, 0x40a0, 0x40c0, 0x40e0,
    0xc100, 0xc0e0, 0xc0c0, 0xc0a0, 0xc080, 0xc040, 0xc000, 0xbf80, 0x0000, 0x3f80, 0x4000, 0x4040, 0x4080, 0x40a0, 0x40c0, 0x40e0,
};

static inline __m512 widen(__m256i bf16) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bf16), 16)); }

#ifndef AHEAD
#define AHEAD 4096
#endif
/* Two columns of 32 rows are 32 bytes, whose low halves are the first 16 rows and whose high halves the others. */
static inline __attribute__((always_inline)) void two_columns(const uint8_t *data, __m512i table, const uint16_t *x, size_t stride, __m512 *sum, const int tokens, const int apart) {
    const __m512i bytes = _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)data));
    const __m512bh low = (__m512bh)_mm512_permutexvar_epi16(bytes, table);
    const __m512bh high = (__m512bh)_mm512_permutexvar_epi16(_mm512_srli_epi16(bytes, 4), table);
    for (int t = 0; t < tokens; t++) {
        const __m512bh both = pair(x + t * stride);
        sum[apart * t] = _mm512_dpbf16_ps(sum[apart * t], low, both);
        sum[apart * t + 1] = _mm512_dpbf16_ps(sum[apart * t + 1], high, both);
    }
}

/* 32 rows × all columns for a fixed number of tokens. For few tokens there are several sums a row, so that none waits
   for the one before. */
static inline __attribute__((always_inline)) void rows_of_32(const lectern_matrix *w, const lectern_input *x, int group, float *out, const int tokens, const int form) {
    const int half = form != FORM_NF4, size = half ? INT4_BLOCK : NF4_BLOCK, blocks = w->columns / size;
    const int ways = tokens == 1 ? 4 : tokens == 2 ? 2 : 1, apart = 2 * ways;
    const __m512i table = _mm512_loadu_si512(half ? INT4 : NF4);
    const uint8_t *data = (const uint8_t *)w->data + (size_t)group * LANES * (w->columns / 2);
    const uint16_t *scales = w->scales + (size_t)group * LANES;
    const size_t apart_rows = form == FORM_INT4M ? 2 * (size_t)w->rows : (size_t)w->rows;
    __m512 total[2 * MAX_TOKENS];
    for (int i = 0; i < 2 * tokens; i++) total[i] = _mm512_setzero_ps();
    for (int block = 0; block < blocks; block++, data += LANES * size / 2, scales += apart_rows) {
        __m512 sum[8 * MAX_TOKENS];
        for (int i = 0; i < apart * tokens; i++) sum[i] = _mm512_setzero_ps();
        _mm_prefetch((const char *)(scales + 8 * (size_t)w->rows), _MM_HINT_T0);
        const uint16_t *at = (const uint16_t *)x->rounded + block * size;
        for (int step = 0; step < size / 2; step += 4) {
            _mm_prefetch((const char *)(data + 32 * step + AHEAD), _MM_HINT_T0);
            _mm_prefetch((const char *)(data + 32 * step + AHEAD + 64), _MM_HINT_T0);
            two_columns(data + 32 * step, table, at + 2 * step, x->stride, sum, tokens, apart);
            two_columns(data + 32 * step + 32, table, at + 2 * step + 2, x->stride, sum + 2 * (1 % ways), tokens, apart);
            two_columns(data + 32 * step + 64, table, at + 2 * step + 4, x->stride, sum + 2 * (2 % ways), tokens, apart);
            two_columns(data + 32 * step + 96, table, at + 2 * step + 6, x->stride, sum + 2 * (3 % ways), tokens, apart);
        }
        const __m256i left = _mm256_loadu_si256((const __m256i *)scales), right = _mm256_loadu_si256((const __m256i *)(scales + 16));
        const __m512 first = half ? _mm512_cvtph_ps(left) : widen(left), second = half ? _mm512_cvtph_ps(right) : widen(right);
        for (int t = 0; t < tokens; t++) {
            __m512 *s = sum + apart * t;
            for (int i = 1; i < ways; i++) s[0] = _mm512_add_ps(s[0], s[2 * i]), s[1] = _mm512_add_ps(s[1], s[2 * i + 1]);
            total[2 * t] = _mm512_fmadd_ps(s[0], first, total[2 * t]);
            total[2 * t + 1] = _mm512_fmadd_ps(s[1], second, total[2 * t + 1]);
        }
        if (form != FORM_INT4M) continue;
        /* Numbers were taken as int4's, 8 less than they are: what is missing is that and the minimum for each x. */
        const uint16_t *minimums = scales + w->rows;
        const __m512 eight = _mm512_set1_ps(8);
        const __m512 c = _mm512_fmadd_ps(first, eight, _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)minimums)));
        const __m512 d = _mm512_fmadd_ps(second, eight, _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(minimums + 16))));
        for (int t = 0; t < tokens; t++) {
            const __m512 sum_of_x = _mm512_set1_ps(x->sums[(size_t)t * x->stride / INT4_BLOCK + block]);
            total[2 * t] = _mm512_fmadd_ps(c, sum_of_x, total[2 * t]);
            total[2 * t + 1] = _mm512_fmadd_ps(d, sum_of_x, total[2 * t + 1]);
        }
    }
    for (int i = 0; i < 2 * tokens; i++) _mm512_storeu_ps(out + 16 * i, total[i]);
}

/* The same with numbers of 8 bits, which are widened: reading them takes longer than that. */
static inline __attribute__((always_inline)) void w8_rows(const lectern_matrix *w, const lectern_input *x, int group, float *out, const int tokens, const int form) {
    const int block = lectern_block_of(form);
    const size_t apart = lectern_has_minimums(form) ? 2 * (size_t)w->rows : (size_t)w->rows;
    const int8_t *data = (const int8_t *)w->data + (size_t)group * LANES * w->columns;
    const uint16_t *scales = w->scales + (size_t)group * LANES;
    __m512 total[2 * MAX_TOKENS];
    for (int i = 0; i < 2 * tokens; i++) total[i] = _mm512_setzero_ps();
    for (int first = 0; first < w->columns; first += block, scales += apart) {
        __m512 sum[2][2 * MAX_TOKENS];
        for (int i = 0; i < 2 * tokens; i++) sum[0][i] = sum[1][i] = _mm512_setzero_ps();
        _mm_prefetch((const char *)(scales + 8 * (size_t)w->rows), _MM_HINT_T0);
        for (int k = first; k < first + block; k += 2) {
            _mm_prefetch((const char *)(data + AHEAD), _MM_HINT_T0);
            for (int way = 0; way < 2; way++, data += LANES) { /* two sums a row, so that neither waits */
                const __m512 low = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)data)));
                const __m512 high = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(data + 16))));
                for (int t = 0; t < tokens; t++) {
                    const __m512 one = _mm512_set1_ps(x->f32[(size_t)t * x->stride + k + way]);
                    sum[way][2 * t] = _mm512_fmadd_ps(low, one, sum[way][2 * t]);
                    sum[way][2 * t + 1] = _mm512_fmadd_ps(high, one, sum[way][2 * t + 1]);
                }
            }
        }
        for (int i = 0; i < 2 * tokens; i++) {
            const __m512 scale = _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(scales + 16 * (i % 2))));
            total[i] = _mm512_fmadd_ps(_mm512_add_ps(sum[0][i], sum[1][i]), scale, total[i]);
        }
        for (int i = 0; i < 2 * tokens && form == FORM_W8M; i++) {
            const __m512 minimum = _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(scales + w->rows + 16 * (i % 2))));
            total[i] = _mm512_fmadd_ps(minimum, _mm512_set1_ps(x->sums[((size_t)(i / 2) * x->stride + first) / INT4_BLOCK]), total[i]);
        }
    }
    for (int i = 0; i < 2 * tokens; i++) _mm512_storeu_ps(out + 16 * i, total[i]);
}

/* The last columns under a mask. */
static inline float bf16_row(const uint16_t *row, const lectern_input *input, size_t first, int columns) {
    const uint16_t *x = (const uint16_t *)input->rounded + first;
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

#include "multiply_body.h"

static void prepare(lectern_input *x, int columns) {
    for (int t = 0; t < x->tokens; t++) {
        const float *from = x->f32 + (size_t)t * x->stride;
        uint16_t *to = (uint16_t *)x->rounded + (size_t)t * x->stride;
        for (int k = 0; k < columns; k += 16) {
            const __mmask16 mask = columns - k >= 16 ? 0xffff : (1u << (columns - k)) - 1;
            _mm256_mask_storeu_epi16(to + k, mask, (__m256i)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, from + k)));
        }
        block_sums(from, columns, (float *)x->sums + (size_t)t * x->stride / INT4_BLOCK);
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
    uint64_t each[8], all = 0; /* not _mm512_reduce_add_epi64, whose signed sum may not overflow */
    _mm512_storeu_si512(each, _mm512_add_epi64(_mm512_add_epi64(a, b), _mm512_add_epi64(c, d)));
    for (int i = 0; i < 8; i++) all += each[i];
    return all;
}

const lectern_kernels lectern_avx512 = {
    "AVX512-BF16", multiply, prepare, read_lines, scores, weigh, near, nibbles, rms_norm, gelu_mul, exponents, soft_cap, add_scaled, sixteens,
};
