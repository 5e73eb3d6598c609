// Alternates between EL0 and EL1 for ever: EL0 loads, stores and calls; EL1 saves registers, loads and stores, and returns. It is
// measured between two instruction counts, and prints nothing.
#include "../../el1/el1.h"

extern char round_vectors[], round_user[];
asm(".balign 2048\n"
    "round_vectors:\n"
    ".space 0x400\n"
    "  sub  sp, sp, #32\n"        // 0x400: a synchronous exception from EL0
    "  stp  x0, x1, [sp]\n"
    "  mrs  x0, esr_el1\n"
    "  mrs  x1, elr_el1\n"
    "  stp  x0, x1, [sp, #16]\n"
    "  ldp  x0, x1, [sp]\n"
    "  add  sp, sp, #32\n"
    "  eret\n"
    ".balign 2048\n"
    "round_user:\n"
    "1:ldr  x2, [x0]\n"
    "  add  x2, x2, #1\n"
    "  str  x2, [x0]\n"
    "  ldr  x3, [x0, #8]\n"
    "  svc  #0\n"
    "  b    1b\n");

int el1_main(u64 tree) {
  (void)tree;
  u64 data = window(WINDOW_DATA0, user_stack, 0) - HIGH;
  write_register(vbar_el1, round_vectors);
  write_register(spsr_el1, EL0T | DAIF);
  write_register(elr_el1, window(WINDOW_CODE0, round_user, 0) - HIGH);
  isb();
  asm volatile("mov x0, %0\n eret" : : "r"(data));
  __builtin_unreachable();
}
