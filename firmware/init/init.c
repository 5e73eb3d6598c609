// Process 1 of a measuring guest: it mounts /proc, /sys and /tmp, runs each line of /list as a program of /t with its arguments in a
// session of its own, reaps orphans meanwhile, and powers off. Each program's output stands between a line === PROGRAM ARGUMENTS and a line === exit with its status and wall
// time. It does not know the programs.
#include "guest.h"

static char list[4096];
static char path[64] = "/t/";

static s64 nanoseconds(void) {
  s64 time[2];
  sys(SYS_clock_gettime, 1, time, 0);
  return time[0] * 1000000000 + time[1];
}

static void run(char *line) {
  put("=== /t/"); put(line); put("\n");
  flush();
  char *argv[16] = {path}, *envp[1] = {0};
  int argc = 1;
  char *to = path + 3;
  while (*line && *line != ' ' && to < path + 63) *to++ = *line++;
  *to = 0;
  while (*line && argc < 15) {
    *line++ = 0;
    argv[argc++] = line;
    while (*line && *line != ' ') line++;
  }
  argv[argc] = 0;
  s64 start = nanoseconds();
  s64 child = sys6(SYS_clone, 17, 0, 0, 0, 0, 0);  // SIGCHLD: a fork
  if (child == 0) {
    sys(SYS_setsid, 0, 0, 0);
    sys(SYS_execve, path, argv, envp);
    sys(SYS_exit_group, 127, 0, 0);
  }
  int status = 0;
  while (sys6(SYS_wait4, -1, (s64)&status, 0, 0, 0, 0) != child) {}
  s64 time = nanoseconds() - start;
  put("=== exit "); dec((status >> 8) & 255); put(" signal "); dec(status & 127); put(" nanoseconds "); dec(time); put("\n");
  flush();
}

static void mount(const char *type, const char *place) {
  sys(SYS_mkdirat, AT_FDCWD, place, 0755);
  sys6(SYS_mount, (s64)type, (s64)place, (s64)type, 0, 0, 0);
}

int guest_main(int argc, char **argv) {
  sys(SYS_setsid, 0, 0, 0);
  mount("proc", "/proc");
  mount("sysfs", "/sys");
  mount("tmpfs", "/tmp");
  // The kernel thread that collapses huge pages would sometimes change the results.
  s64 setting = open_file("/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs", O_WRONLY, 0);
  sys(SYS_write, setting, "4294967295", 10);
  sys(SYS_close, setting, 0, 0);
  s64 file = sys6(SYS_openat, -100, (s64)"/list", 0, 0, 0, 0);
  s64 size = sys(SYS_read, file, list, sizeof list - 1);
  char *line = list;
  for (char *end = list; end < list + size; end++) {
    if (*end != '\n') continue;
    *end = 0;
    run(line);
    line = end + 1;
  }
  sys6(SYS_reboot, 0xfee1dead, 672274793, 0x4321fedc, 0, 0, 0);  // LINUX_REBOOT_CMD_POWER_OFF
  return 0;
}
