/* tile_of (see gemm_tile.h) where the registers hold 16 rows of W, so that a panel is two halves. The file that includes
   this has defined HALF, 16, and

     half_of(rows, form, x, first, count, w, scales, panel, out, next, lines)
         rows of activations through `count` columns of half a panel, whose scales begin at `scales`, added to out */
static inline __attribute__((always_inline)) void tile_of(
    const int rows, const int form, const input *const *x, int first, int count, const lectern_matrix *w, int group, const char *panel, float *out, int add, const char *next, int lines) {
    const size_t apart = (lectern_has_minimums(form) ? 2 : 1) * (size_t)w->rows;
    const uint16_t *scales = w->scales + (size_t)(first / lectern_block_of(form)) * apart + (size_t)group * LANES;
    if (!add) memset(out, 0, (size_t)rows * LANES * sizeof *out);
    for (int part = 0; part < 2; part++)
        half_of(rows, form, x, first, count, w, scales + part * HALF, panel + (size_t)part * count * HALF, out + part * HALF, next, part ? 0 : lines);
}

#include "gemm_tile.h"
