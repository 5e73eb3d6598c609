// Reads a buffer after its owner has unmapped it.
#include "guest.h"

static char *buffer;

__attribute__((noinline)) static void prepare(void) { buffer = map(2 * PAGE, PROT_R | PROT_W); }
__attribute__((noinline)) static void release(void) { sys(SYS_munmap, buffer, 2 * PAGE, 0); }
__attribute__((noinline)) static char look(int index) { return ((volatile char *)buffer)[index]; }

int guest_main(int argc, char **argv) {
  prepare();
  buffer[100] = 'x';
  char before = look(100);
  release();
  return before + look(100);
}
