// maps cycle ROUNDS: maps sixteen pages, writes one of them and unmaps them, ROUNDS times.
// maps areas COUNT: maps COUNT single pages that cannot merge, so that each is an area of its own.
// maps smaps COUNT READS: maps COUNT such areas and opens /proc/self/smaps READS times to read its first four pieces of 1 KiB.
// Prints what was done, which must be the same wherever it runs.
#include "guest.h"

static void fail(const char *what) { put(what); put(" failed\n"); quit(1); }

static void cycle(u64 rounds) {
  for (u64 round = 0; round < rounds; round++) {
    char *area = (char *)sys6(SYS_mmap, 0, 16 * PAGE, PROT_R | PROT_W, MAP_PRIVATE | MAP_ANON, -1, 0);
    if ((u64)area > -PAGE) fail("mmap");
    *(volatile u64 *)area = round;
    if (sys(SYS_munmap, area, 16 * PAGE, 0)) fail("munmap");
  }
}

/// Neighbours differ in their protection, so that they do not merge.
static void areas(u64 count) {
  for (u64 i = 0; i < count; i++)
    if ((u64)sys6(SYS_mmap, 0, PAGE, i & 1 ? PROT_R : PROT_R | PROT_W, MAP_PRIVATE | MAP_ANON, -1, 0) > -PAGE) fail("mmap");
}

/// Returns the number of bytes read.
static u64 smaps(u64 reads) {
  static char piece[1024];
  u64 total = 0;
  for (u64 i = 0; i < reads; i++) {
    s64 file = open_file("/proc/self/smaps", O_RDONLY, 0);
    if (file < 0) fail("open");
    for (int j = 0; j < 4; j++) {
      s64 count = sys(SYS_read, file, piece, sizeof piece);
      if (count <= 0) fail("read");
      total += count;
    }
    sys(SYS_close, file, 0, 0);
  }
  return total;
}

int guest_main(int argc, char **argv) {
  u64 result = 0;
  if (argc == 3 && same(argv[1], "cycle")) cycle(number(argv[2]));
  else if (argc == 3 && same(argv[1], "areas")) areas(number(argv[2]));
  else if (argc == 4 && same(argv[1], "smaps")) { areas(number(argv[2])); result = smaps(number(argv[3])); }
  else { put("usage: maps cycle ROUNDS | areas COUNT | smaps COUNT READS\n"); return 2; }
  put(argv[1]); put("\t"); dec(number(argv[2])); put("\t"); dec(result); put("\n");
  return 0;
}
