/* Attention of a prompt's chunk: softmax over one piece of the keys after another, none of whose scores is kept.

   Each query sees one range of keys, which is what causality, a window and the pictures of a prompt come to. */
#ifndef LECTERN_FLASH_H
#define LECTERN_FLASH_H

#include "system/pool.h"

enum { FLASH_ROWS = 128, FLASH_KEYS = 128, FLASH_SIZE = 512 };

/* Keys and values of `count` positions, all in bf16. Strides count numbers: from one position, or head, to the next. */
typedef struct {
    const uint16_t *keys, *values;
    int64_t stride, head_stride;
    int64_t count;
} lectern_span;

/* Out [tokens, kv_heads * groups, size] of queries of the same shape, with scale 1. Query t sees the positions
   first[t] … last[t] - 1, at least one, counted through all spans. `size` is a multiple of 32, at most FLASH_SIZE. */
typedef struct {
    const uint16_t *queries;
    uint16_t *out;
    const lectern_span *spans;
    const int32_t *first, *last;
    int span_count, tokens, kv_heads, groups, size;
    int block; /* tokens of one chunk of work */
} lectern_flash_job;

void lectern_flash_avx512(void *job, int chunk, lectern_worker *worker);

#endif
