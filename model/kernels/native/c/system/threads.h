/* What differs between systems: threads, locks, a clock, memory on a page and from a file. threads.c has it for POSIX and for
   Windows. */
#ifndef LECTERN_THREADS_H
#define LECTERN_THREADS_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
/* SRWLOCK and CONDITION_VARIABLE, whose header would define `near` and others. All zeros is how both begin. */
typedef struct { void *state; } lectern_lock, lectern_condition;
typedef void *lectern_thread;
#define LECTERN_LOCK {0}
#define LECTERN_CONDITION {0}
#else
#include <pthread.h>
typedef pthread_mutex_t lectern_lock;
typedef pthread_cond_t lectern_condition;
typedef pthread_t lectern_thread;
#define LECTERN_LOCK PTHREAD_MUTEX_INITIALIZER
#define LECTERN_CONDITION PTHREAD_COND_INITIALIZER
#endif

void lock_take(lectern_lock *lock);
void lock_give(lectern_lock *lock);
void lock_reset(lectern_lock *lock); /* in the child of a fork, whichever thread held it before */

/* Gives the lock back while it waits; may return without a reason. */
void condition_wait(lectern_condition *condition, lectern_lock *lock);
void condition_wake_all(lectern_condition *condition);
void condition_reset(lectern_condition *condition);

typedef void (*lectern_work)(void *arg);
int thread_start(lectern_thread *thread, lectern_work work, void *arg); /* 0 where the system gives none */
void thread_join(lectern_thread thread);
void in_child_of_fork(void (*then)(void)); /* nothing on Windows, which has no fork */

int64_t now_ns(void); /* of a clock that is never set */
void nap_ns(int64_t ns);

void *pages_take(size_t bytes); /* a multiple of 4096 bytes, on a page; NULL where there is no memory */
void pages_give(void *pages);

/* Asks the system to read mapped memory from its file, without waiting. A hint: it may do nothing. */
void read_ahead(const void *start, size_t bytes);

static inline void pause_cpu(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb"); /* `yield` does nothing on most of them */
#endif
}

#endif
