/* Between the products: the router's choice, the residual stream, and weights in bf16 for many tokens. */

enum { FINISH_THREADS = 512, DEQUANTISE_THREADS = 256 };

struct route_args {
    const float *scores, *expert_scale; /* [experts] */
    int *ids;                           /* [top_k] */
    float *weights;                     /* [top_k] */
    int experts, top_k;
};

/* The best experts and their share of a softmax over them, times the scale of each: one warp. Of equal scores the
   first. */
KERNEL(LANES) lectern_route(const route_args a) {
    SHARED(scores);
    const int lane = threadIdx.x;
    for (int expert = lane; expert < a.experts; expert += LANES) scores[expert] = a.scores[expert];
    __syncthreads();
    float highest = 0, total = 0, mine = 0;
    int chosen = 0;
    for (int turn = 0; turn < a.top_k; turn++) {
        float best = minus_infinity();
        int expert = a.experts;
        for (int other = lane; other < a.experts; other += LANES)
            if (scores[other] > best || expert == a.experts) best = scores[other], expert = other;
        for (int step = LANES / 2; step; step /= 2) {
            const float its = __shfl_xor_sync(ALL_LANES, best, step);
            const int other = __shfl_xor_sync(ALL_LANES, expert, step);
            if (other < a.experts && (expert == a.experts || its > best || (its == best && other < expert)))
                best = its, expert = other;
        }
        if (!turn) highest = best;
        const float share = expf(best - highest);
        total += share;
        if (lane == turn) mine = share, chosen = expert;
        __syncthreads();
        if (expert % LANES == lane) scores[expert] = minus_infinity();
        __syncthreads();
    }
    if (lane < a.top_k) {
        a.ids[lane] = chosen;
        a.weights[lane] = mine / total * a.expert_scale[chosen];
    }
}

struct finish_args {
    float *x;                                     /* the residual stream [hidden], in and out */
    const float *dense, *routed;                  /* [hidden] and, per chosen expert, [count][hidden]; or NULL */
    const float *dense_norm, *routed_norm, *norm; /* the first two only where there are experts */
    int hidden, count;
    float eps, scalar;
};

/* x = (x + norm(dense)) · scalar; with experts norm(norm(dense) + norm(their sum)). */
KERNEL(FINISH_THREADS) lectern_finish(const finish_args a) {
    SHARED(memory);
    float *scratch = memory, *sum = memory + LANES, *routed = sum + a.hidden;
    const int begin = threadIdx.x, step = blockDim.x;
    if (a.routed) {
        float dense_squares = 0, routed_squares = 0;
        for (int place = begin; place < a.hidden; place += step) {
            float together = 0;
            for (int slot = 0; slot < a.count; slot++) together += a.routed[(long long)slot * a.hidden + place];
            routed[place] = together;
            routed_squares += together * together;
            dense_squares += a.dense[place] * a.dense[place];
        }
        const float dense_inverse = inverse_rms(block_sum(dense_squares, scratch), a.hidden, a.eps);
        const float routed_inverse = inverse_rms(block_sum(routed_squares, scratch), a.hidden, a.eps);
        for (int place = begin; place < a.hidden; place += step)
            sum[place] = a.dense[place] * dense_inverse * a.dense_norm[place] +
                         routed[place] * routed_inverse * a.routed_norm[place];
    } else {
        for (int place = begin; place < a.hidden; place += step) sum[place] = a.dense[place];
    }
    float squares = 0;
    for (int place = begin; place < a.hidden; place += step) squares += sum[place] * sum[place];
    const float inverse = inverse_rms(block_sum(squares, scratch), a.hidden, a.eps);
    for (int place = begin; place < a.hidden; place += step)
        a.x[place] = (a.x[place] + sum[place] * inverse * a.norm[place]) * a.scalar;
}

struct dequantise_args {
    matrix m; /* FORM_NF4 or FORM_INT4; of packed experts, all rows of all of them */
    unsigned short *out;
};

/* W in bf16, eight numbers a thread: for products with many tokens. */
KERNEL(DEQUANTISE_THREADS) lectern_dequantise(const dequantise_args a) {
    const long long words = (long long)a.m.rows * (a.m.columns / 8);
    const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= words) return;
    const unsigned word = ((const unsigned *)a.m.data)[at];
    const float scale = a.m.scales[at * 8 / a.m.block]; /* blocks do not cross rows */
    unsigned numbers[8];
    for (int byte = 0; byte < 4; byte++) {
        const unsigned pair = word >> (8 * byte);
        numbers[2 * byte] = to_bf16(code_value(a.m.form, pair >> 4 & 15) * scale);
        numbers[2 * byte + 1] = to_bf16(code_value(a.m.form, pair & 15) * scale);
    }
    uint4 packed;
    packed.x = numbers[0] | numbers[1] << 16;
    packed.y = numbers[2] | numbers[3] << 16;
    packed.z = numbers[4] | numbers[5] << 16;
    packed.w = numbers[6] | numbers[7] << 16;
    ((uint4 *)a.out)[at] = packed;
}
