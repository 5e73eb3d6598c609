// Takes three SIGSEGVs and prints what the kernel reports for each: signal code, address, and the ESR record of its signal frame.
// The handler steps over the instruction, and the program continues.
#include "signals.h"

static const char *what;

static void say(int signal, struct siginfo *info, struct ucontext *context) {
  const u64 *esr = esr_record(context);
  put(what);
  put(signal == SIGSEGV ? ": SIGSEGV" : ": another signal");
  put(info->code == 1 ? ", nothing mapped" : info->code == 2 ? ", not permitted" : ", other code");
  put(" at page offset 0x");
  hex(info->address & (PAGE - 1));
  if (esr) {
    put(", ESR 0x");
    hex(*esr);
    put(*esr & 64 ? " (write, " : " (read, ");  // bit 6: WnR
    u64 status = *esr & 63;                     // bits 5:0: DFSC
    put(status >> 2 == 1 ? "translation" : status >> 2 == 3 ? "permission" : "other");
    put(" fault, level ");
    dec(status & 3);
    put(")");
  } else {
    put(", no ESR record");
  }
  put("\n");
  context->pc += 4;
}

int guest_main(int argc, char **argv) {
  handle(SIGSEGV, say);
  char *area = map(3 * PAGE, PROT_R | PROT_W);
  *(volatile char *)area = 1;
  *(volatile char *)(area + PAGE) = 1;
  sys(SYS_mprotect, area, 2 * PAGE, PROT_R);
  sys(SYS_munmap, area + 2 * PAGE, PAGE, 0);

  what = "ldr of an unmapped page   ";
  asm volatile("ldr x9, [%0]" : : "r"(area + 2 * PAGE + 0x10) : "x9", "memory");
  what = "str to a read-only page   ";
  asm volatile("str xzr, [%0]" : : "r"(area + 0x20) : "memory");
  what = "ldadd on a read-only page ";
  asm volatile("ldadd xzr, x9, [%0]" : : "r"(area + PAGE + 0x30) : "x9", "memory");
  return 0;
}
