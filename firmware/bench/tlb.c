// tlb [clock] PAGES PASSES: an atomic on each of PAGES mapped pages, PASSES times over: with more pages than a TLB has entries
// every iteration walks the tables. Prints pages and passes, and with `clock` the nanoseconds of all passes.
#include "guest.h"

static void pass(char *from, char *to) {
  asm volatile(
    "mov x3, %0\n mov x4, %1\n"
    "2: ldadd xzr, xzr, [x3]\n add x3, x3, #4096\n cmp x3, x4\n b.lo 2b\n"
    : : "r"(from), "r"(to) : "x3", "x4", "memory", "cc");
}

static s64 nanoseconds(void) {
  s64 time[2];
  sys(SYS_clock_gettime, 1, time, 0);
  return time[0] * 1000000000 + time[1];
}

int guest_main(int argc, char **argv) {
  int clock = argc > 1 && same(argv[1], "clock");
  if (clock) argc--, argv++;
  if (argc != 3) { put("usage: tlb [clock] PAGES PASSES\n"); return 2; }
  u64 pages = number(argv[1]), passes = number(argv[2]);
  char *area = map(pages * PAGE, PROT_R | PROT_W);
  if ((u64)area > -PAGE) { put("mmap failed\n"); return 1; }
  for (u64 i = 0; i < pages; i++) *(volatile u64 *)(area + i * PAGE) = 1;  // mapped and writable: no fault below
  s64 start = nanoseconds();
  for (u64 i = 0; i < passes; i++) pass(area, area + pages * PAGE);
  s64 time = nanoseconds() - start;
  dec(pages);
  put("\t"); dec(passes);
  if (clock) { put("\t"); dec(time); }
  put("\n");
  return 0;
}
