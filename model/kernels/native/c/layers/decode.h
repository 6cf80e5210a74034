/* One decoder layer and its KV cache as C sees them; model/kernels/native/decode.py fills these in. */
#ifndef LECTERN_DECODE_H
#define LECTERN_DECODE_H

#include "system/pool.h"

enum { MAX_HEAD = 1024, MAX_HIDDEN = 16384 };

/* Vectors are float32. Without experts `experts` is 0, without per-layer inputs `per_layer`. v has no data on a global
   layer where V comes from k; on one that has values of its own a cache row is [V | K], both in the head's own order. A
   layer that shares has no k and v: its cache is the one of a layer before it, which `keeps` this step's rows until all
   have seen them. */
typedef struct {
    int32_t global, heads, kv_heads, head_dim; /* heads: of queries */
    int32_t angles, window, experts, top_k;
    int32_t own_values, shares, keeps, per_layer; /* per_layer: numbers of one layer's input */
    int32_t streamed, reserved;                   /* streamed: the experts are read from their file as they are needed */
    float scalar, eps;
    lectern_matrix q, k, v, o, gate, up, down, router;
    lectern_matrix expert_gate_up, expert_down; /* of the first expert; the others follow it */
    lectern_matrix per_layer_gate, per_layer_projection;
    const float *input_norm, *post_attention_norm, *pre_feedforward_norm, *post_feedforward_norm;
    const float *pre_feedforward_norm_2, *post_feedforward_norm_1, *post_feedforward_norm_2;
    const float *q_norm, *k_norm;      /* global: on dimensions that are not rotated q_norm includes k_norm */
    const float *frequencies;          /* [angles] */
    const float *router_scale, *expert_scale, *post_per_layer_norm;
} lectern_layer;

/* A block of a global layer: rows [kv_heads][capacity][row], of which `used` belong to the sequence; the step adds
   `fresh`. */
typedef struct {
    uint16_t *rows;
    int32_t capacity, used, fresh, reserved;
} lectern_block;

/* A layer's cache before the step. */
typedef struct {
    uint16_t *keys, *values; /* the ring: [kv_heads][window][head_dim] */
    const lectern_block *blocks;
    int32_t block_count, reserved;
} lectern_layer_cache;

/* Attention of one layer, shared out by KV head and piece of the keys. */
typedef struct {
    const uint16_t *keys, *values;
    size_t head_stride, row_stride;
    int32_t first, count; /* the slot or position of its first key */
    int32_t kind;
} piece;

enum { PIECE_RING, PIECE_NEW, PIECE_GLOBAL };

typedef struct {
    const uint16_t *queries; /* [kv_heads][rows][head_dim], rows = groups × tokens, token by token */
    const piece *pieces;
    float *partial;          /* [kv_heads][pieces]: largest [rows], sum [rows], out [rows][head_dim] */
    float *out;              /* [tokens][heads][head_dim] in the head's own order, never `reordered` */
    size_t partial_size;
    int64_t length;
    int32_t tokens, groups, kv_heads, head_dim, window, piece_count, angles, reordered;
} attention;

void attend_piece(void *arg, int chunk, lectern_worker *worker);
void merge_head(void *arg, int chunk, lectern_worker *worker);

#endif
