// The questions of pretouch with other instructions, sizes, borders and orders of touching, and the number of pages that huge pages
// mapped in the end. A row has: kind, order, instruction, minor faults, resident and huge kB.
#include "other_ops.h"

enum { RW = PROT_R | PROT_W };
#define HUGE (2ul << 20)
#define COUNT(array) ((int)(sizeof array / sizeof *array))

static const char *instruction_names[] = {"ldrh", "ldnp", "ld1", "ldaxp", "strh", "stp.q", "st2", "ldset", "ldsminalh", "stset", "swpb",
                                          "cash", "casalb.miss", "caspal.w", "stxp"};
static int other_of(const char *name) {
  for (int i = 0; i < NOTHERS; i++) if (same(others[i].name, name)) return i;
  put("no such instruction: "); put(name); put("\n"); quit(2);
  return 0;
}

// A kind has a length, an offset of its start from a border of 2 MiB, and an advice.
static const struct { const char *name; u64 pages, shift; int advice; } kinds[] = {
  {"base 700", 700, 3, MADV_NOHUGEPAGE},
  {"huge 5 MiB", 1280, 0, MADV_HUGEPAGE},
  {"huge 5 MiB, from 1 MiB", 1280, 256, MADV_HUGEPAGE},
  {"by default, 4 MiB and a page", 1025, 0, MADV_NORMAL},
  {"by default, 2 MiB less a page", 511, 0, MADV_NORMAL},
};

static u64 f(int i, char *area, u64 page) { return others[i].f(area + page * PAGE + 0x40); }
static void forward(int i, char *area, u64 pages) { for (u64 page = 0; page < pages; page++) f(i, area, page); }
static void backward(int i, char *area, u64 pages) { while (pages--) f(i, area, pages); }
static void stride(int i, char *area, u64 pages) { for (u64 page = 1; page < pages; page += 7) f(i, area, page); }
static void stride_twice(int i, char *area, u64 pages) {
  for (u64 first = 0; first < 2; first++) for (u64 page = first; page < pages; page += 3) f(i, area, page);
}
static void half(int i, char *area, u64 pages) { for (u64 page = pages / 2; page < pages; page++) f(i, area, page); }
static void scattered(int i, char *area, u64 pages) {
  for (u64 n = 0, page = 5; n < pages; n++, page = (page + 131) % pages) f(i, area, page);
}
static void read_first(int i, char *area, u64 pages) { forward(other_of("ldrh"), area, pages); forward(i, area, pages); }
static void read_some(int i, char *area, u64 pages) {
  for (u64 page = 0; page < pages; page += 2) f(other_of("ldnp"), area, page);
  forward(i, area, pages);
}
static void write_first(int i, char *area, u64 pages) { stride(other_of("strh"), area, pages); forward(i, area, pages); }
static void dropped(int i, char *area, u64 pages) {
  forward(other_of("strh"), area, pages);
  sys(SYS_madvise, area, pages * PAGE, MADV_DONTNEED);
  forward(i, area, pages);
}
static void part_dropped(int i, char *area, u64 pages) {
  forward(other_of("strh"), area, pages);
  sys(SYS_madvise, area + 100 * PAGE, 300 * PAGE, MADV_DONTNEED);
  forward(i, area, pages);
}
static void protected(int i, char *area, u64 pages) {
  half(other_of("strh"), area, pages);
  sys(SYS_mprotect, area, pages * PAGE, PROT_R);
  sys(SYS_mprotect, area, pages * PAGE, RW);
  forward(i, area, pages);
}
static void unmapped_inside(int i, char *area, u64 pages) {
  sys(SYS_munmap, area + 300 * PAGE, 10 * PAGE, 0);
  for (u64 page = 0; page < pages; page++) if (page < 300 || page >= 310) f(i, area, page);
}
static const struct { const char *name; void (*touch)(int, char *, u64); } orders[] = {
  {"forward", forward}, {"backward", backward}, {"stride 7", stride}, {"stride 3 twice", stride_twice}, {"second half", half},
  {"scattered", scattered}, {"read first", read_first}, {"half of it read first", read_some}, {"some written first", write_first},
  {"written and dropped", dropped}, {"written and dropped in part", part_dropped}, {"half written, protected", protected},
  {"a hole inside", unmapped_inside},
};

static void row(int kind, int order, int i, char *place) {
  u64 size = kinds[kind].pages * PAGE;
  char *area = place + kinds[kind].shift * PAGE;
  sys6(SYS_mmap, (s64)area, size, RW, MAP_PRIVATE | MAP_ANON | MAP_FIXED, -1, 0);
  if (kinds[kind].advice) sys(SYS_madvise, area, size, kinds[kind].advice);
  s64 faults = minor_faults();
  orders[order].touch(i, area, kinds[kind].pages);
  faults = minor_faults() - faults;
  cell(kinds[kind].name);
  cell(orders[order].name);
  cell(others[i].name);
  cell_dec(faults);
  cell_dec(smaps_of(area, size, "Rss"));
  cell_dec(smaps_of(area, size, "AnonHugePages"));
  end_row();
  sys6(SYS_mmap, (s64)area, size, 0, MAP_PRIVATE | MAP_ANON | MAP_FIXED | MAP_NORESERVE, -1, 0);
}

int oracle_main(void) {
  settle();
  smaps_of(0, 0, "Rss");
  char *place = reserve(16ul << 20);
  for (int kind = 0; kind < COUNT(kinds); kind++)
    for (int order = 0; order < COUNT(orders); order++)
      for (int i = 0; i < COUNT(instruction_names); i++)
        // Each instruction forward; in the other orders a load, a store and three atomics.
        if (order == 0 || i % 4 == order % 4) row(kind, order, other_of(instruction_names[i]), place);
  return 0;
}
