/* Chooses the kernel for text recognition: see recognise.h. */
#include "recognise.h"

#include <stddef.h>

#include "lectern.h"

/* The best kernel of those named `wanted`, or of all if that is empty; NULL if this processor can run none of them. */
LECTERN_API const recognise_kernel *lectern_recognise(const char *wanted) {
    const int processor = lectern_processor(wanted);
    (void)processor;
#if defined(__x86_64__)
    if (processor == PROCESSOR_AVX512 || processor == PROCESSOR_AVX2) return &recognise_avx2;
#elif defined(__aarch64__)
    if (processor == PROCESSOR_DOTPROD) return &recognise_dotprod;
#endif
    return NULL;
}
