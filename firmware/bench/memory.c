// memory fork PAGES ROUNDS: forks ROUNDS times a process with PAGES written pages; each child writes all of them and ends.
// memory protect PAGES ROUNDS: makes PAGES written pages read-only and writable again, ROUNDS times, and writes them each time.
// Prints what was done and the minor faults that it took, which must be the same wherever it runs.
#include "guest.h"

static void write_all(char *area, u64 pages, u64 value) {
  for (u64 page = 0; page < pages; page++) *(volatile u64 *)(area + page * PAGE) = value;
}

/// A child says through its exit status whether its writes took one fault for each page.
static u64 fork_rounds(char *area, u64 pages, u64 rounds) {
  u64 copied = 0;
  for (u64 round = 0; round < rounds; round++) {
    s64 child = fork();
    if (child < 0) { put("fork failed\n"); quit(1); }
    if (!child) {
      s64 before = minor_faults();
      write_all(area, pages, round);
      sys(SYS_exit_group, (u64)(minor_faults() - before) >= pages, 0, 0);
    }
    copied += wait_for(child) >> 8 & 1;
  }
  return copied;
}

static u64 protect_rounds(char *area, u64 pages, u64 rounds) {
  s64 before = minor_faults();
  for (u64 round = 0; round < rounds; round++) {
    sys(SYS_mprotect, area, pages * PAGE, PROT_R);
    sys(SYS_mprotect, area, pages * PAGE, PROT_R | PROT_W);
    write_all(area, pages, round);
  }
  return minor_faults() - before;
}

int guest_main(int argc, char **argv) {
  int forks = argc == 4 && same(argv[1], "fork");
  if (!forks && (argc != 4 || !same(argv[1], "protect"))) { put("usage: memory fork|protect PAGES ROUNDS\n"); return 2; }
  u64 pages = number(argv[2]), rounds = number(argv[3]);
  (void)minor_faults();
  char *area = map(pages * PAGE, PROT_R | PROT_W);
  if ((u64)area > -PAGE) { put("mmap failed\n"); return 1; }
  write_all(area, pages, 1);
  u64 result = forks ? fork_rounds(area, pages, rounds) : protect_rounds(area, pages, rounds);
  put(argv[1]); put("\t"); dec(pages); put("\t"); dec(rounds); put("\t"); dec(result); put("\n");
  return 0;
}
