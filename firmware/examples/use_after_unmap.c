// Reads a buffer that its owner has already given back, and dies with SIGSEGV: a crash to practise on.
#include "guest.h"

struct queue {
  char *buffer;
  u64 used;
};

__attribute__((noinline)) static void append(struct queue *queue, const char *text) {
  while (*text) queue->buffer[queue->used++] = *text++;
}

__attribute__((noinline)) static void release(struct queue *queue) { sys(SYS_munmap, queue->buffer, PAGE, 0); }

__attribute__((noinline)) static int checksum(struct queue *queue) {
  int sum = 0;
  for (u64 i = 0; i < queue->used; i++) sum += queue->buffer[i];
  return sum;
}

int guest_main(int argc, char **argv) {
  struct queue queue = { map(PAGE, PROT_R | PROT_W), 0 };
  append(&queue, "three questions, two faults, one page");
  put("checksum "); dec(checksum(&queue)); put("\n");
  flush();
  release(&queue);
  put("checksum "); dec(checksum(&queue)); put("\n");  // the bug: the buffer is gone
  return 0;
}
