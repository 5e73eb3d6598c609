// Reads a mapped file behind its end, after another function has cut the file.
#include "guest.h"

static char *contents;

__attribute__((noinline)) static void cut(s64 file) { sys(SYS_ftruncate, file, PAGE, 0); }
__attribute__((noinline)) static char look(u64 offset) { return ((volatile char *)contents)[offset]; }

int guest_main(int argc, char **argv) {
  s64 file = sys(SYS_memfd_create, "journal", 0, 0);
  sys(SYS_ftruncate, file, 4 * PAGE, 0);
  contents = (char *)sys6(SYS_mmap, 0, 4 * PAGE, PROT_R | PROT_W, MAP_SHARED, file, 0);
  contents[2 * PAGE] = 'x';
  cut(file);
  return look(2 * PAGE);
}
