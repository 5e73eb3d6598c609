// Reads a mapped file that another process has opened again with O_TRUNC.
#include "guest.h"

static char *contents;

__attribute__((noinline)) static void rewrite(const char *path) { open_file(path, O_RDWR | O_TRUNC, 0); }
__attribute__((noinline)) static void publish(void) {
  s64 child = fork();
  if (child == 0) {
    rewrite("/proc/self/fd/3");
    quit(0);
  }
  wait_for(child);
}
__attribute__((noinline)) static char look(u64 offset) { return ((volatile char *)contents)[offset]; }

int guest_main(int argc, char **argv) {
  s64 file = sys(SYS_memfd_create, "settings", 0, 0);
  sys(SYS_ftruncate, file, PAGE, 0);
  contents = (char *)sys6(SYS_mmap, 0, PAGE, PROT_R | PROT_W, MAP_SHARED, file, 0);
  contents[8] = 'x';
  publish();
  return look(8);
}
