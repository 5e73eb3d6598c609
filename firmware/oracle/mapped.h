// The questions about mapped files that have the same form for each kind of file: accesses by instruction, the pages that one fault
// maps around it, the end of the file, and changes behind two mappings. It does not know what kind of file `create` makes.
#pragma once
#include "facts.h"

enum { RW = PROT_R | PROT_W };
#define COUNT(array) ((int)(sizeof array / sizeof *array))

static char *place;  // of every mapping here
static s64 file;
static s64 (*create)(u64 size);  // a new empty file of a size, open for reading and writing

static char *map_at(char *address, u64 pages, int protection, int flags, u64 page) {
  return (char *)sys6(SYS_mmap, (s64)address, pages * PAGE, protection, flags | MAP_FIXED, file, page * PAGE);
}
static void unmap(void) { sys(SYS_munmap, place, 256 * PAGE, 0); }

/// Gives a page of the file a byte behind the word that is accessed.
static void put_byte(u64 page, u8 byte) { sys4(SYS_pwrite64, file, &byte, 1, page * PAGE + 0x108); }
static void fill(u64 first, u64 pages) { for (u64 page = first; page < first + pages; page++) put_byte(page, page + 1); }
static s64 byte_of(u64 page) {
  u8 byte = 255;
  s64 count = sys4(SYS_pread64, file, &byte, 1, page * PAGE + 0x108);
  return count == 1 ? byte : -1 - count;
}

// A page of each kind, in each state, under each instruction.
struct kind { const char *name; int flags, protection, present, before, protect; };
static const struct kind kinds[] = {
  // name, flags, protection, in the file, accessed before (1 read, 2 written), protection later
  {"shared hole", MAP_SHARED, RW, 0, 0, 0},
  {"shared page", MAP_SHARED, RW, 1, 0, 0},
  {"shared page read", MAP_SHARED, RW, 1, 1, 0},
  {"shared page written", MAP_SHARED, RW, 1, 2, 0},
  {"shared page read-only", MAP_SHARED, PROT_R, 1, 0, 0},
  {"shared page read-only read, allowed", MAP_SHARED, PROT_R, 1, 1, RW},
  {"private hole", MAP_PRIVATE, RW, 0, 0, 0},
  {"private page", MAP_PRIVATE, RW, 1, 0, 0},
  {"private page read", MAP_PRIVATE, RW, 1, 1, 0},
  {"private page written", MAP_PRIVATE, RW, 1, 2, 0},
  {"private page read-only", MAP_PRIVATE, PROT_R, 1, 0, 0},
  {"private page written, protected", MAP_PRIVATE, RW, 1, 2, PROT_R},
  {"private page read-only read, allowed", MAP_PRIVATE, PROT_R, 1, 1, RW},
};

static void kind_row(const struct kind *kind, const char *instruction) {
  file = create(PAGE);
  if (kind->present) fill(0, 1);
  map_at(place, 1, kind->protection, kind->flags, 0);
  if (kind->before == 1) *(volatile char *)place;
  if (kind->before == 2) *(volatile char *)place = 0;
  if (kind->protect) sys(SYS_mprotect, place, PAGE, kind->protect);
  cell(kind->name);
  cell(instruction);
  cell_access(instruction, place + 0x100);
  int lived = !caught.sig;
  cell_dec(lived ? ((volatile u8 *)place)[0x108] : -1);
  cell_dec(byte_of(0));
  end_row();
  unmap();
  sys(SYS_close, file, 0, 0);
}

/// Touches each page of a mapping, with a step from one to the next modulo their number. The mapping begins `shift` pages behind a
/// border of 2 MiB, at a given page of the file. It prints the faults and pages of the first touch, and then of all.
static void around(const char *instruction, int flags, int holes, u64 shift, u64 page, u64 pages, u64 first, u64 step) {
  file = create(80 * PAGE);
  for (u64 i = 0; i < 80; i++) if (!holes || i % 3 != 1) fill(i, 1);
  char *start = map_at(place + shift * PAGE, pages, RW, flags, page);
  cell(flags == MAP_SHARED ? "around shared" : "around private");
  cell(instruction);
  cell(holes ? "holes" : "full");
  cell_dec(shift); cell_dec(page); cell_dec(pages); cell_dec(first); cell_dec(step);
  struct faults faults = {0};
  for (u64 i = 0, at = first; i < pages; i++, at = (at + step) % pages) {
    faults.minor += touch_with(instruction, start + at * PAGE + 0x100);
    faults.major += major_taken;
    if (i == 0 || i == pages - 1) { cell_faults(faults.minor, faults.major); cell_pages(start, pages); }
  }
  end_row();
  unmap();
  sys(SYS_close, file, 0, 0);
}

// Accesses at and behind the end of a file of two pages and a half.
static void end_of_file(const char *instruction, int flags) {
  for (u64 page = 0; page < 5; page++) {
    file = create(2 * PAGE + PAGE / 2);
    fill(0, 3);
    map_at(place, 5, RW, flags, 0);
    cell(flags == MAP_SHARED ? "end shared" : "end private");
    cell(instruction);
    cell_dec(page);
    cell_access(instruction, place + page * PAGE + 0xf00);
    cell_pages(place, 5);
    end_row();
    unmap();
    sys(SYS_close, file, 0, 0);
  }
}

static void facts(const char *name, const char *instruction, char *address) {
  cell(name);
  cell(instruction);
  cell_access(instruction, address);
  cell_dec(caught.sig ? -1 : ((u8 *)((u64)address & -PAGE))[0x108]);
  end_row();
}
static void result(const char *name, s64 value) { cell(name); cell_dec(value); end_row(); }

/// Two mappings of a file: what happens to each after `change`.
static void changed(const char *name, void (*change)(void), u64 size) {
  static const char *const instructions[] = {"ldr", "str", "ldadd"};
  for (int i = 0; i < COUNT(instructions); i++) {
    file = create(size);
    fill(0, size / PAGE);
    char *shared = map_at(place, 8, RW, MAP_SHARED, 0), *clean = map_at(place + 16 * PAGE, 8, RW, MAP_PRIVATE, 0);
    char *copied = map_at(place + 32 * PAGE, 8, RW, MAP_PRIVATE, 0);
    *(volatile char *)shared;
    *(volatile char *)clean;
    for (u64 page = 0; page < size / PAGE; page++) *(volatile char *)(copied + page * PAGE) = 1;
    cell("change");
    cell(name);
    cell(instructions[i]);
    change();
    cell_pages(shared, 8); cell_pages(clean, 8); cell_pages(copied, 8);
    char *mappings[] = {shared, clean, copied};
    for (int m = 0; m < 3; m++)
      for (u64 page = 1; page < 7; page += 2) {
        char *address = mappings[m] + page * PAGE + 0x100;
        cell_faults(touch_with(instructions[i], address), major_taken);
        if (caught.sig) { put("!"); dec(caught.sig); put("."); dec(caught.code); }
        else { put("="); dec(((u8 *)address)[8]); }
      }
    cell_pages(shared, 8); cell_pages(clean, 8); cell_pages(copied, 8);
    end_row();
    unmap();
    sys(SYS_close, file, 0, 0);
  }
}
enum { KEEP_SIZE = 1, PUNCH_HOLE = 2, ZERO_RANGE = 16 };
static void nothing(void) {}
static void shrink(void) { sys(SYS_ftruncate, file, 3 * PAGE + 0x80, 0); }
static void shrink_and_grow(void) { shrink(); sys(SYS_ftruncate, file, 8 * PAGE, 0); }
static void punch(void) { sys4(SYS_fallocate, file, PUNCH_HOLE | KEEP_SIZE, 2 * PAGE, 3 * PAGE); }
static void punch_parts(void) { sys4(SYS_fallocate, file, PUNCH_HOLE | KEEP_SIZE, 0x1080, 0x2000); }
static void remove_pages(void) { sys(SYS_madvise, place + 2 * PAGE, 3 * PAGE, MADV_REMOVE); }
static void drop_shared(void) { sys(SYS_madvise, place, 4 * PAGE, MADV_DONTNEED); }
static void drop_clean(void) { sys(SYS_madvise, place + 16 * PAGE, 4 * PAGE, MADV_DONTNEED); }
static void drop_copied(void) { sys(SYS_madvise, place + 32 * PAGE, 4 * PAGE, MADV_DONTNEED); }
static void store_by_call(void) { for (u64 page = 0; page < 8; page++) put_byte(page, 100 + page); }
static void store(char *start, u8 first) {
  for (u64 page = 0; page < 8; page++) ((volatile u8 *)start)[page * PAGE + 0x108] = first + page;
}
static void store_shared(void) { store(place, 200); }
static void store_clean(void) { store(place + 16 * PAGE, 50); }
static void protect(char *start) { sys(SYS_mprotect, start, 8 * PAGE, PROT_R); sys(SYS_mprotect, start, 8 * PAGE, RW); }
static void protect_shared(void) { protect(place); }
static void protect_copied(void) { protect(place + 32 * PAGE); }

/// One file, mapped twice: values and faults as they go through both.
static void two_mappings(void) {
  file = create(2 * PAGE);
  char *shared = map_at(place, 2, RW, MAP_SHARED, 0), *other = map_at(place + 8 * PAGE, 2, RW, MAP_PRIVATE, 0);
  char *again = map_at(place + 16 * PAGE, 2, PROT_R, MAP_SHARED, 0);
  facts("private reads a hole", "ldr", other);
  result("now in the file", byte_of(0));
  facts("shared reads it", "ldr", shared);
  facts("shared writes it", "str", shared);
  ((volatile char *)shared)[0x108] = 9;
  facts("private sees it", "ldr", other);
  facts("the third too", "ldr", again);
  facts("private copies it", "ldadd", other);
  ((volatile char *)shared)[0x108] = 10;
  facts("and sees no more", "ldr", other);
  facts("but the third", "ldr", again);
  ((volatile char *)other)[0x108] = 11;
  result("nor does the file", byte_of(0));
  facts("the third may not write", "stp", again);
  sys(SYS_madvise, other, PAGE, MADV_DONTNEED);
  facts("dropped: the file's", "ldr", other);
  facts("private writes a hole", "str", other + PAGE);
  result("now in the file", byte_of(1));
  facts("shared swaps there", "swp", shared + PAGE);
  sys(SYS_close, file, 0, 0);
  facts("closed, still mapped", "ldr", shared);
  unmap();
}

/// Bytes behind the end in the last page: zero at first, and what becomes of those stored there.
static void partial_page(void) {
  file = create(PAGE);
  fill(0, 1);
  sys(SYS_ftruncate, file, 0x100, 0);
  char *shared = map_at(place, 3, RW, MAP_SHARED, 0);
  facts("behind the end", "ldr", shared);
  ((volatile u8 *)shared)[0x108] = 77;
  result("stored behind the end, read", byte_of(0));
  sys(SYS_ftruncate, file, 2 * PAGE, 0);
  result("after growth, read", byte_of(0));
  facts("after growth", "ldr", shared);
  sys(SYS_ftruncate, file, 0x100, 0);
  facts("after shrinking", "ldr", shared);
  ((volatile u8 *)shared)[0x108] = 78;
  u8 byte = 1;
  sys4(SYS_pwrite64, file, &byte, 1, PAGE + 8);
  facts("after a write behind it", "ldr", shared);
  facts("and its page", "ldr", shared + PAGE);
  unmap();
  sys(SYS_close, file, 0, 0);
}

/// Every instruction on a page of each of some kinds.
static void kind_rows(const struct kind *some, int count) {
  for (int round = 0; round < 2; round++) {
    output_length = 0;  // the first round only warms what the second needs
    for (int kind = 0; kind < count; kind++)
      for (int i = 0; i < NTOUCHES; i++) kind_row(&some[kind], ops[i].name);
  }
}

static void around_rows(void) {
  static const u64 windows[][5] = {  // shift, page, pages, first, step
    {0, 0, 64, 0, 1}, {0, 0, 64, 63, 63}, {0, 0, 64, 20, 7}, {1, 0, 63, 0, 1}, {1, 1, 63, 62, 62}, {5, 0, 3, 1, 1}, {15, 0, 3, 0, 1},
    {14, 3, 34, 17, 5}, {8, 8, 20, 8, 3}, {0, 7, 40, 39, 39}, {505, 0, 14, 6, 1}, {505, 0, 14, 7, 13}, {3, 60, 20, 12, 1},
  };
  for (int w = 0; w < COUNT(windows); w++)
    for (int holes = 0; holes < 2; holes++) {
      const u64 *v = windows[w];
      around("ldr", MAP_SHARED, holes, v[0], v[1], v[2], v[3], v[4]);
      around("ldadd", MAP_SHARED, holes, v[0], v[1], v[2], v[3], v[4]);
      around("ldr", MAP_PRIVATE, holes, v[0], v[1], v[2], v[3], v[4]);
      if (w % 4 == 0) around("str", MAP_SHARED, holes, v[0], v[1], v[2], v[3], v[4]);
      if (w % 4 == 0) around("str", MAP_PRIVATE, holes, v[0], v[1], v[2], v[3], v[4]);
      if (w % 4 == 0) around("cas.miss", MAP_PRIVATE, holes, v[0], v[1], v[2], v[3], v[4]);
    }
}

static void end_rows(void) {
  static const char *const instructions[] = {"ldr", "str", "ldadd"};
  for (int i = 0; i < COUNT(instructions); i++) {
    end_of_file(instructions[i], MAP_SHARED);
    end_of_file(instructions[i], MAP_PRIVATE);
  }
}

static void change_rows(void) {
  static const struct { const char *name; void (*change)(void); } changes[] = {
    {"nothing", nothing}, {"truncate", shrink}, {"truncate and grow", shrink_and_grow}, {"punch", punch}, {"punch parts", punch_parts},
    {"remove", remove_pages}, {"drop shared", drop_shared}, {"drop private", drop_clean}, {"drop copies", drop_copied},
    {"write", store_by_call}, {"store shared", store_shared}, {"store private", store_clean}, {"protect shared", protect_shared},
    {"protect copies", protect_copied},
  };
  for (int i = 0; i < COUNT(changes); i++) changed(changes[i].name, changes[i].change, 8 * PAGE);
}

/// The rows that every file has, whatever its kind.
static void file_rows(const struct kind *some, int count) {
  kind_rows(some, count);
  around_rows();
  end_rows();
  two_mappings();
  partial_page();
  change_rows();
}
