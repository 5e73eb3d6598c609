// Adds atomically to a counter that is not aligned.
#include "guest.h"

static char buffer[64] __attribute__((aligned(16)));

__attribute__((noinline)) static void count(char *at) {
  asm volatile("ldaddal %0, xzr, [%1]" : : "r"(1ul), "r"(at) : "memory");
}

int guest_main(int argc, char **argv) {
  count(buffer + 13);
  return 0;
}
