/* AVX2 with FMA: whole numbers of 16 bits, summed in 32 bits. Compiled with its own flags.

   Products of 8 bits, as llama.cpp has them, would need about as many instructions for NF4 (a weight's sign has to be
   carried over to x, and two products fill 16 bits already). A product with random numbers is off by 0.8 % with 8 bits
   on both sides, 0.2 % with bf16, and 0.01 % with these. */
#include <immintrin.h>

#include "lectern.h"
#include "ops.h"

static inline float sum_of(__m256 x) {
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

/* The even ones of 16 numbers in bf16, and the odd ones. */
static inline __m256 even(__m256i bf16) { return _mm256_castsi256_ps(_mm256_slli_epi32(bf16, 16)); }
static inline __m256 odd(__m256i bf16) { return _mm256_castsi256_ps(_mm256_and_si256(bf16, _mm256_set1_epi32((int)0xffff0000))); }
static inline __m256i load(const void *at) { return _mm256_loadu_si256((const __m256i *)at); }

#include "attention/attention_avx2.h"
#include "head/head_avx2.h"

/* 32 columns are summed before scales come in: 32 · 8192 · MOST is just below 2^31. */
enum { MOST = 8191, COLUMNS = 32, STEPS = COLUMNS / 2, FEW = 4 };

/* The 16 values of NF4 times 8192, and int4's numbers -8 … 7 times 1024. */
static const int16_t VALUES[2][16] = {
    {-8192, -5703, -4301, -3235, -2330, -1514, -746, 0, 652, 1318, 2016, 2768, 3610, 4609, 5922, 8192},
    {-8192, -7168, -6144, -5120, -4096, -3072, -2048, -1024, 0, 1024, 2048, 3072, 4096, 5120, 6144, 7168},
};

typedef struct {
    __m256i low, high; /* the bytes of the 16 values, twice */
} table;

static table table_of(const int16_t *values) {
    uint8_t low[16], high[16];
    for (int i = 0; i < 16; i++) low[i] = (uint8_t)values[i], high[i] = (uint8_t)((uint16_t)values[i] >> 8);
    return (table){_mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)low)), _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)high))};
}

/* Two columns of 32 rows are 32 bytes, whose low halves are the first 16 rows and whose high halves the others. A row's
   two numbers stay side by side; the rows come out in the order 0-3, 8-11 and 4-7, 12-15. */
static inline __attribute__((always_inline)) void two_columns(const uint8_t *data, const int high, table t, __m256i *to) {
    const __m256i bytes = load(data);
    const __m256i index = _mm256_and_si256(high ? _mm256_srli_epi16(bytes, 4) : bytes, _mm256_set1_epi8(15));
    const __m256i a = _mm256_shuffle_epi8(t.low, index), b = _mm256_shuffle_epi8(t.high, index);
    to[0] = _mm256_unpacklo_epi8(a, b), to[1] = _mm256_unpackhi_epi8(a, b);
}

#ifndef AHEAD
#define AHEAD 4096
#endif
/* 32 columns of 16 rows for at most FEW tokens, whose sums just fit into the registers. */
static inline __attribute__((always_inline)) void add_columns(const uint8_t *data, const int high, table t, const lectern_input *x, int column, __m256 (*to)[2], const int tokens) {
    const int16_t *at = (const int16_t *)x->rounded + column;
    __m256i sum[FEW][2];
    for (int n = 0; n < tokens; n++) sum[n][0] = sum[n][1] = _mm256_setzero_si256();
#pragma GCC unroll 2
    for (int step = 0; step < STEPS; step++, data += 32) {
        __m256i columns[2];
        if (!high) _mm_prefetch((const char *)(data + AHEAD), _MM_HINT_T0);
        two_columns(data, high, t, columns);
        for (int n = 0; n < tokens; n++) {
            const __m256i both = _mm256_set1_epi32(both_of(at + (size_t)n * x->stride + 2 * step));
            for (int i = 0; i < 2; i++) {
                sum[n][i] = _mm256_add_epi32(sum[n][i], _mm256_madd_epi16(columns[i], both));
                __asm__("" : "+x"(sum[n][i])); /* stays where it is: GCC 12 needs twice the registers otherwise */
            }
        }
    }
    for (int n = 0; n < tokens; n++) {
        const __m256 scale = _mm256_set1_ps(x->scales[((size_t)n * x->stride + column) / COLUMNS]);
        for (int i = 0; i < 2; i++) to[n][i] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum[n][i]), scale, to[n][i]);
    }
}

/* The scales of 16 rows, in the order of two_columns. */
static inline void scales_of(const uint16_t *scales, int int4, __m256 *to) {
    if (int4) {
        const __m256 a = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)scales)), b = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(scales + 8)));
        to[0] = _mm256_permute2f128_ps(a, b, 0x20), to[1] = _mm256_permute2f128_ps(a, b, 0x31);
    } else {
        const __m256i all = load(scales), zero = _mm256_setzero_si256();
        to[0] = _mm256_castsi256_ps(_mm256_unpacklo_epi16(zero, all)), to[1] = _mm256_castsi256_ps(_mm256_unpackhi_epi16(zero, all));
    }
}

static inline void store_in_order(const __m256 *total, float unit, float *out) {
    const __m256 a = _mm256_mul_ps(total[0], _mm256_set1_ps(unit)), b = _mm256_mul_ps(total[1], _mm256_set1_ps(unit));
    _mm256_storeu_ps(out, _mm256_permute2f128_ps(a, b, 0x20));
    _mm256_storeu_ps(out + 8, _mm256_permute2f128_ps(a, b, 0x31));
}

/* One block of 16 rows. */
static inline __attribute__((always_inline)) void add_block(const uint8_t *data, const uint16_t *scales, const int high, table t, const lectern_input *x, int column, __m256 (*total)[2], const int tokens, const int form, int rows) {
    const int half = form != FORM_NF4, size = half ? INT4_BLOCK : NF4_BLOCK;
    __m256 part[FEW][2], scale[2];
    for (int n = 0; n < tokens; n++) part[n][0] = part[n][1] = _mm256_setzero_ps();
    for (int k = 0; k < size; k += COLUMNS) add_columns(data + LANES * k / 2, high, t, x, column + k, part, tokens);
    scales_of(scales + 16 * high, half, scale);
    for (int n = 0; n < tokens; n++)
        for (int i = 0; i < 2; i++) total[n][i] = _mm256_fmadd_ps(part[n][i], scale[i], total[n][i]);
    if (form != FORM_INT4M) return;
    /* Numbers were taken as int4's, 8 less than they are: what is missing is that and the minimum for each x. */
    __m256 minimum[2];
    scales_of(scales + rows + 16 * high, 1, minimum);
    for (int i = 0; i < 2; i++) minimum[i] = _mm256_mul_ps(_mm256_fmadd_ps(scale[i], _mm256_set1_ps(8), minimum[i]), _mm256_set1_ps(1024));
    for (int n = 0; n < tokens; n++) {
        const __m256 sum_of_x = _mm256_set1_ps(x->sums[((size_t)n * x->stride + column) / INT4_BLOCK]);
        for (int i = 0; i < 2; i++) total[n][i] = _mm256_fmadd_ps(minimum[i], sum_of_x, total[n][i]);
    }
}

/* 32 rows × all columns for a fixed number of tokens, at most FEW. */
static inline __attribute__((always_inline)) void few_tokens(const lectern_matrix *w, const lectern_input *x, int group, float *out, const int tokens, const int form) {
    const int half = form != FORM_NF4, size = half ? INT4_BLOCK : NF4_BLOCK;
    const size_t apart = form == FORM_INT4M ? 2 * (size_t)w->rows : (size_t)w->rows;
    const uint8_t *data = (const uint8_t *)w->data + (size_t)group * LANES * (w->columns / 2);
    const uint16_t *scales = w->scales + (size_t)group * LANES;
    const table t = table_of(VALUES[half]);
    __m256 total[2][FEW][2];
    for (int n = 0; n < tokens; n++) total[0][n][0] = total[0][n][1] = total[1][n][0] = total[1][n][1] = _mm256_setzero_ps();
    for (int column = 0; column < w->columns; column += size, data += LANES * size / 2, scales += apart) {
        _mm_prefetch((const char *)(scales + 8 * (size_t)w->rows), _MM_HINT_T0);
        add_block(data, scales, 0, t, x, column, total[0], tokens, form, w->rows);
        add_block(data, scales, 1, t, x, column, total[1], tokens, form, w->rows);
    }
    for (int n = 0; n < tokens; n++)
        for (int high = 0; high < 2; high++) store_in_order(total[high][n], half ? 1.0f / 1024 : 1.0f / 8192, out + n * LANES + 16 * high);
}

/* More tokens go through a group in two turns, of which the second finds it in the cache. */
static inline __attribute__((always_inline)) void rows_of_32(const lectern_matrix *w, const lectern_input *x, int group, float *out, const int tokens, const int form) {
    few_tokens(w, x, group, out, tokens < FEW ? tokens : FEW, form);
    if (tokens > FEW) {
        const lectern_input rest = lectern_rows(x, FEW, tokens - FEW);
        few_tokens(w, &rest, group, out + FEW * LANES, tokens - FEW, form);
    }
}

/* The same with numbers of 8 bits, which are widened, times x as it is: 32 columns of 32 rows for at most two
   tokens. */
static inline __attribute__((always_inline)) void w8_few(const lectern_matrix *w, const lectern_input *x, int group, float *out, const int tokens, const int form) {
    const int block = lectern_block_of(form);
    const size_t apart = lectern_has_minimums(form) ? 2 * (size_t)w->rows : (size_t)w->rows;
    const int8_t *data = (const int8_t *)w->data + (size_t)group * LANES * w->columns;
    const uint16_t *scales = w->scales + (size_t)group * LANES;
    __m256 total[2][4];
    for (int t = 0; t < tokens; t++)
        for (int i = 0; i < 4; i++) total[t][i] = _mm256_setzero_ps();
    for (int first = 0; first < w->columns; first += block, scales += apart) {
        __m256 sum[2][4];
        for (int t = 0; t < tokens; t++)
            for (int i = 0; i < 4; i++) sum[t][i] = _mm256_setzero_ps();
        _mm_prefetch((const char *)(scales + 8 * (size_t)w->rows), _MM_HINT_T0);
        for (int k = first; k < first + block; k++, data += LANES) {
            _mm_prefetch((const char *)(data + AHEAD), _MM_HINT_T0);
            for (int i = 0; i < 4; i++) {
                const __m256 wide = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(data + 8 * i))));
                for (int t = 0; t < tokens; t++)
                    sum[t][i] = _mm256_fmadd_ps(wide, _mm256_set1_ps(x->f32[(size_t)t * x->stride + k]), sum[t][i]);
            }
        }
        for (int t = 0; t < tokens; t++)
            for (int i = 0; i < 4; i++)
                total[t][i] = _mm256_fmadd_ps(sum[t][i], _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(scales + 8 * i))), total[t][i]);
        for (int t = 0; t < tokens && form == FORM_W8M; t++)
            for (int i = 0; i < 4; i++) {
                const __m256 minimum = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(scales + w->rows + 8 * i)));
                total[t][i] = _mm256_fmadd_ps(minimum, _mm256_set1_ps(x->sums[((size_t)t * x->stride + first) / INT4_BLOCK]), total[t][i]);
            }
    }
    for (int t = 0; t < tokens; t++)
        for (int i = 0; i < 4; i++) _mm256_storeu_ps(out + t * LANES + 8 * i, total[t][i]);
}

static inline __attribute__((always_inline)) void w8_rows(const lectern_matrix *w, const lectern_input *x, int group, float *out, const int tokens, const int form) {
    for (int t = 0; t < tokens; t += 2) {
        const lectern_input part = lectern_rows(x, t, tokens - t < 2 ? 1 : 2);
        if (part.tokens == 2) w8_few(w, &part, group, out + t * LANES, 2, form);
        else w8_few(w, &part, group, out + t * LANES, 1, form);
    }
}

/* Times x as it is. */
static inline float bf16_row(const uint16_t *row, const lectern_input *input, size_t first, int columns) {
    const float *x = input->f32 + first;
    __m256 sum[4];
    for (int i = 0; i < 4; i++) sum[i] = _mm256_setzero_ps();
    int k = 0;
    for (; k + 32 <= columns; k += 32)
        for (int i = 0; i < 4; i++) {
            const __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(row + k + 8 * i)));
            sum[i] = _mm256_fmadd_ps(_mm256_castsi256_ps(_mm256_slli_epi32(wide, 16)), _mm256_loadu_ps(x + k + 8 * i), sum[i]);
        }
    float rest = 0;
    for (; k < columns; k++) rest += bf16_to_f32(row[k]) * x[k];
    return sum_of(_mm256_add_ps(_mm256_add_ps(sum[0], sum[1]), _mm256_add_ps(sum[2], sum[3]))) + rest;
}

#include "multiply_body.h"

/* 32 numbers rounded to integers; returns their unit. Magnitudes are compared as bits, where non-finite ones are the
   largest, and so show in the unit. */
static inline float round_block(const float *from, int16_t *to) {
    const __m256i magnitude = _mm256_set1_epi32(0x7fffffff);
    __m256i most = _mm256_setzero_si256();
    for (int i = 0; i < COLUMNS; i += 8) most = _mm256_max_epi32(most, _mm256_and_si256(load(from + i), magnitude));
    const __m128i four = _mm_max_epi32(_mm256_castsi256_si128(most), _mm256_extracti128_si256(most, 1));
    const __m128i two = _mm_max_epi32(four, _mm_unpackhi_epi64(four, four));
    const float largest = _mm_cvtss_f32(_mm_castsi128_ps(_mm_max_epi32(two, _mm_shuffle_epi32(two, 1))));
    const __m256 factor = _mm256_set1_ps(largest > 1e-30f ? MOST / largest : 0);
    for (int i = 0; i < COLUMNS; i += 16) {
        const __m256i a = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(from + i), factor));
        const __m256i b = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(from + i + 8), factor));
        _mm256_storeu_si256((__m256i *)(to + i), _mm256_permute4x64_epi64(_mm256_packs_epi32(a, b), 0xd8));
    }
    return largest / MOST;
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
    const char *at = data;
    __m256i sum[4];
    for (int i = 0; i < 4; i++) sum[i] = _mm256_setzero_si256();
    for (size_t k = 0; k + 128 <= bytes; k += 128)
        for (int i = 0; i < 4; i++) sum[i] = _mm256_add_epi64(sum[i], load(at + k + 32 * i));
    uint64_t each[4];
    _mm256_storeu_si256((__m256i *)each, _mm256_add_epi64(_mm256_add_epi64(sum[0], sum[1]), _mm256_add_epi64(sum[2], sum[3])));
    return each[0] + each[1] + each[2] + each[3];
}

const lectern_kernels lectern_avx2 = {
    "AVX2", multiply, prepare, read_lines, scores, weigh, near, nibbles, rms_norm, gelu_mul, exponents, soft_cap, add_scaled, sixteens,
};
