/* A row of 8-bit numbers times a rounded x, with integer products. Part of kernels_avx512.c.

   One factor must be without a sign: the row's numbers are taken 128 too large, and the sum of x tells how much that adds. */

static double words(const int8_t *row, int columns, const int8_t *x, double sum) {
    const __m512i sign = _mm512_set1_epi8((char)0x80);
    __m512i first = _mm512_setzero_si512(), second = first;
    for (int k = 0; k < columns; k += 64) {
        const __m512i v = _mm512_xor_si512(_mm512_loadu_si512(row + k), sign);
        first = _mm512_dpbusd_epi32(first, v, _mm512_loadu_si512(x + k));
        second = _mm512_dpbusd_epi32(second, v, _mm512_loadu_si512(x + columns + k));
    }
    return 127.0 * _mm512_reduce_add_epi32(first) + _mm512_reduce_add_epi32(second) - 128.0 * sum;
}
