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

/* Tokens x = unit · (127 · first + second); `sums` are of what stands behind `unit`. */
typedef struct {
    const lectern_head *head;
    const int8_t *numbers; /* [tokens][2][columns]: first and second */
    double sums[MAX_TOKENS];
    float units[MAX_TOKENS];
    int tokens;
    float *out;
} scoring;

static void round_token(scoring *s, int token, const float *x, int8_t *numbers) {
    const int columns = s->head->columns;
    float largest = 0;
    for (int k = 0; k < columns; k++) largest = fabsf(x[k]) > largest ? fabsf(x[k]) : largest;
    const float step = largest > 0 ? largest / 127 : 1;
    float sum = 0;
    for (int k = 0; k < columns; k++) {
        const float whole = rintf(x[k] / step), rest = rintf((x[k] / step - whole) * 127);
        numbers[k] = (int8_t)whole;
        numbers[columns + k] = (int8_t)rest;
        sum += 127 * whole + rest;
    }
    s->units[token] = step / 127, s->sums[token] = sum;
}

/* HEAD_TOKENS tokens go through the chunk's rows, then the next ones, which find the rows in the cache. */
static void score_chunk(void *arg, int chunk, lectern_worker *worker) {
    const scoring *s = arg;
    const lectern_head *h = s->head;
    const int last = (chunk + 1) * HEAD_ROWS < h->rows ? (chunk + 1) * HEAD_ROWS : h->rows;
    (void)worker;
    for (int first = 0; first < s->tokens; first += HEAD_TOKENS) {
        const int tokens = s->tokens - first < HEAD_TOKENS ? s->tokens - first : HEAD_TOKENS;
        const int8_t *x = s->numbers + (size_t)first * 2 * h->columns;
        for (int row = chunk * HEAD_ROWS; row < last; row++) {
            double whole[HEAD_TOKENS];
            lectern_chosen()->words(h->table + (size_t)row * h->columns, h->columns, x, s->sums + first, tokens, whole);
            for (int t = 0; t < tokens; t++)
                s->out[(size_t)(first + t) * h->rows + row] = (float)(whole[t] * s->units[first + t]) * bf16_to_f32(h->scales[row]);
        }
    }
}

/* The logits [tokens][rows] of all words for x [tokens][columns], all finite. Returns 0 without memory. */
LECTERN_API int lectern_head_all(const lectern_head *h, const float *x, int tokens, float *out) {
    pool_enter();
    int8_t *numbers = lectern_memory(MEMORY_HEAD, (size_t)tokens * 2 * h->columns);
    if (numbers) {
        scoring s = {.head = h, .numbers = numbers, .tokens = tokens, .out = out};
        for (int t = 0; t < tokens; t++)
            round_token(&s, t, x + (size_t)t * h->columns, numbers + (size_t)t * 2 * h->columns);
        pool_run(score_chunk, &s, (h->rows + HEAD_ROWS - 1) / HEAD_ROWS);
    }
    pool_leave();
    return numbers != NULL;
}
