// Minor faults taken to touch a fresh private mapping once per page, by instruction, with base pages and with huge pages.
#include "oracle.h"

#define HUGE (2ul << 20)

static void touch(const char *kind, int i, u64 size, int advice) {
  char *area = (char *)sys6(SYS_mmap, 0, size + HUGE, PROT_R | PROT_W, MAP_PRIVATE | MAP_ANON, -1, 0);
  char *aligned = (char *)(((u64)area + HUGE - 1) & ~(HUGE - 1));
  sys(SYS_madvise, aligned, size, advice);
  s64 before = minor_faults();
  for (u64 offset = 0; offset < size; offset += PAGE) ops[i].f(aligned + offset);
  s64 after = minor_faults();
  put(kind);
  put("\t"); put(ops[i].name);
  put("\t"); dec(size / PAGE);
  put("\t"); dec(after - before);
  put("\n");
  sys(SYS_munmap, area, size + HUGE, 0);
}

int oracle_main(void) {
  (void)minor_faults();
  for (int i = 0; i < NTOUCHES; i++) touch("base", i, 1024 * PAGE, MADV_NOHUGEPAGE);
  for (int i = 0; i < NTOUCHES; i++) touch("thp", i, 16ul << 20, MADV_HUGEPAGE);
  return 0;
}
