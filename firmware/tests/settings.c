// The settings of /proc/sys and the files of /proc/PID: which values they take, what the values change, and what the files say. It prints
// no id, size of RAM or time. It does not know resource limits.
#include "tasks.h"

enum { SYS_prctl = 167, SYS_personality = 92, SYS_getdents64 = 61, SYS_readlinkat = 78 };
#define MIB (1ul << 20)

static char text[65536];

static s64 put_file(const char *path, const char *value) {
  u64 length = 0;
  while (value[length]) length++;
  s64 file = open_file(path, O_WRONLY, 0);
  if (file < 0) return file;
  s64 answer = sys(SYS_write, file, value, length);
  sys(SYS_close, file, 0, 0);
  return answer;
}
/// Prints a short file with its newline.
static void show(const char *path) {
  s64 length = read_whole(path, text, sizeof text);
  put("  "); put(path); put(": ");
  if (length < 0) { dec(length); put("\n"); return; }
  text[length < 300 ? length : 300] = 0;
  put(text);
  if (!length || text[length - 1] != '\n') put("|\n");
}
/// Writes each value, and prints the answer and what the file says then.
static void try_values(const char *path, const char *const *values) {
  static char before[256];
  s64 length = read_whole(path, before, sizeof before);
  put("  "); put(path); put("\n");
  for (; *values; values++) {
    put("    "); put(*values);
    s64 answer = put_file(path, *values);
    put(": "); dec(answer); put(" ");
    if (read_whole(path, text, 200) >= 0) put(text); else put("-\n");
  }
  if (length >= 0) put_file(path, before);
}
#define TRY(path, ...) do { static const char *const values[] = {__VA_ARGS__, 0}; try_values(path, values); } while (0)

static u64 line_of(const char *path, const char *name) {
  read_whole(path, text, sizeof text);
  for (char *at = text; *at; at++) {
    if (at != text && at[-1] != '\n') continue;
    int i = 0;
    while (name[i] && at[i] == name[i]) i++;
    if (name[i]) continue;
    at += i;
    while (*at && *at != '\n' && (*at < '0' || *at > '9')) at++;
    u64 value = 0;
    while (*at >= '0' && *at <= '9') value = value * 10 + (*at++ - '0');
    return value;
  }
  return ~0ul;
}

static s64 private_map(u64 size, int flags) { return sys6(SYS_mmap, 0, size, PROT_R | PROT_W, MAP_PRIVATE | MAP_ANON | flags, -1, 0); }
static s64 sign(s64 address) { return address < 0 && address > -4096 ? address : 1; }

// MARK: Values

static void virtual_memory(void) {
  TRY("/proc/sys/vm/overcommit_memory", "1", "2\n", "3", "-1", "", "x", "0");
  TRY("/proc/sys/vm/overcommit_ratio", "80", "0", "1000", "-1", "x");
  TRY("/proc/sys/vm/overcommit_kbytes", "4000", "0", "-1");
  TRY("/proc/sys/vm/overcommit_ratio", "30", "50");
  TRY("/proc/sys/vm/max_map_count", "100", "0", "-1", "65530");
  TRY("/proc/sys/vm/panic_on_oom", "1", "2", "3", "0");
  TRY("/proc/sys/vm/oom_kill_allocating_task", "1", "0", "7");
  TRY("/proc/sys/vm/oom_dump_tasks", "0", "1");
  TRY("/proc/sys/vm/mmap_min_addr", "65536", "4096");
  TRY("/proc/sys/vm/legacy_va_layout", "1", "0", "-1");
  TRY("/proc/sys/vm/min_free_kbytes", "9000", "8000", "-1");
  TRY("/proc/sys/vm/swappiness", "10", "200", "201", "-1");
  TRY("/proc/sys/vm/drop_caches", "1", "2", "3", "4", "0", "5", "x");
  TRY("/proc/sys/vm/compact_memory", "1", "0", "2");
  TRY("/proc/sys/vm/nr_hugepages", "0", "x");
  TRY("/proc/sys/vm/nr_overcommit_hugepages", "3", "0", "x");
  TRY("/proc/sys/vm/vfs_cache_pressure", "50", "-1");
  TRY("/proc/sys/vm/dirty_ratio", "30", "101", "-1");
  TRY("/proc/sys/vm/dirty_background_ratio", "5");
  TRY("/proc/sys/vm/page-cluster", "0", "-1");
  TRY("/proc/sys/vm/memfd_noexec", "0");
  TRY("/proc/sys/vm/stat_interval", "2");
  show("/proc/sys/vm/overcommit_memory");
  show("/proc/sys/vm/max_map_count");
}

static void kernel(void) {
  TRY("/proc/sys/kernel/pid_max", "400", "300", "301", "4194304", "4194305", "x", "32768");
  TRY("/proc/sys/kernel/core_pattern", "core.%p\n", "/tmp/a b", "", "core");
  TRY("/proc/sys/kernel/core_uses_pid", "1", "0");
  TRY("/proc/sys/kernel/core_pipe_limit", "4", "0");
  TRY("/proc/sys/kernel/shmmax", "1000", "18446744073692774399");
  TRY("/proc/sys/kernel/shmall", "1000");
  TRY("/proc/sys/kernel/shmmni", "100", "32768", "32769", "4096");
  TRY("/proc/sys/kernel/msgmax", "100");
  TRY("/proc/sys/kernel/msgmnb", "100");
  TRY("/proc/sys/kernel/sem", "100 200 300 400");
  TRY("/proc/sys/kernel/randomize_va_space", "0", "1");
  TRY("/proc/sys/kernel/panic", "5", "-1");
  TRY("/proc/sys/kernel/panic_on_oops", "1");
  TRY("/proc/sys/kernel/printk", "4 4 1 7");
  TRY("/proc/sys/kernel/threads-max", "500", "19", "-1");
  TRY("/proc/sys/kernel/hostname", "name\n", "longer.name");
  TRY("/proc/sys/kernel/domainname", "domain");
  TRY("/proc/sys/kernel/ngroups_max", "3");
  TRY("/proc/sys/kernel/cap_last_cap", "3");
  TRY("/proc/sys/kernel/overflowuid", "3");
  TRY("/proc/sys/kernel/ostype", "x");
  TRY("/proc/sys/kernel/tainted", "0");
  TRY("/proc/sys/fs/suid_dumpable", "1", "2", "3");
}

static void reading(void) {
  s64 file = open_file("/proc/sys/vm/overcommit_memory", O_RDWR, 0);
  static char two[8];
  tell("read", sys(SYS_read, file, two, 1), 0);
  tell("read the rest", sys(SYS_read, file, two, 8), 0);
  tell("write at 2", sys(SYS_write, file, "1", 1), 0);
  tell("pwrite at 0", sys4(SYS_pwrite64, file, "1", 1, 0), 0);
  show("/proc/sys/vm/overcommit_memory");
  tell("pwrite at 0", sys4(SYS_pwrite64, file, "0\n", 2, 0), 0);
  sys(SYS_close, file, 0, 0);
  tell("read only", open_file("/proc/sys/kernel/ostype", O_WRONLY, 0), 0);
  tell("write only", open_file("/proc/sys/vm/drop_caches", O_RDONLY, 0), 0);
}

// MARK: Effects

static void never_overcommit(void) {
  put_file("/proc/sys/vm/overcommit_ratio", "50");
  u64 limit = line_of("/proc/meminfo", "CommitLimit:"), total = line_of("/proc/meminfo", "MemTotal:");
  tell("half of RAM", limit + 4 >= total / 2 && limit <= total / 2 + 4, 0);
  u64 before = line_of("/proc/meminfo", "Committed_AS:");
  s64 memory = private_map(64 * MIB, 0);
  u64 with = line_of("/proc/meminfo", "Committed_AS:");
  tell("charged MiB", (with - before + 512) / 1024, 0);
  s64 shared = sys6(SYS_mmap, 0, 32 * MIB, PROT_R | PROT_W, MAP_SHARED | MAP_ANON, -1, 0);
  tell("shared MiB", (line_of("/proc/meminfo", "Committed_AS:") - with + 512) / 1024, 0);
  sys(SYS_munmap, shared, 32 * MIB, 0);
  s64 free = private_map(64 * MIB, MAP_NORESERVE);
  tell("noreserve MiB", (line_of("/proc/meminfo", "Committed_AS:") - with + 512) / 1024, 0);
  sys(SYS_munmap, free, 64 * MIB, 0);
  s64 readable = sys6(SYS_mmap, 0, 64 * MIB, PROT_R, MAP_PRIVATE | MAP_ANON, -1, 0);
  tell("readable MiB", (line_of("/proc/meminfo", "Committed_AS:") - with + 512) / 1024, 0);
  sys(SYS_mprotect, readable, 64 * MIB, PROT_R | PROT_W);
  tell("then writable MiB", (line_of("/proc/meminfo", "Committed_AS:") - with + 512) / 1024, 0);
  sys(SYS_mprotect, readable, 64 * MIB, PROT_R);
  tell("then readable MiB", (line_of("/proc/meminfo", "Committed_AS:") - with + 512) / 1024, 0);
  sys(SYS_munmap, readable, 64 * MIB, 0);
  u64 whole = total * 1024;
  tell("mode 0, more than RAM", sign(private_map(whole + 64 * MIB, 0)), 0);
  s64 most = private_map(whole - 64 * MIB, 0), again = private_map(whole - 64 * MIB, 0);
  tell("mode 0, most of RAM", sign(most), 0);
  tell("mode 0, most of RAM again", sign(again), 0);
  sys(SYS_munmap, most, whole - 64 * MIB, 0);
  sys(SYS_munmap, again, whole - 64 * MIB, 0);
  tell("mode 0, noreserve", sign(private_map(whole + 64 * MIB, MAP_NORESERVE)), 0);
  put_file("/proc/sys/vm/overcommit_memory", "1");
  s64 large = private_map(4 * whole, 0);
  tell("mode 1", sign(large), 0);
  sys(SYS_munmap, large, 4 * whole, 0);
  put_file("/proc/sys/vm/overcommit_memory", "2");
  tell("mode 2, more than half", sign(private_map(whole / 2 + 16 * MIB, 0)), 0);
  tell("mode 2, shared", sign(sys6(SYS_mmap, 0, whole / 2 + 16 * MIB, PROT_R | PROT_W, MAP_SHARED | MAP_ANON, -1, 0)), 0);
  tell("mode 2, noreserve", sign(private_map(whole / 2 + 16 * MIB, MAP_NORESERVE)), 0);
  tell("mode 2, readable", sign(sys6(SYS_mmap, 0, whole, PROT_R, MAP_PRIVATE | MAP_ANON, -1, 0)), 0);
  tell("mode 2, less", sign(private_map(whole / 4, 0)), 0);
  tell("mode 2, as much again", sign(private_map(whole / 4, 0)), 0);
  s64 brk = sys(SYS_brk, 0, 0, 0);
  tell("mode 2, brk", sys(SYS_brk, brk + whole / 4, 0, 0) == brk, 0);
  s64 child = spawn();
  if (child == 0) leave(0);
  tell("mode 2, fork", sign(child), 0);
  put_file("/proc/sys/vm/overcommit_ratio", "100");
  tell("ratio 100", sign(private_map(whole / 4, 0)), 0);
  tell("CommitLimit", (line_of("/proc/meminfo", "CommitLimit:") + 64) / 128 == (total + 64) / 128, 0);
  put_file("/proc/sys/vm/overcommit_kbytes", "100000");
  tell("CommitLimit", line_of("/proc/meminfo", "CommitLimit:"), 0);
  show("/proc/sys/vm/overcommit_ratio");
  tell("kbytes", sign(private_map(16 * MIB, 0)), 0);
  put_file("/proc/sys/vm/overcommit_ratio", "50");
  show("/proc/sys/vm/overcommit_kbytes");
  put_file("/proc/sys/vm/overcommit_memory", "0");
  sys(SYS_munmap, memory, 64 * MIB, 0);
}

static void map_count(void) {
  tell("set", put_file("/proc/sys/vm/max_map_count", "50"), 0);
  char *area = (char *)sys6(SYS_mmap, 0, 256 * PAGE, 0, MAP_PRIVATE | MAP_ANON, -1, 0);
  s64 answer = 0, count = 0;
  for (u64 i = 1; i < 128 && answer == 0; i++) {
    answer = sys(SYS_mprotect, area + 2 * i * PAGE, PAGE, PROT_R);
    if (answer == 0) count++;
  }
  tell("mprotect", answer, 0);
  tell("some splits", count > 10 && count < 25, 0);
  // With one VMA too many nothing can be mapped; the count has to be above the limit for that.
  tell("mmap", sign(private_map(PAGE, 0)), 0);
  tell("munmap in the middle", sys(SYS_munmap, area + 200 * PAGE, PAGE, 0), 0);
  tell("set", put_file("/proc/sys/vm/max_map_count", "20"), 0);
  tell("mmap", sign(private_map(PAGE, 0)), 0);
  tell("mremap", sign(sys4(SYS_mremap, area, PAGE, 2 * PAGE, 1)), 0);
  put_file("/proc/sys/vm/max_map_count", "65530");
  tell("mmap", sign(private_map(PAGE, 0)), 0);
  sys(SYS_munmap, area, 256 * PAGE, 0);
}

static int resident(char *memory, int page) {
  u8 vector[8] = {0};
  sys(SYS_mincore, memory, 8 * PAGE, vector);
  return vector[page];
}

static void drop_caches(void) {
  // Pages of a hole that were only read are clean; written ones of a ramfs never are.
  s64 file = open_file("/dropped", O_RDWR | O_CREAT | O_TRUNC, 0644);
  sys(SYS_ftruncate, file, 8 * PAGE, 0);
  sys(SYS_pread64, file, text, 8 * PAGE);
  sys6(SYS_pread64, file, (s64)text, 8 * PAGE, 0, 0, 0);
  sys4(SYS_pwrite64, file, "x", 1, PAGE);
  // One page is mapped through a mapping of its own, so that no neighbour is mapped with it.
  char *memory = (char *)sys6(SYS_mmap, 0, 8 * PAGE, PROT_R, MAP_SHARED, file, 0);
  char *mapped = (char *)sys6(SYS_mmap, 0, PAGE, PROT_R, MAP_SHARED, file, 2 * PAGE);
  (void)*(volatile char *)mapped;
  put("  before");
  for (int i = 0; i < 8; i++) { put(" "); dec(resident(memory, i)); }
  tell("\n  slabs", put_file("/proc/sys/vm/drop_caches", "2"), 0);
  tell("page 3", resident(memory, 3), 0);
  tell("caches", put_file("/proc/sys/vm/drop_caches", "1"), 0);
  put("  after");
  for (int i = 0; i < 8; i++) { put(" "); dec(resident(memory, i)); }
  put("\n");
  sys(SYS_munmap, memory, 8 * PAGE, 0);
  sys(SYS_munmap, mapped, PAGE, 0);
  tell("caches", put_file("/proc/sys/vm/drop_caches", "3"), 0);
  memory = (char *)sys6(SYS_mmap, 0, 8 * PAGE, PROT_R, MAP_SHARED, file, 0);
  put("  unmapped");
  for (int i = 0; i < 8; i++) { put(" "); dec(resident(memory, i)); }
  put("\n");
  tell("contents stay", memory[PAGE] == 'x', 0);
  sys(SYS_close, file, 0, 0);
  sys(SYS_unlinkat, AT_FDCWD, "/dropped", 0);
}

static void pid_max(void) {
  tell("set", put_file("/proc/sys/kernel/pid_max", "400"), 0);
  int all = 1, wrapped = 0;
  s64 last = 0;
  for (int i = 0; i < 450; i++) {
    s64 child = spawn();
    if (child == 0) leave(0);
    if (child < last) wrapped++;
    all &= child > 0 && child < 400;
    if (wrapped) all &= child >= 300;
    last = child;
    wait4(child, 0, 0);
  }
  tell("all below", all, 0);
  tell("wrapped", wrapped > 0, 0);
  put_file("/proc/sys/kernel/pid_max", "32768");
}

// MARK: /proc/PID

static void scores(void) {
  show("/proc/self/oom_score_adj");
  show("/proc/self/oom_adj");
  TRY("/proc/self/oom_score_adj", "1000", "-1000", "1001", "-1001", "x", "500\n", "", "0");
  TRY("/proc/self/oom_adj", "15", "-17", "16", "-18", "8", "0");
  put_file("/proc/self/oom_score_adj", "1000");
  show("/proc/self/oom_adj");
  u64 high = line_of("/proc/self/oom_score", "");
  tell("high score", high > 1300, 0);
  s64 child = spawn();
  if (child == 0) {
    show("/proc/self/oom_score_adj");
    flush();
    leave(0);
  }
  wait4(child, 0, 0);
  put_file("/proc/self/oom_score_adj", "-1000");
  show("/proc/self/oom_score");
  put_file("/proc/self/oom_score_adj", "0");
  u64 score = line_of("/proc/self/oom_score", "");
  tell("middle score", score >= 666 && score <= 670, 0);
}

static void limits(void) {
  u64 limit[2] = {~0ul, ~0ul};
  u64 nine[2] = {9, 10};
  enum { SYS_prlimit64 = 261 };
  sys4(SYS_prlimit64, 0, 6, nine, 0);
  sys4(SYS_prlimit64, 0, 11, nine, 0);
  s64 length = read_whole("/proc/self/limits", text, sizeof text);
  tell("length", length > 1000, 0);
  put(text);
  limit[0] = limit[1] = 4096;
  sys4(SYS_prlimit64, 0, 6, limit, 0);
  sys4(SYS_prlimit64, 0, 11, limit, 0);
}

static void vectors(void) {
  s64 length = read_whole("/proc/self/auxv", text, sizeof text);
  tell("pairs", length % 16 == 0 && length >= 16 * 16, 0);
  u64 *at = (u64 *)text;
  int has_page = 0, has_end = 0;
  for (s64 i = 0; i + 1 < length / 8; i += 2) {
    has_page |= at[i] == 6 && at[i + 1] == 4096;
    has_end |= at[i] == 0;
  }
  tell("page size", has_page, 0);
  tell("end", has_end, 0);
  char *arguments[] = {"/proc/self/exe", "child", 0}, *environment[] = {"A=1", "LONGER=two words", "", "Z=", 0};
  s64 child = spawn();
  if (child == 0) {
    sys(SYS_execve, "/proc/self/exe", arguments, environment);
    leave(1);
  }
  wait4(child, 0, 0);
}

/// What a program that was executed with an environment sees.
static void as_child(void) {
  s64 length = read_whole("/proc/self/environ", text, sizeof text);
  put("  environ ");
  for (s64 i = 0; i < length; i++) output[output_length++] = text[i] ? text[i] : '|';
  put("\n  cmdline ");
  length = read_whole("/proc/self/cmdline", text, sizeof text);
  for (s64 i = 0; i < length; i++) output[output_length++] = text[i] ? text[i] : '|';
  put("\n");
  flush();
}

static void memory_file(void) {
  static char place[16] = "here it is";
  static const char fixed[16] = "a constant";
  s64 file = open_file("/proc/self/mem", O_RDWR, 0);
  tell("open", file >= 0, 0);
  tell("read", sys4(SYS_pread64, file, text, 10, (s64)place), 0);
  text[10] = 0;
  put("  "); put(text); put("\n");
  tell("write", sys4(SYS_pwrite64, file, "was", 3, (s64)place), 0);
  put("  "); put(place); put("\n");
  tell("read at 0", sys4(SYS_pread64, file, text, 10, 0), 0);
  char *pages = (char *)sys6(SYS_mmap, 0, 2 * PAGE, PROT_R | PROT_W, MAP_PRIVATE | MAP_ANON, -1, 0);
  sys(SYS_munmap, pages + PAGE, PAGE, 0);
  tell("read across the end", sys4(SYS_pread64, file, text, 100, (s64)pages + PAGE - 10), 0);
  tell("write across the end", sys4(SYS_pwrite64, file, text, 100, (s64)pages + PAGE - 10), 0);
  sys(SYS_lseek, file, (s64)place, 0);
  tell("read at the position", sys(SYS_read, file, text, 4), 0);
  tell("and on", sys(SYS_read, file, text, 6), 0);
  text[6] = 0;
  put("  "); put(text); put("\n");
  tell("seek from the end", sys(SYS_lseek, file, 0, 2), 0);
  tell("bad buffer", sys4(SYS_pread64, file, 8, 10, (s64)place), 0);
  (void)fixed;
  sys(SYS_close, file, 0, 0);
  s64 child = spawn();
  if (child == 0) {
    place[0] = 'W';
    for (;;) pause_task();
  }
  char path[32] = "/proc/";
  int n = 6;
  char digits[12];
  int m = 0;
  for (s64 rest = child; rest; rest /= 10) digits[m++] = '0' + rest % 10;
  while (m) path[n++] = digits[--m];
  for (const char *tail = "/mem"; *tail;) path[n++] = *tail++;
  path[n] = 0;
  while (1) {
    file = open_file(path, O_RDONLY, 0);
    sys4(SYS_pread64, file, text, 10, (s64)place);
    if (text[0] == 'W') break;
    sys(SYS_close, file, 0, 0);
    sleep_for(1000000);
  }
  text[10] = 0;
  put("  child's "); put(text); put("\n");
  kill(child, SIGKILL);
  wait4(child, 0, 0);
  tell("after its end", sys4(SYS_pread64, file, text, 10, (s64)place), 0);
  sys(SYS_close, file, 0, 0);
}

static void link(const char *path) {
  static char target[256];
  s64 length = sys4(SYS_readlinkat, AT_FDCWD, path, target, 255);
  put("  "); put(path); put(" ");
  if (length < 0) { dec(length); put("\n"); return; }
  // The number of a namespace is not compared.
  for (s64 i = 0; i < length && target[i] != '['; i++) output[output_length++] = target[i];
  put("\n");
}

static void others(void) {
  static const char *const spaces[] = {"cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "time", "time_for_children", "user", "uts"};
  for (u64 i = 0; i < sizeof spaces / sizeof *spaces; i++) {
    char path[64] = "/proc/self/ns/";
    int n = 14;
    for (const char *name = spaces[i]; *name;) path[n++] = *name++;
    link(path);
  }
  show("/proc/self/personality");
  tell("personality", sys(SYS_personality, 0x0040000, 0, 0), 0);
  show("/proc/self/personality");
  tell("personality", sys(SYS_personality, 0xffffffff, 0, 0), 0);
  sys(SYS_personality, 0, 0, 0);
  show("/proc/self/wchan");
  show("/proc/self/coredump_filter");
  TRY("/proc/self/coredump_filter", "0x7f", "33", "x");
  show("/proc/self/cgroup");
  show("/proc/self/comm");
  TRY("/proc/self/comm", "a new name that is too long", "short");
  show("/proc/self/timerslack_ns");
  show("/proc/self/loginuid");
  show("/proc/self/sessionid");
  s64 length;
  length = read_whole("/proc/self/mountinfo", text, sizeof text);
  tell("mountinfo", length > 0, 0);
}

static void system_files(void) {
  s64 length = read_whole("/proc/loadavg", text, sizeof text);
  int blanks = 0, points = 0, slashes = 0;
  for (s64 i = 0; i < length; i++) blanks += text[i] == ' ', points += text[i] == '.', slashes += text[i] == '/';
  tell("loadavg blanks", blanks, 0);
  tell("points", points, 0);
  tell("slashes", slashes, 0);
  static const char *const names[] = {
    "MemTotal:", "MemFree:", "MemAvailable:", "Buffers:", "Cached:", "SwapCached:", "Active:", "Inactive:", "Active(anon):",
    "Inactive(anon):", "Active(file):", "Inactive(file):", "Unevictable:", "Mlocked:", "SwapTotal:", "SwapFree:", "Dirty:",
    "Writeback:", "AnonPages:", "Mapped:", "Shmem:", "KReclaimable:", "Slab:", "SReclaimable:", "SUnreclaim:", "KernelStack:",
    "PageTables:", "SecPageTables:", "NFS_Unstable:", "Bounce:", "WritebackTmp:", "CommitLimit:", "Committed_AS:", "VmallocTotal:",
    "VmallocUsed:", "VmallocChunk:", "Percpu:", "HardwareCorrupted:", "AnonHugePages:", "ShmemHugePages:", "ShmemPmdMapped:",
    "FileHugePages:", "FilePmdMapped:", "CmaTotal:", "CmaFree:", "HugePages_Total:", "HugePages_Free:", "HugePages_Rsvd:",
    "HugePages_Surp:", "Hugepagesize:", "Hugetlb:",
  };
  put("  missing in meminfo:");
  for (u64 i = 0; i < sizeof names / sizeof *names; i++) {
    if (line_of("/proc/meminfo", names[i]) == ~0ul) { put(" "); put(names[i]); }
  }
  put("\n");
  length = read_whole("/proc/filesystems", text, sizeof text);
  tell("filesystems", length > 20, 0);
  length = read_whole("/proc/swaps", text, sizeof text);
  put(text);
}

/// The physical page that maps an address, by pagemap.
static u64 frame_of(char *address) {
  u64 word = 0;
  s64 file = open_file("/proc/self/pagemap", O_RDONLY, 0);
  sys4(SYS_pread64, file, &word, 8, ((u64)address >> 12) * 8);
  sys(SYS_close, file, 0, 0);
  return word >> 63 ? word & ((1ul << 55) - 1) : 0;
}
static u64 word_of(const char *path, u64 frame) {
  u64 word = ~0ul;
  s64 file = open_file(path, O_RDONLY, 0);
  if (file < 0) return (u64)file;
  s64 answer = sys4(SYS_pread64, file, &word, 8, frame * 8);
  sys(SYS_close, file, 0, 0);
  return answer == 8 ? word : (u64)answer;
}

static void page_files(void) {
  char *memory = (char *)private_map(4 * PAGE, 0);
  sys(SYS_madvise, memory, 4 * PAGE, MADV_NOHUGEPAGE);
  memory[0] = 1;
  u64 frame = frame_of(memory);
  tell("frame", frame > 0, 0);
  tell("mapped once", word_of("/proc/kpagecount", frame), 0);
  // MMAP (11), ANON (12); HUGE (17), NOPAGE (20), THP (22), ZERO_PAGE (24).
  tell("flags", word_of("/proc/kpageflags", frame) & (1ul << 11 | 1ul << 12 | 1ul << 17 | 1ul << 20 | 1ul << 22 | 1ul << 24), 0);
  s64 child = spawn();
  if (child == 0)
    for (;;) pause_task();
  tell("mapped twice", word_of("/proc/kpagecount", frame), 0);
  kill(child, SIGKILL);
  wait4(child, 0, 0);
  (void)*(volatile char *)(memory + PAGE);
  u64 zero = frame_of(memory + PAGE);
  tell("zero page", word_of("/proc/kpageflags", zero) >> 24 & 1, 0);
  tell("beyond RAM", word_of("/proc/kpagecount", 1ul << 40), 0);
  tell("beyond RAM", word_of("/proc/kpageflags", 1ul << 40), 0);
  s64 file = open_file("/proc/kpagecount", O_RDONLY, 0);
  tell("odd offset", sys4(SYS_pread64, file, text, 8, 4), 0);
  tell("odd size", sys4(SYS_pread64, file, text, 4, 8), 0);
  sys(SYS_close, file, 0, 0);
}

static const struct test tests[] = {
  {"virtual-memory", virtual_memory}, {"kernel", kernel}, {"reading", reading}, {"overcommit", never_overcommit}, {"map-count", map_count},
  {"drop-caches", drop_caches}, {"pid-max", pid_max}, {"scores", scores}, {"limits", limits}, {"vectors", vectors},
  {"memory-file", memory_file}, {"others", others}, {"system", system_files}, {"page-files", page_files},
};

int guest_main(int argc, char **argv) {
  if (argc == 2 && same(argv[1], "child")) { as_child(); return 0; }
  return run_tests(argc, argv, tests, sizeof tests / sizeof *tests);
}
