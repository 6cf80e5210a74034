/* What all kernels share. No header is included: NVRTC, which compiles this on the user's machine, brings none along.
   Everything is in float32 except what stays in memory: weights and the KV cache. */

#define ALL_LANES 0xffffffffu

#ifndef LECTERN_EMULATED /* the tests run the same sources on the processor */
#define KERNEL(threads) extern "C" __global__ void __launch_bounds__(threads)
#define SHARED(name) extern __shared__ __align__(16) float name[]
/* Has a line of 128 bytes brought into the card's L2 cache while something else is done. */
#define PREFETCH(address) asm volatile("prefetch.global.L2 [%0];" ::"l"(address))
#endif

enum { LANES = 32 };
enum form { FORM_NF4, FORM_BF16, FORM_INT4, FORM_INT8 };

/* W [rows, columns]. FORM_NF4 and FORM_INT4: two numbers a byte along the columns, the first one in the high half, and
   a scale for every `block` of them; FORM_INT8: a scale for every row. */
struct matrix {
    const unsigned char *data;
    const float *scales;
    int rows, columns, form, block;
};

__device__ const float NF4[16] = { /* Dettmers et al. 2023, appendix E */
    -1.0f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f, -0.28444138169288635f,
    -0.18477343022823334f, -0.09105003625154495f, 0.0f, 0.07958029955625534f, 0.16093020141124725f,
    0.24611230194568634f, 0.33791524171829224f, 0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1.0f};

__device__ inline float from_bf16(unsigned number) { return __uint_as_float(number << 16); }

__device__ inline unsigned to_bf16(float number) {
    unsigned bits = __float_as_uint(number);
    if ((bits & 0x7fffffffu) > 0x7f800000u) return 0x7fc0u; /* NaN */
    return (bits + 0x7fffu + ((bits >> 16) & 1)) >> 16;
}

__device__ inline float minus_infinity() { return __uint_as_float(0xff800000u); }

__device__ inline float code_value(int form, int code) { return form == FORM_INT4 ? (float)(code - 8) : NF4[code]; }

__device__ inline long long row_bytes(const matrix &m) {
    const long long columns = m.columns;
    return m.form == FORM_BF16 ? columns * 2 : m.form == FORM_INT8 ? columns : columns / 2;
}

__device__ inline int row_scales(const matrix &m) {
    return m.form == FORM_BF16 ? 0 : m.form == FORM_INT8 ? 1 : m.columns / m.block;
}

__device__ inline float warp_sum(float value) {
    for (int step = LANES / 2; step; step /= 2) value += __shfl_xor_sync(ALL_LANES, value, step);
    return value;
}

/* The sum over a block's threads, known to all of them. `scratch` holds 32 numbers. */
__device__ inline float block_sum(float value, float *scratch) {
    value = warp_sum(value);
    __syncthreads(); /* someone may still be reading an earlier sum */
    if (threadIdx.x % LANES == 0) scratch[threadIdx.x / LANES] = value;
    __syncthreads();
    float total = 0;
    for (int warp = 0; warp < (int)blockDim.x / LANES; warp++) total += scratch[warp];
    return total;
}

__device__ inline float inverse_rms(float sum_of_squares, int count, float eps) {
    return 1.0f / sqrtf(sum_of_squares / count + eps);
}
