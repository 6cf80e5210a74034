/* The kernels that this processor gets, against the same in plain C and double, for systems without PyTorch at hand:
   built and run for Windows (Wine) and ARM (QEMU) by packaging/kernels.py. Prints every failure and
   exits with 1. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "gemm/gemm.h"
#include "recognise/recognise.h"

const char *lectern_choose(const char *wanted);
const char *lectern_gemm_choose(const char *wanted);
const recognise_kernel *lectern_recognise(const char *wanted);
int lectern_set_threads(int threads);
int lectern_multiply(const lectern_matrix *w, const uint16_t *x, int tokens, int stride, void *out, int narrow);
int lectern_gemm(const lectern_matrix *w, const void *x, int tokens, int stride, void *out);
int lectern_experts(const lectern_matrix *gate_up, const lectern_matrix *down, int experts, const void *x, int tokens, int stride, const float *weights, const int64_t *ids, int top_k, void *each, void *out);
int lectern_rms_norm(const uint16_t *x, const float *weight, int rows, int size, float eps, int add, uint16_t *out);

enum { ROWS = 96, COLUMNS = 320, TOKENS = 37, EXPERTS = 3, CHOSEN = 2 };

static const double NF4[16] = {
    -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0.0,
    0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0,
};

static uint32_t state = 1;
static uint32_t dice(void) {
    state = state * 1664525u + 1013904223u;
    return state >> 8;
}
static float noise(void) { return (float)((dice() % 2001) - 1000.0) / 500.0f; }

static int wrong;
static void check(const char *what, int which, double got, double expected, double bound) {
    if (fabs(got - expected) <= bound) return; /* also refuses NaN */
    if (++wrong < 20) printf("%s %d: %g, not %g within %g\n", what, which, got, expected, bound);
}

/* A power of two below 1, exact as bf16 and as fp16. */
static double scale(uint16_t *to, int form) {
    const int power = 1 + (int)(dice() % 6);
    *to = (uint16_t)(form == FORM_NF4 ? (127 - power) << 7 : (15 - power) << 10);
    return ldexp(1, -power);
}

typedef struct {
    lectern_matrix w;
    double *values; /* [rows, columns] */
} matrix;

static matrix make(int form, int rows, int columns) {
    matrix m = {{form, rows, columns, 0, NULL, NULL}, malloc(sizeof(double) * rows * columns)};
    const int block = lectern_block_of(form);
    if (form == FORM_BF16) {
        uint16_t *data = malloc(2 * (size_t)rows * columns);
        for (int i = 0; i < rows * columns; i++) m.values[i] = bf16_to_f32(data[i] = f32_to_bf16(noise()));
        m.w.data = data;
        return m;
    }
    uint8_t *data = malloc((size_t)rows * columns);
    const int each = lectern_has_minimums(form) ? 2 : 1; /* rows of scales for a block */
    uint16_t *scales = malloc(2 * (size_t)each * rows * columns / block);
    for (int i = 0; i < rows * columns; i++) data[i] = (uint8_t)dice();
    for (int b = 0; b < columns / block; b++)
        for (int n = 0; n < rows; n++) {
            const double by = scale(&scales[each * b * rows + n], form);
            const double least = lectern_has_minimums(form) ? scale(&scales[(each * b + 1) * rows + n], form) : 0;
            for (int k = b * block; k < (b + 1) * block; k++) {
                if (lectern_is_w8(form)) {
                    m.values[(size_t)n * columns + k] = least + by * (int8_t)data[(size_t)(n / 32) * 32 * columns + (size_t)k * 32 + n % 32];
                    continue;
                }
                const uint8_t byte = data[(size_t)(n / 32) * 16 * columns + (size_t)(k / 2) * 32 + (n % 16) * 2 + k % 2];
                const int code = n % 32 < 16 ? byte & 15 : byte >> 4;
                m.values[(size_t)n * columns + k] = form == FORM_INT4M ? by * code + least : by * (form == FORM_INT4 ? code - 8 : NF4[code]);
            }
        }
    m.w.data = data;
    m.w.scales = scales;
    return m;
}

static double product(const matrix *m, const uint16_t *x, int row, double *size) {
    double sum = 0, squares = 0;
    for (int k = 0; k < m->w.columns; k++) {
        const double one = m->values[(size_t)row * m->w.columns + k] * bf16_to_f32(x[k]);
        sum += one, squares += one * one;
    }
    *size = sqrt(squares);
    return sum;
}

static void fill(uint16_t *x, int count) {
    for (int i = 0; i < count; i++) x[i] = f32_to_bf16(noise());
}

/* Bounds are shares of the length of a product's terms. 8 bits on both sides are off by 1 % of it; by more beside an
   outlier. */
static void products(void) {
    static uint16_t x[TOKENS * COLUMNS], out[TOKENS * ROWS];
    static float few[MAX_TOKENS * ROWS];
    fill(x, TOKENS * COLUMNS);
    x[5] = f32_to_bf16(400); /* an outlier, which needs its finer bits */
    for (int form = 0; form <= FORM_W8X16; form++) {
        const matrix m = make(form, ROWS, COLUMNS);
        double size;
        for (int tokens = 1; tokens <= MAX_TOKENS; tokens++) {
            check("memory", 0, lectern_multiply(&m.w, x, tokens, COLUMNS, few, 0), 1, 0);
            for (int i = 0; i < tokens * ROWS; i++) {
                const double expected = product(&m, x + i / ROWS * COLUMNS, i % ROWS, &size);
                check("a few rows, form", form, few[i], expected, 0.02 * size);
            }
        }
        if (form == FORM_BF16) continue;
        check("memory", 1, lectern_gemm(&m.w, x, TOKENS, COLUMNS, out), 1, 0);
        for (int i = 0; i < TOKENS * ROWS; i++) {
            const double expected = product(&m, x + i / ROWS * COLUMNS, i % ROWS, &size);
            check("many rows, form", form, bf16_to_f32(out[i]), expected, 0.06 * size + fabs(expected) / 128);
        }
    }
}

static double gelu(double x) { return x / (1 + exp(-2 * 0.7978845608 * (x + 0.044715 * x * x * x))); }

static void mixtures(void) {
    static uint16_t x[TOKENS * COLUMNS], each[TOKENS * CHOSEN * COLUMNS], out[TOKENS * COLUMNS], hidden[ROWS];
    static float weights[TOKENS * CHOSEN];
    static int64_t ids[TOKENS * CHOSEN];
    fill(x, TOKENS * COLUMNS);
    for (int i = 0; i < TOKENS * CHOSEN; i++) weights[i] = 0.5f + (float)(dice() % 100) / 100, ids[i] = (i / CHOSEN + i % CHOSEN) % EXPERTS;
    for (int form = 0; form < 3; form += 2) {
        const int inner = 64;
        const matrix gate_up = make(form, EXPERTS * 2 * inner, COLUMNS), down = make(form, EXPERTS * COLUMNS, inner);
        matrix first = gate_up, second = down; /* scales are stored one expert after another */
        const int block = form == FORM_INT4 ? INT4_BLOCK : NF4_BLOCK;
        first.w.rows = 2 * inner, second.w.rows = COLUMNS;
        /* make() lays scales out for one matrix of all rows; an expert's have to be contiguous. */
        uint16_t *a = malloc(2 * (size_t)gate_up.w.rows * COLUMNS / block), *b = malloc(2 * (size_t)down.w.rows * inner / block);
        for (int e = 0; e < EXPERTS; e++) {
            for (int k = 0; k < COLUMNS / block; k++)
                for (int n = 0; n < 2 * inner; n++) a[(size_t)e * 2 * inner * COLUMNS / block + k * 2 * inner + n] = gate_up.w.scales[k * gate_up.w.rows + e * 2 * inner + n];
            for (int k = 0; k < inner / block; k++)
                for (int n = 0; n < COLUMNS; n++) b[(size_t)e * COLUMNS * inner / block + k * COLUMNS + n] = down.w.scales[k * down.w.rows + e * COLUMNS + n];
        }
        first.w.scales = a, second.w.scales = b;
        check("memory", 2, lectern_experts(&first.w, &second.w, EXPERTS, x, TOKENS, COLUMNS, weights, ids, CHOSEN, each, out), 1, 0);
        for (int t = 0; t < TOKENS; t++) {
            double expected[COLUMNS] = {0}, most = 0, size;
            for (int c = 0; c < CHOSEN; c++) {
                const int e = (int)ids[t * CHOSEN + c];
                for (int i = 0; i < inner; i++) {
                    const double gate = product(&gate_up, x + t * COLUMNS, e * 2 * inner + i, &size), up = product(&gate_up, x + t * COLUMNS, e * 2 * inner + inner + i, &size);
                    hidden[i] = f32_to_bf16((float)(gelu(gate) * up));
                }
                for (int n = 0; n < COLUMNS; n++) {
                    expected[n] += weights[t * CHOSEN + c] * product(&down, hidden, e * COLUMNS + n, &size);
                    most = size > most ? size : most;
                }
            }
            for (int n = 0; n < COLUMNS; n++) check("experts, form", form, bf16_to_f32(out[t * COLUMNS + n]), expected[n], 0.15 * most);
        }
    }
}

static void attention(void) {
    enum { SIZE = 72, COUNT = 19, QUERIES = 11, STRIDE = 80 };
    static uint16_t q[QUERIES * SIZE], keys[COUNT * STRIDE], weights[QUERIES * PIECE];
    static float found[QUERIES * PIECE], out[QUERIES * SIZE];
    fill(q, QUERIES * SIZE), fill(keys, COUNT * STRIDE);
    for (int rows = 1; rows <= QUERIES; rows++) {
        lectern_chosen()->scores(q, rows, keys, STRIDE, COUNT, SIZE, found);
        for (int r = 0; r < rows; r++)
            for (int s = 0; s < COUNT; s++) {
                double sum = 0, size = 0;
                for (int k = 0; k < SIZE; k++) {
                    const double one = (double)bf16_to_f32(q[r * SIZE + k]) * bf16_to_f32(keys[s * STRIDE + k]);
                    sum += one, size += fabs(one);
                }
                check("scores of", rows, found[r * PIECE + s], sum, 1e-5 * size);
            }
        memset(weights, 0, sizeof weights);
        for (int r = 0; r < rows; r++)
            for (int s = 0; s < COUNT; s++) weights[r * PIECE + s] = f32_to_bf16(fabsf(noise()));
        lectern_chosen()->weigh(weights, rows, keys, STRIDE, COUNT, SIZE, out);
        for (int r = 0; r < rows; r++)
            for (int k = 0; k < SIZE; k++) {
                double sum = 0, size = 0;
                for (int s = 0; s < COUNT; s++) {
                    const double one = (double)bf16_to_f32(weights[r * PIECE + s]) * bf16_to_f32(keys[s * STRIDE + k]);
                    sum += one, size += fabs(one);
                }
                check("weighted values of", rows, out[r * SIZE + k], sum, 1e-5 * size);
            }
    }
}

static void head(void) {
    enum { LINES = 3, WIDTH = LINES * 128 };
    static uint8_t rows[HEAD_BATCH * LINES * 64];
    static int8_t x[HEAD_TOKENS * 2 * WIDTH];
    static int32_t near[HEAD_TOKENS * 8];
    double both[HEAD_TOKENS];
    for (int i = 0; i < (int)sizeof rows; i++) rows[i] = (uint8_t)dice();
    for (int i = 0; i < (int)sizeof x; i++) x[i] = (int8_t)(dice() % 255 - 127);
    for (int tokens = 1; tokens <= HEAD_TOKENS; tokens++) {
        lectern_chosen()->near(rows, LINES, x, tokens, near, 8);
        for (int r = 0; r < HEAD_BATCH; r++) {
            lectern_chosen()->nibbles(rows + r * LINES * 64, rows, LINES, x, tokens, both);
            for (int t = 0; t < tokens; t++) {
                double sum[2] = {0};
                for (int part = 0; part < 2; part++)
                    for (int k = 0; k < WIDTH; k++) {
                        const uint8_t byte = rows[r * LINES * 64 + k / 128 * 64 + k % 64];
                        sum[part] += (double)(k % 128 < 64 ? byte & 15 : byte >> 4) * x[(2 * t + part) * WIDTH + k];
                    }
                check("first plane of", tokens, near[t * 8 + r], sum[0], 0);
                check("both parts of", tokens, both[t], 127 * sum[0] + sum[1], 0);
            }
        }
    }
}

static void small(void) {
    enum { COUNT = 77 };
    float x[COUNT], up[COUNT], out[COUNT], sum;
    uint16_t rounded[COUNT];
    double squares = 0, expected = 0;
    for (int i = 0; i < COUNT; i++) x[i] = 4 * noise(), up[i] = noise(), squares += (double)x[i] * x[i];
    lectern_chosen()->rms_norm(x, up, 1e-6f, COUNT, out);
    for (int i = 0; i < COUNT; i++) check("norm", i, out[i], x[i] / sqrt(squares / COUNT + 1e-6) * up[i], 1e-5);
    lectern_chosen()->gelu_mul(x, up, COUNT, out);
    for (int i = 0; i < COUNT; i++) check("gelu", i, out[i], gelu(x[i]) * up[i], 2e-5);
    memcpy(out, x, sizeof out);
    lectern_chosen()->soft_cap(out, COUNT, 30);
    for (int i = 0; i < COUNT; i++) check("soft cap", i, out[i], 30 * tanh(x[i] / 30), 1e-4);
    memcpy(out, x, sizeof out);
    lectern_chosen()->add_scaled(up, 0.25f, COUNT, out);
    for (int i = 0; i < COUNT; i++) check("sum", i, out[i], x[i] + 0.25 * up[i], 1e-5);
    sum = lectern_chosen()->exponents(x, 8, COUNT, rounded);
    for (int i = 0; i < COUNT; i++) expected += x[i], check("rounded", i, bf16_to_f32(rounded[i]), x[i], x[i] / 256);
    check("sum of exponents", 0, sum, expected, 1e-5 * expected);
}

/* Whole numbers, so exact: rows in sets of 64, 32, 16 and 8, the last of them not full. */
static void recognising(const recognise_kernel *kernel) {
    enum { OUTPUTS = 123, INPUTS = 70, FILLED = 72 };
    static int8_t w[OUTPUTS][INPUTS + 1], shaped[128 * (FILLED + 1)], x[96];
    double scales[OUTPUTS], out[OUTPUTS];
    for (int n = 0; n < OUTPUTS; n++) {
        scales[n] = 1.0 / (1 + dice() % 100);
        for (int k = 0; k <= INPUTS; k++) w[n][k] = (int8_t)(dice() % 255 - 127);
    }
    for (int k = 0; k < (int)sizeof x; k++) x[k] = (int8_t)(dice() % 255 - 127);
    int8_t *to = shaped;
    for (int row = 0, size = 64; size >= 8; size /= 2)
        for (; row + size <= 128; row += size) {
            for (int k = 0; k < FILLED; k += 4)
                for (int n = row; n < row + size; n++)
                    for (int i = k; i < k + 4; i++) *to++ = n < OUTPUTS && i < INPUTS ? w[n][i] : 0;
            for (int n = row; n < row + size; n++) *to++ = n < OUTPUTS ? w[n][INPUTS] : 0;
        }
    kernel->product(OUTPUTS, INPUTS + 1, shaped, scales, x, out);
    for (int n = 0; n < OUTPUTS; n++) {
        int sum = 127 * w[n][INPUTS];
        for (int k = 0; k < INPUTS; k++) sum += w[n][k] * x[k];
        check("recognising", n, out[n], sum * scales[n], 0);
    }
}

/* With a name: those kernels instead of the best. */
int main(int count, char **names) {
    const char *wanted = count > 1 ? names[1] : "", *kernels = lectern_choose(wanted), *many = lectern_gemm_choose(wanted);
    if (!kernels || !many) return printf("this processor has no kernels\n"), 2;
    if (lectern_set_threads(2) != 2) return printf("no second thread\n"), 1;
    products();
    mixtures();
    attention();
    head();
    small();
    recognising(lectern_recognise(wanted));
    printf("%s, %s: %s\n", kernels, many, wrong ? "wrong" : "right");
    return wrong != 0;
}
