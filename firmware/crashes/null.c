// Walks a list whose last element leads to null, and reads the value behind it.
#include "guest.h"

struct node { u64 value; struct node *next; };
static struct node second = { 2, 0 }, first = { 1, &second };

__attribute__((noinline)) static u64 sum(struct node *node, int count) {
  u64 total = 0;
  for (int i = 0; i < count; i++, node = node->next) total += node->value;
  return total;
}

int guest_main(int argc, char **argv) {
  struct node *volatile list = &first;
  return (int)sum(list, 3);
}
