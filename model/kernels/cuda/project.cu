/* y = W · x for one token, W as it is stored, with the steps before and after it in the same pass: the RMS norm of x,
   GELU(gate) · up, an expert's weight, the soft cap. Weights are read once, 16 bytes a lane; four rows share what a
   lane reads of x. Formulas as in model/family/layers.py and model/family/experts.py. */

enum { WARPS = 4, ROWS = 4 };

struct job {
    matrix first, second;    /* rows of `second` are gated by those of `first`; without data where there is no gate */
    const float *x, *norm;   /* norm: a weight for each column, or NULL */
    const int *ids;          /* the chosen experts, or NULL */
    const float *weights;    /* what each expert's output is multiplied by, or NULL */
    float *out;
    int count, blocks;       /* number of experts (or 1), and of blocks for each */
    int x_stride, out_stride, expert_rows;
    int normed;              /* whether x is divided by its rms first */
    float eps, cap;          /* cap: 0 for none */
};

struct project_args {
    job jobs[3];
};

/* x is in shared memory, padded by 4 numbers after every 32, to avoid bank conflicts. */
__device__ inline int padded(int column) { return column + column / LANES * 4; }

__device__ inline unsigned word_of(const uint4 &words, int index) {
    return index == 0 ? words.x : index == 1 ? words.y : index == 2 ? words.z : words.w;
}

/* Eight 4-bit numbers of a word times eight of x; `table` holds each of the 16 values once for every lane. */
__device__ inline float eight_codes(unsigned word, const float *table, const float4 &a, const float4 &b) {
    return a.x * table[(word >> 4 & 15) * LANES] + a.y * table[(word & 15) * LANES] +
           a.z * table[(word >> 12 & 15) * LANES] + a.w * table[(word >> 8 & 15) * LANES] +
           b.x * table[(word >> 20 & 15) * LANES] + b.y * table[(word >> 16 & 15) * LANES] +
           b.z * table[(word >> 28) * LANES] + b.w * table[(word >> 24 & 15) * LANES];
}

__device__ inline void dot_codes(
    const unsigned char *const *rows, const float *const *scales, const matrix &m, const float *table, const float *x,
    float *sums) {
    const int lane = threadIdx.x % LANES;
    for (int column = lane * 32; column < m.columns; column += 32 * LANES) {
        uint4 words[ROWS];
        float scale[ROWS], part[ROWS];
        #pragma unroll
        for (int row = 0; row < ROWS; row++) {
            words[row] = *(const uint4 *)(rows[row] + column / 2);
            scale[row] = scales[row][column / m.block];
            part[row] = 0;
        }
        const float4 *numbers = (const float4 *)(x + padded(column));
        #pragma unroll
        for (int index = 0; index < 4; index++) {
            const float4 a = numbers[2 * index], b = numbers[2 * index + 1];
            #pragma unroll
            for (int row = 0; row < ROWS; row++) part[row] += eight_codes(word_of(words[row], index), table + lane, a, b);
        }
        #pragma unroll
        for (int row = 0; row < ROWS; row++) sums[row] += part[row] * scale[row];
    }
}

__device__ inline void dot_bf16(const unsigned char *const *rows, const matrix &m, const float *x, float *sums) {
    for (int column = threadIdx.x % LANES * 8; column < m.columns; column += 8 * LANES) {
        uint4 words[ROWS];
        #pragma unroll
        for (int row = 0; row < ROWS; row++) words[row] = *(const uint4 *)(rows[row] + column * 2);
        #pragma unroll
        for (int index = 0; index < 4; index++) {
            const float a = x[padded(column) + 2 * index], b = x[padded(column) + 2 * index + 1];
            #pragma unroll
            for (int row = 0; row < ROWS; row++) {
                const unsigned word = word_of(words[row], index);
                sums[row] += a * from_bf16(word & 0xffff) + b * from_bf16(word >> 16);
            }
        }
    }
}

__device__ inline void dot_int8(
    const unsigned char *const *rows, const float *const *scales, const matrix &m, const float *x, float *sums) {
    for (int column = threadIdx.x % LANES * 16; column < m.columns; column += 16 * LANES) {
        uint4 words[ROWS];
        #pragma unroll
        for (int row = 0; row < ROWS; row++) words[row] = *(const uint4 *)(rows[row] + column);
        const float4 *numbers = (const float4 *)(x + padded(column));
        #pragma unroll
        for (int index = 0; index < 4; index++) {
            const float4 a = numbers[index];
            #pragma unroll
            for (int row = 0; row < ROWS; row++) {
                const int word = (int)word_of(words[row], index);
                sums[row] += a.x * (float)(signed char)word + a.y * (float)(signed char)(word >> 8) +
                             a.z * (float)(signed char)(word >> 16) + a.w * (float)(word >> 24);
            }
        }
    }
    for (int row = 0; row < ROWS; row++) sums[row] *= *scales[row];
}

/* x, normed where that is asked for, into shared memory. */
__device__ inline void load_input(const job &j, const float *x, float *to, float *scratch) {
    const int columns = j.first.columns;
    float squares = 0;
    for (int column = threadIdx.x; column < columns; column += blockDim.x) {
        const float number = x[column];
        to[padded(column)] = number;
        squares += number * number;
    }
    if (j.normed) {
        const float inverse = inverse_rms(block_sum(squares, scratch), columns, j.eps);
        for (int column = threadIdx.x; column < columns; column += blockDim.x)
            to[padded(column)] *= j.norm ? inverse * j.norm[column] : inverse;
    }
    __syncthreads();
}

__device__ inline float gelu(float x) {
    return 0.5f * x * (1.0f + tanhf(0.7978845608028654f * (x + 0.044715f * x * x * x)));
}

/* The four rows of a warp: adjacent ones without a gate; with one, two of the gate and the same two of `second`. */
struct own_rows {
    const unsigned char *data[ROWS];
    const float *scales[ROWS];
};

__device__ inline own_rows find_rows(const job &j, int slot, int row) {
    const int each = j.second.data ? ROWS / 2 : ROWS, spread = row_scales(j.first);
    const long long bytes = row_bytes(j.first), expert = j.ids ? (long long)j.ids[slot] * j.expert_rows : 0;
    own_rows found;
#pragma unroll
    for (int index = 0; index < ROWS; index++) {
        const matrix &m = index < each ? j.first : j.second;
        const int wanted = row + index % each, last = m.rows - 1;
        const long long at = expert + (wanted < last ? wanted : last); /* behind the end: the last one again, unused */
        found.data[index] = m.data + at * bytes;
        found.scales[index] = m.scales + at * spread;
    }
    return found;
}

/* Starts reading them: x must be normed before it can be multiplied, and memory would have nothing to do until then. */
__device__ inline void prefetch_rows(const job &j, const own_rows &rows) {
    const int at = threadIdx.x % LANES * 128;
    const int bytes = (int)row_bytes(j.first), scales = 4 * row_scales(j.first);
#pragma unroll
    for (int index = 0; index < ROWS; index++) {
        if (at < bytes) PREFETCH(rows.data[index] + at);
        if (at < scales) PREFETCH((const unsigned char *)rows.scales[index] + at);
    }
}

__device__ inline void project_rows(
    const job &j, const own_rows &rows, int slot, int row, const float *table, const float *x) {
    const bool gated = j.second.data != 0;
    const int each = gated ? ROWS / 2 : ROWS;
    float sums[ROWS];
#pragma unroll
    for (int index = 0; index < ROWS; index++) sums[index] = 0;
    if (j.first.form == FORM_BF16)
        dot_bf16(rows.data, j.first, x, sums);
    else if (j.first.form == FORM_INT8)
        dot_int8(rows.data, rows.scales, j.first, x, sums);
    else
        dot_codes(rows.data, rows.scales, j.first, table, x, sums);
#pragma unroll
    for (int index = 0; index < ROWS; index++) sums[index] = warp_sum(sums[index]);
    if (threadIdx.x % LANES) return;
    for (int index = 0; index < each && row + index < j.first.rows; index++) {
        float value = gated ? gelu(sums[index]) * sums[index + each] : sums[index];
        if (j.weights) value *= j.weights[slot];
        if (j.cap != 0) value = j.cap * tanhf(value / j.cap);
        j.out[(long long)slot * j.out_stride + row + index] = value;
    }
}

KERNEL(WARPS * LANES) lectern_project(const project_args a) {
    SHARED(memory);
    float *scratch = memory, *table = memory + LANES, *x = table + 16 * LANES;
    int block = blockIdx.x, which = 0;
    while (block >= a.jobs[which].count * a.jobs[which].blocks) block -= a.jobs[which].count * a.jobs[which].blocks, which++;
    const job &j = a.jobs[which];
    const int slot = block / j.blocks, each = j.second.data ? ROWS / 2 : ROWS;
    const int row = (block % j.blocks * WARPS + threadIdx.x / LANES) * each;
    const own_rows rows = find_rows(j, slot, row);
    prefetch_rows(j, rows);
    if (j.first.form == FORM_NF4 || j.first.form == FORM_INT4)
        for (int place = threadIdx.x; place < 16 * LANES; place += blockDim.x)
            table[place] = code_value(j.first.form, place / LANES);
    load_input(j, j.x + (long long)slot * j.x_stride, x, scratch);
    project_rows(j, rows, slot, row, table, x);
}
