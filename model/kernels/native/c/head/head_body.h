/* Included behind `near_of` and `nibbles_of`, which are compiled anew for each number of tokens. */
static void near(const uint8_t *rows, int lines, const int8_t *x, int tokens, int32_t *out, int apart) {
    switch (tokens) {
        case 1: near_of(rows, lines, x, out, apart, 1); break;
        case 2: near_of(rows, lines, x, out, apart, 2); break;
        case 3: near_of(rows, lines, x, out, apart, 3); break;
        case 4: near_of(rows, lines, x, out, apart, 4); break;
    }
}

static void nibbles(const uint8_t *row, const uint8_t *next, int lines, const int8_t *x, int tokens, double *out) {
    switch (tokens) {
        case 1: nibbles_of(row, next, lines, x, out, 1); break;
        case 2: nibbles_of(row, next, lines, x, out, 2); break;
        case 3: nibbles_of(row, next, lines, x, out, 3); break;
        case 4: nibbles_of(row, next, lines, x, out, 4); break;
    }
}
