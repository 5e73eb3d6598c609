// A second table of instructions, with forms that the first does not have: other atomics, sizes and orders, pairs, unprivileged,
// vector and write-back accesses. It does not know the programs' questions.
#pragma once
#include "facts.h"

// Each returns its address register as it leaves it.
#define OTHER(name, text) \
  u64 name(void *); \
  asm(".text\n.arch armv8.5-a+lse+rcpc\n.globl " #name "\n" #name ": " text "\n ret\n");
OTHER(o_ldrh, "ldrh w9, [x0]")
OTHER(o_ldrsb, "ldrsb x9, [x0]")
OTHER(o_ldtr, "ldtr x9, [x0]")
OTHER(o_ldur, "ldur x9, [x0, #-3]")
OTHER(o_ldr_post, "ldr x9, [x0], #16")
OTHER(o_ldr_register, "mov x9, #8\n ldr x9, [x0, x9]")
OTHER(o_ldp_pre, "ldp x9, x10, [x0, #16]!")
OTHER(o_ldpsw, "ldpsw x9, x10, [x0]")
OTHER(o_ldnp, "ldnp x9, x10, [x0]")
OTHER(o_ldp_q, "ldp q0, q1, [x0]")
OTHER(o_ld1, "ld1 {v0.16b, v1.16b}, [x0]")
OTHER(o_ld1_post, "ld1 {v0.s}[2], [x0], #4")
OTHER(o_ld1r, "ld1r {v0.8h}, [x0]")
OTHER(o_ldlar, "ldlar x9, [x0]")
OTHER(o_ldaprb, "ldaprb w9, [x0]")
OTHER(o_ldapur, "ldapur x9, [x0, #8]")
OTHER(o_ldaxp, "ldaxp x9, x10, [x0]\n clrex")
OTHER(o_strh, "strh wzr, [x0]")
OTHER(o_sttr, "sttr xzr, [x0]")
OTHER(o_stur, "stur xzr, [x0, #-3]")
OTHER(o_str_pre, "str xzr, [x0, #8]!")
OTHER(o_stp_post, "stp xzr, xzr, [x0], #16")
OTHER(o_stnp, "stnp xzr, xzr, [x0]")
OTHER(o_stp_q, "movi v0.2d, #0\n stp q0, q0, [x0]")
OTHER(o_st1, "movi v0.2d, #0\n st1 {v0.16b}, [x0]")
OTHER(o_st2, "movi v0.2d, #0\n movi v1.2d, #0\n st2 {v0.4s, v1.4s}, [x0]")
OTHER(o_stllr, "stllr xzr, [x0]")
OTHER(o_stlurb, "stlurb wzr, [x0, #1]")
OTHER(o_ldset, "ldset xzr, x9, [x0]")
OTHER(o_ldumax, "ldumax wzr, w9, [x0]")
OTHER(o_ldsminalh, "ldsminalh wzr, w9, [x0]")
OTHER(o_ldeorab, "ldeorab wzr, w9, [x0]")
OTHER(o_stset, "stset xzr, [x0]")
OTHER(o_stsmaxl, "stsmaxl wzr, [x0]")
OTHER(o_swpb, "swpb wzr, w9, [x0]")
OTHER(o_swpal, "swpal xzr, x9, [x0]")
OTHER(o_cash, "mov w9, #0\n cash w9, wzr, [x0]")
OTHER(o_casalb_miss, "mov w9, #1\n casalb w9, wzr, [x0]")
OTHER(o_caspal, "mov x10, #0\n mov x11, #0\n mov x12, #0\n mov x13, #0\n caspal w10, w11, w12, w13, [x0]")
OTHER(o_stxp, "1: ldxp x9, x11, [x0]\n stxp w10, x9, x11, [x0]\n cbnz w10, 1b")
OTHER(o_stlxrb, "1: ldaxrb w9, [x0]\n stlxrb w10, w9, [x0]\n cbnz w10, 1b")
OTHER(o_clean, "dc cvac, x0")

// `clean` comes last: QEMU 7.2 never aborts on it, so it is tried only on pages that are present.
static const struct { const char *name; u64 (*f)(void *); int unaligned; } others[] = {
  {"ldrh", o_ldrh, 1}, {"ldrsb", o_ldrsb}, {"ldtr", o_ldtr, 1}, {"ldur", o_ldur}, {"ldr.post", o_ldr_post, 1},
  {"ldr.register", o_ldr_register}, {"ldp.pre", o_ldp_pre}, {"ldpsw", o_ldpsw, 1}, {"ldnp", o_ldnp, 1}, {"ldp.q", o_ldp_q, 1},
  {"ld1", o_ld1, 1}, {"ld1.post", o_ld1_post, 1}, {"ld1r", o_ld1r, 1}, {"ldlar", o_ldlar}, {"ldaprb", o_ldaprb},
  {"ldapur", o_ldapur}, {"ldaxp", o_ldaxp}, {"strh", o_strh, 1}, {"sttr", o_sttr, 1}, {"stur", o_stur}, {"str.pre", o_str_pre},
  {"stp.post", o_stp_post, 1}, {"stnp", o_stnp, 1}, {"stp.q", o_stp_q, 1}, {"st1", o_st1, 1}, {"st2", o_st2, 1},
  {"stllr", o_stllr}, {"stlurb", o_stlurb}, {"ldset", o_ldset}, {"ldumax.w", o_ldumax}, {"ldsminalh", o_ldsminalh},
  {"ldeorab", o_ldeorab}, {"stset", o_stset}, {"stsmaxl.w", o_stsmaxl}, {"swpb", o_swpb}, {"swpal", o_swpal}, {"cash", o_cash},
  {"casalb.miss", o_casalb_miss}, {"caspal.w", o_caspal}, {"stxp", o_stxp}, {"stlxrb", o_stlxrb}, {"dc.cvac", o_clean},
};
#define NOTHERS ((int)(sizeof others / sizeof *others))
