// Random walks over four huge pages of private anonymous memory, in steps of an eighth of one, without forks and with them.
// A row ends with the KiB of huge pages, and the splits and collapses that the step took.
#include "walk.h"

/// MADV_COLLAPSE of one huge page or two.
static s64 do_collapse(void) {
  page = below(arena / 512) * 512;
  count = page + 1024 > arena || below(2) ? 512 : 1024;
  on_range("collapse");
  return advise(page, count, MADV_COLLAPSE);
}

static action *const actions[] = {
  do_protect, do_access, do_access, do_access, do_advise, do_advise, do_remap, do_unmap, do_lock, do_sum, do_map, do_map, do_map,
  do_collapse, do_collapse, do_fork};
enum { KINDS = 2, WALKS = 8, STEPS = 30 };

/// A field of smaps, of all mappings together.
static s64 smaps_sum(const char *label) {
  s64 sum = 0;
  read_whole("/proc/self/smaps", proc_text, sizeof proc_text);
  for (const char *at = proc_text; *at;) {
    s64 value = number_behind_line(at, label);
    if (value > 0) sum += value;
    while (*at && *at++ != '\n') {}
  }
  return sum;
}

int oracle_main(void) {
  memory_start();
  names_hidden = 1;
  arena = 2048;
  grain = 64;
  advice_kinds = 20;
  // The thread that makes huge pages in the background must not interfere.
  s64 setting = open_file("/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs", O_RDWR, 0);
  sys(SYS_write, setting, "1000000000", 10);
  mmap_at(AT(8192), HUGE, PROT_R, ANON, -1, 0); peek(AT(8192)); pagemap(AT(8192), 1);
  huge_zero_frame = page_words[0] & ((1ul << 55) - 1);
  for (int kind = 0; kind < KINDS; kind++) for (int walk = 1; walk <= WALKS; walk++) {
    random_state = 0x9e3779b97f4a7c15ul * (100 + kind * WALKS + walk);
    mmap_at(AT(0), arena * PAGE, RW, ANON, -1, 0);
    // Two of the huge pages are there already, and the huge zero page.
    poke(AT(0), 1); poke(AT(512), 2); peek(AT(1024));
    for (step = 1; step <= STEPS; step++) {
      action *next = actions[below(sizeof actions / sizeof *actions - (kind < 1))];
      dec(kind); put("."); dec(walk); put("."); dec(step);
      s64 splits = vmstat("thp_split_pmd "), collapses = vmstat("thp_collapse_alloc ");
      walk_step(next);
      column(smaps_sum("AnonHugePages:")); column(vmstat("thp_split_pmd ") - splits);
      column(vmstat("thp_collapse_alloc ") - collapses); end();
    }
    unmap(0, arena);
  }
  sys4(SYS_pwrite64, setting, "10000", 5, 0);
  return 0;
}
