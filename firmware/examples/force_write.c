// Touches fresh pages with LDR, STR and LDADD, and prints how many minor faults each takes for a page.
//
// An atomic on a page that is not present reports a read first (WnR = 0), because a plain read would have faulted too. Stock Linux
// therefore maps the shared zero page, and the retried atomic faults again to replace it: two faults for a page. A kernel that sees
// from the instruction that a write will follow takes one fault:
//
//   faultline run build/firmware/examples/force_write
//   faultline run --atomic-faults force-write-v5 build/firmware/examples/force_write
#include "guest.h"

enum { PAGES = 256 };

static void load(char *page) { asm volatile("ldr x9, [%0]" : : "r"(page) : "x9", "memory"); }
static void store(char *page) { asm volatile("str xzr, [%0]" : : "r"(page) : "memory"); }
static void add(char *page) { asm volatile("ldadd xzr, x9, [%0]" : : "r"(page) : "x9", "memory"); }

static void touch(const char *name, void (*instruction)(char *)) {
  char *fresh = map(PAGES * PAGE, PROT_R | PROT_W);
  s64 before = minor_faults();
  for (u64 i = 0; i < PAGES; i++) instruction(fresh + i * PAGE);
  s64 faults = minor_faults() - before;
  put(name);
  put(": ");
  dec(PAGES);
  put(" pages, ");
  dec(faults);
  put(" minor faults, ");
  dec(faults / PAGES);
  put(" a page\n");
}

int guest_main(int argc, char **argv) {
  (void)minor_faults();  // the first call may itself fault on this stack page
  touch("ldr  ", load);
  touch("str  ", store);
  touch("ldadd", add);
  return 0;
}
