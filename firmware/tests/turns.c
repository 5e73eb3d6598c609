// Two tasks that never give way, each of which marks its progress in one shared string. The order of the marks is the order of
// their turns. It does not know time.
#include "tasks.h"

int guest_main(int argc, char **argv) {
  char *marks = (char *)share();
  s64 child = spawn();
  for (int i = 0; i < 100; i++) {
    for (volatile int n = 0; n < 100000; n++) {}
    // One instruction reserves a place, so that no place is lost at the end of a turn.
    u64 place, one = 1;
    asm volatile("ldadd %1, %0, [%2]" : "=r"(place) : "r"(one), "r"(marks) : "memory");
    marks[8 + place] = child ? 'a' : 'b';
  }
  if (child == 0) leave(0);
  int status;
  wait4(child, &status, 0);
  put(marks + 8); put("\n");
  return 0;
}
