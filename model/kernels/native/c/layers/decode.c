/* All layers for a few tokens in one call. The matrices, which are what takes time, are shared out to all threads; what
   lies between them is a few microseconds for the calling thread, in float32. Formulas as in
   model/family/decoder.py. */
#include "decode.h"

#include <math.h>
#include <string.h>

#include "products.h"

enum { MOST_PIECES = 64, MOST_PRODUCTS = 3 };

typedef struct {
    const lectern_layer *layer;
    const lectern_layer_cache *cache;
    const lectern_kernels *kernels;
    int tokens, hidden, widest;
    int64_t length;
    const lectern_layer *waiting; /* whose new rows go into its ring when all layers have seen them */
    const lectern_layer_cache *waiting_cache;
    float *x;                    /* the residual stream [tokens][hidden] */
    float *normed, *wide, *more, *inner; /* [tokens][widest] */
    float *attended, *routed, *scores;
    float *gathered, *expert_wide, *expert_inner; /* [tokens × top_k][…] */
    float *partial;
    uint16_t *queries, *ring_keys, *ring_values;
    uint16_t *rounded[3];
    float *scales[3], *sums[3];
    float *cos, *sin;
    experts_plan plan;
} step;

/* The address of the next buffer; `start` is NULL while their sizes are added up. */
typedef struct {
    char *start;
    size_t used;
} memory;

static void *carve(memory *m, size_t bytes) {
    void *at = m->start ? m->start + m->used : NULL;
    m->used += (bytes + 127) / 64 * 64;
    return at;
}

static float *floats(memory *m, size_t count) { return carve(m, count * sizeof(float)); }

/* Lays out all buffers; called once to learn the size and once for the addresses. */
static size_t lay_out(step *s, char *start, const lectern_layer *layers, int count, size_t partial) {
    const size_t tokens = (size_t)s->tokens;
    size_t most_heads = 0, experts = 0, pairs = 0, inner = 0, kv = 0, angles = 0;
    for (int i = 0; i < count; i++) {
        const lectern_layer *l = &layers[i];
        const size_t heads = (size_t)l->heads * l->head_dim;
        if (heads > most_heads) most_heads = heads;
        if ((size_t)l->kv_heads * l->head_dim > kv) kv = (size_t)l->kv_heads * l->head_dim;
        if ((size_t)l->experts > experts) experts = l->experts;
        if ((size_t)l->top_k > pairs) pairs = l->top_k;
        if ((size_t)l->expert_gate_up.rows > inner) inner = l->expert_gate_up.rows;
        if ((size_t)l->angles > angles) angles = l->angles;
    }
    const size_t row = tokens * s->widest, spread = tokens * pairs * (inner > (size_t)s->hidden ? inner : (size_t)s->hidden);
    const size_t all = row > spread ? row : spread;
    memory all_memory = {start, 0}, *m = &all_memory;
    s->x = floats(m, tokens * s->hidden);
    s->normed = floats(m, row), s->wide = floats(m, row), s->more = floats(m, row), s->inner = floats(m, row);
    s->attended = floats(m, row), s->routed = floats(m, row), s->scores = floats(m, tokens * experts);
    s->gathered = floats(m, spread), s->expert_wide = floats(m, spread), s->expert_inner = floats(m, spread);
    s->partial = floats(m, partial);
    s->queries = carve(m, tokens * most_heads * 2), s->ring_keys = carve(m, tokens * kv * 2), s->ring_values = carve(m, tokens * kv * 2);
    s->cos = floats(m, tokens * angles), s->sin = floats(m, tokens * angles);
    for (int i = 0; i < 3; i++) s->rounded[i] = carve(m, all * 2), s->scales[i] = floats(m, all / INT4_BLOCK + 1), s->sums[i] = floats(m, all / INT4_BLOCK + 1);
    s->plan.pairs = carve(m, tokens * pairs * sizeof(expert_pair));
    s->plan.groups = carve(m, (tokens * pairs + 1) * sizeof(expert_group));
    return m->used;
}

/* Activations [tokens][columns] in the forms that the products read; `slot` chooses where they are kept. */
static lectern_input input(step *s, const float *x, int tokens, int columns, int slot) {
    lectern_input in = {tokens, columns, x, s->rounded[slot], s->scales[slot], s->sums[slot]};
    s->kernels->prepare(&in, columns);
    return in;
}

static void norm_rows(step *s, const float *x, const float *weight, float *out) {
    for (int t = 0; t < s->tokens; t++)
        s->kernels->rms_norm(x + (size_t)t * s->hidden, weight, s->layer->eps, s->hidden, out + (size_t)t * s->hidden);
}

static void make_angles(step *s) {
    const lectern_layer *l = s->layer;
    for (int t = 0; t < s->tokens; t++)
        for (int i = 0; i < l->angles; i++) {
            const float angle = (float)(s->length + t) * l->frequencies[i];
            s->cos[t * l->angles + i] = cosf(angle);
            s->sin[t * l->angles + i] = sinf(angle);
        }
}

static void rotate(float *first, float *second, const float *cos, const float *sin, int angles) {
    for (int i = 0; i < angles; i++) {
        const float a = first[i], b = second[i];
        first[i] = a * cos[i] - b * sin[i];
        second[i] = b * cos[i] + a * sin[i];
    }
}

static void narrow(const float *from, int count, uint16_t *to) {
    for (int i = 0; i < count; i++) to[i] = f32_to_bf16(from[i]);
}

/* One head through its norm and rope; `out` holds head_dim numbers. On a global layer only some pairs are rotated. */
static void norm_and_rotate(step *s, const float *head, const float *weight, int token, float *out) {
    const lectern_layer *l = s->layer;
    s->kernels->rms_norm(head, weight, l->eps, l->head_dim, out);
    rotate(out, out + l->head_dim / 2, s->cos + token * l->angles, s->sin + token * l->angles, l->angles);
}

/* Whether a global layer's rows hold keys in another order than a head does, sharing the plain numbers with values. */
static int is_reordered(const lectern_layer *l) { return l->global && !l->own_values; }

/* Where keys begin in a global layer's row. */
static int key_place(const lectern_layer *l) { return l->own_values ? l->head_dim : 2 * l->angles; }

/* A query of a global layer in the order [plain | rotated], to fit a cache row from its `2 × angles` on. */
static void global_query(const lectern_layer *l, const float *head, uint16_t *to) {
    const int half = l->head_dim / 2, rest = half - l->angles;
    narrow(head + l->angles, rest, to);
    narrow(head + half + l->angles, rest, to + rest);
    narrow(head, l->angles, to + 2 * rest);
    narrow(head + half, l->angles, to + 2 * rest + l->angles);
}

/* A row of a global layer's cache where K = V: [V rotated part | V plain | K rotated]. */
static void global_row(step *s, const float *head, int token, uint16_t *to) {
    const lectern_layer *l = s->layer;
    const int half = l->head_dim / 2, angles = l->angles, rest = half - angles;
    float value[MAX_HEAD], key[MAX_HEAD];
    s->kernels->rms_norm(head, NULL, l->eps, l->head_dim, value);
    for (int i = 0; i < l->head_dim; i++) key[i] = value[i] * l->k_norm[i];
    rotate(key, key + half, s->cos + token * angles, s->sin + token * angles, angles);
    narrow(value, angles, to);
    narrow(value + half, angles, to + angles);
    narrow(value + angles, rest, to + 2 * angles);
    narrow(value + half + angles, rest, to + 2 * angles + rest);
    narrow(key, angles, to + l->head_dim);
    narrow(key + half, angles, to + l->head_dim + angles);
}

/* A row with values of their own: [V | K]. */
static void own_row(step *s, const float *key, const float *value, int token, uint16_t *to) {
    const lectern_layer *l = s->layer;
    float head[MAX_HEAD];
    s->kernels->rms_norm(value, NULL, l->eps, l->head_dim, head);
    narrow(head, l->head_dim, to);
    norm_and_rotate(s, key, l->k_norm, token, head);
    narrow(head, l->head_dim, to + l->head_dim);
}

static void make_queries(step *s, const float *q) {
    const lectern_layer *l = s->layer;
    const int groups = l->heads / l->kv_heads, size = l->head_dim;
    float head[MAX_HEAD];
    for (int t = 0; t < s->tokens; t++)
        for (int h = 0; h < l->heads; h++) {
            uint16_t *to = s->queries + (((size_t)(h / groups) * s->tokens + t) * groups + h % groups) * size;
            norm_and_rotate(s, q + ((size_t)t * l->heads + h) * size, l->q_norm, t, head);
            if (is_reordered(l))
                global_query(l, head, to);
            else
                narrow(head, size, to);
        }
}

/* New rows behind those that the blocks hold already. */
static void append_global(step *s, const float *k, const float *v) {
    const lectern_layer *l = s->layer;
    const int row = l->head_dim + key_place(l);
    int token = 0;
    for (int i = 0; i < s->cache->block_count; i++) {
        const lectern_block *b = &s->cache->blocks[i];
        for (int n = 0; n < b->fresh; n++, token++)
            for (int h = 0; h < l->kv_heads; h++) {
                const size_t from = ((size_t)token * l->kv_heads + h) * l->head_dim;
                uint16_t *to = b->rows + ((size_t)h * b->capacity + b->used + n) * row;
                if (l->own_values)
                    own_row(s, k + from, v + from, token, to);
                else
                    global_row(s, k + from, token, to);
            }
    }
}

/* Keys and values of the new tokens in bf16, [kv_heads][tokens][head_dim]. */
static void make_sliding(step *s, const float *k, const float *v) {
    const lectern_layer *l = s->layer;
    const int size = l->head_dim;
    float head[MAX_HEAD];
    for (int t = 0; t < s->tokens; t++)
        for (int h = 0; h < l->kv_heads; h++) {
            const size_t from = ((size_t)t * l->kv_heads + h) * size, to = ((size_t)h * s->tokens + t) * size;
            norm_and_rotate(s, k + from, l->k_norm, t, head);
            narrow(head, size, s->ring_keys + to);
            s->kernels->rms_norm(v + from, NULL, l->eps, size, head);
            narrow(head, size, s->ring_values + to);
        }
}

static void append_ring(step *s) {
    const lectern_layer *l = s->layer;
    const size_t size = l->head_dim;
    for (int h = 0; h < l->kv_heads; h++)
        for (int t = 0; t < s->tokens; t++) {
            const size_t from = ((size_t)h * s->tokens + t) * size, to = ((size_t)h * l->window + (s->length + t) % l->window) * size;
            memcpy(s->cache->keys + to, s->ring_keys + from, size * 2);
            memcpy(s->cache->values + to, s->ring_values + from, size * 2);
        }
}

/* Several tokens would overwrite what the first of them may still see in the ring: they go there after attention. */
static void store(step *s, const float *k, const float *v) {
    if (s->layer->global) {
        append_global(s, k, v);
        return;
    }
    make_sliding(s, k, v);
    if (s->tokens == 1) append_ring(s);
}

/* Cuts `count` keys into pieces of at most `step` keys. */
static int cut(piece *pieces, int used, piece whole, int count, int step) {
    for (int start = 0; start < count; start += step, used++) {
        pieces[used] = whole;
        pieces[used].keys += start * whole.row_stride, pieces[used].values += start * whole.row_stride;
        pieces[used].first += start;
        pieces[used].count = count - start < step ? count - start : step;
    }
    return used;
}

static int piece_step(int64_t keys) {
    const int64_t step = (keys + MOST_PIECES - 1) / MOST_PIECES;
    return (int)((step + PIECE - 1) / PIECE * PIECE);
}

/* How many pieces a layer's keys are at most cut into. */
static int most_pieces(const lectern_layer *l, const lectern_layer_cache *c, int64_t length, int tokens) {
    const int64_t keys = l->global ? length + tokens : l->window;
    return (int)(keys / piece_step(keys)) + 2 + (l->global ? c->block_count : 1);
}

static int cut_keys(step *s, piece *pieces) {
    const lectern_layer *l = s->layer;
    if (!l->global) {
        const size_t size = l->head_dim;
        const int filled = s->length + (s->tokens == 1) < l->window ? (int)s->length + (s->tokens == 1) : l->window;
        const piece ring = {s->cache->keys, s->cache->values, (size_t)l->window * size, size, 0, 0, PIECE_RING};
        const piece new = {s->ring_keys, s->ring_values, (size_t)s->tokens * size, size, 0, 0, PIECE_NEW};
        const int used = cut(pieces, 0, ring, filled, piece_step(l->window));
        return s->tokens == 1 ? used : cut(pieces, used, new, s->tokens, PIECE);
    }
    const size_t row = (size_t)l->head_dim + key_place(l);
    int used = 0, first = 0;
    for (int i = 0; i < s->cache->block_count; i++) {
        const lectern_block *b = &s->cache->blocks[i];
        const int count = b->used + b->fresh;
        const piece whole = {b->rows + key_place(l), b->rows, (size_t)b->capacity * row, row, first, 0, PIECE_GLOBAL};
        used = cut(pieces, used, whole, count, piece_step(s->length + s->tokens));
        first += count;
    }
    return used;
}

static void attend(step *s) {
    const lectern_layer *l = s->layer;
    const size_t rows = (size_t)s->tokens * (l->heads / l->kv_heads);
    attention *a = pool_keep(sizeof *a);
    piece *pieces = pool_keep(sizeof *pieces * most_pieces(l, s->cache, s->length, s->tokens));
    *a = (attention){
        .queries = s->queries, .pieces = pieces, .partial = s->partial, .out = s->wide, .partial_size = rows * (l->head_dim + 2),
        .length = s->length, .tokens = s->tokens, .groups = l->heads / l->kv_heads, .kv_heads = l->kv_heads, .head_dim = l->head_dim,
        .window = l->window, .piece_count = cut_keys(s, pieces), .angles = l->angles, .reordered = is_reordered(l),
    };
    pool_run_helped(attend_piece, a, a->kv_heads * a->piece_count);
    pool_run_helped(merge_head, a, s->tokens * l->heads);
}

/* x → attended [tokens][hidden], before its norm. */
static void attention_part(step *s) {
    const lectern_layer *l = s->layer;
    float *q = s->wide, *k = s->more, *v = s->routed;
    norm_rows(s, s->x, l->input_norm, s->normed);
    const lectern_input in = input(s, s->normed, s->tokens, s->hidden, 0);
    products *p = products_new(MOST_PRODUCTS);
    products_add(p, &l->q, &in, q);
    if (!l->shares) products_add(p, &l->k, &in, k);
    if (!l->shares && !is_reordered(l)) products_add(p, &l->v, &in, v);
    products_run(p);
    make_angles(s);
    make_queries(s, q);
    if (!l->shares) store(s, k, v);
    attend(s);
    if (!l->shares && !l->global && s->tokens > 1) {
        if (l->keeps)
            s->waiting = l, s->waiting_cache = s->cache;
        else
            append_ring(s);
    }
    const lectern_input out = input(s, s->wide, s->tokens, l->heads * l->head_dim, 1);
    p = products_new(1);
    products_add(p, &l->o, &out, s->attended);
    products_run(p);
}

static void add_normed(step *s, const float *from, const float *weight, float *to) {
    float row[MAX_HIDDEN];
    for (int t = 0; t < s->tokens; t++) {
        s->kernels->rms_norm(from + (size_t)t * s->hidden, weight, s->layer->eps, s->hidden, row);
        s->kernels->add_scaled(row, 1, s->hidden, to + (size_t)t * s->hidden);
    }
}

/* The dense MLP's and the router's first products; leaves gelu(gate) · up in `inner`. */
static void open_mlp(step *s) {
    const lectern_layer *l = s->layer;
    const int inner = l->gate.rows;
    float *gate = s->wide, *up = s->more;
    norm_rows(s, s->x, l->pre_feedforward_norm, s->normed);
    const lectern_input in = input(s, s->normed, s->tokens, s->hidden, 0);
    lectern_input routed;
    products *p = products_new(MOST_PRODUCTS);
    if (l->experts) {
        norm_rows(s, s->x, l->router_scale, s->attended);
        routed = input(s, s->attended, s->tokens, s->hidden, 1);
        products_add(p, &l->router, &routed, s->scores);
    }
    products_add(p, &l->gate, &in, gate);
    products_add(p, &l->up, &in, up);
    products_run(p);
    for (int t = 0; t < s->tokens; t++) s->kernels->gelu_mul(gate + (size_t)t * inner, up + (size_t)t * inner, inner, s->inner + (size_t)t * inner);
}

/* The dense MLP's second product, and one for each expert that the tokens may choose. */
static int last_products(const lectern_layer *l, int tokens) { return 1 + (l->experts ? tokens * l->top_k : 0); }

/* residual + norm(mlp + experts). */
static void mlp_part(step *s) {
    const lectern_layer *l = s->layer;
    const size_t numbers = (size_t)s->tokens * s->hidden;
    open_mlp(s);
    const lectern_input in = input(s, s->inner, s->tokens, l->gate.rows, 0);
    products *p = products_new(last_products(l, s->tokens));
    if (!l->experts) {
        products_add(p, &l->down, &in, s->attended);
        products_run(p);
        add_normed(s, s->attended, l->post_feedforward_norm, s->x);
    } else {
        norm_rows(s, s->x, l->pre_feedforward_norm_2, s->normed);
        experts_choose(&s->plan, l, s->scores, s->tokens);
        if (l->streamed) experts_read_ahead(&s->plan, l);
        if (s->tokens > 1) experts_gather(&s->plan, s->normed, s->hidden, s->gathered);
        const lectern_input all = s->tokens > 1 ? input(s, s->gathered, s->plan.pair_count, s->hidden, 1) : input(s, s->normed, 1, s->hidden, 1);
        experts_open(&s->plan, l, &all, s->expert_wide, p);
        products_add(p, &l->down, &in, s->attended);
        products_run(p);
        const int inner = l->expert_down.columns;
        for (int i = 0; i < s->plan.pair_count; i++) {
            float *gate = s->expert_wide + (size_t)i * 2 * inner;
            s->kernels->gelu_mul(gate, gate + inner, inner, s->expert_inner + (size_t)i * inner);
        }
        const lectern_input opened = input(s, s->expert_inner, s->plan.pair_count, inner, 2);
        experts_close(&s->plan, l, &opened, s->tokens, s->routed);
        memset(s->normed, 0, numbers * sizeof(float));
        add_normed(s, s->attended, l->post_feedforward_norm_1, s->normed);
        add_normed(s, s->routed, l->post_feedforward_norm_2, s->normed);
        add_normed(s, s->normed, l->post_feedforward_norm, s->x);
    }
}

/* residual + norm(projection(gelu(gate(residual)) · inputs)); `inputs` are the layer's [tokens][per_layer]. */
static void per_layer_part(step *s, const float *inputs) {
    const lectern_layer *l = s->layer;
    const lectern_input in = input(s, s->x, s->tokens, s->hidden, 0);
    products *p = products_new(1);
    products_add(p, &l->per_layer_gate, &in, s->wide);
    products_run(p);
    s->kernels->gelu_mul(s->wide, inputs, s->tokens * l->per_layer, s->inner);
    const lectern_input opened = input(s, s->inner, s->tokens, l->per_layer, 1);
    p = products_new(1);
    products_add(p, &l->per_layer_projection, &opened, s->attended);
    products_run(p);
    add_normed(s, s->attended, l->post_per_layer_norm, s->x);
}

/* Room for attention's pieces in the layer that needs most. */
static size_t partial_floats(const lectern_layer *layers, const lectern_layer_cache *caches, int count, int tokens, int64_t length) {
    size_t most = 0;
    for (int i = 0; i < count; i++) {
        const lectern_layer *l = &layers[i];
        const size_t rows = (size_t)tokens * (l->heads / l->kv_heads);
        const size_t size = (size_t)l->kv_heads * most_pieces(l, &caches[i], length, tokens) * rows * (l->head_dim + 2);
        if (size > most) most = size;
    }
    return most;
}

/* Room for the arguments of all phases of all layers: attend, attention_part, open_mlp, mlp_part, per_layer_part and
   experts_close. */
static size_t kept_bytes(const lectern_layer *layers, const lectern_layer_cache *caches, int count, int tokens, int64_t length) {
    size_t bytes = 0;
    for (int i = 0; i < count; i++) {
        const lectern_layer *l = &layers[i];
        bytes += pool_kept(sizeof(attention)) + pool_kept(sizeof(piece) * most_pieces(l, &caches[i], length, tokens));
        bytes += 2 * products_kept(MOST_PRODUCTS) + products_kept(1) + products_kept(last_products(l, tokens));
        if (l->experts) bytes += experts_kept(l, tokens);
        if (l->per_layer) bytes += 2 * products_kept(1);
    }
    return bytes;
}

static int reserve(step *s, const lectern_layer *layers, int count, size_t partial) {
    char *start = lectern_memory(MEMORY_DECODE, lay_out(s, NULL, layers, count, partial));
    if (start) lay_out(s, start, layers, count, partial);
    return start != NULL;
}

/* Tokens [tokens][hidden] through all layers, without the last norm: x in float32, changed in place. The caches, one
   for each layer, grow by `tokens` positions behind `length`. `per_layer` [layers][tokens][…] is NULL where no layer
   has such inputs. At most MAX_TOKENS; returns 0 where memory ran out, with nothing done. */
LECTERN_API int lectern_decode(
    const lectern_layer *layers, const lectern_layer_cache *caches, int count, float *x, const float *per_layer, int tokens, int hidden, int widest, int64_t length) {
    step s = {.kernels = lectern_chosen(), .tokens = tokens, .hidden = hidden, .widest = widest, .length = length};
    pool_enter();
    const int ready = pool_reserve(kept_bytes(layers, caches, count, tokens, length)) &&
                      reserve(&s, layers, count, partial_floats(layers, caches, count, tokens, length));
    if (ready) {
        memcpy(s.x, x, (size_t)tokens * hidden * sizeof(float));
        for (int i = 0; i < count; i++) {
            s.layer = &layers[i];
            s.cache = &caches[i];
            attention_part(&s);
            add_normed(&s, s.attended, s.layer->post_attention_norm, s.x);
            mlp_part(&s);
            if (s.layer->per_layer) per_layer_part(&s, per_layer + (size_t)i * tokens * s.layer->per_layer);
            for (size_t n = 0; n < (size_t)tokens * hidden; n++) s.x[n] *= s.layer->scalar;
        }
        if (s.waiting) {
            s.layer = s.waiting, s.cache = s.waiting_cache;
            append_ring(&s);
        }
        memcpy(x, s.x, (size_t)tokens * hidden * sizeof(float));
    }
    pool_leave();
    return ready;
}
