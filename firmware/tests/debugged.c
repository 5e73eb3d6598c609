// A program to be debugged: named functions, a variable that changes, a fault, system calls, signals, a child, threads. Its argument chooses
// what it does. It does not know a debugger.
#include "tasks.h"

enum { FUTEX_WAIT = 0, FUTEX_WAKE = 1 };
enum {
  THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |
           CLONE_CHILD_CLEARTID,
};

volatile u64 watched = 5;
volatile u64 results[4];
volatile u32 gate, arrived;

__attribute__((noinline)) u64 inner(u64 number) {
  watched = number;
  return number * 2;
}
__attribute__((noinline)) u64 outer(u64 number) {
  u64 first = inner(number);
  return first + inner(number + 1);
}

static void calls(void) { tell("outer", outer(20), 0); }

__attribute__((noinline)) void store(volatile u64 *place) { *place = 1; }
static void fault(void) { store((volatile u64 *)0x1230); }

static void got(int number, struct siginfo *info, struct ucontext *context) { tell("handler of", number, 0); }
static void signals(void) {
  on(SIGUSR1, got, 0);
  kill(getpid(), SIGUSR1);
  tell("after", SIGUSR1, 0);
}

static void registers(void) {
  u64 pointer;
  asm volatile(".globl before_read\nbefore_read: mrs %0, tpidr_el0" : "=r"(pointer));
  put("  tpidr_el0: 0x");
  hex(pointer);
  put("\n");
}

__attribute__((noinline)) void child_work(void) { results[0] = 7; }
__attribute__((noinline)) void parent_work(void) { results[1] = 8; }
static void children(void) {
  s64 child = spawn();
  if (child == 0) {
    child_work();
    leave(3);
  }
  parent_work();
  wait_and_tell("child", child, 0);
}

static char *self;
static void executes(void) {
  char *arguments[] = {self, "calls", 0};
  flush();
  sys(SYS_execve, "/proc/self/exe", arguments, 0);
}

struct thread { volatile u32 tid; u32 parent_tid; u64 argument; u64 tls[2]; };

s64 start_thread(u64 flags, char *stack, u32 *parent, u64 *tls, volatile u32 *child, struct thread *thread);
asm(".text\n.globl start_thread\nstart_thread: stp x5, x30, [x1, #-16]!\n mov x8, #220\n svc #0\n cbz x0, 1f\n ret\n"
    "1: ldp x0, x1, [sp], #16\n mov x29, #0\n mov x30, #0\n b run_thread\n");

__attribute__((noinline)) void worker(u64 number) {
  results[number] = number * 10;
  __atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST);
  while (!gate) sys6(SYS_futex, (s64)&gate, FUTEX_WAIT, 0, 0, 0, 0);
}
void run_thread(struct thread *thread) {
  worker(thread->argument);
  for (;;) sys(SYS_exit, 0, 0, 0);
}

__attribute__((noinline)) void all_arrived(void) { watched = arrived; }
static void threads(void) {
  struct thread *all[2];
  for (u64 n = 0; n < 2; n++) {
    all[n] = (struct thread *)map(PAGE, PROT_R | PROT_W);
    all[n]->tid = 1;
    all[n]->argument = n + 1;
    start_thread(THREAD, new_stack(), &all[n]->parent_tid, all[n]->tls, &all[n]->tid, all[n]);
  }
  while (arrived != 2) yield();
  // The workers sleep in their futex now.
  sleep_for(1000);
  all_arrived();
  gate = 1;
  sys6(SYS_futex, (s64)&gate, FUTEX_WAKE, 100, 0, 0, 0);
  for (u64 n = 0; n < 2; n++)
    for (u32 tid; (tid = all[n]->tid) != 0;) sys6(SYS_futex, (s64)&all[n]->tid, FUTEX_WAIT, tid, 0, 0, 0);
  tell("results", results[1] + results[2], 0);
}

static void spins(void) { while (!gate) watched++; }

static void echoes(void) {
  char line[16];
  s64 count = sys(SYS_read, 0, line, 16);
  tell("read", count, 0);
}

int guest_main(int argc, char **argv) {
  static const struct test tests[] = {
    {"calls", calls}, {"fault", fault}, {"signals", signals}, {"registers", registers}, {"children", children}, {"executes", executes},
    {"threads", threads}, {"spins", spins}, {"echoes", echoes},
  };
  self = argv[0];
  if (argc < 2) return 1;
  return run_tests(argc, argv, tests, sizeof tests / sizeof *tests);
}
