/* Included behind `weigh_line`, which takes 32 numbers of each value for one or two rows of weights. */

/* The numbers behind the last whole line. */
static void weigh_rest(const uint16_t *weights, const uint16_t *values, size_t stride, int count, int rest, float *out) {
    for (int k = 0; k < rest; k++) out[k] = 0;
    for (int s = 0; s < count; s++)
        for (int k = 0; k < rest; k++) out[k] += bf16_to_f32(weights[s]) * bf16_to_f32(values[s * stride + k]);
}

static void weigh(const uint16_t *weights, int rows, const uint16_t *values, size_t stride, int count, int size, float *out) {
    const int whole = size / 32 * 32;
    for (int k = 0; k < whole; k += 32) {
        for (int r = 0; r + 2 <= rows; r += 2) weigh_line(weights + r * PIECE, values + k, stride, count, size, out + (size_t)r * size + k, 2);
        if (rows % 2) weigh_line(weights + (rows - 1) * PIECE, values + k, stride, count, size, out + (size_t)(rows - 1) * size + k, 1);
    }
    for (int r = 0; r < rows; r++) weigh_rest(weights + r * PIECE, values + whole, stride, count, size - whole, out + (size_t)r * size + whole);
}
