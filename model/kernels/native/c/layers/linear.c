/* Matrices times a few rows of activations, and the choice of kernels. */
#include <stdatomic.h>
#include <string.h>

#include "system/pool.h"
#include "system/threads.h"

static const lectern_kernels *chosen;
const lectern_kernels *lectern_chosen(void) { return chosen; }

LECTERN_API int lectern_abi(void) { return LECTERN_ABI; }

/* How many forms of a matrix `multiply` knows: a library without this function knows three. */
LECTERN_API int lectern_forms(void) { return FORM_W8X16 + 1; }

/* Choose the kernels called `wanted`, or the best where it is empty; returns their name, or NULL where this processor
   cannot run them. */
LECTERN_API const char *lectern_choose(const char *wanted) {
    chosen = NULL;
    const int processor = lectern_processor(wanted);
    (void)processor;
#if defined(__x86_64__)
    if (processor == PROCESSOR_AVX512) chosen = &lectern_avx512;
    if (processor == PROCESSOR_AVX2) chosen = &lectern_avx2;
#elif defined(__aarch64__)
    if (processor == PROCESSOR_DOTPROD) chosen = &lectern_dotprod;
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

/* Memory for a few tokens in the forms that the kernels read; `f32` is NULL where there is none. */
static lectern_input room_for(int columns) {
    const size_t numbers = (size_t)MAX_TOKENS * columns;
    float *f32 = lectern_memory(MEMORY_LINEAR, numbers * 2 * sizeof(float));
    return (lectern_input){.stride = columns, .f32 = f32, .scales = f32 ? f32 + numbers : NULL, .sums = f32 ? f32 + numbers + numbers / 4 : NULL, .rounded = f32 ? f32 + numbers + numbers / 2 : NULL};
}

static void widen(lectern_input *to, const uint16_t *x, int columns, int stride) {
    for (int t = 0; t < to->tokens; t++)
        for (int k = 0; k < columns; k++) ((float *)to->f32)[(size_t)t * columns + k] = bf16_to_f32(x[(size_t)t * stride + k]);
    chosen->prepare(to, columns);
}

/* Out [tokens, rows] = X [tokens, columns] @ W.T for bf16 X of any number of tokens; `narrow`: out in bf16, else
   float32. Returns 0 without memory. */
LECTERN_API int lectern_multiply(const lectern_matrix *w, const uint16_t *x, int tokens, int stride, void *out, int narrow) {
    const int bytes = (int)lectern_data_bytes(w, LANES);
    pool_enter();
    lectern_input part = room_for(w->columns);
    for (int start = 0; part.f32 && start < tokens; start += MAX_TOKENS) {
        part.tokens = tokens - start < MAX_TOKENS ? tokens - start : MAX_TOKENS;
        widen(&part, x + (size_t)start * stride, w->columns, stride);
        char *to = (char *)out + (size_t)start * w->rows * (narrow ? 2 : 4);
        product p = {w, &part, to, bytes > (1 << 16) ? 1 : (1 << 16) / bytes, narrow};
        pool_run(multiply_groups, &p, (lectern_groups(w) + p.groups - 1) / p.groups);
    }
    pool_leave();
    return part.f32 != NULL;
}

enum { READ_CHUNK = 1 << 18 };

typedef struct {
    const char *data;
    size_t bytes;
    _Atomic uint64_t sum;
} span;

static void read_chunk(void *arg, int chunk, lectern_worker *worker) {
    span *s = arg;
    const size_t start = (size_t)chunk * READ_CHUNK, left = s->bytes - start;
    (void)worker;
    atomic_fetch_add(&s->sum, chosen->read(s->data + start, left < READ_CHUNK ? left : READ_CHUNK));
}

/* Read memory with all threads, to measure how fast that goes. Returns the sum of its numbers of 64 bits, in which up
   to 255 bytes at the end may be missing. */
LECTERN_API uint64_t lectern_read(const void *data, size_t bytes) {
    span s = {data, bytes, 0};
    pool_enter();
    pool_run(read_chunk, &s, (int)((bytes + READ_CHUNK - 1) / READ_CHUNK));
    pool_leave();
    return atomic_load(&s.sum);
}

/* Starts reading mapped memory from its file, without waiting. */
LECTERN_API void lectern_read_ahead(const void *data, size_t bytes) { read_ahead(data, bytes); }
