/* See products.h. A group of 32 rows is contiguous in memory, and a chunk is some groups that follow each other. */
#include "products.h"

#include <math.h>
#include <string.h>

#include "system/threads.h"

/* A chunk's results wait in the thread's scratch memory. */
enum { CHUNK_BYTES = 96 << 10, MOST_GROUPS = SCRATCH_BYTES / (MAX_TOKENS * LANES * sizeof(float)) };

static size_t bytes_of(int most) { return sizeof(products) + (size_t)most * sizeof(product); }

size_t products_kept(int most) { return pool_kept(bytes_of(most)); }

products *products_new(int most) {
    products *p = pool_keep(bytes_of(most));
    p->count = p->chunks = 0;
    return p;
}

void products_add(products *p, const lectern_matrix *w, const lectern_input *x, float *out) {
    const size_t bytes = lectern_data_bytes(w, LANES);
    const int all = lectern_groups(w), wanted = bytes > CHUNK_BYTES ? 1 : (int)(CHUNK_BYTES / bytes);
    const int fitting = wanted < MOST_GROUPS ? wanted : MOST_GROUPS, groups = fitting < all ? fitting : all;
    p->parts[p->count++] = (product){*w, *x, out, p->chunks, groups};
    p->chunks += (all + groups - 1) / groups;
}

static void multiply_chunk(void *arg, int chunk, lectern_worker *worker) {
    const products *p = arg;
    int i = p->count - 1;
    while (p->parts[i].first_chunk > chunk) i--;
    const product *part = &p->parts[i];
    const int first = (chunk - part->first_chunk) * part->groups, all = lectern_groups(&part->w);
    const int last = first + part->groups < all ? first + part->groups : all;
    float *rows = (float *)worker->scratch;
    for (int group = first; group < last; group++)
        lectern_chosen()->multiply(&part->w, &part->x, group, rows + (size_t)(group - first) * part->x.tokens * LANES);
    if (!pool_commit(worker)) return;
    for (int group = first; group < last; group++)
        for (int t = 0; t < part->x.tokens; t++) {
            const int start = group * LANES, count = part->w.rows - start < LANES ? part->w.rows - start : LANES;
            const float *from = rows + ((size_t)(group - first) * part->x.tokens + t) * LANES;
            memcpy(part->out + (size_t)t * part->w.rows + start, from, (size_t)count * sizeof(float));
        }
}

void products_run(products *p) { pool_run_helped(multiply_chunk, p, p->chunks); }

static const float TAKEN = -1; /* no probability is negative */

/* The best `top_k` of one token's scores; ties go to the lower number, as in torch on a processor. Each expert once,
   also where scores are not numbers: a token's row must not go through the same expert twice. */
static void choose_one(const lectern_layer *l, float *scores, int token, expert_pair *out) {
    float largest = scores[0], sum = 0, chosen = 0;
    for (int e = 1; e < l->experts; e++) largest = scores[e] > largest ? scores[e] : largest;
    for (int e = 0; e < l->experts; e++) sum += scores[e] = expf(scores[e] - largest);
    for (int k = 0; k < l->top_k; k++) {
        int best = -1;
        for (int e = 0; e < l->experts; e++)
            if (scores[e] != TAKEN && (best < 0 || scores[e] > scores[best])) best = e;
        out[k] = (expert_pair){best, token, scores[best] / sum};
        chosen += out[k].weight;
        scores[best] = TAKEN;
    }
    for (int k = 0; k < l->top_k; k++) out[k].weight *= l->expert_scale[out[k].expert] / chosen;
}

/* From the router's scores [tokens][experts], which are overwritten. */
void experts_choose(experts_plan *plan, const lectern_layer *l, float *scores, int tokens) {
    plan->pair_count = tokens * l->top_k;
    for (int t = 0; t < tokens; t++) choose_one(l, scores + (size_t)t * l->experts, t, plan->pairs + t * l->top_k);
    for (int i = 1; i < plan->pair_count; i++) { /* stable, and short */
        const expert_pair pair = plan->pairs[i];
        int j = i;
        for (; j > 0 && plan->pairs[j - 1].expert > pair.expert; j--) plan->pairs[j] = plan->pairs[j - 1];
        plan->pairs[j] = pair;
    }
    plan->group_count = 0;
    for (int i = 0; i < plan->pair_count; i++) {
        if (!i || plan->pairs[i].expert != plan->pairs[i - 1].expert)
            plan->groups[plan->group_count++] = (expert_group){plan->pairs[i].expert, i, 0};
        plan->groups[plan->group_count - 1].count++;
    }
}

static void matrix_read_ahead(const lectern_matrix *all, int expert) {
    const lectern_matrix w = lectern_one_of(all, expert);
    read_ahead(w.data, lectern_data_bytes(&w, w.rows));
    if (w.scales) read_ahead(w.scales, sizeof *w.scales * w.rows * lectern_row_scales(&w));
}

/* Starts reading the chosen experts from their file, in the order in which they are multiplied. */
void experts_read_ahead(const experts_plan *plan, const lectern_layer *l) {
    for (int i = 0; i < plan->group_count; i++) matrix_read_ahead(&l->expert_gate_up, plan->groups[i].expert);
    for (int i = 0; i < plan->group_count; i++) matrix_read_ahead(&l->expert_down, plan->groups[i].expert);
}

/* The tokens' rows in the order of the pairs. */
void experts_gather(const experts_plan *plan, const float *x, int hidden, float *gathered) {
    for (int i = 0; i < plan->pair_count; i++)
        memcpy(gathered + (size_t)i * hidden, x + (size_t)plan->pairs[i].token * hidden, (size_t)hidden * sizeof(float));
}

/* Adds each chosen expert's gate_up product; out [pairs][2 × inner]. */
void experts_open(const experts_plan *plan, const lectern_layer *l, const lectern_input *x, float *out, products *p) {
    for (int i = 0; i < plan->group_count; i++) {
        const expert_group *g = &plan->groups[i];
        const lectern_matrix w = lectern_one_of(&l->expert_gate_up, g->expert);
        const lectern_input part = x->tokens == 1 ? *x : lectern_rows(x, g->first, g->count); /* one token: same x */
        products_add(p, &w, &part, out + (size_t)g->first * w.rows);
    }
}

typedef struct {
    experts_plan plan;
    lectern_matrix down;
    lectern_input x;
    float *out;
    int tokens;
} closing;

/* Chunk: one group of 32 output rows, summed over all chosen experts. */
static void close_chunk(void *arg, int chunk, lectern_worker *worker) {
    const closing *c = arg;
    float *sum = (float *)worker->scratch, *rows = sum + MAX_TOKENS * LANES;
    memset(sum, 0, sizeof(float) * MAX_TOKENS * LANES);
    for (int i = 0; i < c->plan.group_count; i++) {
        const expert_group *g = &c->plan.groups[i];
        const lectern_matrix w = lectern_one_of(&c->down, g->expert);
        const lectern_input part = lectern_rows(&c->x, g->first, g->count);
        lectern_chosen()->multiply(&w, &part, chunk, rows);
        for (int n = 0; n < g->count; n++) {
            const expert_pair *pair = &c->plan.pairs[g->first + n];
            for (int r = 0; r < LANES; r++) sum[pair->token * LANES + r] += pair->weight * rows[n * LANES + r];
        }
    }
    if (!pool_commit(worker)) return;
    const int start = chunk * LANES, count = c->down.rows - start < LANES ? c->down.rows - start : LANES;
    for (int t = 0; t < c->tokens; t++)
        memcpy(c->out + (size_t)t * c->down.rows + start, sum + t * LANES, (size_t)count * sizeof(float));
}

size_t experts_kept(const lectern_layer *l, int tokens) {
    const size_t pairs = (size_t)tokens * l->top_k;
    return pool_kept(sizeof(closing)) + pool_kept(sizeof(expert_pair) * pairs) + pool_kept(sizeof(expert_group) * pairs);
}

/* Out [tokens][hidden]: the weighted sum of the experts' down products. */
void experts_close(const experts_plan *plan, const lectern_layer *l, const lectern_input *x, int tokens, float *out) {
    closing *c = pool_keep(sizeof *c);
    *c = (closing){*plan, l->expert_down, *x, out, tokens};
    /* A late thread may still read these while the next layer chooses anew. */
    c->plan.pairs = memcpy(pool_keep(sizeof(expert_pair) * plan->pair_count), plan->pairs, sizeof(expert_pair) * plan->pair_count);
    c->plan.groups = memcpy(pool_keep(sizeof(expert_group) * plan->group_count), plan->groups, sizeof(expert_group) * plan->group_count);
    pool_run_helped(close_chunk, c, lectern_groups(&l->expert_down));
}
