// Programs that break rules, one by argument: each must end as on Linux and never harm the host. Tests know what each ends in.
#include "signals.h"

enum { SYS_rt_sigreturn = 139 };

static void go(u64 address) { asm volatile("br %0" : : "r"(address)); }
static void stack_at(u64 address) { asm volatile("mov sp, %0\n ldr x0, [sp]" : : "r"(address) : "x0"); }

// Not a tail call: each level needs its own frame.
__attribute__((noinline)) static u64 deep(u64 n) {
  volatile u64 room[64];
  room[0] = n;
  return n == ~0ul ? 0 : deep(n + 1) + room[0];
}

static void say(const char *what, s64 result) { put(what); put(" "); dec(result); put("\n"); }

static s64 anonymous(u64 address, u64 length, u64 flags) {
  return sys6(SYS_mmap, address, length, PROT_R | PROT_W, MAP_PRIVATE | MAP_ANON | flags, -1, 0);
}

/// Sizes that no address space holds: every answer is an error, none is a crash.
static void absurd_sizes(void) {
  u64 page = (u64)map(PAGE, PROT_R | PROT_W);
  say("mmap of 0", anonymous(0, 0, 0));
  say("mmap of 2^64-1", anonymous(0, ~0ul, 0));
  say("mmap of 2^64-4096", anonymous(0, ~4095ul, 0));
  say("mmap of 2^48", anonymous(0, 1ul << 48, 0));
  say("mmap of 2^47", anonymous(0, 1ul << 47, 0));
  say("mmap fixed at 2^64-4096", anonymous(~4095ul, PAGE, 0x10));
  say("mmap fixed at 2^48", anonymous(1ul << 48, PAGE, 0x10));
  say("mmap fixed at 1", anonymous(1, PAGE, 0x10));
  say("mmap fixed at 0", anonymous(0, PAGE, 0x10));  // root may
  sys(SYS_munmap, 0, PAGE, 0);
  say("munmap of 2^64-1", sys(SYS_munmap, page, ~0ul, 0));
  say("munmap of 2^64-4096", sys(SYS_munmap, page, ~4095ul, 0));
  say("munmap at 2^64-4096", sys(SYS_munmap, ~4095ul, PAGE, 0));
  say("mprotect of 2^64-1", sys(SYS_mprotect, page, ~0ul, PROT_R));
  say("mprotect of 2^63", sys(SYS_mprotect, page, 1ul << 63, PROT_R));
  say("madvise of 2^64-1", sys(SYS_madvise, page, ~0ul, MADV_DONTNEED));
  say("madvise of 2^63", sys(SYS_madvise, page, 1ul << 63, 0));
  say("mremap to 2^64-1", sys6(SYS_mremap, page, PAGE, ~0ul, 1, 0, 0));
  say("mremap to 2^47", sys6(SYS_mremap, page, PAGE, 1ul << 47, 1, 0, 0));
  say("mremap from 2^64-4096", sys6(SYS_mremap, page, ~4095ul, PAGE, 1, 0, 0));
  say("brk to 2^64-1", sys(SYS_brk, ~0ul, 0, 0) == sys(SYS_brk, 0, 0, 0));
  say("write of 2^64-1 bytes", sys(SYS_write, 1, ~0ul, ~0ul));
  say("write from nowhere", sys(SYS_write, 1, 16, 8));
  say("no such call", sys(9999, 0, 0, 0));
}

static void eat_memory(void) {
  for (;;) {
    volatile char *more = map(1 << 20, PROT_R | PROT_W);
    for (u64 at = 0; at < 1 << 20; at += PAGE) more[at] = 1;
  }
}

/// A page in each gigabyte: each needs two tables of its own.
static void eat_tables(void) {
  for (u64 at = 1ul << 32;; at += 1ul << 30) {
    anonymous(at, PAGE, 0x10);
    *(volatile char *)at = 1;
  }
}

/// Buffers that a child makes smaller while a write to a pipe waits for room.
static void shrinking_buffers(void) {
  struct { void *base; u64 length; } *vector = (void *)sys6(SYS_mmap, 0, PAGE, PROT_R | PROT_W, MAP_SHARED | MAP_ANON, -1, 0);
  u64 size = 100000;
  *vector = (typeof(*vector)){map(size, PROT_R | PROT_W), size};
  int ends[2];
  sys(SYS_pipe2, ends, 0, 0);
  if (fork() == 0) {
    vector->length = 1;
    for (u64 all = 0; all < 1 << 16;) all += sys(SYS_read, ends[0], map(size, PROT_R | PROT_W), size);
    quit(0);
  }
  say("written", sys(66, ends[1], vector, 1) >= 1 << 16);
}

/// The last byte that a file can have, and what lies behind it: there is no such offset.
static void last_byte(void) {
  u64 last = (~0ul >> 1) - 1;
  s64 file = sys(SYS_memfd_create, "last", 0, 0);
  say("written", sys4(SYS_pwrite64, file, "x", 1, last));
  say("data", sys(SYS_lseek, file, 0, 3) != 0);
  say("hole", sys(SYS_lseek, file, last, 4) != (s64)last);
}

static void on_fault(int signal, struct siginfo *info, struct ucontext *context) { quit(77); }

int guest_main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  char *page = map(PAGE, PROT_R | PROT_W);
  page[0] = 0;
  if (same(what, "loop")) for (;;) asm volatile("");
  if (same(what, "jump-to-null")) go(0);
  if (same(what, "jump-to-data")) go((u64)page);
  if (same(what, "jump-misaligned")) go((u64)guest_start + 2);
  if (same(what, "jump-to-kernel")) go(0xffff000000080000);
  if (same(what, "jump-non-canonical")) go(0x0123456789abcdec);
  if (same(what, "load-kernel")) *(volatile u64 *)0xffff000000080000;
  if (same(what, "load-non-canonical")) *(volatile u64 *)0x0023456789abcde8;
  if (same(what, "store-text")) *(volatile u64 *)guest_start = 0;
  if (same(what, "sp-misaligned")) stack_at((u64)page + 8);
  if (same(what, "sp-nowhere")) stack_at(0x1000);
  if (same(what, "stack-overflow")) deep(0);
  if (same(what, "undefined")) asm volatile("udf #0");
  if (same(what, "breakpoint")) asm volatile("brk #1");
  if (same(what, "hvc")) asm volatile(".inst 0xd4000002");
  if (same(what, "privileged")) asm volatile("msr ttbr0_el1, x0");
  if (same(what, "atomic-misaligned")) asm volatile("ldadd x0, x1, [%0]" : : "r"(page + 4) : "x1", "memory");
  if (same(what, "sigreturn-garbage")) { sys(SYS_rt_sigreturn, 0, 0, 0); }
  if (same(what, "handler-without-stack")) { handle(SIGSEGV, on_fault); stack_at(0x1000); }
  if (same(what, "handler-in-data")) { handle(SIGSEGV, (signal_handler *)page); *(volatile char *)0x10 = 0; }
  if (same(what, "eat-memory")) eat_memory();
  if (same(what, "eat-tables")) eat_tables();
  if (same(what, "absurd-sizes")) { absurd_sizes(); return 0; }
  if (same(what, "shrinking-buffers")) { shrinking_buffers(); return 0; }
  if (same(what, "last-byte")) { last_byte(); return 0; }
  put("unknown case: ");
  put(what);
  put("\n");
  return 3;
}
