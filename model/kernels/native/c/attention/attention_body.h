/* Included behind `score_rows`, which is compiled anew for each number of queries. */
static void scores(const uint16_t *q, int rows, const uint16_t *keys, size_t stride, int count, int size, float *out) {
    for (; rows >= 8; rows -= 8, q += 8 * size, out += 8 * PIECE) score_rows(q, keys, stride, count, size, out, 8);
    if (rows >= 4) {
        score_rows(q, keys, stride, count, size, out, 4);
        rows -= 4, q += 4 * size, out += 4 * PIECE;
    }
    if (rows == 3) score_rows(q, keys, stride, count, size, out, 3);
    if (rows == 2) score_rows(q, keys, stride, count, size, out, 2);
    if (rows == 1) score_rows(q, keys, stride, count, size, out, 1);
}
