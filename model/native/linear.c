/* Matrices times a few rows of activations, and the choice of kernels. */
#include <string.h>

#include "pool.h"

static const lectern_kernels *chosen;
const lectern_kernels *lectern_chosen(void) { return chosen; }

LECTERN_API int lectern_abi(void) { return LECTERN_ABI; }

/* Choose the kernels called `wanted`, or the best where it is empty; returns their name, or NULL where this processor
   cannot run them. */
LECTERN_API const char *lectern_choose(const char *wanted) {
    chosen = NULL;
#if defined(__x86_64__)
    __builtin_cpu_init();
    const int avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bf16");
    if (avx512 && (!*wanted || !strcmp(wanted, "avx512"))) chosen = &lectern_avx512;
#else
    (void)wanted;
#endif
    return chosen ? chosen->name : NULL;
}

typedef struct {
    const lectern_matrix *w;
    const lectern_input *x;
    void *out;
    int groups, narrow;
} product;

static void multiply_groups(void *arg, int chunk, lectern_worker *worker) {
    const product *p = arg;
    float *rows = (float *)worker->scratch;
    const int last = (chunk + 1) * p->groups, all = lectern_groups(p->w);
    for (int group = chunk * p->groups; group < last && group < all; group++) {
        const int first = group * LANES, count = p->w->rows - first < LANES ? p->w->rows - first : LANES;
        chosen->multiply(p->w, p->x, group, rows);
        for (int t = 0; t < p->x->tokens; t++)
            if (p->narrow)
                for (int i = 0; i < count; i++)
                    ((uint16_t *)p->out)[(size_t)t * p->w->rows + first + i] = f32_to_bf16(rows[t * LANES + i]);
            else
                memcpy((float *)p->out + (size_t)t * p->w->rows + first, rows + t * LANES, (size_t)count * sizeof(float));
    }
}

/* Out [tokens, rows] = X [tokens, columns] @ W.T for bf16 X of any number of tokens; `narrow`: out in bf16, else float32. */
LECTERN_API void lectern_multiply(const lectern_matrix *w, const uint16_t *x, int tokens, int stride, void *out, int narrow) {
    const int bytes = (int)lectern_data_bytes(w, LANES);
    pool_enter();
    for (int start = 0; start < tokens; start += MAX_TOKENS) {
        const lectern_input part = {.tokens = tokens - start < MAX_TOKENS ? tokens - start : MAX_TOKENS, .stride = stride, .bf16 = x + (size_t)start * stride};
        char *to = (char *)out + (size_t)start * w->rows * (narrow ? 2 : 4);
        product p = {w, &part, to, bytes > (1 << 16) ? 1 : (1 << 16) / bytes, narrow};
        pool_run(multiply_groups, &p, (lectern_groups(w) + p.groups - 1) / p.groups);
    }
    pool_leave();
}

enum { READ_CHUNK = 1 << 18 };

typedef struct {
    const char *data;
    size_t bytes;
} span;

static void read_chunk(void *arg, int chunk, lectern_worker *worker) {
    const span *s = arg;
    const size_t start = (size_t)chunk * READ_CHUNK, left = s->bytes - start;
    *(volatile uint64_t *)worker->scratch = chosen->read(s->data + start, left < READ_CHUNK ? left : READ_CHUNK);
}

/* Read memory with all threads, to measure how fast that goes. At most 16 GB. */
LECTERN_API void lectern_read(const void *data, size_t bytes) {
    span s = {data, bytes};
    pool_enter();
    pool_run(read_chunk, &s, (int)((bytes + READ_CHUNK - 1) / READ_CHUNK));
    pool_leave();
}
