// Programs that break rules, one for each argument: each must end as on Linux and must never harm the host. The tests know how each
// ends.
#include "signals.h"

enum {
  SYS_getcwd = 17, SYS_dup = 23, SYS_dup3 = 24, SYS_chdir = 49, SYS_getdents64 = 61, SYS_readlinkat = 78, SYS_rt_sigreturn = 139,
  SYS_prlimit64 = 261, RLIMIT_NOFILE = 7,
};

static char page_buffer[PAGE];

static void go(u64 address) { asm volatile("br %0" : : "r"(address)); }
static void stack_at(u64 address) { asm volatile("mov sp, %0\n ldr x0, [sp]" : : "r"(address) : "x0"); }

// Not a tail call: each level needs its own frame.
__attribute__((noinline)) static u64 deep(u64 n) {
  volatile u64 room[64];
  room[0] = n;
  return n == ~0ul ? 0 : deep(n + 1) + room[0];
}

static void say(const char *what, s64 result) { put(what); put(" "); dec(result); put("\n"); }

static s64 anonymous(u64 address, u64 length, u64 flags) {
  return sys6(SYS_mmap, address, length, PROT_R | PROT_W, MAP_PRIVATE | MAP_ANON | flags, -1, 0);
}

/// Sizes that no address space holds. Each answer must be an error.
static void absurd_sizes(void) {
  u64 page = (u64)map(PAGE, PROT_R | PROT_W);
  say("mmap of 0", anonymous(0, 0, 0));
  say("mmap of 2^64-1", anonymous(0, ~0ul, 0));
  say("mmap of 2^64-4096", anonymous(0, ~4095ul, 0));
  say("mmap of 2^48", anonymous(0, 1ul << 48, 0));
  say("mmap of 2^47", anonymous(0, 1ul << 47, 0));
  say("mmap fixed at 2^64-4096", anonymous(~4095ul, PAGE, 0x10));
  say("mmap fixed at 2^48", anonymous(1ul << 48, PAGE, 0x10));
  say("mmap fixed at 1", anonymous(1, PAGE, 0x10));
  say("mmap fixed at 0", anonymous(0, PAGE, 0x10));  // root may
  sys(SYS_munmap, 0, PAGE, 0);
  say("munmap of 2^64-1", sys(SYS_munmap, page, ~0ul, 0));
  say("munmap of 2^64-4096", sys(SYS_munmap, page, ~4095ul, 0));
  say("munmap at 2^64-4096", sys(SYS_munmap, ~4095ul, PAGE, 0));
  say("mprotect of 2^64-1", sys(SYS_mprotect, page, ~0ul, PROT_R));
  say("mprotect of 2^63", sys(SYS_mprotect, page, 1ul << 63, PROT_R));
  say("madvise of 2^64-1", sys(SYS_madvise, page, ~0ul, MADV_DONTNEED));
  say("madvise of 2^63", sys(SYS_madvise, page, 1ul << 63, 0));
  say("mremap to 2^64-1", sys6(SYS_mremap, page, PAGE, ~0ul, 1, 0, 0));
  say("mremap to 2^47", sys6(SYS_mremap, page, PAGE, 1ul << 47, 1, 0, 0));
  say("mremap from 2^64-4096", sys6(SYS_mremap, page, ~4095ul, PAGE, 1, 0, 0));
  say("brk to 2^64-1", sys(SYS_brk, ~0ul, 0, 0) == sys(SYS_brk, 0, 0, 0));
  say("write of 2^64-1 bytes", sys(SYS_write, 1, ~0ul, ~0ul));
  say("write from nowhere", sys(SYS_write, 1, 16, 8));
  say("no such call", sys(9999, 0, 0, 0));
}

static void eat_memory(void) {
  for (;;) {
    volatile char *more = map(1 << 20, PROT_R | PROT_W);
    for (u64 at = 0; at < 1 << 20; at += PAGE) more[at] = 1;
  }
}

/// Locked memory is present as soon as it is mapped.
static void lock_memory(void) {
  sys(SYS_mlockall, 3, 0, 0);  // MCL_CURRENT | MCL_FUTURE
  for (;;) map(1 << 20, PROT_R | PROT_W);
}

/// A page in each gigabyte: each needs two tables of its own.
static void eat_tables(void) {
  for (u64 at = 1ul << 32;; at += 1ul << 30) {
    anonymous(at, PAGE, 0x10);
    *(volatile char *)at = 1;
  }
}

/// Buffers that a child unmaps while a write to a pipe waits for room.
static void shrinking_buffers(void) {
  struct { void *base; u64 length; } *vector = (void *)sys6(SYS_mmap, 0, PAGE, PROT_R | PROT_W, MAP_SHARED | MAP_ANON, -1, 0);
  u64 size = 100000;
  *vector = (typeof(*vector)){map(size, PROT_R | PROT_W), size};
  int ends[2];
  sys(SYS_pipe2, ends, 0, 0);
  if (fork() == 0) {
    vector->length = 1;
    for (u64 all = 0; all < 1 << 16;) all += sys(SYS_read, ends[0], map(size, PROT_R | PROT_W), size);
    quit(0);
  }
  say("written", sys(66, ends[1], vector, 1) >= 1 << 16);
}

/// The last byte that a file can have, and the offset after it, which does not exist.
static void last_byte(void) {
  u64 last = (~0ul >> 1) - 1;
  s64 file = sys(SYS_memfd_create, "last", 0, 0);
  say("written", sys4(SYS_pwrite64, file, "x", 1, last));
  say("data", sys(SYS_lseek, file, 0, 3) != 0);
  say("hole", sys(SYS_lseek, file, last, 4) != (s64)last);
}

static void write_file(const char *path, const char *text, u64 length) {
  s64 file = open_file(path, O_WRONLY | O_CREAT, 0700);
  sys(SYS_write, file, text, length);
  sys(SYS_close, file, 0, 0);
}

/// Runs the code at an address, whatever was there before.
static s64 run_at(char *code) {
  asm volatile("dc cvau, %0\n dsb ish\n ic ivau, %0\n dsb ish\n isb" : : "r"(code) : "memory");
  return ((s64 (*)(void))code)();
}

/// Code in two base pages of one huge page of a file, into which a hole is punched. With `first` the first page has code too,
/// otherwise only the second has. Removed code must not run.
static void punched_code(int first) {
  static const u32 code[] = {0x52800020, 0xd65f03c0, 0x52800040, 0xd65f03c0};  // mov w0, #1; ret; mov w0, #2; ret
  write_file("/proc/sys/vm/nr_hugepages", "2", 1);
  s64 file = sys(SYS_memfd_create, "code", 4, 0);  // MFD_HUGETLB
  sys(SYS_ftruncate, file, 2 << 20, 0);
  char *at = (char *)sys6(SYS_mmap, 0, 2 << 20, PROT_R | PROT_W | PROT_X, MAP_SHARED, file, 0);
  for (int word = 0; word < 2; word++) {
    ((volatile u32 *)at)[word] = code[word];
    ((volatile u32 *)(at + PAGE))[word] = code[word + 2];
  }
  if (first) say("first", run_at(at));
  say("second", run_at(at + PAGE));
  say("punched", sys4(SYS_fallocate, file, 3, 0, 2 * PAGE));
  say("left", *(volatile u32 *)(at + PAGE) | *(volatile u32 *)at);
  flush();
  run_at(at + PAGE);
}

/// As many mappings as possible; their description is read again and again, from its beginning and from the middle.
static void many_areas(void) {
  u64 count = 0;
  s64 last;
  while ((last = sys6(SYS_mmap, 0, PAGE, count & 1 ? PROT_R | PROT_W : PROT_R, MAP_PRIVATE | MAP_ANON, -1, 0)) > 0) count++;
  say("areas", count);
  say("one more", last);
  s64 all = 0;
  for (int turn = 0; turn < 20; turn++) {
    s64 file = open_file("/proc/self/smaps", O_RDONLY, 0);
    all += sys(SYS_read, file, page_buffer, 100);
    sys(SYS_lseek, file, 5000, 0);
    all += sys(SYS_read, file, page_buffer, 100);
    sys(SYS_close, file, 0, 0);
  }
  say("read", all);
}

static void raise_descriptors(void) {
  u64 limits[2] = {1 << 20, 1 << 20};
  sys4(SYS_prlimit64, 0, RLIMIT_NOFILE, limits, 0);
}

/// A text that is half read through as many descriptors as possible.
static void many_texts(void) {
  raise_descriptors();
  u64 count = 0;
  s64 file, got;
  while ((file = open_file("/proc/self/smaps", O_RDONLY, 0)) >= 0 && (got = sys(SYS_read, file, page_buffer, 1)) == 1) count++;
  say("texts", count);
  say("opened", file < 0 ? file : 0);
  say("read", file < 0 ? 0 : got);
}

/// The largest descriptor in as many tables as possible.
static void many_tables(void) {
  raise_descriptors();
  say("dup3", sys(SYS_dup3, 1, (1 << 20) - 1, 0));
  s64 child;
  u64 count = 0;
  int ends[2];
  sys(SYS_pipe2, ends, 0, 0);
  while ((child = fork()) > 0) count++;
  if (!child) { sys(SYS_read, ends[0], page_buffer, 1); quit(0); }
  say("tables", count);
  say("one more", child);
}

/// A name that is too long for a path, for many mapped files.
static void deep_names(void) {
  static char name[251];
  for (int i = 0; i < 250; i++) name[i] = 'n';
  u64 depth = 0;
  while (depth < 2000 && sys(SYS_mkdirat, AT_FDCWD, name, 0700) == 0 && sys(SYS_chdir, name, 0, 0) == 0) depth++;
  say("depth", depth);
  say("getcwd", sys(SYS_getcwd, page_buffer, sizeof page_buffer, 0));
  for (u64 i = 0; i < 2000; i++) {
    name[0] = 'a' + i % 26; name[1] = 'a' + i / 26 % 26; name[2] = 'a' + i / 676;
    s64 file = open_file(name, O_RDWR | O_CREAT, 0600);
    sys6(SYS_mmap, 0, PAGE, PROT_R, MAP_PRIVATE, file, 0);
    sys(SYS_close, file, 0, 0);
    if (i & 1) sys(SYS_unlinkat, AT_FDCWD, name, 0);
  }
  s64 file = open_file("/proc/self/maps", O_RDONLY, 0), got, longest = 0;
  for (int i = 0; i < 100 && (got = sys(SYS_read, file, page_buffer, 64)) > 0; i++) longest += got;
  say("maps", longest);
}

/// 2^46 bytes of unmapped memory.
static void nothing_at_all(void) {
  u64 size = 1ul << 46, low = 1ul << 46;
  for (int turn = 0; turn < 10; turn++) {
    s64 at = sys6(SYS_mmap, low, size, 0, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE | MAP_FIXED, -1, 0);
    s64 answers = sys(SYS_madvise, at, size, MADV_DONTNEED) | sys(SYS_madvise, at, size, MADV_FREE)
      | sys(SYS_madvise, at, size, MADV_COLD) | sys(SYS_mprotect, at, size, turn & 1 ? PROT_R : PROT_X)
      | (sys6(SYS_mremap, at, size, size, 3, 2 * size, 0) ^ 2 * size) | sys(SYS_munmap, 2 * size, size, 0);
    if (turn == 9) say("answers", answers);
  }
}

/// Names are bytes: a program whose name is not text, and what the kernel reports to it about itself.
static void bytes_as_names(void) {
  static char program[1 << 18];
  s64 size = read_whole("/proc/self/exe", program, sizeof program);
  const char *path = "/tmp/\xff\xc3(\xa0";
  write_file(path, program, size);
  const char *arguments[] = {"\xfe\x80", "named", 0}, *environment[] = {"A=\xf5", 0};
  say("execve", sys(SYS_execve, path, arguments, environment));
}
static void put_bytes(const char *what, const char *bytes, s64 count) {
  put(what);
  for (s64 i = 0; i < count; i++) { put(" "); hex((u8)bytes[i]); }
  put("\n");
}
static void named(char **argv) {
  static char text[1 << 16];
  put_bytes("argv", argv[0], 2);
  put_bytes("environment", argv[3], 3);
  put_bytes("exe", text, sys4(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", text, sizeof text));
  put_bytes("comm", text, read_whole("/proc/self/comm", text, sizeof text));
  put_bytes("cmdline", text, read_whole("/proc/self/cmdline", text, sizeof text));
  read_whole("/proc/self/stat", text, sizeof text);
  char *name = text;
  while (*name != '(') name++;
  put_bytes("stat", name, 6);
  read_whole("/proc/self/maps", text, sizeof text);
  for (name = text; *name != '/'; name++) {}
  put_bytes("maps", name, 10);
  s64 file = sys(SYS_memfd_create, "\xe9", 0, 0);
  sys(SYS_ftruncate, file, PAGE, 0);
  sys6(SYS_mmap, 0x10000000, PAGE, PROT_R, MAP_PRIVATE | MAP_FIXED, file, 0);
  read_whole("/proc/self/maps", text, sizeof text);
  for (name = text; name[0] != 'm' || name[1] != 'e' || name[2] != 'm'; name++) {}
  put_bytes("memfd", name, 8);
}

static void on_fault(int signal, struct siginfo *info, struct ucontext *context) { quit(77); }

int guest_main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  char *page = map(PAGE, PROT_R | PROT_W);
  page[0] = 0;
  if (same(what, "loop")) for (;;) asm volatile("");
  if (same(what, "jump-to-null")) go(0);
  if (same(what, "jump-to-data")) go((u64)page);
  if (same(what, "jump-misaligned")) go((u64)guest_start + 2);
  if (same(what, "jump-to-kernel")) go(0xffff000000080000);
  if (same(what, "jump-non-canonical")) go(0x0123456789abcdec);
  if (same(what, "load-kernel")) *(volatile u64 *)0xffff000000080000;
  if (same(what, "load-non-canonical")) *(volatile u64 *)0x0023456789abcde8;
  if (same(what, "store-text")) *(volatile u64 *)guest_start = 0;
  if (same(what, "sp-misaligned")) stack_at((u64)page + 8);
  if (same(what, "sp-nowhere")) stack_at(0x1000);
  if (same(what, "stack-overflow")) deep(0);
  if (same(what, "undefined")) asm volatile("udf #0");
  if (same(what, "breakpoint")) asm volatile("brk #1");
  if (same(what, "hvc")) asm volatile(".inst 0xd4000002");
  if (same(what, "privileged")) asm volatile("msr ttbr0_el1, x0");
  if (same(what, "atomic-misaligned")) asm volatile("ldadd x0, x1, [%0]" : : "r"(page + 4) : "x1", "memory");
  if (same(what, "sigreturn-garbage")) { sys(SYS_rt_sigreturn, 0, 0, 0); }
  if (same(what, "handler-without-stack")) { handle(SIGSEGV, on_fault); stack_at(0x1000); }
  if (same(what, "handler-in-data")) { handle(SIGSEGV, (signal_handler *)page); *(volatile char *)0x10 = 0; }
  if (same(what, "eat-memory")) eat_memory();
  if (same(what, "lock-memory")) lock_memory();
  if (same(what, "eat-tables")) eat_tables();
  if (same(what, "absurd-sizes")) { absurd_sizes(); return 0; }
  if (same(what, "shrinking-buffers")) { shrinking_buffers(); return 0; }
  if (same(what, "last-byte")) { last_byte(); return 0; }
  if (same(what, "punched-code")) punched_code(0);
  if (same(what, "punched-code-twice")) punched_code(1);
  if (same(what, "many-areas")) { many_areas(); return 0; }
  if (same(what, "many-texts")) { many_texts(); return 0; }
  if (same(what, "many-tables")) { many_tables(); return 0; }
  if (same(what, "deep-names")) { deep_names(); return 0; }
  if (same(what, "nothing-at-all")) { nothing_at_all(); return 0; }
  if (same(what, "bytes-as-names")) { bytes_as_names(); return 1; }
  if (same(what, "named")) { named(argv); return 0; }
  put("unknown case: ");
  put(what);
  put("\n");
  return 3;
}
