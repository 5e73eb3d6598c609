// A random walk over all kinds of memory at once: anonymous, shared, memfd and ramfs files, truncated, copied to and from, locked,
// and passed to children that live for a while. It does not know how many walks a program takes.
#pragma once
#include "walk.h"

/// Whether rows are not printed but added to a hash.
static int rows_are_hashed;
static u64 hash_of_rows;
static volatile u64 *hash_of_child;  // shared with the child
static void hash(u64 value) { hash_of_rows = (hash_of_rows ^ value) * 0x100000001b3ul; }
static void pass_rows(void) {
  if (!rows_are_hashed) { flush(); return; }
  for (u64 i = 0; i < output_length; i++) hash((u8)output[i]);
  output_length = 0;
}

static s64 files[2];  // a memfd, a file of the ramfs
static u64 file_pages;
static s64 child, child_pipe[2];  // a child that waits for a byte
static s64 break_start, size_at_start;

static s64 any_file(const char **name) {
  int which = below(2);
  *name = which ? "file" : "memfd";
  return files[which];
}

static s64 mix_map(void) {
  static const struct { const char *name; int flags, file; } kinds[] = {
    {"private", MAP_PRIVATE | MAP_ANON, -1}, {"private", MAP_PRIVATE | MAP_ANON, -1}, {"shared", MAP_SHARED | MAP_ANON, -1},
    {"memfd", MAP_SHARED, 0}, {"private-memfd", MAP_PRIVATE, 0}, {"file", MAP_SHARED, 1}, {"private-file", MAP_PRIVATE, 1},
    {"down", MAP_PRIVATE | MAP_ANON | MAP_GROWSDOWN, -1}};
  static const int protections[] = {RW, RW, RW, RW, PROT_R, 0, PROT_R | PROT_X, PROT_W};
  static const int more[] = {0, 0, 0, 0, MAP_POPULATE, MAP_NORESERVE, MAP_LOCKED, MAP_POPULATE};
  int kind = below(8), protection = protections[below(8)], flags = kinds[kind].flags | more[below(8)];
  u64 offset = below(3) ? page % file_pages : below(file_pages / grain + 2) * grain;
  range();
  flags |= below(6) ? MAP_FIXED : MAP_FIXED_NOREPLACE;
  on_range("mmap"); put(" "); put(kinds[kind].name); word(" prot ", protection); put(" flags "); hex(flags);
  int is_file = kinds[kind].file >= 0;
  if (is_file) word(" offset ", offset);
  s64 result = mmap_at(AT(page), count * PAGE, protection, flags, is_file ? files[kinds[kind].file] : -1, is_file ? offset * PAGE : 0);
  return result == (s64)AT(page) ? 0 : result;
}

static s64 mix_protect(void) {
  static const int protections[] = {0, PROT_R, RW, RW, RW, PROT_X, PROT_W, PROT_R | PROT_X};
  int protection = protections[below(8)];
  range();
  on_range("mprotect"); word(" prot ", protection);
  return protect(page, count, protection);
}

static s64 mix_advise(void) {
  static const int advices[] = {
    MADV_DONTNEED, MADV_DONTNEED, MADV_DONTNEED, MADV_FREE, MADV_FREE, MADV_POPULATE_READ, MADV_POPULATE_WRITE, MADV_POPULATE_WRITE,
    MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_REMOVE, MADV_DONTFORK, MADV_DOFORK, MADV_HUGEPAGE, MADV_NOHUGEPAGE,
    MADV_WIPEONFORK, MADV_KEEPONFORK, MADV_COLD, MADV_PAGEOUT, MADV_DONTNEED_LOCKED, MADV_COLLAPSE, 102, 102, 103, 103, 16, 17};
  int advice = advices[below(sizeof advices / sizeof *advices)];
  range();
  on_range("madvise"); word(" ", advice);
  return advise(page, count, advice);
}

static s64 mix_remap(void) {
  // Sometimes the call is on nothing: another mapping of shared pages.
  if (below(8)) return do_remap();
  range();
  u64 target = below(arena / grain) * grain, new_count = (1 + below(6)) * grain;
  on_range("mremap-of-none"); word(" to ", target);
  if (target + new_count > arena) new_count = arena - target;
  word(" pages ", new_count);
  s64 result = sys6(SYS_mremap, (s64)AT(page), 0, new_count * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (s64)AT(target), 0);
  return result >= (s64)BASE ? (result - (s64)BASE) / (s64)PAGE : result;
}

/// Accesses every page of a range; each signal, with its place, is added to a sum.
static u64 touch_pages(int op, s64 *signals) {
  u64 sum = 0;
  *signals = 0;
  for (u64 i = 0; i < count; i++) {
    caught.sig = 0;
    ops[op].f(AT(page + i));
    if (!caught.sig) continue;
    ++*signals;
    sum = sum * 31 + (i + 1) * (caught.sig * 1000 + caught.code * 10000 + caught.esr);
  }
  return sum;
}
static int any_op(void) {
  static const int choices[] = {0, 0, 7, 7, 12, 13, 15, 19, 22};
  return choices[below(9)];
}
static s64 mix_access(void) {
  int op = any_op();
  s64 signals;
  range();
  on_range(ops[op].name);
  u64 sum = touch_pages(op, &signals);
  if (signals) { put(" signals "); hex(sum & 0xffffffff); }
  for (u64 i = 0; i < count; i++) { caught.sig = 0; if (op == 7) poke(AT(page + i), step * 1000 + page + i); }
  return signals;
}

/// Calls that copy between a file and a range, from anywhere in a page.
static s64 mix_copy(void) {
  const char *name;
  s64 file = any_file(&name);
  int writes = below(2);
  range();
  u64 offset = below(file_pages) * PAGE + below(3) * 0x808, shift = below(3) * 0x404;
  on_range(writes ? "pwrite" : "pread"); put(" "); put(name); word(" ", offset); word(" shift ", shift);
  return sys4(writes ? SYS_pwrite64 : SYS_pread64, file, AT(page) + shift, count * PAGE - below(2) * 0x900, offset);
}

static s64 mix_size(void) {
  const char *name;
  s64 file = any_file(&name);
  u64 first = below(file_pages + grain), size = (1 + below(6)) * grain;
  switch (below(4)) {
  case 0: {
    s64 bytes = first * PAGE + below(2) * 0x880;
    put("\ttruncate "); put(name); word(" ", bytes);
    return sys(SYS_ftruncate, file, bytes, 0);
  }
  case 1:
    put("\ttruncate "); put(name); word(" ", file_pages * PAGE);
    return sys(SYS_ftruncate, file, file_pages * PAGE, 0);
  case 2:
    put("\tpunch "); put(name); word(" ", first); word("+", size);
    return sys4(SYS_fallocate, file, 3, first * PAGE + below(2) * 0x880, size * PAGE);
  default:
    put("\tallocate "); put(name); word(" ", first); word("+", size);
    return sys4(SYS_fallocate, file, 0, first * PAGE, size * PAGE);
  }
}

static s64 mix_mincore(void) {
  static u8 present[1600];
  range();
  on_range("mincore");
  s64 result = sys(SYS_mincore, AT(page), count * PAGE, present);
  if (!result) {
    put(" ");
    for (u64 i = 0, run = 1; i < count; i++, run++) {
      if (i + 1 < count && present[i] == present[i + 1]) continue;
      dec(run); put(present[i] ? "y" : "n");
      run = 0;
    }
  }
  return result;
}

static s64 mix_break(void) {
  u64 size = below(12);
  put("\tbrk "); dec(size);
  s64 result = sys(SYS_brk, break_start + size * PAGE, 0, 0) - break_start;
  for (u64 i = 0; i < size; i++) if (below(2)) poke((char *)break_start + i * PAGE, 1);
  return result;
}

static s64 mix_sync(void) {
  static const int flags[] = {1, 2, 4, 6, 5};
  int flag = flags[below(5)];
  range();
  on_range("msync"); word(" ", flag);
  return sys(SYS_msync, AT(page), count * PAGE, flag);
}

/// What a range holds.
static s64 sum_of_range(void) {
  s64 sum = 0;
  for (u64 i = 0; i < count; i++) sum += (i + 1) * (u64)peek(AT(page + i));
  return sum;
}
static s64 mix_sum(void) { range(); on_range("sum"); return sum_of_range(); }

/// Touches the rest of the stack too, because the address at which its pages begin is random.
static void warm_all(void) {
  warm();
  char here = 0;
  for (u64 at = (u64)&here & -PAGE; at <= (u64)stack_top; at += PAGE) *(volatile char *)at = *(volatile char *)at;
}

/// A child that waits, then touches a range and prints what it found; it ends at the next such step.
static s64 mix_fork(void) {
  if (child) {
    put("\tchild ends: ");
    pass_rows();
    sys(SYS_write, child_pipe[1], "", 1);
    s64 status = wait_for(child);
    child = 0;
    if (rows_are_hashed) hash(*hash_of_child);
    sys(SYS_close, child_pipe[0], 0, 0); sys(SYS_close, child_pipe[1], 0, 0);
    warm_all();
    return status;
  }
  int op = any_op();
  range();
  on_range("fork"); put(" "); put(ops[op].name);
  int pipe[2];
  sys(SYS_pipe2, pipe, 0, 0);
  child_pipe[0] = pipe[0]; child_pipe[1] = pipe[1];
  child = fork();
  if (!child) {
    warm_all();
    output_length = 0;
    char byte;
    sys(SYS_read, child_pipe[0], &byte, 1);
    pages(AT(0), arena);
    s64 signals, before = minor_faults();
    u64 sum = touch_pages(op, &signals);
    s64 after = minor_faults();
    column(signals); column(sum & 0xffffffff); column(after - before); column(sum_of_range());
    areas(0, arena); pages(AT(0), arena); column(status("VmLck:"));
    hash_of_rows = 0;
    pass_rows();
    if (rows_are_hashed) *hash_of_child = hash_of_rows;
    sys(SYS_exit_group, 0, 0, 0);
  }
  warm_all();
  return 0;
}

/// Sums of smaps over the arena. Programs that were recorded before the later labels were compared show only the first.
static const char *const labels[] = {
  "Rss:", "Pss:", "Shared_Clean:", "Shared_Dirty:", "Private_Clean:", "Private_Dirty:", "Anonymous:", "AnonHugePages:",
  "ShmemPmdMapped:", "Locked:",
  "Referenced:", "LazyFree:", "Pss_Dirty:", "KSM:", "FilePmdMapped:", "Shared_Hugetlb:", "Private_Hugetlb:", "Swap:", "SwapPss:",
  "THPeligible:"};
enum { LABELS = sizeof labels / sizeof *labels, FIRST_LABELS = 10 };
static int labels_shown = LABELS;
static void sums_of_smaps(void) {
  s64 sums[LABELS] = {0};
  read_whole("/proc/self/smaps", proc_text, sizeof proc_text);
  u64 start = 0;
  for (const char *at = proc_text; *at;) {
    if ((*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'f')) { const char *digits = at; start = parse_hex(&digits); }
    else if (start >= BASE && start < (u64)AT(arena))
      for (int i = 0; i < labels_shown; i++) {
        s64 value = number_behind_line(at, labels[i]);
        if (value > 0) sums[i] += value;
      }
    while (*at && *at++ != '\n') {}
  }
  for (int i = 0; i < labels_shown; i++) word(i ? " " : "\t", sums[i]);
}
static s64 mix_sizes(void) {
  put("\tstatus"); word(" ", status("VmSize:") - size_at_start); word(" ", status("VmData:"));
  return 0;
}

static action *const actions[] = {
  mix_map, mix_map, mix_map, mix_map, mix_map, mix_protect, mix_protect, mix_access, mix_access, mix_access, mix_access, mix_access,
  mix_advise, mix_advise, mix_advise, mix_advise, mix_advise, mix_advise, mix_remap, mix_remap, mix_remap, do_unmap, do_lock, do_lock,
  mix_copy, mix_copy, mix_size, mix_size, mix_mincore, mix_break, mix_sync, mix_sum, mix_fork, mix_fork, mix_sizes};

/// One walk, of a process that has taken none before.
static void walk(u64 seed, u64 pages_of_grain, u64 steps) {
  grain = pages_of_grain;
  arena = grain > 1 ? 2048 : 80;
  file_pages = grain > 1 ? 1024 : 48;
  random_state = 0x9e3779b97f4a7c15ul * seed;
  files[0] = memfd("walk", file_pages);
  files[1] = open_file("/walk-data", O_CREAT | O_TRUNC | O_RDWR, 0600);
  sys(SYS_ftruncate, files[1], file_pages * PAGE, 0);
  break_start = sys(SYS_brk, 0, 0, 0);
  size_at_start = status("VmSize:");
  mmap_at(AT(0), arena * PAGE, RW, ANON, -1, 0);
  for (step = 1; step <= steps; step++) {
    action *next = actions[below(sizeof actions / sizeof *actions)];
    dec(seed); put("."); dec(grain); put("."); dec(step);
    s64 before = minor_faults(), result = next(), faults = minor_faults() - before;
    column(result);
    if (next == mix_fork || next == mix_break) text("-"); else column(faults);
    areas(0, arena); pages(AT(0), arena); column(status("VmLck:")); sums_of_smaps(); put("\n"); pass_rows();
  }
  if (child) { mix_fork(); put("\n"); pass_rows(); }
}

/// What each program does first. The huge zero page is there then, and known.
static void walks_start(void) {
  memory_start();
  warm_all();
  names_hidden = 1;
  khugepaged_rests();
  pagemap(AT(8192), 1);
  huge_zero_frame = page_words[0] & ((1ul << 55) - 1);
}
