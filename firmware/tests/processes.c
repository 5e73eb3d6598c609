// Processes: fork, wait statuses, orphans, vfork, signals between processes, stopping and continuing, groups. Each case prints its
// findings, never an id or a time. It does not know faults, or memory beyond its own pages.
#include "tasks.h"

static u64 counter;

static void exits(void) {
  for (int i = 0; i < 3; i++) {
    s64 child = spawn();
    if (child == 0) leave(i == 0 ? 7 : i == 1 ? 0x1234 : 255);
    wait_and_tell("exit", child, 0);
  }
  tell("nobody left", wait4(-1, 0, 0), 0);
}

static void memory(void) {
  counter = 5;
  s64 child = spawn();
  if (child == 0) {
    counter += 10;
    leave((int)counter);
  }
  wait_and_tell("child's counter", child, 0);
  tell("parent's counter", counter, 0);
}

static void signals(void) {
  static const int numbers[] = {SIGKILL, SIGTERM, SIGSEGV, SIGABRT, SIGUSR1, SIGRTMIN + 2};
  for (u64 i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    s64 child = spawn();
    if (child == 0)
      for (;;) pause_task();
    yield();
    tell("kill", kill(child, numbers[i]), 0);
    wait_and_tell("killed", child, 0);
  }
  s64 child = spawn();
  if (child == 0) {
    *(volatile int *)8 = 0;
    leave(0);
  }
  wait_and_tell("fault", child, 0);
  child = spawn();
  if (child == 0) {
    asm volatile("brk #1");
    leave(0);
  }
  wait_and_tell("brk", child, 0);
}

static volatile int seen, seen_code, seen_status;
static volatile s64 seen_pid;
static void on_signal(int number, struct siginfo *info, struct ucontext *context) {
  seen++;
  seen_code = info->code;
  seen_pid = (s64)(int)info->address;
  seen_status = *(int *)(&info->address + 1);
}

static void child_signal(void) {
  on(SIGCHLD, on_signal, 0);
  s64 child = spawn();
  if (child == 0) leave(9);
  while (!seen) yield();
  tell("SIGCHLD code", seen_code, 0);
  tell("SIGCHLD status", seen_status, 0);
  tell("SIGCHLD from the child", seen_pid == child, 0);
  wait_and_tell("then", child, 0);
  seen = 0;
  child = spawn();
  if (child == 0)
    for (;;) pause_task();
  kill(child, SIGKILL);
  wait_and_tell("killed", child, 0);
  tell("SIGCHLD code", seen_code, 0);
  tell("SIGCHLD status", seen_status, 0);
  // If a parent ignores SIGCHLD, its children need not be waited for.
  ignore(SIGCHLD);
  child = spawn();
  if (child == 0) leave(3);
  tell("ignored", wait4(child, 0, 0), 0);
  on(SIGCHLD, on_signal, SA_NOCLDWAIT);
  seen = 0;
  child = spawn();
  if (child == 0) leave(3);
  tell("no wait", wait4(-1, 0, 0), 0);
  tell("SIGCHLD all the same", seen, 0);
  restore(SIGCHLD);
}

static void interrupted(void) {
  // A handler without SA_RESTART ends a wait, and one with it does not.
  for (int restarts = 0; restarts < 2; restarts++) {
    seen = 0;
    on(SIGUSR1, on_signal, restarts ? SA_RESTART : 0);
    s64 parent = getpid();
    s64 child = spawn();
    if (child == 0) {
      sleep_for(5000000);
      kill(parent, SIGUSR1);
      sleep_for(5000000);
      leave(4);
    }
    int status = -1;
    s64 answer = wait4(child, &status, 0);
    tell("wait", answer == child ? 1 : answer, 0);
    tell("handled", seen, 0);
    tell("SI_USER", seen_code, 0);
    if (answer != child) wait_and_tell("again", child, 0);
  }
  // An interrupted sleep reports the remaining time.
  seen = 0;
  on(SIGUSR1, on_signal, SA_RESTART);
  s64 parent = getpid();
  s64 child = spawn();
  if (child == 0) {
    sleep_for(5000000);
    kill(parent, SIGUSR1);
    leave(0);
  }
  s64 time[2] = {1000, 0}, rest[2] = {-1, -1};
  tell("nanosleep", sys(SYS_nanosleep, time, rest, 0), 0);
  tell("rest", rest[0], 0);
  wait_and_tell("sleeper", child, 0);
  // A signal without a handler has no effect on a sleep.
  child = spawn();
  if (child == 0) {
    sleep_for(5000000);
    kill(parent, SIGCONT);
    kill(parent, SIGCHLD);
    leave(0);
  }
  time[0] = 0, time[1] = 30000000;
  tell("nanosleep again", sys(SYS_nanosleep, time, rest, 0), 0);
  wait_and_tell("sleeper", child, 0);
}

static void orphans(void) {
  int *shared = share();
  s64 child = spawn();
  if (child == 0) {
    if (spawn() == 0) {
      while (!shared[0]) sleep_for(1000000);
      shared[1] = getppid();
      shared[2] = 1;
      leave(0);
    }
    leave(1);
  }
  wait_and_tell("parent", child, 0);
  shared[0] = 1;
  while (!shared[2]) sleep_for(1000000);
  tell("orphan's parent", shared[1], 0);
  tell("nobody left", wait4(-1, 0, 0), 0);
}

static void stopping(void) {
  on(SIGCHLD, on_signal, 0);
  int *shared = share();
  s64 child = spawn();
  if (child == 0)
    for (;;) shared[0]++, yield();
  while (!shared[0]) yield();
  kill(child, SIGSTOP);
  wait_and_tell("stopped", child, WUNTRACED);
  tell("SIGCHLD code", seen_code, 0);
  tell("SIGCHLD status", seen_status, 0);
  int before = shared[0];
  sleep_for(20000000);
  tell("stands still", shared[0] == before, 0);
  tell("told once", wait4(child, 0, WUNTRACED | WNOHANG), 0);
  kill(child, SIGCONT);
  wait_and_tell("continued", child, WCONTINUED);
  while (shared[0] == before) sleep_for(1000000);
  tell("SIGCHLD code", seen_code, 0);
  kill(child, SIGSTOP);
  kill(child, SIGKILL);
  wait_and_tell("killed while stopped", child, 0);
  restore(SIGCHLD);
}

static void orphaned_group(void) {
  // When the parent of a stopped child ends, the child is continued and gets SIGHUP, which ends it; its own child sees that.
  int *shared = share();
  s64 child = spawn();
  if (child == 0) {
    s64 stopped = spawn();
    if (stopped == 0) {
      sys(SYS_setpgid, 0, 0, 0);
      on(SIGHUP, on_signal, 0);
      seen = 0;
      kill(getpid(), SIGSTOP);
      shared[1] = seen;
      shared[0] = 1;
      leave(0);
    }
    wait_and_tell("stopped", stopped, WUNTRACED);
    leave(0);
  }
  wait_and_tell("parent", child, 0);
  for (int i = 0; i < 100 && !shared[0]; i++) sleep_for(1000000);
  tell("went on", shared[0], 0);
  tell("with SIGHUP", shared[1], 0);
  // In an orphaned group the terminal's stop signals have no effect.
  seen = 0;
  child = spawn();
  if (child == 0) {
    sys(SYS_setsid, 0, 0, 0);
    kill(getpid(), SIGTSTP);
    leave(11);
  }
  wait_and_tell("not stopped", child, WUNTRACED);
  child = spawn();
  if (child == 0) {
    sys(SYS_setpgid, 0, 0, 0);
    kill(getpid(), SIGTSTP);
    leave(12);
  }
  wait_and_tell("stopped", child, WUNTRACED);
  kill(child, SIGCONT);
  wait_and_tell("continued", child, 0);
}

static void vforking(void) {
  int *shared = share();
  // The child runs first, on the parent's memory.
  counter = 1;
  s64 child = sys6(SYS_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, (s64)(new_stack() - 16), 0, 0, 0, 0);
  if (child == 0) {
    counter = 2;
    sleep_for(1000000);
    counter = 3;
    sys(SYS_exit_group, 6, 0, 0);
  }
  tell("counter", counter, 0);
  wait_and_tell("vfork", child, 0);
  shared[0] = 1;
}

static void groups(void) {
  tell("own group is the parent's", sys(SYS_getpgid, 0, 0, 0) == sys(SYS_getpgid, getpid(), 0, 0), 0);
  int *shared = share();
  s64 children[3];
  for (int i = 0; i < 3; i++) {
    children[i] = spawn();
    if (children[i] == 0) {
      sys(SYS_setpgid, 0, i == 0 ? 0 : children[0], 0);
      shared[i] = 1;
      for (;;) pause_task();
    }
    while (!shared[i]) sleep_for(1000000);
  }
  tell("group", sys(SYS_getpgid, children[2], 0, 0) == children[0], 0);
  tell("no such group", sys(SYS_setpgid, children[1], 30000, 0), 0);
  tell("kill group", kill(-children[0], SIGTERM), 0);
  for (int i = 0; i < 3; i++) wait_and_tell("member", children[i], 0);
  tell("empty group", kill(-children[0], 0), 0);
  s64 child = spawn();
  if (child == 0) {
    s64 session = sys(SYS_setsid, 0, 0, 0);
    tell("setsid", session == getpid(), 0);
    tell("setsid again", sys(SYS_setsid, 0, 0, 0), 0);
    tell("setpgid of a leader", sys(SYS_setpgid, 0, 0, 0), 0);
    leave(0);
  }
  wait_and_tell("session", child, 0);
}

static void waiting(void) {
  tell("no children", wait4(-1, 0, 0), 0);
  tell("bad options", wait4(-1, 0, 0x100), 0);
  s64 child = spawn();
  if (child == 0) {
    sleep_for(10000000);
    leave(1);
  }
  tell("not a child", wait4(1, 0, 0), 0);
  tell("not yet", wait4(child, 0, WNOHANG), 0);
  tell("clone children only", wait4(-1, 0, (int)0x80000000), 0);
  tell("bad address", wait4(child, (int *)8, 0), 0);
  tell("gone with it", wait4(child, 0, 0), 0);
  child = spawn();
  if (child == 0) leave(2);
  int info[32];
  for (int i = 0; i < 32; i++) info[i] = -1;
  tell("waitid", sys6(SYS_waitid, 1, child, (s64)info, 4 | 0x01000000, 0, 0), 0);
  tell("signo", info[0], 0), tell("code", info[2], 0), tell("pid", info[4] == child, 0), tell("status", info[6], 0);
  tell("waitid", sys6(SYS_waitid, 0, 0, (s64)info, 4, 0, 0), 0);
  tell("waitid nobody", sys6(SYS_waitid, 0, 0, (s64)info, 4, 0, 0), 0);
  tell("waitid nothing asked", sys6(SYS_waitid, 0, 0, (s64)info, 0, 0, 0), 0);
  tell("waitid bad kind", sys6(SYS_waitid, 9, 0, (s64)info, 4, 0, 0), 0);
  tell("waitid bad pid", sys6(SYS_waitid, 1, 0, (s64)info, 4, 0, 0), 0);
}

static void usage(void) {
  s64 before[18], after[18];
  sys(SYS_getrusage, -1, before, 0);
  s64 child = spawn();
  if (child == 0) {
    char *memory = map(64 * PAGE, PROT_R | PROT_W);
    for (int i = 0; i < 64; i++) memory[i * PAGE] = 1;
    leave(0);
  }
  s64 used[18];
  int status;
  sys6(SYS_wait4, child, (s64)&status, 0, (s64)used, 0, 0);
  sys(SYS_getrusage, -1, after, 0);
  tell("at least 64 faults", used[8] >= 64, 0);
  tell("children's faults are the child's", after[8] - before[8] == used[8], 0);
}

static void bad_clones(void) {
  static const struct { const char *name; u64 flags; } rows[] = {
    {"THREAD", CLONE_THREAD}, {"THREAD VM", CLONE_THREAD | CLONE_VM}, {"SIGHAND", CLONE_SIGHAND},
    {"SIGHAND FS", CLONE_SIGHAND | CLONE_FS}, {"PIDFD PARENT_SETTID", 0x1000 | 0x100000},
  };
  for (u64 i = 0; i < sizeof rows / sizeof *rows; i++) tell(rows[i].name, sys6(SYS_clone, rows[i].flags, 0, 0, 0, 0, 0), 0);
  u64 arguments[11] = {0};
  tell("clone3 short", sys(SYS_clone3, arguments, 56, 0), 0);
  tell("clone3 long", sys(SYS_clone3, arguments, 8192, 0), 0);
  tell("clone3 null", sys(SYS_clone3, 0, 64, 0), 0);
  arguments[4] = 65;
  tell("clone3 signal", sys(SYS_clone3, arguments, 88, 0), 0);
  arguments[4] = 0, arguments[0] = SIGCHLD;
  tell("clone3 signal in flags", sys(SYS_clone3, arguments, 88, 0), 0);
  arguments[0] = 0, arguments[5] = PAGE;
  tell("clone3 stack without size", sys(SYS_clone3, arguments, 88, 0), 0);
  arguments[5] = 0, arguments[6] = PAGE;
  tell("clone3 size without stack", sys(SYS_clone3, arguments, 88, 0), 0);
  arguments[6] = 0, arguments[9] = 1;
  tell("clone3 set_tid_size", sys(SYS_clone3, arguments, 88, 0), 0);
  arguments[9] = 0, arguments[0] = 1ul << 40;
  tell("clone3 flag", sys(SYS_clone3, arguments, 88, 0), 0);
  arguments[0] = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, arguments[4] = SIGCHLD;
  tell("clone3 thread with signal", sys(SYS_clone3, arguments, 88, 0), 0);
  arguments[0] = 0;
  flush();
  s64 child = sys(SYS_clone3, arguments, 64, 0);
  if (child == 0) leave(21);
  wait_and_tell("clone3", child, 0);
  // An invalid stack kills only the child.
  child = sys6(SYS_clone, SIGCHLD, 0x10, 0, 0, 0, 0);
  if (child == 0) asm volatile("str xzr, [sp]");
  wait_and_tell("bad stack", child, 0);
}

static const struct test tests[] = {
  {"exits", exits}, {"memory", memory}, {"signals", signals}, {"child-signal", child_signal}, {"interrupted", interrupted},
  {"orphans", orphans}, {"stopping", stopping}, {"orphaned-group", orphaned_group}, {"vfork", vforking},
  {"groups", groups}, {"waiting", waiting}, {"usage", usage},
  {"bad-clones", bad_clones},
};

int guest_main(int argc, char **argv) { return run_tests(argc, argv, tests, sizeof tests / sizeof *tests); }
