// Crashes with stacks of many shapes; the argument chooses one. gdb's backtrace of each is recorded, and compared with ours.
// It does not know an unwinder.
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))

volatile int sink;
int *volatile nowhere;

// A leaf without a frame.
NOINLINE int leaf(int *p) { return *p; }
NOINLINE int middle(int *p) {
  int value = leaf(p) + 1;
  sink = value;
  return value;
}

// Two levels of inlining.
static inline __attribute__((always_inline)) int inner(int *p) {
  sink = 1;
  int value = *p;
  sink = value;
  return value;
}
static inline __attribute__((always_inline)) int outer(int *p) {
  sink = 2;
  return inner(p) + sink;
}
NOINLINE int inlined(int *p) { return outer(p) + sink; }

// A frame whose size is not known to the compiler.
NOINLINE int variable(int n, int *p) {
  char bytes[n];
  memset(bytes, 1, n);
  int value = leaf(p);
  sink = bytes[n - 1];
  return value + sink;
}

// A large frame, and many saved registers.
NOINLINE int large(int *p) {
  volatile int numbers[20000];
  for (int i = 0; i < 20000; i++) numbers[i] = i;
  int value = leaf(p);
  return value + numbers[sink & 1023];
}

NOINLINE int recurse(int n, int *p) {
  volatile int keep = n;
  if (n == 0) return leaf(p) + keep;
  return recurse(n - 1, p) + keep;
}

// The stack ends.
NOINLINE int forever(int n) {
  volatile char pad[512];
  pad[0] = n;
  return forever(n + 1) + pad[0];
}

static void handler(int signal) {
  sink = signal;
  middle(nowhere);
}

static int compare(const void *a, const void *b) {
  (void)a;
  (void)b;
  return leaf(nowhere);
}

typedef int Function(int);
NOINLINE int call(Function *f, int n) { return f(n) + sink; }

// The frame record is overwritten, and the function returns by it.
NOINLINE int smash(long n) {
  volatile long *record = __builtin_frame_address(0);
  record[0] = record[1] = n;
  return getppid() + sink;
}

__asm__(
    // A function without call frame information, with a frame record.
    ".text\n.globl bare\n.type bare, %function\nbare:\n"
    "  stp x29, x30, [sp, #-32]!\n  mov x29, sp\n  str x19, [sp, #16]\n  mov x19, x0\n  bl leaf\n"
    "  ldr x19, [sp, #16]\n  ldp x29, x30, [sp], #32\n  ret\n.size bare, . - bare\n"
    // One without a frame record: its link register is in a frame of its own form.
    ".globl odd\n.type odd, %function\nodd:\n"
    "  sub sp, sp, #64\n  str x30, [sp, #40]\n  bl bare\n  ldr x30, [sp, #40]\n  add sp, sp, #64\n  ret\n.size odd, . - odd\n"
    // A leaf without call frame information, which faults in its middle.
    ".globl bareleaf\n.type bareleaf, %function\nbareleaf:\n  sub sp, sp, #16\n  str x0, [sp]\n  ldr w0, [x0]\n  add sp, sp, #16\n  ret\n"
    ".size bareleaf, . - bareleaf\n");
int odd(int *p);
int bareleaf(int *p);
NOINLINE int callsbare(int *p) { return odd(p) + sink; }
NOINLINE int callsbareleaf(int *p) { return bareleaf(p) + sink; }

static void install(int signal, int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  sigaction(signal, &action, NULL);
}

int main(int argc, char **argv) {
  const char *shape = argc > 1 ? argv[1] : "";
  if (!strcmp(shape, "leaf")) return middle(nowhere);
  if (!strcmp(shape, "inlined")) return inlined(nowhere);
  if (!strcmp(shape, "variable")) return variable(argc * 100, nowhere);
  if (!strcmp(shape, "large")) return large(nowhere);
  if (!strcmp(shape, "recurse")) return recurse(5, nowhere);
  if (!strcmp(shape, "forever")) return forever(0);
  if (!strcmp(shape, "memcpy")) {
    memcpy((void *)nowhere, argv, argc * 16);
    return sink;
  }
  if (!strcmp(shape, "qsort")) {
    long numbers[4] = {4, 3, 2, 1};
    qsort(numbers, 4, sizeof(long), compare);
    return (int)numbers[0];
  }
  if (!strcmp(shape, "abort")) abort();
  if (!strcmp(shape, "signal")) {
    install(SIGUSR1, 0);
    raise(SIGUSR1);
    return sink;
  }
  if (!strcmp(shape, "segv")) {
    // A handler of a fault in a leaf function crashes itself.
    install(SIGSEGV, SA_NODEFER);
    return middle((int *)16);
  }
  if (!strcmp(shape, "altstack")) {
    static char stack[65536];
    stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&other, NULL);
    install(SIGUSR1, SA_ONSTACK);
    raise(SIGUSR1);
    return sink;
  }
  if (!strcmp(shape, "badjump")) return call((Function *)(uintptr_t)0x41414140, 1);
  if (!strcmp(shape, "misjump")) return call((Function *)(uintptr_t)0x41414141, 1);
  if (!strcmp(shape, "data")) return call((Function *)(uintptr_t)&sink, 1);
  if (!strcmp(shape, "smash")) return smash(0x414141414140);
  if (!strcmp(shape, "bare")) return callsbare(nowhere);
  if (!strcmp(shape, "bareleaf")) return callsbareleaf(nowhere);
  return 0;
}
