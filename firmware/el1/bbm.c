// Changes live descriptors by break-before-make, complete and with one step missing, on two PEs that both hold the entry. It prints
// the result of the new descriptor after a last TLBI of all entries, DSB and ISB, so that no row depends on the missing step:
// strict mode must find that. Case n has descriptors of its own, at fixed places. Arm ARM D8.16.1.
#include "access.h"

enum { CPU_ON = 0xc4000003 };

#define BASE    0x1000000000ul               // case n changes the mapping of BASE + n * 2 MiB
#define ROOT    0x44000000ul                 // level 1
#define MIDDLE  0x44001000ul                 // level 2: entry n belongs to case n
#define LEAVES  (0x46000000ul + n * 0x1000)  // level 3 of case n: entry 0 is touched
#define SPARE   (0x47000000ul + n * 0x1000)  // another one
#define FIRST   0x48000000ul                 // frames of 2 MiB
#define SECOND  0x4a000000ul
#define COPY    0x4c000000ul                 // holds what FIRST holds
#define SEEN    0x0123456789abcdeful
#define ASID    5ul
#define PAGE    (TABLE | NORMAL | AF | NG)
#define LARGE   (BLOCK | NORMAL | AF | NG)   // a block of 2 MiB
#define DEVICE  (TABLE | ATTR(2) | SH(3) | AF | NG)  // Device-nGnRE
#define UNCACHED (TABLE | ATTR(3) | SH(3) | AF | NG)

static u64 n;  // the case

// MARK: the other PE

void secondary_start(void);
static struct { u64 words[1024]; void (*function)(u64); u64 argument; } __attribute__((aligned(16))) stack;
static volatile u64 asked, answered;
static u64 touched_va;

static void install(void) {
  write_register(ttbr0_el1, ROOT | ASID << 48);
  write_register(tcr_el1, HOME_TCR | TCR_AS);
  isb();
  asm volatile("tlbi vmalle1\n dsb nsh\n isb" : : : "memory");
}

static void secondary(u64 x) {
  install();
  for (u64 done = 0;;) {
    while (asked == done) asm volatile("yield");
    done = asked;
    dsb();
    isb();
    (void)*(volatile u64 *)touched_va;
    dsb();
    answered = done;
  }
}

/// Both PEs read the address, so that both TLBs hold its entry.
static void touch(u64 va) {
  touched_va = va;
  dsb();
  asked = asked + 1;
  (void)*(volatile u64 *)va;
  while (answered != asked) asm volatile("yield");
}

// MARK: the steps, by letter

static u64 operand(u64 va) { return ASID << 48 | (va >> 12 & 0xffffffffffful); }

static void step(char letter, u64 va, volatile u64 *slot, u64 new) {
  #define TLBI(form, x) asm volatile("tlbi " form ", %0" : : "r"((u64)(x)) : "memory")
  switch (letter) {
  case 'b': *slot = 0; break;
  case 'm': *slot = new; break;
  case 's': asm volatile("dsb ishst" : : : "memory"); break;
  case 'd': asm volatile("dsb ish" : : : "memory"); break;
  case 'n': asm volatile("dsb nshst" : : : "memory"); break;
  case 'N': asm volatile("dsb nsh" : : : "memory"); break;
  case 'l': asm volatile("dsb ishld" : : : "memory"); break;
  case 'x': asm volatile("dmb ish" : : : "memory"); break;
  case 'i': isb(); break;
  case 'T': TLBI("vae1is", operand(va)); break;
  case 'L': TLBI("vale1is", operand(va)); break;
  case 'A': TLBI("vaae1is", operand(va)); break;
  case 'G': TLBI("aside1is", ASID << 48); break;
  case 'E': asm volatile("tlbi vmalle1is" : : : "memory"); break;
  case 'P': TLBI("vae1", operand(va)); break;                       // this PE only
  case 'V': TLBI("vae1is", operand(va + 0x200000)); break;          // another address
  case 'X': TLBI("vae1is", operand(va) ^ 1ul << 48); break;         // another ASID
  case 'H': TLBI("vae1is", operand(va) | 6ul << 44); break;         // TTL: 4K, level 2
  }
}

struct sequence { const char *name, *steps; };
/// The sequences for a change of a page that needs break-before-make. An access follows each, after the last TLBI.
static const struct sequence every[] = {
  {"complete", "bsTdimsi"}, {"by-last-level", "bsLdimsi"}, {"by-any-ASID", "bsAdimsi"}, {"by-ASID", "bsGdimsi"}, {"by-all", "bsEdimsi"},
  {"full-DSB-first", "bdTdim"}, {"no-break", "m"}, {"TLBI-only", "sTdim"}, {"make-then-TLBI", "msTdi"}, {"no-TLBI", "bsdim"},
  {"no-first-DSB", "bTdim"}, {"no-last-DSB", "bsTim"}, {"no-DSB", "bTm"}, {"first-DSB-for-loads", "blTdim"}, {"DMB-first", "bxTdim"},
  {"last-DSB-for-stores", "bsTsim"}, {"DMB-last", "bsTxim"}, {"first-DSB-local", "bnTdim"}, {"last-DSB-local", "bsTNim"},
  {"local-TLBI", "bsPdim"}, {"wrong-address", "bsVdim"}, {"wrong-ASID", "bsXdim"}, {"wrong-level", "bsHdim"},
  {"TLBI-too-early", "bTdsdim"}, {"TLBI-twice", "bTdTdim"}, {"TLBI-before-break", "Tdbsdim"},
};
/// The sequences for other changes.
static const struct sequence few[] = {
  {"complete", "bsTdimsi"}, {"by-last-level", "bsLdimsi"}, {"no-break", "m"}, {"no-TLBI", "bsdim"}, {"no-last-DSB", "bsTim"},
};

// MARK: the changes

/// A change of the descriptor at `level` (3, or 2 if tables and blocks change), from `old` to `new`. Bits 63:62 of both, which no
/// leaf here uses, stand for a table of the case: 1 LEAVES, 2 SPARE. `leaves` and `spare` are the frames to which those tables
/// lead.
#define TO_LEAVES (1ul << 62)
#define TO_SPARE  (2ul << 62)
struct change { const char *name; int level; u64 old, new, leaves, spare; int writes; };
static const struct change changes[] = {
  {"output", 3, FIRST | PAGE, SECOND | PAGE, 0, 0, 0},
  {"memory-type", 3, FIRST | PAGE, FIRST | DEVICE, 0, 0, 0},
  {"cacheability", 3, FIRST | PAGE, FIRST | UNCACHED, 0, 0, 0},
  {"global", 3, FIRST | PAGE, (FIRST | PAGE) & ~NG, 0, 0, 0},
  {"contiguous", 3, FIRST | PAGE, FIRST | PAGE | CONTIG, 0, 0, 0},
  {"split", 2, FIRST | LARGE, TO_LEAVES, FIRST, 0, 0},
  {"split-elsewhere", 2, FIRST | LARGE, TO_LEAVES, SECOND, 0, 0},
  {"collapse", 2, TO_LEAVES, FIRST | LARGE, FIRST, 0, 0},
  {"collapse-elsewhere", 2, TO_LEAVES, SECOND | LARGE, FIRST, 0, 0},
  {"table", 2, TO_LEAVES, TO_SPARE, FIRST, FIRST, 0},
  {"table-elsewhere", 2, TO_LEAVES, TO_SPARE, FIRST, SECOND, 0},
  {"read-only-copy", 3, FIRST | PAGE | AP(2), COPY | PAGE | AP(2), 0, 0, 0},
  {"read-only-other", 3, FIRST | PAGE | AP(2), SECOND | PAGE | AP(2), 0, 0, 0},
  {"read-only", 3, FIRST | PAGE, FIRST | PAGE | AP(2), 0, 0, 1},
  {"writable", 3, FIRST | PAGE | AP(2), FIRST | PAGE, 0, 0, 1},
  {"access-flag", 3, FIRST | PAGE, (FIRST | PAGE) & ~AF, 0, 0, 0},
  {"execute-never", 3, FIRST | PAGE, FIRST | PAGE | UXN | PXN, 0, 0, 0},
  {"software", 3, FIRST | PAGE, FIRST | PAGE | 1ul << 55, 0, 0, 0},
  {"first", 3, 0, FIRST | PAGE, 0, 0, 0},
};

static u64 descriptor(u64 word) {
  return word & TO_LEAVES ? LEAVES | TABLE : word & TO_SPARE ? SPARE | TABLE : word;
}

/// Removes all entries from the TLBs.
static void settle(void) { asm volatile("dsb ish\n tlbi vmalle1is\n dsb ish\n isb" : : : "memory"); }

static void run(const struct change *c, const struct sequence *s) {
  u64 va = BASE + n * 0x200000;
  if (c->leaves) kernel(LEAVES)[0] = c->leaves | PAGE;
  if (c->spare) kernel(SPARE)[0] = c->spare | PAGE;
  volatile u64 *slot = c->level == 3 ? kernel(LEAVES) : kernel(MIDDLE) + n;
  u64 old = descriptor(c->old), new = descriptor(c->new);
  *slot = old;
  if (c->level == 3) kernel(MIDDLE)[n] = LEAVES | TABLE;
  dsb();
  isb();
  if (old) touch(va);
  for (const char *letter = s->steps; *letter; letter++) step(*letter, va, slot, new);
  settle();
  if (c->writes) asm volatile("at s1e1w, %0\n isb" : : "r"(va) : "memory");
  else asm volatile("at s1e1r, %0\n isb" : : "r"(va) : "memory");
  u64 par = read_register(par_el1);
  struct probe p = {.esr = DONE, .vector = 0x200};
  name_reset();
  name_add(c->name);
  name_add(s->name);
  row(&p, old, *slot, 1, par & 1 ? fixed_par(par) : *(volatile u64 *)va);
  kernel(MIDDLE)[n] = 0;
  settle();
  n++;
}

int el1_main(void) {
  header();
  *kernel(FIRST) = *kernel(COPY) = SEEN;
  *kernel(SECOND) = ~SEEN;
  kernel(ROOT)[BASE >> 30] = MIDDLE | TABLE;
  stack.function = secondary;
  dsb();
  install();
  if (psci_hvc(CPU_ON, 1, physical((void *)secondary_start), (u64)&stack.function) != 0) {
    put("there is no second processor: run this with --vcpus 2\n");
    quit(1);
  }
  for (u64 c = 0; c < sizeof changes / sizeof *changes; c++) {
    const struct sequence *list = c ? few : every;
    u64 count = c ? sizeof few / sizeof *few : sizeof every / sizeof *every;
    for (u64 s = 0; s < count; s++) run(&changes[c], &list[s]);
  }
  return 0;
}
