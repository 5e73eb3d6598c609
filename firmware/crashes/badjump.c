// Calls a function through a pointer that was overwritten by text.
#include "guest.h"

static struct { char name[8]; void (*run)(void); } object;

__attribute__((noinline)) static void name(const char *text) {
  volatile char *at = object.name;
  while (*text) *at++ = *text++;
}
__attribute__((noinline)) static void call(void) {
  object.run();
  asm volatile("");
}

int guest_main(int argc, char **argv) {
  name("long nameAAAAAAA");
  call();
  return 0;
}
