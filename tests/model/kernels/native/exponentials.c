/* The exponential functions that are compiled into the kernels, with the kernels' own flags, against the C library's in
   double precision: prints the largest relative error of each. */
#include "gemm/gemm_avx2.c"

#include "ops.h"

#include <stdio.h>

/* Not inlined, as it once was where the compiler merged the two parts of ln 2. */
static __attribute__((noinline)) void all_below(const float *x, int count, float *out) {
    for (int i = 0; i < count; i++) out[i] = exp_of(x[i]);
}

static __attribute__((noinline)) void all(const float *x, int count, float *out) {
    for (int i = 0; i < count; i++) out[i] = exponent(x[i]);
}

static double largest_error(void (*function)(const float *, int, float *), float first, float last) {
    enum { STEPS = 1 << 12 };
    float x[STEPS], out[STEPS];
    double most = 0;
    for (int part = 0; part < 256; part++) {
        for (int i = 0; i < STEPS; i++) x[i] = first + (last - first) * ((float)part * STEPS + (float)i) / (256.0f * STEPS);
        function(x, STEPS, out);
        for (int i = 0; i < STEPS; i++) {
            const double error = fabs(out[i] / exp(x[i]) - 1);
            most = error > most ? error : most;
        }
    }
    return most;
}

int main(void) {
    printf("%.3e %.3e\n", largest_error(all_below, -86.9f, 0), largest_error(all, -86.9f, 87.9f));
    return 0;
}
