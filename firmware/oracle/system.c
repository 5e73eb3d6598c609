// What the kernel tells of itself and of its tasks: its version, the accounts of reads and writes, a zombie's files, the calls in which
// tasks wait; and calls and settings of which the kernels differ. It prints no id, size of RAM or time.
#include "tasks.h"

enum {
  SYS_ppoll = 73, SYS_readlinkat = 78, SYS_getdents64 = 61, SYS_readv = 65, SYS_writev = 66, SYS_preadv = 69, SYS_sendfile = 71,
  SYS_copy_file_range = 285, SYS_pselect6 = 72, SYS_timerfd_create = 85, SYS_timerfd_settime = 86,
  SYS_futex_wait_ = 455, SYS_execveat = 281, SYS_futex_waitv = 449, SYS_uname = 160, SYS_rt_sigtimedwait_ = 137,
  AT_EMPTY_PATH = 0x1000, AT_EXECVE_CHECK = 0x10000,
};

static char text[65536];
static int *shared;

static void row(const char *what) { put(what); }
static void number_column(s64 value) { put("\t"); dec(value); }
static void text_column(const char *value) { put("\t"); put(value); }
static void end(void) { put("\n"); if (output_length > sizeof output - PAGE) flush(); }
static void fact(const char *what, s64 value) { row(what); number_column(value); end(); }
static void text_fact(const char *what, const char *value) { row(what); text_column(value); end(); }

static s64 put_file(const char *path, const char *value) {
  u64 length = 0;
  while (value[length]) length++;
  s64 file = open_file(path, O_WRONLY, 0);
  if (file < 0) return file;
  s64 answer = sys(SYS_write, file, value, length);
  sys(SYS_close, file, 0, 0);
  return answer;
}
/// The path of a file of a process: "/proc/ID/NAME", with 0 for the caller.
static const char *file_of(s64 id, const char *name) {
  static char path[96];
  char digits[12];
  int n = 0, m = 0;
  for (const char *at = "/proc/"; *at;) path[n++] = *at++;
  if (!id) for (const char *at = "self"; *at;) path[n++] = *at++;
  for (s64 rest = id; rest; rest /= 10) digits[m++] = '0' + rest % 10;
  while (m) path[n++] = digits[--m];
  path[n++] = '/';
  while (*name) path[n++] = *name++;
  path[n] = 0;
  return path;
}
/// The number behind a word of a text; -1 without the word.
static s64 behind(const char *at, const char *word) {
  for (; *at; at++) {
    int i = 0;
    while (word[i] && at[i] == word[i]) i++;
    if (word[i]) continue;
    at += i;
    while (*at == ' ' || *at == '\t') at++;
    s64 value = 0;
    while (*at >= '0' && *at <= '9') value = value * 10 + (*at++ - '0');
    return value;
  }
  return -1;
}
static s64 line_of(const char *path, const char *word) {
  text[0] = 0;
  read_whole(path, text, sizeof text);
  return behind(text, word);
}

// MARK: The kernel itself

static void version(void) {
  static char names[6][65];
  sys(SYS_uname, names, 0, 0);
  text_fact("uname.release", names[2]);
  text_fact("uname.version", names[3]);
  static const char *const files[] = {"/proc/version", "/proc/sys/kernel/osrelease", "/proc/sys/kernel/version"};
  for (int i = 0; i < 3; i++) {
    s64 length = read_whole(files[i], text, sizeof text);
    if (length > 0) text[length - 1] = 0;
    text_fact(files[i], length > 0 ? text : "-");
  }
  fact("cgroups", read_whole("/proc/cgroups", text, sizeof text) > 0);
  put(text);
  fact("self/cgroup", read_whole("/proc/self/cgroup", text, sizeof text));
}

// MARK: /proc/PID/io

struct accounts { s64 rchar, wchar, syscr, syscw; };
static s64 own_length;
static struct accounts accounts_of(s64 id, const char *name) {
  static char own[512];
  own[0] = 0;
  own_length = read_whole(file_of(id, name), own, sizeof own);
  return (struct accounts){behind(own, "rchar:"), behind(own, "wchar:"), behind(own, "syscr:"), behind(own, "syscw:")};
}

static void accounting(void) {
  static char buffer[8192];
  s64 file = open_file("/tmp/accounts", O_RDWR | O_CREAT | O_TRUNC, 0644), other = open_file("/tmp/others", O_RDWR | O_CREAT | O_TRUNC, 0644);
  s64 read_only = open_file("/tmp/accounts", O_RDONLY, 0);
  s64 directory = open_file("/tmp", O_RDONLY, 0);
  int ends[2];
  sys(SYS_pipe2, ends, 04000, 0);
  struct { const char *what; s64 call, a, b, c, d, e, f; } rows[] = {
    {"io.nothing", SYS_getpid, 0, 0, 0, 0, 0, 0},
    {"io.write", SYS_write, file, (s64)buffer, 5000, 0, 0, 0},
    {"io.write.0", SYS_write, file, (s64)buffer, 0, 0, 0, 0},
    {"io.write.EBADF", SYS_write, 99, (s64)buffer, 10, 0, 0, 0},
    {"io.write.not-writable", SYS_write, read_only, (s64)buffer, 10, 0, 0, 0},
    {"io.write.EFAULT", SYS_write, file, -4096, 10, 0, 0, 0},
    {"io.write.unmapped", SYS_write, file, 4096, 10, 0, 0, 0},
    {"io.pwrite", SYS_pwrite64, file, (s64)buffer, 100, 50, 0, 0},
    {"io.pwrite.EINVAL", SYS_pwrite64, file, (s64)buffer, 100, -1, 0, 0},
    {"io.pread", SYS_pread64, file, (s64)buffer, 100, 4950, 0, 0},
    {"io.pread.end", SYS_pread64, file, (s64)buffer, 100, 9000, 0, 0},
    {"io.pread.pipe", SYS_pread64, ends[0], (s64)buffer, 100, 0, 0, 0},
    {"io.read.end", SYS_read, file, (s64)buffer, 100, 0, 0, 0},
    {"io.lseek", SYS_lseek, file, 0, 0, 0, 0, 0},
    {"io.read", SYS_read, file, (s64)buffer, 100, 0, 0, 0},
    {"io.read.directory", SYS_read, directory, (s64)buffer, 100, 0, 0, 0},
    {"io.getdents", SYS_getdents64, directory, (s64)buffer, 10, 0, 0, 0},
    {"io.pipe.write", SYS_write, ends[1], (s64)buffer, 100, 0, 0, 0},
    {"io.pipe.read", SYS_read, ends[0], (s64)buffer, 8192, 0, 0, 0},
    {"io.pipe.EAGAIN", SYS_read, ends[0], (s64)buffer, 8192, 0, 0, 0},
    {"io.sendfile", SYS_sendfile, other, file, 0, 300, 0, 0},
    {"io.sendfile.end", SYS_sendfile, other, read_only, 0, 0, 0, 0},
    {"io.sendfile.EBADF", SYS_sendfile, read_only, file, 0, 300, 0, 0},
    {"io.copy_file_range", SYS_copy_file_range, file, 0, other, 0, 200, 0},
    {"io.readv.EBADF", SYS_readv, 99, (s64)buffer, 1, 0, 0, 0},
    {"io.writev.EBADF", SYS_writev, 99, (s64)buffer, 1, 0, 0, 0},
    {"io.preadv.EINVAL", SYS_preadv, file, (s64)buffer, 1, -1, 0, 0},
    {"io.preadv.pipe", SYS_preadv, ends[0], (s64)buffer, 1, 0, 0, 0},
    {"io.ftruncate", SYS_ftruncate, file, 0, 0, 0, 0, 0},
  };
  // Each look at the accounts is two reads, one of all bytes and one of none.
  for (u64 i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct accounts before = accounts_of(0, "io");
    s64 look = own_length, answer = sys6(rows[i].call, rows[i].a, rows[i].b, rows[i].c, rows[i].d, rows[i].e, rows[i].f);
    if (rows[i].call == SYS_getpid) answer = 0;
    struct accounts now = accounts_of(0, "io");
    row(rows[i].what);
    number_column(answer);
    number_column(now.rchar - before.rchar - look);
    number_column(now.wchar - before.wchar);
    number_column(now.syscr - before.syscr - 2);
    number_column(now.syscw - before.syscw);
    end();
  }
  // What a child did counts for itself, and for the parent once that has waited.
  s64 child = spawn();
  if (child == 0) {
    for (int i = 0; i < 3; i++) sys(SYS_write, other, buffer, 1000);
    shared[0] = 1;
    for (;;) pause_task();
  }
  while (!((volatile int *)shared)[0]) yield();
  struct accounts its = accounts_of(child, "io"), mine = accounts_of(0, "io");
  row("io.child"); number_column(its.rchar); number_column(its.wchar); number_column(its.syscr); number_column(its.syscw); end();
  kill(child, SIGKILL);
  wait4(child, 0, 0);
  struct accounts after = accounts_of(0, "io");
  row("io.after-wait"); number_column(after.wchar - mine.wchar); number_column(after.syscw - mine.syscw); end();
  fact("io.bytes", line_of("/proc/self/io", "read_bytes:") + behind(text, "\nwrite_bytes:") + behind(text, "cancelled_write_bytes:"));
  // A thread's own accounts are those of the process here, without its children.
}

// MARK: A zombie

static s64 children_in_proc(s64 id) {
  s64 directory = open_file("/proc", O_RDONLY, 0), count, found = 0;
  while ((count = sys(SYS_getdents64, directory, text, 4096)) > 0) {
    for (s64 at = 0; at < count; at += *(u16 *)(text + at + 16)) {
      s64 value = 0;
      const char *name = text + at + 19;
      while (*name >= '0' && *name <= '9') value = value * 10 + (*name++ - '0');
      found += !*name && value == id;
    }
  }
  sys(SYS_close, directory, 0, 0);
  return found;
}

static void zombie(void) {
  s64 child = spawn();
  if (child == 0) leave(7);
  // A parent that does not wait sees the end of its child here.
  for (;;) {
    s64 length = read_whole(file_of(child, "status"), text, sizeof text);
    if (length < 0) { fact("zombie.gone", length); break; }
    char *at = text;
    while (*at && !(at[0] == 'S' && at[1] == 't' && at[2] == 'a')) at++;
    if (at[7] == 'Z') break;
    yield();
  }
  fact("zombie.seen", 1);
  read_whole(file_of(child, "status"), text, sizeof text);
  // The names of all lines, and the values that are the same everywhere.
  static const char *const shown[] = {"Name", "State", "FDSize", "Threads", "SigBlk", "SigIgn", "SigCgt", "CapEff", "Kthread", "TracerPid"};
  for (char *line = text; *line;) {
    char *end_of_line = line;
    while (*end_of_line && *end_of_line != '\n') end_of_line++;
    int n = 0, is_shown = 0;
    while (line[n] != ':' && line[n] != '\n') n++;
    for (u64 i = 0; i < sizeof shown / sizeof *shown; i++) {
      int k = 0;
      while (k < n && shown[i][k] == line[k]) k++;
      is_shown |= k == n && !shown[i][k];
    }
    put("zombie.status\t");
    for (char *at = line; at < (is_shown ? end_of_line : line + n); at++) output[output_length++] = *at == '\t' ? ' ' : *at;
    end();
    line = *end_of_line ? end_of_line + 1 : end_of_line;
  }
  static const char *const files[] = {
    "statm", "cmdline", "maps", "smaps", "wchan", "comm", "oom_score", "oom_adj", "oom_score_adj", "cgroup", "personality", "timerslack_ns",
    "coredump_filter", "stack", "auxv", "environ", "smaps_rollup", "pagemap", "mem", "mountinfo", "mounts", "syscall", "schedstat", "loginuid",
    "sessionid", "limits", "io", "status", "stat", "children", "fdinfo/0", "exe", "task/self", "cpuset", "mountstats",
  };
  for (u64 i = 0; i < sizeof files / sizeof *files; i++) {
    s64 file = open_file(file_of(child, files[i]), O_RDONLY, 0), length = file;
    if (file >= 0) length = sys(SYS_read, file, text, 4096);
    sys(SYS_close, file, 0, 0);
    put("zombie.file."); row(files[i]); number_column(file < 0 ? file : 0); number_column(i > 13 && length > 0 ? 1 : length);
    // The length and the contents of these depend on the numbers in them.
    if (i > 13) { end(); continue; }
    put("\t");
    for (s64 c = 0; length > 0 && c < length && c < 40 && text[c] != '\n'; c++) output[output_length++] = text[c];
    end();
  }
  s64 count = read_whole(file_of(child, "syscall"), text, sizeof text);
  text[count > 0 ? count - 1 : 0] = 0;
  text_fact("zombie.syscall", text);
  fact("zombie.limits", read_whole(file_of(child, "limits"), text, sizeof text) > 1000);
  s64 length = read_whole(file_of(child, "stat"), text, sizeof text);
  // Behind the name: state, and from field 20 on the threads, the size and the resident pages; the last is the status of the exit.
  int field = 2;
  for (s64 i = 0, start = 0; i < length; i++) {
    if (text[i] != ' ' && text[i] != '\n') continue;
    text[i] = 0;
    if (field == 2 || field == 3 || field == 8 || field == 20 || field == 23 || field == 24 || field == 38 || field == 52) {
      put("zombie.stat."); dec(field); put("\t");
      if (field == 2) start += 0;
      put(field == 2 ? "name" : text + start);
      end();
    }
    if (field == 2 && start == 0) { start = i + 1; field = 1; text[i] = ' '; }
    start = i + 1;
    field++;
  }
  static const char *const links[] = {"exe", "cwd", "root", "fd/0", "ns/mnt"};
  for (u64 i = 0; i < sizeof links / sizeof *links; i++) {
    s64 answer = sys4(SYS_readlinkat, AT_FDCWD, file_of(child, links[i]), text, 200);
    put("zombie.link."); fact(links[i], answer < 0 ? answer : 1);
  }
  fact("zombie.fd", open_file(file_of(child, "fd"), O_RDONLY, 0) >= 0);
  fact("zombie.listed", children_in_proc(child));
  fact("zombie.write.filter", put_file(file_of(child, "coredump_filter"), "33"));
  fact("zombie.io", accounts_of(child, "io").wchar);
  s64 status = open_file(file_of(child, "status"), O_RDONLY, 0);
  int code = 0;
  fact("zombie.waited", wait4(child, &code, 0) == child);
  fact("zombie.code", code);
  fact("zombie.after.open", open_file(file_of(child, "status"), O_RDONLY, 0));
  fact("zombie.after.read", sys(SYS_read, status, text, 100));
  fact("zombie.after.listed", children_in_proc(child));
}

// MARK: Waiting

static int ends_of_pipe[2], empty_pipe[2];
struct futex_waiter { u64 value, address; u32 flags, reserved; };
static void wait_nanosleep(void) { sleep_for(1000000000000ul); }
static void wait_pipe_read(void) { sys(SYS_read, ends_of_pipe[0], text, 1); }
static void wait_pipe_write(void) { for (;;) sys(SYS_write, ends_of_pipe[1], text, 4096); }
static void wait_child(void) {
  s64 child = fork();
  if (child == 0) for (;;) pause_task();
  wait4(child, 0, 0);
}
static void wait_signal(void) { pause_task(); }
static void wait_timed_signal(void) {
  u64 set = 1ul << 9;
  sys4(SYS_rt_sigtimedwait_, &set, 0, 0, 8);
}
static void wait_futex(void) { sys6(SYS_futex, (s64)&shared[8], 0, 0, 0, 0, 0); }
static void wait_futexes(void) {
  struct futex_waiter waiters[2] = {{0, (u64)&shared[8], 2, 0}, {0, (u64)&shared[9], 2, 0}};
  sys6(SYS_futex_waitv, (s64)waiters, 2, 0, 0, 0, 0);
}
static void wait_vfork(void) {
  s64 child = sys6(SYS_clone, 0x4000 | 0x100 | 17, (s64)new_stack(), 0, 0, 0, 0);
  if (child == 0) for (;;) pause_task();
}
struct poll_entry { int file; short events, answer; };
static void wait_poll(void) {
  struct poll_entry entry = {empty_pipe[0], 1, 0};
  sys6(SYS_ppoll, (s64)&entry, 1, 0, 0, 8, 0);
}
static void wait_select(void) {
  u64 set[16] = {1ul << empty_pipe[0]};
  sys6(SYS_pselect6, empty_pipe[0] + 1, (s64)set, 0, 0, 0, 0);
}
static void wait_select_nothing(void) { sys6(SYS_pselect6, 0, 0, 0, 0, 0, 0); }
static void wait_clock(void) { static const s64 time[2] = {1000000, 0}; sys4(SYS_clock_nanosleep, 1, 0, time, 0); }
static void wait_id(void) {
  s64 child = fork();
  if (child == 0) for (;;) pause_task();
  sys6(SYS_waitid, 1, child, 0, 4, 0, 0);
}
static void wait_timer(void) {
  u64 word;
  s64 timer = sys(SYS_timerfd_create, 1, 0, 0);
  sys(SYS_read, timer, &word, 8);
}
static void wait_lock(void) {
  // Another task holds it.
  shared[10] = (int)sys(SYS_getppid, 0, 0, 0);
  sys6(SYS_futex, (s64)&shared[10], 6, 0, 0, 0, 0);
}
static void wait_moved(void) { sys6(SYS_futex, (s64)&shared[8], 11, 0, 0, (s64)&shared[11], 0); }
static void wait_futex2(void) { sys6(SYS_futex_wait_, (s64)&shared[8], 0, 1, 2, 0, 0); }

static void waiting(void) {
  static const struct { const char *name; void (*run)(void); } ways[] = {
    {"nanosleep", wait_nanosleep}, {"pipe-read", wait_pipe_read}, {"pipe-write", wait_pipe_write}, {"wait4", wait_child},
    {"sigsuspend", wait_signal}, {"sigtimedwait", wait_timed_signal}, {"futex", wait_futex},
    {"futex_waitv", wait_futexes}, {"poll", wait_poll}, {"select", wait_select}, {"select-nothing", wait_select_nothing},
    {"clock_nanosleep", wait_clock}, {"waitid", wait_id}, {"timerfd", wait_timer},
    {"futex-lock", wait_lock}, {"futex-requeue", wait_moved}, {"futex_wait", wait_futex2}, {"vfork", wait_vfork},
  };
  sys(SYS_pipe2, ends_of_pipe, 0, 0);
  sys(SYS_pipe2, empty_pipe, 0, 0);
  for (u64 i = 0; i < sizeof ways / sizeof *ways; i++) {
    s64 child = spawn();
    if (child == 0) {
      sys(SYS_setsid, 0, 0, 0);
      ways[i].run();
      leave(0);
    }
    sleep_for(50000000);
    put("waiting."); row(ways[i].name); text_column("wchan");
    s64 length = read_whole(file_of(child, "wchan"), text, sizeof text);
    text[length < 0 ? 0 : length] = 0; text_column(text); end();
    length = read_whole(file_of(child, "syscall"), text, sizeof text);
    // The number, and how many words follow.
    put("waiting."); row(ways[i].name); text_column("syscall");
    s64 words = 0;
    put("\t");
    for (s64 c = 0, is_first = 1; c < length; c++) {
      if (text[c] == ' ' || text[c] == '\n') { words++; is_first = 0; }
      if (is_first) output[output_length++] = text[c];
    }
    number_column(words); end();
    length = read_whole(file_of(child, "stack"), text, sizeof text);
    put("waiting."); row(ways[i].name); text_column("stack"); number_column(length < 0 ? length : length > 0);
    // The functions without offsets: the innermost, and that of the call.
    for (s64 c = 0, frame = 0; c < length; frame++) {
      char *name = text + c + 6;
      s64 n = 0;
      while (name[n] != '+' && name[n] != '\n') n++;
      while (c < length && text[c] != '\n') c++;
      c++;
      if (frame && !(n > 12 && name[0] == '_' && name[2] == 'a' && name[7] == '_' && name[8] == 's')) continue;
      put("\t");
      for (s64 i = 0; i < n; i++) output[output_length++] = name[i];
    }
    end();
    kill(-child, SIGKILL);
    wait4(child, 0, 0);
  }
  s64 length = read_whole("/proc/self/syscall", text, sizeof text);
  fact("syscall.self.number", behind(text, ""));
  fact("syscall.self.length", length > 20);
  fact("wchan.self", read_whole("/proc/self/wchan", text, sizeof text));
}

// MARK: Calls

static void calls(void) {
  static char *words[] = {"/proc/self/exe", "gone", 0};
  s64 plain = open_file("/tmp/plain", O_RDWR | O_CREAT | O_TRUNC, 0644), garbage = open_file("/tmp/garbage", O_RDWR | O_CREAT | O_TRUNC, 0755);
  sys(SYS_write, garbage, "garbage", 7);
  sys(SYS_close, plain, 0, 0);
  sys(SYS_close, garbage, 0, 0);
  garbage = open_file("/tmp/garbage", O_RDONLY, 0);
#define CHECK(what, directory, path, arguments, environment, flags) \
  fact("execveat." what, sys6(SYS_execveat, directory, (s64)path, (s64)arguments, (s64)environment, flags, 0))
  CHECK("check.self", AT_FDCWD, "/proc/self/exe", words, 0, AT_EXECVE_CHECK);
  CHECK("check.garbage", AT_FDCWD, "/tmp/garbage", words, 0, AT_EXECVE_CHECK);
  CHECK("check.descriptor", garbage, "", words, 0, AT_EXECVE_CHECK | AT_EMPTY_PATH);
  CHECK("check.not-executable", AT_FDCWD, "/tmp/plain", words, 0, AT_EXECVE_CHECK);
  CHECK("check.missing", AT_FDCWD, "/tmp/missing", words, 0, AT_EXECVE_CHECK);
  CHECK("check.directory", AT_FDCWD, "/tmp", words, 0, AT_EXECVE_CHECK);
  CHECK("check.bad-arguments", AT_FDCWD, "/tmp/garbage", 8, 0, AT_EXECVE_CHECK);
  CHECK("check.no-arguments", AT_FDCWD, "/tmp/garbage", 0, 0, AT_EXECVE_CHECK);
  CHECK("garbage", AT_FDCWD, "/tmp/garbage", words, 0, 0);
  CHECK("unknown-flag", AT_FDCWD, "/tmp/garbage", words, 0, 0x20000);
  CHECK("unknown-flag-of-missing", AT_FDCWD, "/tmp/missing", words, 0, 0x20000);
  struct futex_waiter one = {1, (u64)&shared[8], 2, 0};
  for (u32 flags = 0; flags < 32; flags++) {
    put("futex_waitv.flags."); dec(flags);
    fact("", sys6(SYS_futex_waitv, (s64)&one, 1, flags, 0, 0, 0));
  }
}

// MARK: Settings

static u64 map_at(u64 hint, u64 size, int flags) {
  return (u64)sys6(SYS_mmap, hint, size, PROT_R | PROT_W, MAP_PRIVATE | MAP_ANON | flags, -1, 0);
}
static void hint(const char *what, u64 address, int flags) {
  u64 got = map_at(address, PAGE, flags);
  put("lowest."); row(what);
  if (got > -4096ul) number_column((s64)got);
  else if (got < 1ul << 30) { put("\t0x"); hex(got); sys(SYS_munmap, got, PAGE, 0); }
  else { text_column("high"); sys(SYS_munmap, got, PAGE, 0); }
  end();
}

static s64 word_of_setting(const char *path) { return read_whole(path, text, sizeof text) < 0 ? -1 : behind(text, ""); }

static void lowest_address(void) {
  static const char *const values[] = {"4096", "131072", "200000", "0", "1048576"};
  for (u64 i = 0; i < sizeof values / sizeof *values; i++) {
    text_fact("lowest.value", values[i]);
    put_file("/proc/sys/vm/mmap_min_addr", values[i]);
    hint("hint.1", 1, 0);
    hint("hint.4K", 0x1000, 0); hint("hint.16K", 0x4000, 0); hint("hint.32K-1", 0x7fff, 0); hint("hint.32K", 0x8000, 0);
    hint("hint.36K", 0x9000, 0); hint("hint.60K", 0xf123, 0);
    hint("hint.64K", 0x10000, 0);
    hint("hint.128K", 0x20000, 0);
    hint("hint.196K", 0x31000, 0);
    hint("hint.2M", 0x200000, 0);
    hint("fixed.4096", 4096, MAP_FIXED);
    hint("fixed.0", 0, MAP_FIXED);
    hint("noreplace.4096", 4096, MAP_FIXED_NOREPLACE);
    // A stack grows down to it.
    u64 stack = map_at(0x400000 - 0x1000, PAGE, MAP_FIXED | MAP_GROWSDOWN);
    s64 child = spawn();
    if (child == 0) {
      for (u64 at = stack; at >= 0x1000; at -= PAGE) { shared[2] = (int)at; *(volatile char *)at = 1; }
      leave(0);
    }
    wait4(child, 0, 0);
    put("lowest.stack\t0x"); hex((u32)shared[2]); end();
    sys(SYS_munmap, stack, PAGE, 0);
  }
  put_file("/proc/sys/vm/mmap_min_addr", "4096");
}

static void reserve(void) {
  static const char enabled[] = "/sys/kernel/mm/transparent_hugepage/enabled", setting[] = "/proc/sys/vm/min_free_kbytes";
  s64 first = word_of_setting(setting);
  put_file(enabled, "never");
  s64 root = word_of_setting(setting);
  put_file(enabled, "always");
  fact("reserve.first-is-with-huge-pages", first == word_of_setting(setting));
  fact("reserve.less-without", root < first);
  fact("reserve.write", put_file(setting, "9000"));
  fact("reserve.then", word_of_setting(setting));
  put_file(enabled, "never");
  fact("reserve.chosen-without-huge-pages", word_of_setting(setting));
  put_file(enabled, "always");
  fact("reserve.chosen-with", word_of_setting(setting) == first);
  put_file(setting, "60000");
  put_file(enabled, "always");
  fact("reserve.large-stays", word_of_setting(setting));
  s64 available = line_of("/proc/meminfo", "MemAvailable:");
  put_file(setting, "40000");
  s64 more = line_of("/proc/meminfo", "MemAvailable:") - available;
  // Half as much again, because the marks above lie a quarter each higher.
  fact("reserve.available", more > 28000 && more < 32000);
  fact("scale.write", put_file("/proc/sys/vm/watermark_scale_factor", "1000"));
  fact("scale.available", line_of("/proc/meminfo", "MemAvailable:") < available);
  fact("scale.0", put_file("/proc/sys/vm/watermark_scale_factor", "0"));
  fact("scale.3001", put_file("/proc/sys/vm/watermark_scale_factor", "3001"));
  put_file("/proc/sys/vm/watermark_scale_factor", "10");
  put_file(enabled, "never");
  // What is free when the OOM killer comes: between the reserve and a little more.
  put_file(setting, "20000");
  s64 child = spawn();
  if (child == 0) {
    put_file("/proc/self/oom_score_adj", "1000");
    s64 memory = sys6(SYS_mmap, 0, 1ul << 36, PROT_R | PROT_W, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);
    for (u64 at = 0;; at += PAGE) {
      *(volatile char *)(memory + at) = 1;
      if (at % (1ul << 19) == 0) shared[3] = (int)(line_of("/proc/meminfo", "MemFree:") - behind(text, "CmaFree:"));
    }
  }
  int status = 0;
  wait4(child, &status, 0);
  put("reserve.killed\t20000"); number_column(status);
  s64 least = 20000;
  number_column(shared[3] > least - 3000 && shared[3] < least + 6000); end();
  put_file(enabled, "always");
  put_file(setting, "22528");
}

static void settings(void) {
  s64 file = put_file("/proc/sys/vm/memfd_noexec", "1");
  fact("memfd_noexec.write", file);
  static const u32 flags[] = {0, 8, 16};
  for (int value = 0; value < 3; value++) {
    char digit[2] = {'0' + value, 0};
    put_file("/proc/sys/vm/memfd_noexec", digit);
    for (int i = 0; i < 3; i++) {
      s64 memory = sys(SYS_memfd_create, "m", flags[i], 0);
      put("memfd_noexec."); dec(value); put("."); dec(flags[i]);
      number_column(memory < 0 ? memory : 0);
      number_column(memory < 0 ? 0 : sys(SYS_fcntl, memory, 1034, 0));
      end();
      if (memory >= 0) sys(SYS_close, memory, 0, 0);
    }
  }
  put_file("/proc/sys/vm/memfd_noexec", "0");
  static const char *const taints[] = {"0", "64", "0", "3", "1048576", "524288", "2097152", "-1"};
  for (u64 i = 0; i < sizeof taints / sizeof *taints; i++) {
    put("tainted."); row(taints[i]);
    number_column(put_file("/proc/sys/kernel/tainted", taints[i]));
    number_column(word_of_setting("/proc/sys/kernel/tainted"));
    end();
  }
  static const char *const slacks[] = {"70000", "0", "x", "-1", "18446744073709551615", "50000"};
  for (u64 i = 0; i < sizeof slacks / sizeof *slacks; i++) {
    put("timerslack."); row(slacks[i]);
    number_column(put_file("/proc/self/timerslack_ns", slacks[i]));
    read_whole("/proc/self/timerslack_ns", text, sizeof text);
    for (char *at = text; *at; at++) if (*at == '\n') *at = 0;
    text_column(text);
    end();
  }
  // Which pages count as referenced.
  char *memory = map(8 * PAGE, PROT_R | PROT_W);
  for (int i = 0; i < 8; i++) memory[i * PAGE] = 1;
  static const char *const kinds[] = {"0", "1", "2", "3", "4", "5", "6", "x", "-1"};
  for (u64 i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    for (int page = 0; page < 4; page++) *(volatile char *)(memory + page * PAGE) = 2;
    put("clear_refs."); row(kinds[i]);
    number_column(put_file("/proc/self/clear_refs", kinds[i]));
    end();
  }
  fact("clear_refs.open", open_file("/proc/self/clear_refs", O_RDONLY, 0) >= 0);
  sys(SYS_munmap, memory, 8 * PAGE, 0);
  static char *large;
  large = map(4096 * PAGE, PROT_R | PROT_W);
  for (u64 i = 0; i < 4096; i++) large[i * PAGE] = 1;
  sys(SYS_munmap, large, 4096 * PAGE, 0);
  fact("peak.before", line_of("/proc/self/status", "VmHWM:") >= 16384);
  put_file("/proc/self/clear_refs", "5");
  fact("peak.after", line_of("/proc/self/status", "VmHWM:") < 8192);
}

/// The physical pages behind addresses; 0 where none is.
static u64 frame_of(u64 address) {
  static s64 pagemap;
  u64 word = 0;
  if (!pagemap) pagemap = open_file("/proc/self/pagemap", O_RDONLY, 0);
  sys4(SYS_pread64, pagemap, &word, 8, address / PAGE * 8);
  return word >> 63 ? word & ((1ul << 55) - 1) : 0;
}
static void compaction(void) {
  enum { COUNT = 2048 };
  static u64 frames[COUNT];
  char *memory = map(COUNT * PAGE, PROT_R | PROT_W);
  for (u64 i = 0; i < COUNT; i++) *(u64 *)(memory + i * PAGE) = i;
  for (u64 i = 1; i < COUNT; i += 2) sys(SYS_madvise, memory + i * PAGE, PAGE, MADV_DONTNEED);
  for (u64 i = 0; i < COUNT; i++) frames[i] = frame_of((u64)memory + i * PAGE);
  s64 before = line_of("/proc/vmstat", "pgmigrate_success");
  fact("compact.write", put_file("/proc/sys/vm/compact_memory", "1"));
  fact("compact.counted", line_of("/proc/vmstat", "pgmigrate_success") > before);
  s64 moved = 0, wrong = 0;
  for (u64 i = 0; i < COUNT; i += 2) {
    wrong += *(u64 *)(memory + i * PAGE) != i;
    moved += frame_of((u64)memory + i * PAGE) != frames[i];
  }
  fact("compact.moved", moved > 0);
  fact("compact.wrong", wrong);
  fact("compact.write.2", put_file("/proc/sys/vm/compact_memory", "2"));
  fact("compact.open", open_file("/proc/sys/vm/compact_memory", O_RDONLY, 0));
  sys(SYS_munmap, memory, COUNT * PAGE, 0);
}

int guest_main(int argc, char **argv) {
  shared = share();
  version();
  accounting();
  zombie();
  waiting();
  calls();
  lowest_address();
  settings();
  compaction();
  reserve();
  flush();
  return 0;
}
