/* flash.h for AVX512 with BF16 products.

   A block of keys is packed in pairs along the head, and its values in pairs along the keys, as the products want them;
   all rows of a chunk (the heads of a group at some positions) go through both. */
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "flash.h"

enum { TILE_ROWS = 12 };

typedef struct {
    char *keys, *values;       /* packed: [key / 32][size / 2][32 pairs], [size / 32][key / 2][32 pairs] */
    float *scores, *out;       /* [FLASH_ROWS][FLASH_KEYS], [FLASH_ROWS][size] */
    uint16_t *weights;         /* [FLASH_ROWS][FLASH_KEYS] */
    float largest[FLASH_ROWS], sum[FLASH_ROWS];
    int first[FLASH_ROWS], last[FLASH_ROWS];
    const uint16_t *queries[FLASH_ROWS];
} state;

/* 16 × 16 numbers of 32 bits: row i of `to` is column i of `from`, whose rows behind `rows` count as zeros. */
static inline void transpose(const uint16_t *from, int64_t stride, int rows, char *to) {
    __m512i r[16], t[16];
    for (int i = 0; i < 16; i++) r[i] = i < rows ? _mm512_loadu_si512(from + i * stride) : _mm512_setzero_si512();
    for (int i = 0; i < 8; i++) {
        t[2 * i] = _mm512_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
        t[2 * i + 1] = _mm512_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
    }
    for (int i = 0; i < 4; i++) {
        r[4 * i] = _mm512_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
        r[4 * i + 1] = _mm512_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
        r[4 * i + 2] = _mm512_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
        r[4 * i + 3] = _mm512_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        t[i] = _mm512_shuffle_i32x4(r[i], r[4 + i], 0x88);
        t[4 + i] = _mm512_shuffle_i32x4(r[i], r[4 + i], 0xdd);
        t[8 + i] = _mm512_shuffle_i32x4(r[8 + i], r[12 + i], 0x88);
        t[12 + i] = _mm512_shuffle_i32x4(r[8 + i], r[12 + i], 0xdd);
    }
    for (int i = 0; i < 4; i++) {
        _mm512_store_si512(to + 128 * i, _mm512_shuffle_i32x4(t[i], t[8 + i], 0x88));
        _mm512_store_si512(to + 128 * (8 + i), _mm512_shuffle_i32x4(t[i], t[8 + i], 0xdd));
        _mm512_store_si512(to + 128 * (4 + i), _mm512_shuffle_i32x4(t[4 + i], t[12 + i], 0x88));
        _mm512_store_si512(to + 128 * (12 + i), _mm512_shuffle_i32x4(t[4 + i], t[12 + i], 0xdd));
    }
}

static void pack_keys(const uint16_t *keys, int64_t stride, int count, int size, char *to) {
    for (int key = 0; key < count; key += LANES, to += (size_t)LANES * size * 2)
        for (int half = 0; half < 2; half++) {
            const int start = key + 16 * half, rows = count - start < 16 ? count - start : 16;
            for (int pair = 0; pair < size / 2; pair += 16)
                transpose(keys + start * stride + 2 * pair, stride, rows, to + 128 * (size_t)pair + 64 * half);
        }
}

static void pack_values(const uint16_t *values, int64_t stride, int count, int size, char *to) {
    const __m512i low = _mm512_set_epi16(47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9, 40, 8, 39, 7, 38, 6, 37, 5, 36, 4, 35, 3, 34, 2, 33, 1, 32, 0);
    const __m512i high = _mm512_add_epi16(low, _mm512_set1_epi16(16));
    for (int key = 0; key < count; key += 2)
        for (int column = 0; column < size; column += LANES) {
            const __m512i a = _mm512_loadu_si512(values + key * stride + column);
            const __m512i b = key + 1 < count ? _mm512_loadu_si512(values + (key + 1) * stride + column) : _mm512_setzero_si512();
            char *at = to + (size_t)column * FLASH_KEYS * 2 + 64 * (size_t)key;
            _mm512_store_si512(at, _mm512_permutex2var_epi16(a, low, b));
            _mm512_store_si512(at + 64, _mm512_permutex2var_epi16(a, high, b));
        }
}

/* out [rows][stride], 32 columns of it: its previous contents, if `add`, plus x [rows] times a packed panel. */
static inline __attribute__((always_inline)) void tile_of(const int rows, const uint16_t *const *x, const char *panel, int pairs, float *out, int stride, const int add) {
    __m512 sum[2 * TILE_ROWS];
    const int32_t *at[TILE_ROWS];
    for (int r = 0; r < rows; r++) {
        at[r] = (const int32_t *)x[r];
        sum[2 * r] = add ? _mm512_loadu_ps(out + r * stride) : _mm512_setzero_ps();
        sum[2 * r + 1] = add ? _mm512_loadu_ps(out + r * stride + 16) : _mm512_setzero_ps();
    }
    for (int pair = 0; pair < pairs; pair++, panel += 128) {
        const __m512bh low = (__m512bh)_mm512_load_si512(panel), high = (__m512bh)_mm512_load_si512(panel + 64);
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++) {
            const __m512bh both = (__m512bh)_mm512_set1_epi32(at[r][pair]);
            sum[2 * r] = _mm512_dpbf16_ps(sum[2 * r], low, both);
            sum[2 * r + 1] = _mm512_dpbf16_ps(sum[2 * r + 1], high, both);
        }
    }
    for (int r = 0; r < rows; r++) {
        _mm512_storeu_ps(out + r * stride, sum[2 * r]);
        _mm512_storeu_ps(out + r * stride + 16, sum[2 * r + 1]);
    }
}

#define TILE(rows) case rows: tile_of(rows, x, panel, pairs, out, stride, add); break;
static inline __attribute__((always_inline)) void tile(int rows, const uint16_t *const *x, const char *panel, int pairs, float *out, int stride, const int add) {
    switch (rows) {
        TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6) TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)
    }
}
static __attribute__((noinline)) void set_tile(int rows, const uint16_t *const *x, const char *panel, int pairs, float *out, int stride) { tile(rows, x, panel, pairs, out, stride, 0); }
static __attribute__((noinline)) void add_tile(int rows, const uint16_t *const *x, const char *panel, int pairs, float *out, int stride) { tile(rows, x, panel, pairs, out, stride, 1); }

/* 2^x for x ≤ 0, to 4e-5 of itself: weights are rounded to bf16 next. */
static inline __m512 power_of_two(__m512 x) {
    const __m512 n = _mm512_roundscale_ps(x, 0), f = _mm512_sub_ps(x, n);
    __m512 y = _mm512_fmadd_ps(_mm512_set1_ps(0.00967f), f, _mm512_set1_ps(0.0555041f));
    y = _mm512_fmadd_ps(y, f, _mm512_set1_ps(0.2402265f));
    y = _mm512_fmadd_ps(y, f, _mm512_set1_ps(0.6931472f));
    y = _mm512_fmadd_ps(y, f, _mm512_set1_ps(1.0f));
    return _mm512_scalef_ps(y, n);
}

/* A row's scores become weights against its largest score so far; earlier sums are rescaled to match. */
static void weigh_row(state *s, int row, int start, int count, int size) {
    float *scores = s->scores + row * FLASH_KEYS;
    uint16_t *weights = s->weights + row * FLASH_KEYS;
    const int low = s->first[row] - start, high = s->last[row] - start < count ? s->last[row] - start : count;
    if (low >= high || high <= 0) {
        memset(weights, 0, FLASH_KEYS * sizeof *weights);
        return;
    }
    const __m512 least = _mm512_set1_ps(-INFINITY);
    const __m512i lanes = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    __m512 x[FLASH_KEYS / 16], most = least;
    for (int i = 0; i < FLASH_KEYS / 16; i++) {
        const __m512i at = _mm512_add_epi32(lanes, _mm512_set1_epi32(16 * i));
        const __mmask16 seen = _mm512_cmpge_epi32_mask(at, _mm512_set1_epi32(low)) & _mm512_cmplt_epi32_mask(at, _mm512_set1_epi32(high));
        x[i] = _mm512_mask_loadu_ps(least, seen, scores + 16 * i);
        most = _mm512_max_ps(most, x[i]);
    }
    const float before = s->largest[row], here = _mm512_reduce_max_ps(most), largest = here > before ? here : before;
    const __m512 factor = _mm512_set1_ps(1.44269504f), shift = _mm512_set1_ps(largest * 1.44269504f);
    __m512 sum = _mm512_setzero_ps();
    for (int i = 0; i < FLASH_KEYS / 16; i++) {
        const __m512 y = power_of_two(_mm512_fmsub_ps(x[i], factor, shift));
        sum = _mm512_add_ps(sum, y);
        _mm256_storeu_si256((__m256i *)(weights + 16 * i), (__m256i)_mm512_cvtneps_pbh(y));
    }
    const float shrink = before == largest ? 1.0f : exp2f((before - largest) * 1.44269504f);
    s->largest[row] = largest;
    s->sum[row] = s->sum[row] * shrink + _mm512_reduce_add_ps(sum);
    if (shrink != 1.0f)
        for (int i = 0; i < size; i += 16) _mm512_storeu_ps(s->out + row * size + i, _mm512_mul_ps(_mm512_loadu_ps(s->out + row * size + i), _mm512_set1_ps(shrink)));
}

/* One block of keys, the first of which is position `start`, for all rows. */
static void block_of_keys(state *s, int rows, const uint16_t *keys, const uint16_t *values, int64_t stride, int start, int count, int size) {
    const int tiles = (rows + TILE_ROWS - 1) / TILE_ROWS, padded = (count + 1) / 2 * 2;
    const uint16_t *weights[FLASH_ROWS];
    pack_keys(keys, stride, count, size, s->keys);
    pack_values(values, stride, count, size, s->values);
    for (int i = 0; i < tiles; i++) {
        const int first = rows * i / tiles, height = rows * (i + 1) / tiles - first;
        for (int key = 0; key < count; key += LANES)
            set_tile(height, s->queries + first, s->keys + (size_t)key * size * 2, size / 2, s->scores + first * FLASH_KEYS + key, FLASH_KEYS);
        for (int row = first; row < first + height; row++) {
            weigh_row(s, row, start, count, size);
            weights[row] = s->weights + row * FLASH_KEYS;
        }
        for (int column = 0; column < size; column += LANES)
            add_tile(height, weights + first, s->values + (size_t)column * FLASH_KEYS * 2, padded / 2, s->out + first * size + column, size);
    }
}

static int prepare(state *s, const lectern_flash_job *job, int head, int token, int tokens, char *scratch, int *low, int *high) {
    const int rows = tokens * job->groups;
    s->keys = scratch;
    s->values = s->keys + FLASH_KEYS * FLASH_SIZE * 2;
    s->scores = (float *)(s->values + FLASH_KEYS * FLASH_SIZE * 2);
    s->out = s->scores + FLASH_ROWS * FLASH_KEYS;
    s->weights = (uint16_t *)(s->out + FLASH_ROWS * FLASH_SIZE);
    memset(s->out, 0, (size_t)rows * job->size * sizeof *s->out);
    *low = job->first[token];
    *high = job->last[token];
    for (int row = 0; row < rows; row++) {
        const int at = token + row / job->groups;
        s->first[row] = job->first[at];
        s->last[row] = job->last[at];
        if (s->first[row] < *low) *low = s->first[row];
        if (s->last[row] > *high) *high = s->last[row];
        s->queries[row] = job->queries + ((size_t)at * job->kv_heads * job->groups + head * job->groups + row % job->groups) * job->size;
        s->largest[row] = -INFINITY;
        s->sum[row] = 0;
    }
    return rows;
}

void lectern_flash_avx512(void *arg, int chunk, lectern_worker *worker) {
    const lectern_flash_job *job = arg;
    const int head = chunk % job->kv_heads, token = chunk / job->kv_heads * job->block, size = job->size;
    const int tokens = job->tokens - token < job->block ? job->tokens - token : job->block;
    state s;
    int low, high, before = 0;
    const int rows = prepare(&s, job, head, token, tokens, worker->scratch, &low, &high);
    for (const lectern_span *span = job->spans; span < job->spans + job->span_count; before += (int)span->count, span++) {
        const int from = low > before ? low - before : 0, to = high - before < span->count ? high - before : (int)span->count;
        for (int key = from; key < to; key += FLASH_KEYS) {
            const size_t at = head * span->head_stride + key * span->stride;
            block_of_keys(&s, rows, span->keys + at, span->values + at, span->stride, before + key, to - key < FLASH_KEYS ? to - key : FLASH_KEYS, size);
        }
    }
    for (int row = 0; row < rows; row++) {
        uint16_t *to = job->out + (s.queries[row] - job->queries);
        const __m512 share = _mm512_set1_ps(1 / s.sum[row]);
        for (int i = 0; i < size; i += 16)
            _mm256_storeu_si256((__m256i *)(to + i), (__m256i)_mm512_cvtneps_pbh(_mm512_mul_ps(_mm512_loadu_ps(s.out + row * size + i), share)));
    }
}
