// Children that take all memory: the out-of-memory killer ends them, and the parent continues.
// It does not know the size of memory.
#include "tasks.h"

static void takes_all(void) {
  for (;;) {
    char *memory = map(64 * PAGE, PROT_R | PROT_W);
    for (int i = 0; i < 64; i++) memory[i * PAGE] = 1;
  }
}
static void show(const char *what, s64 child) {
  int status = -1;
  wait4(child, &status, 0);
  put(what); put(": status 0x"); hex((u32)status); put("\n");
}

int guest_main(int argc, char **argv) {
  s64 child = spawn();
  if (child == 0) takes_all();
  show("child that takes all", child);
  // The parent asks for the last page, and gets it nevertheless.
  int *shared = share();
  child = spawn();
  if (child == 0) {
    for (int i = 0; i < 50; i++) {
      char *memory = map(64 * PAGE, PROT_R | PROT_W);
      for (int n = 0; n < 64; n++) memory[n * PAGE] = 1;
    }
    shared[0] = 1;
    takes_all();
  }
  while (!shared[0]) yield();
  char *memory = map(64 * PAGE, PROT_R | PROT_W);
  for (int i = 0; i < 64; i++) memory[i * PAGE] = 1, yield();
  show("parent beside it", child);
  memory = map(1000 * PAGE, PROT_R | PROT_W);
  for (int i = 0; i < 1000; i++) memory[i * PAGE] = 1;
  put("memory is there again: 0\n");
  return 0;
}
