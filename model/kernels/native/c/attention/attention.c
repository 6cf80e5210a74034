/* Attention of a few tokens over the KV cache, in pieces that are attended to apart and merged by their largest
   scores. */
#include <math.h>
#include <string.h>

#include "layers/decode.h"

/* Scores of keys that a token may not see become -inf. [first, first + count) are slots or positions. */
static void mask_scores(const attention *a, const piece *p, int first, int count, int token, float *scores) {
    const int64_t own = a->length + token;
    if (p->kind == PIECE_GLOBAL || p->kind == PIECE_NEW) {
        const int64_t last = p->kind == PIECE_NEW ? token : own;
        for (int64_t s = last + 1 > first ? last + 1 : first; s < first + count; s++) scores[s - first] = -INFINITY;
        return;
    }
    if (a->tokens == 1) return; /* its own key has already taken the place of the one that left the window */
    /* The oldest positions of the ring have left the window of this token, and only they. */
    const int64_t oldest = a->length > a->window ? a->length - a->window : 0;
    for (int64_t position = oldest; position <= own - a->window; position++) {
        const int64_t slot = position % a->window;
        if (slot >= first && slot < first + count) scores[slot - first] = -INFINITY;
    }
}

/* Scores, largest, sum and weighted values of at most PIECE keys; rows with nothing to see have a sum of 0. */
static void attend_some(const attention *a, const piece *p, int head, int start, int count, float *scores, uint16_t *weights, float *largest, float *sum, float *out) {
    const lectern_kernels *kernels = lectern_chosen();
    const int rows = a->groups * a->tokens;
    const size_t at = head * p->head_stride + start * p->row_stride;
    kernels->scores(a->queries + (size_t)head * rows * a->head_dim, rows, p->keys + at, p->row_stride, count, a->head_dim, scores);
    for (int r = 0; r < rows; r++) {
        float *row = scores + r * PIECE;
        mask_scores(a, p, p->first + start, count, r / a->groups, row);
        float most = -INFINITY;
        for (int s = 0; s < count; s++) most = row[s] > most ? row[s] : most;
        largest[r] = most;
        uint16_t *weight = weights + r * PIECE;
        if (most == -INFINITY) {
            memset(weight, 0, PIECE * sizeof *weight);
            sum[r] = 0;
        } else {
            sum[r] = kernels->exponents(row, most, count, weight);
            if (count % 2) weight[count] = 0;
        }
    }
    kernels->weigh(weights, rows, p->values + at, p->row_stride, count, a->head_dim, out);
}

/* Takes (largest, sum, out) of later keys into those of earlier ones. */
static void fold(float *largest, float *sum, float *out, float later_largest, float later_sum, const float *later, int size) {
    if (later_sum == 0) return;
    const float most = later_largest > *largest ? later_largest : *largest;
    const float before = *sum == 0 ? 0 : expf(*largest - most), after = expf(later_largest - most);
    for (int i = 0; i < size; i++) out[i] = out[i] * before + later[i] * after;
    *sum = *sum * before + later_sum * after;
    *largest = most;
}

/* Chunk: one KV head and one piece, which may be longer than PIECE. */
void attend_piece(void *arg, int chunk, lectern_worker *worker) {
    const attention *a = arg;
    const int rows = a->groups * a->tokens, size = a->head_dim, head = chunk / a->piece_count;
    const piece *p = &a->pieces[chunk % a->piece_count];
    float *result = (float *)worker->scratch, *largest = result, *sum = result + rows, *out = sum + rows;
    float *more = out + (size_t)rows * size, *scores = more + (size_t)rows * (size + 2);
    uint16_t *weights = (uint16_t *)(scores + (size_t)rows * PIECE);
    for (int start = 0; start < p->count; start += PIECE) {
        const int count = p->count - start < PIECE ? p->count - start : PIECE;
        if (start == 0) {
            attend_some(a, p, head, start, count, scores, weights, largest, sum, out);
            continue;
        }
        float *later = more + 2 * rows;
        attend_some(a, p, head, start, count, scores, weights, more, more + rows, later);
        for (int r = 0; r < rows; r++) fold(&largest[r], &sum[r], out + (size_t)r * size, more[r], more[rows + r], later + (size_t)r * size, size);
    }
    if (pool_commit(worker)) memcpy(a->partial + (size_t)chunk * a->partial_size, result, (size_t)rows * (size + 2) * sizeof(float));
}

/* A head over rows of K = V comes as [rotated first | rotated second | plain]; o_proj expects [first | plain | second |
   plain]. */
static void own_order(const attention *a, const float *from, float *to) {
    const int half = a->head_dim / 2, angles = a->angles, rest = half - angles;
    memcpy(to, from, (size_t)angles * sizeof(float));
    memcpy(to + angles, from + 2 * angles, (size_t)rest * sizeof(float));
    memcpy(to + half, from + angles, (size_t)angles * sizeof(float));
    memcpy(to + half + angles, from + 2 * angles + rest, (size_t)rest * sizeof(float));
}

/* Chunk: one query head of one token. */
void merge_head(void *arg, int chunk, lectern_worker *worker) {
    const attention *a = arg;
    const int rows = a->groups * a->tokens, size = a->head_dim, heads = a->kv_heads * a->groups;
    const int token = chunk / heads, head = chunk % heads, kv = head / a->groups, row = token * a->groups + head % a->groups;
    float largest = -INFINITY, sum = 0, *out = (float *)worker->scratch;
    memset(out, 0, (size_t)size * sizeof(float));
    for (int i = 0; i < a->piece_count; i++) {
        const float *part = a->partial + ((size_t)kv * a->piece_count + i) * a->partial_size;
        fold(&largest, &sum, out, part[row], part[rows + row], part + 2 * rows + (size_t)row * size, size);
    }
    for (int i = 0; i < size; i++) out[i] /= sum;
    if (!pool_commit(worker)) return;
    float *to = a->out + (size_t)chunk * size;
    if (a->reordered)
        own_order(a, out, to);
    else
        memcpy(to, out, (size_t)size * sizeof(float));
}
