/* The matrix products in which Tesseract's networks spend their time, in the form in which it accepts kernels. */
#ifndef LECTERN_RECOGNISE_H
#define LECTERN_RECOGNISE_H

#include <stdint.h>

/* Out [rows] = scales * (W x + 127 * bias), W [rows, columns - 1] with the bias as its last column: all whole numbers of
   8 bits, so that every kernel gives the same, bit for bit. Tesseract lays W out anew when it loads a language: sets of
   8 * `most`, 8 * most / 2, … 8 rows, of which each is as long as fits; a set holds for each 4 columns the numbers of
   its first row, of its second, and so on, and behind them its biases. Rows and columns are filled up with 0. */
typedef void (*recognise_product)(int rows, int columns, const int8_t *w, const double *scales, const int8_t *x, double *out);

enum { RECOGNISE_LANES = 8, RECOGNISE_MOST = 8, RECOGNISE_GROUP = 4, RECOGNISE_BIAS = 127 };

/* `tesseract::IntSimdMatrix` of 5.0.0-alpha, which MuPDF contains without any such kernels. */
typedef struct {
    recognise_product product;
    int lanes, most; /* rows of the smallest set; the largest in such sets */
    int filled_up;   /* columns of x are a multiple of this; what is behind the last one may be anything */
    int group, groups;
} recognise_kernel;

extern const recognise_kernel recognise_avx2, recognise_dotprod;

#endif
