/* RMS norms of many rows in bf16, and related operations: a prompt's chunk has some ten of them a layer, a picture's
   patches seven. */
#include <string.h>

#include "system/pool.h"

enum { NORM_NUMBERS = 1 << 16, MOST_NORMED = SCRATCH_BYTES / 8 };

typedef struct {
    const uint16_t *x;
    const float *weight;
    uint16_t *out;
    int rows, size, together, add;
    float eps;
} norm_pass;

static void widen(const uint16_t *x, int size, float *to) {
    for (int i = 0; i < size; i++) to[i] = bf16_to_f32(x[i]);
}

static void norm_chunk(void *arg, int chunk, lectern_worker *worker) {
    const norm_pass *p = arg;
    float *x = (float *)worker->scratch, *normed = x + p->size;
    const int last = (chunk + 1) * p->together;
    for (int row = chunk * p->together; row < last && row < p->rows; row++) {
        uint16_t *to = p->out + (size_t)row * p->size;
        widen(p->x + (size_t)row * p->size, p->size, x);
        lectern_chosen()->rms_norm(x, p->weight, p->eps, p->size, normed);
        if (p->add)
            for (int i = 0; i < p->size; i++) to[i] = f32_to_bf16(bf16_to_f32(to[i]) + bf16_to_f32(f32_to_bf16(normed[i])));
        else
            for (int i = 0; i < p->size; i++) to[i] = f32_to_bf16(normed[i]);
    }
}

/* How many rows are one chunk of work. */
static int together(int size) {
    const int most = NORM_NUMBERS / size;
    return most > 1 ? most : 1;
}

/* Out [rows, size] = x / rms(x) · weight, or plus that if `add`, in bf16; `weight` may be NULL. Returns 0 for rows that
   are too long. */
LECTERN_API int lectern_rms_norm(const uint16_t *x, const float *weight, int rows, int size, float eps, int add, uint16_t *out) {
    if (size > MOST_NORMED) return 0;
    norm_pass p = {x, weight, out, rows, size, together(size), add, eps};
    pool_enter();
    pool_run(norm_chunk, &p, (rows + p.together - 1) / p.together);
    pool_leave();
    return 1;
}

typedef struct {
    const uint16_t *x;
    const float *weight, *turns;
    void *out;
    int tokens, heads, size, stride, wide, together;
    float eps;
} heads_pass;

/* Pairs of neighbours, turned as complex numbers. */
static void turn(float *x, const float *by, int size) {
    for (int i = 0; i < size; i += 2) {
        const float a = x[i] * by[i] - x[i + 1] * by[i + 1], b = x[i] * by[i + 1] + x[i + 1] * by[i];
        x[i] = a, x[i + 1] = b;
    }
}

static void heads_chunk(void *arg, int chunk, lectern_worker *worker) {
    const heads_pass *p = arg;
    float *x = (float *)worker->scratch, *normed = x + p->size;
    const int last = (chunk + 1) * p->together;
    for (int token = chunk * p->together; token < last && token < p->tokens; token++)
        for (int head = 0; head < p->heads; head++) {
            const size_t to = ((size_t)head * p->tokens + token) * p->stride;
            widen(p->x + ((size_t)token * p->heads + head) * p->size, p->size, x);
            lectern_chosen()->rms_norm(x, p->weight, p->eps, p->size, normed);
            if (p->turns) turn(normed, p->turns + (size_t)token * p->size, p->size);
            if (p->wide) memcpy((float *)p->out + to, normed, (size_t)p->size * sizeof *normed);
            else
                for (int i = 0; i < p->size; i++) ((uint16_t *)p->out)[to + i] = f32_to_bf16(normed[i]);
        }
}

/* x [tokens, heads, size] in bf16 → out [heads, tokens, stride], its first `size` numbers: each head normed, and its
   pairs of neighbours turned by `turns` [tokens, size / 2] complex numbers, which may be NULL; `wide`: out in float32,
   else bf16.
   `size` is even. Returns 0 for heads that are too long. */
LECTERN_API int lectern_heads(const uint16_t *x, const float *weight, const float *turns, int tokens, int heads, int size, float eps, int wide, int stride, void *out) {
    if (size > MOST_NORMED) return 0;
    heads_pass p = {x, weight, turns, out, tokens, heads, size, stride, wide, together(heads * size), eps};
    pool_enter();
    pool_run(heads_chunk, &p, (tokens + p.together - 1) / p.together);
    pool_leave();
    return 1;
}
