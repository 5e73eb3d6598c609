// Brings the kernel to a panic, in the way that its argument names. It does not know what a panic looks like from outside.
#include "tasks.h"

enum { MADV_HWPOISON = 100 };

static void set(const char *path, const char *value) {
  u64 length = 0;
  while (value[length]) length++;
  s64 file = open_file(path, O_WRONLY, 0);
  if (sys(SYS_write, file, value, length) != (s64)length) { put("cannot write "); put(path); put("\n"); quit(1); }
  sys(SYS_close, file, 0, 0);
}
static void take_all_memory(void) {
  char *memory = (char *)sys6(SYS_mmap, 0, 1ul << 36, PROT_R | PROT_W, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);
  for (;; memory += PAGE) *(volatile char *)memory = 1;
}

int guest_main(int argc, char **argv) {
  const char *way = argc > 1 ? argv[1] : "";
  char *page = map(PAGE, PROT_R | PROT_W);
  if (same(way, "out-of-memory")) {
    set("/proc/sys/vm/panic_on_oom", "1");
    take_all_memory();
  } else if (same(way, "out-of-memory-for-sure")) {
    set("/proc/sys/vm/panic_on_oom", "2");
    take_all_memory();
  } else if (same(way, "all-protected")) {
    set("/proc/self/oom_score_adj", "-1000");
    take_all_memory();
  } else if (same(way, "no-recovery")) {
    set("/proc/sys/vm/memory_failure_recovery", "0");
    page[0] = 1;
    sys(SYS_madvise, page, PAGE, MADV_HWPOISON);
  } else if (same(way, "zero-page")) {
    set("/proc/sys/vm/panic_on_unrecoverable_memory_failure", "1");
    (void)*(volatile char *)page;
    sys(SYS_madvise, page, PAGE, MADV_HWPOISON);
  }
  put("no panic\n");
  return 0;
}
