// cpu LOOP ITERATIONS: runs one of the hot loops of builtin.S. The loop ends the program itself, with status 0.
// Loops: alu (one dependency chain), alu-parallel, memory (passes over 64 KiB), branches.
#include "guest.h"

extern char cpu_alu[], cpu_alu_parallel[], cpu_memory[], cpu_branches[];

static const struct { const char *name; char *entry; } loops[] = {
  {"alu", cpu_alu}, {"alu-parallel", cpu_alu_parallel}, {"memory", cpu_memory}, {"branches", cpu_branches},
};

int guest_main(int argc, char **argv) {
  if (argc != 3) { put("usage: cpu LOOP ITERATIONS\n"); return 2; }
  for (int i = 0; i < 4; i++) {
    if (!same(loops[i].name, argv[1])) continue;
    register u64 iterations asm("x20") = number(argv[2]);
    if (iterations == 0) return 2;
    asm volatile("br %0" : : "r"(loops[i].entry), "r"(iterations) : "memory");
    __builtin_unreachable();
  }
  put("no such loop: ");
  put(argv[1]);
  put("\n");
  return 2;
}
