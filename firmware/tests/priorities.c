// Priorities and policies of scheduling, processors, and one process's look at another: kcmp and process_vm_readv and writev. It prints
// no id. It does not know which task runs when.
#include "tasks.h"

enum {
  SYS_sched_setparam = 118, SYS_sched_setscheduler = 119, SYS_sched_getscheduler = 120, SYS_sched_getparam = 121,
  SYS_sched_setaffinity = 122, SYS_sched_get_priority_max = 125, SYS_sched_get_priority_min = 126, SYS_sched_rr_get_interval = 127,
  SYS_setpriority = 140, SYS_getpriority = 141, SYS_getcpu = 168, SYS_process_vm_readv = 270, SYS_process_vm_writev = 271, SYS_kcmp = 272,
  SYS_sched_setattr = 274, SYS_sched_getattr = 275, SYS_dup = 23,
};

static char text[4096];

/// A field of /proc/self/stat, counted from 1.
static s64 field(int wanted) {
  read_whole("/proc/self/stat", text, sizeof text);
  char *at = text;
  while (*at && *at != ')') at++;
  for (int n = 2; n < wanted; n++) {
    while (*at && *at != ' ') at++;
    if (*at) at++;
  }
  int negative = *at == '-';
  if (negative) at++;
  s64 value = 0;
  while (*at >= '0' && *at <= '9') value = value * 10 + (*at++ - '0');
  return negative ? -value : value;
}

static void niceness(void) {
  tell("get", sys(SYS_getpriority, 0, 0, 0), 0);
  static const int values[] = {5, -5, 19, -20, 100, -100, 0};
  for (u64 i = 0; i < sizeof values / sizeof *values; i++) {
    tell("set", sys(SYS_setpriority, 0, 0, values[i]), 0);
    tell("get", sys(SYS_getpriority, 0, 0, 0), 0);
    tell("nice", field(19), 0);
    tell("priority", field(18), 0);
  }
  tell("bad which", sys(SYS_getpriority, 3, 0, 0), 0);
  tell("bad which", sys(SYS_setpriority, -1, 0, 0), 0);
  tell("no such process", sys(SYS_getpriority, 0, 30000, 0), 0);
  tell("no such group", sys(SYS_getpriority, 1, 30000, 0), 0);
  tell("no such user", sys(SYS_getpriority, 2, 12345, 0), 0);
  tell("no such process", sys(SYS_setpriority, 0, 30000, 0), 0);
  tell("group", sys(SYS_setpriority, 1, 0, 3), 0);
  tell("get of group", sys(SYS_getpriority, 1, 0, 0), 0);
  s64 child = spawn();
  if (child == 0) {
    tell("child", sys(SYS_getpriority, 0, 0, 0), 0);
    tell("child set", sys(SYS_setpriority, 0, 0, 7), 0);
    tell("best of the group", sys(SYS_getpriority, 1, 0, 0), 0);
    flush();
    leave(0);
  }
  wait4(child, 0, 0);
  tell("parent", sys(SYS_getpriority, 0, 0, 0), 0);
  sys(SYS_setpriority, 0, 0, 0);
}

static void policies(void) {
  for (int policy = -1; policy <= 8; policy++) {
    if (policy == 7) continue;
    put("  policy "); dec(policy);
    put(": max "); dec(sys(SYS_sched_get_priority_max, policy, 0, 0));
    put(" min "); dec(sys(SYS_sched_get_priority_min, policy, 0, 0));
    int zero = 0, one = 1, many = 100;
    put(" with 0 "); dec(sys(SYS_sched_setscheduler, 0, policy, &zero));
    put(" with 1 "); dec(sys(SYS_sched_setscheduler, 0, policy, &one));
    put(" with 100 "); dec(sys(SYS_sched_setscheduler, 0, policy, &many));
    put(" now "); dec(sys(SYS_sched_getscheduler, 0, 0, 0));
    int parameter = -7;
    sys(SYS_sched_getparam, 0, &parameter, 0);
    put(" param "); dec(parameter);
    put(" stat "); dec(field(18)); put(" "); dec(field(40)); put(" "); dec(field(41));
    put("\n");
    sys(SYS_sched_setscheduler, 0, 0, &zero);
  }
  int parameter = 50;
  tell("fifo", sys(SYS_sched_setscheduler, 0, 1, &parameter), 0);
  parameter = 60;
  tell("param", sys(SYS_sched_setparam, 0, &parameter, 0), 0);
  parameter = 0;
  tell("param 0", sys(SYS_sched_setparam, 0, &parameter, 0), 0);
  sys(SYS_sched_getparam, 0, &parameter, 0);
  tell("is", parameter, 0);
  u64 interval[2] = {9, 9};
  tell("interval", sys(SYS_sched_rr_get_interval, 0, interval, 0), 0);
  tell("of fifo", interval[0] * 1000000000 + interval[1], 0);
  s64 child = spawn();
  if (child == 0) {
    tell("child's policy", sys(SYS_sched_getscheduler, 0, 0, 0), 0);
    flush();
    leave(0);
  }
  wait4(child, 0, 0);
  parameter = 10;
  tell("rr, reset on fork", sys(SYS_sched_setscheduler, 0, 2 | 0x40000000, &parameter), 0);
  tell("is", sys(SYS_sched_getscheduler, 0, 0, 0), 0);
  tell("interval", sys(SYS_sched_rr_get_interval, 0, interval, 0), 0);
  tell("of rr", interval[0] * 1000000000 + interval[1], 0);
  child = spawn();
  if (child == 0) {
    tell("child's policy", sys(SYS_sched_getscheduler, 0, 0, 0), 0);
    flush();
    leave(0);
  }
  wait4(child, 0, 0);
  parameter = 0;
  tell("back", sys(SYS_sched_setscheduler, 0, 0, &parameter), 0);
  tell("bad address", sys(SYS_sched_setscheduler, 0, 0, 8), 0);
  tell("null", sys(SYS_sched_setscheduler, 0, 0, 0), 0);
  tell("null", sys(SYS_sched_setparam, 0, 0, 0), 0);
  tell("null", sys(SYS_sched_getparam, 0, 0, 0), 0);
  tell("bad address", sys(SYS_sched_getparam, 0, 8, 0), 0);
  tell("negative", sys(SYS_sched_setscheduler, -1, 0, &parameter), 0);
  tell("negative", sys(SYS_sched_getscheduler, -1, 0, 0), 0);
  tell("negative", sys(SYS_sched_getparam, -1, &parameter, 0), 0);
  tell("negative", sys(SYS_sched_rr_get_interval, -1, interval, 0), 0);
  tell("no such", sys(SYS_sched_setscheduler, 30000, 0, &parameter), 0);
  tell("no such", sys(SYS_sched_getscheduler, 30000, 0, 0), 0);
  tell("no such", sys(SYS_sched_getparam, 30000, &parameter, 0), 0);
  tell("no such", sys(SYS_sched_rr_get_interval, 30000, interval, 0), 0);
  tell("bad address", sys(SYS_sched_rr_get_interval, 0, 8, 0), 0);
}

static void processors(void) {
  u64 mask[16];
  for (int i = 0; i < 16; i++) mask[i] = ~0ul;
  tell("get", sys(SYS_sched_getaffinity, 0, sizeof mask, mask), 0);
  tell("mask", mask[0], 0);
  mask[0] = 1;
  tell("set", sys(SYS_sched_setaffinity, 0, 8, mask), 0);
  mask[0] = 3;
  tell("set more", sys(SYS_sched_setaffinity, 0, 8, mask), 0);
  mask[0] = 2;
  tell("set another", sys(SYS_sched_setaffinity, 0, 8, mask), 0);
  mask[0] = 0;
  tell("set none", sys(SYS_sched_setaffinity, 0, 8, mask), 0);
  mask[0] = 1;
  tell("short", sys(SYS_sched_setaffinity, 0, 1, mask), 0);
  tell("empty", sys(SYS_sched_setaffinity, 0, 0, mask), 0);
  tell("bad address", sys(SYS_sched_setaffinity, 0, 8, 8), 0);
  tell("no such", sys(SYS_sched_setaffinity, 30000, 8, mask), 0);
  u32 processor = 9, node = 9;
  tell("getcpu", sys(SYS_getcpu, &processor, &node, 0), 0);
  tell("processor", processor, 0), tell("node", node, 0);
  tell("getcpu of nothing", sys(SYS_getcpu, 0, 0, 0), 0);
  tell("getcpu bad", sys(SYS_getcpu, 8, 0, 0), 0);
}

static void attributes(void) {
  struct { u32 size, policy; u64 flags; int nice; u32 priority; u64 runtime, deadline, period; u32 low, high; } a = {0};
  tell("get", sys4(SYS_sched_getattr, 0, &a, sizeof a, 0), 0);
  tell("size", a.size, 0), tell("policy", a.policy, 0), tell("nice", a.nice, 0), tell("priority", a.priority, 0);
  tell("get short", sys4(SYS_sched_getattr, 0, &a, 47, 0), 0);
  tell("get 48", sys4(SYS_sched_getattr, 0, &a, 48, 0), 0);
  tell("size", a.size, 0);
  tell("get flags", sys4(SYS_sched_getattr, 0, &a, sizeof a, 1), 0);
  tell("get null", sys4(SYS_sched_getattr, 0, 0, sizeof a, 0), 0);
  a.size = 48, a.policy = 3, a.nice = 4, a.flags = 0, a.priority = 0;
  tell("set batch", sys(SYS_sched_setattr, 0, &a, 0), 0);
  tell("is", sys(SYS_sched_getscheduler, 0, 0, 0), 0);
  tell("nice", sys(SYS_getpriority, 0, 0, 0), 0);
  a.policy = 1, a.priority = 7, a.nice = 0;
  tell("set fifo", sys(SYS_sched_setattr, 0, &a, 0), 0);
  int parameter = 0;
  sys(SYS_sched_getparam, 0, &parameter, 0);
  tell("priority", parameter, 0);
  a.policy = 0, a.priority = 0;
  a.size = 47;
  tell("size 47", sys(SYS_sched_setattr, 0, &a, 0), 0);
  a.size = 0;
  tell("size 0", sys(SYS_sched_setattr, 0, &a, 0), 0);
  a.size = 48;
  tell("flags", sys(SYS_sched_setattr, 0, &a, 1), 0);
  tell("null", sys(SYS_sched_setattr, 0, 0, 0), 0);
  tell("is", sys(SYS_sched_getscheduler, 0, 0, 0), 0);
  tell("nice", sys(SYS_getpriority, 0, 0, 0), 0);
}

static void comparing(void) {
  enum { FILE = 0, VM = 1, FILES = 2, FS = 3, SIGHAND = 4, IO = 5, SYSVSEM = 6, EPOLL_TFD = 7, TYPES = 8 };
  s64 self = getpid(), copy = sys(SYS_dup, 1, 0, 0), other = open_file("/", O_RDONLY, 0);
#define KCMP(a, b, type, x, y) sys6(SYS_kcmp, a, b, type, (s64)(x), (s64)(y), 0)
  tell("same file", KCMP(self, self, FILE, 1, copy), 0);
  tell("itself", KCMP(self, self, FILE, other, other), 0);
  s64 order = KCMP(self, self, FILE, 1, other), reverse = KCMP(self, self, FILE, other, 1);
  tell("ordered", order == 1 || order == 2, 0);
  tell("reversed", reverse == 3 - order, 0);
  tell("no such file", KCMP(self, self, FILE, 1, 99), 0);
  tell("bad type", KCMP(self, self, TYPES, 0, 0), 0);
  tell("no such process", KCMP(self, 30000, VM, 0, 0), 0);
  for (int type = VM; type <= SYSVSEM; type++) tell("own", KCMP(self, self, type, 0, 0), 0);
  s64 child = spawn();
  if (child == 0)
    for (;;) pause_task();
  tell("child's file", KCMP(self, child, FILE, 1, copy), 0);
  static const int types[] = {VM, FILES, FS, SIGHAND};
  for (int i = 0; i < 4; i++) {
    s64 there = KCMP(self, child, types[i], 0, 0), back = KCMP(child, self, types[i], 0, 0);
    tell("another", there == 1 || there == 2, 0);
    tell("reversed", back == 3 - there, 0);
  }
  kill(child, SIGKILL);
  wait4(child, 0, 0);
}

struct vector { void *base; u64 size; };

static void remote_memory(void) {
  int *shared = share();
  char *there = map(4 * PAGE, PROT_R | PROT_W);
  char here[64];
  for (int i = 0; i < 64; i++) there[i] = here[i] = 'a';
  s64 child = spawn();
  if (child == 0) {
    for (int i = 0; i < 26; i++) there[i] = 'A' + i;
    sys(SYS_munmap, there + PAGE, PAGE, 0);
    sys(SYS_mprotect, there + 2 * PAGE, PAGE, PROT_R);
    sys(SYS_mprotect, there + 3 * PAGE, PAGE, 0);
    shared[0] = 1;
    while (shared[0] == 1) sleep_for(1000000);
    shared[1] = there[0] == 'x' && there[1] == 'y' && there[2] == 'C';
    leave(0);
  }
  while (!shared[0]) sleep_for(1000000);
#define READ(local, locals, remote, remotes, flags) sys6(SYS_process_vm_readv, child, (s64)(local), locals, (s64)(remote), remotes, flags)
#define WRITE(local, locals, remote, remotes, flags) sys6(SYS_process_vm_writev, child, (s64)(local), locals, (s64)(remote), remotes, flags)
  struct vector local[2] = {{here, 4}, {here + 4, 6}}, remote[2] = {{there, 3}, {there + 20, 10}};
  tell("read", READ(local, 2, remote, 2, 0), 0);
  here[10] = 0;
  put("  "); put(here); put("\n");
  tell("nothing local", READ(local, 0, remote, 2, 0), 0);
  tell("nothing remote", READ(local, 2, remote, 0, 0), 0);
  tell("flags", READ(local, 1, remote, 1, 1), 0);
  tell("too many", READ(local, 1025, remote, 1, 0), 0);
  tell("too many", READ(local, 1, remote, 1025, 0), 0);
  tell("bad vector", READ(8, 1, remote, 1, 0), 0);
  tell("bad vector", READ(local, 1, 8, 1, 0), 0);
  struct vector hole[2] = {{there + PAGE, 4}, {there, 4}}, across[1] = {{there + PAGE - 2, 8}};
  tell("hole", READ(local, 2, hole, 2, 0), 0);
  tell("into a hole", READ(local, 2, across, 1, 0), 0);
  struct vector late[2] = {{there, 4}, {there + PAGE, 4}};
  tell("hole behind", READ(local, 2, late, 2, 0), 0);
  struct vector guarded[1] = {{there + 3 * PAGE, 4}}, fixed[1] = {{there + 2 * PAGE, 4}};
  tell("no rights", READ(local, 1, guarded, 1, 0), 0);
  tell("read only", READ(local, 1, fixed, 1, 0), 0);
  tell("write read only", WRITE(local, 1, fixed, 1, 0), 0);
  struct vector bad[1] = {{(void *)8, 4}};
  tell("bad local", READ(bad, 1, remote, 1, 0), 0);
  struct vector two[1] = {{"xy", 2}}, start[1] = {{there, 2}};
  tell("write", WRITE(two, 1, start, 1, 0), 0);
  tell("no such process", sys6(SYS_process_vm_readv, 30000, (s64)local, 1, (s64)remote, 1, 0), 0);
  tell("itself", sys6(SYS_process_vm_readv, getpid(), (s64)local, 1, (s64)start, 1, 0), 0);
  struct vector negative[1] = {{here, 1ul << 63}};
  tell("negative size", READ(negative, 1, remote, 1, 0), 0);
  tell("negative remote", READ(local, 1, negative, 1, 0), 0);
  shared[0] = 2;
  wait4(child, 0, 0);
  tell("written", shared[1], 0);
}

static const struct test tests[] = {
  {"niceness", niceness}, {"policies", policies}, {"processors", processors}, {"attributes", attributes}, {"comparing", comparing},
  {"remote-memory", remote_memory},
};

int guest_main(int argc, char **argv) { return run_tests(argc, argv, tests, sizeof tests / sizeof *tests); }
