/* Included behind `words_of`, which is compiled anew for each number of tokens. */
static void words(const int8_t *row, int columns, const int8_t *x, const double *sums, int tokens, double *out) {
    switch (tokens) {
        case 1: words_of(row, columns, x, sums, out, 1); break;
        case 2: words_of(row, columns, x, sums, out, 2); break;
        case 3: words_of(row, columns, x, sums, out, 3); break;
        case 4: words_of(row, columns, x, sums, out, 4); break;
    }
}
