// How stacks grow: the process's own and MAP_GROWSDOWN mappings; which accesses make them grow, how far, and what stops them.
#include "memory.h"

enum { RLIMIT_STACK = 3, MAP_STACK = 0x20000, PROT_GROWSDOWN = 0x01000000, PROT_GROWSUP = 0x02000000, SA_ONSTACK = 0x08000000 };

static void clear(void) { unmap(0, 8192); }

static char *anchor;  // an address in the mapping that is to grow

/// The mapping that holds an address; nothing where there is none.
struct span { char *low, *high; };
static struct span mapping_of(void *address) {
  read_whole("/proc/self/maps", proc_text, sizeof proc_text);
  for (const char *at = proc_text; *at;) {
    u64 low = parse_hex(&at);
    at++;
    u64 high = parse_hex(&at);
    if (low <= (u64)address && (u64)address < high) return (struct span){(char *)low, (char *)high};
    while (*at && *at++ != '\n') {}
  }
  return (struct span){0, 0};
}

static void limit(u64 pages) {
  u64 limits[2] = {pages == ~0ul ? pages : pages * PAGE, ~0ul};
  sys4(SYS_prlimit64, 0, RLIMIT_STACK, limits, 0);
}

/// One access at a distance of pages below the mapping of the anchor: the fault, and by how many pages the mapping grew.
static void grow_at(const char *what, void (*instruction)(void *), u64 distance, u64 offset, int keep) {
  char *low = mapping_of(anchor).low;
  name(what); access(instruction, low - distance * PAGE + offset);
  char *now = mapping_of(anchor).low;
  column((low - now) / (s64)PAGE); pages(low - 8 * PAGE, 8); end();
  if (!keep && now < low) sys(SYS_munmap, now, low - now, 0);
}
static void grow(const char *what, void (*instruction)(void *), u64 distance) { grow_at(what, instruction, distance, 0x100, 0); }

static s64 file;

/// The same questions for any mapping that grows.
static void accesses(const char *kind) {
  put(kind); grow(".read.1", op_ldr, 1);
  put(kind); grow(".write.1", op_str, 1);
  put(kind); grow(".write.2", op_str, 2);
  put(kind); grow(".write.8", op_str, 8);
  put(kind); grow(".write.100", op_str, 100);
  put(kind); grow(".read.1000", op_ldr, 1000);
  put(kind); grow_at(".last-word", op_str, 1, PAGE - 8, 0);
  put(kind); grow_at(".straddles", op_str, 1, PAGE - 4, 0);
  put(kind); grow(".ldadd", op_ldadd, 1);
  put(kind); grow(".ldadd.8", op_ldadd, 8);
  put(kind); grow(".cas.hit", op_cas_hit, 1);
  put(kind); grow(".cas.miss", op_cas_miss, 1);
  put(kind); grow(".casp", op_casp, 1);
  put(kind); grow(".swp", op_swp, 1);
  put(kind); grow(".ldxr", op_ldxr, 1);
  put(kind); grow(".llsc", op_llsc, 1);
  put(kind); grow(".zva", op_zva, 1);
  put(kind); grow(".stp", op_stp, 1);
  put(kind); grow(".prfm", op_prfm, 1);
  put(kind); grow(".exec", op_exec, 1);
  // A write further down makes the stack grow; the pages between take their own faults.
  char *low = mapping_of(anchor).low;
  put(kind); grow_at(".far", op_str, 6, 0x100, 1);
  put(kind); name(".far.between"); touch(op_str, low - 5 * PAGE, 5); pages(low - 8 * PAGE, 8); end();
  sys(SYS_munmap, low - 6 * PAGE, 6 * PAGE, 0);

  put(kind); name(".kernel-writes"); s64 before = minor_faults();
  s64 result = sys4(SYS_pread64, file, low - 3 * PAGE + 8, 8, 0);
  s64 faults = minor_faults() - before;
  column(result); column(faults); column((low - mapping_of(anchor).low) / (s64)PAGE); column(peek(low - 3 * PAGE)); end();
  if (mapping_of(anchor).low < low) sys(SYS_munmap, low - 3 * PAGE, 3 * PAGE, 0);
  put(kind); name(".kernel-reads"); before = minor_faults();
  result = sys4(SYS_pwrite64, file, low - 3 * PAGE + 8, 8, 64);
  faults = minor_faults() - before;
  column(result); column(faults); column((low - mapping_of(anchor).low) / (s64)PAGE); pages(low - 8 * PAGE, 8); end();
  if (mapping_of(anchor).low < low) sys(SYS_munmap, low - 3 * PAGE, 3 * PAGE, 0);
  put(kind); name(".kernel-writes-across"); before = minor_faults();
  result = sys4(SYS_pread64, file, low - 2 * PAGE, 3 * PAGE, 0);
  faults = minor_faults() - before;
  column(result); column(faults); column((low - mapping_of(anchor).low) / (s64)PAGE); pages(low - 8 * PAGE, 8); end();
  if (mapping_of(anchor).low < low) sys(SYS_munmap, mapping_of(anchor).low, low - mapping_of(anchor).low, 0);
  put(kind); name(".mprotect-below"); column(sys(SYS_mprotect, low - PAGE, PAGE, PROT_R));
  column((low - mapping_of(anchor).low) / (s64)PAGE); end();
  put(kind); name(".madvise-below"); column(sys(SYS_madvise, low - PAGE, PAGE, MADV_POPULATE_WRITE));
  column((low - mapping_of(anchor).low) / (s64)PAGE); end();
  put(kind); name(".mlock-below"); column(sys(SYS_mlock, low - PAGE, PAGE, 0)); column((low - mapping_of(anchor).low) / (s64)PAGE); end();
}

/// A mapping below: the pages between it and the mapping that grows, which stops 256 pages above it.
static void neighbour(const char *what, u64 gap, int protection, int flags, u64 distance) {
  char *low = mapping_of(anchor).low;
  u64 size = 4 * PAGE;
  mmap_at(low - gap * PAGE - size, size, protection, flags, -1, 0);
  grow(what, op_str, distance);
  sys(SYS_munmap, low - gap * PAGE - size, size, 0);
}
static void neighbours(const char *kind) {
  put(kind); neighbour(".gap.258.touch-1", 258, RW, ANON, 1);
  put(kind); neighbour(".gap.257.touch-1", 257, RW, ANON, 1);
  put(kind); neighbour(".gap.256.touch-1", 256, RW, ANON, 1);
  put(kind); neighbour(".gap.258.touch-2", 258, RW, ANON, 2);
  put(kind); neighbour(".gap.257.touch-2", 257, RW, ANON, 2);
  put(kind); neighbour(".gap.300.touch-44", 300, RW, ANON, 44);
  put(kind); neighbour(".gap.300.touch-45", 300, RW, ANON, 45);
  put(kind); neighbour(".gap.300.touch-299", 300, RW, ANON, 299);
  put(kind); neighbour(".gap.1.touch-1", 1, RW, ANON, 1);
  put(kind); neighbour(".gap.0.touch-1", 0, RW, ANON, 1);
  put(kind); neighbour(".gap.256.read-only", 256, PROT_R, ANON, 1);
  put(kind); neighbour(".gap.256.none", 256, 0, ANON, 1);
  put(kind); neighbour(".gap.1.none", 1, 0, ANON, 1);
  put(kind); neighbour(".gap.2.none.touch-2", 2, 0, ANON, 2);
  put(kind); neighbour(".gap.2.none.touch-3", 2, 0, ANON, 3);
  put(kind); neighbour(".gap.256.shared", 256, RW, SHARED_ANON, 1);
  put(kind); neighbour(".gap.256.growsdown", 256, RW, ANON | MAP_GROWSDOWN, 1);
  put(kind); neighbour(".gap.1.growsdown", 1, RW, ANON | MAP_GROWSDOWN, 1);
  put(kind); neighbour(".gap.0.growsdown", 0, RW, ANON | MAP_GROWSDOWN, 1);
}

static void limits(const char *kind, char *high) {
  u64 size = (high - mapping_of(anchor).low) / PAGE;
  limit(size + 4);
  put(kind); grow(".limit.within", op_str, 4);
  put(kind); grow(".limit.beyond", op_str, 5);
  put(kind); grow(".limit.far-beyond", op_str, 1000);
  put(kind); grow(".limit.beyond.read", op_ldr, 5);
  put(kind); grow(".limit.beyond.ldadd", op_ldadd, 5);
  limit(size);
  put(kind); grow(".limit.reached", op_str, 1);
  limit(1);
  put(kind); grow(".limit.below-size", op_str, 1);
  limit(0);
  put(kind); grow(".limit.0", op_ldr, 1);
  limit(~0ul);
  put(kind); grow(".limit.none", op_str, 3000);
  limit(2048);
  put(kind); grow(".limit.2048", op_str, 2048 - size);
  put(kind); grow(".limit.2048.beyond", op_str, 2049 - size);
}

static void grows_down(u64 page, u64 count) {
  mmap_at(AT(page), count * PAGE, RW, ANON | MAP_GROWSDOWN, -1, 0);
  advise(page, count, MADV_NOHUGEPAGE);
  anchor = AT(page + count - 1);
}

/// Mappings with MAP_GROWSDOWN that are split, and mmap's treatment of the flag.
static void shapes(void) {
  grows_down(4000, 8); fill(AT(4000), 8);
  name("hole.munmap"); column(unmap(4002, 3)); areas(3000, 2000); end();
  name("hole.touch"); access(op_str, AT(4004)); areas(3000, 2000); access(op_str, AT(4003)); access(op_str, AT(4002));
  areas(3000, 2000); end();
  name("hole.touch-below"); access(op_str, AT(3990)); areas(3000, 2000); end(); clear();
  grows_down(4000, 8); name("protect.middle"); column(protect(4003, 2, PROT_R)); areas(3000, 2000); end();
  name("protect.middle.touch"); access(op_str, AT(4003)); access(op_str, AT(3998)); areas(3000, 2000); end(); clear();
  grows_down(4000, 8); name("protect.first-read-only"); column(protect(4000, 2, PROT_R)); access(op_str, AT(3999));
  access(op_ldr, AT(3998)); areas(3000, 2000); end(); clear();
  grows_down(4000, 8); name("protect.first-none"); column(protect(4000, 2, 0)); access(op_str, AT(3999)); access(op_ldr, AT(3998));
  areas(3000, 2000); end(); clear();
  grows_down(4000, 8); name("protect.growsdown.middle"); column(protect(4004, 1, PROT_R | PROT_GROWSDOWN)); areas(3000, 2000);
  end();
  name("protect.growsdown.last"); column(protect(4007, 1, PROT_R | PROT_GROWSDOWN)); areas(3000, 2000); end(); clear();
  grows_down(4000, 8); name("protect.growsup"); column(protect(4004, 1, PROT_R | PROT_GROWSUP)); areas(3000, 2000); end();
  name("protect.growsdown-and-up"); column(protect(4004, 1, PROT_R | PROT_GROWSDOWN | PROT_GROWSUP)); areas(3000, 2000); end();
  name("protect.growsdown.below"); column(protect(3999, 1, PROT_R | PROT_GROWSDOWN)); areas(3000, 2000); end();
  name("protect.growsdown.below-and-first"); column(protect(3999, 2, PROT_R | PROT_GROWSDOWN)); areas(3000, 2000); end(); clear();
  anonymous(4000, 8, RW); name("protect.growsdown.plain"); column(protect(4004, 1, PROT_R | PROT_GROWSDOWN)); areas(3000, 2000);
  end(); clear();
  mmap_at(AT(4000), 8 * PAGE, RW, ANON | MAP_GROWSDOWN, -1, 0); mmap_at(AT(4008), 8 * PAGE, RW, ANON | MAP_GROWSDOWN, -1, 0);
  name("two-neighbours"); areas(3000, 2000); access(op_str, AT(3999)); areas(3000, 2000); end(); clear();
  mmap_at(AT(4000), 8 * PAGE, RW, ANON | MAP_GROWSDOWN, -1, 0); anonymous(4008, 8, RW); name("plain-above"); areas(3000, 2000);
  access(op_str, AT(3999)); areas(3000, 2000); end(); clear();
  name("mmap.shared"); place(mmap_at(AT(4000), PAGE, RW, SHARED_ANON | MAP_GROWSDOWN, -1, 0)); areas(3000, 2000); end(); clear();
  name("mmap.shared-file"); place(mmap_at(AT(4000), PAGE, RW, MAP_SHARED | MAP_FIXED | MAP_GROWSDOWN, file, 0)); areas(3000, 2000);
  access(op_str, AT(3999)); areas(3000, 2000); end(); clear();
  name("mmap.private-file"); place(mmap_at(AT(4000), PAGE, RW, MAP_PRIVATE | MAP_FIXED | MAP_GROWSDOWN, file, 0));
  areas(3000, 2000); access(op_str, AT(3999)); areas(3000, 2000); end(); clear();
  name("mmap.stack-flag"); place(mmap_at(AT(4000), 4 * PAGE, RW, ANON | MAP_STACK, -1, 0)); areas(3000, 2000);
  access(op_str, AT(3999)); end(); clear();
  grows_down(4000, 8); name("noreplace.in-gap"); place(mmap_at(AT(3990), PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
  areas(3000, 2000); access(op_str, AT(3999)); end(); clear();
  grows_down(4000, 8); name("noreplace.below");
  place(mmap_at(AT(3999), PAGE, RW, MAP_PRIVATE | MAP_ANON | MAP_FIXED_NOREPLACE, -1, 0)); areas(3000, 2000); end();
  name("noreplace.on-it"); place(mmap_at(AT(4000), PAGE, RW, MAP_PRIVATE | MAP_ANON | MAP_FIXED_NOREPLACE, -1, 0));
  areas(3000, 2000); end(); clear();
  static const u64 hints[] = {3999, 3990, 3744, 3743, 3742, 3700};
  for (u64 i = 0; i < sizeof hints / sizeof *hints; i++) {
    grows_down(4000, 8);
    s64 at = mmap_at(AT(hints[i]), PAGE, RW, MAP_PRIVATE | MAP_ANON, -1, 0);
    name("hint."); dec(4000 - hints[i]); column(at == (s64)AT(hints[i])); end();
    sys(SYS_munmap, at, PAGE, 0); clear();
  }
  grows_down(4000, 8); name("locked.growth"); sys(SYS_mlock, AT(4000), 8 * PAGE, 0); s64 locked = status("VmLck:");
  access(op_str, AT(3996)); pages(AT(3990), 18); column(status("VmLck:") - locked); end(); clear();
  grows_down(4000, 8); name("growth.VmStk"); s64 stack = status("VmStk:"), total = status("VmSize:"), data = status("VmData:");
  access(op_str, AT(3900));
  column(status("VmStk:") - stack); column(status("VmSize:") - total); column(status("VmData:") - data); end(); clear();
  grows_down(4000, 8); name("fork.growth"); flush();
  s64 child = fork();
  if (!child) { warm(); access(op_str, AT(3995)); areas(3000, 2000); put("\tchild\n"); quit(0); }
  output_length = 0; wait_for(child); warm();
  name("fork.growth.parent"); areas(3000, 2000); end(); clear();
}

static char signal_stack[8 * PAGE];
static int on_signal_stack;

static void on_signal_anywhere(int signal, struct siginfo *info, struct ucontext *context) {
  char *frame = __builtin_frame_address(0);
  on_signal_stack = frame >= signal_stack && frame < signal_stack + sizeof signal_stack;
  on_signal(signal, info, context);
}
static void handle_with(int flags) {
  struct { signal_handler *handler; u64 flags; void (*restorer)(void); u64 mask; } action = {
    on_signal_anywhere, 4 | 0x04000000 | 0x40000000 | flags, restorer, 0};  // SA_SIGINFO, SA_RESTORER, SA_NODEFER
  sys4(SYS_rt_sigaction, SIGSEGV, &action, 0, 8);
}

// fault_with(stack, address): loads from an address with the stack pointer elsewhere.
void fault_with(void *stack, void *address);
asm(".text\nfault_with: stp x29, x30, [sp, #-16]!\n mov x9, sp\n mov sp, x0\n bl 1f\n mov sp, x9\n"
    " ldp x29, x30, [sp], #16\n ret\n1: ldr x10, [x1]\n ret\n");

static void frame(const char *what, char *stack) {
  caught.sig = 0;
  on_signal_stack = 0;
  char *low = mapping_of(anchor).low;
  s64 before = minor_faults();
  fault_with(stack, (void *)8);
  s64 faults = minor_faults() - before;
  name(what); column(faults); column(caught.sig); column(on_signal_stack); column((low - mapping_of(anchor).low) / (s64)PAGE); end();
}
/// The same in a child that may not survive it: its wait status.
static void frame_in_child(const char *what, char *stack, u64 pages_of_limit, int flags) {
  flush();
  s64 child = fork();
  if (!child) {
    warm();
    limit(pages_of_limit);
    handle_with(flags);
    fault_with(stack, (void *)8);
    sys(SYS_exit_group, 7 + on_signal_stack, 0, 0);
  }
  name(what); column(wait_for(child)); end();
  warm();
}

/// Signal frames on stacks that must grow for them, that cannot, or that are left for another stack.
static void frames(void) {
  struct { void *stack; int flags; u64 size; } other = {signal_stack, 0, sizeof signal_stack};
  sys(SYS_sigaltstack, &other, 0, 0);
  handle_with(0);
  grows_down(4000, 8); fill(AT(4000), 8);
  frame("frame.fits", AT(4008)); frame("frame.grows", AT(4000) + 256); frame("frame.far-below", AT(3990));
  handle_with(SA_ONSTACK);
  clear(); grows_down(4000, 8); fill(AT(4000), 8);
  frame("frame.other-stack", AT(4000) + 256);
  frame_in_child("frame.limit", AT(4000) + 256, 8, 0);
  frame_in_child("frame.limit.other-stack", AT(4000) + 256, 8, SA_ONSTACK);
  frame_in_child("frame.no-stack", AT(100), 2048, 0);
  frame_in_child("frame.no-stack.other-stack", AT(100), 2048, SA_ONSTACK);
  frame_in_child("frame.misaligned", AT(4004) + 8, 2048, 0);
  protect(4000, 8, PROT_R);
  frame_in_child("frame.read-only", AT(4004), 2048, 0);
  clear();
  handle(SIGSEGV, on_signal);
}

int oracle_main(void) {
  memory_start();
  u64 limits_now[2];
  sys4(SYS_prlimit64, 0, RLIMIT_STACK, 0, limits_now);
  name("rlimit"); column(limits_now[0]); column((s64)limits_now[1]); end();
  limit(2048);
  file = memfd("stack", 4);
  u64 words[2] = {5, 6};
  sys4(SYS_pwrite64, file, words, 16, 0);
  anchor = __builtin_frame_address(0);
  name("stack.pages"); column((mapping_of(anchor).high - mapping_of(anchor).low) / (s64)PAGE); end();
  esr_hidden = 3;  // the stack is at a random place: which level of the tables ends a walk below it is chance
  accesses("stack");
  neighbours("stack");
  limits("stack", mapping_of(anchor).high);
  esr_hidden = 0;
  grows_down(4000, 8);
  accesses("growsdown");
  neighbours("growsdown");
  limits("growsdown", AT(4008));
  clear();
  shapes();
  frames();
  return 0;
}
