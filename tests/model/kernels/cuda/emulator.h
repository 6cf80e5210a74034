/* Runs CUDA sources on the processor: a block's threads are fibers that take turns at barriers and warp exchanges. One
   block at a time. What would hang or spoil a card ends the launch with a word: a barrier that not all reach, numbers
   written behind the shared memory. Shared memory begins as NaN. Of each pass over the threads the order is chosen by
   the caller, so that a missing barrier shows. */
#pragma once
#define LECTERN_EMULATED
#include <csetjmp>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <ucontext.h>
#include <vector>

#define __device__ static
#define KERNEL(threads) extern "C" void
#define SHARED(name) float *name = emulator.shared
#define PREFETCH(address) touch((const char *)(address))

static volatile char touched;
static void touch(const char *address) { touched = *address; } /* a fetched address must be valid */

struct alignas(16) uint4 {
    unsigned x, y, z, w;
};
struct alignas(16) float4 {
    float x, y, z, w;
};
struct sizes {
    unsigned x = 1, y = 1;
};

enum waiting { READY, AT_BLOCK, AT_WARP, DONE };

struct fiber {
    std::vector<char> stack;
    jmp_buf here;
    waiting state = DONE;
    bool begun = false;
};

struct machine {
    std::vector<fiber> fibers;
    jmp_buf scheduler;
    unsigned current = 0, threads = 0;
    uint32_t exchange[1024];
    float *shared = nullptr;
    void (*kernel)(const void *) = nullptr;
    const void *arguments = nullptr;
};
static machine emulator;
static sizes threadIdx, blockIdx, blockDim, gridDim;

__attribute__((noinline)) static void wait_at(waiting what) {
    fiber &own = emulator.fibers[emulator.current];
    own.state = what;
    if (!_setjmp(own.here)) _longjmp(emulator.scheduler, 1);
}

static void __syncthreads() { wait_at(AT_BLOCK); }
static void __syncwarp() { wait_at(AT_WARP); }

template <class T> static T __shfl_xor_sync(unsigned, T value, int step) {
    static_assert(sizeof(T) == 4, "words alone");
    const unsigned own = emulator.current;
    memcpy(&emulator.exchange[own], &value, 4);
    wait_at(AT_WARP);
    memcpy(&value, &emulator.exchange[own ^ (unsigned)step], 4);
    wait_at(AT_WARP);
    return value;
}

static float __uint_as_float(unsigned bits) {
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

static unsigned __float_as_uint(float value) {
    unsigned bits;
    memcpy(&bits, &value, 4);
    return bits;
}

static void begin_fiber() {
    emulator.kernel(emulator.arguments);
    emulator.fibers[emulator.current].state = DONE;
    _longjmp(emulator.scheduler, 1);
}

__attribute__((noinline)) static void run_fiber(unsigned index) {
    fiber &own = emulator.fibers[index];
    emulator.current = index;
    threadIdx.x = index;
    if (_setjmp(emulator.scheduler)) return;
    if (own.begun) _longjmp(own.here, 1);
    own.begun = true;
    if (own.stack.empty()) own.stack.resize(1 << 16);
    ucontext_t context;
    getcontext(&context);
    context.uc_stack.ss_sp = own.stack.data();
    context.uc_stack.ss_size = own.stack.size();
    context.uc_link = nullptr;
    makecontext(&context, begin_fiber, 0);
    setcontext(&context);
}

/* Releases the threads at a barrier once all others of their group have reached it or have ended. */
static bool release(unsigned begin, unsigned stop, waiting at) {
    bool some = false;
    for (unsigned i = begin; i < stop; i++) {
        const waiting state = emulator.fibers[i].state;
        if (state != at && state != DONE) return false;
        some |= state == at;
    }
    for (unsigned i = begin; i < stop; i++)
        if (emulator.fibers[i].state == at) emulator.fibers[i].state = READY;
    return some;
}

static const char *run_block(bool backward) {
    const unsigned count = emulator.threads;
    for (unsigned i = 0; i < count; i++) emulator.fibers[i].state = READY, emulator.fibers[i].begun = false;
    for (;;) {
        bool done = true;
        for (unsigned turn = 0; turn < count; turn++) {
            const unsigned i = backward ? count - 1 - turn : turn;
            if (emulator.fibers[i].state == READY) run_fiber(i);
            done &= emulator.fibers[i].state == DONE;
        }
        if (done) return nullptr;
        bool released = false;
        for (unsigned warp = 0; warp < count; warp += 32) released |= release(warp, warp + 32, AT_WARP);
        released |= release(0, count, AT_BLOCK);
        if (!released) return "threads wait for others that will not come";
    }
}

static const char *run_grid(unsigned wide, unsigned high, unsigned threads, unsigned shared, bool backward) {
    const unsigned room = 64;
    std::vector<float> memory(shared / 4 + room + 4);
    if (threads % 32 || threads > 1024 || shared % 4) return "a size that no card takes";
    emulator.shared = memory.data();
    while ((uintptr_t)emulator.shared % 16) emulator.shared++;
    emulator.threads = threads;
    if (emulator.fibers.size() < threads) emulator.fibers.resize(threads);
    gridDim = {wide, high}, blockDim = {threads, 1};
    for (blockIdx.y = 0; blockIdx.y < high; blockIdx.y++)
        for (blockIdx.x = 0; blockIdx.x < wide; blockIdx.x++) {
            for (unsigned i = 0; i < shared / 4 + room; i++) emulator.shared[i] = NAN;
            const char *fault = run_block(backward);
            if (fault) return fault;
            for (unsigned i = 0; i < room; i++)
                if (!std::isnan(emulator.shared[shared / 4 + i])) return "numbers were written behind the shared memory";
        }
    return nullptr;
}

typedef const char *(*launcher)(const void *, unsigned, unsigned, unsigned, unsigned, int);

static std::map<std::string, launcher> &kernels() {
    static std::map<std::string, launcher> all;
    return all;
}

/* For each kernel: LAUNCH(name, type of its argument). */
#define LAUNCH(name, type)                                                                                       \
    extern "C" const char *run_##name(                                                                           \
        const void *arguments, unsigned wide, unsigned high, unsigned threads, unsigned shared, int backward) {  \
        emulator.kernel = [](const void *a) { name(*(const type *)a); };                                         \
        emulator.arguments = arguments;                                                                          \
        return run_grid(wide, high, threads, shared, backward);                                                  \
    }                                                                                                            \
    static const bool known_##name = (kernels()[#name] = run_##name, true);

/* What of CUDA's driver Lectern calls, in front of the same kernels. */
static std::map<void *, unsigned> allowed_shared;

extern "C" int cuModuleLoadData(void **module, const void *image) {
    *module = &emulator;
    return memcmp(image, "\x7f" "ELF", 4) ? 200 : 0; /* CUDA_ERROR_INVALID_IMAGE */
}

extern "C" int cuModuleGetFunction(void **function, void *module, const char *name) {
    const auto found = kernels().find(name);
    if (module != &emulator || found == kernels().end()) return 500; /* CUDA_ERROR_NOT_FOUND */
    *function = (void *)found->second;
    return 0;
}

extern "C" int cuFuncSetAttribute(void *function, int attribute, int value) {
    if (attribute != 8 || value > 99 * 1024) return 1;
    allowed_shared[function] = (unsigned)value;
    return 0;
}

extern "C" int cuLaunchKernel(
    void *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared,
    void *stream, void **parameters, void **extra) {
    const bool too_much = shared > 48 * 1024 && shared > allowed_shared[function];
    if (too_much || gz != 1 || by != 1 || bz != 1 || stream != (void *)0x7fff12345678 || extra) return 1;
    return ((launcher)function)(parameters[0], gx, gy, bx, shared, 0) ? 719 : 0; /* CUDA_ERROR_LAUNCH_FAILED */
}

extern "C" int cuGetErrorString(int status, const char **text) {
    *text = status == 500 ? "named symbol not found" : "some other error";
    return 0;
}
