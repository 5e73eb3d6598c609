// Linux's arm64 signal frame as a handler sees it, and the registration of handlers.
// It does not know what a handler does with a fault.
#pragma once
#include "guest.h"

enum { SIGILL = 4, SIGTRAP = 5, SIGBUS = 7, SIGSEGV = 11 };

struct siginfo { int signal, error, code, pad; u64 address; };

struct ucontext {
  u64 flags, link, stack[3], mask[16], pad;
  u64 fault_address, regs[31], sp, pc, pstate, pad2;
  u8 records[4096];  // each: u32 magic, u32 size, contents; a zero magic ends them
};
_Static_assert(__builtin_offsetof(struct ucontext, fault_address) == 176, "ucontext layout");

#define ESR_MAGIC 0x45535201u

/// The ESR record of a frame, or null: Linux adds one to the signals that an abort raised.
static const u64 *esr_record(struct ucontext *context) {
  for (u8 *record = context->records; *(u32 *)record; record += ((u32 *)record)[1])
    if (*(u32 *)record == ESR_MAGIC) return (u64 *)(record + 8);
  return 0;
}

typedef void signal_handler(int signal, struct siginfo *info, struct ucontext *context);

void restorer(void);
asm(".text\n.globl restorer\nrestorer: mov x8, #139\n svc #0\n");

static void handle(int signal, signal_handler *handler) {
  enum { SA_SIGINFO = 4, SA_RESTORER = 0x04000000, SA_NODEFER = 0x40000000 };
  struct { signal_handler *handler; u64 flags; void (*restorer)(void); u64 mask; } action = {
    handler, SA_SIGINFO | SA_NODEFER | SA_RESTORER, restorer, 0};
  sys6(SYS_rt_sigaction, signal, (s64)&action, 0, 8, 0, 0);
}
