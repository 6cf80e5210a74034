/* The LM head over an 8-bit table: the logits of all words, in one pass over the table at the memory's speed.

   x is rounded to 127 · first + second, two 8-bit numbers, which is finer than bf16; products are whole numbers. */
#include <math.h>
#include <string.h>

#include "pool.h"

enum { HEAD_ROWS = 128 };

/* A table [rows, columns] in 8 bits; columns are a multiple of 64. */
typedef struct {
    int32_t rows, columns;
    const int8_t *table;
    const uint16_t *scales; /* bf16 [rows] */
} lectern_head;

/* One token: x = unit · (127 · first + second). */
typedef struct {
    const int8_t *numbers; /* first [columns], second [columns] */
    float unit, sum;
} query;

typedef struct {
    const lectern_head *head;
    query queries[MAX_TOKENS];
    int tokens;
    float *out;
} scoring;

static void make_query(query *q, const float *x, int columns, int8_t *numbers) {
    float largest = 0;
    for (int k = 0; k < columns; k++) largest = fabsf(x[k]) > largest ? fabsf(x[k]) : largest;
    const float step = largest > 0 ? largest / 127 : 1;
    *q = (query){numbers, step / 127, 0};
    for (int k = 0; k < columns; k++) {
        const float whole = rintf(x[k] / step), rest = rintf((x[k] / step - whole) * 127);
        numbers[k] = (int8_t)whole;
        numbers[columns + k] = (int8_t)rest;
        q->sum += 127 * whole + rest;
    }
}

static void score_chunk(void *arg, int chunk, lectern_worker *worker) {
    const scoring *s = arg;
    const lectern_head *h = s->head;
    (void)worker;
    for (int row = chunk * HEAD_ROWS; row < (chunk + 1) * HEAD_ROWS && row < h->rows; row++)
        for (int t = 0; t < s->tokens; t++) {
            const query *q = &s->queries[t];
            const double whole = lectern_chosen()->words(h->table + (size_t)row * h->columns, h->columns, q->numbers, q->sum);
            s->out[(size_t)t * h->rows + row] = (float)(whole * q->unit) * bf16_to_f32(h->scales[row]);
        }
}

/* The logits [tokens][rows] of all words for x [tokens][columns], all finite. Returns 0 without memory. */
LECTERN_API int lectern_head_all(const lectern_head *h, const float *x, int tokens, float *out) {
    pool_enter();
    int8_t *numbers = lectern_memory(MEMORY_HEAD, (size_t)tokens * 2 * h->columns);
    if (numbers) {
        scoring s = {.head = h, .tokens = tokens, .out = out};
        for (int t = 0; t < tokens; t++)
            make_query(&s.queries[t], x + (size_t)t * h->columns, h->columns, numbers + (size_t)t * 2 * h->columns);
        pool_run(score_chunk, &s, (h->rows + HEAD_ROWS - 1) / HEAD_ROWS);
    }
    pool_leave();
    return numbers != NULL;
}
