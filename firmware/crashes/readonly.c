// Writes to a constant.
#include "guest.h"

static const char greeting[] = "hello";

__attribute__((noinline)) static void upper(char *text) {
  for (; *text; text++) *(volatile char *)text = *text - 32;
}

int guest_main(int argc, char **argv) {
  upper((char *)greeting);
  return 0;
}
