// Random walks of 160 steps over all kinds of memory at once. Arguments: a seed, and the grain of ranges in pages, 1 or 64 for huge
// pages; without arguments some walks of each.
#include "mixed_walk.h"

enum { STEPS = 160 };

int oracle_main(void) {
  walks_start();
  if (argument(1) >= 0) {
    walk(argument(1), argument(2) >= 0 ? argument(2) : 1, STEPS);
    return 0;
  }
  // What was recorded includes kernels that take half an hour to build.
  labels_shown = FIRST_LABELS;
  static const struct { u64 seed, grain; } walks[] = {
    {101, 1}, {102, 1}, {103, 1}, {104, 1}, {105, 1}, {101, 64}, {102, 64}, {103, 64}};
  for (int i = 0; i < (int)(sizeof walks / sizeof *walks); i++) {
    s64 walker = fork();
    if (!walker) {
      warm_all();
      walk(walks[i].seed, walks[i].grain, STEPS);
      quit(0);
    }
    wait_for(walker);
  }
  return 0;
}
