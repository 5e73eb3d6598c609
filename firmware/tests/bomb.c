// Forks until that fails, twice; the children wait until they are killed. It prints the number of children and the error.
// It does not know any limit.
#include "tasks.h"

int guest_main(int argc, char **argv) {
  for (int round = 0; round < 2; round++) {
    s64 error, children = 0;
    for (;; children++) {
      s64 child = spawn();
      if (child == 0)
        for (;;) pause_task();
      error = child;
      if (child < 0) break;
    }
    kill(-1, SIGKILL);
    while (wait4(-1, 0, 0) > 0) {}
    dec(children); put(" children, then "); dec(error); put("\n");
  }
  return 0;
}
