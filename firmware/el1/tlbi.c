// Every form of TLBI on entries that it must remove: an address is accessed, its descriptor changes, the form, DSB and ISB follow,
// and the result must be that of the new descriptor. It prints FORM/ENTRY/CHANGE rows with the value read, or PAR_EL1 if AT finds a
// fault. It does not know entries that the architecture allows to stay.
#include "access.h"

#define VA       0x1000340000ul
#define OTHER    0x4a000000ul  // a second frame, with another value; both 2 MiB aligned, and the same in every 32 MiB
#define SEEN     0x0123456789abcdeful
#define OTHER_WORD (~SEEN)
#define ASID     0x5ul

static const struct granule *g;
static struct way way;
static u64 operand_va, asid;  // what the form is told

static u64 range_operand(int ttl) {
  u64 tg = g == &K4 ? 1 : g == &K16 ? 2 : 3;
  return asid << 48 | tg << 46 | 0ul << 44 | 0ul << 39 | (u64)ttl << 37 | (operand_va >> g->shift & 0x1ffffffffful);
}
static u64 operand(int ttl) {
  u64 tg = g == &K4 ? 1 : g == &K16 ? 2 : 3;
  return asid << 48 | (ttl ? (tg << 2 | (u64)ttl) << 44 : 0) | (operand_va >> 12 & 0xffffffffffful);
}

/// `last` marks forms that remove only entries of the last level. `needs` is a value of ID_AA64ISAR0_EL1.TLB: 1 outer shareable, 2
/// ranges.
struct form { const char *name; void (*issue)(u64 operand); u8 address, range, last, needs; };
#define FORM0(n) static void issue_##n(u64 x) { asm volatile("tlbi " #n : : : "memory"); }
#define FORM1(n) static void issue_##n(u64 x) { asm volatile("tlbi " #n ", %0" : : "r"(x) : "memory"); }
FORM0(vmalle1) FORM0(vmalle1is) FORM0(vmalle1os)
FORM1(vae1) FORM1(vae1is) FORM1(vae1os) FORM1(vale1) FORM1(vale1is) FORM1(vale1os)
FORM1(vaae1) FORM1(vaae1is) FORM1(vaae1os) FORM1(vaale1) FORM1(vaale1is) FORM1(vaale1os)
FORM1(aside1) FORM1(aside1is) FORM1(aside1os)
FORM1(rvae1) FORM1(rvae1is) FORM1(rvae1os) FORM1(rvale1) FORM1(rvale1is) FORM1(rvale1os)
FORM1(rvaae1) FORM1(rvaae1is) FORM1(rvaae1os) FORM1(rvaale1) FORM1(rvaale1is) FORM1(rvaale1os)
static void issue_none(u64 x) {}
static const struct form forms[] = {
  #define THREE(n, address, range, last, needs) \
    {#n, issue_##n, address, range, last, needs}, {#n "is", issue_##n##is, address, range, last, needs}, \
    {#n "os", issue_##n##os, address, range, last, needs ? needs : 1},
  THREE(vmalle1, 0, 0, 0, 0) THREE(aside1, 0, 0, 0, 0) THREE(vae1, 1, 0, 0, 0) THREE(vaae1, 1, 0, 0, 0) THREE(vale1, 1, 0, 1, 0)
  THREE(vaale1, 1, 0, 1, 0) THREE(rvae1, 1, 1, 0, 2) THREE(rvaae1, 1, 1, 0, 2) THREE(rvale1, 1, 1, 1, 2) THREE(rvaale1, 1, 1, 1, 2)
};

/// The result of an access to `va` now: the word, or PAR_EL1 if AT finds a fault.
static u64 look(u64 va, int write) {
  if (write) asm volatile("at s1e1w, %0\n isb" : : "r"(va) : "memory");
  else asm volatile("at s1e1r, %0\n isb" : : "r"(va) : "memory");
  u64 par = read_register(par_el1);
  if (par & 1) return fixed_par(par);
  return *(volatile u64 *)va;
}

static void say(const char *form, const char *entry, const char *change, u64 before, u64 after, u64 result) {
  struct probe p = {.esr = DONE, .vector = 0x200};
  name_reset();
  if (g) name_add(g->name);
  name_add(form);
  name_add(entry);
  name_add(change);
  row(&p, before, after, 1, result);
}

static void publish(void) { dsb(); isb(); }
static void issue(const struct form *f, int ttl) {
  asm volatile("dsb ish" : : : "memory");
  f->issue(f->range ? range_operand(ttl) : f->address ? operand(ttl) : asid << 48);
  asm volatile("dsb ish\n isb" : : : "memory");
}

/// One entry of `level`, changed in one way. The form comes between break and make if break-before-make is required.
static void one(const struct form *f, const char *entry, int level, u64 attributes, const char *change, int ttl) {
  u64 size = 1ul << level_shift(g, level);
  u64 block = (TARGET & ~(size - 1)) | (level == 3 ? TABLE : BLOCK) | NORMAL | AF | attributes;
  // The frames differ in bits below a block of 512 MiB or 1 GiB; there another address leads to the other "frame".
  u64 va = VA | (size > 0x2000000 ? TARGET & 0x3ffffffful & (size - 1) : 0);
  int wide = size > 0x2000000;
  build_way(&way, g, 25, va);
  *SLOT(way, level) = block;
  write_register(ttbr0_el1, root(&way) | asid << 48);
  write_register(tcr_el1, (HOME_TCR & ~(3ul << 14)) | g->tg0 | TCR_AS);
  isb();
  asm volatile("tlbi vmalle1\n dsb nsh\n isb" : : : "memory");
  (void)*(volatile u64 *)va;
  operand_va = va;
  u64 next = 0;
  int write = 0;
  switch (change[0]) {
  case 'i': break;                                            // invalid
  case 'o': next = wide ? 0 : (block ^ TARGET) | (OTHER & ~(size - 1)); break;  // output address
  case 'r': next = block | AP(2); write = 1; break;           // read-only
  case 'a': next = block & ~AF; break;                        // access flag off
  case 't': break;                                            // the table above leads elsewhere
  }
  if (change[0] == 't') {
    // The table above now leads to a table in which the same slot holds the other frame, or nothing.
    volatile u64 *above = SLOT(way, level - 1);
    u64 *other_table = (u64 *)(HIGH + 0x45000000ul);
    u64 index = (u64)(SLOT(way, level) - way.tables[level + 1]);
    other_table[index] = wide ? 0 : (OTHER & ~(size - 1)) | (level == 3 ? TABLE : BLOCK) | NORMAL | AF | attributes;
    *above = 0;
    issue(f, ttl);
    *above = physical(other_table) | TABLE;
    publish();
    say(f->name, entry, change, block, other_table[index], look(va, 0));
    other_table[index] = 0;
  } else if (change[0] == 'o' && !wide) {
    *SLOT(way, level) = 0;
    issue(f, ttl);
    *SLOT(way, level) = next;
    publish();
    say(f->name, entry, change, block, *SLOT(way, level), look(va, 0));
  } else if (change[0] != 'o') {
    *SLOT(way, level) = next;
    issue(f, ttl);
    say(f->name, entry, change, block, *SLOT(way, level), look(va, write));
  }
  // The next case makes other descriptors in the same places.
  tear_down(&way);
  asm volatile("dsb ish\n tlbi vmalle1\n dsb nsh\n isb" : : : "memory");
}

static void every_form(const struct granule *granule, u64 tlb) {
  g = granule;
  static const char *const changes[] = {"invalid", "output", "read-only", "access-flag", "table"};
  for (u64 i = 0; i < sizeof forms / sizeof *forms; i++) {
    const struct form *f = &forms[i];
    if (f->needs > tlb) continue;
    int by_asid = f->name[0] == 'a';
    for (int level = 3; level >= (g == &K4 ? 1 : 2); level--)
      for (int global = 0; global < 2; global++) {
        if (global && by_asid) continue;  // ASIDE1 need not touch global entries
        for (int c = 0; c < 5; c++) {
          if (c == 4 && (f->last || level == 1)) continue;
          static const char *const entries[2][3] = {{"nG,L1", "nG,L2", "nG,L3"}, {"global,L1", "global,L2", "global,L3"}};
          static const char *const hinted[2][3] = {{"nG,L1,TTL", "nG,L2,TTL", "nG,L3,TTL"}, {"global,L1,TTL", "global,L2,TTL", "global,L3,TTL"}};
          asid = ASID;
          one(f, entries[global][level - 1], level, global ? 0 : NG, changes[c], 0);
          if (f->address && c < 2 && !(level == 1 && g == &K16)) one(f, hinted[global][level - 1], level, global ? 0 : NG, changes[c], level);
        }
      }
  }
}

/// Changes that need no TLBI: entries that were never valid or never accessed, and those of another ASID.
static void without(void) {
  g = &K4;
  asid = ASID;
  build_way(&way, g, 25, VA);
  write_register(ttbr0_el1, root(&way) | ASID << 48);
  write_register(tcr_el1, HOME_TCR | TCR_AS);
  isb();
  asm volatile("tlbi vmalle1\n dsb nsh\n isb" : : : "memory");
  u64 page = TARGET | TABLE | NORMAL | AF | NG;
  u64 first = look(VA, 0);
  *SLOT(way, 3) = page;
  publish();
  say("none", "nG,L3", "first-invalid", 0, page, first);
  say("none", "nG,L3", "then-valid", 0, page, look(VA, 0));
  asm volatile("tlbi vmalle1\n dsb nsh\n isb" : : : "memory");
  *SLOT(way, 3) = page & ~AF;
  publish();
  first = look(VA, 0);
  *SLOT(way, 3) = page;
  publish();
  say("none", "nG,L3", "first-AF0", page & ~AF, page, first);
  say("none", "nG,L3", "then-AF1", page & ~AF, page, look(VA, 0));
  // Two address spaces in turn: the same address, each with its own page, and a global entry in a third slot of both.
  u64 *second = (u64 *)(HIGH + 0x45000000ul);
  for (int level = way.start; level <= 3; level++) second[(level - way.start) * 512 + (SLOT(way, level) - way.tables[level + 1])] = 0;
  u64 shift_index = (u64)(SLOT(way, 1) - way.tables[2]);
  second[shift_index] = physical(second + 512) | TABLE;
  second[512 + (SLOT(way, 2) - way.tables[3])] = physical(second + 1024) | TABLE;
  second[1024 + (SLOT(way, 3) - way.tables[4])] = OTHER | TABLE | NORMAL | AF | NG;
  publish();
  static const char *const turns[] = {"turn-0", "turn-1", "turn-2", "turn-3"};
  for (int a1 = 0; a1 < 2; a1++)
    for (int turn = 0; turn < 4; turn++) {
      u64 table = turn & 1 ? physical(second) : root(&way), number = turn & 1 ? 0x1206 : 0x1205;
      // The ASID and the table change together, while walks of this half are off. Arm ARM D8.14.
      write_register(tcr_el1, HOME_TCR | TCR_AS | TCR_EPD0 | (a1 ? TCR_A1 : 0));
      isb();
      write_register(ttbr0_el1, table | (a1 ? 0x7777ul : number) << 48);
      write_register(ttbr1_el1, physical(home_table_symbol) | (a1 ? number : 0x7777ul) << 48);
      isb();
      write_register(tcr_el1, HOME_TCR | TCR_AS | (a1 ? TCR_A1 : 0));
      isb();
      say("none", a1 ? "asid-of-TTBR1" : "asid-of-TTBR0", turns[turn], ~0ul, 0, look(VA, 0));
    }
  write_register(ttbr1_el1, physical(home_table_symbol));
  isb();
}

int el1_main(void) {
  header();
  u64 tlb = read_register(id_aa64isar0_el1) >> 56 & 15;
  say("features", "ID_AA64ISAR0_EL1", "TLB", ~0ul, 0, tlb);
  // Every address to which a block or page of the first or the second frame can lead.
  for (int shift = 12; shift <= 30; shift++) {
    u64 mask = (1ul << shift) - 1;
    *kernel((TARGET & ~mask) | ((VA | (shift > 25 ? TARGET & 0x3ffffffful & mask : 0)) & mask)) = SEEN;
    if (shift <= 25) *kernel((OTHER & ~mask) | (VA & mask)) = OTHER_WORD;
  }
  every_form(&K4, tlb);
  every_form(&K16, tlb);
  every_form(&K64, tlb);
  without();
  return 0;
}
