// execve: what a new program gets and keeps, what it loses, and the errors. It runs itself again by its own path, with a word that
// says which part to run; it does not know any other program.
#include "tasks.h"

static char *self_path;
static char *environment[] = {"ONE=1", "TWO=", 0};

static s64 execve(const char *path, char **arguments, char **variables) { return sys(SYS_execve, path, arguments, variables); }

static void become(const char *part, const char *word) {
  char *arguments[] = {"a-name", (char *)part, (char *)word, 0};
  flush();
  s64 error = execve(self_path, arguments, environment);
  tell("execve", error, 0);
  leave(99);
}

static void on_signal(int number, struct siginfo *info, struct ucontext *context) {}

// MARK: The second program

static u64 zero_page[512];
static void shows_arguments(int argc, char **argv) {
  tell("argc", argc, 0);
  for (int i = 0; i < argc; i++) { put("  ["); put(argv[i]); put("]\n"); }
  for (char **variable = argv + argc + 1; *variable; variable++) { put("  {"); put(*variable); put("}\n"); }
  leave(5);
}
static void shows_signals(void) {
  static const int numbers[] = {SIGUSR1, SIGUSR2};
  for (int i = 0; i < 2; i++) {
    u64 action[4] = {7, 7, 7, 7};
    sys6(SYS_rt_sigaction, numbers[i], 0, (s64)action, 8, 0, 0);
    tell("handler", action[0], 0), tell("flags", action[1] & ~0x04000000, 0), tell("mask", action[3], 0);
  }
  u64 mask = 0, pending = 0;
  sys6(SYS_rt_sigprocmask, 0, 0, (s64)&mask, 8, 0, 0);
  sys(136, &pending, 8, 0);
  tell("blocked", mask, 0), tell("pending", pending, 0);
  s64 stack[3];
  sys(132, 0, stack, 0);
  tell("alternate stack", stack[1], 0);
  leave(0);
}
static void shows_memory(void) {
  tell("data", zero_page[3], 0);
  u64 tls;
  asm volatile("mrs %0, tpidr_el0" : "=r"(tls));
  tell("tls", tls, 0);
  leave(0);
}
static void shows_thread(void) {
  tell("first thread", gettid() == getpid(), 0);
  tell("no other thread", sys(SYS_tgkill, getpid(), getpid() + 1, 0) == 0, 0);
  leave(8);
}

// MARK: The first

static void arguments(void) {
  s64 child = spawn();
  if (child == 0) become("arguments", "two words");
  wait_and_tell("then", child, 0);
  child = spawn();
  if (child == 0) {
    execve(self_path, 0, 0);
    leave(98);
  }
  wait_and_tell("without arguments", child, 0);
}

static void signals(void) {
  s64 child = spawn();
  if (child == 0) {
    on(SIGUSR1, on_signal, SA_RESTART);
    ignore(SIGUSR2);
    u64 mask = 1 << (SIGUSR1 - 1), stack[3] = {(u64)map(4 * PAGE, PROT_R | PROT_W), 0, 4 * PAGE};
    sys6(SYS_rt_sigprocmask, 2, (s64)&mask, 0, 8, 0, 0);
    sys(132, stack, 0, 0);
    kill(getpid(), SIGUSR1);
    become("signals", "");
  }
  wait_and_tell("then", child, 0);
}

static void memory(void) {
  s64 child = spawn();
  if (child == 0) {
    zero_page[3] = 77;
    asm volatile("msr tpidr_el0, %0" : : "r"(0x1234ul));
    become("memory", "");
  }
  wait_and_tell("then", child, 0);
}

static void vforked(void) {
  flush();
  s64 child = sys6(SYS_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0, 0);
  if (child == 0) {
    char *arguments[] = {"vforked", "arguments", 0};
    execve(self_path, arguments, environment);
    sys(SYS_exit, 97, 0, 0);
  }
  wait_and_tell("then", child, 0);
}

// x0: flags, x1: stack. The new thread calls `run`.
s64 start_thread(u64 flags, char *stack, void (*run)(void));
asm(".text\n.globl start_thread\nstart_thread: str x2, [x1, #-16]!\n mov x8, #220\n svc #0\n cbz x0, 1f\n ret\n"
    "1: ldr x0, [sp], #16\n mov x29, #0\n mov x30, #0\n br x0\n");
enum { THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM };
static void sits(void) { for (;;) sleep_for(1000000); }
static void executes(void) { become("thread", ""); }

static void threaded(void) {
  for (int who = 0; who < 2; who++) {
    s64 child = spawn();
    if (child == 0) {
      start_thread(THREAD, new_stack(), sits);
      start_thread(THREAD, new_stack(), who ? executes : sits);
      sleep_for(2000000);
      if (who) sits();
      become("thread", "");
    }
    wait_and_tell(who ? "by another thread" : "by the first thread", child, 0);
  }
}

static void write_file(const char *path, const char *bytes, u64 size, int mode) {
  s64 file = sys6(SYS_openat, -100, (s64)path, 0101, mode, 0, 0);
  sys(SYS_write, file, bytes, size);
  sys(SYS_close, file, 0, 0);
}

static void errors(void) {
  char *none[] = {"x", 0};
  write_file("/tmp/text", "no program at all\n", 18, 0755);
  write_file("/tmp/plain", "no program at all\n", 18, 0644);
  write_file("/tmp/empty", "", 0, 0755);
  write_file("/tmp/short", "\177ELF\2\1\1", 7, 0755);
  tell("no such file", execve("/tmp/nothing", none, none), 0);
  tell("empty path", execve("", none, none), 0);
  tell("not a directory", execve("/tmp/text/x", none, none), 0);
  tell("not executable", execve("/tmp/plain", none, none), 0);
  tell("directory", execve("/tmp", none, none), 0);
  tell("text", execve("/tmp/text", none, none), 0);
  tell("empty", execve("/tmp/empty", none, none), 0);
  tell("short", execve("/tmp/short", none, none), 0);
  tell("bad path", execve((char *)8, none, none), 0);
  tell("bad arguments", execve(self_path, (char **)8, none), 0);
  char *bad[] = {(char *)8, 0};
  tell("bad string", execve(self_path, bad, none), 0);
  static char *many[40001];
  for (int i = 0; i < 40000; i++) many[i] = "an argument that is long enough to be one of too many for all of them to fit";
  tell("too many", execve(self_path, many, none), 0);
  char *large = map(64 * PAGE, PROT_R | PROT_W);
  for (u64 i = 0; i < 128 << 10; i++) large[i] = 'x';
  char *one[] = {large, 0};
  tell("too long", execve(self_path, one, none), 0);
}

static void descriptors(void) {
  int pipes[2];
  sys(SYS_pipe2, pipes, 0, 0);
  // FD_CLOEXEC is set on the writing end, so the reader sees the end of the pipe once the other program runs.
  sys(SYS_fcntl, pipes[1], 2, 1);
  s64 child = spawn();
  if (child == 0) {
    sys(SYS_close, pipes[0], 0, 0);
    become("sleeps", "");
  }
  sys(SYS_close, pipes[1], 0, 0);
  char byte;
  tell("end of pipe", sys(SYS_read, pipes[0], &byte, 1), 0);
  tell("still runs", wait4(child, 0, WNOHANG), 0);
  wait_and_tell("then", child, 0);
}

static const struct test tests[] = {
  {"exec-arguments", arguments}, {"exec-signals", signals}, {"exec-memory", memory}, {"exec-vfork", vforked}, {"exec-threads", threaded},
  {"exec-errors", errors}, {"exec-descriptors", descriptors},
};

int guest_main(int argc, char **argv) {
  if (argc == 1 && !*argv[0]) leave(44);
  if (argc > 1 && same(argv[1], "arguments")) shows_arguments(argc, argv);
  if (argc > 1 && same(argv[1], "signals")) shows_signals();
  if (argc > 1 && same(argv[1], "memory")) shows_memory();
  if (argc > 1 && same(argv[1], "thread")) shows_thread();
  if (argc > 1 && same(argv[1], "sleeps")) { sleep_for(20000000); leave(0); }
  static char path[256];
  s64 size = sys6(78, -100, (s64)"/proc/self/exe", (s64)path, 255, 0, 0);
  if (size < 0) { tell("readlink", size, 0); leave(1); }
  self_path = path;
  return run_tests(argc, argv, tests, sizeof tests / sizeof *tests);
}
