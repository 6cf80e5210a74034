/* Small operations in plain C, which the compiler turns into vectors of the file that includes this. */
#include <math.h>

#include "lectern.h"

/* e^x to a relative error of about 2e-7 (Cephes' polynomial); below -87 it is 0. Fused operations keep the two parts of
   ln 2 apart, see exp_of in gemm_body.h. */
static inline float exponent(float x) {
    const float low = x < -87.0f ? -87.0f : x, clamped = low > 88.0f ? 88.0f : low;
    const float n = floorf(clamped * 1.44269504f + 0.5f);
    const float r = __builtin_fmaf(n, 2.12194440e-4f, __builtin_fmaf(n, -0.693359375f, clamped));
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    union { uint32_t bits; float value; } power = {(uint32_t)((int32_t)n + 127) << 23};
    const float y = (p * r * r + r + 1.0f) * power.value;
    return x < -87.0f ? 0.0f : x > 88.0f ? INFINITY : x == x ? y : x;
}

/* The sum of each 32 numbers. */
static void block_sums(const float *x, int columns, float *to) {
    for (int k = 0; k + INT4_BLOCK <= columns; k += INT4_BLOCK) {
        float sum = 0;
        for (int i = 0; i < INT4_BLOCK; i++) sum += x[k + i];
        to[k / INT4_BLOCK] = sum;
    }
}

static void rms_norm(const float *x, const float *weight, float eps, int count, float *out) {
    float sum = 0;
    for (int i = 0; i < count; i++) sum += x[i] * x[i];
    const float scale = 1.0f / sqrtf(sum / (float)count + eps);
    if (weight)
        for (int i = 0; i < count; i++) out[i] = x[i] * scale * weight[i];
    else
        for (int i = 0; i < count; i++) out[i] = x[i] * scale;
}

static void gelu_mul(const float *gate, const float *up, int count, float *out) {
    for (int i = 0; i < count; i++) {
        const float x = gate[i], inner = 0.7978845608f * (x + 0.044715f * x * x * x);
        out[i] = (x - x / (exponent(2.0f * inner) + 1.0f)) * up[i];
    }
}

static float exponents(float *x, float largest, int count, uint16_t *rounded) {
    float sum = 0;
    for (int i = 0; i < count; i++) x[i] = exponent(x[i] - largest);
    for (int i = 0; i < count; i++) sum += x[i];
    if (rounded)
        for (int i = 0; i < count; i++) rounded[i] = f32_to_bf16(x[i]);
    return sum;
}

/* Logits between -cap and cap: cap · tanh(x / cap). */
static void soft_cap(float *x, int count, float cap) {
    const float twice = 2.0f / cap;
    for (int i = 0; i < count; i++) x[i] = cap - 2.0f * cap / (exponent(x[i] * twice) + 1.0f);
}

static void add_scaled(const float *x, float factor, int count, float *to) {
    for (int i = 0; i < count; i++) to[i] += factor * x[i];
}

static float sixteens(const int8_t *row, const uint16_t *scales, const float *x, int columns) {
    float total = 0;
    for (int k = 0; k < columns; k += 16) {
        float sum = 0;
        for (int i = 0; i < 16; i++) sum += (float)row[k + i] * x[k + i];
        total += fp16_to_f32(scales[k / 16]) * sum;
    }
    return total;
}
