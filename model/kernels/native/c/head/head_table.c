/* The LM head's planes, and which words are worth an exact logit (see head.c). */
#include <float.h>
#include <math.h>

#include "head.h"

enum { SPLIT_ROWS = 64, BINS = 1024 };

/* Which of BINS equal parts of a range contains a score; NaN is put in the first. */
static inline int bin_of(float score, float low, float factor) {
    const float at = (score - low) * factor;
    return at >= 0 ? at < BINS ? (int)at : BINS - 1 : 0;
}

/* Each of the best groups has one word at least that reaches the least of their tops. Sorting the words themselves
   would take longer than reading the table. */
float head_least(const head_pass *p, int token) {
    const head_top *tops = p->tops + (size_t)token * p->groups;
    float low = INFINITY, high = -INFINITY;
    int wanted = 0; /* groups with a word that is allowed */
    for (int g = 0; g < p->groups; g++) {
        if (tops[g].score == -INFINITY) continue;
        low = tops[g].score < low ? tops[g].score : low;
        high = tops[g].score > high ? tops[g].score : high;
        wanted++;
    }
    if (wanted <= p->head->best) return -FLT_MAX; /* so few that all of them are taken */
    const float factor = (BINS - 1) / (high - low);
    if (!isfinite(factor) || factor <= 0) return low; /* all the same, or too far apart for a float */
    int counts[BINS] = {0}, bin = BINS - 1;
    for (int g = 0; g < p->groups; g++) counts[bin_of(tops[g].score, low, factor)] += tops[g].score > -INFINITY;
    for (int found = counts[bin]; found < p->head->best && bin > 0; found += counts[bin]) bin--;
    float least = high;
    for (int g = 0; g < p->groups; g++)
        if (tops[g].score < least && tops[g].score > -INFINITY && bin_of(tops[g].score, low, factor) >= bin) least = tops[g].score;
    return least;
}

static inline int least_of(int a, int b) { return a < b ? a : b; }

/* NaN counts as a best score, so that it shows. */
int head_list_best(const head_pass *p, int token, int first, int groups, float least, int32_t *words) {
    const head_top *tops = p->tops + (size_t)token * p->groups;
    const float *scores = p->out + (size_t)token * p->head->rows;
    int count = 0;
    for (int g = first; g < least_of(first + groups, p->groups); g++) {
        if (tops[g].score < least) continue;
        for (int row = g * HEAD_GROUP; row < least_of((g + 1) * HEAD_GROUP, p->head->rows); row++) {
            words[count] = row;
            count += !(scores[row] < least); /* nobody could guess this branch */
        }
    }
    return count;
}

int head_list_hopeful(const head_pass *p, int token, int first, int groups, float most, int32_t *words, int known) {
    const head_top *tops = p->tops + (size_t)token * p->groups;
    const float *scores = p->out + (size_t)token * p->head->rows, doubt = p->doubts[token];
    int count = known, at = 0;
    for (int g = first; g < least_of(first + groups, p->groups); g++) {
        if (tops[g].hope < most) continue;
        for (int row = g * HEAD_GROUP; row < least_of((g + 1) * HEAD_GROUP, p->head->rows); row++) {
            while (at < known && words[at] < row) at++;
            if (at < known && words[at] == row) continue;
            if (!(scores[row] + doubt * bf16_to_f32(p->head->scales[row]) < most)) words[count++] = row;
        }
    }
    return count - known;
}

typedef struct {
    const int8_t *table;
    uint8_t *high, *low;
    int rows, columns;
} splitting;

static void split_line(const int8_t *from, int both, uint8_t *high, uint8_t *low) {
    for (int i = 0; i < HEAD_LINE / 2; i++) {
        const uint8_t left = (uint8_t)from[i] ^ 0x80, right = both ? (uint8_t)from[HEAD_LINE / 2 + i] ^ 0x80 : 0;
        high[i] = (uint8_t)(left >> 4 | (right & 0xf0));
        if (low) low[i] = (uint8_t)((left & 15) | right << 4);
    }
}

static void split_chunk(void *arg, int chunk, lectern_worker *worker) {
    const splitting *s = arg;
    const int last = (chunk + 1) * SPLIT_ROWS < s->rows ? (chunk + 1) * SPLIT_ROWS : s->rows;
    size_t to = (size_t)chunk * SPLIT_ROWS * head_lines(s->columns) * HEAD_LINE / 2;
    (void)worker;
    for (int row = chunk * SPLIT_ROWS; row < last; row++)
        for (int k = 0; k < s->columns; k += HEAD_LINE, to += HEAD_LINE / 2)
            split_line(s->table + (size_t)row * s->columns + k, k + HEAD_LINE <= s->columns, s->high + to, s->low ? s->low + to : NULL);
}

/* Rows of an 8-bit table into rows of both planes, or of the high one alone. */
LECTERN_API void lectern_head_split(const int8_t *table, int rows, int columns, uint8_t *high, uint8_t *low) {
    splitting s = {table, high, low, rows, columns};
    pool_enter();
    pool_run(split_chunk, &s, (rows + SPLIT_ROWS - 1) / SPLIT_ROWS);
    pool_leave();
}
