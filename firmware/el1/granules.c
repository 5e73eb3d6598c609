// Every granule, half and size of the address space: leaves, and each fault, at every level; the gap, EPD, TBI, E0PD, HPD, and
// 52-bit addresses. It prints a row for each case: GRANULE/HALF=SIZE/WHAT/ACCESS. It does not know other descriptor states, which
// access_matrix tries.
#include "access.h"

#ifndef MINUS_ONE
#define MINUS_ONE 0  // 1: only faults at level -1
#endif

static const struct granule *g;
static int upper, size_offset;
static struct way way;
static u64 va, extra_tcr;
static int ips;

static u64 sign(void) { return upper ? ~0ul << (64 - size_offset) : 0; }

/// A probe under the regime of the half under test; the other half is the runtime's.
static struct probe probe_at(u64 pstate) {
  struct probe p = at_home(pstate);
  p.tcr &= ~TCR_IPS(7);
  p.tcr |= TCR_IPS(ips) | extra_tcr;
  if (upper) {
    p.delta = -HIGH;
    p.tcr = (p.tcr & ~(0x3ful << 16 | 3ul << 30)) | (u64)size_offset << 16 | g->tg1;
    p.ttbr1 = root(&way);
  } else {
    p.tcr = (p.tcr & ~(0x3ful | 3ul << 14)) | (u64)size_offset | g->tg0;
    p.ttbr0 = root(&way);
  }
  return p;
}

static void begin(const struct granule *granule, int is_upper, int size) {
  g = granule, upper = is_upper, size_offset = size;
  ips = 5, extra_tcr = 0;
  // The low 30 bits are those of the target in its gibibyte, so that blocks of every size lead there.
  va = 0x000a5a5a5a5a5a5aul << 20;
  va = ((va & ~0x3ffffffful) | (TARGET & 0x3ffffffful)) & ((1ul << (64 - size)) - 1);
  va |= sign();
  build_way(&way, g, size, va);
}

static void name(const char *what, int level, const char *access) {
  name_reset();
  name_add(g->name);
  name_add_number(upper ? "T1SZ" : "T0SZ", size_offset);
  if (extra_tcr >> 59 & 1) name_add("DS");
  if (level == -1) { char text[64]; int n = 0; while (*what) text[n++] = *what++; text[n++] = '-'; text[n++] = '1'; text[n] = 0; name_add(text); }
  else if (level >= 0) name_add_number(what, level);
  else name_add(what);
  if (access) name_add(access);
}
enum { NO_LEVEL = -2 };

static void run(const char *what, int level, const char *access, u64 pstate, u64 address, volatile u64 *slot) {
  struct probe p = probe_at(pstate);
  name(what, level, access);
  if ((pstate & 0xf) == EL0T) name_add("EL0");
  probe_access(&p, access_named(access), address, TARGET, slot);
}

/// Puts `descriptor` into the slot of `level` and tries each named access.
static void with(const char *what, int level, u64 descriptor, const char *const *names) {
  restore_way(&way);
  for (; *names; names++) {
    *SLOT(way, level) = descriptor;
    run(what, level, *names, EL1H, va, SLOT(way, level));
  }
}
#define NAMES(...) ((const char *const[]){__VA_ARGS__, 0})

static u64 leaf(int level) {
  u64 output = TARGET & ~((1ul << level_shift(g, level)) - 1);
  return output | (level == 3 ? TABLE : BLOCK) | NORMAL | AF;
}

/// The size alone: a page can be reached, and the addresses just outside cannot.
static void size_rows(void) {
  with("page", 3, leaf(3), NAMES("ldr", "fetch"));
  restore_way(&way);
  *SLOT(way, 3) = leaf(3);
  for (int bit = 64 - size_offset; bit < 56; bit += bit < 54 ? 54 - bit : 1)
    if (bit < 55) run("gap", bit, "ldr", EL1H, va ^ 1ul << bit, 0);
  run("gap", 64 - size_offset, "at_s1e1w", EL1H, va ^ 1ul << (64 - size_offset), 0);
  *SLOT(way, way.start) = 0;
  run("invalid", way.start, "ldr", EL1H, va, SLOT(way, way.start));
}

static int has_block(int level) { return g == &K4 ? level == 1 || level == 2 : level == 2; }

/// Each status at each level.
static void status_rows(void) {
  for (int level = way.start; level <= 3; level++) {
    with("invalid", level, 0, NAMES("str", "fetch", "at_s1e1r"));
    u64 d = leaf(level);
    if (level < 3) {
      with("block", level, d, NAMES("ldr", "str", "at_s1e1r"));  // a translation fault where blocks do not exist
      with("table-far", level, PLAIN(way, level) | 1ul << 47, NAMES("ldr"));
      ips = 0;
      with("table-beyond", level, PLAIN(way, level) | 1ul << 32, NAMES("ldr", "fetch", "at_s1e1w"));
      ips = 5;
      with("table-nowhere", level, 0xf0000000ul | TABLE, NAMES("ldr", "str", "fetch"));
    } else with("reserved", level, d & ~2ul, NAMES("ldr", "fetch"));
    if (level == 3 || has_block(level)) {
      ips = 0;
      with("leaf-beyond", level, d | 1ul << 33, NAMES("ldr", "str", "fetch", "at_s1e1r"));
      with("leaf-beyond-AF0", level, (d | 1ul << 33) & ~AF, NAMES("ldr"));
      ips = 1;
      with("leaf-within", level, d, NAMES("ldr"));
      with("leaf-beyond-36", level, d | 1ul << 36, NAMES("ldr"));
      ips = 5;
      with("leaf-AF0", level, d & ~AF, NAMES("ldr", "str", "fetch", "at_s1e1w"));
      with("leaf-RO", level, d | AP(2), NAMES("ldr", "str", "at_s1e1w"));
      with("leaf-PXN", level, d | PXN, NAMES("fetch", "ldr"));
      extra_tcr = TCR_HA | TCR_HD;
      with("leaf-clean", level, (d | AP(2) | DBM) & ~AF, NAMES("ldr", "str"));
      extra_tcr = 0;
      restore_way(&way);
      *SLOT(way, level) = d;
      run("leaf-AP0", level, "ldr", EL0T, va, SLOT(way, level));
      run("leaf-AP0", level, "fetch", EL0T, va, SLOT(way, level));
      *SLOT(way, level) = d | UXN;
      run("leaf-UXN", level, "fetch", EL0T, va, SLOT(way, level));
    }
  }
  // The table that the TTBR names lies beyond IPS, or at an address without memory.
  restore_way(&way);
  *SLOT(way, 3) = leaf(3);
  ips = 0;
  for (int i = 0; i < 3; i++) {
    const char *access = i == 0 ? "ldr" : i == 1 ? "str" : "fetch";
    struct probe p = probe_at(EL1H);
    u64 *base = upper ? &p.ttbr1 : &p.ttbr0;
    *base |= 1ul << 32;
    name("ttbr-beyond", NO_LEVEL, access);
    probe_access(&p, access_named(access), va, TARGET, 0);
    p = probe_at(EL1H);
    *(upper ? &p.ttbr1 : &p.ttbr0) = 0xf0000000ul;
    name("ttbr-nowhere", NO_LEVEL, access);
    probe_access(&p, access_named(access), va, TARGET, 0);
  }
  ips = 5;
  with("nowhere", 3, 0xf0000000ul | TABLE | NORMAL | AF, NAMES("ldr", "str", "fetch"));
}

/// The controls that apply to a half as a whole.
static void control_rows(void) {
  restore_way(&way);
  *SLOT(way, 3) = leaf(3) | AP(1);
  u64 tag = 0x5aul << 56;
  u64 tagged = va ^ tag, tbi = upper ? TCR_TBI1 : TCR_TBI0, tbid = 1ul << (upper ? 52 : 51);
  static const char *const some[] = {"ldr", "str", "ldtr", "fetch", "at_s1e1r", "at_s1e0w"};
  for (int i = 0; i < 6; i++) {
    extra_tcr = upper ? TCR_EPD1 : TCR_EPD0;
    run("EPD", NO_LEVEL, some[i], EL1H, va, SLOT(way, 3));
    extra_tcr = 0;
    run("tag", NO_LEVEL, some[i], EL1H, tagged, SLOT(way, 3));
    extra_tcr = tbi;
    run("tag,TBI", NO_LEVEL, some[i], EL1H, tagged, SLOT(way, 3));
    extra_tcr = tbi | tbid;
    run("tag,TBI,TBID", NO_LEVEL, some[i], EL1H, tagged, SLOT(way, 3));
    extra_tcr = upper ? TCR_E0PD1 : TCR_E0PD0;
    run("E0PD", NO_LEVEL, some[i], EL1H, va, SLOT(way, 3));
    if (i != 4 && i != 5) run("E0PD", NO_LEVEL, some[i], EL0T, va, SLOT(way, 3));
    extra_tcr = upper ? TCR_E0PD0 : TCR_E0PD1;
    if (i != 4 && i != 5) run("E0PD-other", NO_LEVEL, some[i], EL0T, va, SLOT(way, 3));
  }
  *SLOT(way, 3) = 0;
  extra_tcr = tbi;
  run("tag,TBI,invalid", NO_LEVEL, "ldr", EL1H, tagged, SLOT(way, 3));
  run("tag,TBI,invalid", NO_LEVEL, "fetch", EL1H, tagged, SLOT(way, 3));
  *SLOT(way, 3) = leaf(3) | AP(2);
  run("tag,TBI,RO", NO_LEVEL, "str", EL1H, tagged, SLOT(way, 3));
  run("tag,TBI,gap", NO_LEVEL, "ldr", EL1H, tagged ^ 1ul << 54, 0);
  for (int hpd = 0; hpd < 2 && way.start < 3; hpd++) {
    *SLOT(way, 3) = leaf(3) | AP(1);
    *SLOT(way, 2) = PLAIN(way, 2) | APTABLE(3) | UXNTABLE | PXNTABLE;
    extra_tcr = hpd ? (upper ? TCR_HPD1 : TCR_HPD0) : 0;
    for (int i = 0; i < 6; i++) {
      run(hpd ? "HPD" : "no-HPD", NO_LEVEL, some[i], EL1H, va, SLOT(way, 3));
      if (i < 4) run(hpd ? "HPD" : "no-HPD", NO_LEVEL, some[i], EL0T, va, SLOT(way, 3));
    }
  }
  extra_tcr = 0;
  // HD has an effect only with HA.
  restore_way(&way);
  *SLOT(way, 3) = leaf(3) | AP(2) | DBM;
  extra_tcr = TCR_HA;
  run("HA,clean", NO_LEVEL, "str", EL1H, va, SLOT(way, 3));
  extra_tcr = 0;
}

/// 52-bit addresses: FEAT_LVA and FEAT_LPA with 64K, FEAT_LPA2 with 4K and 16K, if the ID registers have them. With DS the SH field
/// of a descriptor holds address bits.
static void wide_rows(const struct granule *granule, u64 ds, u64 attributes) {
  for (int half = 0; half < 2; half++)
    for (int size = 12; size <= 17; size++) {
      begin(granule, half, size);
      ips = 6, extra_tcr = ds;
      u64 page = TARGET | TABLE | attributes | AF;
      if (!MINUS_ONE) {
        with("wide-page", 3, page, NAMES("ldr", "fetch", "at_s1e1w"));
        with("wide-page-AF0", 3, page & ~AF, NAMES("ldr"));
        with("wide-page-RO", 3, page | AP(2), NAMES("str"));
      }
      for (int level = way.start; level < 3; level++) {
        u64 output = TARGET & ~((1ul << level_shift(g, level)) - 1);
        if ((level == -1) != MINUS_ONE) continue;
        with("wide-invalid", level, 0, NAMES("ldr", "str", "fetch", "at_s1e1r"));
        with("wide-block", level, (level_shift(g, level) > 40 ? 0 : output) | BLOCK | attributes | AP(2) | AF, NAMES("str"));
        with("wide-block-AF0", level, (level_shift(g, level) > 40 ? 0 : output) | BLOCK | attributes, NAMES("ldr", "fetch"));
        // An output address with bits 51:48, which IPS then does not cover.
        u64 high = ds ? 3ul << 8 | 1ul << 49 : 0xful << 12;
        with("wide-table-nowhere", level, PLAIN(way, level) | high, NAMES("ldr"));
        ips = 5;
        with("wide-table-beyond", level, PLAIN(way, level) | high, NAMES("ldr", "fetch", "at_s1e1w"));
        ips = 6;
      }
      if (MINUS_ONE) { tear_down(&way); continue; }
      u64 high = ds ? 1ul << 8 : 1ul << 12;
      with("wide-page-nowhere", 3, page | high, NAMES("ldr", "at_s1e1r"));
      ips = 5;
      with("wide-page-beyond", 3, page | high, NAMES("ldr", "at_s1e1r"));
      restore_way(&way);
      *SLOT(way, 3) = page;
      if (size > 12) run("wide-gap", NO_LEVEL, "ldr", EL1H, va ^ 1ul << (64 - size), 0);
      tear_down(&way);
    }
}

static void features(void) {
  u64 mmfr0 = read_register(id_aa64mmfr0_el1), mmfr2 = read_register(id_aa64mmfr2_el1);
  static const struct { const char *name; int shift; } zero[] = {
    {"features/PARange", 0}, {"features/TGran16", 20}, {"features/TGran64", 24}, {"features/TGran4", 28}};
  for (int i = 0; i < 4; i++) tell(zero[i].name, mmfr0 >> zero[i].shift & 15);
  tell("features/VARange", mmfr2 >> 16 & 15);
  int pa52 = (mmfr0 & 15) == 6;
  if (pa52 && (mmfr2 >> 16 & 15) >= 1) wide_rows(&K64, 0, NORMAL);
  // DS is one bit for both halves, so from here on the runtime's own map has no shareability fields either.
  for (int w = 0; w < 5; w++) home_table_symbol[w] &= ~SH(3);
  dsb();
  if (pa52 && (mmfr0 >> 28 & 15) == 1) wide_rows(&K4, 1ul << 59, ATTR(1));
  if (pa52 && (mmfr0 >> 20 & 15) == 2) wide_rows(&K16, 1ul << 59, ATTR(1));
}

static void range(const struct granule *granule, int from, int to) {
  for (int half = 0; half < 2; half++)
    for (int size = from; size <= to; size++) {
      begin(granule, half, size);
      size_rows();
      // Each start level is tried once, at the largest and the smallest size that have it.
      if (size == from || start_level(granule, size - 1) != way.start || size == to || start_level(granule, size + 1) != way.start)
        status_rows();
      tear_down(&way);
      if (size == 16 || size == 25 || size == 34) { begin(granule, half, size); control_rows(); tear_down(&way); }
    }
}

int el1_main(void) {
  header();
  prepare_code(TARGET);
  if (MINUS_ONE) { features(); return 0; }
  range(&K4, 16, 48);
  range(&K16, 16, 48);
  range(&K64, 16, 47);
  features();
  return 0;
}
