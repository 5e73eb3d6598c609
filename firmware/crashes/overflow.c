// Recurses without an end.
#include "guest.h"

__attribute__((noinline)) static u64 depth(u64 level) {
  volatile char frame[512];
  frame[0] = (char)level;
  return depth(level + 1) + frame[0];
}

int guest_main(int argc, char **argv) { return (int)depth(0); }
