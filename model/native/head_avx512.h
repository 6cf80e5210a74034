/* Half bytes times 8-bit numbers with integer products. Part of kernels_avx512.c. */

/* 64 bytes of a plane at a time; four rows share what is loaded of x. */
static inline __attribute__((always_inline)) void screen_rows(const uint8_t *high, int bytes, const int8_t *x, int padded, float *out, const int rows) {
    const __m512i half = _mm512_set1_epi8(15);
    __m512i first[4], second[4];
    for (int r = 0; r < rows; r++) first[r] = second[r] = _mm512_setzero_si512();
    for (int k = 0; k < bytes; k += 64) {
        const __mmask64 mask = bytes - k >= 64 ? ~0ull : (1ull << (bytes - k)) - 1;
        const __m512i x_low = _mm512_load_si512(x + 2 * k), x_high = _mm512_load_si512(x + 2 * k + 64);
        const __m512i y_low = _mm512_load_si512(x + padded + 2 * k), y_high = _mm512_load_si512(x + padded + 2 * k + 64);
        for (int r = 0; r < rows; r++) {
            const __m512i both = _mm512_maskz_loadu_epi8(mask, high + (size_t)r * bytes + k);
            const __m512i low = _mm512_and_si512(both, half), up = _mm512_and_si512(_mm512_srli_epi16(both, 4), half);
            first[r] = _mm512_dpbusd_epi32(_mm512_dpbusd_epi32(first[r], low, x_low), up, x_high);
            second[r] = _mm512_dpbusd_epi32(_mm512_dpbusd_epi32(second[r], low, y_low), up, y_high);
        }
    }
    for (int r = 0; r < rows; r++) out[r] = 127.0f * (float)_mm512_reduce_add_epi32(first[r]) + (float)_mm512_reduce_add_epi32(second[r]);
}

static void screen(const uint8_t *high, int rows, int bytes, const int8_t *x, int padded, int tokens, float *out) {
    for (int r = 0; r < rows; r += 4)
        for (int t = 0; t < tokens; t++) {
            const uint8_t *at = high + (size_t)r * bytes;
            const int8_t *numbers = x + (size_t)t * 4 * padded;
            float *to = out + t * SCREEN_ROWS + r;
            switch (rows - r) {
            case 1: screen_rows(at, bytes, numbers, padded, to, 1); break;
            case 2: screen_rows(at, bytes, numbers, padded, to, 2); break;
            case 3: screen_rows(at, bytes, numbers, padded, to, 3); break;
            default: screen_rows(at, bytes, numbers, padded, to, 4);
            }
        }
}

/* 128 more than the numbers makes them unsigned, as the product wants. */
static double exact(const int8_t *row, int columns, const int8_t *x, int padded) {
    const __m512i sign = _mm512_set1_epi8((char)0x80);
    __m512i first = _mm512_setzero_si512(), second = first;
    for (int k = 0; k < columns; k += 64) {
        const __m512i v = _mm512_xor_si512(_mm512_loadu_si512(row + k), sign);
        first = _mm512_dpbusd_epi32(first, v, _mm512_load_si512(x + k));
        second = _mm512_dpbusd_epi32(second, v, _mm512_load_si512(x + padded + k));
    }
    return 127.0 * _mm512_reduce_add_epi32(first) + _mm512_reduce_add_epi32(second);
}
