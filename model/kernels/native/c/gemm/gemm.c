/* Sharing out products with many rows of activations; see gemm.h. */
#include <stdlib.h>

#include "gemm.h"

static const lectern_gemm_kernels *chosen;

/* Choose the kernels called `wanted`, or the best where it is empty; returns their name, or NULL where this processor
   cannot run them. Products in 8 bits need less of a processor than those in bf16, which attention has (flash.c). */
LECTERN_API const char *lectern_gemm_choose(const char *wanted) {
    chosen = NULL;
    const char *name = NULL;
    const int processor = lectern_processor(wanted);
    (void)processor;
#if defined(__x86_64__)
    if (processor == PROCESSOR_AVX2) chosen = &lectern_gemm_avx2, name = "AVX2";
    if (processor == PROCESSOR_AVX2 && lectern_has_avx_vnni(wanted)) chosen = &lectern_gemm_avxvnni, name = "AVX-VNNI";
    if (processor == PROCESSOR_AVX2 && lectern_has_vnni(wanted)) chosen = &lectern_gemm_vnni, name = "AVX512-VNNI";
    if (processor == PROCESSOR_AVX512) chosen = &lectern_gemm_vnni, name = "AVX512-BF16";
#elif defined(__aarch64__)
    if (processor == PROCESSOR_DOTPROD) chosen = &lectern_gemm_dotprod, name = "DotProd";
#endif
    return name;
}

/* X as the tiles read it, and the stride of its rows then; NULL where memory runs out. */
static const void *inputs_for(const lectern_matrix *w, const void *x, int tokens, int *stride) {
    const size_t bytes = chosen->inputs(w);
    lectern_prepared p = {w, x, lectern_memory(MEMORY_GEMM, bytes * tokens), tokens, *stride};
    *stride = (int)bytes;
    if (p.inputs) pool_run(chosen->prepare, &p, (tokens + PREPARE_ROWS - 1) / PREPARE_ROWS);
    return p.inputs;
}

/* Out [tokens, rows] = X [tokens, columns] @ W.T, both in bf16. Rows are a multiple of LANES.
   Returns 0 where memory runs out. */
LECTERN_API int lectern_gemm(const lectern_matrix *w, const void *x, int tokens, int stride, void *out) {
    pool_enter();
    lectern_product p = {w, inputs_for(w, x, tokens, &stride), out, tokens, stride, (tokens + ROW_BLOCK - 1) / ROW_BLOCK, 4};
    const int spans = (lectern_groups(w) + p.groups - 1) / p.groups;
    if (p.x) pool_run(chosen->product, &p, p.row_blocks * spans);
    pool_leave();
    return p.x != NULL;
}

static int larger_first(const void *a, const void *b) { return ((const lectern_block *)b)->count - ((const lectern_block *)a)->count; }

/* Sorts the places of `ids` by expert into `order` and cuts them into blocks; returns how many. `starts` has experts +
   1. */
static int sort_by_expert(const int64_t *ids, int places, int experts, int most, int *starts, int *order, lectern_block *blocks) {
    for (int e = 0; e <= experts; e++) starts[e] = 0;
    for (int i = 0; i < places; i++) starts[ids[i] + 1]++;
    int count = 0;
    for (int e = 0; e < experts; e++) {
        const int rows = starts[e + 1], parts = (rows + most - 1) / most;
        for (int part = 0; part < parts; part++) {
            const int first = (int)((int64_t)rows * part / parts), last = (int)((int64_t)rows * (part + 1) / parts);
            blocks[count++] = (lectern_block){e, starts[e] + first, last - first};
        }
        starts[e + 1] += starts[e];
    }
    for (int i = 0; i < places; i++) order[starts[ids[i]]++] = i;
    qsort(blocks, count, sizeof *blocks, larger_first);
    return count;
}

/* For each token the sum of its experts' gated MLPs, weighted: see lectern_mixture, of which this fills in order and
   blocks.
   `ids` [tokens, top_k]. Returns 0 where memory runs out. */
LECTERN_API int lectern_experts(const lectern_matrix *gate_up, const lectern_matrix *down, int experts, const void *x, int tokens, int stride, const float *weights, const int64_t *ids, int top_k, void *each, void *out) {
    const int places = tokens * top_k, fitting = (int)((SCRATCH_BYTES - PANEL_BYTES - 4 * TILE_BYTES) / chosen->inputs(down));
    const int most = fitting < ROW_BLOCK ? fitting : ROW_BLOCK;
    if (most < 1) return 0;
    int *order = malloc((size_t)(places + experts + 1) * sizeof *order);
    lectern_block *blocks = malloc((size_t)(places / most + experts + 1) * sizeof *blocks);
    int done = 0;
    if (order && blocks) {
        const int count = sort_by_expert(ids, places, experts, most, order + places, order, blocks);
        pool_enter();
        lectern_mixture m = {gate_up, down, inputs_for(gate_up, x, tokens, &stride), weights, order, blocks, each, out, tokens, stride, top_k};
        if (m.x) {
            pool_run(chosen->expert, &m, count);
            pool_run(chosen->sum, &m, (tokens + SUM_TOKENS - 1) / SUM_TOKENS);
            done = 1;
        }
        pool_leave();
    }
    free(order);
    free(blocks);
    return done;
}
