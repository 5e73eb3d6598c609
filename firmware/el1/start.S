// Starts an image on its first PE and on others, runs one probe under another translation regime, and takes every exception.
// It prints nothing and does not know the tests; struct probe says what to run, and receives the result.
#include "layout.h"

.section .start, "ax"
.globl _start
_start:                         // MMU off, running at physical addresses; x0 is a device tree's address, or 0
  mov  x19, x0
  adr  x1, boot_stack_top
  ldr  x2, =HIGH
  orr  x20, x1, x2
  bl   go_high
  mov  sp, x20
  mov  x0, x19
  bl   el1_main
  bl   el1_exit

.globl secondary_start          // PSCI CPU_ON enters here; x0 is its context argument: a stack with a function above it
secondary_start:
  mov  x20, x0
  bl   go_high
  mov  sp, x20
  ldp  x1, x0, [x20]
  blr  x1
0:
  wfi
  b    0b

.macro home_registers             // the runtime's own regime without SCTLR_EL1; x1 is the table's physical address
  msr  ttbr0_el1, x1
  msr  ttbr1_el1, x1
  ldr  x1, =HOME_MAIR
  msr  mair_el1, x1
  ldr  x1, =HOME_TCR
  msr  tcr_el1, x1
  ldr  x1, =HOME_CPACR
  msr  cpacr_el1, x1
.endm

go_high:                        // turns the MMU on under the runtime's own map and returns to x30 there
  adr  x1, home_table
  home_registers
  msr  tpidr_el1, xzr
  msr  spsel, #1
  ldr  x3, =HIGH
  adr  x1, vectors
  orr  x1, x1, x3
  msr  vbar_el1, x1
  isb
  tlbi vmalle1
  dsb  nsh
  isb
  ldr  x1, =HOME_SCTLR
  msr  sctlr_el1, x1
  isb
  orr  x30, x30, x3
  ret

.macro home_regime                // from whatever a test installed
  ldr  x1, =home_table - HIGH
  home_registers
  ldr  x1, =HOME_SCTLR
  msr  sctlr_el1, x1
  isb
  tlbi vmalle1
  dsb  nsh
  isb
.endm

.text
// void run_probe(struct probe *): installs the probe's regime and enters it by ERET. The probed code ends with an exception, which
// is SVC #0xfff if no other comes first. The half that the test leaves unchanged holds the runtime; DELTA (0 or -HIGH) leads there.
.globl run_probe
run_probe:
  stp  x19, x20, [sp, #-96]!
  stp  x21, x22, [sp, #16]
  stp  x23, x24, [sp, #32]
  stp  x25, x26, [sp, #48]
  stp  x27, x28, [sp, #64]
  stp  x29, x30, [sp, #80]
  mov  x9, sp
  str  x9, [x0, #PROBE_STACK]
  ldr  x10, [x0, #PROBE_DELTA]
  add  x17, x0, x10
  mov  x12, #(WINDOW_CODE1 - WINDOW_KERNEL) << 30
  add  x12, x12, x10
  adr  x11, vectors
  add  x11, x11, x12
  msr  vbar_el1, x11
  adr  x11, 1f
  add  x11, x11, x12
  br   x11
1:
  msr  tpidr_el1, x17
  ldp  x1, x2, [x17, #PROBE_TTBR0]
  ldp  x3, x4, [x17, #PROBE_MAIR]
  ldp  x5, x6, [x17, #PROBE_SCTLR]
  ldp  x7, x8, [x17, #PROBE_ENTRY]
  msr  ttbr0_el1, x1
  msr  ttbr1_el1, x2
  msr  mair_el1, x3
  msr  tcr_el1, x4
  msr  sctlr_el1, x5
  isb
  tlbi vmalle1
  dsb  nsh
  isb
  msr  spsr_el1, x6
  msr  elr_el1, x7
  msr  sp_el0, x8
  msr  par_el1, xzr
  ldp  x0, x1, [x17, #PROBE_X]
  ldp  x2, x3, [x17, #PROBE_X + 16]
  clrex
  eret

.balign 2048
.globl vectors
vectors:
.irp offset, 0x000, 0x080, 0x100, 0x180, 0x200, 0x280, 0x300, 0x380, 0x400, 0x480, 0x500, 0x580, 0x600, 0x680, 0x700, 0x780
  .balign 128
  mov  x16, #\offset
  b    taken
.endr

taken:
  mrs  x17, tpidr_el1
  cbz  x17, unexpected
  msr  tpidr_el1, xzr          // an exception in here would be unexpected
  stp  x0, x1, [x17, #PROBE_OUT]
  stp  x2, x3, [x17, #PROBE_OUT + 16]
  mrs  x0, esr_el1
  mrs  x1, far_el1
  stp  x16, x0, [x17, #PROBE_VECTOR]
  mrs  x2, elr_el1
  stp  x1, x2, [x17, #PROBE_FAR]
  mrs  x0, spsr_el1
  mrs  x1, par_el1
  stp  x0, x1, [x17, #PROBE_SPSR]
  mrs  x2, pan                 // PSTATE as the exception left it
  mrs  x3, spsel
  orr  x2, x2, x3
  mrs  x3, currentel
  orr  x2, x2, x3
  mrs  x3, daif
  orr  x2, x2, x3
  str  x2, [x17, #PROBE_TAKEN]
  msr  spsel, #1
  msr  pan, #0
  ldr  x9, [x17, #PROBE_STACK]
  ldr  x10, [x17, #PROBE_DELTA]
  mov  sp, x9
  home_regime
  ldr  x1, =vectors
  msr  vbar_el1, x1
  isb
  ldp  x29, x30, [sp, #80]
  ldp  x27, x28, [sp, #64]
  ldp  x25, x26, [sp, #48]
  ldp  x23, x24, [sp, #32]
  ldp  x21, x22, [sp, #16]
  ldp  x19, x20, [sp], #96
  ret

// Outside a probe, an interrupt goes to el1_interrupt and returns; any other exception ends the image with a message.
unexpected:
  and  x17, x16, #0x180
  cmp  x17, #0x80
  b.eq 1f
  mov  x0, x16
  mrs  x1, esr_el1
  mrs  x2, far_el1
  mrs  x3, elr_el1
  mov  x5, x0
  mov  x6, x1
  home_regime
  mov  x0, x5
  mov  x1, x6
  ldr  x4, =boot_stack_top
  mov  sp, x4
  ldr  x4, =el1_panic
  br   x4
1:
  sub  sp, sp, #192
  stp  x0, x1, [sp]
  stp  x2, x3, [sp, #16]
  stp  x4, x5, [sp, #32]
  stp  x6, x7, [sp, #48]
  stp  x8, x9, [sp, #64]
  stp  x10, x11, [sp, #80]
  stp  x12, x13, [sp, #96]
  stp  x14, x15, [sp, #112]
  stp  x18, x30, [sp, #128]
  mrs  x0, spsr_el1
  mrs  x1, elr_el1
  stp  x0, x1, [sp, #144]
  mov  x0, x16
  mrs  x1, isr_el1
  bl   el1_interrupt
  ldp  x0, x1, [sp, #144]
  msr  spsr_el1, x0
  msr  elr_el1, x1
  ldp  x18, x30, [sp, #128]
  ldp  x14, x15, [sp, #112]
  ldp  x12, x13, [sp, #96]
  ldp  x10, x11, [sp, #80]
  ldp  x8, x9, [sp, #64]
  ldp  x6, x7, [sp, #48]
  ldp  x4, x5, [sp, #32]
  ldp  x2, x3, [sp, #16]
  ldp  x0, x1, [sp]
  add  sp, sp, #192
  eret                          // x16 and x17 are lost: programs enable interrupts only around WFI, with those clobbered

.globl semihost                 // long semihost(long operation, const void *parameter)
semihost:
  hlt  #0xf000
  ret
.globl psci_hvc                 // long psci_hvc(function, a, b, c)
psci_hvc:
  hvc  #0
  ret
.globl psci_smc
psci_smc:
  smc  #0
  ret
.ltorg

.data
.balign 4096
.globl home_table
home_table:
  .quad 0x0060000000000401      // window 0: devices, Device-nGnRnE
  .quad 0x0040000040000705      // window 1: RAM, AP 00, UXN
  .quad 0x00200000400007c5      // window 2: RAM, AP 11, PXN
  .quad 0x0060000040000745      // window 3: RAM, AP 01, UXN, PXN
  .quad 0x0040000040000785      // window 4: RAM, AP 10, UXN
  .balign 4096

.bss
.balign 4096
  .skip 65536
.globl boot_stack_top
boot_stack_top:
  .skip 16
