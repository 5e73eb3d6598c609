// A thread of two reads far behind the end of an array, and the whole process dies.
#include "tasks.h"

static u64 samples[8];

__attribute__((noinline)) static u64 sample(u64 index) { return ((volatile u64 *)samples)[index]; }

s64 start_thread(u64 flags, char *stack);
asm(".text\n.globl start_thread\nstart_thread: mov x8, #220\n mov x2, #0\n mov x3, #0\n mov x4, #0\n svc #0\n cbz x0, 1f\n ret\n"
    "1: mov x29, #0\n mov x30, #0\n b work\n");
void work(void) {
  sample(1ul << 40);
  for (;;) sys(SYS_exit, 0, 0, 0);
}

int guest_main(int argc, char **argv) {
  start_thread(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM, new_stack());
  for (;;) yield();
}
