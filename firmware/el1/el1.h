// The runtime of the bare-metal images: printing through semihosting, descriptors as the Arm ARM writes them, table building, and
// probes. It does not know the tests.
#pragma once
#include "layout.h"
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;
typedef long s64;

// MARK: printing

long semihost(long operation, const void *parameter);
long psci_hvc(u64 function, u64 a, u64 b, u64 c);
long psci_smc(u64 function, u64 a, u64 b, u64 c);

static char output[1 << 16];
static u64 output_length;

static void flush(void) {
  output[output_length] = 0;
  if (output_length) semihost(4, output);  // SYS_WRITE0
  output_length = 0;
}

static void put(const char *text) {
  while (*text) output[output_length++] = *text++;
  if (output_length > sizeof output - 1024) flush();
}

static void hex(u64 value) {
  char digits[17];
  int n = 16;
  digits[n] = 0;
  do digits[--n] = "0123456789abcdef"[value & 15]; while (value >>= 4);
  put(digits + n);
}

static void dec(u64 value) {
  char digits[21];
  int n = 20;
  digits[n] = 0;
  do digits[--n] = '0' + value % 10; while (value /= 10);
  put(digits + n);
}

static void quit(u64 status) {
  flush();
  u64 block[2] = {0x20026, status};  // ADP_Stopped_ApplicationExit
  semihost(0x20, block);             // SYS_EXIT_EXTENDED
  for (;;) asm volatile("wfi");
}

void el1_exit(void) { quit(0); }

void el1_panic(u64 vector, u64 esr, u64 far, u64 elr) {
  put("unexpected exception: vector "); hex(vector);
  put(" ESR "); hex(esr);
  put(" FAR "); hex(far);
  put(" ELR "); hex(elr);
  put("\n");
  quit(3);
}

#ifndef HANDLES_INTERRUPTS
void el1_interrupt(u64 vector, u64 pending) { el1_panic(vector, 0, pending, 0); }
#endif

void *memset(void *to, int byte, u64 count) {
  for (volatile u8 *p = to; count--;) *p++ = (u8)byte;
  return to;
}
void *memcpy(void *to, const void *from, u64 count) {
  const u8 *f = from;
  for (volatile u8 *p = to; count--;) *p++ = *f++;
  return to;
}

// MARK: system registers

#define read_register(name) ({ u64 value_; asm volatile("mrs %0, " #name : "=r"(value_)); value_; })
#define write_register(name, value) asm volatile("msr " #name ", %0" : : "r"((u64)(value)))
#define isb() asm volatile("isb" : : : "memory")
#define dsb() asm volatile("dsb sy" : : : "memory")

enum { EL0T = 0, EL1T = 4, EL1H = 5, DAIF = 0x3c0 };
#define PSTATE_PAN (1ul << 22)
#define SCTLR_WXN  (1ul << 19)
#define SCTLR_SPAN (1ul << 23)
#define TCR_EPD0   (1ul << 7)
#define TCR_A1     (1ul << 22)
#define TCR_EPD1   (1ul << 23)
#define TCR_AS     (1ul << 36)
#define TCR_TBI0   (1ul << 37)
#define TCR_TBI1   (1ul << 38)
#define TCR_HA     (1ul << 39)
#define TCR_HD     (1ul << 40)
#define TCR_HPD0   (1ul << 41)
#define TCR_HPD1   (1ul << 42)
#define TCR_E0PD0  (1ul << 55)
#define TCR_E0PD1  (1ul << 56)
#define TCR_IPS(n) ((u64)(n) << 32)

// MARK: descriptors. Arm ARM D8.3

#define VALID   1ul
#define BLOCK   1ul            // bits 1:0 of a block, and the reserved encoding at level 3
#define TABLE   3ul            // bits 1:0 of a table, and of a page
#define ATTR(n) ((u64)(n) << 2)
#define AP(n)   ((u64)(n) << 6)  // AP[2:1]: 0 EL1 RW, 1 EL1 and EL0 RW, 2 EL1 RO, 3 EL1 and EL0 RO
#define SH(n)   ((u64)(n) << 8)
#define AF      (1ul << 10)
#define NG      (1ul << 11)
#define GP      (1ul << 50)
#define DBM     (1ul << 51)
#define CONTIG  (1ul << 52)
#define PXN     (1ul << 53)
#define UXN     (1ul << 54)
#define PXNTABLE    (1ul << 59)
#define UXNTABLE    (1ul << 60)
#define APTABLE(n)  ((u64)(n) << 61)
#define NORMAL  (ATTR(1) | SH(3))
#define ADDRESS 0x0000fffffffff000ul

// MARK: tables

static inline u64 physical(const volatile void *p) { return (u64)p - HIGH; }
static inline volatile u64 *kernel(u64 pa) { return (volatile u64 *)(HIGH + pa); }
/// The address in a window of the runtime's map at which `p` can be accessed, in the half to which `delta` leads.
static inline u64 window(int w, const volatile void *p, u64 delta) { return (u64)p + ((u64)(w - WINDOW_KERNEL) << 30) + delta; }

struct granule { const char *name; int shift; u64 tg0, tg1; };
static const struct granule K4 = {"4K", 12, 0ul << 14, 2ul << 30};
static const struct granule K16 = {"16K", 14, 2ul << 14, 1ul << 30};
static const struct granule K64 = {"64K", 16, 1ul << 14, 3ul << 30};

static int level_shift(const struct granule *g, int level) { return g->shift + (3 - level) * (g->shift - 3); }
/// The start level for a half of 64 - size_offset bits.
static int start_level(const struct granule *g, int size_offset) {
  int level = 3;
  while (level_shift(g, level - 1) < 64 - size_offset) level--;
  return level;
}

/// The slots that a walk for one address passes, by level from -1; each slot above the last holds a plain table descriptor.
struct way { int start; volatile u64 *tables[5], *slots[5]; u64 plains[5]; };
#define SLOT(way, level)  ((way).slots[(level) + 1])
#define PLAIN(way, level) ((way).plains[(level) + 1])
/// The value of a TTBR for these tables.
static u64 root(const struct way *way) { return physical(way->tables[way->start + 1]); }

/// Fixed places in RAM above the image, so that descriptors of tables are the same in every build.
#define way_tables ((u64(*)[8192])(HIGH + 0x44000000ul))

/// Builds the tables for `va`, from the start level down to level 3, whose slot stays empty.
static void build_way(struct way *way, const struct granule *g, int size_offset, u64 va) {
  u64 inside = va & ((1ul << (64 - size_offset)) - 1);
  way->start = start_level(g, size_offset);
  for (int level = way->start; level <= 3; level++) {
    u64 *table = way_tables[level + 1];
    u64 mask = level == way->start ? ~0ul : (1ul << (g->shift - 3)) - 1;
    way->tables[level + 1] = table;
    SLOT(*way, level) = table + ((inside >> level_shift(g, level)) & mask);
    PLAIN(*way, level) = level < 3 ? physical(way_tables[level + 2]) | TABLE : 0;
    *SLOT(*way, level) = PLAIN(*way, level);
  }
}
static void restore_way(struct way *way) {
  for (int level = way->start; level <= 3; level++) *SLOT(*way, level) = PLAIN(*way, level);
}
static void tear_down(struct way *way) { for (int level = way->start; level <= 3; level++) *SLOT(*way, level) = 0; }

// MARK: single results

/// A row that is a name and a number.
static void tell(const char *name, u64 value) {
  put(name);
  put("\t-\t-\t-\t-\t-\t-\t-\t");
  hex(value);
  put("\n");
}

// MARK: probes

struct probe {
  u64 ttbr0, ttbr1, mair, tcr, sctlr, pstate, entry, sp, x[4], delta, stack;
  u64 vector, esr, far, elr, spsr, par, out[4];
  u64 taken;  // PAN, DAIF, CurrentEL and SPSel at the vector
};
_Static_assert(__builtin_offsetof(struct probe, out) == PROBE_OUT, "layout.h");
_Static_assert(__builtin_offsetof(struct probe, pstate) == PROBE_PSTATE, "layout.h");
_Static_assert(__builtin_offsetof(struct probe, delta) == PROBE_DELTA, "layout.h");
_Static_assert(__builtin_offsetof(struct probe, taken) == PROBE_TAKEN, "layout.h");
void run_probe(struct probe *);

extern u64 home_table_symbol[] asm("home_table");
static __attribute__((aligned(16))) u64 user_stack[64];

/// A probe under the runtime's own regime, which a test then changes.
static struct probe at_home(u64 pstate) {
  struct probe p = {.ttbr0 = physical(home_table_symbol), .ttbr1 = physical(home_table_symbol), .mair = HOME_MAIR, .tcr = HOME_TCR,
                    .sctlr = HOME_SCTLR, .pstate = pstate | DAIF};
  return p;
}

/// Sets the code that the probe runs, for the exception level that its PSTATE names.
static void set_code(struct probe *p, void (*code)(void)) {
  int user = (p->pstate & 0xf) == EL0T;
  p->entry = window(user ? WINDOW_CODE0 : WINDOW_CODE1, (void *)code, p->delta);
  p->sp = window(user ? WINDOW_DATA0 : WINDOW_KERNEL, user_stack + 32, p->delta);
}

#define DONE 0x56000fffu  // ESR of SVC #0xfff
/// ESR without its IMPLEMENTATION DEFINED part, EA of an external abort.
static u64 fixed_esr(u64 esr) {
  u64 class = esr >> 26 & 0x3f, status = esr & 0x3f;
  int external = status == 0x10 || (status >= 0x13 && status <= 0x17);
  return (class == 0x20 || class == 0x21 || class == 0x24 || class == 0x25) && external ? esr & ~0x200ul : esr;
}
static int faulted(const struct probe *p) { return p->esr != DONE || (p->vector & 0x180 || p->vector > 0x400); }
static u64 class_of(const struct probe *p) { return p->esr >> 26 & 0x3f; }
static u64 status_of(const struct probe *p) { return p->esr & 0x3f; }

// MARK: rows

static char case_name[128];
static u64 case_length;
static void name_reset(void) { case_length = 0; case_name[0] = 0; }
static void name_add(const char *part) {
  if (case_length) case_name[case_length++] = '/';
  while (*part) case_name[case_length++] = *part++;
  case_name[case_length] = 0;
}
static void name_add_number(const char *prefix, u64 number) {
  char digits[48];
  int n = 0;
  while (*prefix) digits[n++] = *prefix++;
  if (number >= 10) digits[n++] = '0' + number / 10 % 10;
  digits[n++] = '0' + number % 10;
  digits[n] = 0;
  name_add(digits);
}

static u64 unknown_spsr;  // bits that the case leaves UNKNOWN
static void cell(int known, u64 value) { put("\t"); if (known) hex(value); else put("-"); }

static void header(void) { put("case\tESR\tFAR\tELR\tSPSR\tbefore\tafter\tvector\tresult\n"); }

/// Whether the architecture defines FAR_EL1 for this syndrome: for aborts (unless FnV), PC alignment and watchpoints.
static int sets_far(u64 esr) {
  u64 class = esr >> 26 & 0x3f;
  if (class == 0x20 || class == 0x21 || class == 0x24 || class == 0x25) return !(esr >> 10 & 1);
  return class == 0x22 || class == 0x34 || class == 0x35;
}

/// Prints the row of the case named so far. ELR counts from the first probing instruction. `before` and `after` are descriptors,
/// both ~0 if the case has none; `result` is the value that the case computed, printed if `has_result`.
static void row(const struct probe *p, u64 before, u64 after, int has_result, u64 result) {
  int f = faulted(p), interrupt = (p->vector & 0x180) == 0x80;  // an interrupt says nothing in ESR
  put(case_name);
  cell(f && !interrupt, fixed_esr(p->esr));
  cell(f && !interrupt && sets_far(p->esr), p->far);
  cell(f, p->elr - p->entry);
  cell(f, p->spsr & ~unknown_spsr);
  cell(before != ~0ul, before);
  cell(before != ~0ul, after);
  cell(f, p->vector);
  cell(has_result, result);
  put("\n");
}
