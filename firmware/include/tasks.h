// Processes, threads and signals for freestanding programs: calls by name, and a table of named cases that print their findings.
// It does not know the cases.
#pragma once
#include "signals.h"

enum {
  SYS_waitid = 95, SYS_set_robust_list = 99, SYS_nanosleep = 101, SYS_clock_nanosleep = 115, SYS_sched_getaffinity = 123,
  SYS_sched_yield = 124, SYS_kill = 129, SYS_tkill = 130, SYS_tgkill = 131, SYS_rt_sigsuspend = 133, SYS_rt_sigprocmask = 135,
  SYS_rt_sigtimedwait = 137, SYS_times = 153, SYS_setpgid = 154, SYS_getpgid = 155, SYS_getsid = 156, SYS_getppid = 173, SYS_clone3 = 435,
};
enum {
  SIGHUP = 1, SIGABRT = 6, SIGKILL = 9, SIGUSR1 = 10, SIGUSR2 = 12, SIGTERM = 15, SIGCHLD = 17, SIGCONT = 18, SIGSTOP = 19,
  SIGTSTP = 20, SIGRTMIN = 32,
};
enum { WNOHANG = 1, WUNTRACED = 2, WCONTINUED = 8 };
enum { SA_NOCLDWAIT = 2, SA_RESTART = 0x10000000 };
enum {
  CLONE_VM = 0x100, CLONE_FS = 0x200, CLONE_FILES = 0x400, CLONE_SIGHAND = 0x800, CLONE_VFORK = 0x4000, CLONE_THREAD = 0x10000,
  CLONE_SYSVSEM = 0x40000, CLONE_SETTLS = 0x80000, CLONE_PARENT_SETTID = 0x100000, CLONE_CHILD_CLEARTID = 0x200000,
  CLONE_CHILD_SETTID = 0x1000000,
};

/// Forks. Output is written before, because the child would write it too.
static s64 spawn(void) {
  flush();
  return fork();
}
static void leave(int status) { quit(status); }
static s64 wait4(s64 id, int *status, int options) { return sys6(SYS_wait4, id, (s64)status, options, 0, 0, 0); }
static s64 kill(s64 id, int number) { return sys(SYS_kill, id, number, 0); }
static s64 getpid(void) { return sys(SYS_getpid, 0, 0, 0); }
static s64 getppid(void) { return sys(SYS_getppid, 0, 0, 0); }
static s64 gettid(void) { return sys(SYS_gettid, 0, 0, 0); }
static void yield(void) { sys(SYS_sched_yield, 0, 0, 0); }
static void sleep_for(u64 nanoseconds) {
  u64 time[2] = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  sys(SYS_nanosleep, time, 0, 0);
}
/// Waits for a signal.
static void pause_task(void) {
  u64 mask = 0;
  sys(SYS_rt_sigsuspend, &mask, 8, 0);
}

static void on(int signal, signal_handler *handler, u64 flags) {
  struct { signal_handler *handler; u64 flags; void (*restorer)(void); u64 mask; } action = {
    handler, 4 | 0x04000000 | flags, restorer, 0};
  sys6(SYS_rt_sigaction, signal, (s64)&action, 0, 8, 0, 0);
}
static void ignore(int signal) { on(signal, (signal_handler *)1, 0); }
static void restore(int signal) { on(signal, 0, 0); }

/// A page that children share with their parents.
static int *share(void) { return (int *)sys6(SYS_mmap, 0, PAGE, PROT_R | PROT_W, MAP_SHARED | MAP_ANON, -1, 0); }
/// The top of a new stack.
static char *new_stack(void) { return map(16 * PAGE, PROT_R | PROT_W) + 16 * PAGE; }

static void tell(const char *what, s64 value, const char *unit) {
  put("  "); put(what); put(": "); dec(value);
  if (unit) { put(" "); put(unit); }
  put("\n");
}
static void wait_and_tell(const char *what, s64 child, int options) {
  int status = 0x5555;
  s64 answer = wait4(child, &status, options);
  put("  "); put(what); put(": ");
  if (answer == child) { put("status 0x"); hex((u32)status); } else { dec(answer); }
  put("\n");
}

struct test { const char *name; void (*run)(void); };

/// Runs the named tests, or all.
static int run_tests(int argc, char **argv, const struct test *tests, u64 count) {
  for (u64 i = 0; i < count; i++) {
    int wanted = argc < 2;
    for (int n = 1; n < argc; n++) wanted |= same(argv[n], tests[i].name);
    if (!wanted) continue;
    put(tests[i].name); put("\n");
    tests[i].run();
    flush();
  }
  return 0;
}
