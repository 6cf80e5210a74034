/* Activations in 8 bits, compiled once for each kind of processor, which has defined NF4_ZERO, NF4_ONE and W8_ZERO: its bytes
   for NF4 are NF4_ONE times a value, plus NF4_ZERO; those for int4 are its numbers plus INT4_ZERO, and those of 8 bits
   theirs plus W8_ZERO.

   Activations are rounded to 8 bits in the blocks in which W has its scales. Together with NF4's rounding to bytes that
   puts a product with random numbers off by 0.8 % (AVX2: 1.2), where NF4 itself puts it off by 10. Trained models have
   numbers a hundred times as large as those beside them, of which 8 bits would leave nothing: a block with such
   outliers has 8 further bits, and is multiplied by a panel twice. */
#include <math.h>
#include <string.h>

#include "gemm.h"

enum { LARGEST = 127, FINER = 2 * LARGEST, INT4_ZERO = 8 };

/* A block has outliers where its largest number is this many times the squared mean of all their roots, a mean that a
   few large ones hardly change. Evenly mixed numbers stay below 7, and 1 in 1,000 blocks of GELU(x) · y is above. */
static const float OUTLIER = 50;

typedef uint16_t number; /* bf16 */
typedef int8_t input;

static inline number to_number(float x) { return f32_to_bf16(x); }
static inline float from_number(number x) { return bf16_to_f32(x); }

/* Facts about a block of 8-bit numbers. */
typedef struct {
    float scale;   /* 0: there are none */
    int32_t start; /* what their products' sum begins with: minus W's zero times their sum */
    int32_t sum;
} eight_bits;

/* A row is all its blocks' numbers, then their finer ones, and then this for each block. */
typedef struct {
    eight_bits coarse, fine;
} block_of_row;

static size_t inputs_of(const lectern_matrix *w) {
    return 2 * (size_t)w->columns + (size_t)w->columns / lectern_block_columns(w) * sizeof(block_of_row);
}

static inline block_of_row *blocks_of(const lectern_matrix *w, const input *row) { return (block_of_row *)(row + 2 * w->columns); }

static inline int any_finer(int rows, const block_of_row *const *about) {
    float finer = 0;
    for (int r = 0; r < rows; r++) finer += about[r]->fine.scale;
    return finer > 0;
}

/* x [columns] times `factor`, rounded into `to`; x keeps the rounding error. Returns the sum of `to`. */
static inline __attribute__((always_inline)) int32_t round_off(float *x, float factor, const int columns, input *to) {
    int32_t sum = 0;
    for (int i = 0; i < columns; i++) {
        const float scaled = x[i] * factor, whole = __builtin_rintf(scaled);
        x[i] = scaled - whole;
        to[i] = (input)(int32_t)whole;
        sum += (int32_t)whole;
    }
    return sum;
}

/* A block of a row of activations, which is overwritten, for W. A number that is not finite makes its scale NaN. */
static inline __attribute__((always_inline)) void prepare_columns(const lectern_matrix *w, float *x, int block, input *row, const int columns) {
    const int zero = w->form == FORM_NF4 ? NF4_ZERO : lectern_is_w8(w->form) ? W8_ZERO : INT4_ZERO, one = w->form == FORM_NF4 ? NF4_ONE : 1;
    input *to = row + (size_t)block * columns;
    block_of_row *about = blocks_of(w, row) + block;
    union { uint32_t bits; float value; } most = {0};
    float root = 0;
    for (int i = 0; i < columns; i++) {
        union { float value; uint32_t bits; } size = {fabsf(x[i])};
        most.bits = size.bits > most.bits ? size.bits : most.bits; /* sizes are in the order of their bits */
        root += sqrtf(size.value);
    }
    root /= (float)columns;
    if (!(root < INFINITY) || most.value < 1e-30f) {
        memset(to, 0, columns);
        about->coarse = (eight_bits){root < INFINITY ? 0 : NAN, 0, 0}, about->fine = (eight_bits){0, 0, 0};
        return;
    }
    const float step = most.value / LARGEST;
    const int32_t sum = round_off(x, 1 / step, columns, to);
    about->coarse = (eight_bits){step / (float)one, -zero * sum, sum};
    about->fine = (eight_bits){0, 0, 0};
    if (most.value > OUTLIER * root * root) {
        const int32_t finer = round_off(x, FINER, columns, to + w->columns);
        about->fine = (eight_bits){step / (float)(FINER * one), -zero * finer, finer};
    }
}

/* The sum of a block's x, for matrices with minimums. */
static inline float sum_of_block(const eight_bits *own) { return own->scale * (float)own->sum; }

/* The numbers of int4 with minimums are taken as int4's, 8 less than they are: so much times the scale is missing beside
   the minimum. */
static inline float missing(const int form) { return form == FORM_INT4M ? INT4_ZERO : 0; }

static void prepare(const lectern_matrix *w, float *x, int block, input *row) {
    if (w->form == FORM_W8X16) prepare_columns(w, x, block, row, W8X16_BLOCK);
    else if (w->form != FORM_NF4) prepare_columns(w, x, block, row, INT4_BLOCK);
    else prepare_columns(w, x, block, row, NF4_BLOCK);
}
