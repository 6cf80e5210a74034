/* The LM head over an 8-bit table: the logits of all words, at the memory's speed.

   The table may itself be made of a finer one, which then gives the best words' logits: of 8 bits with a scale for every
   16, which stays on the disk but for the rows that are asked for.

   A number q of the table is 16 · high + low - 128, and the table is stored as two planes of such halves, 4 bits each.
   A first pass reads the plane of high halves only, and x rounded to 8 bits, which gives each word's logit
   approximately. The best words' are then taken from both planes, as exactly as from the 8-bit table itself, in half
   the bytes.

   The error of a first logit is the sum of (low - 7.5) · x and of q · what x was rounded by. Low halves are as good as
   random: the first has a standard deviation of sqrt(255 / 12) · |x|, and tails no heavier than the normal
   distribution's; the second is as random, and q is never larger than if it were spread evenly. Further words are taken
   exactly where DOUBT standard deviations could lift one above the best, so that the best word is always known.

   Exactly means x rounded to 127 · first + second, two 8-bit numbers, which is finer than bf16; products are whole
   numbers. Nothing here depends on how many tokens there are or on how many threads. */
#include "head.h"

#include <math.h>

enum { HEAD_ROWS = 128, REFINE_GROUPS = 128, AHEAD_ROWS = 4, CAP_WORDS = 8192, DOUBT = 8 };
static const double LOW = 7.5, LOW_SQUARE = 255.0 / 12, SQUARE = 127.0 * 127 / 3; /* low halves: mean, variance; q */

static void round_token(head_pass *p, int token, const float *x, int8_t *numbers) {
    const int columns = p->head->columns, width = p->lines * HEAD_LINE;
    float largest = 0;
    for (int k = 0; k < columns; k++) largest = fabsf(x[k]) > largest ? fabsf(x[k]) : largest;
    const float step = largest > 1e-30f ? largest / 127 : 1;
    int64_t firsts = 0, seconds = 0;
    double squares = 0, rests = 0;
    memset(numbers, 0, (size_t)2 * width);
    for (int k = 0; k < columns; k++) {
        const long whole = lrintf(x[k] / step);
        const float rest = x[k] / step - (float)whole;
        const long second = lrintf(rest * 127);
        numbers[k] = (int8_t)whole;
        numbers[width + k] = (int8_t)second;
        firsts += whole, seconds += second;
        squares += (double)(whole * whole), rests += (double)rest * rest;
    }
    p->units[token] = step / 127, p->firsts[token] = (double)firsts, p->sums[token] = (double)(127 * firsts + seconds);
    p->doubts[token] = (float)(step * DOUBT * sqrt(LOW_SQUARE * squares + SQUARE * rests));
}

static inline const int8_t *token_numbers(const head_pass *p, int token) { return p->numbers + (size_t)token * 2 * p->lines * HEAD_LINE; }

/* One row's logits for `tokens` tokens from `first` on. `next` is the row that is wanted soon. */
static void score_exactly(const head_pass *p, int row, int next, int first, int tokens) {
    const lectern_head *h = p->head;
    if (h->exact) {
        const int8_t *numbers = h->exact + (size_t)row * h->columns;
        const uint16_t *scales = h->exact_scales + (size_t)row * (h->columns / 16);
        for (int t = first; t < first + tokens; t++)
            p->out[(size_t)t * h->rows + row] = lectern_chosen()->sixteens(numbers, scales, p->x + (size_t)t * h->columns, h->columns);
        return;
    }
    const size_t at = (size_t)row * p->stride, then = (size_t)next * p->stride;
    double high[HEAD_TOKENS], low[HEAD_TOKENS];
    lectern_chosen()->nibbles(p->head->high + at, p->head->high + then, p->lines, token_numbers(p, first), tokens, high);
    lectern_chosen()->nibbles(p->head->low + at, p->head->low + then, p->lines, token_numbers(p, first), tokens, low);
    for (int t = 0; t < tokens; t++) {
        const double whole = 16 * high[t] + low[t] - 128 * p->sums[first + t];
        p->out[(size_t)(first + t) * p->head->rows + row] = (float)(whole * p->units[first + t]) * bf16_to_f32(p->head->scales[row]);
    }
}

/* What `near` summed up for one token and a group's rows from `row` on becomes logits; the group's top is noted. */
static void score_group(head_pass *p, int token, int row, int rows, const int32_t *sums) {
    const float zero = (float)((LOW - 128) * p->firsts[token]), unit = 127 * p->units[token], doubt = p->doubts[token];
    const uint16_t *scales = p->head->scales + row;
    float *out = p->out + (size_t)token * p->head->rows + row;
    head_top top = {-INFINITY, -INFINITY};
    for (int i = 0; i < rows; i++) out[i] = (16 * (float)sums[i] + zero) * unit * bf16_to_f32(scales[i]);
    if (p->allowed) {
        const uint8_t *allowed = p->allowed + (size_t)token * p->head->rows + row;
        for (int i = 0; i < rows; i++) out[i] = allowed[i] ? out[i] : -INFINITY;
    }
    for (int i = 0; i < rows; i++) {
        const float hope = out[i] + doubt * bf16_to_f32(scales[i]);
        top.score = out[i] <= top.score ? top.score : out[i];
        top.hope = hope <= top.hope ? top.hope : hope;
    }
    p->tops[(size_t)token * p->groups + row / HEAD_GROUP] = top;
}

static inline int tokens_from(const head_pass *p, int first) { return p->tokens - first < HEAD_TOKENS ? p->tokens - first : HEAD_TOKENS; }

static inline int chunk_rows(const head_pass *p, int start) { return p->head->rows - start < HEAD_ROWS ? p->head->rows - start : HEAD_ROWS; }

/* HEAD_TOKENS tokens go through the chunk's rows, then the next ones, which find the rows in the cache. */
static void score_chunk_exactly(void *arg, int chunk, lectern_worker *worker) {
    const head_pass *p = arg;
    const int start = chunk * HEAD_ROWS, rows = chunk_rows(p, start);
    (void)worker;
    for (int first = 0; first < p->tokens; first += HEAD_TOKENS)
        for (int row = start; row < start + rows; row++) score_exactly(p, row, row + AHEAD_ROWS, first, tokens_from(p, first));
}

static void score_chunk(void *arg, int chunk, lectern_worker *worker) {
    head_pass *p = arg;
    const int start = chunk * HEAD_ROWS, rows = chunk_rows(p, start);
    (void)worker;
    for (int first = 0; first < p->tokens; first += HEAD_TOKENS) {
        const int tokens = tokens_from(p, first);
        int32_t sums[HEAD_TOKENS * HEAD_ROWS];
        for (int row = 0; row < rows; row += HEAD_BATCH) {
            const uint8_t *at = p->head->high + (size_t)(start + row) * p->stride;
            lectern_chosen()->near(at, p->lines, token_numbers(p, first), tokens, sums + row, HEAD_ROWS);
        }
        for (int t = 0; t < tokens; t++)
            for (int row = 0; row < rows; row += HEAD_GROUP)
                score_group(p, first + t, start + row, rows - row < HEAD_GROUP ? rows - row : HEAD_GROUP, sums + t * HEAD_ROWS + row);
    }
}

/* One token's search for words that are worth an exact logit, in chunks of REFINE_GROUPS. */
typedef struct {
    head_pass *pass;
    int token;
    float limit; /* the least score of the best words, then the most that any word has */
} search;

static void score_listed(const head_pass *p, int token, const int32_t *words, int count) {
    for (int i = 0; i < count; i++) score_exactly(p, words[i], words[i + 1 < count ? i + 1 : i], token, 1);
}

static void refine_best(void *arg, int chunk, lectern_worker *worker) {
    const search *s = arg;
    const head_pass *p = s->pass;
    int32_t *words = p->words + (size_t)chunk * REFINE_GROUPS * HEAD_GROUP;
    const int count = head_list_best(p, s->token, chunk * REFINE_GROUPS, REFINE_GROUPS, s->limit, words);
    float most = -INFINITY;
    (void)worker;
    score_listed(p, s->token, words, count);
    for (int i = 0; i < count; i++) {
        const float score = p->out[(size_t)s->token * p->head->rows + words[i]];
        most = score > most ? score : most;
    }
    p->found[chunk] = (head_found){count, most};
}

static void refine_hopeful(void *arg, int chunk, lectern_worker *worker) {
    const search *s = arg;
    const head_pass *p = s->pass;
    int32_t *words = p->words + (size_t)chunk * REFINE_GROUPS * HEAD_GROUP;
    const int known = p->found[chunk].count;
    (void)worker;
    score_listed(p, s->token, words + known, head_list_hopeful(p, s->token, chunk * REFINE_GROUPS, REFINE_GROUPS, s->limit, words, known));
}

static inline int refine_chunks(const head_pass *p) { return (p->groups + REFINE_GROUPS - 1) / REFINE_GROUPS; }

/* Exact logits of a token's best words, then of those that could still be better than the best of them. */
static void refine(head_pass *p, int token) {
    search s = {p, token, head_least(p, token)};
    pool_run(refine_best, &s, refine_chunks(p));
    s.limit = -INFINITY;
    for (int i = 0; i < refine_chunks(p); i++) s.limit = p->found[i].most > s.limit ? p->found[i].most : s.limit;
    pool_run(refine_hopeful, &s, refine_chunks(p));
}

/* One piece of memory for a pass. Returns 0 where there is none. */
static int give_memory(head_pass *p) {
    const size_t numbers = (size_t)p->tokens * 2 * p->lines * HEAD_LINE, tops = (size_t)p->tokens * p->groups * sizeof(head_top);
    const size_t found = refine_chunks(p) * sizeof(head_found), words = (size_t)p->head->rows * sizeof(int32_t);
    char *at = lectern_memory(MEMORY_HEAD, numbers + (p->exact ? 0 : tops + found + words));
    if (!at) return 0;
    p->numbers = (int8_t *)at, p->tops = (head_top *)(at + numbers);
    p->found = (head_found *)(at + numbers + tops), p->words = (int32_t *)(at + numbers + tops + found);
    return 1;
}

static void cap_chunk(void *arg, int chunk, lectern_worker *worker) {
    const head_pass *p = arg;
    const int64_t all = (int64_t)p->tokens * p->head->rows, first = (int64_t)chunk * CAP_WORDS;
    (void)worker;
    lectern_chosen()->soft_cap(p->out + first, (int)(all - first < CAP_WORDS ? all - first : CAP_WORDS), p->cap);
}

/* The logits [tokens][rows] of all words for x [tokens][columns], all finite; softly capped where `cap` is not 0.
   With `allowed` [tokens][rows], the best are those of the words that are allowed: 1. Returns 0 without memory. */
LECTERN_API int lectern_head_all(const lectern_head *h, const float *x, int tokens, float cap, const uint8_t *allowed, float *out) {
    const int lines = head_lines(h->columns), groups = (h->rows + HEAD_GROUP - 1) / HEAD_GROUP;
    head_pass p = {.head = h, .lines = lines, .stride = lines * HEAD_LINE / 2, .groups = groups, .tokens = tokens, .cap = cap, .allowed = allowed, .x = x, .out = out};
    p.exact = h->best == 0;
    pool_enter();
    const int ready = give_memory(&p);
    if (ready) {
        for (int t = 0; t < tokens; t++) round_token(&p, t, x + (size_t)t * h->columns, p.numbers + (size_t)t * 2 * lines * HEAD_LINE);
        pool_run(p.exact ? score_chunk_exactly : score_chunk, &p, (h->rows + HEAD_ROWS - 1) / HEAD_ROWS);
        for (int t = 0; t < tokens && !p.exact; t++) refine(&p, t);
        if (cap > 0) pool_run(cap_chunk, &p, (int)(((int64_t)tokens * h->rows + CAP_WORDS - 1) / CAP_WORDS));
    }
    pool_leave();
    return ready;
}
