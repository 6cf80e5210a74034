/* Products with many rows of activations: a prompt's chunk instead of a token.

   A group of LANES rows of W is unpacked to a panel in the second-level cache, all rows of activations go through it
   in tiles that stay in registers, and the next panel's bytes are fetched meanwhile. Each kind of processor has its own
   panels and tiles (gemm_vnni.c, gemm_avxvnni.c, gemm_avx2.c, gemm_dotprod.c) for 8 bits on both sides (gemm_rows.h);
   the operations on them are in gemm_body.h. */
#ifndef LECTERN_GEMM_H
#define LECTERN_GEMM_H

#include "system/pool.h"

enum { ROW_BLOCK = 256, PANEL_BYTES = 1 << 18, TILE_BYTES = ROW_BLOCK * LANES * 4, PREPARE_ROWS = 16 };

/* X [tokens, columns] in bf16 to become inputs for W, which tiles read: see gemm_rows.h. */
typedef struct {
    const lectern_matrix *w;
    const void *x;
    void *inputs;
    int tokens, stride;
} lectern_prepared;

/* Out [tokens, rows] = X [tokens, columns] @ W.T. Strides are in bytes. */
typedef struct {
    const lectern_matrix *w;
    const void *x;
    void *out;
    int tokens, stride;
    int row_blocks, groups; /* a chunk is a block of rows of X and `groups` panels */
} lectern_product;

/* Rows start … start + count of `order` go through one expert. */
typedef struct {
    int expert, start, count;
} lectern_block;

/* For each token the weighted sum of its experts' gated MLPs; the matrices W of all experts are stored one after
   another. */
typedef struct {
    const lectern_matrix *gate_up, *down; /* of the first expert: [2 I, D] and [D, I] */
    const void *x;                        /* [tokens, D] */
    const float *weights;                 /* [tokens, top_k] */
    const int *order;                     /* places in `weights`, by expert */
    const lectern_block *blocks;
    void *each;                           /* [tokens * top_k, D]: weighted, before they are summed */
    void *out;                            /* [tokens, D] */
    int tokens, stride, top_k;
} lectern_mixture;

enum { SUM_TOKENS = 16 };

typedef struct {
    size_t (*inputs)(const lectern_matrix *w); /* bytes of a prepared row for W */
    lectern_chunk prepare, product, expert, sum;
} lectern_gemm_kernels;

extern const lectern_gemm_kernels lectern_gemm_vnni, lectern_gemm_avxvnni, lectern_gemm_avx2, lectern_gemm_dotprod;

#endif
