/* AVX2 with FMA. Compiled with its own flags. */
#include <immintrin.h>

#include "lectern.h"
