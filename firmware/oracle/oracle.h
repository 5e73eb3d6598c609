// What the oracle programs share: the catcher that records a fault and continues, and the table of instructions that they try.
// It does not know the programs' questions; each program defines oracle_main.
#pragma once
#include "signals.h"

// Records signal, code, address and the ESR record of the signal frame, then resumes at x30: behind the instruction's function.
static volatile struct { int sig, code, has_esr; u64 addr, esr; } caught;

static void on_signal(int signal, struct siginfo *info, struct ucontext *context) {
  const u64 *esr = esr_record(context);
  caught.sig = signal;
  caught.code = info->code;
  caught.addr = info->address;
  caught.has_esr = esr != 0;
  caught.esr = esr ? *esr : 0;
  context->pc = context->regs[30];
}

int oracle_main(void);

static char *stack_top;  // an address in the outermost frame
static char **arguments;  // argv, behind which lie the environment and the auxiliary vector

int guest_main(int argc, char **argv) {
  stack_top = (char *)&argc;
  arguments = argv;
  handle(SIGILL, on_signal);
  handle(SIGTRAP, on_signal);
  handle(SIGBUS, on_signal);
  handle(SIGSEGV, on_signal);
  return oracle_main();
}

// Each instruction is a function of one address, in x0; x9 to x13, v0 are scratch.
#define OP(name, text) \
  void name(void *); \
  asm(".text\n.arch armv8.5-a+lse+rcpc\n.globl " #name "\n" #name ": " text "\n ret\n");
OP(op_ldr, "ldr x9, [x0]")
OP(op_ldrb, "ldrb w9, [x0]")
OP(op_ldrsw, "ldrsw x9, [x0]")
OP(op_ldp, "ldp x9, x10, [x0]")
OP(op_ldrq, "ldr q0, [x0]")
OP(op_ldar, "ldar x9, [x0]")
OP(op_ldapr, "ldapr x9, [x0]")
OP(op_str, "str xzr, [x0]")
OP(op_strb, "strb wzr, [x0]")
OP(op_stp, "stp xzr, xzr, [x0]")
OP(op_strq, "movi v0.2d, #0\n str q0, [x0]")
OP(op_stlr, "stlr xzr, [x0]")
OP(op_zva, "dc zva, x0")
OP(op_ldadd, "ldadd xzr, x9, [x0]")
OP(op_stadd, "stadd xzr, [x0]")
OP(op_ldaddal_w, "ldaddal wzr, w9, [x0]")
OP(op_ldclrb, "ldclrb wzr, w9, [x0]")
OP(op_swp, "swp xzr, x9, [x0]")
OP(op_cas_hit, "mov x9, #0\n cas x9, xzr, [x0]")
OP(op_cas_miss, "mov x9, #1\n cas x9, xzr, [x0]")
OP(op_casp, "mov x10, #0\n mov x11, #0\n mov x12, #0\n mov x13, #0\n casp x10, x11, x12, x13, [x0]")
OP(op_ldxr, "ldxr x9, [x0]\n clrex")
OP(op_llsc, "1: ldxr x9, [x0]\n stxr w10, x9, [x0]\n cbnz w10, 1b")
OP(op_prfm, "prfm pstl1keep, [x0]")
OP(op_exec, "br x0")

static const struct { const char *name; void (*f)(void *); } ops[] = {
  {"ldr", op_ldr}, {"ldrb", op_ldrb}, {"ldrsw", op_ldrsw}, {"ldp", op_ldp}, {"ldr.q", op_ldrq}, {"ldar", op_ldar},
  {"ldapr", op_ldapr}, {"str", op_str}, {"strb", op_strb}, {"stp", op_stp}, {"str.q", op_strq}, {"stlr", op_stlr},
  {"dc.zva", op_zva}, {"ldadd", op_ldadd}, {"stadd", op_stadd}, {"ldaddal.w", op_ldaddal_w}, {"ldclrb", op_ldclrb},
  {"swp", op_swp}, {"cas.hit", op_cas_hit}, {"cas.miss", op_cas_miss}, {"casp", op_casp}, {"ldxr", op_ldxr},
  {"llsc", op_llsc}, {"prfm", op_prfm}, {"exec", op_exec},
};
#define NOPS ((int)(sizeof ops / sizeof *ops))
#define NTOUCHES (NOPS - 2)  // without the last two, which touch no data
