/* RMS norms of many rows: a prompt's chunk goes through some ten of them a layer. */
#include "pool.h"

enum { NORM_NUMBERS = 1 << 16, MOST_NORMED = SCRATCH_BYTES / 12 };

typedef struct {
    const uint16_t *x, *weight;
    uint16_t *out;
    int rows, size, together;
    float eps;
} norm_pass;

static void norm_chunk(void *arg, int chunk, lectern_worker *worker) {
    const norm_pass *p = arg;
    float *weight = (float *)worker->scratch, *x = weight + p->size, *out = x + p->size;
    const int last = (chunk + 1) * p->together;
    for (int i = 0; p->weight && i < p->size; i++) weight[i] = bf16_to_f32(p->weight[i]);
    for (int row = chunk * p->together; row < last && row < p->rows; row++) {
        const uint16_t *from = p->x + (size_t)row * p->size;
        uint16_t *to = p->out + (size_t)row * p->size;
        for (int i = 0; i < p->size; i++) x[i] = bf16_to_f32(from[i]);
        lectern_chosen()->rms_norm(x, p->weight ? weight : NULL, p->eps, p->size, out);
        for (int i = 0; i < p->size; i++) to[i] = f32_to_bf16(out[i]);
    }
}

/* Out [rows, size] = x / rms(x) · weight, in bf16; `weight` may be NULL. Returns 0 for rows that are too long. */
LECTERN_API int lectern_rms_norm(const uint16_t *x, const uint16_t *weight, int rows, int size, float eps, uint16_t *out) {
    if (size > MOST_NORMED) return 0;
    const int most = NORM_NUMBERS / size, least = rows / MAX_CHUNKS + 1;
    norm_pass p = {x, weight, out, rows, size, most > least ? most : least, eps};
    pool_enter();
    pool_run(norm_chunk, &p, (rows + p.together - 1) / p.together);
    pool_leave();
    return 1;
}
