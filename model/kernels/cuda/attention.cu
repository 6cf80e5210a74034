/* One token's attention: its heads normed and turned, its row written into the cache, the whole context looked at in
   pieces that run side by side, and the pieces merged. Compiled for one model: SLIDING_HEAD, SLIDING_GROUPS,
   SLIDING_WIDE, GLOBAL_HEAD, GLOBAL_GROUPS and GLOBAL_WIDE are its sizes. Layouts and formulas as in
   model/family/attention.py and model/cache/kv_cache.py; queries stay in float32. */

enum { ATTEND_WARPS = 8, AT_ONCE = 2, HEAD_THREADS = 128 };

/* A block of a global layer's cache, [KV heads][capacity][row] in bf16; its first position is the sequence's `start`.
   The last one is followed by an entry that starts where no position is. */
struct cache_block {
    unsigned short *rows;
    int start, capacity;
};

/* Keys and values of a sliding layer, [KV heads][window][head] in bf16. */
struct cache_ring {
    unsigned short *keys, *values;
};

struct heads_args {
    const float *q, *k, *v;                      /* [heads][head], [KV heads][head]; v: sliding layers alone */
    const float *q_norm, *k_norm, *frequencies; /* in the head's own order; [angles] */
    float *queries;                              /* [heads][head] */
    const int *length;                           /* positions before this one */
    const cache_ring *ring;
    const cache_block *blocks;
    int heads, kv_heads, angles, window;
    float eps;
};

/* `head` over its rms, times `norm` where there is one, into `to`. */
__device__ inline void norm_head(const float *head, const float *norm, int size, float eps, float *scratch, float *to) {
    float squares = 0;
    for (int place = threadIdx.x; place < size; place += blockDim.x) squares += head[place] * head[place];
    const float inverse = inverse_rms(block_sum(squares, scratch), size, eps);
    for (int place = threadIdx.x; place < size; place += blockDim.x)
        to[place] = head[place] * inverse * (norm ? norm[place] : 1.0f);
    __syncthreads();
}

/* The rotated form of number `place` of `head`: pairs (i, i + size / 2) for the first `angles` of them. */
__device__ inline float turned(const float *head, int place, int size, const heads_args &a) {
    const int half = size / 2, pair = place < half ? place : place - half;
    if (pair >= a.angles) return head[place];
    const float angle = (float)*a.length * a.frequencies[pair], other = head[place < half ? place + half : pair];
    return head[place] * cosf(angle) + (place < half ? -other : other) * sinf(angle);
}

/* The index of a head's number `place` in the order [rotated | plain]. */
__device__ inline int rotated_first(int place, int size, int angles) {
    const int half = size / 2, rest = half - angles;
    const int pair = place < half ? place : place - half;
    if (pair < angles) return place < half ? pair : angles + pair;
    return 2 * angles + (place < half ? 0 : rest) + pair - angles;
}

template <int HEAD, bool GLOBAL> __device__ inline void write_query(const heads_args &a, int head, float *memory) {
    float *scratch = memory, *normed = memory + LANES;
    norm_head(a.q + head * HEAD, a.q_norm, HEAD, a.eps, scratch, normed);
    for (int place = threadIdx.x; place < HEAD; place += blockDim.x) {
        int to = place;
        if (GLOBAL) { /* [plain | rotated], to fit a row from its 2 · angles on */
            to = rotated_first(place, HEAD, a.angles) - 2 * a.angles;
            if (to < 0) to += HEAD;
        }
        a.queries[head * HEAD + to] = turned(normed, place, HEAD, a);
    }
}

template <int HEAD> __device__ inline void write_ring(const heads_args &a, int head, float *memory) {
    float *scratch = memory, *normed = memory + LANES;
    const long long at = ((long long)head * a.window + *a.length % a.window) * HEAD;
    norm_head(a.k + head * HEAD, a.k_norm, HEAD, a.eps, scratch, normed);
    for (int place = threadIdx.x; place < HEAD; place += blockDim.x)
        a.ring->keys[at + place] = (unsigned short)to_bf16(turned(normed, place, HEAD, a));
    norm_head(a.v + head * HEAD, 0, HEAD, a.eps, scratch, normed);
    for (int place = threadIdx.x; place < HEAD; place += blockDim.x)
        a.ring->values[at + place] = (unsigned short)to_bf16(normed[place]);
}

/* The block that holds a position of the sequence, from `from` on. */
__device__ inline const cache_block *block_of(const cache_block *from, int position) {
    while (position >= from[1].start) from++;
    return from;
}

/* [V rotated | V plain | K rotated], K being V times its norm's weight where it is not turned. */
template <int HEAD> __device__ inline void write_row(const heads_args &a, int head, float *memory) {
    float *scratch = memory, *value = memory + LANES, *key = value + HEAD;
    norm_head(a.k + head * HEAD, 0, HEAD, a.eps, scratch, value);
    for (int place = threadIdx.x; place < HEAD; place += blockDim.x) key[place] = value[place] * a.k_norm[place];
    __syncthreads();
    const cache_block *block = block_of(a.blocks, *a.length);
    const int row = HEAD + 2 * a.angles;
    unsigned short *to = block->rows + ((long long)head * block->capacity + *a.length - block->start) * row;
    for (int place = threadIdx.x; place < HEAD; place += blockDim.x) {
        const int first = rotated_first(place, HEAD, a.angles);
        to[first] = (unsigned short)to_bf16(value[place]);
        if (first < 2 * a.angles) to[HEAD + first] = (unsigned short)to_bf16(turned(key, place, HEAD, a));
    }
}

KERNEL(HEAD_THREADS) lectern_heads_sliding(const heads_args a) {
    SHARED(memory);
    const int head = blockIdx.x;
    if (head < a.heads)
        write_query<SLIDING_HEAD, false>(a, head, memory);
    else
        write_ring<SLIDING_HEAD>(a, head - a.heads, memory);
}

KERNEL(HEAD_THREADS) lectern_heads_global(const heads_args a) {
    SHARED(memory);
    const int head = blockIdx.x;
    if (head < a.heads)
        write_query<GLOBAL_HEAD, true>(a, head, memory);
    else
        write_row<GLOBAL_HEAD>(a, head - a.heads, memory);
}

struct attend_args {
    const float *queries;      /* [heads][head] */
    const int *length;         /* positions before the token's own, which is looked at too */
    const cache_ring *ring;
    const cache_block *blocks;
    float *partial, *stats;    /* [pieces][heads][head], and of each [maximum, sum] */
    int kv_heads, window, rotary;
};

/* COUNT numbers in bf16, two a word. */
template <int COUNT> __device__ inline void load(const unsigned short *from, unsigned *words) {
    if (COUNT % 8 == 0) {
#pragma unroll
        for (int index = 0; index < COUNT / 8; index++) {
            const uint4 four = ((const uint4 *)from)[index];
            words[4 * index] = four.x, words[4 * index + 1] = four.y;
            words[4 * index + 2] = four.z, words[4 * index + 3] = four.w;
        }
    } else {
#pragma unroll
        for (int index = 0; index < COUNT / 2; index++) words[index] = ((const unsigned *)from)[index];
    }
}

/* What a warp knows of WIDE heads: each lane holds DIMS numbers of a head. */
template <int DIMS, int WIDE> struct running {
    float query[WIDE][DIMS], sum[WIDE][DIMS], highest[WIDE], total[WIDE];
};

template <int DIMS, int WIDE> __device__ inline float score(const running<DIMS, WIDE> &r, int head, const unsigned *key) {
    float sum = 0;
#pragma unroll
    for (int index = 0; index < DIMS / 2; index++)
        sum += r.query[head][2 * index] * from_bf16(key[index] & 0xffff) +
               r.query[head][2 * index + 1] * from_bf16(key[index] >> 16);
    return warp_sum(sum);
}

/* Takes up COUNT positions at once: softmax on the way, as in Milakov and Gimelshein 2018. */
template <int DIMS, int WIDE, int COUNT>
__device__ inline void take_up(
    running<DIMS, WIDE> &r, const unsigned short *const *keys, const unsigned short *const *values) {
    const int at = threadIdx.x % LANES * DIMS;
    unsigned key[COUNT][DIMS / 2], value[COUNT][DIMS / 2];
#pragma unroll
    for (int which = 0; which < COUNT; which++) {
        load<DIMS>(keys[which] + at, key[which]);
        load<DIMS>(values[which] + at, value[which]);
    }
#pragma unroll
    for (int head = 0; head < WIDE; head++) {
        float scores[COUNT], highest = r.highest[head];
#pragma unroll
        for (int which = 0; which < COUNT; which++) {
            scores[which] = score<DIMS, WIDE>(r, head, key[which]);
            highest = fmaxf(highest, scores[which]);
        }
        const float before = expf(r.highest[head] - highest);
        r.highest[head] = highest;
        r.total[head] *= before;
#pragma unroll
        for (int index = 0; index < DIMS; index++) r.sum[head][index] *= before;
#pragma unroll
        for (int which = 0; which < COUNT; which++) {
            const float share = expf(scores[which] - highest);
            r.total[head] += share;
#pragma unroll
            for (int index = 0; index < DIMS / 2; index++) {
                r.sum[head][2 * index] += share * from_bf16(value[which][index] & 0xffff);
                r.sum[head][2 * index + 1] += share * from_bf16(value[which][index] >> 16);
            }
        }
    }
}

/* Adds a warp's heads to what earlier warps of the block have put into shared memory. */
template <int DIMS, int WIDE>
__device__ inline void add_to(const running<DIMS, WIDE> &r, bool first, float *stats, float *sums) {
    const int lane = threadIdx.x % LANES;
#pragma unroll
    for (int head = 0; head < WIDE; head++) {
        float *stat = stats + 2 * head, *sum = sums + (head * LANES + lane) * DIMS;
        const float old = first ? minus_infinity() : stat[0], total = first ? 0.0f : stat[1];
        const float highest = fmaxf(old, r.highest[head]);
        const float theirs = total > 0 ? expf(old - highest) : 0.0f;
        const float ours = r.total[head] > 0 ? expf(r.highest[head] - highest) : 0.0f;
        __syncwarp(); /* all lanes have read before one writes */
        if (!lane) stat[0] = highest, stat[1] = total * theirs + r.total[head] * ours;
#pragma unroll
        for (int index = 0; index < DIMS; index++)
            sum[index] = (first ? 0.0f : sum[index] * theirs) + r.sum[head][index] * ours;
    }
}

/* A piece of the context for the GROUPS query heads of one KV head. Warps share out the heads, WIDE each, and then the
   positions. */
template <int HEAD, int GROUPS, int WIDE, bool GLOBAL> __device__ inline void attend(const attend_args &a, float *memory) {
    const int DIMS = HEAD / LANES, PARTS = GROUPS / WIDE, RUNNERS = ATTEND_WARPS / PARTS;
    const int warp = threadIdx.x / LANES, lane = threadIdx.x % LANES, part = warp % PARTS, runner = warp / PARTS;
    const int piece = blockIdx.x, kv = blockIdx.y, seen = *a.length + 1;
    const int positions = GLOBAL || seen < a.window ? seen : a.window;
    const int share = (positions + gridDim.x - 1) / gridDim.x, begin = piece * share;
    const int stop = begin + share < positions ? begin + share : positions;
    const long long to = ((long long)piece * a.kv_heads + kv) * GROUPS;
    if (begin >= stop) {
        for (int place = threadIdx.x; place < 2 * GROUPS; place += blockDim.x) a.stats[2 * to + place] = 0;
        return;
    }
    running<DIMS, WIDE> r;
#pragma unroll
    for (int head = 0; head < WIDE; head++) {
        const float *query = a.queries + (kv * GROUPS + part * WIDE + head) * HEAD + lane * DIMS;
        r.highest[head] = minus_infinity(), r.total[head] = 0;
#pragma unroll
        for (int index = 0; index < DIMS; index++) r.query[head][index] = query[index], r.sum[head][index] = 0;
    }
    const cache_block *block = a.blocks;
    for (int position = begin + runner * AT_ONCE; position < stop; position += RUNNERS * AT_ONCE) {
        const unsigned short *keys[AT_ONCE], *values[AT_ONCE];
#pragma unroll
        for (int which = 0; which < AT_ONCE; which++) {
            const int at = position + which < stop ? position + which : position;
            if (GLOBAL) {
                block = block_of(block, at);
                values[which] = block->rows + ((long long)kv * block->capacity + at - block->start) * (HEAD + a.rotary);
                keys[which] = values[which] + a.rotary;
            } else {
                const long long row = ((long long)kv * a.window + at) * HEAD;
                keys[which] = a.ring->keys + row, values[which] = a.ring->values + row;
            }
        }
        if (position + AT_ONCE <= stop)
            take_up<DIMS, WIDE, AT_ONCE>(r, keys, values);
        else
#pragma unroll
            for (int which = 0; which < AT_ONCE; which++)
                if (position + which < stop) take_up<DIMS, WIDE, 1>(r, keys + which, values + which);
    }
    float *stats = memory, *sums = memory + 2 * GROUPS;
    for (int turn = 0; turn < RUNNERS; turn++) {
        if (runner == turn) add_to<DIMS, WIDE>(r, !turn, stats + 2 * part * WIDE, sums + part * WIDE * HEAD);
        __syncthreads();
    }
    for (int place = threadIdx.x; place < 2 * GROUPS; place += blockDim.x) a.stats[2 * to + place] = stats[place];
    for (int place = threadIdx.x; place < GROUPS * HEAD; place += blockDim.x) a.partial[to * HEAD + place] = sums[place];
}

KERNEL(ATTEND_WARPS * LANES) lectern_attend_sliding(const attend_args a) {
    SHARED(memory);
    attend<SLIDING_HEAD, SLIDING_GROUPS, SLIDING_WIDE, false>(a, memory);
}

KERNEL(ATTEND_WARPS * LANES) lectern_attend_global(const attend_args a) {
    SHARED(memory);
    attend<GLOBAL_HEAD, GLOBAL_GROUPS, GLOBAL_WIDE, true>(a, memory);
}

struct merge_args {
    const float *partial, *stats;
    float *out; /* [heads][head], in the head's own order */
    int pieces, heads, head, angles; /* angles: 0 where the pieces are in that order already */
};

/* The pieces of one head, weighted by their sums: blockIdx.x is the head, blockIdx.y a part of its numbers. What each
   piece weighs is found by all threads at once, so that the loop over them waits for nothing but what it adds. Those
   that hold something come first. */
KERNEL(HEAD_THREADS) lectern_merge(const merge_args a) {
    SHARED(memory);
    float *scratch = memory, *weight = memory + LANES; /* [pieces] */
    const int head = blockIdx.x, place = blockIdx.y * blockDim.x + threadIdx.x;
    float filled = 0, highest = minus_infinity(), total = 0;
    for (int piece = threadIdx.x; piece < a.pieces; piece += blockDim.x) {
        const float *stat = a.stats + 2 * ((long long)piece * a.heads + head);
        weight[piece] = stat[1] > 0 ? stat[0] : minus_infinity();
        filled += stat[1] > 0;
    }
    const int count = (int)block_sum(filled, scratch);
    for (int piece = 0; piece < count; piece++) highest = fmaxf(highest, weight[piece]);
    __syncthreads(); /* all have read before one writes */
    for (int piece = threadIdx.x; piece < count; piece += blockDim.x) {
        weight[piece] = expf(weight[piece] - highest);
        total += weight[piece] * a.stats[2 * ((long long)piece * a.heads + head) + 1];
    }
    total = block_sum(total, scratch);
    if (place >= a.head) return;
    const float *from = a.partial + (long long)head * a.head + (a.angles ? rotated_first(place, a.head, a.angles) : place);
    float sum = 0;
#pragma unroll 8
    for (int piece = 0; piece < count; piece++) sum += from[(long long)piece * a.heads * a.head] * weight[piece];
    a.out[head * a.head + place] = sum / total;
}
