/* The LM head over an 8-bit table. The high halves of its bytes, kept apart, give every word's logit to within a known error;
   whole bytes are then read only for the words that could still be among the best.

   A number is v = 16 u + l - 128 with u, l in 0 … 15. Without l it is off by at most 8, evenly spread, so that a row's
   logit has a standard error of |x| · scale · 16 / sqrt(12). The words that are certainly among the best give a
   threshold; every word that reaches it within MARGIN standard errors is computed whole. */
#include <math.h>
#include <string.h>

#include "pool.h"

enum { ROWS = SCREEN_ROWS, EXACT_ROWS = 16, LEAST_ROOM = 4096 };
#define MARGIN 4.75f
#define STANDARD_ERROR 4.6188f

/* A table [rows, columns] in 8 bits, and the upper halves u of its bytes: 32 bytes for a group of 64 columns, column j in the
   low half of byte j, column 32 + j in its high half. */
typedef struct {
    int32_t rows, columns;
    const uint8_t *high;
    const int8_t *whole;
    const uint16_t *scales; /* bf16 [rows] */
} lectern_head;

/* One token: x = unit · (127 · first + second), once in the order of the half bytes and once in its own. */
typedef struct {
    const int8_t *numbers, *own; /* first [padded], second [padded] */
    float unit, sum, error; /* the sum of x, and the standard error where the scale is 1 */
} query;

typedef struct {
    int32_t row, token;
    float value;
} candidate;

typedef struct {
    const lectern_head *head;
    query queries[MAX_TOKENS];
    int tokens, chunks, padded;
    float *rough, *most;   /* [tokens][rows], and of every chunk the largest: [tokens][chunks] */
    float *reach;          /* the largest of rough and margin: [tokens][chunks] */
    float *sorted;         /* for choosing the n-th largest */
    int8_t *numbers;
    candidate *found;
    size_t found_count, found_room;
} search;

static int padded_columns(const lectern_head *h) { return (h->columns + 127) / 128 * 128; }

/* Where column k stands in the order that `screen` reads: low halves of 64 bytes, then their high halves. */
static int plane_place(int k) { return k / 128 * 128 + (k % 64 >= 32 ? 64 : 0) + (k % 128 >= 64 ? 32 : 0) + k % 32; }

static void make_query(query *q, const float *x, int columns, int padded, int8_t *numbers) {
    float largest = 0, square = 0;
    int8_t *own = numbers + 2 * (size_t)padded;
    memset(numbers, 0, 4 * (size_t)padded);
    for (int k = 0; k < columns; k++) largest = fabsf(x[k]) > largest ? fabsf(x[k]) : largest, square += x[k] * x[k];
    const float step = largest > 0 ? largest / 127 : 1;
    *q = (query){numbers, own, step / 127, 0, sqrtf(square) * STANDARD_ERROR};
    for (int k = 0; k < columns; k++) {
        const float whole = rintf(x[k] / step), rest = rintf((x[k] / step - whole) * 127);
        numbers[plane_place(k)] = own[k] = (int8_t)whole;
        numbers[padded + plane_place(k)] = own[padded + k] = (int8_t)rest;
        q->sum += 127 * whole + rest;
    }
}

static void screen_chunk(void *arg, int chunk, lectern_worker *worker) {
    search *s = arg;
    const lectern_head *h = s->head;
    const int first = chunk * ROWS, count = h->rows - first < ROWS ? h->rows - first : ROWS;
    float *rough = (float *)worker->scratch, most[MAX_TOKENS], reach[MAX_TOKENS];
    for (int t = 0; t < s->tokens; t++) {
        const query *q = &s->queries[t];
        most[t] = reach[t] = -INFINITY;
        if (!t) lectern_chosen()->screen(h->high + (size_t)first * (h->columns / 2), count, h->columns / 2, q->numbers, s->padded, s->tokens, rough);
        for (int r = 0; r < count; r++) {
            const float scale = bf16_to_f32(h->scales[first + r]);
            const float value = (16 * rough[t * ROWS + r] - 120.5f * q->sum) * q->unit * scale, up = value + MARGIN * q->error * scale;
            rough[t * ROWS + r] = value;
            most[t] = value > most[t] ? value : most[t];
            reach[t] = up > reach[t] ? up : reach[t];
        }
    }
    if (!pool_commit(worker)) return;
    for (int t = 0; t < s->tokens; t++) {
        memcpy(s->rough + (size_t)t * h->rows + first, rough + t * ROWS, (size_t)count * sizeof(float));
        s->most[(size_t)t * s->chunks + chunk] = most[t];
        s->reach[(size_t)t * s->chunks + chunk] = reach[t];
    }
}

static float exact_value(const search *s, int row, int token) {
    const lectern_head *h = s->head;
    const query *q = &s->queries[token];
    const double whole = lectern_chosen()->exact(h->whole + (size_t)row * h->columns, h->columns, q->own, s->padded);
    return (float)((whole - 128.0 * q->sum) * q->unit) * bf16_to_f32(h->scales[row]);
}

static void exact_chunk(void *arg, int chunk, lectern_worker *worker) {
    search *s = arg;
    (void)worker;
    for (size_t i = (size_t)chunk * EXACT_ROWS; i < s->found_count && i < (size_t)(chunk + 1) * EXACT_ROWS; i++)
        s->found[i].value = exact_value(s, s->found[i].row, s->found[i].token);
}

/* The `wanted`-th largest of `values`, whose order is lost; the smallest where there are fewer (Hoare's quickselect). */
static float nth_largest(float *values, int count, int wanted) {
    if (count <= wanted) wanted = count;
    int low = 0, high = count - 1;
    while (low < high) {
        const float pivot = values[low + (high - low) / 2];
        int i = low - 1, j = high + 1;
        for (;;) {
            do i++; while (values[i] > pivot);
            do j--; while (values[j] < pivot);
            if (i >= j) break;
            const float kept = values[i];
            values[i] = values[j], values[j] = kept;
        }
        if (wanted - 1 <= j)
            high = j;
        else
            low = j + 1;
    }
    return count ? values[low] : -INFINITY;
}

/* All rows of a token whose rough value, with its margin where `margin`, reaches `least`. 0: too many. */
static int collect(search *s, int token, float least, int margin) {
    const lectern_head *h = s->head;
    const float *bound = (margin ? s->reach : s->most) + (size_t)token * s->chunks, *rough = s->rough + (size_t)token * h->rows;
    const float error = margin ? MARGIN * s->queries[token].error : 0;
    for (int chunk = 0; chunk < s->chunks; chunk++) {
        if (!(bound[chunk] >= least)) continue;
        const int last = (chunk + 1) * ROWS < h->rows ? (chunk + 1) * ROWS : h->rows;
        for (int row = chunk * ROWS; row < last; row++)
            if (rough[row] + error * bf16_to_f32(h->scales[row]) >= least) {
                if (s->found_count == s->found_room) return 0;
                s->found[s->found_count++] = (candidate){row, token, 0};
            }
    }
    return 1;
}

static void compute_found(search *s) { pool_run(exact_chunk, s, (int)((s->found_count + EXACT_ROWS - 1) / EXACT_ROWS)); }

/* The exact logits of one token's best words and of those that tie with the last of them, by number; -1: too many. */
static int best_of(search *s, int token, int wanted, int room, int32_t *ids, float *values) {
    float *sorted = memcpy(s->sorted, s->most + (size_t)token * s->chunks, (size_t)s->chunks * sizeof(float));
    float least = s->chunks >= wanted ? nth_largest(sorted, s->chunks, wanted) : -INFINITY;
    for (int margin = 0; margin < 2; margin++) {
        s->found_count = 0;
        if (!collect(s, token, least, margin)) return -1;
        compute_found(s);
        for (size_t i = 0; i < s->found_count; i++) sorted[i] = s->found[i].value;
        least = nth_largest(sorted, (int)s->found_count, wanted);
    }
    int count = 0;
    for (size_t i = 0; i < s->found_count; i++)
        if (s->found[i].value >= least) {
            if (count == room) return -1;
            ids[count] = s->found[i].row;
            values[count++] = s->found[i].value;
        }
    return count;
}

static int open_search(search *s, const lectern_head *h, const float *x, int tokens) {
    *s = (search){.head = h, .tokens = tokens, .chunks = (h->rows + ROWS - 1) / ROWS, .padded = padded_columns(h)};
    s->found_room = (size_t)h->rows / 8 + LEAST_ROOM;
    const size_t numbers = (size_t)tokens * 4 * s->padded, rough = (size_t)tokens * h->rows, bounds = (size_t)tokens * s->chunks;
    char *at = lectern_memory(MEMORY_HEAD, numbers + s->found_room * sizeof(candidate) + (rough + 2 * bounds + h->rows + LEAST_ROOM) * sizeof(float));
    if (!at) return 0;
    s->numbers = (int8_t *)at;
    s->found = (candidate *)(at + numbers);
    s->rough = (float *)(s->found + s->found_room);
    s->most = s->rough + rough;
    s->reach = s->most + bounds;
    s->sorted = s->reach + bounds;
    for (int t = 0; t < tokens; t++) make_query(&s->queries[t], x + (size_t)t * h->columns, h->columns, s->padded, s->numbers + (size_t)t * 4 * s->padded);
    return 1;
}

/* For every token x [tokens][columns] its `wanted` best words: their number in counts, their ids in ascending order and their
   logits in [tokens][room]. A count of -1: more than fit are as good, ask lectern_head_all. Returns 0 without memory. */
LECTERN_API int lectern_head_best(const lectern_head *h, const float *x, int tokens, int wanted, int room, int32_t *ids, float *values, int32_t *counts) {
    search s;
    pool_enter();
    const int ready = open_search(&s, h, x, tokens);
    if (ready) {
        pool_run_helped(screen_chunk, &s, s.chunks);
        for (int t = 0; t < tokens; t++) counts[t] = best_of(&s, t, wanted, room, ids + (size_t)t * room, values + (size_t)t * room);
    }
    pool_leave();
    return ready;
}

typedef struct {
    search *search;
    float *out;
} whole;

static void whole_chunk(void *arg, int chunk, lectern_worker *worker) {
    const whole *w = arg;
    const lectern_head *h = w->search->head;
    (void)worker;
    for (int row = chunk * ROWS; row < (chunk + 1) * ROWS && row < h->rows; row++)
        for (int t = 0; t < w->search->tokens; t++) w->out[(size_t)t * h->rows + row] = exact_value(w->search, row, t);
}

/* The logits [tokens][rows] of all words. Returns 0 without memory. */
LECTERN_API int lectern_head_all(const lectern_head *h, const float *x, int tokens, float *out) {
    search s;
    pool_enter();
    const int ready = open_search(&s, h, x, tokens);
    whole w = {&s, out};
    if (ready) pool_run(whole_chunk, &w, s.chunks);
    pool_leave();
    return ready;
}

typedef struct {
    const int8_t *whole;
    uint8_t *high;
    int rows, columns;
} splitting;

static void split_chunk(void *arg, int chunk, lectern_worker *worker) {
    const splitting *s = arg;
    (void)worker;
    for (int row = chunk * ROWS; row < (chunk + 1) * ROWS && row < s->rows; row++) {
        const int8_t *from = s->whole + (size_t)row * s->columns;
        uint8_t *to = s->high + (size_t)row * (s->columns / 2);
        for (int k = 0; k < s->columns; k += 64)
            for (int j = 0; j < 32; j++) {
                const uint8_t low = (uint8_t)from[k + j] ^ 0x80, up = (uint8_t)from[k + 32 + j] ^ 0x80;
                to[k / 2 + j] = (uint8_t)(low >> 4 | (up & 0xf0));
            }
    }
}

/* The upper halves of a table [rows, columns]; columns are a multiple of 64. */
LECTERN_API void lectern_head_split(const int8_t *whole, int rows, int columns, uint8_t *high) {
    splitting s = {whole, high, rows, columns};
    pool_enter();
    pool_run(split_chunk, &s, (rows + ROWS - 1) / ROWS);
    pool_leave();
}
