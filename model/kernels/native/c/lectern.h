/* Kernels for processors: what Python calls, and what the files of this folder share.

   Numbers are little-endian; bf16 is passed as uint16_t. Rows of activations are contiguous. Every exported
   function is called from one Python thread at a time or waits for its turn (see pool.c). */
#ifndef LECTERN_H
#define LECTERN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define LECTERN_ABI 13 /* raised whenever an exported function or structure changes; the loader compares it */

#if defined(_WIN32)
#define LECTERN_API __declspec(dllexport)
#else
#define LECTERN_API __attribute__((visibility("default")))
#endif

enum { NF4_BLOCK = 64, INT4_BLOCK = 32, W8X16_BLOCK = 16, LANES = 32, MAX_TOKENS = 8, HEAD_TOKENS = 4, HEAD_BATCH = 4, PIECE = 256 };

/* How a matrix W [rows, columns] is stored. */
enum {
    FORM_NF4 = 0,  /* NF4 in the rows32 layout of model/formats/table.py; scales bf16 [columns / 64, rows] */
    FORM_BF16 = 1, /* plain bf16 [rows, columns] */
    FORM_INT4 = 2, /* the same bytes for numbers from -8 to 7; scales fp16 [columns / 32, rows] */
    FORM_W8 = 3,   /* numbers of 8 bits [rows / 32, columns, 32]; scales fp16 [columns / 32, rows] */
    FORM_INT4M = 4, /* int4's bytes for numbers q from 0 to 15; fp16 [columns / 32, 2, rows]: w = scale · q + minimum */
    FORM_W8M = 5,   /* w8 with minimums, likewise */
    FORM_W8X16 = 6, /* w8 with scales for 16 columns: fp16 [columns / 16, rows] */
};

static inline int lectern_is_w8(int form) { return form == FORM_W8 || form == FORM_W8M || form == FORM_W8X16; }
static inline int lectern_has_minimums(int form) { return form == FORM_INT4M || form == FORM_W8M; }
static inline int lectern_block_of(int form) { return form == FORM_NF4 ? NF4_BLOCK : form == FORM_W8X16 ? W8X16_BLOCK : INT4_BLOCK; }

typedef struct {
    int32_t form, rows, columns, reserved;
    const void *data;
    const uint16_t *scales;
} lectern_matrix;

/* Activations [tokens, columns] in the form that a processor's kernels read. `stride` counts numbers. */
typedef struct {
    int32_t tokens, stride;
    const float *f32;    /* as they are */
    const void *rounded; /* 16 bits each: bf16, or whole numbers in blocks of 32 for kernels with integer products */
    const float *scales; /* of the whole numbers, one a block */
    const float *sums;   /* of 32 numbers each, for matrices with minimums */
} lectern_input;

static inline lectern_input lectern_rows(const lectern_input *x, int first, int count) {
    const size_t at = (size_t)first * x->stride;
    const size_t block = at / INT4_BLOCK;
    return (lectern_input){count, x->stride, x->f32 + at, (const uint16_t *)x->rounded + at, x->scales + block, x->sums + block};
}

/* What one kind of processor does its own way. `group` counts groups of LANES rows. */
typedef struct {
    const char *name;
    /* Out [tokens][LANES] of the rows of one group; at most MAX_TOKENS tokens. */
    void (*multiply)(const lectern_matrix *w, const lectern_input *x, int group, float *out);
    /* Fill the rounded forms of x->f32 that `multiply` reads. */
    void (*prepare)(lectern_input *x, int columns);
    /* Sum of all 64-byte lines, to measure how fast memory can be read. */
    uint64_t (*read)(const void *data, size_t bytes);
    /* Scores [rows][count] of queries [rows, size] and `count` keys that are `stride` numbers apart. `size` is even. */
    void (*scores)(const uint16_t *queries, int rows, const uint16_t *keys, size_t stride, int count, int size, float *scores);
    /* Out [rows][size] = weights [rows][PIECE], 0 behind `count`, times values that are `stride` numbers apart. */
    void (*weigh)(const uint16_t *weights, int rows, const uint16_t *values, size_t stride, int count, int size, float *out);
    /* HEAD_BATCH rows of the LM head's first plane, each of `lines` times 128 numbers from 0 to 15, times the first
       parts of rounded x [tokens][2][lines · 128], at most HEAD_TOKENS of them; out [tokens][HEAD_BATCH], tokens
       `apart` (see head.c). */
    void (*near)(const uint8_t *rows, int lines, const int8_t *x, int tokens, int32_t *out, int apart);
    /* One row of either plane times both parts, out [tokens]; `next` is what will be read soon. */
    void (*nibbles)(const uint8_t *row, const uint8_t *next, int lines, const int8_t *x, int tokens, double *out);
    /* x / rms(x) * weight, or without a weight. */
    void (*rms_norm)(const float *x, const float *weight, float eps, int count, float *out);
    /* GELU (tanh form) of the gate, times up. */
    void (*gelu_mul)(const float *gate, const float *up, int count, float *out);
    /* x becomes exp(x - largest), and is also rounded to bf16 where `rounded` is given; returns the sum. */
    float (*exponents)(float *x, float largest, int count, uint16_t *rounded);
    void (*soft_cap)(float *x, int count, float cap);
    void (*add_scaled)(const float *x, float factor, int count, float *to);
    /* x [columns] times a row of 8-bit numbers with a scale in fp16 for 16 of them. */
    float (*sixteens)(const int8_t *row, const uint16_t *scales, const float *x, int columns);
} lectern_kernels;

extern const lectern_kernels lectern_avx512, lectern_avx2, lectern_dotprod;
const lectern_kernels *lectern_chosen(void);

/* The best of this processor's instruction sets that have kernels, or of those called `wanted`: see processor.c. */
enum { PROCESSOR_OTHER, PROCESSOR_AVX2, PROCESSOR_AVX512, PROCESSOR_DOTPROD };
int lectern_processor(const char *wanted);
/* Whether it also has AVX512's products of 8 bits, or those were asked for; all with bf16 have them. */
int lectern_has_vnni(const char *wanted);
int lectern_has_avx_vnni(const char *wanted); /* the same of 256 bits, without AVX512 */

static inline int lectern_groups(const lectern_matrix *w) { return (w->rows + LANES - 1) / LANES; }

static inline size_t lectern_data_bytes(const lectern_matrix *w, int rows) {
    const size_t numbers = (size_t)rows * w->columns;
    return w->form == FORM_BF16 ? numbers * 2 : lectern_is_w8(w->form) ? numbers : numbers / 2;
}

/* Numbers of a row that share a scale. */
static inline int lectern_block_columns(const lectern_matrix *w) { return lectern_block_of(w->form); }

/* How many numbers of `scales` belong to a row. */
static inline size_t lectern_row_scales(const lectern_matrix *w) {
    return w->form == FORM_BF16 ? 0 : (size_t)w->columns / lectern_block_columns(w) * (lectern_has_minimums(w->form) ? 2 : 1);
}

/* A matrix of the same kind that lies `number` matrices behind the first one. */
static inline lectern_matrix lectern_one_of(const lectern_matrix *first, int number) {
    lectern_matrix w = *first;
    w.data = (const char *)w.data + number * lectern_data_bytes(&w, w.rows);
    if (w.scales) w.scales += number * w.rows * lectern_row_scales(&w);
    return w;
}

/* Two numbers of 16 bits as one of 32, whatever type they were written as. */
static inline int32_t both_of(const void *pair) {
    int32_t both;
    memcpy(&both, pair, sizeof both);
    return both;
}

static inline float bf16_to_f32(uint16_t x) {
    union { uint32_t bits; float value; } u = {(uint32_t)x << 16};
    return u.value;
}

static inline float fp16_to_f32(uint16_t x) {
    union { uint32_t bits; float value; } u = {(uint32_t)(x & 0x7fff) << 13}, sign = {(uint32_t)(x & 0x8000) << 16};
    u.value *= 0x1p112f; /* the exponent's other bias, also of subnormal numbers */
    if ((x & 0x7c00) == 0x7c00) u.bits |= 0x7f800000;
    u.bits |= sign.bits;
    return u.value;
}

/* To nearest, ties to even, as everywhere in torch. */
static inline uint16_t f32_to_bf16(float x) {
    union { float value; uint32_t bits; } u = {x};
    if ((u.bits & 0x7fffffff) > 0x7f800000) return 0x7fc0;
    return (uint16_t)((u.bits + 0x7fff + ((u.bits >> 16) & 1)) >> 16);
}

#endif
