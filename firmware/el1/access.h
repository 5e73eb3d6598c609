// The kinds of access that probes make: each is a few instructions on the address in x0 that end in SVC #0xfff.
// It does not know what the address maps to.
#pragma once
#include "el1.h"

// x1 holds the value for a store, x2 receives the value of a load, and x3 is free. The first instruction makes the access.
#define ACCESS(name, text) \
  void access_##name(void); \
  asm(".text\n.balign 16\n.globl access_" #name "\naccess_" #name ": " text "\n svc #0xfff\n");
ACCESS(ldr, "ldr x2, [x0]")
ACCESS(str, "str x1, [x0]")
ACCESS(ldadd, "ldadd x1, x2, [x0]")
ACCESS(swp, "swp x1, x2, [x0]")
ACCESS(cas, "cas x2, x1, [x0]")  // x2 starts as what is there: it always succeeds
ACCESS(ldxr, "ldxr x2, [x0]")
ACCESS(stxr, "ldxr x2, [x0]\n stxr w3, x1, [x0]")
ACCESS(ldtr, "ldtr x2, [x0]")
ACCESS(sttr, "sttr x1, [x0]")
ACCESS(ldp, "ldp x2, x3, [x0]")
ACCESS(stp, "stp x1, x1, [x0]")
ACCESS(ldr_unaligned, "ldur x2, [x0, #3]")
ACCESS(str_unaligned, "stur x1, [x0, #3]")
ACCESS(dc_zva, "dc zva, x0")
ACCESS(dc_cvau, "dc cvau, x0")
ACCESS(invalidate, "dc ivac, x0")
ACCESS(ic_ivau, "ic ivau, x0")
ACCESS(prfm, "prfm pldl1keep, [x0]")
ACCESS(at_s1e1r, "at s1e1r, x0\n isb")
ACCESS(at_s1e1w, "at s1e1w, x0\n isb")
ACCESS(at_s1e0r, "at s1e0r, x0\n isb")
ACCESS(at_s1e0w, "at s1e0w, x0\n isb")
ACCESS(at_s1e1rp, "at s1e1rp, x0\n isb")
ACCESS(at_s1e1wp, "at s1e1wp, x0\n isb")
ACCESS(none, "nop")

enum kind { LOADS, STORES, HINTS, TRANSLATES, FETCHES };
/// The properties of an access that its case's name and result depend on. `exclusive` marks atomics and exclusives, whose effect on
/// Device memory is IMPLEMENTATION DEFINED. `privileged` marks accesses that EL0 may not make.
struct access { const char *name; void (*code)(void); enum kind kind; u8 atomic, privileged; };
static const struct access accesses[] = {
  {"ldr", access_ldr, LOADS, 0, 0}, {"str", access_str, STORES, 0, 0},
  {"ldadd", access_ldadd, STORES, 1, 0}, {"swp", access_swp, STORES, 1, 0}, {"cas", access_cas, STORES, 1, 0},
  {"ldxr", access_ldxr, LOADS, 1, 0}, {"stxr", access_stxr, STORES, 1, 0},
  {"ldtr", access_ldtr, LOADS, 0, 0}, {"sttr", access_sttr, STORES, 0, 0},
  {"ldp", access_ldp, LOADS, 0, 0}, {"stp", access_stp, STORES, 0, 0},
  {"ldr_unaligned", access_ldr_unaligned, LOADS, 0, 0}, {"str_unaligned", access_str_unaligned, STORES, 0, 0},
  {"dc_zva", access_dc_zva, STORES, 0, 0},
  {"dc_cvau", access_dc_cvau, HINTS, 0, 0}, {"ic_ivau", access_ic_ivau, HINTS, 0, 0}, {"prfm", access_prfm, HINTS, 0, 0},
  {"dc_ivac", access_invalidate, HINTS, 0, 1},
  {"fetch", access_none, FETCHES, 0, 0},
  {"at_s1e1r", access_at_s1e1r, TRANSLATES, 0, 1}, {"at_s1e1w", access_at_s1e1w, TRANSLATES, 0, 1},
  {"at_s1e0r", access_at_s1e0r, TRANSLATES, 0, 1}, {"at_s1e0w", access_at_s1e0w, TRANSLATES, 0, 1},
  {"at_s1e1rp", access_at_s1e1rp, TRANSLATES, 0, 1}, {"at_s1e1wp", access_at_s1e1wp, TRANSLATES, 0, 1},
};
#define ACCESSES ((int)(sizeof accesses / sizeof *accesses))
static const struct access *access_named(const char *name) {
  for (int i = 0; i < ACCESSES; i++) {
    const char *a = accesses[i].name, *b = name;
    while (*a && *a == *b) a++, b++;
    if (*a == *b) return &accesses[i];
  }
  return 0;
}

// The frame to which every mapping under test leads, at the same offset in a block of any size: RAM, far above the image.
#define TARGET   0x48000000ul
#define DATA     0x100ul  // data is accessed here in the frame
#define CODE     0x800ul  // SVC #0xfff lies here
#define OLD      0x1122334455667788ul
#define STORED   0x8877665544332211ul

static void prepare_target(u64 pa) {
  for (int i = 0; i < 8; i++) kernel(pa + DATA)[i] = OLD;
}
static void prepare_code(u64 pa) {
  *(volatile u32 *)kernel(pa + CODE) = 0xd401ffe1;  // SVC #0xfff
  asm volatile("dc cvau, %0\n dsb ish\n ic ivau, %0\n dsb ish\n isb" : : "r"(kernel(pa + CODE)) : "memory");
}

/// Whether the architecture leaves the descriptor's AF open after this access. With HA it may be set for a hint, for an AT
/// instruction, and (CONSTRAINED UNPREDICTABLE) for an access that a permission or alignment fault stops. Arm ARM D8.5.3.
static int may_set_access_flag(const struct probe *p, const struct access *a) {
  if (a->kind == HINTS || a->kind == TRANSLATES) return 1;
  if (!faulted(p)) return 0;
  u64 status = status_of(p);
  return (status & 0x3c) == 0xc || status == 0x21;
}

/// PAR_EL1 without the fields that may differ: NS and the IMPLEMENTATION DEFINED bit of a result, and the attributes of a fault.
static u64 fixed_par(u64 par) { return par & 1 ? par & 0x0000ffffffffffff : par & ~0x600ul; }

/// Runs the access on `va`, which maps the target frame at `pa` if it maps anything, and prints its row.
static void probe_access(struct probe *p, const struct access *a, u64 va, u64 pa, volatile u64 *slot) {
  prepare_target(pa);
  u64 before = slot ? *slot : ~0ul;
  set_code(p, a->code);
  p->x[0] = va + DATA;
  p->x[1] = STORED;
  p->x[2] = a->code == access_cas ? OLD : 0;
  p->x[3] = 0;
  if (a->kind == FETCHES) p->entry = va + CODE;
  run_probe(p);
  u64 after = slot ? *slot : 0;
  if (slot && !(before & AF) && may_set_access_flag(p, a)) after &= ~AF;
  int f = faulted(p);
  u64 result = 0;
  switch (a->kind) {
  case LOADS: result = p->out[2]; break;
  case STORES: result = kernel(pa + DATA)[0]; f = 0; break;
  case TRANSLATES: result = fixed_par(p->par); break;
  default: f = 1;
  }
  row(p, before, after, !f, result);
}
