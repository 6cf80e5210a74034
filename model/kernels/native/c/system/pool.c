/* The thread pool. One ticket word holds the phase, its number of chunks and the next free chunk: a thread takes a
   chunk by advancing it, so a thread that is late finds nothing left and holds nobody up.

   Threads wait by spinning for a short while, since the phases of one token follow each other within microseconds,
   and then sleep, so that they do not take a core from the window or from torch. */
#include "pool.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "threads.h"

enum { SPIN_NS = 60000, PATIENCE_NS = 40000, NAP_NS = 50000, CACHE_LINE = 64, KEPT_JOBS = 1024, MAX_CHUNKS = 65535 };

typedef struct {
    _Alignas(CACHE_LINE) _Atomic int busy; /* inside a chunk, or about to find out that there is none */
    lectern_worker worker;
    lectern_thread thread;
} member;

typedef struct {
    lectern_chunk run;
    void *arg;
    uint64_t phase;
    int first, helped; /* first: the number of the phase's chunk 0 */
} job;

static struct {
    /* phase (32 bits) | chunks (16) | next chunk (16) */
    _Alignas(CACHE_LINE) _Atomic uint64_t ticket;
    _Alignas(CACHE_LINE) _Atomic int done; /* chunks of the current phase */
    _Alignas(CACHE_LINE) _Atomic int sleepers;
    _Atomic int stopping;
    _Alignas(CACHE_LINE) _Atomic uint64_t committed[MAX_HELPED]; /* the last phase in which each chunk was stored */
    job jobs[KEPT_JOBS]; /* the latest phases: a late thread finds its own and not the one that runs by now */
    uint64_t phase, entered_at;
    member members[MAX_THREADS];
    int threads, wanted, prepared;
    char *kept; /* on a cache line */
    size_t kept_size, kept_used;
} pool = {.threads = 1, .wanted = 1};

static lectern_lock turn = LECTERN_LOCK;
static lectern_lock sleep_lock = LECTERN_LOCK;
static lectern_condition wake = LECTERN_CONDITION;

/* Takes the next chunk of the current phase; 0 where there is none. */
static int take(uint64_t *ticket) {
    *ticket = atomic_load_explicit(&pool.ticket, memory_order_acquire);
    while ((*ticket & 0xffff) < ((*ticket >> 16) & 0xffff))
        if (atomic_compare_exchange_weak_explicit(&pool.ticket, ticket, *ticket + 1, memory_order_acq_rel, memory_order_acquire))
            return 1;
    return 0;
}

static void execute(lectern_worker *worker, const job *job, int chunk) {
    int helped = job->helped;
    worker->chunk = chunk;
    worker->helped = helped;
    worker->phase = job->phase;
    worker->committed = 0;
    job->run(job->arg, job->first + chunk, worker);
    if (!helped || worker->committed) atomic_fetch_add_explicit(&pool.done, 1, memory_order_release);
}

static void execute_all(lectern_worker *worker) {
    for (uint64_t ticket; take(&ticket);) execute(worker, &pool.jobs[(ticket >> 32) % KEPT_JOBS], (int)(ticket & 0xffff));
}

int pool_commit(lectern_worker *worker) {
    if (!worker->helped) return 1;
    uint64_t last = atomic_load_explicit(&pool.committed[worker->chunk], memory_order_acquire);
    while (last < worker->phase)
        if (atomic_compare_exchange_weak(&pool.committed[worker->chunk], &last, worker->phase)) {
            worker->committed = 1;
            return 1;
        }
    return 0;
}

static void sleep_until_work(uint64_t seen) {
    lock_take(&sleep_lock);
    atomic_fetch_add(&pool.sleepers, 1);
    while (atomic_load(&pool.ticket) >> 32 == seen && !atomic_load(&pool.stopping)) condition_wait(&wake, &sleep_lock);
    atomic_fetch_sub(&pool.sleepers, 1);
    lock_give(&sleep_lock);
}

static void wake_sleepers(void) {
    if (!atomic_load(&pool.sleepers)) return;
    lock_take(&sleep_lock);
    condition_wake_all(&wake);
    lock_give(&sleep_lock);
}

static void work(void *arg) {
    member *me = arg;
    int64_t idle_since = now_ns();
    while (!atomic_load_explicit(&pool.stopping, memory_order_relaxed)) {
        uint64_t ticket = atomic_load_explicit(&pool.ticket, memory_order_acquire);
        if ((ticket & 0xffff) < ((ticket >> 16) & 0xffff)) {
            atomic_store(&me->busy, 1);
            execute_all(&me->worker);
            atomic_store_explicit(&me->busy, 0, memory_order_release);
            idle_since = now_ns();
            continue;
        }
        for (int i = 0; i < 32; i++) pause_cpu();
        if (now_ns() - idle_since > SPIN_NS) {
            sleep_until_work(ticket >> 32);
            idle_since = now_ns();
        }
    }
}

static void stop_threads(void) {
    atomic_store(&pool.stopping, 1);
    lock_take(&sleep_lock);
    condition_wake_all(&wake);
    lock_give(&sleep_lock);
    for (int i = 1; i < pool.threads; i++) thread_join(pool.members[i].thread);
    atomic_store(&pool.stopping, 0);
    pool.threads = 1;
}

static int give_scratch(member *m, int index) {
    m->worker.index = index;
    if (!m->worker.scratch) m->worker.scratch = pages_take(SCRATCH_BYTES);
    return m->worker.scratch != NULL;
}

static void start_threads(void) {
    while (pool.threads < pool.wanted) {
        member *m = &pool.members[pool.threads];
        if (!give_scratch(m, pool.threads) || !thread_start(&m->thread, work, m)) {
            pool.wanted = pool.threads; /* fewer threads will do */
            return;
        }
        pool.threads++;
    }
}

/* Threads do not survive a fork; the child starts its own. */
static void forked(void) {
    pool.threads = 1;
    atomic_store(&pool.sleepers, 0);
    lock_reset(&turn);
    lock_reset(&sleep_lock);
    condition_reset(&wake);
}

LECTERN_API int lectern_set_threads(int threads) {
    lock_take(&turn);
    if (!pool.prepared) in_child_of_fork(forked);
    pool.prepared = 1;
    pool.wanted = threads < 1 ? 1 : threads > MAX_THREADS ? MAX_THREADS : threads;
    if (pool.wanted < pool.threads) stop_threads();
    int ready = give_scratch(&pool.members[0], 0);
    if (ready) start_threads();
    lock_give(&turn);
    return ready ? pool.threads : 0;
}

int pool_threads(void) { return pool.threads; }

void pool_enter(void) {
    lock_take(&turn);
    pool.kept_used = 0;
    pool.entered_at = pool.phase;
}

int pool_reserve(size_t bytes) {
    if (bytes > pool.kept_size) { /* nobody reads the old one: pool_leave has waited for all threads */
        pages_give(pool.kept);
        pool.kept_size = (bytes + (1 << 16)) & ~(size_t)4095;
        pool.kept = pages_take(pool.kept_size);
        if (!pool.kept) pool.kept_size = 0;
    }
    return bytes <= pool.kept_size;
}

/* Wait until no thread is inside a chunk any more. */
static void settle(void) {
    int64_t since = now_ns();
    for (int i = 1; i < pool.threads; i++)
        while (atomic_load_explicit(&pool.members[i].busy, memory_order_acquire)) {
            pause_cpu();
            if (now_ns() - since > SPIN_NS) nap_ns(NAP_NS);
        }
}

void pool_leave(void) {
    settle();
    lock_give(&turn);
}

void *pool_keep(size_t bytes) {
    char *start = pool.kept + pool.kept_used;
    pool.kept_used += pool_kept(bytes);
    if (pool.kept_used > pool.kept_size) {
        fputs("lectern: more arguments than were reserved\n", stderr);
        abort();
    }
    return start;
}

void *lectern_memory(int use, size_t bytes) {
    static struct {
        void *start;
        size_t size;
    } kept[MEMORY_USES];
    if (bytes > kept[use].size) {
        pages_give(kept[use].start);
        const size_t size = (bytes + (1 << 16)) & ~(size_t)4095;
        kept[use].start = pages_take(size);
        kept[use].size = kept[use].start ? size : 0;
    }
    return kept[use].start;
}

/* The calling thread has nothing left to take: wait for the others, or do their chunks again. */
static void wait_for(const job *job, int chunks, lectern_worker *self) {
    int64_t since = now_ns();
    while (atomic_load_explicit(&pool.done, memory_order_acquire) < chunks) {
        pause_cpu();
        int64_t waited = now_ns() - since;
        if (job->helped && waited > PATIENCE_NS) {
            for (int chunk = 0; chunk < chunks; chunk++)
                if (atomic_load_explicit(&pool.committed[chunk], memory_order_acquire) < job->phase) execute(self, job, chunk);
            since = now_ns(); /* all are stored, or are being stored just now */
        } else if (waited > 50 * SPIN_NS) {
            nap_ns(NAP_NS);
        }
    }
}

/* At most MAX_CHUNKS, which is what the ticket has room for. */
static void run_phase(lectern_chunk body, void *arg, int first, int chunks, int helped) {
    lectern_worker *self = &pool.members[0].worker;
    uint64_t phase = ++pool.phase;
    if (phase - pool.entered_at >= KEPT_JOBS) {
        settle(); /* before a job is overwritten that somebody may still be in */
        pool.entered_at = phase;
    }
    job *job = &pool.jobs[phase % KEPT_JOBS];
    job->run = body;
    job->arg = arg;
    job->phase = phase;
    job->first = first;
    job->helped = helped;
    atomic_store_explicit(&pool.done, 0, memory_order_relaxed);
    atomic_store(&pool.ticket, (phase << 32) | ((uint64_t)chunks << 16));
    if (chunks > 1) wake_sleepers();
    execute_all(self);
    wait_for(job, chunks, self);
}

void pool_run(lectern_chunk body, void *arg, int chunks) {
    for (int first = 0; first < chunks; first += MAX_CHUNKS)
        run_phase(body, arg, first, chunks - first < MAX_CHUNKS ? chunks - first : MAX_CHUNKS, 0);
}

void pool_run_helped(lectern_chunk body, void *arg, int chunks) {
    if (chunks > MAX_HELPED) pool_run(body, arg, chunks);
    else if (chunks > 0) run_phase(body, arg, 0, chunks, 1);
}
