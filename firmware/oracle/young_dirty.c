// Pages that were made old or clean, by kind and by method: the faults of the next accesses, and the fields of smaps after them.
// With hardware updates of the access flag and dirty state most take none. The program needs no instruction newer than Armv8.0.
#include "mapped.h"

enum { ANONYMOUS, MEMFD, ROOT };
struct page_kind { const char *name; int kind, flags, written; };
static const struct page_kind page_kinds[] = {
  {"private zero", ANONYMOUS, MAP_PRIVATE, 0},   {"private written", ANONYMOUS, MAP_PRIVATE, 1},
  {"shared read", ANONYMOUS, MAP_SHARED, 0},     {"shared written", ANONYMOUS, MAP_SHARED, 1},
  {"memfd shared read", MEMFD, MAP_SHARED, 0},   {"memfd shared written", MEMFD, MAP_SHARED, 1},
  {"memfd private read", MEMFD, MAP_PRIVATE, 0}, {"memfd private written", MEMFD, MAP_PRIVATE, 1},
  {"root shared read", ROOT, MAP_SHARED, 0},     {"root shared written", ROOT, MAP_SHARED, 1},
  {"root private read", ROOT, MAP_PRIVATE, 0},   {"root private written", ROOT, MAP_PRIVATE, 1},
};

static u64 size;
static void nothing_at_all(void) {}
static void make_cold(void) { sys(SYS_madvise, place, size, MADV_COLD); }
static void make_free(void) { sys(SYS_madvise, place, size, MADV_FREE); }
static void read_only_and_back(void) { sys(SYS_mprotect, place, size, PROT_R); sys(SYS_mprotect, place, size, RW); }
static void none_and_back(void) { sys(SYS_mprotect, place, size, 0); sys(SYS_mprotect, place, size, RW); }
static void after_a_child(void) {
  s64 process = fork();
  if (process == 0) sys(SYS_exit_group, 0, 0, 0);
  wait_for(process);
  settle();
}
static void cold_and_protected(void) { make_cold(); read_only_and_back(); }
static void dropped(void) { sys(SYS_madvise, place, size, MADV_DONTNEED); }
static const struct { const char *name; void (*f)(void); } ways[] = {
  {"nothing", nothing_at_all}, {"cold", make_cold}, {"free", make_free},
  {"read-only", read_only_and_back}, {"none", none_and_back}, {"fork", after_a_child}, {"cold, read-only", cold_and_protected},
  {"dropped", dropped},
};
static const char *const instructions[] = {"ldr", "str", "llsc", "dc.zva"};

static void make(const struct page_kind *kind) {
  unmap();
  size = PAGE;
  int flags = kind->flags | (kind->kind == MEMFD || kind->kind == ROOT ? 0 : MAP_ANON);
  file = -1;
  if (kind->kind == MEMFD) file = memfd(PAGE, 0);
  if (kind->kind == ROOT) { file = open_file("/oracle-data", O_CREAT | O_TRUNC | O_RDWR, 0600); sys(SYS_ftruncate, file, PAGE, 0); }
  if (file >= 0) fill(0, 1);
  map_at(place, size / PAGE, RW, flags, 0);
  sys(SYS_madvise, place, size, MADV_NOHUGEPAGE);
  if (kind->written) *(volatile char *)place = 1; else *(volatile char *)place;
}

static void row(const struct page_kind *kind, int way, const char *instruction) {
  make(kind);
  ways[way].f();
  cell(kind->name); cell(ways[way].name); cell(instruction);
  cell_dec(smaps_of(place, size, "Referenced"));
  cell_faults(touch_with(instruction, place + 0x100), major_taken);
  cell_faults(touch_with("ldr", place + 0x200), major_taken);
  cell_faults(touch_with("str", place + 0x300), major_taken);
  cell_bits(place);
  cell_dec(smaps_of(place, size, "Referenced"));
  cell_dec(smaps_of(place, size, "Private_Dirty"));
  cell_dec(smaps_of(place, size, "Anonymous"));
  end_row();
  if (file >= 0) sys(SYS_close, file, 0, 0);
}

/// The pages that one fault maps around it are old if hardware sets the access flag, so that smaps shows which were touched.
static void around_row(const char *name, s64 descriptor, int flags, const char *instruction) {
  enum { PAGES = 32 };
  file = descriptor;
  unmap();
  sys(SYS_ftruncate, file, PAGES * PAGE, 0);
  fill(0, PAGES);
  map_at(place, PAGES, RW, flags, 0);
  cell(name); cell(flags == MAP_SHARED ? "shared" : "private"); cell(instruction);
  cell_dec(touch_with(instruction, place + 5 * PAGE));
  cell_dec(smaps_of(place, PAGES * PAGE, "Rss"));
  cell_dec(smaps_of(place, PAGES * PAGE, "Referenced"));
  s64 faults = 0;
  for (int page = 0; page < 8; page++) faults += touch_with("ldr", place + page * PAGE);
  cell_dec(faults);
  cell_dec(smaps_of(place, PAGES * PAGE, "Referenced"));
  faults = 0;
  for (int page = 0; page < 16; page++) faults += touch_with("str", place + page * PAGE);
  cell_dec(faults);
  cell_dec(smaps_of(place, PAGES * PAGE, "Referenced"));
  size = PAGES * PAGE;
  make_cold();
  cell_dec(smaps_of(place, PAGES * PAGE, "Referenced"));
  faults = 0;
  for (int page = 0; page < 32; page++) faults += touch_with(page % 2 ? "ldr" : "str", place + page * PAGE);
  cell_dec(faults);
  cell_dec(smaps_of(place, PAGES * PAGE, "Referenced"));
  end_row();
  sys(SYS_close, file, 0, 0);
}

int oracle_main(void) {
  settle();
  open_pagemap();
  place = reserve(256 * PAGE);
  row(&page_kinds[0], 1, "llsc");
  output_length = 0;  // that one only warmed what the others need
  for (int kind = 0; kind < COUNT(page_kinds); kind++)
    for (int way = 0; way < COUNT(ways); way++)
      for (int i = 0; i < COUNT(instructions); i++) row(&page_kinds[kind], way, instructions[i]);
  static const int flags[] = {MAP_SHARED, MAP_PRIVATE};
  for (int f = 0; f < 2; f++)
    for (int i = 0; i < 3; i++) {
      around_row("memfd", memfd(0, 0), flags[f], instructions[i]);
      around_row("root", open_file("/oracle-data", O_CREAT | O_TRUNC | O_RDWR, 0600), flags[f], instructions[i]);
    }
  return 0;
}
