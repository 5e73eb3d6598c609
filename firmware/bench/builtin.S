// The guest programs that `faultline bench` carries with it, as position-independent fragments. The host starts each at its
// label with x19 to x23 set, and measures between exact instruction counts. Sources/FaultlineCommands/Bench/BuiltinPrograms.swift
// holds the same words; a test compares them.
//
// x19 bytes to touch   x20 rounds   x21 protection of the mapping   x23 advice for it

.arch armv8.5-a+lse
.text

// Every pretouch program is the head, one instruction that accesses [x3], and the tail.
.macro pretouch name, touch:vararg
.globl pretouch_\name
pretouch_\name:
  mov  x0, #0
  mov  x1, x19
  mov  x2, x21
  mov  x3, #0x22              // MAP_PRIVATE | MAP_ANONYMOUS
  mov  x4, #-1
  mov  x5, #0
  mov  x8, #222               // mmap
  svc  #0
  mov  x22, x0
  mov  x1, x19
  mov  x2, x23                // MADV_NOHUGEPAGE or MADV_HUGEPAGE
  mov  x8, #233               // madvise
  svc  #0
1:mov  x3, x22                // a round
  add  x4, x22, x19
2:\touch
  add  x3, x3, #4096
  cmp  x3, x4
  b.lo 2b
  mov  x0, x22
  mov  x1, x19
  mov  x2, #4                 // MADV_DONTNEED
  mov  x8, #233
  svc  #0
  subs x20, x20, #1
  b.ne 1b
  mov  x0, #0
  mov  x8, #94                // exit_group
  svc  #0
.endm

pretouch ldr,   ldr   x9, [x3]
pretouch str,   str   xzr, [x3]
pretouch ldadd, ldadd xzr, x9, [x3]
pretouch cas,   cas   xzr, xzr, [x3]

// LL/SC needs two registers and a loop of its own: load, store, retry.
.globl pretouch_llsc
pretouch_llsc:
  mov  x0, #0
  mov  x1, x19
  mov  x2, x21
  mov  x3, #0x22
  mov  x4, #-1
  mov  x5, #0
  mov  x8, #222
  svc  #0
  mov  x22, x0
  mov  x1, x19
  mov  x2, x23
  mov  x8, #233
  svc  #0
1:mov  x3, x22
  add  x4, x22, x19
2:ldxr x9, [x3]
  stxr w10, x9, [x3]
  cbnz w10, 2b
  add  x3, x3, #4096
  cmp  x3, x4
  b.lo 2b
  mov  x0, x22
  mov  x1, x19
  mov  x2, #4
  mov  x8, #233
  svc  #0
  subs x20, x20, #1
  b.ne 1b
  mov  x0, #0
  mov  x8, #94
  svc  #0

// The kernel touches the pages: one call for all of them.
.globl pretouch_populate
pretouch_populate:
  mov  x0, #0
  mov  x1, x19
  mov  x2, x21
  mov  x3, #0x22
  mov  x4, #-1
  mov  x5, #0
  mov  x8, #222
  svc  #0
  mov  x22, x0
  mov  x1, x19
  mov  x2, x23
  mov  x8, #233
  svc  #0
1:mov  x0, x22
  mov  x1, x19
  mov  x2, #23                // MADV_POPULATE_WRITE
  mov  x8, #233
  svc  #0
  mov  x0, x22
  mov  x1, x19
  mov  x2, #4
  mov  x8, #233
  svc  #0
  subs x20, x20, #1
  b.ne 1b
  mov  x0, #0
  mov  x8, #94
  svc  #0

// Hot loops: x20 iterations. Each ends with exit_group(0).
.macro done
  mov  x0, #0
  mov  x8, #94
  svc  #0
.endm

.globl cpu_alu                // one dependency chain, 10 instructions
cpu_alu:
1:add  x1, x1, x2
  eor  x2, x1, x3
  lsl  x3, x2, #1
  sub  x1, x3, x1
  orr  x2, x1, #1
  add  x3, x2, x3
  and  x1, x3, #0xffffffff
  add  x2, x1, x2
  subs x20, x20, #1
  b.ne 1b
  done

.globl cpu_alu_parallel       // the same work without the chain
cpu_alu_parallel:
1:add  x1, x1, #1
  eor  x2, x2, x20
  add  x3, x3, #3
  sub  x4, x4, #1
  orr  x5, x5, x20
  add  x6, x6, #7
  and  x7, x20, #0xff
  add  x9, x9, #9
  subs x20, x20, #1
  b.ne 1b
  done

.globl cpu_memory             // 64 KiB to 64 KiB below the stack pointer, 8 bytes at a time; x20 passes
cpu_memory:
  sub  x10, sp, #0x20, lsl #12
1:mov  x3, x10
  add  x4, x10, #0x10, lsl #12
  mov  x5, x4
2:ldr  x1, [x3], #8
  add  x1, x1, #1
  str  x1, [x5], #8
  cmp  x3, x4
  b.lo 2b
  subs x20, x20, #1
  b.ne 1b
  done

.globl cpu_branches           // calls, returns and taken and untaken tests
cpu_branches:
  adr  x10, 5f
1:bl   4f
  blr  x10
  tbz  x20, #0, 2f
  add  x1, x1, #1
2:cbz  x20, 3f
  tbnz x20, #1, 3f
  add  x1, x1, #2
3:subs x20, x20, #1
  b.ne 1b
  done
4:add  x2, x2, #1
  ret
5:cbnz x20, 6f
  add  x2, x2, #1
6:ret

.globl cpu_tlb                // ldadd of one word in each of x19 bytes' pages, already mapped; x20 passes
cpu_tlb:
  mov  x0, #0
  mov  x1, x19
  mov  x2, #3
  mov  x3, #0x22
  mov  x4, #-1
  mov  x5, #0
  mov  x8, #222
  svc  #0
  mov  x22, x0
1:mov  x3, x22
  add  x4, x22, x19
2:ldadd xzr, xzr, [x3]
  add  x3, x3, #4096
  cmp  x3, x4
  b.lo 2b
  subs x20, x20, #1
  b.ne 1b
  done

.globl fault_signal           // a load from an unmapped page and a handler that skips it; x20 rounds
fault_signal:
  sub  sp, sp, #64
  adr  x9, 3f
  str  x9, [sp]               // handler
  mov  x9, #4                 // SA_SIGINFO
  str  x9, [sp, #8]
  str  xzr, [sp, #16]
  str  xzr, [sp, #24]
  mov  x0, #11                // SIGSEGV
  mov  x1, sp
  mov  x2, #0
  mov  x3, #8
  mov  x8, #134               // rt_sigaction
  svc  #0
1:ldr  x9, [x19]
2:subs x20, x20, #1
  b.ne 1b
  done
3:ldr  x9, [x2, #440]         // uc_mcontext.pc
  add  x9, x9, #4
  str  x9, [x2, #440]
  ret
