/* A row of 8-bit numbers times a rounded x, with integer products. Part of kernels_avx2.c.

   One factor must be without a sign, which x takes over. Two products fill 16 bits without overflowing: a row's numbers are
   at most 128, and those of x at most 127. */

static inline __m256i signed_products(__m256i magnitude, __m256i row, const int8_t *x) {
    return _mm256_madd_epi16(_mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(load(x), row)), _mm256_set1_epi16(1));
}

static inline int whole_sum(__m256i x) {
    const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
    const __m128i two = _mm_add_epi32(four, _mm_unpackhi_epi64(four, four));
    return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 1)));
}

static double words(const int8_t *row, int columns, const int8_t *x, double sum) {
    __m256i first = _mm256_setzero_si256(), second = first;
    (void)sum;
    for (int k = 0; k < columns; k += 32) {
        const __m256i numbers = load(row + k), magnitude = _mm256_abs_epi8(numbers);
        first = _mm256_add_epi32(first, signed_products(magnitude, numbers, x + k));
        second = _mm256_add_epi32(second, signed_products(magnitude, numbers, x + columns + k));
    }
    return 127.0 * whole_sum(first) + whole_sum(second);
}
