/* The operations on panels and tiles, compiled once for each kind of processor. The file that includes this has defined

     PANEL_COLUMNS          columns of W in a panel
     unpack(w, group, first, count, panel)
     tile(rows, x, first, count, w, group, panel, out, add, next, lines)
         `rows` ≤ TILE_ROWS rows of activations through `count` columns of a panel, written to or added to out
         [rows][LANES];
         `lines` lines from `next` on are fetched for each 64 columns meanwhile */
static void spread(int rows, int tiles, int index, int *first, int *count) {
    *first = (int)((int64_t)rows * index / tiles);
    *count = (int)((int64_t)rows * (index + 1) / tiles) - *first;
}

/* Where the bytes of a group of rows begin. */
static const char *bytes_of(const lectern_matrix *w, int group) { return (const char *)w->data + group * lectern_data_bytes(w, LANES); }

/* PREPARE_ROWS rows of activations become inputs for W. */
static void prepare_chunk(void *arg, int chunk, lectern_worker *worker) {
    const lectern_prepared *p = arg;
    const int columns = lectern_block_columns(p->w), last = (chunk + 1) * PREPARE_ROWS;
    float x[NF4_BLOCK];
    (void)worker;
    for (int i = chunk * PREPARE_ROWS; i < last && i < p->tokens; i++) {
        const number *from = (const number *)p->x + (size_t)i * p->stride;
        for (int block = 0; block < p->w->columns / columns; block++, from += columns) {
            for (int j = 0; j < columns; j++) x[j] = from_number(from[j]);
            prepare(p->w, x, block, (input *)p->inputs + i * inputs_of(p->w));
        }
    }
}

/* out [rows][LANES] = x [rows] @ (one group of W).T; `next` is what will be unpacked after this, or NULL. */
static void through_panel(const lectern_matrix *w, int group, const input *const *x, int rows, float *out, char *panel, const char *next) {
    const int tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
    const int column = lectern_is_w8(w->form) ? LANES : LANES / 2; /* bytes of a group's column, and lines of 64 columns */
    const int lines = (column + tiles - 1) / tiles;
    for (int first = 0; first < w->columns; first += PANEL_COLUMNS) {
        const int count = w->columns - first < PANEL_COLUMNS ? w->columns - first : PANEL_COLUMNS;
        unpack(w, group, first, count, panel);
        for (int i = 0; i < tiles; i++) {
            int start, height;
            spread(rows, tiles, i, &start, &height);
            const char *ahead = next ? next + (size_t)first * column + (size_t)i * lines * (count / 64) * 64 : NULL;
            tile(height, x + start, first, count, w, group, panel, out + start * LANES, first > 0, ahead, next ? lines : 0);
        }
    }
}

static void product_chunk(void *arg, int chunk, lectern_worker *worker) {
    const lectern_product *p = arg;
    char *panel = worker->scratch;
    float *out = (float *)(panel + PANEL_BYTES);
    const input *x[ROW_BLOCK];
    const int all = lectern_groups(p->w), spans = (all + p->groups - 1) / p->groups;
    int start, rows;
    spread(p->tokens, p->row_blocks, chunk / spans, &start, &rows);
    for (int i = 0; i < rows; i++) x[i] = (const input *)p->x + (size_t)(start + i) * p->stride;
    const int begin = chunk % spans * p->groups, end = begin + p->groups < all ? begin + p->groups : all;
    for (int group = begin; group < end; group++) {
        through_panel(p->w, group, x, rows, out, panel, group + 1 < end ? bytes_of(p->w, group + 1) : NULL);
        for (int i = 0; i < rows; i++) {
            number *to = (number *)p->out + (size_t)(start + i) * p->w->rows + (size_t)group * LANES;
            for (int j = 0; j < LANES; j++) to[j] = to_number(out[i * LANES + j]);
        }
    }
}

/* e^x for x ≤ 0, to 1.2e-7: 2^n times a polynomial in the remainder, |r| ≤ ln 2 / 2. ln 2 comes in two parts, which
   -fassociative-math may add up again in a plain expression; it does not touch fused operations. */
static inline float exp_of(float x) {
    x = x < -87.0f ? -87.0f : x;
    const float n = __builtin_rintf(x * 1.44269504f);
    const float r = __builtin_fmaf(n, 2.12194440e-4f, __builtin_fmaf(n, -0.693359375f, x));
    float y = 1.9875691500e-4f;
    y = y * r + 1.3981999507e-3f;
    y = y * r + 8.3334519073e-3f;
    y = y * r + 4.1665795894e-2f;
    y = y * r + 1.6666665459e-1f;
    y = y * r + 5.0000001201e-1f;
    y = y * r * r + r + 1.0f;
    union { uint32_t bits; float value; } scale = {(uint32_t)((int32_t)n + 127) << 23};
    return y * scale.value;
}

/* GELU, tanh form: x (1 + tanh z) / 2 = x / (1 + e^(-2 z)); of a negative x the other way, so that e^ stays small. */
static inline float gelu_of(float x) {
    const float z = 1.5957691216f * (x + 0.044715f * x * x * x);
    const float e = exp_of(z < 0 ? z : -z), one = 1.0f / (1.0f + e);
    return x * (z < 0 ? e * one : one);
}

/* Memory of one expert's block of rows. */
typedef struct {
    char *panel;
    float *first, *second; /* [ROW_BLOCK][LANES] */
    float *block;          /* [ROW_BLOCK][NF4_BLOCK]: columns between both matrices, prepared at once */
    input *hidden;         /* [rows]: all of it, prepared for `down` */
} expert_room;

/* hidden [rows] = GELU(gate) · up of x [rows], prepared for `down`. */
static void gated(const lectern_matrix *w, const lectern_matrix *down, const input *const *x, int rows, const expert_room *at) {
    const int half = w->rows / 2 / LANES, columns = lectern_block_columns(down), parts = columns > LANES ? columns / LANES : 1;
    const int whole = parts * LANES; /* columns that are prepared at once: one block of `down`, or more */
    for (int group = 0; group < half; group++) {
        through_panel(w, group, x, rows, at->first, at->panel, bytes_of(w, half + group));
        through_panel(w, half + group, x, rows, at->second, at->panel, group + 1 < half ? bytes_of(w, group + 1) : bytes_of(down, 0));
        for (int i = 0; i < rows; i++) {
            float *to = at->block + i * whole, *part = to + group % parts * LANES;
            for (int j = 0; j < LANES; j++) part[j] = gelu_of(at->first[i * LANES + j]) * at->second[i * LANES + j];
            for (int k = 0; k < whole && group % parts == parts - 1; k += columns)
                prepare(down, to + k, (group / parts * whole + k) / columns, at->hidden + i * inputs_of(down));
        }
    }
}

static void expert_chunk(void *arg, int chunk, lectern_worker *worker) {
    const lectern_mixture *m = arg;
    const lectern_block block = m->blocks[chunk];
    const lectern_matrix gate_up = lectern_one_of(m->gate_up, block.expert), down = lectern_one_of(m->down, block.expert);
    expert_room at = {.panel = worker->scratch, .first = (float *)(worker->scratch + PANEL_BYTES)};
    at.second = at.first + ROW_BLOCK * LANES, at.block = at.second + ROW_BLOCK * LANES;
    at.hidden = (input *)(at.block + ROW_BLOCK * NF4_BLOCK);
    const input *x[ROW_BLOCK];
    const int *order = m->order + block.start;
    for (int i = 0; i < block.count; i++) x[i] = (const input *)m->x + (size_t)(order[i] / m->top_k) * m->stride;
    gated(&gate_up, &down, x, block.count, &at);
    for (int i = 0; i < block.count; i++) x[i] = at.hidden + i * inputs_of(&down);
    for (int group = 0; group < lectern_groups(&down); group++) {
        through_panel(&down, group, x, block.count, at.first, at.panel, group + 1 < lectern_groups(&down) ? bytes_of(&down, group + 1) : NULL);
        for (int i = 0; i < block.count; i++) {
            number *to = (number *)m->each + (size_t)order[i] * down.rows + (size_t)group * LANES;
            const float weight = m->weights[order[i]];
            for (int j = 0; j < LANES; j++) to[j] = to_number(weight * at.first[i * LANES + j]);
        }
    }
}

static void sum_chunk(void *arg, int chunk, lectern_worker *worker) {
    const lectern_mixture *m = arg;
    const int width = m->down->rows, last = (chunk + 1) * SUM_TOKENS;
    float sum[LANES];
    (void)worker;
    for (int token = chunk * SUM_TOKENS; token < last && token < m->tokens; token++)
        for (int start = 0; start < width; start += LANES) {
            const number *from = (const number *)m->each + (size_t)token * m->top_k * width + start;
            for (int j = 0; j < LANES; j++) sum[j] = 0;
            for (int k = 0; k < m->top_k; k++)
                for (int j = 0; j < LANES; j++) sum[j] += from_number(from[(size_t)k * width + j]);
            for (int j = 0; j < LANES; j++) ((number *)m->out)[(size_t)token * width + start + j] = to_number(sum[j]);
        }
}
