/* The thread pool under load, for the tests and for ThreadSanitizer: every chunk of every phase once, whatever their
   number; helped chunks store once; arguments that are kept stay whole until the end. Prints what went wrong and exits
   with 1. */
#include "system/pool.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "system/threads.h"

int lectern_set_threads(int threads);

enum { MANY = 70000, HELPED = 200, PHASES = 3000 };

static void fail(const char *what, int got, int expected) {
    printf("%s: %d, not %d\n", what, got, expected);
    exit(1);
}

static void count(void *arg, int chunk, lectern_worker *worker) {
    (void)worker;
    atomic_fetch_add(&((_Atomic int *)arg)[chunk], 1);
}

/* More chunks than one phase has room for: each once. */
static void many_chunks(void) {
    static _Atomic int done[MANY];
    for (int i = 0; i < MANY; i++) done[i] = 0;
    pool_enter();
    pool_run(count, done, MANY);
    pool_leave();
    for (int i = 0; i < MANY; i++)
        if (done[i] != 1) fail("a chunk was run", done[i], 1);
}

typedef struct {
    const int *from;
    int *to;
    int phase;
} stage;

/* Each chunk reads what the phase before has stored, and may be computed twice. */
static void next(void *arg, int chunk, lectern_worker *worker) {
    const stage *s = arg;
    const int value = __atomic_load_n(&s->from[chunk], __ATOMIC_RELAXED) + __atomic_load_n(&s->from[(chunk + 1) % HELPED], __ATOMIC_RELAXED) % 2 + s->phase;
    if (pool_commit(worker)) __atomic_store_n(&s->to[chunk], value, __ATOMIC_RELAXED);
}

static void helped_phases(void *arg) {
    int rows[2][HELPED] = {{0}}, expected[2][HELPED] = {{0}};
    (void)arg;
    pool_enter();
    if (!pool_reserve(PHASES * pool_kept(sizeof(stage)))) fail("memory", 0, 1);
    for (int phase = 0; phase < PHASES; phase++) {
        stage *s = pool_keep(sizeof *s);
        *s = (stage){rows[phase % 2], rows[(phase + 1) % 2], phase};
        pool_run_helped(next, s, HELPED);
        for (int i = 0; i < HELPED; i++)
            expected[(phase + 1) % 2][i] = expected[phase % 2][i] + expected[phase % 2][(i + 1) % HELPED] % 2 + phase;
    }
    pool_leave();
    for (int i = 0; i < HELPED; i++)
        if (rows[PHASES % 2][i] != expected[PHASES % 2][i]) fail("a stored number", rows[PHASES % 2][i], expected[PHASES % 2][i]);
}

/* Two threads of the program take turns. */
static void two_callers(void) {
    lectern_thread other;
    if (!thread_start(&other, helped_phases, NULL)) fail("a thread", 0, 1);
    helped_phases(NULL);
    thread_join(other);
}

int main(void) {
    for (int threads = 1; threads <= 4; threads++) {
        if (lectern_set_threads(threads) != threads) fail("threads", lectern_set_threads(threads), threads);
        many_chunks();
        two_callers();
        if (threads == 1) lectern_set_threads(4); /* the pool shrinks and grows */
    }
    lectern_set_threads(1);
    return 0;
}
