/* tile (see gemm_body.h), with its number of rows and its form known to the compiler, which makes a copy for each. The
   file that includes this has defined TILE_ROWS, 4 or 6, and

     tile_of(rows, form, x, first, count, w, group, panel, out, add, next, lines)
         as tile, inlined; for every form but those below the one of NF4 */
#if TILE_ROWS != 4 && TILE_ROWS != 6
#error "TILE_ROWS is 4 or 6"
#endif

#define OF_FORM(rows, form) tile_of(rows, form, x, first, count, w, group, panel, out, add, next, lines); break;
#define OF_ROWS(rows) \
    case rows: \
        switch (w->form) { \
        case FORM_INT4: OF_FORM(rows, FORM_INT4) \
        case FORM_INT4M: OF_FORM(rows, FORM_INT4M) \
        case FORM_W8: OF_FORM(rows, FORM_W8) \
        case FORM_W8M: OF_FORM(rows, FORM_W8M) \
        case FORM_W8X16: OF_FORM(rows, FORM_W8X16) \
        default: OF_FORM(rows, FORM_NF4) \
        } \
        break;

static void tile(int rows, const input *const *x, int first, int count, const lectern_matrix *w, int group, const char *panel, float *out, int add, const char *next, int lines) {
    switch (rows) {
        OF_ROWS(1) OF_ROWS(2) OF_ROWS(3) OF_ROWS(4)
#if TILE_ROWS == 6
        OF_ROWS(5) OF_ROWS(6)
#endif
    }
}
