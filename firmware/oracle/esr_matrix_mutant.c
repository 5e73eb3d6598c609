// The questions of esr_matrix for other instructions, more states of pages and huge pages, and accesses that straddle two pages.
// A row has: state, instruction, minor faults, signal, si_code, ESR, and the fault address and address register as offsets.
#include "other_ops.h"

enum { RW = PROT_R | PROT_W };
#define HUGE (2ul << 20)
#define COUNT(array) ((int)(sizeof array / sizeof *array))

static void row(const char *state, int i, char *base, u64 offset) {
  caught.sig = caught.code = 0;
  caught.esr = caught.addr = 0;
  s64 faults = minor_faults();
  u64 left = others[i].f(base + offset);
  faults = minor_faults() - faults;
  cell(state);
  cell(others[i].name);
  cell_dec(faults);
  cell_dec(caught.sig);
  cell_dec(caught.code);
  cell_hex(caught.esr);
  cell(""); if (caught.sig) dec((s64)caught.addr - (s64)base); else put("-");
  cell_dec((s64)left - (s64)base);
  end_row();
}

static void read_it(char *page) { *(volatile char *)page; }
static void write_it(char *page) { *(volatile char *)page = 1; }
static void protect(char *page, int protection) { sys(SYS_mprotect, page, PAGE, protection); }
static void drop(char *page) { sys(SYS_madvise, page, PAGE, MADV_DONTNEED); }

static void make_none(char *page) { write_it(page); protect(page, 0); }
static void make_read_only(char *page) { write_it(page); protect(page, PROT_R); }
static void make_executable(char *page) { write_it(page); protect(page, PROT_X); }
static void back_and_forth(char *page) { write_it(page); protect(page, PROT_R); protect(page, RW); }
static void zero_back_and_forth(char *page) { read_it(page); protect(page, 0); protect(page, RW); }
static void dropped(char *page) { write_it(page); drop(page); }
static void dropped_and_read(char *page) { dropped(page); read_it(page); }
static void dropped_read_only(char *page) { dropped(page); protect(page, PROT_R); }

static const struct { const char *name; int protection; void (*prepare)(char *); int there, straddled; } states[] = {
  {"rw", RW, 0, 0, 1}, {"rw zero", RW, read_it, 1, 1}, {"rw dirty", RW, write_it, 1, 1}, {"w", PROT_W, 0, 0, 0},
  {"w zero", PROT_W, read_it, 1, 0}, {"r", PROT_R, 0, 0, 1}, {"r zero", PROT_R, read_it, 1, 0}, {"r dirty", RW, make_read_only, 1, 1},
  {"x", PROT_X, 0, 0, 0}, {"x dirty", RW, make_executable, 1, 0}, {"none", 0, 0, 0, 1}, {"none dirty", RW, make_none, 0, 1},
  {"rw again", RW, back_and_forth, 1, 0}, {"rw again, zero", RW, zero_back_and_forth, 1, 0}, {"dropped", RW, dropped, 0, 0},
  {"dropped, zero", RW, dropped_and_read, 1, 0}, {"dropped, r", RW, dropped_read_only, 0, 0},
};

/// An access that straddles two pages: the first, the second or both are in the state, the other is dirty.
static void straddle(int state, const char *which) {
  for (int i = 0; i < NOTHERS; i++) {
    if (!others[i].unaligned) continue;
    char *pages = map(2 * PAGE, RW);
    for (int page = 0; page < 2; page++) {
      char *at = pages + page * PAGE;
      if (same(which, page ? "first" : "second")) { write_it(at); continue; }
      protect(at, states[state].protection);
      if (states[state].prepare) states[state].prepare(at);
    }
    cell(which);
    row(states[state].name, i, pages, PAGE - 1);
    sys(SYS_munmap, pages, 2 * PAGE, 0);
  }
}

static void straddle_unmapped(int second) {
  for (int i = 0; i < NOTHERS; i++) {
    if (!others[i].unaligned) continue;
    char *pages = map(4 * PAGE, RW);
    write_it(pages + PAGE); write_it(pages + 2 * PAGE);
    sys(SYS_munmap, pages + (second ? 2 : 1) * PAGE, PAGE, 0);
    cell(second ? "second" : "first");
    row("unmapped", i, pages + PAGE, PAGE - 1);
    sys(SYS_munmap, pages, 4 * PAGE, 0);
  }
}

static void huge_read_only(char *area) { write_it(area); sys(SYS_mprotect, area, HUGE, PROT_R); }
static void huge_back(char *area) { huge_read_only(area); sys(SYS_mprotect, area, HUGE, RW); }
static void huge_zero_back(char *area) { read_it(area); sys(SYS_mprotect, area, HUGE, PROT_R); sys(SYS_mprotect, area, HUGE, RW); }
static void huge_none(char *area) { write_it(area); sys(SYS_mprotect, area, HUGE, 0); }
static void huge_part_read_only(char *area) { write_it(area); sys(SYS_mprotect, area + HUGE / 2, 4 * PAGE, PROT_R); }
static void huge_part_dropped(char *area) { write_it(area); sys(SYS_madvise, area + HUGE / 2, 4 * PAGE, MADV_DONTNEED); }
static void huge_zero_part_dropped(char *area) { read_it(area); sys(SYS_madvise, area + HUGE / 2, 4 * PAGE, MADV_DONTNEED); }
static void huge_dropped(char *area) { write_it(area); sys(SYS_madvise, area, HUGE, MADV_DONTNEED); }
static const struct { const char *name; void (*prepare)(char *); } huge_states[] = {
  {"huge", 0}, {"huge zero", read_it}, {"huge dirty", write_it}, {"huge r", huge_read_only}, {"huge again", huge_back},
  {"huge zero again", huge_zero_back}, {"huge none", huge_none}, {"huge, part r", huge_part_read_only},
  {"huge, part dropped", huge_part_dropped}, {"huge zero, part dropped", huge_zero_part_dropped}, {"huge dropped", huge_dropped},
};

int oracle_main(void) {
  settle();
  for (int i = 0; i < NOTHERS; i++) { row("warm", i, map(PAGE, RW), 0x100); row("warm", i, (char *)8, 0); }
  output_length = 0;
  for (int state = 0; state < COUNT(states); state++)
    for (int i = 0; i < NOTHERS - !states[state].there; i++) {
      char *page = map(PAGE, states[state].protection);
      if (states[state].prepare) states[state].prepare(page);
      row(states[state].name, i, page, 0x140);
      sys(SYS_munmap, page, PAGE, 0);
    }
  char *hole = map(3 * PAGE, RW);
  sys(SYS_munmap, hole + PAGE, PAGE, 0);
  for (int i = 0; i < NOTHERS - 1; i++) row("unmapped", i, hole + PAGE, 0x140);
  for (int i = 0; i < NOTHERS - 1; i++) row("kernel", i, (char *)0xffff800000000140ul, 0);

  for (int state = 0; state < COUNT(states); state++) {
    if (!states[state].straddled) continue;
    straddle(state, "first");
    straddle(state, "second");
    straddle(state, "both");
  }
  straddle_unmapped(0);
  straddle_unmapped(1);

  char *area = reserve(2 * HUGE);
  for (int state = 0; state < COUNT(huge_states); state++)
    for (int i = 0; i < NOTHERS - 1; i++) {
      sys6(SYS_mmap, (s64)area, HUGE, RW, MAP_PRIVATE | MAP_ANON | MAP_FIXED, -1, 0);
      sys(SYS_madvise, area, HUGE, MADV_HUGEPAGE);
      if (huge_states[state].prepare) huge_states[state].prepare(area);
      row(huge_states[state].name, i, area, HUGE / 2 + 0x140);
      sys(SYS_munmap, area, HUGE, 0);
    }
  return 0;
}
