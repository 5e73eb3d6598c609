// The effects of madvise: results, faults of the call and after it, contents, and the fields of smaps.
#include "memory.h"

enum {
  MADV_DONTDUMP = 16, MADV_DODUMP = 17, MADV_MERGEABLE = 12, MADV_UNMERGEABLE = 13,
};

static void clear(void) { unmap(0, 4096); }

static void error(const char *what, u64 address, u64 size, int advice) {
  name(what); column(sys(SYS_madvise, address, size, advice)); pages(AT(0), 16); end();
}
/// Reads, then writes pages 0 to 3 after a call.
static void after(const char *what) {
  name(what); column(peek(AT(0))); column(peek(AT(3))); touch(op_ldr, AT(0), 4); touch(op_str, AT(0), 4); pages(AT(0), 8); end();
}
static void smaps_row(const char *what, u64 page) {
  // Linux marks pages as lazily freed in batches; the next MADV_FREE, of any page, ends a batch.
  anonymous(100, 1, RW);
  advise(100, 1, MADV_FREE);
  name(what);
  const char *block = smaps_block(AT(page));
  static const char *fields[] = {"Rss:", "Pss:", "Shared_Clean:", "Shared_Dirty:", "Private_Clean:", "Private_Dirty:", "Referenced:",
                                 "Anonymous:", "LazyFree:", "AnonHugePages:", "Swap:", "Locked:"};
  for (u64 i = 0; i < sizeof fields / sizeof *fields; i++) { text(fields[i]); dec(block ? number_behind(block, fields[i]) : -1); }
  end();
}

static s64 file;  // a memfd of 8 pages
static void shared_file(u64 page, u64 count, int protection) {
  mmap_at(AT(page), count * PAGE, protection, MAP_SHARED | MAP_FIXED, file, 0);
}
static void private_file(u64 page, u64 count, int protection) {
  mmap_at(AT(page), count * PAGE, protection, MAP_PRIVATE | MAP_FIXED, file, 0);
}

static void dont_need(void) {
  anonymous(0, 8, RW); fill(AT(0), 8); advise_row("dontneed.whole", 0, 8, MADV_DONTNEED); after("dontneed.whole.after"); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); advise_row("dontneed.middle", 2, 3, MADV_DONTNEED); after("dontneed.middle.after"); clear();
  anonymous(0, 8, RW); look(AT(0), 8); advise_row("dontneed.zero-pages", 0, 4, MADV_DONTNEED); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); protect(0, 8, 0); advise_row("dontneed.none", 0, 4, MADV_DONTNEED);
  protect(0, 8, RW); after("dontneed.none.after"); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); protect(0, 8, PROT_R); advise_row("dontneed.read-only", 0, 4, MADV_DONTNEED); clear();
  anonymous(0, 2, RW); anonymous(4, 4, RW); fill(AT(0), 2); fill(AT(4), 4); advise_row("dontneed.across-a-hole", 0, 8, MADV_DONTNEED);
  clear();
  anonymous(2, 6, RW); fill(AT(2), 6); advise_row("dontneed.begins-in-hole", 0, 4, MADV_DONTNEED); clear();
  anonymous(0, 4, RW); fill(AT(0), 4); advise_row("dontneed.ends-in-hole", 2, 6, MADV_DONTNEED); clear();
  advise_row("dontneed.nothing-mapped", 0, 4, MADV_DONTNEED);
  anonymous(0, 8, RW); fill(AT(0), 8); sys(SYS_mlock, AT(2), 2 * PAGE, 0); advise_row("dontneed.locked-inside", 0, 8, MADV_DONTNEED);
  advise_row("dontneed-locked.locked-inside", 0, 8, MADV_DONTNEED_LOCKED);
  name("dontneed-locked.VmLck"); column(status("VmLck:")); column(smaps(AT(2), "Locked:")); end(); after("dontneed-locked.after");
  clear();
  mmap_at(AT(0), 4 * PAGE, RW, SHARED_ANON, -1, 0); fill(AT(0), 4); advise_row("dontneed.shared", 0, 4, MADV_DONTNEED);
  after("dontneed.shared.after"); clear();
  shared_file(0, 8, RW); fill(AT(0), 8); advise_row("dontneed.shared-file", 0, 4, MADV_DONTNEED); after("dontneed.shared-file.after");
  clear();
  private_file(0, 8, RW); fill(AT(0), 2); look(AT(2), 2); advise_row("dontneed.private-file", 0, 8, MADV_DONTNEED);
  after("dontneed.private-file.after"); clear();
}

static void free_pages(void) {
  anonymous(0, 8, RW); fill(AT(0), 8); advise_row("free.whole", 0, 8, MADV_FREE); smaps_row("free.whole.smaps", 0);
  name("free.whole.read"); touch(op_ldr, AT(0), 8); column(peek(AT(0))); end(); smaps_row("free.whole.read.smaps", 0);
  name("free.whole.write"); touch(op_str, AT(0), 4); column(peek(AT(0))); end(); smaps_row("free.whole.write.smaps", 0);
  advise_row("free.whole.pageout", 0, 8, MADV_PAGEOUT); smaps_row("free.whole.pageout.smaps", 0); after("free.whole.pageout.after");
  clear();
  anonymous(0, 8, RW); fill(AT(0), 8); advise_row("free.part", 2, 3, MADV_FREE); smaps_row("free.part.smaps", 0);
  advise_row("free.part.pageout", 0, 8, MADV_PAGEOUT); name("free.part.pageout.contents"); column(peek(AT(1))); column(peek(AT(2))); end();
  clear();
  anonymous(0, 8, RW); look(AT(0), 8); advise_row("free.zero-pages", 0, 8, MADV_FREE); clear();
  anonymous(0, 8, RW); advise_row("free.untouched", 0, 8, MADV_FREE); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); advise_row("free.twice.first", 0, 4, MADV_FREE); advise_row("free.twice.second", 0, 8, MADV_FREE);
  smaps_row("free.twice.smaps", 0); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); protect(0, 8, PROT_R); advise_row("free.read-only", 0, 8, MADV_FREE);
  smaps_row("free.read-only.smaps", 0); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); advise_row("free.then-protect", 0, 8, MADV_FREE); protect(0, 8, PROT_R); protect(0, 8, RW);
  name("free.then-protect.write"); touch(op_str, AT(0), 8); end(); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); sys(SYS_mlock, AT(2), 2 * PAGE, 0); advise_row("free.locked-inside", 0, 8, MADV_FREE); clear();
  mmap_at(AT(0), 4 * PAGE, RW, SHARED_ANON, -1, 0); fill(AT(0), 4); advise_row("free.shared", 0, 4, MADV_FREE); clear();
  private_file(0, 8, RW); fill(AT(0), 2); advise_row("free.private-file", 0, 8, MADV_FREE); clear();
  anonymous(0, 2, RW); anonymous(4, 4, RW); fill(AT(0), 2); fill(AT(4), 4); advise_row("free.across-a-hole", 0, 8, MADV_FREE);
  smaps_row("free.across-a-hole.smaps", 4); clear();
}

static void populate(void) {
  anonymous(0, 8, RW); advise_row("populate-read.fresh", 0, 8, MADV_POPULATE_READ); after("populate-read.fresh.after"); clear();
  anonymous(0, 8, RW); advise_row("populate-write.fresh", 0, 8, MADV_POPULATE_WRITE); after("populate-write.fresh.after"); clear();
  anonymous(0, 8, RW); fill(AT(0), 2); look(AT(2), 2); advise_row("populate-read.mixed", 0, 8, MADV_POPULATE_READ); clear();
  anonymous(0, 8, RW); fill(AT(0), 2); look(AT(2), 2); advise_row("populate-write.mixed", 0, 8, MADV_POPULATE_WRITE);
  advise_row("populate-write.again", 0, 8, MADV_POPULATE_WRITE); advise_row("populate-read.again", 0, 8, MADV_POPULATE_READ); clear();
  anonymous(0, 8, PROT_R); advise_row("populate-read.read-only", 0, 8, MADV_POPULATE_READ);
  advise_row("populate-write.read-only", 0, 8, MADV_POPULATE_WRITE); clear();
  anonymous(0, 8, 0); advise_row("populate-read.none", 0, 8, MADV_POPULATE_READ); advise_row("populate-write.none", 0, 8, MADV_POPULATE_WRITE);
  clear();
  anonymous(0, 8, PROT_X); advise_row("populate-read.exec-only", 0, 8, MADV_POPULATE_READ);
  advise_row("populate-write.exec-only", 0, 8, MADV_POPULATE_WRITE); clear();
  anonymous(0, 8, PROT_W); advise_row("populate-read.write-only", 0, 8, MADV_POPULATE_READ);
  advise_row("populate-write.write-only", 0, 8, MADV_POPULATE_WRITE); clear();
  anonymous(0, 8, RW); protect(4, 2, PROT_R); advise_row("populate-write.read-only-inside", 0, 8, MADV_POPULATE_WRITE); clear();
  anonymous(0, 4, RW); anonymous(6, 2, RW); advise_row("populate-read.hole", 0, 8, MADV_POPULATE_READ); clear();
  anonymous(0, 4, RW); anonymous(6, 2, RW); advise_row("populate-write.hole", 0, 8, MADV_POPULATE_WRITE); clear();
  anonymous(4, 4, RW); advise_row("populate-write.begins-in-hole", 0, 8, MADV_POPULATE_WRITE); clear();
  anonymous(0, 4, RW); advise_row("populate-write.ends-in-hole", 0, 8, MADV_POPULATE_WRITE); clear();
  advise_row("populate-read.nothing-mapped", 0, 4, MADV_POPULATE_READ);
  shared_file(0, 12, RW); advise_row("populate-read.memfd-past-end", 0, 12, MADV_POPULATE_READ); clear();
  shared_file(0, 12, RW); advise_row("populate-write.memfd-past-end", 0, 12, MADV_POPULATE_WRITE); clear();
  private_file(0, 12, RW); advise_row("populate-read.private-file", 0, 8, MADV_POPULATE_READ);
  advise_row("populate-write.private-file", 0, 8, MADV_POPULATE_WRITE);
  advise_row("populate-write.private-file-past-end", 4, 8, MADV_POPULATE_WRITE); clear();
  mmap_at(AT(0), 8 * PAGE, RW, SHARED_ANON, -1, 0); advise_row("populate-read.shared", 0, 4, MADV_POPULATE_READ);
  advise_row("populate-write.shared", 0, 8, MADV_POPULATE_WRITE);
  after("populate-write.shared.after"); clear();
  s64 hole = memfd("hole", 8);
  mmap_at(AT(0), 8 * PAGE, RW, MAP_SHARED | MAP_FIXED, hole, 0); advise_row("populate-read.memfd-hole", 0, 8, MADV_POPULATE_READ);
  after("populate-read.memfd-hole.after"); clear();
  sys(SYS_close, hole, 0, 0);
  anonymous(0, 8, RW); sys6(SYS_mlock2, (s64)AT(0), 8 * PAGE, 1, 0, 0, 0);
  advise_row("populate-read.locked-on-fault", 0, 8, MADV_POPULATE_READ); clear();
}

static void others(void) {
  s64 hole = memfd("removed", 8);
  mmap_at(AT(0), 8 * PAGE, RW, MAP_SHARED | MAP_FIXED, hole, 0); fill(AT(0), 8); advise_row("remove.memfd", 2, 3, MADV_REMOVE);
  name("remove.memfd.after"); column(peek(AT(1))); column(peek(AT(2))); column(peek(AT(5))); end(); clear();
  mmap_at(AT(0), 8 * PAGE, PROT_R, MAP_SHARED | MAP_FIXED, hole, 0); look(AT(0), 8);
  advise_row("remove.memfd-read-only", 5, 3, MADV_REMOVE); clear();
  mmap_at(AT(0), 8 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, hole, 0); advise_row("remove.private-file", 0, 2, MADV_REMOVE); clear();
  anonymous(0, 4, RW); fill(AT(0), 4); advise_row("remove.anonymous", 0, 4, MADV_REMOVE); clear();
  mmap_at(AT(0), 8 * PAGE, RW, SHARED_ANON, -1, 0); fill(AT(0), 8); advise_row("remove.shared", 0, 4, MADV_REMOVE);
  advise_row("remove.hole-behind", 6, 4, MADV_REMOVE);
  sys(SYS_mlock, AT(4), PAGE, 0); advise_row("remove.locked", 4, 1, MADV_REMOVE); clear();
  sys(SYS_close, hole, 0, 0);

  anonymous(0, 8, RW); fill(AT(0), 4); advise_row("cold", 0, 8, MADV_COLD); smaps_row("cold.smaps", 0); after("cold.after");
  advise_row("pageout", 0, 8, MADV_PAGEOUT);
  smaps_row("pageout.smaps", 0); after("pageout.after"); sys(SYS_mlock, AT(2), PAGE, 0); advise_row("cold.locked-inside", 0, 8, MADV_COLD);
  advise_row("pageout.locked-inside", 0, 8, MADV_PAGEOUT); clear();
  shared_file(0, 8, RW); fill(AT(0), 8); advise_row("pageout.memfd", 0, 8, MADV_PAGEOUT); after("pageout.memfd.after"); clear();
  mmap_at(AT(0), 4 * PAGE, RW, SHARED_ANON, -1, 0); fill(AT(0), 4); advise_row("cold.shared", 0, 8, MADV_COLD); clear();

  anonymous(0, 8, RW); advise_row("normal", 0, 8, MADV_NORMAL); advise_row("random.part", 2, 2, MADV_RANDOM);
  advise_row("sequential.next", 4, 2, MADV_SEQUENTIAL);
  advise_row("normal.again", 0, 8, MADV_NORMAL); clear();
  anonymous(0, 8, RW); advise_row("willneed.anonymous", 0, 8, MADV_WILLNEED); clear();
  shared_file(0, 8, RW); advise_row("willneed.memfd", 0, 8, MADV_WILLNEED); clear();
  anonymous(0, 2, RW); anonymous(4, 2, RW); advise_row("willneed.hole", 0, 6, MADV_WILLNEED); advise_row("random.hole", 0, 6, MADV_RANDOM);
  clear();
  anonymous(0, 8, RW); advise_row("dontfork.part", 2, 2, MADV_DONTFORK); advise_row("dofork.part", 2, 2, MADV_DOFORK);
  advise_row("dontdump.part", 2, 2, MADV_DONTDUMP);
  advise_row("dodump.part", 2, 2, MADV_DODUMP); advise_row("wipeonfork.part", 2, 2, MADV_WIPEONFORK);
  advise_row("keeponfork.part", 2, 2, MADV_KEEPONFORK); clear();
  shared_file(0, 8, RW); advise_row("dontfork.memfd", 0, 8, MADV_DONTFORK); advise_row("wipeonfork.memfd", 0, 8, MADV_WIPEONFORK);
  advise_row("keeponfork.memfd", 0, 8, MADV_KEEPONFORK); clear();
  private_file(0, 8, RW); advise_row("wipeonfork.private-file", 0, 8, MADV_WIPEONFORK); clear();
  mmap_at(AT(0), 4 * PAGE, RW, SHARED_ANON, -1, 0); advise_row("wipeonfork.shared", 0, 4, MADV_WIPEONFORK); clear();
  anonymous(0, 8, RW); advise_row("mergeable.part", 2, 2, MADV_MERGEABLE); advise_row("unmergeable.part", 2, 2, MADV_UNMERGEABLE); clear();
  shared_file(0, 8, RW); advise_row("mergeable.memfd", 0, 8, MADV_MERGEABLE); clear();
  mmap_at(AT(0), 8 * PAGE, RW, ANON, -1, 0); advise_row("hugepage.part", 2, 2, MADV_HUGEPAGE);
  advise_row("nohugepage.part", 2, 2, MADV_NOHUGEPAGE);
  advise_row("nohugepage.rest", 0, 8, MADV_NOHUGEPAGE); clear();
  shared_file(0, 8, RW); advise_row("hugepage.memfd", 0, 8, MADV_HUGEPAGE); advise_row("nohugepage.memfd", 0, 8, MADV_NOHUGEPAGE); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); advise_row("collapse.small", 0, 8, MADV_COLLAPSE); clear();
  mmap_at(AT(0), 512 * PAGE, RW, ANON, -1, 0); advise(0, 512, MADV_NOHUGEPAGE); fill(AT(0), 4);
  advise_row("collapse.nohugepage", 0, 512, MADV_COLLAPSE); clear();
  mmap_at(AT(0), 512 * PAGE, RW, ANON, -1, 0); advise_row("collapse.untouched", 0, 512, MADV_COLLAPSE); clear();
  advise_row("collapse.nothing-mapped", 0, 512, MADV_COLLAPSE);
}

static void errors(void) {
  u64 base = BASE;
  static const struct { const char *name; int advice; } kinds[] = {
    {"normal", MADV_NORMAL}, {"random", MADV_RANDOM}, {"willneed", MADV_WILLNEED},
    {"dontneed", MADV_DONTNEED}, {"free", MADV_FREE}, {"remove", MADV_REMOVE},
    {"dontfork", MADV_DONTFORK}, {"hugepage", MADV_HUGEPAGE}, {"dontdump", MADV_DONTDUMP},
    {"wipeonfork", MADV_WIPEONFORK}, {"cold", MADV_COLD}, {"pageout", MADV_PAGEOUT},
    {"populate-read", MADV_POPULATE_READ}, {"populate-write", MADV_POPULATE_WRITE}, {"dontneed-locked", MADV_DONTNEED_LOCKED},
    {"collapse", MADV_COLLAPSE},
  };
  for (u64 i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    int advice = kinds[i].advice;
    anonymous(0, 8, RW);
    name("error."); put(kinds[i].name);
    column(sys(SYS_madvise, base + 1, PAGE, advice));          // misaligned
    column(sys(SYS_madvise, base, 0, advice));                 // nothing
    column(sys(SYS_madvise, base, -1ul, advice));              // wraps to nothing when it is rounded up
    column(sys(SYS_madvise, base, -PAGE, advice));             // wraps
    column(sys(SYS_madvise, base + 64 * PAGE, 0, advice));     // nothing, unmapped
    column(sys(SYS_madvise, base + 64 * PAGE, PAGE, advice));  // unmapped
    column(sys(SYS_madvise, ~0ul << 12, PAGE, advice));        // the last page: wraps to 0
    column(sys(SYS_madvise, 1ul << 60, PAGE, advice));         // tagged, and not mapped
    column(sys(SYS_madvise, base, 1, advice));                 // rounded up
    column(sys(SYS_madvise, base | 1ul << 56, PAGE, advice));  // tagged
    end(); clear();
  }
  anonymous(0, 8, RW);
  error("error.unknown-26", base, PAGE, 26);
  error("error.unknown-1000", base, PAGE, 1000);
  error("error.unknown-negative", base, PAGE, -1);
  error("error.unknown-5", base, PAGE, 5);
  error("error.unknown-and-misaligned", base + 1, PAGE, 26);
  error("error.unknown-and-nothing", base, 0, 26);
  error("error.unknown-and-unmapped", base + 64 * PAGE, PAGE, 26);
  error("error.guard-install-misaligned", base + 1, PAGE, 102);
  clear();
}

/// process_madvise on this process, by a pidfd.
static void of_process(void) {
  s64 process = sys(SYS_pidfd_open, sys(SYS_getpid, 0, 0, 0), 0, 0);
  struct { void *address; u64 size; } ranges[3] = {{AT(0), 2 * PAGE}, {AT(4), 2 * PAGE}, {AT(64), PAGE}};
#define PROCESS(what, fd, count, advice, flags) \
  do { anonymous(0, 8, RW); fill(AT(0), 8); name(what); column(sys6(SYS_process_madvise, fd, (s64)ranges, count, advice, flags, 0)); \
    pages(AT(0), 16); end(); clear(); } while (0)
  PROCESS("process.cold", process, 2, MADV_COLD, 0);
  PROCESS("process.willneed", process, 2, MADV_WILLNEED, 0);
  PROCESS("process.pageout", process, 2, MADV_PAGEOUT, 0);
  PROCESS("process.dontneed", process, 2, MADV_DONTNEED, 0);
  PROCESS("process.free", process, 2, MADV_FREE, 0);
  PROCESS("process.normal", process, 2, MADV_NORMAL, 0);
  PROCESS("process.populate-read", process, 2, MADV_POPULATE_READ, 0);
  PROCESS("process.unknown", process, 2, 26, 0);
  PROCESS("process.flags", process, 2, MADV_COLD, 1);
  PROCESS("process.none", process, 0, MADV_COLD, 0);
  PROCESS("process.unmapped-third", process, 3, MADV_COLD, 0);
  PROCESS("process.unmapped-third.dontneed", process, 3, MADV_DONTNEED, 0);
  PROCESS("process.bad-descriptor", -1, 2, MADV_COLD, 0);
  PROCESS("process.not-a-pidfd", 1, 2, MADV_COLD, 0);
  PROCESS("process.too-many", process, 1025, MADV_COLD, 0);
  ranges[0].address = AT(64);
  PROCESS("process.unmapped-first", process, 2, MADV_COLD, 0);
  ranges[0].address = AT(0) + 1;
  PROCESS("process.misaligned", process, 2, MADV_COLD, 0);
  ranges[0].address = AT(0); ranges[1].address = AT(4) + 1;
  PROCESS("process.second-misaligned", process, 2, MADV_COLD, 0);
  ranges[1].address = AT(4); ranges[0].size = 0;
  PROCESS("process.first-empty", process, 2, MADV_COLD, 0);
  sys(SYS_close, process, 0, 0);
}

int oracle_main(void) {
  memory_start();
  file = memfd("advised", 8);
  dont_need();
  free_pages();
  populate();
  others();
  errors();
  of_process();
  return 0;
}
