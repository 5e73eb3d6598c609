// The effects of guard regions, MADV_GUARD_INSTALL and MADV_GUARD_REMOVE. A kernel without them prints EINVAL and what follows from
// that.
#include "memory.h"

enum { INSTALL = 102, REMOVE = 103 };

static void clear(void) { unmap(0, 4096); }

static void result(const char *what, s64 value) { name(what); column(value); pages(AT(0), 16); areas(0, 64); end(); }
/// A read, a write, an atomic and a fetch of a page.
static void tried(const char *what, u64 page) {
  name(what); access(op_ldr, AT(page)); access(op_str, AT(page)); access(op_ldadd, AT(page)); access(op_exec, AT(page));
  access(op_cas_miss, AT(page)); end();
}
static void contents(const char *what) {
  name(what);
  for (int i = 0; i < 8; i++) column(peek(AT(i)));
  pages(AT(0), 16); end();
}

/// Where the flags of smaps have gu: the mapping may hold guards.
static void flags(const char *what, u64 page) {
  const char *block = smaps_block(AT(page)), *at = block;
  name(what); column(block ? number_behind(block, "Rss:") : -1); put("\t");
  for (; at && *at; at++) {
    if (at[0] != 'V' || at[2] != 'F') continue;
    for (at += 8; *at && *at != '\n'; at++) if (*at != ' ' || (at[1] && at[1] != '\n')) output[output_length++] = *at;
    break;
  }
  end();
}

static s64 file;

static void anonymous_rows(void) {
  anonymous(0, 8, RW); advise_row("install.untouched", 2, 3, INSTALL); tried("install.untouched.inside", 3);
  tried("install.untouched.beside", 1); flags("install.untouched.smaps", 0);
  advise_row("install.again", 2, 3, INSTALL); advise_row("install.overlapping", 4, 3, INSTALL); advise_row("remove.part", 3, 1, REMOVE);
  tried("remove.part.after", 3);
  advise_row("remove.all", 0, 8, REMOVE); contents("remove.all.contents"); advise_row("remove.again", 0, 8, REMOVE); flags("remove.smaps", 0);
  clear();
  anonymous(0, 8, RW); fill(AT(0), 8); advise_row("install.written", 2, 3, INSTALL); tried("install.written.inside", 3);
  advise_row("install.written.remove", 2, 3, REMOVE); contents("install.written.contents"); clear();
  anonymous(0, 8, RW); look(AT(0), 8); advise_row("install.zero-pages", 2, 3, INSTALL); tried("install.zero-pages.inside", 3);
  advise_row("install.zero-pages.remove", 0, 8, REMOVE); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); advise_row("install.whole", 0, 8, INSTALL); advise_row("install.whole.remove", 0, 8, REMOVE);
  contents("install.whole.contents"); clear();
  anonymous(0, 8, PROT_R); advise_row("install.read-only", 2, 3, INSTALL); tried("install.read-only.inside", 3);
  advise_row("install.read-only.remove", 2, 3, REMOVE); clear();
  anonymous(0, 8, 0); advise_row("install.none", 2, 3, INSTALL); tried("install.none.inside", 3);
  result("install.none.protect", protect(0, 8, RW)); tried("install.none.protected", 3);
  advise_row("install.none.remove", 0, 8, REMOVE); clear();
  anonymous(0, 8, RW); advise_row("remove.without-guards", 0, 8, REMOVE); fill(AT(0), 8); advise_row("remove.written", 0, 8, REMOVE);
  contents("remove.written.contents"); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); advise_row("kernel.install", 2, 2, INSTALL);
  name("kernel.write-from-guard"); column(sys(SYS_pwrite64, file, AT(2), 8)); column(sys4(SYS_pread64, file, AT(2), 8, 0));
  column(sys4(SYS_pread64, file, AT(1), 2 * PAGE, 0)); end(); clear();
}

static void later(void) {
  anonymous(0, 8, RW); fill(AT(0), 8); advise_row("protect.install", 2, 3, INSTALL); result("protect.none", protect(0, 8, 0));
  tried("protect.none.inside", 3);
  result("protect.back", protect(0, 8, RW)); tried("protect.back.inside", 3); tried("protect.back.beside", 1);
  result("protect.part", protect(3, 2, PROT_R)); advise_row("protect.part.remove", 0, 8, REMOVE); contents("protect.part.contents");
  clear();
  anonymous(0, 8, RW); fill(AT(0), 8); advise_row("dontneed.install", 2, 3, INSTALL); advise_row("dontneed.over", 0, 8, MADV_DONTNEED);
  tried("dontneed.inside", 3); contents("dontneed.contents");
  advise_row("free.over", 0, 8, MADV_FREE); tried("free.inside", 3); advise_row("cold.over", 0, 8, MADV_COLD);
  advise_row("pageout.over", 0, 8, MADV_PAGEOUT); tried("pageout.inside", 3);
  advise_row("populate-read.over", 0, 8, MADV_POPULATE_READ); advise_row("populate-write.over", 0, 8, MADV_POPULATE_WRITE);
  advise_row("populate-write.before", 0, 2, MADV_POPULATE_WRITE);
  advise_row("populate-write.behind", 5, 3, MADV_POPULATE_WRITE); advise_row("populate-read.inside", 3, 1, MADV_POPULATE_READ);
  advise_row("willneed.over", 0, 8, MADV_WILLNEED); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); advise_row("munmap.install", 2, 3, INSTALL); result("munmap.part", unmap(3, 1));
  result("munmap.map-again", anonymous(3, 1, RW) != AT(3));
  tried("munmap.map-again.inside", 3); tried("munmap.map-again.beside", 2); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); advise_row("mremap.install", 2, 3, INSTALL);
  name("mremap.move"); place(sys6(SYS_mremap, BASE, 8 * PAGE, 8 * PAGE, 3, (s64)AT(16), 0)); pages(AT(0), 32); end();
  tried("mremap.move.inside", 19); tried("mremap.move.beside", 17); tried("mremap.move.source", 3);
  name("mremap.dontunmap"); place(sys6(SYS_mremap, (s64)AT(16), 8 * PAGE, 8 * PAGE, 7, BASE, 0)); pages(AT(0), 32); end();
  tried("mremap.dontunmap.source", 19); tried("mremap.dontunmap.target", 3); clear();
  anonymous(0, 8, RW); advise_row("mremap.shrink.install", 2, 4, INSTALL); name("mremap.shrink");
  place(sys6(SYS_mremap, BASE, 8 * PAGE, 4 * PAGE, 0, 0, 0)); pages(AT(0), 16); end();
  name("mremap.grow"); place(sys6(SYS_mremap, BASE, 4 * PAGE, 8 * PAGE, 0, 0, 0)); pages(AT(0), 16); end();
  tried("mremap.grow.new", 5); clear();

  anonymous(0, 8, RW); advise_row("mlock.install", 2, 3, INSTALL); result("mlock.over", sys(SYS_mlock, AT(0), 8 * PAGE, 0));
  name("mlock.VmLck"); column(status("VmLck:")); end();
  advise_row("mlock.install-more", 6, 1, INSTALL); advise_row("mlock.remove", 0, 8, REMOVE); contents("mlock.contents");
  result("munlock", sys(SYS_munlock, AT(0), 8 * PAGE, 0)); clear();
  anonymous(0, 8, RW); sys(SYS_mlock, AT(0), 8 * PAGE, 0); advise_row("locked.install", 2, 3, INSTALL);
  sys(SYS_munlock, AT(0), 8 * PAGE, 0); advise_row("unlocked.install", 2, 3, INSTALL); clear();
  u8 vector[8];
  anonymous(0, 8, RW); fill(AT(0), 8); advise_row("mincore.install", 2, 3, INSTALL); name("mincore");
  column(sys(SYS_mincore, AT(0), 8 * PAGE, vector)); for (int i = 0; i < 8; i++) column(vector[i]); end(); clear();
}

static void child_rows(void) {
  warm();
  output_length = 0;
  name("fork.child"); pages(AT(0), 16); areas(0, 64); end();
  tried("fork.child.inside", 3); tried("fork.child.beside", 1); advise_row("fork.child.remove", 0, 8, REMOVE);
  contents("fork.child.contents");
  quit(0);
}
static void forks(void) {
  anonymous(0, 8, RW); fill(AT(0), 8); advise_row("fork.install", 2, 3, INSTALL);
  flush();
  s64 child = fork();
  if (!child) child_rows();
  wait_for(child);
  warm();
  tried("fork.parent.inside", 3); tried("fork.parent.beside", 1); contents("fork.parent.contents"); clear();
  anonymous(0, 8, RW); advise(0, 8, MADV_WIPEONFORK); fill(AT(0), 8); advise_row("wipeonfork.install", 2, 3, INSTALL);
  advise(0, 8, MADV_WIPEONFORK);
  flush();
  child = fork();
  if (!child) { warm(); name("wipeonfork.child"); pages(AT(0), 16); end(); tried("wipeonfork.child.inside", 3); quit(0); }
  wait_for(child);
  warm(); clear();
}

static void kinds(void) {
  mmap_at(AT(0), 8 * PAGE, RW, SHARED_ANON, -1, 0); fill(AT(0), 8); advise_row("shared.install", 2, 3, INSTALL); tried("shared.inside", 3);
  advise_row("shared.remove", 0, 8, REMOVE); contents("shared.contents"); clear();
  mmap_at(AT(0), 8 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0); fill(AT(0), 8); advise_row("memfd.install", 2, 3, INSTALL);
  tried("memfd.inside", 3);
  advise_row("memfd.dontneed", 0, 8, MADV_DONTNEED); advise_row("memfd.read-around", 6, 1, MADV_POPULATE_READ); advise_row("memfd.remove", 0, 8, REMOVE);
  contents("memfd.contents"); clear();
  mmap_at(AT(0), 8 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, file, 0); fill(AT(0), 3); advise_row("private-file.install", 2, 3, INSTALL);
  name("private-file.fault-around"); read_at(AT(7)); pages(AT(0), 16); end();
  advise_row("private-file.remove", 0, 8, REMOVE); contents("private-file.contents"); clear();
  mmap_at(AT(0), 8 * PAGE, PROT_R, MAP_SHARED | MAP_FIXED, file, 0); advise_row("memfd-read-only.install", 2, 3, INSTALL); clear();
  mmap_at(AT(0), 12 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0); advise_row("memfd-past-end.install", 6, 4, INSTALL);
  tried("memfd-past-end.guard", 9); tried("memfd-past-end.no-guard", 11);
  sys(SYS_ftruncate, file, 4 * PAGE, 0); name("truncate"); pages(AT(0), 16); end(); tried("truncate.guard", 7);
  sys(SYS_ftruncate, file, 8 * PAGE, 0); clear();

  mmap_at(AT(0), 1024 * PAGE, RW, ANON, -1, 0); advise(0, 1024, MADV_HUGEPAGE); fill(AT(0), 1024);
  s64 splits = vmstat("thp_split_pmd ");
  advise_row("thp.install-part", 2, 3, INSTALL); name("thp.install-part.splits"); column(vmstat("thp_split_pmd ") - splits);
  column(smaps(AT(0), "AnonHugePages:")); column(smaps(AT(0), "Rss:")); end();
  tried("thp.inside", 3); advise_row("thp.install-second", 512, 512, INSTALL); name("thp.install-second.smaps");
  column(vmstat("thp_split_pmd ") - splits); column(smaps(AT(0), "AnonHugePages:")); column(smaps(AT(0), "Rss:")); end();
  advise_row("thp.remove-second", 512, 512, REMOVE); name("thp.remove-second.touch"); touch(op_str, AT(512), 512);
  column(smaps(AT(0), "AnonHugePages:")); end(); advise_row("thp.collapse", 0, 512, MADV_COLLAPSE); clear();
  mmap_at(AT(0), 1024 * PAGE, RW, ANON, -1, 0); advise(0, 1024, MADV_HUGEPAGE); advise_row("thp.install-untouched", 2, 3, INSTALL);
  name("thp.install-untouched.touch"); touch(op_str, AT(5), 507); touch(op_str, AT(512), 512);
  column(smaps(AT(0), "AnonHugePages:")); end(); clear();
  mmap_at(AT(0), 1024 * PAGE, RW, ANON, -1, 0); advise(0, 1024, MADV_HUGEPAGE); peek(AT(0));
  advise_row("thp.install-over-huge-zero-page", 2, 3, INSTALL); clear();

  mmap_at(AT(0), 8 * PAGE, RW, ANON | MAP_GROWSDOWN, -1, 0); advise_row("growsdown.install", 2, 3, INSTALL); clear();
  anonymous(0, 2, RW); anonymous(4, 2, RW); fill(AT(0), 2); advise_row("hole.install", 0, 6, INSTALL); tried("hole.inside", 5);
  advise_row("hole.remove", 0, 6, REMOVE); clear();
  advise_row("unmapped.install", 0, 2, INSTALL); advise_row("unmapped.remove", 0, 2, REMOVE);
  anonymous(0, 8, RW);
  name("error.install"); column(sys(SYS_madvise, AT(0) + 1, PAGE, INSTALL)); column(sys(SYS_madvise, AT(0), 0, INSTALL));
  column(sys(SYS_madvise, AT(0), -PAGE, INSTALL)); column(sys(SYS_madvise, AT(0), 1, INSTALL)); end();
  name("error.remove"); column(sys(SYS_madvise, AT(0) + 1, PAGE, REMOVE)); column(sys(SYS_madvise, AT(0), 0, REMOVE));
  column(sys(SYS_madvise, AT(0), -PAGE, REMOVE)); column(sys(SYS_madvise, AT(0), 1, REMOVE)); end(); clear();
  s64 process = sys(SYS_pidfd_open, sys(SYS_getpid, 0, 0, 0), 0, 0);
  struct { void *address; u64 size; } ranges[2] = {{AT(0), 2 * PAGE}, {AT(4), 2 * PAGE}};
  anonymous(0, 8, RW); result("process.install", sys6(SYS_process_madvise, process, (s64)ranges, 2, INSTALL, 0, 0));
  result("process.remove", sys6(SYS_process_madvise, process, (s64)ranges, 2, REMOVE, 0, 0)); clear();
  sys(SYS_close, process, 0, 0);
}

int oracle_main(void) {
  memory_start();
  file = memfd("guarded", 8);
  anonymous_rows();
  later();
  forks();
  kinds();
  return 0;
}
