// What mremap does: results, faults after it, contents, and the mappings that it leaves.
#include "memory.h"

static s64 remap(u64 page, u64 old_pages, u64 new_pages, int flags, u64 target) {
  return sys6(SYS_mremap, (s64)AT(page), old_pages * PAGE, new_pages * PAGE, flags, (s64)AT(target), 0);
}
/// One mremap of the area of the rows: pages 0 to 63, whose mappings it prints with what their pages hold.
static void row(const char *what, u64 page, u64 old_pages, u64 new_pages, int flags, u64 target) {
  name(what);
  s64 before = minor_faults();
  s64 result = remap(page, old_pages, new_pages, flags, target);
  s64 faults = minor_faults() - before;
  place(result); column(faults); areas(0, 64); pages(AT(0), 64); end();
}

static void clear(void) { unmap(0, 4096); }

/// Raw arguments on a fresh mapping of pages 0 to 7: errors and their order.
static void error(const char *what, u64 address, u64 old_size, u64 new_size, int flags, u64 target) {
  clear();
  anonymous(0, 8, RW);
  name(what); place(sys6(SYS_mremap, address, old_size, new_size, flags, target, 0)); areas(0, 64); end();
}

static void grow_and_shrink(void) {
  anonymous(0, 4, RW); fill(AT(0), 4); row("grow.in-place", 0, 4, 8, 0, 0); clear();
  anonymous(0, 4, RW); fill(AT(0), 4); row("grow.in-place.maymove", 0, 4, 8, MREMAP_MAYMOVE, 0);
  name("grow.new-pages"); write_at(AT(6)); read_at(AT(3)); column(peek(AT(3))); end(); clear();
  anonymous(0, 4, RW); anonymous(6, 1, PROT_R); row("grow.blocked", 0, 4, 8, 0, 0);
  row("grow.up-to-neighbour", 0, 4, 6, 0, 0); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); row("grow.tail-of-mapping", 4, 4, 8, 0, 0); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); row("grow.middle-of-mapping", 2, 2, 4, 0, 0); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); row("grow.middle-same-size", 2, 4, 4, 0, 0);
  row("same-size", 0, 8, 8, 0, 0); row("same-size.maymove", 0, 8, 8, MREMAP_MAYMOVE, 0); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); row("shrink", 0, 8, 3, 0, 0); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); row("shrink.middle", 2, 4, 1, 0, 0); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); row("shrink.maymove", 0, 8, 1, MREMAP_MAYMOVE, 0); clear();
  anonymous(0, 4, RW); anonymous(4, 4, PROT_R); fill(AT(0), 4); row("shrink.across-mappings", 0, 8, 2, 0, 0); clear();
  anonymous(0, 4, RW); anonymous(6, 4, RW); fill(AT(0), 4); row("shrink.across-a-hole", 0, 10, 2, 0, 0); clear();
  anonymous(0, 4, RW); anonymous(8, 4, RW); fill(AT(0), 4); row("grow.fills-the-gap", 0, 4, 8, 0, 0); clear();
  anonymous(0, 4, RW); fill(AT(0), 4); row("grow.old-size-too-large", 0, 6, 8, 0, 0);
  row("grow.old-size-too-large.maymove", 0, 6, 8, MREMAP_MAYMOVE, 0); clear();
}

/// The kernel chooses the new place of a mapping that must move, so only its contents are printed.
static void must_move(void) {
  anonymous(0, 4, RW); fill(AT(0), 4); anonymous(4, 1, RW);
  s64 to = remap(0, 4, 16, MREMAP_MAYMOVE, 0);
  name("grow.moves"); column(to > 0 && to != (s64)BASE); areas(0, 64); pages((char *)to, 16); touch(op_ldr, (char *)to, 4);
  touch(op_str, (char *)to, 4);
  touch(op_str, (char *)to + 4 * PAGE, 12); column(peek((char *)to + 3 * PAGE)); end();
  sys(SYS_munmap, to, 16 * PAGE, 0); clear();
  anonymous(0, 8, RW); fill(AT(0), 8);
  to = remap(2, 2, 6, MREMAP_MAYMOVE, 0);
  name("grow.middle-moves"); column(to > 0 && to != (s64)AT(2)); areas(0, 64); pages(AT(0), 8); pages((char *)to, 6);
  column(peek((char *)to + PAGE)); end();
  sys(SYS_munmap, to, 6 * PAGE, 0); clear();
}

static void moves(void) {
  int to = MREMAP_MAYMOVE | MREMAP_FIXED;
  anonymous(0, 4, RW); fill(AT(0), 3); row("move.whole", 0, 4, 4, to, 16);
  name("move.whole.after"); touch(op_ldr, AT(16), 3); touch(op_str, AT(16), 4); column(peek(AT(18))); access(op_ldr, AT(0)); end();
  clear();
  anonymous(0, 8, RW); fill(AT(0), 8); row("move.middle", 2, 3, 3, to, 16);
  name("move.middle.after"); touch(op_str, AT(16), 3); column(peek(AT(17))); access(op_str, AT(3)); end(); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); row("move.and-grow", 0, 4, 8, to, 16); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); row("move.and-shrink", 0, 8, 2, to, 16); clear();
  anonymous(0, 8, RW); look(AT(0), 8); row("move.zero-pages", 0, 8, 8, to, 16);
  name("move.zero-pages.after"); touch(op_str, AT(16), 8); end(); clear();
  anonymous(0, 4, RW); row("move.untouched", 0, 4, 4, to, 16);
  name("move.untouched.after"); touch(op_str, AT(16), 4); end(); clear();
  anonymous(0, 4, RW); fill(AT(0), 4); anonymous(16, 8, RW); fill(AT(16), 8); row("move.onto-mapping", 0, 4, 4, to, 18);
  name("move.onto-mapping.after"); column(peek(AT(17))); column(peek(AT(18))); column(peek(AT(22))); end(); clear();
  anonymous(0, 4, RW); fill(AT(0), 4); anonymous(16, 2, PROT_R); anonymous(20, 4, RW); row("move.onto-two", 0, 4, 4, to, 17);
  clear();
  anonymous(0, 4, RW); fill(AT(0), 4); anonymous(16, 4, RW); fill(AT(16), 4); row("move.next-to-another", 0, 4, 4, to, 20);
  row("move.back-between", 16, 2, 2, to, 18); clear();
  // The pages of one mapping are moved apart and together again; they are one mapping if the page offsets fit.
  anonymous(0, 8, RW); fill(AT(0), 8); row("rejoin.away", 4, 4, 4, to, 32); row("rejoin.back", 32, 4, 4, to, 4); clear();
  anonymous(0, 8, RW); row("rejoin.untouched.away", 4, 4, 4, to, 32); row("rejoin.untouched.back", 32, 4, 4, to, 4); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); row("swap.first", 0, 4, 4, to, 32); row("swap.second", 4, 4, 4, to, 0);
  row("swap.third", 32, 4, 4, to, 4); clear();
  anonymous(0, 4, RW); row("untouched.joins", 0, 4, 4, to, 16); anonymous(20, 4, RW); row("untouched.joined", 16, 8, 8, to, 32);
  clear();
}

static void dont_unmap(void) {
  int keep = MREMAP_MAYMOVE | MREMAP_DONTUNMAP;
  anonymous(0, 4, RW); fill(AT(0), 4); row("dontunmap.fixed", 0, 4, 4, keep | MREMAP_FIXED, 16);
  name("dontunmap.fixed.after"); touch(op_ldr, AT(0), 2); touch(op_str, AT(0), 4); touch(op_str, AT(16), 4); column(peek(AT(0)));
  column(peek(AT(18))); end(); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); row("dontunmap.middle", 2, 2, 2, keep | MREMAP_FIXED, 16);
  name("dontunmap.middle.after"); touch(op_str, AT(0), 8); column(peek(AT(16))); end(); clear();
  anonymous(0, 4, RW); fill(AT(0), 4); row("dontunmap.grow", 0, 4, 8, keep | MREMAP_FIXED, 16);
  row("dontunmap.shrink", 0, 4, 2, keep | MREMAP_FIXED, 16);
  row("dontunmap.without-maymove", 0, 4, 4, MREMAP_DONTUNMAP, 16); clear();
  anonymous(0, 4, RW); fill(AT(0), 4);
  s64 to = sys6(SYS_mremap, BASE, 4 * PAGE, 4 * PAGE, keep, (s64)AT(16), 0);
  name("dontunmap.hint"); place(to); areas(0, 64); pages(AT(0), 4); pages((char *)to, 4); end();
  sys(SYS_munmap, to, 4 * PAGE, 0); clear();
  anonymous(0, 4, RW); fill(AT(0), 4);
  to = sys6(SYS_mremap, BASE, 4 * PAGE, 4 * PAGE, keep, 0, 0);
  name("dontunmap.anywhere"); column(to > 0); areas(0, 64); pages(AT(0), 4); pages((char *)to, 4); end();
  sys(SYS_munmap, to, 4 * PAGE, 0); clear();
  mmap_at(AT(0), 4 * PAGE, RW, SHARED_ANON, -1, 0); fill(AT(0), 4); row("dontunmap.shared", 0, 4, 4, keep | MREMAP_FIXED, 16);
  name("dontunmap.shared.after"); touch(op_ldr, AT(0), 4); touch(op_ldr, AT(16), 4); column(peek(AT(0))); end(); clear();
  s64 file = memfd("remap", 8);
  mmap_at(AT(0), 4 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, file, 0); fill(AT(0), 4);
  row("dontunmap.private-file", 0, 4, 4, keep | MREMAP_FIXED, 16);
  name("dontunmap.private-file.after"); column(peek(AT(0))); column(peek(AT(16))); end(); clear();
  sys(SYS_close, file, 0, 0);
}

static void duplicates(void) {
  int to = MREMAP_MAYMOVE | MREMAP_FIXED;
  mmap_at(AT(0), 4 * PAGE, RW, SHARED_ANON, -1, 0); fill(AT(0), 4); row("old-size-0.shared", 0, 0, 4, to, 16);
  name("old-size-0.shared.after"); touch(op_ldr, AT(16), 4); column(peek(AT(17))); poke(AT(17), 77); column(peek(AT(1))); end();
  clear();
  mmap_at(AT(0), 4 * PAGE, RW, SHARED_ANON, -1, 0); fill(AT(0), 4); row("old-size-0.shared.middle", 1, 0, 2, to, 16);
  name("old-size-0.shared.middle.after"); column(peek(AT(16))); column(peek(AT(17))); end(); clear();
  mmap_at(AT(0), 4 * PAGE, RW, SHARED_ANON, -1, 0); row("old-size-0.shared.longer", 0, 0, 8, to, 16);
  name("old-size-0.shared.longer.after"); write_at(AT(19)); write_at(AT(20)); end(); clear();
  mmap_at(AT(0), 4 * PAGE, RW, SHARED_ANON, -1, 0); row("old-size-0.no-maymove", 0, 0, 4, 0, 0); clear();
  anonymous(0, 4, RW); fill(AT(0), 4); row("old-size-0.private", 0, 0, 4, to, 16);
  row("old-size-0.private.no-maymove", 0, 0, 4, 0, 0); clear();
  mmap_at(AT(0), 4 * PAGE, RW, SHARED_ANON, -1, 0); fill(AT(0), 4); row("old-size-0.dontunmap", 0, 0, 4, to | MREMAP_DONTUNMAP, 16);
  clear();
  s64 file = memfd("remap", 8);
  mmap_at(AT(0), 4 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 2 * PAGE); fill(AT(0), 4);
  row("old-size-0.memfd", 2, 0, 2, to, 16);
  name("old-size-0.memfd.after"); column(peek(AT(16))); end(); clear();
  mmap_at(AT(0), 4 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, file, 0); row("old-size-0.private-file", 0, 0, 4, to, 16); clear();
  sys(SYS_close, file, 0, 0);
}

static void kinds(void) {
  int to = MREMAP_MAYMOVE | MREMAP_FIXED;
  anonymous(0, 4, RW); fill(AT(0), 4); protect(0, 4, 0); row("move.none", 0, 4, 4, to, 16);
  name("move.none.after"); read_at(AT(16)); column(protect(16, 4, RW)); touch(op_str, AT(16), 4); column(peek(AT(17))); end();
  clear();
  anonymous(0, 4, RW); fill(AT(0), 4); protect(0, 4, PROT_R); row("move.read-only", 0, 4, 4, to, 16);
  name("move.read-only.after"); read_at(AT(16)); write_at(AT(16)); end(); clear();
  mmap_at(AT(0), 4 * PAGE, RW, SHARED_ANON, -1, 0); fill(AT(0), 2); row("move.shared", 0, 4, 4, to, 16);
  name("move.shared.after"); touch(op_ldr, AT(16), 4); column(peek(AT(17))); end(); clear();
  s64 file = memfd("remap", 8);
  mmap_at(AT(0), 8 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0); fill(AT(0), 8); row("move.memfd.middle", 2, 4, 4, to, 16);
  name("move.memfd.middle.after"); touch(op_ldr, AT(16), 4); column(peek(AT(17))); end(); clear();
  mmap_at(AT(0), 4 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0); row("grow.memfd.past-end", 0, 4, 16, 0, 0);
  name("grow.memfd.past-end.after"); read_at(AT(7)); read_at(AT(8)); end(); clear();
  mmap_at(AT(0), 8 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, file, 0); fill(AT(0), 2); look(AT(2), 2);
  row("move.private-file", 0, 8, 8, to, 16);
  name("move.private-file.after"); touch(op_ldr, AT(16), 8); touch(op_str, AT(16), 8); column(peek(AT(16))); end(); clear();
  mmap_at(AT(0), 2 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0);
  mmap_at(AT(8), 2 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 2 * PAGE);
  row("move.memfd.joins", 8, 2, 2, to, 2); clear();
  anonymous(0, 4, RW); fill(AT(0), 2); sys(SYS_mlock, AT(0), 4 * PAGE, 0);
  s64 locked = status("VmLck:"); row("move.locked", 0, 4, 4, to, 16); name("move.locked.VmLck"); column(status("VmLck:") - locked);
  end();
  row("grow.locked", 16, 4, 8, 0, 0); name("grow.locked.VmLck"); column(status("VmLck:") - locked); end();
  row("shrink.locked", 16, 8, 2, 0, 0); name("shrink.locked.VmLck"); column(status("VmLck:") - locked); end();
  row("dontunmap.locked", 16, 2, 2, to | MREMAP_DONTUNMAP, 32); name("dontunmap.locked.VmLck"); column(status("VmLck:") - locked);
  end(); clear();
  mmap_at(AT(0), 4 * PAGE, RW, ANON | MAP_GROWSDOWN, -1, 0); fill(AT(0), 4); row("grow.growsdown", 0, 4, 8, 0, 0);
  row("move.growsdown", 0, 4, 4, to, 300); name("move.growsdown.at-300"); areas(0, 600); end(); clear();
  sys(SYS_close, file, 0, 0);
}

/// Several mappings in one call: errors on 6.12, a pure move of all of them on 7.2.
static void several(void) {
  int to = MREMAP_MAYMOVE | MREMAP_FIXED;
  anonymous(0, 4, RW); fill(AT(0), 4); protect(2, 2, PROT_R); row("two.move", 0, 4, 4, to, 16);
  name("two.move.after"); column(peek(AT(16))); column(peek(AT(18))); end(); clear();
  anonymous(0, 4, RW); fill(AT(0), 4); protect(2, 2, PROT_R); row("two.move-grow", 0, 4, 6, to, 16); clear();
  anonymous(0, 4, RW); fill(AT(0), 4); protect(2, 2, PROT_R); row("two.move-shrink", 0, 4, 3, to, 16); clear();
  anonymous(0, 4, RW); fill(AT(0), 4); protect(2, 2, PROT_R); row("two.move.part-of-each", 1, 2, 2, to, 16); clear();
  anonymous(0, 4, RW); fill(AT(0), 4); protect(2, 2, PROT_R); row("two.same-size", 0, 4, 4, 0, 0); row("two.grow", 0, 4, 6, 0, 0);
  clear();
  anonymous(0, 2, RW); anonymous(4, 2, RW); fill(AT(0), 2); fill(AT(4), 2); row("hole.move", 0, 6, 6, to, 16); clear();
  anonymous(0, 2, RW); anonymous(4, 2, RW); fill(AT(0), 2); row("hole.move.ends-in-hole", 0, 4, 4, to, 16); clear();
  anonymous(2, 2, RW); fill(AT(2), 2); row("hole.move.begins-in-hole", 0, 4, 4, to, 16); clear();
  anonymous(0, 2, RW); anonymous(4, 2, RW); fill(AT(0), 2); anonymous(16, 6, PROT_R);
  row("hole.move.onto-mapping", 0, 6, 6, to, 16); clear();
  anonymous(0, 4, RW); fill(AT(0), 4); protect(2, 2, PROT_R); row("two.dontunmap", 0, 4, 4, to | MREMAP_DONTUNMAP, 16); clear();
  anonymous(0, 2, RW); mmap_at(AT(2), 2 * PAGE, RW, SHARED_ANON, -1, 0); s64 file = memfd("remap", 4);
  mmap_at(AT(4), 2 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0); fill(AT(0), 6); row("three-kinds.move", 0, 6, 6, to, 16);
  name("three-kinds.move.after"); column(peek(AT(17))); column(peek(AT(19))); column(peek(AT(21))); end(); clear();
  anonymous(0, 4, RW); fill(AT(0), 4); protect(2, 2, PROT_R); row("two.move.overlapping", 0, 4, 4, to, 3); clear();
  sys(SYS_close, file, 0, 0);
}

static void errors(void) {
  u64 base = BASE, out = ~0ul << 12;
  int to = MREMAP_MAYMOVE | MREMAP_FIXED;
  error("error.misaligned-address", base + 1, PAGE, PAGE, 0, 0);
  error("error.misaligned-old-size", base, PAGE + 1, 2 * PAGE, 0, 0);
  error("error.misaligned-new-size", base + 6 * PAGE, 2 * PAGE, PAGE + 1, 0, 0);
  error("error.new-size-0", base, PAGE, 0, 0, 0);
  error("error.new-size-wraps", base, PAGE, ~0ul, 0, 0);
  error("error.new-size-too-large", base, PAGE, 1ul << 48, MREMAP_MAYMOVE, 0);
  error("error.old-size-too-large", base, 1ul << 52, PAGE, 0, 0);
  error("error.flags-unknown", base, PAGE, PAGE, 8, 0);
  error("error.fixed-without-maymove", base, PAGE, PAGE, MREMAP_FIXED, base + 16 * PAGE);
  error("error.dontunmap-without-maymove", base, PAGE, PAGE, MREMAP_DONTUNMAP, 0);
  error("error.target-misaligned", base, PAGE, PAGE, to, base + 16 * PAGE + 1);
  error("error.target-outside", base, PAGE, PAGE, to, 1ul << 52);
  error("error.target-wraps", base, PAGE, PAGE, to, out);
  error("target-0-of-root", base, PAGE, PAGE, to, 0);
  sys(SYS_munmap, 0, PAGE, 0);
  error("error.overlap-below", base + 2 * PAGE, 4 * PAGE, 4 * PAGE, to, base);
  error("error.overlap-above", base, 4 * PAGE, 4 * PAGE, to, base + 2 * PAGE);
  error("error.overlap-same", base, 4 * PAGE, 4 * PAGE, to, base);
  error("error.overlap-new-size-only", base, 2 * PAGE, 4 * PAGE, to, base + 2 * PAGE);
  error("error.unmapped", base + 16 * PAGE, PAGE, PAGE, 0, 0);
  error("error.unmapped-grow", base + 16 * PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE, 0);
  error("error.unmapped-shrink", base + 16 * PAGE, 2 * PAGE, PAGE, 0, 0);
  error("error.unmapped-and-new-size-0", base + 16 * PAGE, PAGE, 0, 0, 0);
  error("error.unmapped-and-misaligned", base + 16 * PAGE + 1, PAGE, PAGE, 0, 0);
  error("error.unmapped-to-mapping", base + 16 * PAGE, PAGE, PAGE, to, base);
  error("error.kernel-address", out, PAGE, PAGE, 0, 0);
  error("error.tagged-address", base | 1ul << 56, PAGE, PAGE, 0, 0);
  error("error.tagged-target", base, PAGE, PAGE, to, (base + 16 * PAGE) | 1ul << 56);
  error("error.noncanonical", 1ul << 50, PAGE, PAGE, 0, 0);
  error("target-ignored-without-fixed", base, PAGE, PAGE, MREMAP_MAYMOVE, 0x123);
  error("old-and-new-size-0", base, 0, 0, 0, 0);
  clear();
}

/// Areas as large as a page table, whose pages move one by one or with their table.
static void tables(void) {
  int to = MREMAP_MAYMOVE | MREMAP_FIXED;
  anonymous(0, 1024, RW); fill(AT(0), 1024);
  name("table.aligned"); place(remap(0, 1024, 1024, to, 2048)); pages(AT(2048), 1024); touch(op_str, AT(2048), 1024);
  column(peek(AT(2048 + 700))); end(); clear();
  anonymous(0, 1024, RW); fill(AT(0), 1024);
  name("table.unaligned"); place(remap(0, 1024, 1024, to, 2049)); pages(AT(2049), 1024); touch(op_str, AT(2049), 1024);
  column(peek(AT(2049 + 700))); end(); clear();
  anonymous(0, 1024, RW); for (int i = 0; i < 1024; i += 5) poke(AT(i), i);
  name("table.sparse"); place(remap(0, 1024, 1024, to, 2048)); touch(op_str, AT(2048), 1024); column(peek(AT(2048 + 700))); end();
  clear();
  anonymous(0, 1024, RW); fill(AT(0), 1024); anonymous(2048, 512, RW); fill(AT(2048), 512);
  name("table.onto-table"); place(remap(0, 512, 512, to, 2048)); touch(op_str, AT(2048), 512); column(peek(AT(2048 + 300)));
  access(op_ldr, AT(5)); end(); clear();
  anonymous(0, 1024, RW); fill(AT(0), 1024);
  name("table.inner"); place(remap(300, 600, 600, to, 2048 + 300)); touch(op_str, AT(2348), 600); column(peek(AT(2348 + 599)));
  areas(0, 4096); end(); clear();
}

static void huge_area(u64 page, u64 count) {
  mmap_at(AT(page), count * PAGE, RW, ANON, -1, 0);
  advise(page, count, MADV_HUGEPAGE);
}
static void huge_row(const char *what, u64 old_pages, u64 new_pages, u64 page, u64 target, int flags) {
  s64 splits = vmstat("thp_split_pmd "), huge = smaps(AT(page), "AnonHugePages:");
  s64 result = remap(page, old_pages, new_pages, MREMAP_MAYMOVE | MREMAP_FIXED | flags, target);
  name(what); column(huge); place(result); column(vmstat("thp_split_pmd ") - splits);
  column(smaps(AT(target), "AnonHugePages:")); column(smaps(AT(target), "Rss:")); areas(0, 4096);
  touch(op_str, AT(target), new_pages); column(peek(AT(target + 1))); end(); clear();
}
static void huge(void) {
  huge_area(0, 1024); fill(AT(0), 1024); huge_row("thp.aligned", 1024, 1024, 0, 2048, 0);
  huge_area(0, 1024); fill(AT(0), 1024); huge_row("thp.unaligned", 1024, 1024, 0, 2049, 0);
  huge_area(0, 1024); fill(AT(0), 1024); huge_row("thp.half", 256, 256, 0, 2048, 0);
  huge_area(0, 1024); fill(AT(0), 1024); huge_row("thp.second-half", 256, 256, 256, 2048 + 256, 0);
  huge_area(0, 1024); fill(AT(0), 1024); huge_row("thp.one-of-two", 512, 512, 512, 2048, 0);
  huge_area(0, 1024); fill(AT(0), 1024); huge_row("thp.grow", 1024, 1536, 0, 2048, 0);
  huge_area(0, 1024); fill(AT(0), 1024); huge_row("thp.dontunmap", 1024, 1024, 0, 2048, MREMAP_DONTUNMAP);
  huge_area(0, 1024); peek(AT(0)); huge_row("thp.zero-page", 1024, 1024, 0, 2048, 0);
  huge_area(0, 1024); fill(AT(0), 1024);
  s64 splits = vmstat("thp_split_pmd ");
  name("thp.shrink"); place(remap(0, 1024, 300, 0, 0)); column(vmstat("thp_split_pmd ") - splits);
  column(smaps(AT(0), "AnonHugePages:"));
  column(smaps(AT(0), "Rss:")); touch(op_str, AT(0), 300); end(); clear();
}

int oracle_main(void) {
  memory_start();
  grow_and_shrink();
  must_move();
  moves();
  dont_unmap();
  duplicates();
  kinds();
  several();
  errors();
  tables();
  huge();
  return 0;
}
