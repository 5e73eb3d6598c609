// Resource limits of a root program: which calls meet them, and the core bit of the wait status. Each case runs in a child of its own
// and prints its findings, never an id or an address. It does not know RLIMIT_CPU and RLIMIT_SIGPENDING.
#include "tasks.h"

enum { FSIZE = 1, DATA = 2, STACK = 3, CORE = 4, NPROC = 6, NOFILE = 7, MEMLOCK = 8, AS = 9, NLIMITS = 16 };
enum {
  SYS_dup = 23, SYS_dup3 = 24, SYS_truncate = 45, SYS_getrlimit = 163, SYS_setrlimit = 164, SYS_prctl = 167, SYS_prlimit64 = 261,
  SYS_ppoll = 73, SYS_writev = 66,
};
enum { SIGQUIT = 3, SIGFPE = 8, SIGXCPU = 24, SIGXFSZ = 25, SIGSYS = 31 };
enum { F_DUPFD = 0, PR_GET_DUMPABLE = 3, PR_SET_DUMPABLE = 4 };
#define INFINITE (~0ul)
#define MIB (1ul << 20)

static s64 set_both(int resource, u64 soft, u64 hard) {
  u64 limit[2] = {soft, hard};
  return sys4(SYS_prlimit64, 0, resource, limit, 0);
}
static s64 set(int resource, u64 soft) { return set_both(resource, soft, INFINITE); }

static u64 size_of(const char *name) {
  static char text[4096];
  read_whole("/proc/self/status", text, sizeof text);
  for (char *at = text; *at; at++) {
    int i = 0;
    while (name[i] && at[i] == name[i]) i++;
    if (name[i]) continue;
    at += i;
    while (*at < '0' || *at > '9') at++;
    u64 value = 0;
    while (*at >= '0' && *at <= '9') value = value * 10 + (*at++ - '0');
    return value << 10;
  }
  return 0;
}

static s64 raw_map(u64 size, int protection, int flags) { return sys6(SYS_mmap, 0, size, protection, flags, -1, 0); }
/// 1 for an address, or the error.
static s64 sign(s64 address) { return address < 0 && address > -4096 ? address : 1; }
static s64 private_map(u64 size) { return raw_map(size, PROT_R | PROT_W, MAP_PRIVATE | MAP_ANON); }

// MARK: Memory

static void address_space(void) {
  s64 old = private_map(12 * PAGE), shared = raw_map(4 * PAGE, PROT_R, MAP_SHARED | MAP_ANON);
  sys(SYS_munmap, old + 4 * PAGE, 8 * PAGE, 0);
  tell("set", set(AS, size_of("VmSize:") + 8 * PAGE), 0);
  tell("too much", sign(private_map(9 * PAGE)), 0);
  tell("too much without rights", sign(raw_map(9 * PAGE, 0, MAP_PRIVATE | MAP_ANON)), 0);
  tell("too much shared", sign(raw_map(9 * PAGE, PROT_R, MAP_SHARED | MAP_ANON)), 0);
  tell("too much noreserve", sign(raw_map(9 * PAGE, PROT_R, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE)), 0);
  tell("replacing counts less", sign(sys6(SYS_mmap, old, 12 * PAGE, PROT_R, MAP_PRIVATE | MAP_ANON | MAP_FIXED, -1, 0)), 0);
  tell("back", sys(SYS_munmap, old + 4 * PAGE, 8 * PAGE, 0), 0);
  s64 brk = sys(SYS_brk, 0, 0, 0);
  tell("brk", sys(SYS_brk, brk + 9 * PAGE, 0, 0) == brk, 0);
  tell("brk within", sys(SYS_brk, brk + PAGE, 0, 0) == brk + (s64)PAGE, 0);
  tell("mremap", sign(sys4(SYS_mremap, old, 4 * PAGE, 12 * PAGE, 1)), 0);
  tell("mremap to the limit", sign(sys4(SYS_mremap, old, 4 * PAGE, 11 * PAGE, 1)), 0);
  tell("another page", sign(private_map(PAGE)), 0);
  tell("duplicate", sign(sys4(SYS_mremap, shared, 0, PAGE, 1)), 0);
  tell("mremap that keeps the old", sign(sys6(SYS_mremap, shared, 4 * PAGE, 4 * PAGE, 5, 0, 0)), 0);
  char *deep = (char *)__builtin_frame_address(0) - 512 * 1024;
  s64 child = spawn();
  if (child == 0) {
    *(volatile char *)deep = 1;
    leave(0);
  }
  wait_and_tell("stack", child, 0);
  tell("limit below the size", set(AS, PAGE), 0);
  tell("munmap", sys(SYS_munmap, shared, 4 * PAGE, 0), 0);
  tell("then", sign(private_map(PAGE)), 0);
  child = spawn();
  if (child == 0) leave(3);
  wait_and_tell("fork", child, 0);
}

static void data(void) {
  s64 old = private_map(4 * PAGE), readable = raw_map(16 * PAGE, PROT_R, MAP_PRIVATE | MAP_ANON);
  tell("set", set(DATA, size_of("VmData:") + 8 * PAGE), 0);
  tell("too much", sign(private_map(9 * PAGE)), 0);
  tell("not writable", sign(raw_map(9 * PAGE, PROT_R, MAP_PRIVATE | MAP_ANON)), 0);
  tell("shared", sign(raw_map(9 * PAGE, PROT_R | PROT_W, MAP_SHARED | MAP_ANON)), 0);
  tell("stack", sign(raw_map(9 * PAGE, PROT_R | PROT_W, MAP_PRIVATE | MAP_ANON | MAP_GROWSDOWN)), 0);
  tell("mprotect", sys(SYS_mprotect, readable, 9 * PAGE, PROT_R | PROT_W), 0);
  tell("mprotect to the limit", sys(SYS_mprotect, readable, 8 * PAGE, PROT_R | PROT_W), 0);
  tell("mprotect a page more", sys(SYS_mprotect, readable, 9 * PAGE, PROT_R | PROT_W), 0);
  tell("mprotect what is writable", sys(SYS_mprotect, readable, 8 * PAGE, PROT_R | PROT_W | PROT_X), 0);
  tell("mremap", sign(sys4(SYS_mremap, old, 4 * PAGE, 5 * PAGE, 1)), 0);
  tell("replacing counts less", sign(sys6(SYS_mmap, old, 4 * PAGE, PROT_R | PROT_W, MAP_PRIVATE | MAP_ANON | MAP_FIXED, -1, 0)), 0);
  tell("mprotect back", sys(SYS_mprotect, readable, 4 * PAGE, PROT_R), 0);
  old = sys4(SYS_mremap, old, 4 * PAGE, 8 * PAGE, 1);
  tell("mremap", sign(old), 0);
  tell("mremap back", sign(sys4(SYS_mremap, old, 8 * PAGE, 4 * PAGE, 1)), 0);
  tell("set to 0", set(DATA, 0), 0);
  tell("a page with a hard limit", sign(private_map(PAGE)), 0);
  tell("set both to 0", set_both(DATA, 0, 0), 0);
  tell("a page", sign(private_map(PAGE)), 0);
  s64 child = spawn();
  if (child == 0) {
    char *deep = (char *)__builtin_frame_address(0) - 512 * 1024;
    *(volatile char *)deep = 1;
    leave(0);
  }
  wait_and_tell("stack grows", child, 0);
}

static void heap(void) {
  s64 brk = sys(SYS_brk, 0, 0, 0);
  tell("grow", sys(SYS_brk, brk + 4 * PAGE, 0, 0) == brk + 4 * (s64)PAGE, 0);
  // The limit includes the program's own data segment, which is less than 64 pages here.
  tell("set", set(DATA, 68 * PAGE), 0);
  tell("far", sys(SYS_brk, brk + 68 * PAGE, 0, 0) == brk + 4 * (s64)PAGE, 0);
  tell("near", sys(SYS_brk, brk + 5 * PAGE, 0, 0) == brk + 5 * (s64)PAGE, 0);
  tell("set", set(DATA, PAGE), 0);
  tell("shrink above the limit", sys(SYS_brk, brk + 3 * PAGE, 0, 0) == brk + 5 * (s64)PAGE, 0);
}

static void locked(void) {
  // The program has CAP_IPC_LOCK.
  tell("set", set_both(MEMLOCK, 0, 0), 0);
  s64 memory = private_map(4 * PAGE);
  tell("mlock", sys(SYS_mlock, memory, 4 * PAGE, 0), 0);
  tell("mlock2", sys(SYS_mlock2, memory, 4 * PAGE, 1), 0);
  tell("MAP_LOCKED", sign(raw_map(4 * PAGE, PROT_R | PROT_W, MAP_PRIVATE | MAP_ANON | MAP_LOCKED)), 0);
  tell("mlockall", sys(SYS_mlockall, 3, 0, 0), 0);
  tell("map", sign(private_map(4 * PAGE)), 0);
  tell("grow", sign(sys4(SYS_mremap, memory, 4 * PAGE, 8 * PAGE, 1)), 0);
  tell("locked", size_of("VmLck:") >= 16 * PAGE, 0);
  tell("munlockall", sys(SYS_munlockall, 0, 0, 0), 0);
}

static void touch(u64 below) {
  char *deep = (char *)__builtin_frame_address(0) - below;
  *(volatile char *)deep = 1;
}

static void stack(void) {
  static const u64 limits[] = {1 * MIB, 256 * PAGE, 16 * MIB, INFINITE};
  static const u64 depths[] = {MIB - 64 * PAGE, MIB + 4 * PAGE, 12 * MIB, 17 * MIB, 90 * MIB};
  for (u64 i = 0; i < 4; i++) {
    tell("set", set(STACK, limits[i]), 0);
    for (u64 n = 0; n < 5; n++) {
      s64 child = spawn();
      if (child == 0) {
        touch(depths[n]);
        leave(0);
      }
      wait_and_tell("touch", child, 0);
    }
  }
  // A limit below the present size stops only more growth.
  touch(512 * 1024);
  tell("set", set(STACK, 64 * PAGE), 0);
  touch(512 * 1024);
  s64 child = spawn();
  if (child == 0) {
    touch(512 * 1024 + 64 * PAGE);
    leave(0);
  }
  wait_and_tell("touch", child, 0);
}

// MARK: Tasks and files

static void tasks(void) {
  // Root may have as many processes as it wants.
  tell("set", set_both(NPROC, 1, 1), 0);
  s64 child = spawn();
  if (child == 0) {
    s64 second = spawn();
    if (second == 0) leave(5);
    wait_and_tell("grandchild", second, 0);
    flush();
    leave(6);
  }
  wait_and_tell("child", child, 0);
}

static void descriptors(void) {
  s64 high = sys(SYS_dup3, 1, 20, 0);
  tell("set", set_both(NOFILE, 10, 4096), 0);
  s64 last = 0, count = 0;
  while ((last = open_file("/", O_RDONLY, 0)) >= 0) count++;
  tell("opened up to 9", count > 0, 0);
  tell("open", last, 0);
  tell("above stays open", sys(SYS_fcntl, high, 1, 0), 0);
  tell("dup", sys(SYS_dup, 0, 0, 0), 0);
  tell("dup3", sys(SYS_dup3, 0, 10, 0), 0);
  tell("dup3 within", sys(SYS_dup3, 0, 9, 0), 0);
  tell("dup3 onto itself", sys(SYS_dup3, high, high, 0), 0);
  tell("F_DUPFD", sys(SYS_fcntl, 0, F_DUPFD, 10), 0);
  tell("F_DUPFD from below", sys(SYS_fcntl, 0, F_DUPFD, 5), 0);
  int ends[2];
  tell("pipe", sys(SYS_pipe2, ends, 0, 0), 0);
  sys(SYS_close, 9, 0, 0);
  tell("pipe with room for one", sys(SYS_pipe2, ends, 0, 0), 0);
  tell("memfd", sys(SYS_memfd_create, "m", 0, 0), 0);
  tell("memfd", sys(SYS_memfd_create, "m", 0, 0), 0);
  u64 none[2] = {0, 0};
  static u64 polled[32];
  tell("poll of too many", sys6(SYS_ppoll, (s64)polled, 11, (s64)none, 0, 8, 0), 0);
  s64 child = spawn();
  if (child == 0) leave(sys(SYS_dup, 0, 0, 0) == -24 ? 24 : 0);
  wait_and_tell("child", child, 0);
  tell("set above nr_open", set_both(NOFILE, 10, (1 << 20) + 1), 0);
  tell("set to nr_open", set_both(NOFILE, 10, 1 << 20), 0);
}

static volatile int seen, seen_signal;
static void on_signal(int number, struct siginfo *info, struct ucontext *context) {
  seen++;
  seen_signal = number;
}

static void sizes_of(const char *path, const char *kind) {
  static char page[PAGE];
  put("  "); put(kind); put("\n");
  s64 file = open_file(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
  seen = 0;
  tell("write across", sys(SYS_write, file, page, PAGE), 0);
  tell("signals", seen, 0);
  tell("write at", sys(SYS_write, file, page, 1), 0);
  tell("write nothing", sys(SYS_write, file, page, 0), 0);
  tell("signals", seen, 0);
  tell("pwrite beyond", sys4(SYS_pwrite64, file, page, 1, 5000), 0);
  tell("pwrite within", sys4(SYS_pwrite64, file, page, 1, 2999), 0);
  tell("signals", seen, 0);
  tell("ftruncate", sys(SYS_ftruncate, file, 3001, 0), 0);
  tell("ftruncate to it", sys(SYS_ftruncate, file, 3000, 0), 0);
  tell("truncate", sys(SYS_truncate, path, 3001, 0), 0);
  tell("signals", seen, 0);
  tell("fallocate", sys4(SYS_fallocate, file, 0, 0, 3001), 0);
  tell("fallocate within the size", sys4(SYS_fallocate, file, 1, 0, 5000), 0);
  tell("signals", seen, 0);
  set(FSIZE, INFINITE);
  tell("grown", sys(SYS_ftruncate, file, 8192, 0), 0);
  set(FSIZE, 3000);
  tell("shrunk above the limit", sys(SYS_ftruncate, file, 5000, 0), 0);
  tell("overwriting above the limit", sys4(SYS_pwrite64, file, page, 1, 4000), 0);
  tell("signals", seen, 0);
  sys(SYS_close, file, 0, 0);
}

static void file_size(void) {
  static char page[PAGE];
  tell("set", set(FSIZE, 3000), 0);
  on(SIGXFSZ, on_signal, 0);
  sizes_of("/tmp/large", "tmpfs");
  sizes_of("/large", "ramfs");
  s64 memory = sys(SYS_memfd_create, "m", 0, 0);
  seen = 0;
  tell("memfd", sys(SYS_write, memory, page, PAGE), 0);
  tell("memfd", sys(SYS_ftruncate, memory, 3001, 0), 0);
  tell("signals", seen, 0);
  tell("which", seen_signal, 0);
  int ends[2];
  sys(SYS_pipe2, ends, 0, 0);
  seen = 0;
  tell("pipe", sys(SYS_write, ends[1], page, PAGE), 0);
  tell("signals", seen, 0);
  restore(SIGXFSZ);
  s64 child = spawn();
  if (child == 0) {
    s64 file = open_file("/tmp/large", O_RDWR, 0644);
    sys4(SYS_pwrite64, file, page, 1, 4000);
    leave(0);
  }
  wait_and_tell("without a handler", child, 0);
  ignore(SIGXFSZ);
  child = spawn();
  if (child == 0) {
    s64 file = open_file("/tmp/large", O_RDWR, 0644);
    leave(sys4(SYS_pwrite64, file, page, 1, 4000) == -27 ? 27 : 0);
  }
  wait_and_tell("ignored", child, 0);
  sys(SYS_unlinkat, AT_FDCWD, "/tmp/large", 0);
  sys(SYS_unlinkat, AT_FDCWD, "/large", 0);
}

// MARK: Cores

/// A child that ends by a signal in a directory of its own; returns whether it left a file named core.
static void dies(const char *what, int number, int dumpable) {
  s64 child = spawn();
  if (child == 0) {
    if (dumpable >= 0) sys(SYS_prctl, PR_SET_DUMPABLE, dumpable, 0);
    if (number == SIGTRAP) asm volatile("brk #1");
    if (number == SIGSEGV) *(volatile int *)8 = 0;
    kill(getpid(), number);
    for (;;) pause_task();
  }
  wait_and_tell(what, child, 0);
}

static void cores(void) {
  static const int numbers[] = {
    SIGHUP, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGUSR1, SIGSEGV, SIGTERM, SIGXCPU, SIGXFSZ, SIGSYS, SIGRTMIN,
  };
  static char text[256];
  read_whole("/proc/sys/kernel/core_pattern", text, sizeof text);
  put("  pattern "); put(text);
  read_whole("/proc/sys/kernel/core_uses_pid", text, sizeof text);
  put("  uses pid "); put(text);
  tell("dumpable", sys(SYS_prctl, PR_GET_DUMPABLE, 0, 0), 0);
  tell("set 2", sys(SYS_prctl, PR_SET_DUMPABLE, 2, 0), 0);
  tell("set 0", sys(SYS_prctl, PR_SET_DUMPABLE, 0, 0), 0);
  tell("dumpable", sys(SYS_prctl, PR_GET_DUMPABLE, 0, 0), 0);
  tell("set 1", sys(SYS_prctl, PR_SET_DUMPABLE, 1, 0), 0);
  dies("limit 0", SIGABRT, -1);
  set(CORE, 4095);
  dies("limit below a page", SIGABRT, -1);
  set(CORE, 4096);
  dies("limit a page", SIGABRT, -1);
  sys(SYS_unlinkat, AT_FDCWD, "core", 0);
  set(CORE, INFINITE);
  for (u64 i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    dies("signal", numbers[i], -1);
    tell("core", sys(SYS_unlinkat, AT_FDCWD, "core", 0), 0);
  }
  dies("not dumpable", SIGABRT, 0);
  tell("core", sys(SYS_unlinkat, AT_FDCWD, "core", 0), 0);
  dies("dumpable", SIGABRT, 1);
  s64 file = open_file("core", O_RDONLY, 0);
  tell("a core", file >= 0, 0);
  static u64 head[8];
  sys(SYS_read, file, head, sizeof head);
  tell("ELF", (u32)head[0] == 0x464c457f, 0);
  tell("kind and machine", (u32)head[2], 0);
  sys(SYS_close, file, 0, 0);
  // A file that is there already is overwritten.
  dies("again", SIGABRT, 1);
  tell("core", sys(SYS_unlinkat, AT_FDCWD, "core", 0), 0);
  int info[32];
  s64 child = spawn();
  if (child == 0) {
    kill(getpid(), SIGABRT);
    leave(0);
  }
  sys6(SYS_waitid, 1, child, (s64)info, 4, 0, 0);
  tell("waitid code", info[2], 0);
  tell("waitid status", info[6], 0);
  set(CORE, 0);
  sys(SYS_unlinkat, AT_FDCWD, "core", 0);
}

// MARK: Setting

static void setting(void) {
  u64 limit[2] = {5, 4}, old[2];
  tell("soft above hard", sys(SYS_setrlimit, CORE, limit, 0), 0);
  limit[0] = 3, limit[1] = 4;
  tell("setrlimit", sys(SYS_setrlimit, CORE, limit, 0), 0);
  tell("getrlimit", sys(SYS_getrlimit, CORE, old, 0), 0);
  tell("soft", old[0], 0), tell("hard", old[1], 0);
  limit[1] = 9;
  tell("root raises the hard limit", sys(SYS_setrlimit, CORE, limit, 0), 0);
  tell("no such limit", sys(SYS_setrlimit, NLIMITS, limit, 0), 0);
  tell("no such limit", sys(SYS_getrlimit, NLIMITS, limit, 0), 0);
  tell("bad address", sys(SYS_setrlimit, CORE, 8, 0), 0);
  tell("bad address", sys(SYS_getrlimit, CORE, 8, 0), 0);
  tell("nothing asked", sys4(SYS_prlimit64, 0, CORE, 0, 0), 0);
  tell("no such process", sys4(SYS_prlimit64, 30000, CORE, 0, old), 0);
  tell("negative process", sys4(SYS_prlimit64, -1, CORE, 0, old), 0);
  tell("of init", sys4(SYS_prlimit64, 1, CORE, 0, old), 0);
  tell("soft", old[0], 0);
  s64 child = spawn();
  if (child == 0)
    for (;;) pause_task();
  limit[0] = 7, limit[1] = 8;
  tell("of a child", sys4(SYS_prlimit64, child, CORE, limit, old), 0);
  tell("it was", old[1], 0);
  tell("of a child", sys4(SYS_prlimit64, child, CORE, 0, old), 0);
  tell("it is", old[1], 0);
  kill(child, SIGKILL);
  wait4(child, 0, 0);
  tell("own", sys(SYS_getrlimit, CORE, old, 0), 0);
  tell("it is", old[1], 0);
}

/// Runs a case in a child, whose limits end with it.
#define CASE(name) \
  static void name##_apart(void) { \
    s64 child = spawn(); \
    if (child == 0) { \
      name(); \
      flush(); \
      leave(0); \
    } \
    wait4(child, 0, 0); \
  }
CASE(address_space) CASE(data) CASE(heap) CASE(locked) CASE(stack) CASE(tasks) CASE(descriptors) CASE(file_size) CASE(cores) CASE(setting)

static const struct test tests[] = {
  {"address-space", address_space_apart}, {"data", data_apart}, {"heap", heap_apart}, {"locked", locked_apart}, {"stack", stack_apart},
  {"tasks", tasks_apart}, {"descriptors", descriptors_apart}, {"file-size", file_size_apart}, {"cores", cores_apart},
  {"setting", setting_apart},
};

int guest_main(int argc, char **argv) { return run_tests(argc, argv, tests, sizeof tests / sizeof *tests); }
