// The batches in which pages wait for the lists of reclaim, as smaps shows them: how many pages MADV_FREE has given up, and which pages
// were used (Referenced), after calls that empty the batches and calls that do not.
#include "memory.h"

enum { FILE_PAGES = 40, HUGE_PAGE = 512 };
static s64 memory_file, plain_file;

static void clear(void) { unmap(0, 2048); }
/// What is given up, and what counts as used, of the mapping at a page.
static void counts(const char *what, u64 page) {
  name(what);
  const char *block = smaps_block(AT(page));
  column(block ? number_behind(block, "LazyFree:") : -1);
  column(block ? number_behind(block, "Referenced:") : -1);
  end();
}
/// Empties all batches without a page's help.
static void settle(void) {
  anonymous(1900, 1, RW);
  advise(1900, 1, MADV_COLD);
  unmap(1900, 1);
}
static void written(u64 page, u64 count) { anonymous(page, count, RW); fill(AT(page), count); }

static void sizes(void) {
  static const u64 sizes[] = {1, 2, 29, 30, 31, 32, 61, 62, 63, 93, 100};
  for (u64 i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    written(0, sizes[i]);
    settle();
    advise(0, sizes[i], MADV_FREE);
    counts("size", 0);
    settle();
    counts("size.settled", 0);
    clear();
  }
  // Two calls, of which the second begins with what the first left.
  written(0, 40);
  advise(0, 20, MADV_FREE); counts("two.first", 0);
  advise(20, 20, MADV_FREE); counts("two.second", 0);
  // The pages are already given up, so they do not wait again.
  settle(); advise(0, 40, MADV_FREE); counts("two.again", 0);
  // smaps counts a page that was written as ordinary memory, but the kernel does not: it does not wait again either.
  fill(AT(0), 40); counts("two.written", 0); advise(0, 40, MADV_FREE); counts("two.written.again", 0);
  clear();
  // A huge page takes all that waits along.
  written(0, 10);
  advise(0, 10, MADV_FREE); counts("huge.before", 0);
  mmap_at(AT(512), HUGE, RW, ANON, -1, 0); advise(512, HUGE_PAGE, MADV_HUGEPAGE); poke(AT(512), 1);
  counts("huge.fault", 0);
  advise(512, HUGE_PAGE, MADV_FREE); counts("huge.itself", 512); counts("huge.others", 0);
  clear();
}

// Calls that may empty the batches, each after MADV_FREE of five pages.
static void nothing(void) {}
static void faults(void) { written(100, 50); }
static void unmaps(void) { unmap(60, 1); }
static void unmaps_hole(void) { unmap(1800, 1); }
static void drops(void) { advise(60, 1, MADV_DONTNEED); }
static void guards(void) { advise(60, 1, 102); }
static void cools(void) { advise(60, 1, MADV_COLD); }
static void cools_hole(void) { advise(1800, 1, MADV_COLD); }
static void pages_out(void) { advise(60, 1, MADV_PAGEOUT); }
static void frees(void) { advise(60, 1, MADV_FREE); }
static void needs(void) { advise(60, 1, MADV_WILLNEED); }
static void reads_randomly(void) { advise(60, 1, MADV_RANDOM); }
static void populates_read(void) { advise(60, 1, MADV_POPULATE_READ); }
static void populates_write(void) { advise(60, 1, MADV_POPULATE_WRITE); }
static void populates_hole(void) { advise(1800, 1, MADV_POPULATE_READ); }
static void collapses_part(void) { advise(60, 1, MADV_COLLAPSE); }
static void collapses(void) { anonymous(512, HUGE_PAGE, RW); advise(512, HUGE_PAGE, MADV_HUGEPAGE); advise(512, HUGE_PAGE, MADV_COLLAPSE); }
static void maps(void) { mmap_at(AT(300), PAGE, RW, ANON, -1, 0); }
static void maps_over(void) { mmap_at(AT(60), PAGE, RW, ANON, -1, 0); }
static void maps_populated(void) { mmap_at(AT(300), PAGE, RW, ANON | MAP_POPULATE, -1, 0); }
static void maps_none_populated(void) { mmap_at(AT(300), PAGE, 0, ANON | MAP_POPULATE, -1, 0); }
static void maps_locked(void) { mmap_at(AT(300), PAGE, RW, ANON | MAP_LOCKED, -1, 0); }
static void locks(void) { sys(SYS_mlock, AT(60), PAGE, 0); }
static void locks_on_fault(void) { sys(SYS_mlock2, AT(60), PAGE, 1); }
static void unlocks(void) { sys(SYS_munlock, AT(60), PAGE, 0); }
static void protects(void) { protect(60, 1, PROT_R); }
static void moves(void) { sys6(SYS_mremap, (s64)AT(60), PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (s64)AT(300), 0); }
static void shrinks(void) { sys6(SYS_mremap, (s64)AT(60), 4 * PAGE, PAGE, 0, 0, 0); }
static void truncates(void) { sys(SYS_ftruncate, memory_file, 0, 0); sys(SYS_ftruncate, memory_file, FILE_PAGES * PAGE, 0); }
static void truncates_plain(void) { sys(SYS_ftruncate, plain_file, 0, 0); sys(SYS_ftruncate, plain_file, FILE_PAGES * PAGE, 0); }
static void writes(void) { sys4(SYS_pwrite64, memory_file, AT(60), PAGE, 0); }
static void writes_plain(void) { sys4(SYS_pwrite64, plain_file, AT(60), PAGE, 0); }
static void allocates(void) { sys4(SYS_fallocate, memory_file, 0, 0, 2 * PAGE); }
static void punches(void) { sys4(SYS_fallocate, memory_file, 3, 0, PAGE); }
static void punches_hole(void) { sys4(SYS_fallocate, memory_file, 3, 20 * PAGE, PAGE); }
static void syncs(void) { sys(SYS_msync, AT(60), PAGE, 4); }
static void forks(void) {
  s64 child = fork();
  if (!child) quit(0);
  wait_for(child);
}
static void forks_and_writes(void) {
  s64 child = fork();
  if (!child) { poke(AT(60), 2); quit(0); }
  wait_for(child);
  poke(AT(61), 1);
}
static void reads_smaps(void) { smaps_block(AT(0)); }

static void calls(void) {
  static const struct { const char *name; void (*call)(void); } calls[] = {
    {"nothing", nothing}, {"faults", faults}, {"munmap", unmaps}, {"munmap.hole", unmaps_hole}, {"dontneed", drops}, {"guard", guards},
    {"cold", cools}, {"cold.hole", cools_hole}, {"pageout", pages_out}, {"free", frees}, {"willneed", needs}, {"random", reads_randomly},
    {"populate-read", populates_read}, {"populate-write", populates_write}, {"populate.hole", populates_hole},
    {"collapse.part", collapses_part}, {"collapse", collapses}, {"mmap", maps}, {"mmap.over", maps_over}, {"mmap.populate", maps_populated},
    {"mmap.none.populate", maps_none_populated}, {"mmap.locked", maps_locked}, {"mlock", locks}, {"mlock.on-fault", locks_on_fault},
    {"munlock", unlocks}, {"mprotect", protects}, {"mremap", moves}, {"mremap.shrink", shrinks}, {"pwrite", writes},
    {"truncate", truncates}, {"truncate.again", truncates}, {"pwrite.plain", writes_plain}, {"truncate.plain", truncates_plain},
    {"truncate.plain.again", truncates_plain}, {"fallocate", allocates}, {"punch", punches}, {"punch.hole", punches_hole},
    {"msync", syncs}, {"fork", forks}, {"fork.write", forks_and_writes}, {"smaps", reads_smaps}};
  for (u64 i = 0; i < sizeof calls / sizeof *calls; i++) {
    written(0, 5);
    written(60, 4);
    settle();
    advise(0, 5, MADV_FREE);
    calls[i].call();
    put("call."); counts(calls[i].name, 0);
    clear();
    warm();
  }
}

/// Makes pages old, so that only the kernel's own mark counts, and shows it.
static void mark_of(const char *what, u64 count) {
  settle();
  advise(0, count, MADV_FREE);
  counts(what, 0);
  settle();
  put("settled."); counts(what, 0);
  clear();
}

static void marks(void) {
  written(0, 40); mark_of("written", 40);
  anonymous(0, 40, RW); advise(0, 40, MADV_RANDOM); fill(AT(0), 40); mark_of("random", 40);
  anonymous(0, 40, RW); advise(0, 40, MADV_SEQUENTIAL); fill(AT(0), 40); mark_of("sequential", 40);
  settle(); anonymous(0, 40, RW); advise(0, 40, MADV_POPULATE_WRITE); mark_of("populated", 40);
  settle(); anonymous(0, 40, RW); advise(0, 40, MADV_RANDOM); advise(0, 40, MADV_POPULATE_WRITE); mark_of("random.populated", 40);
  written(0, 40); advise(0, 40, MADV_POPULATE_WRITE); mark_of("written.populated", 40);
  settle(); anonymous(0, 40, RW); sys(SYS_mlock, AT(0), 40 * PAGE, 0); sys(SYS_munlock, AT(0), 40 * PAGE, 0); mark_of("locked", 40);
  settle(); anonymous(0, 40, RW); sys(SYS_mlock2, AT(0), 40 * PAGE, 1); fill(AT(0), 40); sys(SYS_munlock, AT(0), 40 * PAGE, 0);
  mark_of("locked-on-fault", 40);
  written(0, 40); sys(SYS_mlock, AT(0), 40 * PAGE, 0); sys(SYS_munlock, AT(0), 40 * PAGE, 0); mark_of("written.locked", 40);
  written(0, 40); advise(0, 40, MADV_COLD); counts("cold", 0); mark_of("cold.free", 40);
  written(0, 40); advise(0, 40, MADV_COLD); look(AT(0), 20); counts("cold.read", 0); mark_of("cold.read.free", 40);
  written(0, 40); advise(0, 40, MADV_COLD); advise(0, 40, MADV_POPULATE_READ); counts("cold.populated", 0); clear();
  written(0, 40); advise(0, 40, MADV_PAGEOUT); mark_of("pageout", 40);
  mmap_at(AT(0), 40 * PAGE, RW, ANON, -1, 0); look(AT(0), 40); fill(AT(0), 40); mark_of("zero-pages", 40);
  mmap_at(AT(0), HUGE, RW, ANON, -1, 0); advise(0, HUGE_PAGE, MADV_HUGEPAGE); poke(AT(0), 1); mark_of("huge", HUGE_PAGE);
  mmap_at(AT(0), HUGE, RW, ANON, -1, 0); advise(0, HUGE_PAGE, MADV_HUGEPAGE); fill(AT(0), HUGE_PAGE); mark_of("huge.part", 40);
  anonymous(0, HUGE_PAGE, RW); fill(AT(0), HUGE_PAGE); advise(0, HUGE_PAGE, MADV_HUGEPAGE); advise(0, HUGE_PAGE, MADV_COLLAPSE);
  mark_of("collapsed", HUGE_PAGE);
  mmap_at(AT(0), HUGE, RW, ANON, -1, 0); advise(0, HUGE_PAGE, MADV_HUGEPAGE); poke(AT(0), 1); advise(0, HUGE_PAGE, MADV_COLD);
  counts("huge.cold", 0); advise(0, HUGE_PAGE, MADV_POPULATE_WRITE); counts("huge.cold.populated", 0); clear();
}

/// The pages of a file that were brought in one way, mapped old by one fault for each 16 pages.
static void mapped_old(const char *what, s64 file) {
  mmap_at(AT(0), FILE_PAGES * PAGE, PROT_R, MAP_SHARED | MAP_FIXED, file, 0);
  peek(AT(0)); peek(AT(16)); peek(AT(32));
  counts(what, 0);
  unmap(0, FILE_PAGES);
}
static void file_rows(const char *kind, s64 file) {
  static char buffer[FILE_PAGES * PAGE];
  fill(buffer, FILE_PAGES);
  for (int settled = 0; settled < 2; settled++) {
    const char *when = settled ? "settled" : "soon";
    for (int way = 0; way < 8; way++) {
      static const char *ways[] = {"pwrite", "read-fault", "random.read-fault", "write-fault", "pread", "pread.inside", "pageout", "populate"};
      sys(SYS_ftruncate, file, 0, 0); sys(SYS_ftruncate, file, FILE_PAGES * PAGE, 0);
      settle();
      if (way == 0 || way == 4 || way == 5) sys4(SYS_pwrite64, file, buffer, FILE_PAGES * PAGE, 0);
      else {
        mmap_at(AT(0), FILE_PAGES * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0);
        if (way == 2) advise(0, FILE_PAGES, MADV_RANDOM);
        if (way == 7) advise(0, FILE_PAGES, MADV_POPULATE_READ);
        else if (way == 3 || way == 6) fill(AT(0), FILE_PAGES);
        else look(AT(0), FILE_PAGES);
        if (way == 6) advise(0, FILE_PAGES, MADV_PAGEOUT);
        unmap(0, FILE_PAGES);
      }
      if (settled) settle();
      if (way == 4) sys4(SYS_pread64, file, buffer, 20 * PAGE, 0);
      if (way == 5) for (u64 i = 0; i < 20; i++) sys4(SYS_pread64, file, buffer, 8, i * PAGE + 16);
      put(kind); put("."); put(ways[way]); put("."); mapped_old(when, file);
    }
  }
}

int oracle_main(void) {
  memory_start();
  khugepaged_rests();
  memory_file = memfd("batches", FILE_PAGES);
  plain_file = open_file("/batches-data", O_CREAT | O_TRUNC | O_RDWR, 0600);
  sys(SYS_ftruncate, plain_file, FILE_PAGES * PAGE, 0);
  sizes();
  calls();
  marks();
  file_rows("memory", memory_file);
  file_rows("plain", plain_file);
  return 0;
}
