// Computes for ever while the virtual timer is armed for a time that never comes. It is measured between two instruction counts,
// and prints nothing.
#include "../../el1/el1.h"

static volatile u64 word;

int el1_main(u64 tree) {
  (void)tree;
  write_register(cntv_cval_el0, 1ul << 50);
  write_register(cntv_ctl_el0, 1);
  isb();
  for (u64 i = 0;; i++) {
    asm volatile("add x1, x1, #1\n eor x2, x2, x1\n add x3, x3, x2\n orr x4, x3, x1" : : : "x1", "x2", "x3", "x4");
    word = i;
  }
}
