// The cost of one pass over 512 pages in minor faults, by the kind of memory: base pages, a huge page, shared memory, a file's
// pages that are in the cache already, and pages shared with a child.
#include "guest.h"

#define PAGES 512ul
#define HUGE (PAGES * PAGE)
static volatile char *area;

static void report(const char *what, s64 faults) {
  put(what); put(": "); dec(faults); put("\n");
}
/// Reads, or reads and writes, one byte of each page, and returns the number of faults.
static s64 pass(int writes) {
  s64 before = minor_faults();
  for (u64 page = 0; page < PAGES; page++) {
    char byte = area[page * PAGE];
    if (writes) area[page * PAGE] = byte + 1;
  }
  return minor_faults() - before;
}
static void map_at(int flags, s64 file) { sys6(SYS_mmap, (s64)area, HUGE, PROT_R | PROT_W, flags | MAP_FIXED, file, 0); }

int guest_main(int argc, char **argv) {
  char *room = (char *)sys6(SYS_mmap, 0, 2 * HUGE, 0, MAP_PRIVATE | MAP_ANON, -1, 0);
  area = (char *)(((u64)room + HUGE - 1) & ~(HUGE - 1));
  (void)minor_faults();

  map_at(MAP_PRIVATE | MAP_ANON, -1);
  sys(SYS_madvise, area, HUGE, MADV_NOHUGEPAGE);
  report("base pages, read                        ", pass(0));
  report("base pages, then written                ", pass(1));
  flush();
  s64 child = fork();
  if (!child) { report("base pages, written by a forked child   ", pass(1)); quit(0); }
  wait_for(child);
  report("base pages, then by the parent          ", pass(1));

  map_at(MAP_PRIVATE | MAP_ANON, -1);
  sys(SYS_madvise, area, HUGE, MADV_HUGEPAGE);
  report("a huge page, read and written           ", pass(1));

  s64 file = sys(SYS_memfd_create, "kinds", 0, 0);
  sys(SYS_ftruncate, file, HUGE, 0);
  map_at(MAP_SHARED, file);
  report("shared memory, read and written         ", pass(1));
  map_at(MAP_SHARED, file);
  report("the same, mapped again: 16 pages a fault", pass(0));
  map_at(MAP_PRIVATE, file);
  report("a private mapping of it, written        ", pass(1));
  return 0;
}
