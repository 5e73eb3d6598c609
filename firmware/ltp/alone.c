// alone SECONDS PROGRAM ARGUMENTS...: runs one test of the Linux Test Project as a child, with the environment that its library expects,
// and kills its process group when the time is over. The last line that it prints begins with "alone:" and says how the test ended. The
// same file runs under Linux and under faultline. It does not know the tests.
#include "guest.h"

enum { SYS_chdir = 49, SYS_kill = 129, SYS_rt_sigprocmask = 135, SYS_rt_sigtimedwait = 137, SYS_setpgid = 154 };
enum { SIGKILL = 9, SIGCHLD = 17, WNOHANG = 1, EAGAIN = 11 };

static char *environment[] = {
  "PATH=/opt/ltp/testcases/bin:/bin", "LTPROOT=/opt/ltp", "TMPDIR=/tmp", "HOME=/", "KCONFIG_PATH=/boot/config", "LTP_COLORIZE_OUTPUT=n",
  "LTP_TIMEOUT_MUL=3", 0,
};

static s64 nanoseconds(void) {
  s64 time[2];
  sys(SYS_clock_gettime, 1, time, 0);
  return time[0] * 1000000000 + time[1];
}

/// The devices, where no other program mounted them, and a place for shared memory.
static void mount_devices(void) {
  s64 null = open_file("/dev/null", O_RDWR, 0);
  if (null >= 0) { sys(SYS_close, null, 0, 0); return; }
  sys(SYS_mkdirat, AT_FDCWD, "/dev", 0755);
  sys6(SYS_mount, (s64)"devtmpfs", (s64)"/dev", (s64)"devtmpfs", 0, 0, 0);
  sys(SYS_mkdirat, AT_FDCWD, "/dev/shm", 0755);
  sys6(SYS_mount, (s64)"tmpfs", (s64)"/dev/shm", (s64)"tmpfs", 0, 0, 0);
}

static void become(char **argv) {
  static char path[128] = "/opt/ltp/testcases/bin/";
  char *to = path + 23;
  for (const char *name = argv[0]; *name && to < path + sizeof path - 1; ) *to++ = *name++;
  sys(SYS_execve, path, argv, environment);
  sys(SYS_exit_group, 127, 0, 0);
}

int guest_main(int argc, char **argv) {
  if (argc < 3) { put("alone SECONDS PROGRAM ARGUMENTS...\n"); return 2; }
  s64 end = nanoseconds() + (s64)number(argv[1]) * 1000000000;
  mount_devices();
  sys(SYS_chdir, "/tmp", 0, 0);
  u64 children = 1ul << (SIGCHLD - 1), old = 0;
  sys4(SYS_rt_sigprocmask, 0, &children, &old, 8);
  s64 child = fork();
  if (child == 0) {
    sys(SYS_setpgid, 0, 0, 0);
    sys4(SYS_rt_sigprocmask, 2, &old, 0, 8);
    become(argv + 2);
  }
  int status = 0, isOver = 0;
  while (sys4(SYS_wait4, child, &status, WNOHANG, 0) == 0) {
    s64 left = end - nanoseconds();
    if (left <= 0) { isOver = 1; break; }
    s64 time[2] = {left / 1000000000, left % 1000000000};
    sys4(SYS_rt_sigtimedwait, &children, 0, time, 8);
  }
  // What the test left behind must not disturb the next one.
  sys(SYS_kill, -child, SIGKILL, 0);
  put("\nalone: ");
  if (isOver) { put("limit"); }
  else if (status & 127) { put("signal "); dec(status & 127); }
  else { put("exit "); dec(status >> 8 & 255); }
  put("\n");
  return 0;
}
