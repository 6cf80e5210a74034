/* A few threads that take chunks of work one by one, so that a core which is busy with something else takes fewer. */
#ifndef LECTERN_POOL_H
#define LECTERN_POOL_H

#include "lectern.h"

enum { MAX_THREADS = 64, MAX_HELPED = 8192, SCRATCH_BYTES = 1 << 20 };

typedef struct lectern_worker {
    char *scratch;  /* SCRATCH_BYTES for this thread alone, on a page */
    int index;      /* 0 is the calling thread */
    /* Of the pool: */
    int chunk, committed, helped;
    uint64_t phase;
} lectern_worker;

typedef void (*lectern_chunk)(void *arg, int chunk, lectern_worker *worker);

/* Calls of one Python thread are kept apart from those of another: everything below is called between these two. */
void pool_enter(void);
void pool_leave(void); /* returns once no thread is inside a chunk any more */

/* Run chunk 0 … chunks - 1 on all threads; each exactly once, however many. Returns when all are done. */
void pool_run(lectern_chunk run, void *arg, int chunks);

/* The same for chunks that may be computed twice: where a thread was taken off its core in the middle of one, the
   calling thread does it again instead of waiting. A chunk computes into worker->scratch, and stores its result only if
   pool_commit returns non-zero, and does nothing else after that. It may find its inputs already overwritten, and must
   then only not crash: its commit will be refused. */
void pool_run_helped(lectern_chunk run, void *arg, int chunks);
int pool_commit(lectern_worker *worker);

/* Memory until pool_leave, for the arguments of helped chunks: a late thread may still read them in a later phase.
   Comes out of what pool_reserve, called once right behind pool_enter, has put aside: each piece takes pool_kept(bytes)
   of it. Asking for more than that ends the process, since it would otherwise write over somebody else's memory. */
int pool_reserve(size_t bytes); /* 0 where there is no memory */
void *pool_keep(size_t bytes);
static inline size_t pool_kept(size_t bytes) { return (bytes + 63) / 64 * 64; }

int pool_threads(void);

/* Memory of at least `bytes` on a page, kept from call to call; NULL where there is none. Between enter and leave
   only. */
void *lectern_memory(int use, size_t bytes);
enum { MEMORY_DECODE, MEMORY_HEAD, MEMORY_LINEAR, MEMORY_GEMM, MEMORY_USES };

#endif
