/* Which instructions this processor has, asked of itself: compilers' own helpers for that are missing on some
   systems. */
#include <string.h>

#include "lectern.h"

#if defined(__x86_64__)

#include <cpuid.h>

typedef struct {
    int avx2, avx_vnni, vnni, bf16; /* each with what its kernels use besides */
} instructions;

static int all(unsigned bits, unsigned wanted) { return (bits & wanted) == wanted; }

/* Registers that the system saves when it changes between threads: XCR0. */
static unsigned saved_registers(void) {
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

/* Intel's manual, CPUID: leaf 1, leaf 7 and its subleaf 1. */
static instructions found(void) {
    enum { FMA = 1 << 12, OSXSAVE = 1 << 27, AVX = 1 << 28, F16C = 1 << 29, AVX2 = 1 << 5, F = 1 << 16, DQ = 1 << 17, BW = 1 << 30 };
    const unsigned VL = 1u << 31, VNNI = 1 << 11, AVX_VNNI = 1 << 4, BF16 = 1 << 5, YMM = 0x6, ZMM = 0xe6;
    instructions has = {0};
    unsigned a, b, c, d, first_c;
    if (!__get_cpuid(1, &a, &b, &first_c, &d) || !all(first_c, FMA | OSXSAVE | AVX | F16C)) return has;
    const unsigned saved = saved_registers();
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return has;
    const unsigned leaves = a;
    has.avx2 = all(saved, YMM) && all(b, AVX2);
    has.vnni = has.avx2 && all(saved, ZMM) && all(b, F | DQ | BW | VL) && all(c, VNNI);
    if (has.avx2 && leaves >= 1) {
        __cpuid_count(7, 1, a, b, c, d);
        has.avx_vnni = all(a, AVX_VNNI);
        has.bf16 = has.vnni && all(a, BF16);
    }
#if defined(LECTERN_AVX512_AS_AVX_VNNI)
    has.avx_vnni = has.vnni; /* for the tests: see gemm_avxvnni.c */
#endif
    return has;
}

int lectern_processor(const char *wanted) {
    const instructions has = found();
    if (has.bf16 && (!*wanted || !strcmp(wanted, "avx512"))) return PROCESSOR_AVX512;
    if (has.avx2 && (!*wanted || !strcmp(wanted, "avx2") || !strcmp(wanted, "avxvnni") || !strcmp(wanted, "vnni"))) return PROCESSOR_AVX2;
    return PROCESSOR_OTHER;
}

int lectern_has_vnni(const char *wanted) { return (!*wanted || !strcmp(wanted, "vnni")) && found().vnni; }
int lectern_has_avx_vnni(const char *wanted) { return (!*wanted || !strcmp(wanted, "avxvnni")) && found().avx_vnni; }

#elif defined(__aarch64__)

#if defined(_WIN32)
__declspec(dllimport) int __stdcall IsProcessorFeaturePresent(unsigned long feature);
static int has_dotprod(void) {
    enum { ARM_V82_DOTPROD = 43 };
    return IsProcessorFeaturePresent(ARM_V82_DOTPROD);
}
#elif defined(__APPLE__)
static int has_dotprod(void) { return 1; } /* every Mac with an ARM processor */
#else
#include <sys/auxv.h>
static int has_dotprod(void) {
    enum { ASIMDDP = 20 }; /* HWCAP_ASIMDDP is this bit */
    return getauxval(AT_HWCAP) >> ASIMDDP & 1;
}
#endif

int lectern_processor(const char *wanted) {
    return has_dotprod() && (!*wanted || !strcmp(wanted, "dotprod")) ? PROCESSOR_DOTPROD : PROCESSOR_OTHER;
}

int lectern_has_vnni(const char *wanted) {
    (void)wanted;
    return 0;
}

#else

int lectern_processor(const char *wanted) {
    (void)wanted;
    return PROCESSOR_OTHER;
}

int lectern_has_vnni(const char *wanted) {
    (void)wanted;
    return 0;
}

#endif
