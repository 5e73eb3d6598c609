// System calls about memory beside mmap and its like: remap_file_pages, mseal, process_madvise, membarrier, cachestat: what each
// answers, and what becomes of the mappings.
#include "memory.h"

enum {
  SYS_waitid = 95, SYS_remap_file_pages = 234, SYS_membarrier = 283, SYS_pkey_mprotect = 288, SYS_cachestat = 451, SYS_mseal = 462,
  MAP_NONBLOCK = 0x10000, BAD = 8,
};
static s64 file;
static void clear(void) { unmap(0, 64); }

// MARK: remap_file_pages

static void shared_area(u64 page, u64 count, int protection, u64 offset) {
  mmap_at(AT(page), count * PAGE, protection, MAP_SHARED | MAP_FIXED, file, offset * PAGE);
}

static void remap_row(const char *what, char *address, u64 size, u64 protection, u64 page, u64 flags) {
  name("remap."); name(what);
  s64 before = minor_faults();
  s64 result = sys6(SYS_remap_file_pages, (s64)address, size, protection, page, flags, 0);
  s64 faults = minor_faults() - before;
  column(result); column(faults); areas(0, 64); pages(AT(0), 16);
  column(peek(AT(0))); column(peek(AT(2))); column(peek(AT(5)));
  column(status("VmLck:"));
  end();
}

static void remapping(void) {
  file = memfd("remap", 32);
  for (u64 i = 0; i < 32; i++) { u64 value = 100 + i; sys4(SYS_pwrite64, file, &value, 8, i * PAGE + 8); }
  shared_area(0, 8, RW, 0); remap_row("middle", AT(2), 2 * PAGE, 0, 20, 0); clear();
  shared_area(0, 8, RW, 0); remap_row("whole", AT(0), 8 * PAGE, 0, 8, 0);
  remap_row("back", AT(0), 8 * PAGE, 0, 0, 0); clear();
  shared_area(0, 8, PROT_R, 0); remap_row("read-only", AT(2), 2 * PAGE, 0, 20, 0); clear();
  shared_area(0, 8, 0, 0); remap_row("none", AT(2), 2 * PAGE, 0, 20, 0); clear();
  shared_area(0, 8, RW, 0); remap_row("nonblock", AT(2), 2 * PAGE, 0, 20, MAP_NONBLOCK); clear();
  shared_area(0, 8, RW, 0); remap_row("other-flags", AT(2), 2 * PAGE, 0, 20, ~0ul); clear();
  shared_area(0, 8, RW, 0); remap_row("protection", AT(2), 2 * PAGE, 1, 20, 0); clear();
  shared_area(0, 8, RW, 0); remap_row("inside-a-page", AT(2) + 9, 2 * PAGE + 7, 0, 20, 0); clear();
  shared_area(0, 8, RW, 0); remap_row("no-size", AT(2), 0xfff, 0, 20, 0); clear();
  shared_area(0, 8, RW, 0); remap_row("wraps", AT(2), -4096ul, 0, 20, 0); clear();
  shared_area(0, 8, RW, 0); remap_row("page-wraps", AT(2), 2 * PAGE, 0, ~0ul, 0); clear();
  shared_area(0, 8, RW, 0); remap_row("page-beyond", AT(2), 2 * PAGE, 0, 1ul << 60, 0); clear();
  shared_area(0, 8, RW, 0); remap_row("behind-the-end", AT(2), 2 * PAGE, 0, 40, 0); clear();
  shared_area(0, 8, RW, 0); remap_row("too-long", AT(4), 8 * PAGE, 0, 20, 0); clear();
  shared_area(0, 4, RW, 0); shared_area(4, 4, RW, 10); remap_row("two", AT(2), 4 * PAGE, 0, 20, 0); clear();
  shared_area(0, 4, RW, 0); shared_area(4, 4, PROT_R, 4); remap_row("two-flags", AT(2), 4 * PAGE, 0, 20, 0); clear();
  shared_area(0, 4, RW, 0); shared_area(5, 4, RW, 5); remap_row("hole", AT(2), 5 * PAGE, 0, 20, 0); clear();
  shared_area(0, 4, RW, 0); shared_area(4, 2, RW, 10); shared_area(6, 4, RW, 20); remap_row("three", AT(1), 8 * PAGE, 0, 2, 0); clear();
  remap_row("unmapped", AT(2), 2 * PAGE, 0, 20, 0);
  anonymous(0, 8, RW); remap_row("private", AT(2), 2 * PAGE, 0, 20, 0); clear();
  mmap_at(AT(0), 8 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, file, 0); remap_row("private-file", AT(2), 2 * PAGE, 0, 20, 0); clear();
  mmap_at(AT(0), 8 * PAGE, RW, SHARED_ANON, -1, 0); fill(AT(0), 8); remap_row("shared-anonymous", AT(2), 2 * PAGE, 0, 6, 0); clear();
  shared_area(0, 8, RW, 0); sys(SYS_mlock, AT(0), 8 * PAGE, 0); remap_row("locked", AT(2), 2 * PAGE, 0, 20, 0); clear();
  s64 other = open_file(path_of(file), O_RDONLY, 0);
  mmap_at(AT(0), 8 * PAGE, PROT_R, MAP_SHARED | MAP_FIXED, other, 0);
  remap_row("read-descriptor", AT(2), 2 * PAGE, 0, 20, 0); clear();
  sys(SYS_close, other, 0, 0);
}

// MARK: mseal

static s64 seal(u64 page, u64 count) { return sys(SYS_mseal, AT(page), count * PAGE, 0); }
static void seal_row(const char *what, s64 result) {
  name("seal."); put(what); column(result); areas(0, 64); pages(AT(0), 16); end();
}
/// A result of mremap: the page, or the error.
static s64 moved(s64 result) { return result >= (s64)BASE ? (result - (s64)BASE) / (s64)PAGE : result; }
static void seal_arguments(void) {
  flush();
  s64 child = fork();
  if (child) { wait_for(child); warm(); return; }
  warm();
  anonymous(0, 8, RW); fill(AT(0), 8);
  seal_row("flags", sys(SYS_mseal, AT(0), PAGE, 1));
  seal_row("inside-a-page", sys(SYS_mseal, AT(0) + 1, PAGE, 0));
  seal_row("wraps", sys(SYS_mseal, AT(0), ~0ul, 0));
  seal_row("overflows", sys(SYS_mseal, AT(0), -8192ul, 0));
  seal_row("no-size", sys(SYS_mseal, AT(0), 0, 0));
  seal_row("no-size-unmapped", sys(SYS_mseal, AT(50), 0, 0));
  seal_row("unmapped", seal(50, 1));
  seal_row("across-the-end", seal(6, 4));
  seal_row("before-the-start", sys(SYS_mseal, AT(0) - PAGE, 4 * PAGE, 0));
  seal_row("tagged", sys(SYS_mseal, (u64)AT(0) | 1ul << 56, PAGE, 0));
  anonymous(12, 4, RW); seal_row("across-a-hole", seal(6, 8));
  quit(0);
}

/// A child seals the middle of a mapping, because what is sealed stays, and tries the calls.
static void sealed(const char *kind, int protection, int shared) {
  flush();
  s64 child = fork();
  if (child) { wait_for(child); warm(); return; }
  warm();
  if (shared) mmap_at(AT(0), 16 * PAGE, RW, MAP_FIXED | (shared == 2 ? MAP_PRIVATE : MAP_SHARED), file, 0);
  else anonymous(0, 16, RW);
  fill(AT(0), 16);
  if (protection != RW) protect(0, 16, protection);
  name("sealing."); put(kind); column(seal(4, 8)); areas(0, 64); end();
  seal_row("again", seal(4, 8));
  seal_row("a-part-again", seal(5, 2));
  seal_row("munmap", unmap(4, 8));
  seal_row("munmap.part", unmap(6, 1));
  seal_row("munmap.across", unmap(2, 4));
  seal_row("munmap.all", unmap(0, 16));
  seal_row("munmap.before", unmap(0, 1));
  seal_row("mprotect", protect(4, 8, PROT_R | PROT_X));
  seal_row("mprotect.same", protect(4, 8, protection));
  seal_row("mprotect.across", protect(2, 4, PROT_R | PROT_X));
  seal_row("mprotect.restore", protect(0, 4, protection));
  seal_row("pkey_mprotect", sys4(SYS_pkey_mprotect, AT(4), PAGE, PROT_R | PROT_X, -1));
  seal_row("mmap", mmap_at(AT(5), PAGE, PROT_R, ANON, -1, 0) == (s64)AT(5) ? 0 : mmap_at(AT(5), PAGE, PROT_R, ANON, -1, 0));
  seal_row("mremap.shrink", moved(sys4(SYS_mremap, AT(4), 8 * PAGE, 4 * PAGE, 0)));
  seal_row("mremap.grow", moved(sys4(SYS_mremap, AT(4), 8 * PAGE, 9 * PAGE, 0)));
  seal_row("mremap.grow-maymove", sys4(SYS_mremap, AT(4), 8 * PAGE, 9 * PAGE, 1) < 0);
  seal_row("mremap.move", moved(sys6(SYS_mremap, (s64)AT(4), 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (s64)AT(32), 0)));
  seal_row("mremap.same", sys4(SYS_mremap, AT(4), 2 * PAGE, 2 * PAGE, 0) == (s64)AT(4));
  seal_row("mremap.onto", moved(sys6(SYS_mremap, (s64)AT(14), 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (s64)AT(6), 0)));
  seal_row("mremap.duplicate", moved(sys6(SYS_mremap, (s64)AT(4), 0, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (s64)AT(40), 0)));
  seal_row("mremap.dontunmap", moved(sys6(SYS_mremap, (s64)AT(4), PAGE, PAGE, 7, (s64)AT(44), 0)));
  static const struct { const char *name; int advice; } advices[] = {
    {"normal", MADV_NORMAL}, {"random", MADV_RANDOM}, {"cold", MADV_COLD}, {"pageout", MADV_PAGEOUT}, {"dontneed", MADV_DONTNEED},
    {"free", MADV_FREE}, {"remove", MADV_REMOVE}, {"dontfork", MADV_DONTFORK}, {"wipeonfork", MADV_WIPEONFORK},
    {"dontneed-locked", MADV_DONTNEED_LOCKED}, {"guard-install", 102}, {"guard-remove", 103}, {"dontdump", 16},
    {"populate-read", MADV_POPULATE_READ}, {"hugepage", MADV_HUGEPAGE}};
  for (int i = 0; i < 15; i++) {
    name("seal.advise."); put(advices[i].name); column(advise(4, 2, advices[i].advice)); column(advise(2, 4, advices[i].advice));
    areas(0, 64); pages(AT(0), 16); end();
  }
  seal_row("mlock", sys(SYS_mlock, AT(4), 4 * PAGE, 0));
  seal_row("munlock", sys(SYS_munlock, AT(4), 4 * PAGE, 0));
  seal_row("remap_file_pages", sys6(SYS_remap_file_pages, (s64)AT(6), PAGE, 0, 0, 0, 0));
  seal_row("next-to-it", mmap_at(AT(16), 4 * PAGE, RW, ANON, -1, 0) == (s64)AT(16));
  name("seal.flags"); const char *block = smaps_block(AT(6));
  for (put("\t"); *block && !(block[0] == 'V' && block[2] == 'F'); ) while (*block && *block++ != '\n') {}
  for (; *block && *block != '\n'; block++) output[output_length++] = *block;
  end();
  flush();
  s64 grandchild = fork();
  if (grandchild == 0) { warm(); seal_row("child.munmap", unmap(6, 1)); quit(0); }
  wait_for(grandchild);
  quit(0);
}

static void sealing(void) {
  seal_arguments();
  file = memfd("seal", 32);
  sealed("private", RW, 0);
  sealed("private-read-only", PROT_R, 0);
  sealed("private-none", 0, 0);
  sealed("file-shared", RW, 1);
  sealed("file-shared-read-only", PROT_R, 1);
  sealed("file-private-read-only", PROT_R, 2);
  // The heap cannot shrink over a sealed page.
  flush();
  s64 child = fork();
  if (child) { wait_for(child); warm(); return; }
  u64 start = sys(SYS_brk, 0, 0, 0);
  sys(SYS_brk, start + 4 * PAGE, 0, 0);
  name("seal.brk"); column(sys(SYS_mseal, start & -PAGE, PAGE * 4, 0));
  column(sys(SYS_brk, start + PAGE, 0, 0) - start); column(sys(SYS_brk, start + 8 * PAGE, 0, 0) - start); end();
  quit(0);
}

// MARK: process_madvise

struct vector { void *address; u64 count; };
static s64 advise_process(s64 process, struct vector *vectors, u64 count, int advice, u64 flags) {
  return sys6(SYS_process_madvise, process, (s64)vectors, count, advice, flags, 0);
}
static void process_row(const char *what, s64 result) {
  name("process."); put(what); column(result); pages(AT(0), 16); areas(0, 64); end();
}

static void advising(void) {
  static struct vector many[1100];
  int ends[2], back[2];
  anonymous(0, 8, RW); fill(AT(0), 8);
  s64 self = sys(SYS_pidfd_open, sys(SYS_getpid, 0, 0, 0), 0, 0);
  struct vector one = {AT(0), 2 * PAGE}, bad = {AT(50), PAGE}, odd = {AT(0) + 1, PAGE};
  static const int advices[] = {
    MADV_NORMAL, MADV_RANDOM, MADV_WILLNEED, MADV_DONTNEED, MADV_FREE, MADV_REMOVE, MADV_DONTFORK, MADV_COLD, MADV_PAGEOUT,
    MADV_POPULATE_READ, MADV_DONTNEED_LOCKED, MADV_COLLAPSE, 102, 103, 5, 77};
  for (int i = 0; i < 16; i++) {
    name("process.self."); dec(advices[i]); column(advise_process(self, &one, 1, advices[i], 0)); pages(AT(0), 16); end();
    fill(AT(0), 8);
  }
  clear();
  anonymous(0, 8, RW); fill(AT(0), 8);
  process_row("flags", advise_process(self, &one, 1, MADV_COLD, 1));
  process_row("bad-descriptor", advise_process(99, &one, 1, MADV_COLD, 0));
  process_row("no-pidfd", advise_process(1, &one, 1, MADV_COLD, 0));
  process_row("self-thread", advise_process(-10000, &one, 1, MADV_COLD, 0));
  process_row("self-process", advise_process(-10001, &one, 1, MADV_COLD, 0));
  process_row("self-other", advise_process(-20000, &one, 1, MADV_COLD, 0));
  process_row("bad-vector", advise_process(self, (struct vector *)BAD, 1, MADV_COLD, 0));
  process_row("no-vector", advise_process(self, 0, 0, MADV_COLD, 0));
  process_row("no-vector-bad-advice", advise_process(self, 0, 0, 77, 0));
  process_row("bad-vector-and-descriptor", advise_process(99, (struct vector *)BAD, 1, 77, 0));
  process_row("bad-advice-and-descriptor", advise_process(99, &one, 1, 77, 0));
  for (int i = 0; i < 1100; i++) many[i] = (struct vector){AT(i % 8), PAGE};
  process_row("1024", advise_process(self, many, 1024, MADV_COLD, 0));
  process_row("1025", advise_process(self, many, 1025, MADV_COLD, 0));
  process_row("unmapped", advise_process(self, &bad, 1, MADV_COLD, 0));
  process_row("inside-a-page", advise_process(self, &odd, 1, MADV_COLD, 0));
  struct vector some[] = {{AT(0), 2 * PAGE}, {AT(50), PAGE}, {AT(4), PAGE}}, empty[] = {{AT(0), 0}, {AT(4), PAGE}};
  process_row("second-unmapped", advise_process(self, some, 3, MADV_COLD, 0));
  process_row("first-empty", advise_process(self, empty, 2, MADV_COLD, 0));
  struct vector huge = {AT(0), 1ul << 63}, kernel = {(void *)(1ul << 55), PAGE};
  process_row("huge", advise_process(self, &huge, 1, MADV_COLD, 0));
  process_row("kernel", advise_process(self, &kernel, 1, MADV_COLD, 0));
  flush();
  sys(SYS_pipe2, ends, 0, 0); sys(SYS_pipe2, back, 0, 0);
  s64 child = fork();
  if (!child) {
    char byte;
    warm();
    fill(AT(0), 8);
    advise(0, 4, MADV_FREE);
    sys(SYS_write, back[1], "", 1);
    sys(SYS_read, ends[0], &byte, 1);
    pages(AT(0), 16); put(" in the child"); end();
    quit(0);
  }
  char byte;
  sys(SYS_read, back[0], &byte, 1);
  s64 other = sys(SYS_pidfd_open, child, 0, 0);
  for (int i = 0; i < 16; i++) { name("process.other."); dec(advices[i]); column(advise_process(other, &one, 1, advices[i], 0)); end(); }
  process_row("other.unmapped", advise_process(other, &bad, 1, MADV_COLD, 0));
  sys(SYS_write, ends[1], "", 1);
  wait_for(child);
  process_row("gone", advise_process(other, &one, 1, MADV_COLD, 0));
  child = fork();
  if (!child) quit(0);
  s64 zombie = sys(SYS_pidfd_open, child, 0, 0);
  sys6(SYS_waitid, 1, child, 0, 0x01000004, 0, 0);  // WNOWAIT, WEXITED
  process_row("zombie", advise_process(zombie, &one, 1, MADV_COLD, 0));
  wait_for(child);
  clear();
}

// MARK: membarrier

static void barrier_row(int command, u64 flags, s64 processor) {
  name("barrier."); dec(command); put("."); dec(flags); put("."); dec(processor);
  column(sys(SYS_membarrier, command, flags, processor)); column(sys(SYS_membarrier, 512, 0, 0)); end();
}
static void barriers(void) {
  // The commands, before and after the registrations.
  for (int round = 0; round < 2; round++) {
    for (int command = 0; command <= 1024; command = command ? command * 2 : 1) {
      int registers = command == 4 || command == 16 || command == 64 || command == 256;
      if (registers && round == 0) continue;
      barrier_row(command, 0, 0); barrier_row(command, 1, 0); barrier_row(command, 2, 0);
      barrier_row(command, 1, 99); barrier_row(command, 1, -1);
    }
    barrier_row(3, 0, 0); barrier_row(-1, 0, 0);
  }
  for (int command = 2; command <= 128; command *= 2) barrier_row(command, 0, 0);
  flush();
  s64 child = fork();
  if (!child) {
    name("barrier.child"); column(sys(SYS_membarrier, 512, 0, 0)); column(sys(SYS_membarrier, 8, 0, 0)); end();
    quit(0);
  }
  wait_for(child);
  warm();
}

// MARK: cachestat

struct range { u64 offset, length; };
struct counts { u64 cache, dirty, writeback, evicted, recent; };
static void cache_row(const char *what, s64 file, u64 offset, u64 length, u64 flags) {
  struct range range = {offset, length};
  struct counts counts = {77, 77, 77, 77, 77};
  name("cache."); put(what);
  column(sys4(SYS_cachestat, file, &range, &counts, flags));
  column(counts.cache); column(counts.dirty); column(counts.writeback); column(counts.evicted); column(counts.recent); end();
}
static void whole_rows(const char *what, s64 file) {
  cache_row(what, file, 0, 0, 0);
  cache_row(what, file, PAGE, PAGE, 0);
  cache_row(what, file, PAGE - 1, 2, 0);
  cache_row(what, file, 3 * PAGE, 0, 0);
  cache_row(what, file, 0, ~0ul, 0);
  cache_row(what, file, ~0ul, 1, 0);
  cache_row(what, file, ~0ul, 2, 0);
  cache_row(what, file, 0, PAGE, 1);
}
static void caching(void) {
  struct range range = {0, 0};
  struct counts counts;
  s64 memory = memfd("cache", 8);
  whole_rows("memfd.empty", memory);
  for (u64 page = 0; page < 8; page += 2) sys4(SYS_pwrite64, memory, "x", 1, page * PAGE);
  whole_rows("memfd.half", memory);
  sys4(SYS_fallocate, memory, 0, 0, 8 * PAGE);
  whole_rows("memfd.full", memory);
  mmap_at(AT(0), 8 * PAGE, RW, MAP_SHARED | MAP_FIXED, memory, 0); fill(AT(0), 8); advise(0, 8, MADV_PAGEOUT);
  whole_rows("memfd.paged-out", memory);
  sys4(SYS_fallocate, memory, 3, PAGE, 2 * PAGE);
  whole_rows("memfd.punched", memory);
  clear();
  sys(SYS_mkdirat, AT_FDCWD, "/devices", 0755);
  sys6(SYS_mount, (s64)"devices", (s64)"/devices", (s64)"devtmpfs", 0, 0, 0);
  s64 ramfs = open_file("/cache", O_CREAT | O_RDWR, 0600);
  sys4(SYS_pwrite64, ramfs, "x", 1, 2 * PAGE);
  whole_rows("ramfs", ramfs);
  s64 again = open_file("/cache", O_RDONLY, 0);
  cache_row("ramfs.read-only", again, 0, 0, 0);
  cache_row("path", open_file("/cache", 010000000, 0), 0, 0, 0);
  cache_row("directory", open_file("/tmp", O_RDONLY, 0), 0, 0, 0);
  cache_row("zero", open_file("/devices/zero", O_RDWR, 0), 0, 0, 0);
  cache_row("status", open_file("/proc/self/status", O_RDONLY, 0), 0, 0, 0);
  cache_row("huge", sys(SYS_memfd_create, "huge", 4, 0), 0, 0, 0);
  cache_row("huge.flags", sys(SYS_memfd_create, "huge", 4, 0), 0, 0, 5);
  int ends[2];
  sys(SYS_pipe2, ends, 0, 0);
  cache_row("pipe", ends[0], 0, 0, 0);
  cache_row("none", 99, 0, 0, 0);
  cache_row("none.flags", 99, 0, 0, 1);
  name("cache.bad-range"); column(sys4(SYS_cachestat, memory, BAD, &counts, 0)); end();
  name("cache.bad-range-flags"); column(sys4(SYS_cachestat, memory, BAD, &counts, 1)); end();
  name("cache.bad-range-huge"); column(sys4(SYS_cachestat, sys(SYS_memfd_create, "huge", 4, 0), BAD, &counts, 1)); end();
  name("cache.bad-answer"); column(sys4(SYS_cachestat, memory, &range, BAD, 0)); end();
}

int oracle_main(void) {
  memory_start();
  names_hidden = 1;
  remapping();
  sealing();
  advising();
  barriers();
  caching();
  return 0;
}
