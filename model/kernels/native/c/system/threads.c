/* See threads.h. */
#define _GNU_SOURCE
#include "threads.h"

#include <stdlib.h>

#if defined(_WIN32)

#if !defined(_WIN32_WINNT)
#define _WIN32_WINNT 0x0602 /* for PrefetchVirtualMemory */
#endif
#include <windows.h>
#include <malloc.h>

void lock_take(lectern_lock *lock) { AcquireSRWLockExclusive((SRWLOCK *)lock); }
void lock_give(lectern_lock *lock) { ReleaseSRWLockExclusive((SRWLOCK *)lock); }
void lock_reset(lectern_lock *lock) { lock->state = NULL; }

void condition_wait(lectern_condition *condition, lectern_lock *lock) {
    SleepConditionVariableSRW((CONDITION_VARIABLE *)condition, (SRWLOCK *)lock, INFINITE, 0);
}
void condition_wake_all(lectern_condition *condition) { WakeAllConditionVariable((CONDITION_VARIABLE *)condition); }
void condition_reset(lectern_condition *condition) { condition->state = NULL; }

typedef struct {
    lectern_work work;
    void *arg;
} start;

static DWORD WINAPI begin(void *arg) {
    const start s = *(start *)arg;
    free(arg);
    s.work(s.arg);
    return 0;
}

int thread_start(lectern_thread *thread, lectern_work work, void *arg) {
    start *s = malloc(sizeof *s);
    if (!s) return 0;
    *s = (start){work, arg};
    *thread = CreateThread(NULL, 0, begin, s, 0, NULL);
    if (!*thread) free(s);
    return *thread != NULL;
}

void thread_join(lectern_thread thread) {
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
}

void in_child_of_fork(void (*then)(void)) { (void)then; }

int64_t now_ns(void) {
    static LARGE_INTEGER frequency; /* the same from every thread that writes it */
    LARGE_INTEGER count;
    if (!frequency.QuadPart) QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&count);
    return count.QuadPart / frequency.QuadPart * 1000000000 + count.QuadPart % frequency.QuadPart * 1000000000 / frequency.QuadPart;
}

/* Windows sleeps for a whole tick at least, which is too long: the waits here last microseconds. */
void nap_ns(int64_t ns) {
    (void)ns;
    SwitchToThread();
}

void *pages_take(size_t bytes) { return _aligned_malloc(bytes, 4096); }
void pages_give(void *pages) { _aligned_free(pages); }

void read_ahead(const void *start, size_t bytes) {
    WIN32_MEMORY_RANGE_ENTRY range = {(void *)start, bytes};
    PrefetchVirtualMemory(GetCurrentProcess(), 1, &range, 0);
}

#else

#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

void lock_take(lectern_lock *lock) { pthread_mutex_lock(lock); }
void lock_give(lectern_lock *lock) { pthread_mutex_unlock(lock); }
void lock_reset(lectern_lock *lock) { pthread_mutex_init(lock, NULL); }

void condition_wait(lectern_condition *condition, lectern_lock *lock) { pthread_cond_wait(condition, lock); }
void condition_wake_all(lectern_condition *condition) { pthread_cond_broadcast(condition); }
void condition_reset(lectern_condition *condition) { pthread_cond_init(condition, NULL); }

typedef struct {
    lectern_work work;
    void *arg;
} start;

static void *begin(void *arg) {
    const start s = *(start *)arg;
    free(arg);
    s.work(s.arg);
    return NULL;
}

int thread_start(lectern_thread *thread, lectern_work work, void *arg) {
    start *s = malloc(sizeof *s);
    if (!s) return 0;
    *s = (start){work, arg};
    if (!pthread_create(thread, NULL, begin, s)) return 1;
    free(s);
    return 0;
}

void thread_join(lectern_thread thread) { pthread_join(thread, NULL); }

void in_child_of_fork(void (*then)(void)) { pthread_atfork(NULL, NULL, then); }

int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void nap_ns(int64_t ns) {
    struct timespec t = {0, ns};
    nanosleep(&t, NULL);
}

void *pages_take(size_t bytes) { return aligned_alloc(4096, bytes); }
void pages_give(void *pages) { free(pages); }

/* Linux reads at most as much for one call as it would ahead of a sequential reader, 128 KB, and forgets the rest. */
enum { AHEAD_STEP = 128 << 10 };

void read_ahead(const void *start, size_t bytes) {
    static size_t page; /* the same from every thread that writes it */
    if (!page) page = (size_t)sysconf(_SC_PAGESIZE);
    const uintptr_t end = (uintptr_t)start + bytes;
    for (uintptr_t at = (uintptr_t)start / page * page; at < end; at += AHEAD_STEP)
        madvise((void *)at, end - at < AHEAD_STEP ? end - at : AHEAD_STEP, MADV_WILLNEED);
}

#endif
