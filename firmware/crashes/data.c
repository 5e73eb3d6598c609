// Jumps into data: an array of instructions that was never made executable.
#include "guest.h"

static u32 code[2] = { 0xd2800540, 0xd65f03c0 };  // mov x0, #42; ret

__attribute__((noinline)) static u64 run(void *code) {
  u64 result = ((u64 (*)(void))code)();
  asm volatile("");
  return result;
}

int guest_main(int argc, char **argv) { return (int)run(code); }
