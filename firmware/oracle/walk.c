// Random walks over base pages of more and more kinds: private anonymous memory; then also shared memory and files; then also
// forks.
#include "walk.h"

static action *const actions[] = {
  do_protect, do_protect, do_protect, do_access, do_access, do_access, do_access, do_advise, do_advise, do_remap, do_remap, do_unmap,
  do_lock, do_sum, do_map, do_map, do_map, do_fork};
enum { KINDS = 3, WALKS = 4, STEPS = 70 };

int oracle_main(void) {
  memory_start();
  names_hidden = 1;
  arena = 48;
  for (int kind = 0; kind < KINDS; kind++) for (int walk = 1; walk <= WALKS; walk++) {
    random_state = 0x9e3779b97f4a7c15ul * (kind * WALKS + walk);
    map_kinds = kind ? 6 : 3;
    file = memfd("walk", 40);
    mmap_at(AT(0), arena * PAGE, RW, ANON, -1, 0);
    for (step = 1; step <= STEPS; step++) {
      action *next = actions[below(sizeof actions / sizeof *actions - (kind < 2))];
      dec(kind); put("."); dec(walk); put("."); dec(step);
      walk_step(next);
      end();
    }
    unmap(0, arena);
    sys(SYS_close, file, 0, 0);
  }
  return 0;
}
