// Executes another program: its arguments are the other's path and arguments. A debugger that follows it meets other names at the same
// addresses. It does not know the other program.
#include "guest.h"

__attribute__((noinline)) static s64 become(char **arguments) { return sys(SYS_execve, arguments[0], arguments, 0); }

int guest_main(int argc, char **argv) {
  if (argc < 2) return 2;
  become(argv + 1);
  return 99;
}
