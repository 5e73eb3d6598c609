// Random walks over base pages of more and more kinds: private anonymous memory; then also shared memory and files; then also
// forks. With a seed as argument there is one walk of each kind, else some.
#include "walk.h"

static action *const actions[] = {
  do_protect, do_protect, do_protect, do_access, do_access, do_access, do_access, do_advise, do_advise, do_remap, do_remap, do_unmap,
  do_lock, do_sum, do_map, do_map, do_map, do_fork};
enum { KINDS = 3, WALKS = 4, STEPS = 70 };

/// One walk over an arena of its own.
static void walk(int kind, u64 number, u64 seed) {
  random_state = 0x9e3779b97f4a7c15ul * seed;
  map_kinds = kind ? 6 : 3;
  file = memfd("walk", 40);
  mmap_at(AT(0), arena * PAGE, RW, ANON, -1, 0);
  for (step = 1; step <= STEPS; step++) {
    action *next = actions[below(sizeof actions / sizeof *actions - (kind < 2))];
    dec(kind); put("."); dec(number); put("."); dec(step);
    walk_step(next);
    end();
  }
  unmap(0, arena);
  sys(SYS_close, file, 0, 0);
}

int oracle_main(void) {
  memory_start();
  names_hidden = 1;
  arena = 48;
  s64 seed = argument(1);
  for (int kind = 0; kind < KINDS; kind++) {
    if (seed >= 0) walk(kind, seed, seed * KINDS + kind + 1);
    else for (int number = 1; number <= WALKS; number++) walk(kind, number, kind * WALKS + number);
  }
  return 0;
}
