// Calls that look into other processes or name files by descriptor: kcmp, pidfd_getfd, execveat, and futex_waitv. Each case prints its
// findings, never an id or a time. It does not know the calls that make what it looks at.
#include "tasks.h"

enum {
  SYS_dup = 23, SYS_kcmp = 272, SYS_execveat = 281, SYS_pidfd_open = 434, SYS_pidfd_getfd = 438, SYS_futex_waitv = 449,
  SYS_symlinkat = 36, SYS_fchmodat = 53,
  KCMP_FILE = 0, KCMP_VM = 1, KCMP_FILES = 2, KCMP_FS = 3, KCMP_SIGHAND = 4, KCMP_IO = 5, KCMP_SYSVSEM = 6,
  AT_SYMLINK_NOFOLLOW = 0x100, AT_EMPTY_PATH = 0x1000, O_PATH = 010000000, O_CLOEXEC = 02000000, O_DIRECTORY = 040000,
  FUTEX_WAKE = 1, FUTEX_PRIVATE = 128,
};

static char *self_path;
static s64 kcmp(s64 one, s64 other, int type, s64 first, s64 second) { return sys6(SYS_kcmp, one, other, type, first, second, 0); }
/// 0 the same, 1 another, or an error: the order of others is the kernel's secret.
static s64 is_other(s64 result) { return result > 0 ? 1 : result; }

static void compares(void) {
  s64 me = getpid(), child = spawn();
  if (child == 0) { pause_task(); leave(0); }
  for (int type = -1; type <= 8; type++) {
    put("  type "); dec(type);
    put(": "); dec(type == 7 ? 0 : is_other(kcmp(me, me, type, 1, 1)));
    put(" "); dec(type == 7 ? 0 : is_other(kcmp(me, child, type, 1, 1)));
    put("\n");
  }
  int pipe[2];
  sys(SYS_pipe2, pipe, 0, 0);
  s64 copy = sys(SYS_dup, pipe[0], 0, 0), path = open_file("/", O_PATH, 0);
  tell("a copy", kcmp(me, me, KCMP_FILE, pipe[0], copy), 0);
  tell("the other end", is_other(kcmp(me, me, KCMP_FILE, pipe[0], pipe[1])), 0);
  s64 one = kcmp(me, me, KCMP_FILE, pipe[0], pipe[1]), other = kcmp(me, me, KCMP_FILE, pipe[1], pipe[0]);
  tell("both orders together", one + other, 0);
  tell("O_PATH", kcmp(me, me, KCMP_FILE, path, path), 0);
  tell("a descriptor that the child has not", kcmp(me, child, KCMP_FILE, 1, pipe[0]), 0);
  tell("a negative descriptor", kcmp(me, me, KCMP_FILE, -1, 1), 0);
  tell("no such task", kcmp(me, 99999, KCMP_VM, 0, 0), 0);
  tell("no such task, no such type", kcmp(me, 99999, 77, 0, 0), 0);
  kill(child, SIGKILL);
  wait_and_tell("child", child, 0);
}

static void threads(void) {
  static int done;
  s64 me = getpid();
  flush();
  s64 thread = sys6(SYS_clone, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, (s64)new_stack(), 0, 0, 0, 0);
  if (thread == 0) {
    while (!__atomic_load_n(&done, __ATOMIC_SEQ_CST)) yield();
    for (;;) sys(SYS_exit, 0, 0, 0);
  }
  for (int type = KCMP_FILE; type <= KCMP_SYSVSEM; type++) tell("a thread", kcmp(me, thread, type, 1, 1), 0);
  __atomic_store_n(&done, 1, __ATOMIC_SEQ_CST);
}

static void takes(void) {
  int pipe[2], back[2];
  sys(SYS_pipe2, back, 0, 0);
  s64 child = spawn();
  if (child == 0) {
    sys(SYS_pipe2, pipe, 0, 0);
    sys(SYS_write, back[1], pipe, 8);
    pause_task();
  }
  sys(SYS_read, back[0], pipe, 8);
  s64 process = sys(SYS_pidfd_open, child, 0, 0);
  s64 mine = sys(SYS_pidfd_getfd, process, pipe[1], 0);
  tell("taken", mine >= 0, 0);
  tell("it closes on exec", sys(SYS_fcntl, mine, 1, 0), 0);
  tell("the same file", kcmp(getpid(), child, KCMP_FILE, mine, pipe[1]), 0);
  tell("written", sys(SYS_write, mine, "x", 1), 0);
  tell("flags", sys(SYS_pidfd_getfd, process, pipe[1], 1), 0);
  tell("no such descriptor", sys(SYS_pidfd_getfd, process, 77, 0), 0);
  tell("negative", sys(SYS_pidfd_getfd, process, -1, 0), 0);
  tell("not of a process", sys(SYS_pidfd_getfd, 1, 1, 0), 0);
  tell("closed", sys(SYS_pidfd_getfd, 88, 1, 0), 0);
  kill(child, SIGKILL);
  wait_and_tell("child", child, 0);
  tell("after its end", sys(SYS_pidfd_getfd, process, 1, 0), 0);
}

// MARK: execveat

static s64 execveat(s64 directory, const char *path, const char *part, int flags) {
  char *arguments[] = {"a-name", (char *)part, 0}, *environment[] = {0};
  return sys6(SYS_execveat, directory, (s64)path, (s64)arguments, (s64)environment, flags, 0);
}

/// The second program: the name that it was given.
static void shows_name(char **argv) {
  u64 *word = (u64 *)argv;
  while (*word++) {}
  while (*word++) {}
  for (; *word; word += 2) if (word[0] == 31) { put("  AT_EXECFN "); put((char *)word[1]); put("\n"); }
  leave(6);
}

static void runs(const char *what, s64 directory, const char *path, int flags) {
  put("  "); put(what); put("\n");
  s64 child = spawn();
  if (child == 0) {
    s64 error = execveat(directory, path, "name", flags);
    tell("error", error, 0);
    leave(99);
  }
  wait_and_tell("status", child, 0);
}

static void executes(void) {
  const char *name = self_path + 3;  // behind "/t/"
  s64 directory = open_file("/t", O_RDONLY | O_DIRECTORY, 0), file = open_file(self_path, O_RDONLY, 0);
  s64 path = open_file(self_path, O_PATH, 0), closing = open_file(self_path, O_RDONLY | O_CLOEXEC, 0);
  sys(SYS_symlinkat, self_path, AT_FDCWD, "/tmp/link");
  runs("an absolute path", -1, self_path, 0);
  runs("a path from a directory", directory, name, 0);
  runs("a path from a file", file, name, 0);
  runs("a closed descriptor", 77, name, 0);
  runs("a descriptor alone", file, "", AT_EMPTY_PATH);
  runs("one of O_PATH", path, "", AT_EMPTY_PATH);
  runs("one that closes", closing, "", AT_EMPTY_PATH);
  runs("an empty path", file, "", 0);
  runs("the working directory", AT_FDCWD, "", AT_EMPTY_PATH);
  runs("a directory", directory, "", AT_EMPTY_PATH);
  runs("a closed descriptor alone", 77, "", AT_EMPTY_PATH);
  runs("a link", AT_FDCWD, "/tmp/link", 0);
  runs("a link not followed", AT_FDCWD, "/tmp/link", AT_SYMLINK_NOFOLLOW);
  runs("a file not followed", AT_FDCWD, self_path, AT_SYMLINK_NOFOLLOW);
  runs("a path and the flag", directory, name, AT_EMPTY_PATH);
  runs("unknown flags", AT_FDCWD, self_path, 1);
  runs("unknown flags and nothing there", AT_FDCWD, "/nothing", 1);
  runs("nothing there", AT_FDCWD, "/nothing", 0);
  runs("a bad pointer", AT_FDCWD, (char *)8, 0);
}

// MARK: futex_waitv

struct waiter { u64 value, address; u32 flags, reserved; };
static s64 waitv(void *waiters, u64 count, int flags, void *time, int clock) {
  return sys6(SYS_futex_waitv, (s64)waiters, count, flags, (s64)time, clock, 0);
}

static void waits(void) {
  int *words = share();
  struct waiter waiters[130];
  for (u64 i = 0; i < 130; i++) waiters[i] = (struct waiter){0, (u64)(words + i), 2, 0};
  s64 soon[2] = {0, 1}, bad[2] = {0, 1000000000};
  tell("no waiters", waitv(waiters, 0, 0, 0, 0), 0);
  tell("129", waitv(waiters, 129, 0, 0, 0), 0);
  tell("null", waitv(0, 1, 0, 0, 0), 0);
  tell("a bad pointer", waitv((void *)8, 1, 0, 0, 0), 0);
  tell("flags", waitv(waiters, 1, 1, 0, 0), 0);
  tell("a bad time", waitv(waiters, 1, 0, bad, 0), 0);
  tell("a time at a bad pointer", waitv(waiters, 1, 0, (void *)8, 0), 0);
  tell("another clock", waitv(waiters, 1, 0, soon, 7), 0);
  tell("another clock without a time", (words[0] = 1, waitv(waiters, 1, 0, 0, 7)), 0);
  tell("another value", waitv(waiters, 3, 0, soon, 1), 0);
  words[0] = 0;
  tell("a time that is over, monotonic", waitv(waiters, 128, 0, soon, 1), 0);
  tell("a time that is over, real", waitv(waiters, 2, 0, soon, 0), 0);
  static const u32 flags[] = {0, 1, 3, 2 | 64, 2 | 128, 2 | 256};
  for (u64 i = 0; i < sizeof flags / sizeof *flags; i++) {
    waiters[1].flags = flags[i];
    tell("flags of a waiter", waitv(waiters, 2, 0, soon, 1), 0);
  }
  waiters[1].flags = 2;
  waiters[1].reserved = 1;
  tell("reserved", waitv(waiters, 2, 0, soon, 1), 0);
  waiters[1].reserved = 0;
  waiters[1].value = 1ul << 32;
  tell("a large value", waitv(waiters, 2, 0, soon, 1), 0);
  waiters[1].value = 0;
  waiters[1].address++;
  tell("not aligned", waitv(waiters, 2, 0, soon, 1), 0);
  waiters[1].address = 8;
  tell("not mapped", waitv(waiters, 2, 0, soon, 1), 0);
  waiters[1].address = (u64)(words + 1);

  for (u64 i = 0; i < 3; i++) {
    s64 child = spawn();
    if (child == 0) leave((int)waitv(waiters, 3, 0, 0, 0));
    sleep_for(20000000);
    tell("woken", sys(SYS_futex, words + i, FUTEX_WAKE, 10), 0);
    wait_and_tell("by the futex", child, 0);
    tell("nothing is left", sys(SYS_futex, words + (i + 1) % 3, FUTEX_WAKE, 10), 0);
  }
  // A wait on one word and a wait on several: first come, first served.
  s64 first = spawn();
  if (first == 0) leave((int)waitv(waiters, 2, 0, 0, 0));
  sleep_for(20000000);
  s64 second = spawn();
  if (second == 0) leave(sys4(SYS_futex, words, 0, 0, 0) == 0 ? 50 : 51);
  sleep_for(20000000);
  tell("one", sys(SYS_futex, words, FUTEX_WAKE, 1), 0);
  wait_and_tell("the first", first, 0);
  tell("another", sys(SYS_futex, words, FUTEX_WAKE, 1), 0);
  wait_and_tell("the second", second, 0);
  // A private wait is not woken by a shared wake.
  waiters[0].flags = 2 | FUTEX_PRIVATE;
  s64 child = spawn();
  if (child == 0) {
    s64 time[2];
    sys(SYS_clock_gettime, 1, time, 0);
    time[0] += 1;
    leave((int)-waitv(waiters, 1, 0, time, 1));
  }
  sleep_for(20000000);
  tell("another kind", sys(SYS_futex, words, FUTEX_WAKE, 1), 0);
  wait_and_tell("time out", child, 0);
}

static void on_signal(int number, struct siginfo *info, struct ucontext *context) {}

static void interrupted(void) {
  int *words = share();
  struct waiter waiter = {0, (u64)words, 2, 0};
  for (int restarts = 0; restarts < 2; restarts++) {
    s64 child = spawn();
    if (child == 0) {
      on(SIGUSR1, on_signal, restarts ? SA_RESTART : 0);
      leave((int)-waitv(&waiter, 1, 0, 0, 0));
    }
    sleep_for(20000000);
    kill(child, SIGUSR1);
    sleep_for(20000000);
    tell("woken", sys(SYS_futex, words, FUTEX_WAKE, 1), 0);
    wait_and_tell(restarts ? "with SA_RESTART" : "without", child, 0);
  }
}

int guest_main(int argc, char **argv) {
  self_path = argv[0];
  if (argc > 1 && same(argv[1], "name")) shows_name(argv);
  // What the caller left open would change the numbers of descriptors.
  for (int file = 3; file < 16; file++) sys(SYS_close, file, 0, 0);
  static const struct test tests[] = {
    {"compares", compares}, {"threads", threads}, {"takes", takes}, {"executes", executes}, {"waits", waits}, {"interrupted", interrupted},
  };
  return run_tests(argc, argv, tests, sizeof tests / sizeof *tests);
}
