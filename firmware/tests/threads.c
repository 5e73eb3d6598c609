// Threads: creation as pthread_create does it, joining, futexes, signals to threads, robust lists, turns by time. Each case prints
// its findings, never an id or a time. It does not know a C library.
#include "tasks.h"

enum {
  FUTEX_WAIT = 0, FUTEX_WAKE = 1, FUTEX_REQUEUE = 3, FUTEX_CMP_REQUEUE = 4, FUTEX_WAKE_OP = 5, FUTEX_WAIT_BITSET = 9,
  FUTEX_WAKE_BITSET = 10, FUTEX_PRIVATE = 0x80,
};
enum {
  THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |
           CLONE_CHILD_CLEARTID,
};

static s64 futex(volatile u32 *word, int operation, u32 value, const void *time, volatile u32 *other, u32 third) {
  return sys6(SYS_futex, (s64)word, operation, value, (s64)time, (s64)other, third);
}

struct thread { volatile u32 tid; u32 parent_tid; void (*run)(u64); u64 argument; u64 tls[2]; };

static void started(struct thread *thread) {
  thread->run(thread->argument);
  for (;;) sys(SYS_exit, 0, 0, 0);
}

// x0: flags, x1: stack, x2: parent tid, x3: tls, x4: child tid, x5: thread.
s64 start_thread(u64 flags, char *stack, u32 *parent, u64 *tls, volatile u32 *child, struct thread *thread);
asm(".text\n.globl start_thread\nstart_thread: stp x5, x30, [x1, #-16]!\n mov x8, #220\n svc #0\n cbz x0, 1f\n ret\n"
    "1: ldp x0, x1, [sp], #16\n mov x29, #0\n mov x30, #0\n b run_thread\n");
void run_thread(struct thread *thread) { started(thread); }

static struct thread *create(void (*run)(u64), u64 argument) {
  struct thread *thread = (struct thread *)map(PAGE, PROT_R | PROT_W);
  thread->tid = 1;
  thread->run = run;
  thread->argument = argument;
  s64 id = start_thread(THREAD, new_stack(), &thread->parent_tid, thread->tls, &thread->tid, thread);
  if (id < 0) tell("clone", id, 0);
  return thread;
}

static void join(struct thread *thread) {
  for (u32 tid; (tid = thread->tid) != 0;) futex(&thread->tid, FUTEX_WAIT, tid, 0, 0, 0);
}

static volatile u32 word, other_word, order[16], turn;
static u64 thread_pointer(void) {
  u64 value;
  asm volatile("mrs %0, tpidr_el0" : "=r"(value));
  return value;
}

static u64 seen_tls;
static s64 seen_process, seen_thread;
static void looks(u64 argument) {
  seen_tls = thread_pointer();
  seen_process = getpid();
  seen_thread = gettid();
}
static void creating(void) {
  struct thread *thread = create(looks, 0);
  u32 id = thread->parent_tid;
  join(thread);
  sleep_for(2000000);
  tell("tls", seen_tls == (u64)thread->tls, 0);
  tell("same process", seen_process == getpid(), 0);
  tell("own id", seen_thread == id && seen_thread != seen_process, 0);
  tell("no child to wait for", wait4(-1, 0, 0x40000000), 0);
  tell("gone", sys(SYS_tgkill, getpid(), id, 0), 0);
}

static void waits(u64 argument) {
  s64 answer = futex(&word, FUTEX_WAIT | FUTEX_PRIVATE, 0, 0, 0, 0);
  order[turn++] = (u32)argument * 10 + (answer == 0);
}
static void waking(void) {
  struct thread *threads[4];
  word = 0, turn = 0;
  for (u64 i = 0; i < 4; i++) threads[i] = create(waits, i + 1), sleep_for(20000000);
  tell("wake without flag", futex(&word, FUTEX_WAKE, 4, 0, 0, 0), 0);
  tell("wake 1", futex(&word, FUTEX_WAKE | FUTEX_PRIVATE, 1, 0, 0, 0), 0);
  sleep_for(20000000);
  tell("wake many", futex(&word, FUTEX_WAKE | FUTEX_PRIVATE, 100, 0, 0, 0), 0);
  for (int i = 0; i < 4; i++) join(threads[i]);
  tell("the longest waiting", order[0], 0);
  tell("the others", order[1] + order[2] + order[3], 0);
  tell("wake nobody", futex(&word, FUTEX_WAKE | FUTEX_PRIVATE, 1, 0, 0, 0), 0);
  tell("changed", futex(&word, FUTEX_WAIT | FUTEX_PRIVATE, 1, 0, 0, 0), 0);
  u64 time[2] = {0, 1000000};
  tell("timeout", futex(&word, FUTEX_WAIT | FUTEX_PRIVATE, 0, time, 0, 0), 0);
}

static void waits_for_bits(u64 argument) {
  futex(&word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE, 0, 0, 0, (u32)argument);
  order[turn++] = (u32)argument;
}
static void bits(void) {
  word = 0, turn = 0;
  struct thread *a = create(waits_for_bits, 1), *b = create(waits_for_bits, 2), *c = create(waits_for_bits, 3);
  sleep_for(30000000);
  tell("no bits", futex(&word, FUTEX_WAKE_BITSET | FUTEX_PRIVATE, 9, 0, 0, 0), 0);
  tell("bit 4", futex(&word, FUTEX_WAKE_BITSET | FUTEX_PRIVATE, 9, 0, 0, 4), 0);
  tell("bit 2", futex(&word, FUTEX_WAKE_BITSET | FUTEX_PRIVATE, 9, 0, 0, 2), 0);
  join(b), join(c);
  tell("bit 1", futex(&word, FUTEX_WAKE_BITSET | FUTEX_PRIVATE, 9, 0, 0, 1), 0);
  join(a);
  tell("with bit 2", order[0] + order[1], 0);
  tell("with bit 1", order[2], 0);
}

static void requeueing(void) {
  struct thread *threads[4];
  word = 0, other_word = 0, turn = 0;
  for (u64 i = 0; i < 4; i++) threads[i] = create(waits, i + 1), sleep_for(20000000);
  tell("compare", futex(&word, FUTEX_CMP_REQUEUE | FUTEX_PRIVATE, 1, (void *)1, &other_word, 5), 0);
  tell("negative", futex(&word, FUTEX_REQUEUE | FUTEX_PRIVATE, -1, (void *)1, &other_word, 0), 0);
  tell("requeue", futex(&word, FUTEX_CMP_REQUEUE | FUTEX_PRIVATE, 1, (void *)2, &other_word, 0), 0);
  sleep_for(20000000);
  tell("woken on the second", futex(&other_word, FUTEX_WAKE | FUTEX_PRIVATE, 9, 0, 0, 0), 0);
  sleep_for(20000000);
  tell("left on the first", futex(&word, FUTEX_WAKE | FUTEX_PRIVATE, 9, 0, 0, 0), 0);
  for (int i = 0; i < 4; i++) join(threads[i]);
  tell("woken first", order[0], 0);
  tell("moved", order[1] + order[2], 0);
  tell("stayed", order[3], 0);
}

static void waits_on_other(u64 argument) {
  futex(&other_word, FUTEX_WAIT | FUTEX_PRIVATE, other_word, 0, 0, 0);
  order[turn++] = (u32)argument;
}
static void operations(void) {
  word = 0, turn = 0, other_word = 7;
  struct thread *first = create(waits, 1), *second = create(waits_on_other, 2);
  sleep_for(30000000);
  // Add 5 to the other word, and wake there only if it was greater than 9.
  tell("add, not greater", futex(&word, FUTEX_WAKE_OP | FUTEX_PRIVATE, 1, (void *)1, &other_word, 1u << 28 | 5u << 24 | 5u << 12 | 9), 0);
  tell("value", other_word, 0);
  tell("xor, equal", futex(&word, FUTEX_WAKE_OP | FUTEX_PRIVATE, 1, (void *)1, &other_word, 4u << 28 | 0u << 24 | 3u << 12 | 12), 0);
  tell("value", other_word, 0);
  tell("or 1 << 20", futex(&word, FUTEX_WAKE_OP | FUTEX_PRIVATE, 1, (void *)1, &other_word, 10u << 28 | 20u << 12), 0);
  tell("value", other_word, 0);
  tell("set to -1", futex(&word, FUTEX_WAKE_OP | FUTEX_PRIVATE, 1, (void *)1, &other_word, 0xfffu << 12), 0);
  tell("value", (int)other_word, 0);
  tell("and not", futex(&word, FUTEX_WAKE_OP | FUTEX_PRIVATE, 1, (void *)1, &other_word, 3u << 28 | 0xffu << 12), 0);
  tell("value", (int)other_word, 0);
  tell("bad operation", futex(&word, FUTEX_WAKE_OP | FUTEX_PRIVATE, 1, (void *)1, &other_word, 7u << 28), 0);
  tell("bad comparison", futex(&word, FUTEX_WAKE_OP | FUTEX_PRIVATE, 1, (void *)1, &other_word, 7u << 24), 0);
  tell("bad address", futex(&word, FUTEX_WAKE_OP | FUTEX_PRIVATE, 1, (void *)1, (u32 *)8, 0), 0);
  join(first), join(second);
}

static volatile u64 signalled_thread;
static void notes_thread(int number, struct siginfo *info, struct ucontext *context) { signalled_thread = gettid(); }
static volatile u32 stops;
static void sits(u64 argument) { while (!stops) sleep_for(1000000); }
static void signalling(void) {
  on(SIGUSR1, notes_thread, SA_RESTART);
  stops = 0;
  struct thread *thread = create(sits, 0);
  u32 id = thread->parent_tid;
  tell("tgkill", sys(SYS_tgkill, getpid(), id, SIGUSR1), 0);
  while (!signalled_thread) sleep_for(1000000);
  tell("in that thread", signalled_thread == id, 0);
  signalled_thread = 0;
  // A signal of the process goes to its first thread, or to another while the first blocks it.
  kill(getpid(), SIGUSR1);
  tell("first thread", signalled_thread == (u64)getpid(), 0);
  signalled_thread = 0;
  u64 mask = 1 << (SIGUSR1 - 1);
  sys6(SYS_rt_sigprocmask, 0, (s64)&mask, 0, 8, 0, 0);
  kill(getpid(), SIGUSR1);
  while (!signalled_thread) sleep_for(1000000);
  tell("other thread", signalled_thread == id, 0);
  tell("wrong group", sys(SYS_tgkill, id, id, 0), 0);
  tell("kill by thread id", kill(id, 0), 0);
  stops = 1;
  join(thread);
  // All threads block the signal, so that sigtimedwait takes it.
  kill(getpid(), SIGUSR1);
  u64 time[2] = {1, 0};
  int info[32];
  tell("sigtimedwait", sys6(SYS_rt_sigtimedwait, (s64)&mask, (s64)info, (s64)time, 8, 0, 0), 0);
  tell("from itself", info[4] == getpid(), 0);
  time[0] = 0, time[1] = 1000000;
  tell("sigtimedwait again", sys6(SYS_rt_sigtimedwait, (s64)&mask, (s64)info, (s64)time, 8, 0, 0), 0);
  sys6(SYS_rt_sigprocmask, 1, (s64)&mask, 0, 8, 0, 0);
  restore(SIGUSR1);
}

static struct { void *next; s64 offset; void *pending; } robust_head;
static struct { void *next; u32 lock; } locks[3];
static void dies_owning(u64 argument) {
  u32 id = (u32)gettid();
  robust_head.next = &locks[0], robust_head.offset = 8, robust_head.pending = &locks[2];
  locks[0].next = &locks[1], locks[1].next = &robust_head;
  locks[0].lock = id, locks[1].lock = id | 0x80000000, locks[2].lock = 12345;
  sys(SYS_set_robust_list, &robust_head, 24, 0);
  sleep_for(5000000);
}
static void waits_for_owner(u64 argument) {
  sleep_for(2000000);
  order[0] = (u32)futex(&locks[1].lock, FUTEX_WAIT, locks[1].lock, 0, 0, 0);
}
static void robust(void) {
  order[0] = 99;
  struct thread *owner = create(dies_owning, 0), *waiter = create(waits_for_owner, 0);
  join(owner), join(waiter);
  tell("owner died", locks[0].lock == 0x40000000, 0);
  tell("with waiters", locks[1].lock == 0xc0000000, 0);
  tell("woken", order[0], 0);
  tell("not the owner", locks[2].lock, 0);
  tell("size", sys(SYS_set_robust_list, &robust_head, 23, 0), 0);
}

static volatile u64 spins[2];
static volatile u32 spinning;
static void spin(u64 argument) {
  while (spinning) spins[argument]++;
}
static void turns(void) {
  // Two threads never give way and a third does; all must make progress.
  spinning = 1;
  struct thread *a = create(spin, 0), *b = create(spin, 1);
  for (int i = 0; i < 20; i++) sleep_for(3000000);
  spinning = 0;
  join(a), join(b);
  tell("both ran", spins[0] > 10000 && spins[1] > 10000, 0);
  // An increment by load and store exclusive is not lost at the end of a turn.
  s64 child = spawn();
  if (child == 0) leave(spinning == 0);
  wait_and_tell("child", child, 0);
}

static volatile u32 atomic_counter;
static void increments(u64 argument) {
  for (int i = 0; i < 300000; i++) {
    u32 value, failed;
    do asm volatile("ldxr %w0, [%2]\n add %w0, %w0, #1\n stxr %w1, %w0, [%2]"
                    : "=&r"(value), "=&r"(failed) : "r"(&atomic_counter) : "memory");
    while (failed);
  }
}
static void exclusives(void) {
  struct thread *threads[3];
  for (int i = 0; i < 3; i++) threads[i] = create(increments, 0);
  for (int i = 0; i < 3; i++) join(threads[i]);
  tell("counter", atomic_counter, 0);
}

static double sums[3];
static void adds(u64 argument) {
  // Values stay in vector registers over many turns.
  double a = 0, b = 1, c = (double)argument;
  for (int i = 0; i < 2000000; i++) a += b, b *= 0.9999999, c += 0.5;
  sums[argument] = a + c;
}
static void vectors(void) {
  adds(0);
  double alone = sums[0];
  sums[0] = 0;
  struct thread *threads[3];
  for (u64 i = 0; i < 3; i++) threads[i] = create(adds, i);
  for (int i = 0; i < 3; i++) join(threads[i]);
  tell("sums", sums[0] == alone && sums[1] == alone + 1 && sums[2] == alone + 2, 0);
}

static void leaves(u64 argument) {
  sleep_for(2000000);
  sys(SYS_exit_group, 17, 0, 0);
}
static void lingers(u64 argument) {
  sleep_for(2000000);
  sys(SYS_exit, 6, 0, 0);
}
static void ending(void) {
  // The process continues after its first thread's end; exit_group of any thread ends it.
  s64 child = spawn();
  if (child == 0) {
    create(leaves, 0);
    sys(SYS_exit, 3, 0, 0);
  }
  wait_and_tell("group's status", child, 0);
  child = spawn();
  if (child == 0) {
    stops = 0;
    create(sits, 0), create(sits, 0);
    sleep_for(3000000);
    *(volatile int *)16 = 1;
  }
  wait_and_tell("a fault ends all", child, 0);
  // Without exit_group, the process has the status of its last thread.
  child = spawn();
  if (child == 0) {
    create(lingers, 0);
    sys(SYS_exit, 5, 0, 0);
  }
  wait_and_tell("last thread", child, 0);
  child = spawn();
  if (child == 0) {
    create(looks, 0);
    sleep_for(2000000);
    sys(SYS_exit, 5, 0, 0);
  }
  wait_and_tell("first thread last", child, 0);
}

static const struct test tests[] = {
  {"creating", creating}, {"waking", waking}, {"bits", bits}, {"requeueing", requeueing}, {"operations", operations},
  {"signalling", signalling}, {"robust", robust}, {"turns", turns}, {"exclusives", exclusives}, {"vectors", vectors}, {"ending", ending},
};

int guest_main(int argc, char **argv) { return run_tests(argc, argv, tests, sizeof tests / sizeof *tests); }
