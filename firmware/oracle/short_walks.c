// Many random walks of 30 steps, each in a process of its own. With arguments FIRST and COUNT a row is a seed and the hash of the rows
// of its walk; with one seed the rows themselves are printed; without arguments some hashes.
#include "mixed_walk.h"

enum { STEPS = 30, SOME = 400 };

/// The hash of a walk's rows, printed by the process that takes it. Each fourth walk is over huge pages.
static void one(u64 seed) {
  warm_all();
  hash_of_rows = 0xcbf29ce484222325ul;
  walk(seed, seed % 4 == 3 ? 64 : 1, STEPS);
  if (rows_are_hashed) { dec(seed); put("\t"); hex(hash_of_rows); put("\n"); flush(); }
}

int oracle_main(void) {
  walks_start();
  u64 first = argument(1) >= 0 ? argument(1) : 1, count = argument(1) < 0 ? SOME : argument(2);
  if (argument(1) >= 0 && argument(2) < 0) { one(first); return 0; }
  rows_are_hashed = 1;
  hash_of_child = (u64 *)sys6(SYS_mmap, 0, PAGE, RW, MAP_SHARED | MAP_ANON, -1, 0);
  *hash_of_child = 0;
  for (u64 seed = first; seed < first + count; seed++) {
    s64 walker = fork();
    if (!walker) { one(seed); quit(0); }
    wait_for(walker);
  }
  return 0;
}
