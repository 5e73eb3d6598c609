// Counts to 1000 in memory, once with LDXR and STXR and once with LDADD, and says whether both reach 1000.
.arch armv8.1-a
.globl _start
_start:
  sub  sp, sp, #16
  stp  xzr, xzr, [sp]
  add  x1, sp, #8
  mov  x2, #1
  mov  x3, #1000
1:ldxr x4, [sp]               // the old way: load, add, store unless someone else came between
  add  x4, x4, #1
  stxr w5, x4, [sp]
  cbnz w5, 1b
  ldadd x2, xzr, [x1]         // FEAT_LSE: one instruction, which must be allowed to write when it only loads
  subs x3, x3, #1
  b.ne 1b
  ldp  x4, x5, [sp]
  adr  x1, good
  mov  x2, #(bad - good)
  mov  x19, #0
  cmp  x4, #1000
  ccmp x5, x4, #0, eq
  b.eq 2f
  adr  x1, bad
  mov  x2, #(end - bad)
  mov  x19, #1
2:mov  x0, #1                 // stdout
  mov  x8, #64                // write
  svc  #0
  mov  x0, x19
  mov  x8, #94                // exit_group
  svc  #0
good:
  .ascii "Both counters are at 1000.\n"
bad:
  .ascii "The counters disagree.\n"
end:
