// Process 1 and orphans: what init looks like, what signals do to it, who becomes an orphan's parent, and that orphans are reaped. Each
// case prints its findings, never an id or a time. It does not know memory, or waiting for children that are not orphans.
#include "tasks.h"

enum { PR_SET_CHILD_SUBREAPER = 36, CLONE_PARENT = 0x8000, SYS_prctl = 167, SYS_getdents64 = 61, SYS_pidfd_open = 434 };

static char text[16384];

/// Prints the line of a file that starts with a word, or all of it without one.
static void show(const char *path, const char *word) {
  s64 length = read_whole(path, text, sizeof text);
  if (length < 0) { tell(path, length, 0); return; }
  for (char *line = text; *line;) {
    char *end = line;
    while (*end && *end != '\n') end++;
    int has = 1;
    for (u64 i = 0; word && word[i]; i++) has &= line[i] == word[i];
    char last = *end;
    *end = 0;
    if (has) { put("  "); put(line); put("\n"); }
    line = last ? end + 1 : end;
  }
}

/// Prints fields 2 to `count` of a stat file, without field 5 to 8 where they are not asked for.
static void show_stat(const char *path, int count) {
  read_whole(path, text, sizeof text);
  char *at = text;
  while (*at && *at != ' ') at++;
  put("  stat");
  for (int field = 2; field <= count && *at; field++) {
    char *start = at++;
    while (*at && *at != ' ') at++;
    char last = *at;
    *at = 0;
    put(start);
    *at = last;
  }
  put("\n");
}

static void identity(void) {
  tell("parent", getppid(), 0);
  tell("not process 1", getpid() > 1, 0);
  tell("thread has the process's id", gettid() == getpid(), 0);
  tell("leads its group", sys(SYS_getpgid, 0, 0, 0) == getpid(), 0);
  tell("leads its session", sys(SYS_getsid, 0, 0, 0) == getpid(), 0);
  show("/proc/self/status", "PPid:");
}

static void init(void) {
  tell("group", sys(SYS_getpgid, 1, 0, 0), 0);
  tell("session", sys(SYS_getsid, 1, 0, 0), 0);
  show("/proc/1/comm", 0);
  for (int i = 0; i < 8; i++) {
    static const char *const words[] = {"Name:", "State:", "Tgid:", "Pid:", "PPid:", "TracerPid:", "Threads:", "NSpid:"};
    show("/proc/1/status", words[i]);
  }
  show_stat("/proc/1/stat", 6);
  show("/proc/1/task/1/comm", 0);
  s64 directory = open_file("/proc", 040000, 0);
  int has_init = 0, has_self = 0;
  for (s64 length; (length = sys(SYS_getdents64, directory, text, sizeof text)) > 0;) {
    for (s64 at = 0; at < length; at += *(unsigned short *)(text + at + 16)) {
      has_init |= same(text + at + 19, "1");
      u64 number = 0;
      for (char *digit = text + at + 19; *digit >= '0' && *digit <= '9'; digit++) number = number * 10 + (*digit - '0');
      has_self |= number == (u64)getpid();
    }
  }
  sys(SYS_close, directory, 0, 0);
  tell("listed", has_init, 0);
  tell("listed itself", has_self, 0);
}

static void signals(void) {
  static const int numbers[] = {0, SIGTERM, SIGKILL, SIGSTOP, SIGCONT, SIGUSR1, SIGRTMIN, 65, -1};
  for (u64 i = 0; i < sizeof numbers / sizeof *numbers; i++) tell("kill", kill(1, numbers[i]), 0);
  tell("tgkill", sys(SYS_tgkill, 1, 1, SIGKILL), 0);
  show("/proc/1/status", "State:");
  show("/proc/1/status", "SigPnd:");
  s64 descriptor = sys(SYS_pidfd_open, 1, 0, 0);
  tell("pidfd", descriptor >= 0, 0);
  sys(SYS_close, descriptor, 0, 0);
  tell("wait", wait4(1, 0, 0), 0);
  tell("setpgid of it", sys(SYS_setpgid, 1, 0, 0), 0);
  tell("setpgid into its group", sys(SYS_setpgid, 0, 1, 0), 0);
  s64 child = spawn();
  if (child == 0) {
    tell("child into its group", sys(SYS_setpgid, 0, 1, 0), 0);
    flush();
    leave(0);
  }
  wait_and_tell("child", child, 0);
}

static void everybody(void) {
  // kill(-1) reaches neither init nor the caller.
  s64 children[2];
  for (int i = 0; i < 2; i++) {
    children[i] = spawn();
    if (children[i] == 0)
      for (;;) pause_task();
  }
  tell("kill", kill(-1, SIGTERM), 0);
  for (int i = 0; i < 2; i++) wait_and_tell("killed", children[i], 0);
  show("/proc/1/comm", 0);
}

/// Waits until a process is gone, zombie and all, for at most a second.
static int is_reaped(s64 id) {
  for (int i = 0; i < 1000; i++) {
    if (kill(id, 0) == -3) return 1;
    sleep_for(1000000);
  }
  return 0;
}

static void orphan(void) {
  int *shared = share();
  s64 child = spawn();
  if (child == 0) {
    s64 grandchild = spawn();
    if (grandchild == 0) {
      shared[1] = getppid() != 1;
      while (!shared[0]) sleep_for(1000000);
      shared[2] = getppid();
      leave(3);
    }
    shared[3] = (int)grandchild;
    while (!shared[1]) sleep_for(1000000);
    leave(0);
  }
  wait_and_tell("parent", child, 0);
  shared[0] = 1;
  tell("orphan reaped", is_reaped(shared[3]), 0);
  tell("had a parent", shared[1], 0);
  tell("then", shared[2], 0);
  tell("wait", wait4(-1, 0, 0), 0);
}

static void zombie(void) {
  // A zombie whose parent ends is reaped too.
  int *shared = share();
  s64 child = spawn();
  if (child == 0) {
    s64 grandchild = spawn();
    if (grandchild == 0) leave(3);
    shared[3] = (int)grandchild;
    sleep_for(5000000);
    shared[1] = (int)kill(grandchild, 0);
    leave(0);
  }
  wait_and_tell("parent", child, 0);
  tell("was there", shared[1], 0);
  tell("reaped", is_reaped(shared[3]), 0);
}

static void subreaper(void) {
  tell("prctl", sys(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0), 0);
  int *shared = share();
  s64 child = spawn();
  if (child == 0) {
    if (spawn() == 0) {
      while (!shared[0]) sleep_for(1000000);
      leave(4);
    }
    leave(0);
  }
  wait_and_tell("parent", child, 0);
  shared[0] = 1;
  int status = -1;
  s64 answer = wait4(-1, &status, 0);
  tell("orphan is a child", answer > 0, 0);
  tell("status", status, 0);
  // It takes only orphans below it: its own children go to init when it ends.
  s64 reaper = spawn();
  if (reaper == 0) {
    sys(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0);
    if (spawn() == 0) {
      while (getppid() != getpid() && !shared[1]) sleep_for(1000000);
      shared[2] = (int)getppid();
      leave(0);
    }
    leave(0);
  }
  wait_and_tell("second", reaper, 0);
  shared[1] = 1;
  wait4(-1, 0, 0);
  tell("goes to the nearest one", shared[2] == getpid(), 0);
  sys(SYS_prctl, PR_SET_CHILD_SUBREAPER, 0, 0);
}

static void siblings(void) {
  // With CLONE_PARENT the new process is init's child.
  int *shared = share();
  flush();
  s64 sibling = sys6(SYS_clone, CLONE_PARENT, 0, 0, 0, 0, 0);
  if (sibling == 0) {
    shared[0] = (int)getppid();
    leave(0);
  }
  tell("reaped", is_reaped(sibling), 0);
  tell("parent", shared[0], 0);
  tell("wait", wait4(-1, 0, 0), 0);
}

static void groups(void) {
  // A group whose only outside parent is init in another session is orphaned: stop signals of terminals do nothing.
  tell("stop", kill(getpid(), SIGTSTP), 0);
  tell("setsid of a leader", sys(SYS_setsid, 0, 0, 0), 0);
}

static const struct test tests[] = {
  {"identity", identity}, {"init", init}, {"signals", signals}, {"everybody", everybody}, {"orphan", orphan}, {"zombie", zombie},
  {"subreaper", subreaper}, {"siblings", siblings}, {"groups", groups},
};

int guest_main(int argc, char **argv) { return run_tests(argc, argv, tests, sizeof tests / sizeof *tests); }
