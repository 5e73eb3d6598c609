// pretouch [clock] PAGES ROUNDS INSTRUCTION...: maps PAGES fresh pages for each instruction and, ROUNDS times over, touches one
// word of each page and gives the pages back. Prints: instruction, round, pages, minor faults, and with `clock` the nanoseconds.
//
// The touching loops are those of builtin.S. The last round's pages are kept, so that the next instruction's first round gets
// frames that nothing has used: it is the cold one. Instructions: ldr str ldadd cas llsc.
#include "guest.h"

#define LOOP(name, touch) \
  static void name(char *from, char *to) { \
    asm volatile( \
      "mov x3, %0\n mov x4, %1\n" \
      "2: " touch "\n add x3, x3, #4096\n cmp x3, x4\n b.lo 2b\n" \
      : : "r"(from), "r"(to) : "x3", "x4", "x9", "x10", "memory", "cc"); \
  }
LOOP(touch_ldr, "ldr x9, [x3]")
LOOP(touch_str, "str xzr, [x3]")
LOOP(touch_ldadd, "ldadd xzr, x9, [x3]")
LOOP(touch_cas, "cas xzr, xzr, [x3]")
LOOP(touch_llsc, "ldxr x9, [x3]\n stxr w10, x9, [x3]\n cbnz w10, 2b")

static const struct { const char *name; void (*touch)(char *, char *); } loops[] = {
  {"ldr", touch_ldr}, {"str", touch_str}, {"ldadd", touch_ldadd}, {"cas", touch_cas}, {"llsc", touch_llsc},
};

static s64 nanoseconds(void) {
  s64 time[2];
  sys(SYS_clock_gettime, 1, time, 0);
  return time[0] * 1000000000 + time[1];
}

static void measure(int loop, u64 pages, u64 rounds, int clock) {
  char *area = map(pages * PAGE, PROT_R | PROT_W);
  if ((u64)area > -PAGE) { put("mmap failed\n"); quit(1); }
  for (u64 round = 1; round <= rounds; round++) {
    s64 faults = minor_faults();
    s64 start = nanoseconds();
    loops[loop].touch(area, area + pages * PAGE);
    s64 time = nanoseconds() - start;
    faults = minor_faults() - faults;
    put(loops[loop].name);
    put("\t"); dec(round);
    put("\t"); dec(pages);
    put("\t"); dec(faults);
    if (clock) { put("\t"); dec(time); }
    put("\n");
    if (round < rounds) sys(SYS_madvise, area, pages * PAGE, MADV_DONTNEED);
  }
  flush();
}

int guest_main(int argc, char **argv) {
  int clock = argc > 1 && same(argv[1], "clock");
  if (clock) argc--, argv++;
  if (argc < 4) { put("usage: pretouch [clock] PAGES ROUNDS INSTRUCTION...\n"); return 2; }
  u64 pages = number(argv[1]), rounds = number(argv[2]);
  (void)minor_faults();
  (void)nanoseconds();
  for (int i = 3; i < argc; i++) {
    int loop = 0;
    while (loop < 5 && !same(loops[loop].name, argv[i])) loop++;
    if (loop == 5) { put("no such instruction: "); put(argv[i]); put("\n"); return 2; }
    measure(loop, pages, rounds, clock);
  }
  return 0;
}
