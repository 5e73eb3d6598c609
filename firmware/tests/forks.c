// Forks and waits until process ids have been reused more than once. Tables and memory must not grow, and every child must be the
// one that is waited for. It does not know any id.
#include "tasks.h"

int guest_main(int argc, char **argv) {
  s64 last = 0, rounds = 0;
  for (int i = 0; i < 70000; i++) {
    s64 child = fork();
    if (child == 0) sys(SYS_exit_group, 1, 0, 0);
    if (child < last) rounds++;
    last = child;
    int status;
    if (wait4(child, &status, 0) != child || status != 0x100) { put("WRONG\n"); return 1; }
  }
  put("ids came round "); dec(rounds); put(" times\n");
  return 0;
}
