// Writes to a page that another function has made read-only.
#include "guest.h"

static volatile u64 *table;

__attribute__((noinline)) static void seal(void) { sys(SYS_mprotect, table, PAGE, PROT_R); }
__attribute__((noinline)) static void store(u64 index, u64 value) { table[index] = value; }

int guest_main(int argc, char **argv) {
  table = (volatile u64 *)map(PAGE, PROT_R | PROT_W);
  store(0, 1);
  seal();
  store(1, 2);
  return 0;
}
