// tlb [clock] PAGES PASSES [STRIDE]: an atomic on each of PAGES mapped pages, STRIDE pages apart (1), PASSES times over: with
// more pages than a TLB has entries every iteration walks the tables. Prints pages and passes, and with `clock` the nanoseconds
// of all passes.
//
// QEMU's software TLB doubles at a flush when it was more than 70 % full, and so ends the misses. With a stride of 2 half of its
// entries never fill.
#include "guest.h"

static void pass(char *from, char *to, u64 stride) {
  asm volatile(
    "mov x3, %0\n mov x4, %1\n mov x5, %2\n"
    "2: ldadd xzr, xzr, [x3]\n add x3, x3, x5\n cmp x3, x4\n b.lo 2b\n"
    : : "r"(from), "r"(to), "r"(stride) : "x3", "x4", "x5", "memory", "cc");
}

static s64 nanoseconds(void) {
  s64 time[2];
  sys(SYS_clock_gettime, 1, time, 0);
  return time[0] * 1000000000 + time[1];
}

int guest_main(int argc, char **argv) {
  int clock = argc > 1 && same(argv[1], "clock");
  if (clock) argc--, argv++;
  if (argc != 3 && argc != 4) { put("usage: tlb [clock] PAGES PASSES [STRIDE]\n"); return 2; }
  u64 pages = number(argv[1]), passes = number(argv[2]), stride = (argc == 4 ? number(argv[3]) : 1) * PAGE;
  // With a stride the area consists mostly of holes, for which no kernel would reserve memory.
  char *area = (char *)sys6(SYS_mmap, 0, pages * stride, PROT_R | PROT_W, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);
  if ((u64)area > -PAGE) { put("mmap failed\n"); return 1; }
  sys(SYS_madvise, area, pages * stride, MADV_NOHUGEPAGE);
  for (u64 i = 0; i < pages; i++) *(volatile u64 *)(area + i * stride) = 1;  // mapped and writable: no fault below
  s64 start = nanoseconds();
  for (u64 i = 0; i < passes; i++) pass(area, area + pages * stride, stride);
  s64 time = nanoseconds() - start;
  dec(pages);
  put("\t"); dec(passes);
  if (clock) { put("\t"); dec(time); }
  put("\n");
  return 0;
}
