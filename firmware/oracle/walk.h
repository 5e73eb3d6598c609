// Seeded random walks of system calls and accesses over an arena of pages. After each step they print its result, its faults, and
// all mappings and pages. They are for models that know every named case and must get mixtures of them right too.
#pragma once
#include "memory.h"

static u64 arena;     // in pages
static u64 grain = 1;  // what ranges mostly are multiples of

static u64 random_state;
static u64 below(u64 limit) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (random_state * 0x2545f4914f6cdd1dul >> 33) % limit;
}

/// An argument of the program as a number; -1 if it has none of this position.
static s64 argument(int position) {
  static char arguments[128];
  s64 length = read_whole("/proc/self/cmdline", arguments, sizeof arguments);
  char *at = arguments;
  while (position-- > 0) while (*at++) {}
  return at < arguments + length ? (s64)number(at) : -1;
}

static s64 file;  // a memfd of 40 pages
static int map_kinds = 3, advice_kinds = 15;  // how many of each there are to choose from
static u64 step, page, count;

/// A range of the arena, mostly a short one.
static void range(void) {
  page = below(arena / grain) * grain;
  count = (1 + below(below(4) ? 6 : 24)) * grain;
  // Sometimes a page off the grain.
  if (grain > 1 && below(4) == 0) { page += below(2); count -= below(2); }
  if (page + count > arena) count = arena - page;
}

static void word(const char *what, s64 number) { put(what); dec(number); }
static void on_range(const char *what) { put("\t"); put(what); word(" ", page); word("+", count); }

static s64 do_map(void) {
  static const struct { const char *name; int flags; } kinds[] = {
    {"private", ANON}, {"private", ANON}, {"private", ANON}, {"shared", SHARED_ANON}, {"memfd", MAP_SHARED | MAP_FIXED},
    {"private-memfd", MAP_PRIVATE | MAP_FIXED}};
  static const int protections[] = {RW, RW, RW, PROT_R, 0};
  int kind = below(map_kinds), protection = protections[below(5)];
  // Often the offset continues a neighbour's.
  u64 offset = below(4) ? page % 40 : below(40);
  range();
  on_range("mmap"); put(" "); put(kinds[kind].name); word(" prot ", protection);
  int is_file = kind >= 4;
  if (is_file) word(" offset ", offset);
  s64 result = mmap_at(AT(page), count * PAGE, protection, kinds[kind].flags, is_file ? file : -1, is_file ? offset * PAGE : 0);
  return result == (s64)AT(page) ? 0 : result;
}

static s64 do_protect(void) {
  static const int protections[] = {0, PROT_R, RW, RW};
  int protection = protections[below(4)];
  range();
  on_range("mprotect"); word(" prot ", protection);
  return protect(page, count, protection);
}

static s64 do_advise(void) {
  static const struct { const char *name; int advice; } kinds[] = {
    {"dontneed", MADV_DONTNEED}, {"dontneed", MADV_DONTNEED}, {"free", MADV_FREE}, {"populate-read", MADV_POPULATE_READ},
    {"populate-write", MADV_POPULATE_WRITE}, {"normal", MADV_NORMAL}, {"random", MADV_RANDOM}, {"dontfork", MADV_DONTFORK},
    {"dofork", MADV_DOFORK}, {"cold", MADV_COLD}, {"dontneed-locked", MADV_DONTNEED_LOCKED}, {"remove", MADV_REMOVE},
    {"guard-install", 102}, {"guard-install", 102}, {"guard-remove", 103},
    {"hugepage", MADV_HUGEPAGE}, {"hugepage", MADV_HUGEPAGE}, {"nohugepage", MADV_NOHUGEPAGE},
    {"collapse", MADV_COLLAPSE}, {"collapse", MADV_COLLAPSE}};
  int kind = below(advice_kinds);
  range();
  on_range("madvise"); put(" "); put(kinds[kind].name);
  return advise(page, count, kinds[kind].advice);
}

static s64 do_remap(void) {
  range();
  u64 new_count = count, target = page;
  int flags = 0;
  on_range("mremap");
  switch (below(4)) {
  case 0: new_count = 1 + below(count); break;
  case 1: new_count = count + (1 + below(3)) * grain; break;
  case 2: flags = MREMAP_MAYMOVE | MREMAP_FIXED; break;
  case 3:
    flags = MREMAP_MAYMOVE | MREMAP_FIXED | (below(2) ? MREMAP_DONTUNMAP : 0);
    if (below(3) == 0) new_count = (1 + below(8)) * grain;
    break;
  }
  if (flags) { target = below(arena / grain) * grain; word(" to ", target); }
  if ((flags ? target : page) + new_count > arena) new_count = arena - (flags ? target : page);
  word(" pages ", new_count); word(" flags ", flags);
  s64 result = sys6(SYS_mremap, (s64)AT(page), count * PAGE, new_count * PAGE, flags, (s64)AT(target), 0);
  return result >= (s64)BASE ? (result - (s64)BASE) / (s64)PAGE : result;
}

static s64 do_lock(void) {
  range();
  switch (below(4)) {
  case 0: on_range("mlock"); return sys(SYS_mlock, AT(page), count * PAGE, 0);
  case 1: on_range("mlock on-fault"); return sys(SYS_mlock2, AT(page), count * PAGE, 1);
  default: on_range("munlock"); return sys(SYS_munlock, AT(page), count * PAGE, 0);
  }
}

static s64 do_unmap(void) { range(); on_range("munmap"); return unmap(page, count); }

/// Accesses every page of a range; the result is the number of accesses that ended in a signal.
static s64 do_access(void) {
  static const int choices[] = {0, 0, 7, 7, 7, 13, 19};  // ldr, str, ldadd, cas.miss
  int choice = choices[below(7)];
  range();
  on_range(ops[choice].name);
  s64 signals = 0;
  for (u64 i = 0; i < count; i++) {
    caught.sig = 0;
    ops[choice].f(AT(page + i));
    signals += caught.sig != 0;
    // The contents of a page show where it came from.
    if (choice == 7 && !caught.sig) poke(AT(page + i), step);
  }
  return signals;
}

/// What a range holds, which reads it: the sum of its words, each times its place.
static s64 do_sum(void) {
  range();
  on_range("sum");
  s64 sum = 0;
  for (u64 i = 0; i < count; i++) sum += (i + 1) * (u64)peek(AT(page + i));
  return sum;
}

/// A child that writes a range and ends.
static s64 do_fork(void) {
  range();
  on_range("fork");
  flush();
  s64 child = fork();
  if (!child) {
    for (u64 i = 0; i < count; i++) poke(AT(page + i), 1000000);
    sys(SYS_exit_group, 0, 0, 0);
  }
  s64 status = wait_for(child);
  warm();
  return status;
}

typedef s64 action(void);

/// One step and its row; a row's columns may go on.
static void walk_step(action *next) {
  s64 before = minor_faults(), result = next(), faults = minor_faults() - before;
  column(result);
  // After a fork the program's own pages fault too.
  if (next == do_fork) text("-"); else column(faults);
  areas(0, arena); pages(AT(0), arena); column(status("VmLck:"));
}
