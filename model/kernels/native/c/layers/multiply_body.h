/* A group of rows times up to MAX_TOKENS tokens: the part that all kernels share. Included behind `rows_of_32`, which
   is compiled anew for each number of tokens, `w8_rows`, its twin for 8 bits, and `bf16_row`, one row of bf16 for one
   token whose numbers start at `first`. */
static void bf16_rows(const lectern_matrix *w, const lectern_input *x, int group, float *out) {
    const int first = group * LANES, count = w->rows - first < LANES ? w->rows - first : LANES;
    for (int row = 0; row < count; row++)
        for (int t = 0; t < x->tokens; t++)
            out[t * LANES + row] = bf16_row((const uint16_t *)w->data + (size_t)(first + row) * w->columns, x, (size_t)t * x->stride, w->columns);
}

static void multiply(const lectern_matrix *w, const lectern_input *x, int group, float *out) {
    if (w->form == FORM_BF16) {
        bf16_rows(w, x, group, out);
        return;
    }
#define TOKENS(n) \
    case n: \
        if (w->form == FORM_INT4) rows_of_32(w, x, group, out, n, FORM_INT4); \
        else if (w->form == FORM_NF4) rows_of_32(w, x, group, out, n, FORM_NF4); \
        else if (w->form == FORM_INT4M) rows_of_32(w, x, group, out, n, FORM_INT4M); \
        else if (w->form == FORM_W8M) w8_rows(w, x, group, out, n, FORM_W8M); \
        else if (w->form == FORM_W8X16) w8_rows(w, x, group, out, n, FORM_W8X16); \
        else w8_rows(w, x, group, out, n, FORM_W8); \
        break
    switch (x->tokens) {
        TOKENS(1);
        TOKENS(2);
        TOKENS(3);
        TOKENS(4);
        TOKENS(5);
        TOKENS(6);
        TOKENS(7);
        TOKENS(8);
    }
#undef TOKENS
}
