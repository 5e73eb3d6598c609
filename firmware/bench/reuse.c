// reuse PASSES: runs a function that it has written into a page, then fills that page with data, eight bytes at a time, PASSES
// times. A machine that keeps decoded instructions must notice the first store; the benchmark measures the cost of the later ones.
#include "guest.h"

int guest_main(int argc, char **argv) {
  if (argc != 2) { put("usage: reuse PASSES\n"); return 2; }
  u64 passes = number(argv[1]);
  char *page = map(PAGE, PROT_R | PROT_W | PROT_X);
  if ((u64)page > -PAGE) { put("mmap failed\n"); return 1; }
  *(volatile u32 *)page = 0xd2800540u;       // mov x0, #42
  *(volatile u32 *)(page + 4) = 0xd65f03c0u;  // ret
  asm volatile("dc cvau, %0\n dsb ish\n ic ivau, %0\n dsb ish\n isb" : : "r"(page) : "memory");
  u64 answer = ((u64 (*)(void))page)();
  for (u64 i = 0; i < passes; i++)
    asm volatile(
      "mov x3, %0\n add x4, x3, #4096\n"
      "1: str %1, [x3], #8\n cmp x3, x4\n b.lo 1b\n"
      : : "r"(page), "r"(i) : "x3", "x4", "memory", "cc");
  put("reuse\t"); dec(passes); put("\t"); dec(answer); put("\t"); dec(*(volatile u64 *)(page + 8)); put("\n");
  return 0;
}
