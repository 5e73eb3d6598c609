// Huge pages of private anonymous memory: which accesses make them, what splits them, and what a part of one does.
// Columns of a state: AnonHugePages, Rss and Private_Dirty of smaps in KiB, the pages, then what /proc/vmstat counted since.
#include "memory.h"

enum { PR_SET_THP_DISABLE = 41, PR_GET_THP_DISABLE = 42 };

static void clear(void) { unmap(0, 4096); }

// Counters of /proc/vmstat.
static const char *const events[] = {"thp_fault_alloc ", "thp_fault_fallback ", "thp_split_pmd ", "thp_collapse_alloc "};
static s64 counted[4];
static void count_events(s64 *counts) {
  read_whole("/proc/vmstat", proc_text, sizeof proc_text);
  for (int i = 0; i < 4; i++) counts[i] = number_behind(proc_text, events[i]);
}

/// A private anonymous mapping that may have huge pages, and the start of counting.
static void huge(u64 page, u64 count) {
  mmap_at(AT(page), count * PAGE, RW, ANON, -1, 0);
  advise(page, count, MADV_HUGEPAGE);
}
static void written(void) { huge(0, 512); poke(AT(0), 1); count_events(counted); }
static void zeroed(void) { huge(0, 512); peek(AT(0)); count_events(counted); }

static void state(u64 page, u64 count) {
  const char *block = smaps_block(AT(page));
  static const char *const fields[] = {"AnonHugePages:", "Rss:", "Private_Dirty:"};
  for (int i = 0; i < 3; i++) column(block ? number_behind(block, fields[i]) : -1);
  pages(AT(page), count);
  s64 now[4];
  count_events(now);
  for (int i = 0; i < 4; i++) { put(i ? "," : "\t"); dec(now[i] - counted[i]); }
}

/// First access of a fresh area, then of one that was read, by each instruction.
static void first_accesses(void) {
  for (int i = 0; i < NOPS; i++) {
    huge(0, 512); count_events(counted);
    name("first."); put(ops[i].name); access(ops[i].f, AT(5)); state(0, 512);
    access(op_str, AT(5)); access(op_str, AT(9)); access(op_ldr, AT(511)); state(0, 512); end(); clear();
  }
  for (int i = 0; i < NOPS; i++) {
    zeroed();
    name("read-then."); put(ops[i].name); access(ops[i].f, AT(5)); state(0, 512);
    access(op_str, AT(5)); access(op_str, AT(9)); access(op_ldr, AT(511)); state(0, 512); end(); clear();
  }
}

/// A call on part of a huge page, or all of it; then the faults of reading and writing what is left.
#define PART(what, prepare, call) do { \
    prepare(); \
    name(what); \
    s64 before = minor_faults(), result = (call), faults = minor_faults() - before; \
    column(result); column(faults); state(0, 512); \
    touch(op_ldr, AT(0), 512); touch(op_str, AT(0), 512); state(0, 512); end(); \
    clear(); \
  } while (0)
#define PARTS(kind, prepare, what, call) do { \
    PART(kind what ".first", prepare, call(0, 1)); \
    PART(kind what ".middle", prepare, call(100, 200)); \
    PART(kind what ".last", prepare, call(511, 1)); \
    PART(kind what ".half", prepare, call(256, 256)); \
    PART(kind what ".all-but-one", prepare, call(0, 511)); \
    PART(kind what ".all", prepare, call(0, 512)); \
  } while (0)

static s64 read_only(u64 page, u64 count) { return protect(page, count, PROT_R); }
static s64 none_and_back(u64 page, u64 count) { return protect(page, count, 0) ?: protect(page, count, RW); }
static s64 read_only_and_back(u64 page, u64 count) { return protect(page, count, PROT_R) ?: protect(page, count, RW); }
static s64 executable(u64 page, u64 count) { return protect(page, count, RW | PROT_X); }
static s64 dont_need(u64 page, u64 count) { return advise(page, count, MADV_DONTNEED); }
static s64 free_it(u64 page, u64 count) { return advise(page, count, MADV_FREE); }
static s64 cold(u64 page, u64 count) { return advise(page, count, MADV_COLD); }
static s64 no_huge(u64 page, u64 count) { return advise(page, count, MADV_NOHUGEPAGE); }
static s64 dont_fork(u64 page, u64 count) { return advise(page, count, MADV_DONTFORK); }
static s64 populate_read(u64 page, u64 count) { return advise(page, count, MADV_POPULATE_READ); }
static s64 populate_write(u64 page, u64 count) { return advise(page, count, MADV_POPULATE_WRITE); }
static s64 collapse(u64 page, u64 count) { return advise(page, count, MADV_COLLAPSE); }
static s64 lock(u64 page, u64 count) {
  return sys(SYS_mlock, AT(page), count * PAGE, 0) ?: sys(SYS_munlock, AT(page), count * PAGE, 0);
}
static s64 replaced(u64 page, u64 count) { return mmap_at(AT(page), count * PAGE, RW, ANON, -1, 0) != (s64)AT(page); }

static void parts(void) {
  PARTS("written.", written, "munmap", unmap);
  PARTS("written.", written, "mmap-again", replaced);
  PARTS("written.", written, "read-only", read_only);
  PARTS("written.", written, "none-and-back", none_and_back);
  PARTS("written.", written, "read-only-and-back", read_only_and_back);
  PART("written.executable.half", written, executable(256, 256));
  PART("written.executable.all", written, executable(0, 512));
  PARTS("written.", written, "dontneed", dont_need);
  PARTS("written.", written, "free", free_it);
  PART("written.cold.half", written, cold(256, 256));
  PART("written.cold.all", written, cold(0, 512));
  PART("written.nohugepage.half", written, no_huge(256, 256));
  PART("written.nohugepage.all", written, no_huge(0, 512));
  PART("written.dontfork.half", written, dont_fork(256, 256));
  PART("written.mlock.half", written, lock(256, 256));
  PART("written.mlock.all", written, lock(0, 512));
  PART("written.populate-write.all", written, populate_write(0, 512));
  PART("written.collapse.all", written, collapse(0, 512));
  PARTS("zero.", zeroed, "munmap", unmap);
  PARTS("zero.", zeroed, "read-only-and-back", read_only_and_back);
  PART("zero.none-and-back.half", zeroed, none_and_back(256, 256));
  PART("zero.none-and-back.all", zeroed, none_and_back(0, 512));
  PARTS("zero.", zeroed, "dontneed", dont_need);
  PART("zero.free.half", zeroed, free_it(256, 256));
  PART("zero.free.all", zeroed, free_it(0, 512));
  PART("zero.mlock.half", zeroed, lock(256, 256));
  PART("zero.mlock.all", zeroed, lock(0, 512));
  PART("zero.populate-read.all", zeroed, populate_read(0, 512));
  PART("zero.populate-write.one", zeroed, populate_write(7, 1));
  PART("zero.populate-write.all", zeroed, populate_write(0, 512));
  PART("zero.collapse.all", zeroed, collapse(0, 512));
}

/// Areas that are not a whole number of aligned huge pages, and the faults of writing every page.
static void place_row(const char *what, u64 page, u64 count, void (*instruction)(void *)) {
  mmap_at(AT(page), count * PAGE, RW, ANON, -1, 0); advise(page, count, MADV_HUGEPAGE); count_events(counted);
  name(what); touch(instruction, AT(page), count); state(page, count); end(); clear();
}
static void places(void) {
  place_row("area.0+512", 0, 512, op_str); place_row("area.0+511", 0, 511, op_str); place_row("area.1+511", 1, 511, op_str);
  place_row("area.1+512", 1, 512, op_str);
  place_row("area.0+513", 0, 513, op_str); place_row("area.1+1023", 1, 1023, op_str); place_row("area.1+1022", 1, 1022, op_str);
  place_row("area.256+1024", 256, 1024, op_str);
  place_row("area.0+1536", 0, 1536, op_str); place_row("area.0+1536.read", 0, 1536, op_ldr);
  place_row("area.256+1024.read", 256, 1024, op_ldr);
  place_row("area.256+1024.ldadd", 256, 1024, op_ldadd); place_row("area.0+1024.ldadd", 0, 1024, op_ldadd);
  place_row("area.0+1024.cas.miss", 0, 1024, op_cas_miss);
  // An existing page table prevents huge pages.
  huge(0, 256); poke(AT(3), 1); huge(256, 256); count_events(counted);
  name("area.joined-later"); areas(0, 4096); touch(op_str, AT(0), 512); state(0, 512); end(); clear();
  huge(0, 256); huge(256, 256); count_events(counted);
  name("area.joined-before"); areas(0, 4096); touch(op_str, AT(0), 512); state(0, 512); end(); clear();
  huge(0, 512); poke(AT(3), 1); advise(0, 512, MADV_DONTNEED); count_events(counted);
  name("area.dontneed-then-write"); touch(op_str, AT(0), 512); state(0, 512); end(); clear();
  huge(0, 512); advise(0, 512, MADV_NOHUGEPAGE); poke(AT(3), 1); advise(0, 512, MADV_DONTNEED); advise(0, 512, MADV_HUGEPAGE);
  count_events(counted);
  name("area.empty-table"); touch(op_str, AT(0), 512); state(0, 512); end(); clear();
  huge(0, 512); protect(0, 512, PROT_R); count_events(counted); name("area.read-only"); touch(op_ldr, AT(0), 512);
  access(op_str, AT(0)); state(0, 512); end(); clear();
  huge(0, 512); protect(0, 512, 0); count_events(counted); name("area.none"); access(op_ldr, AT(0)); state(0, 512); end(); clear();
  mmap_at(AT(0), 512 * PAGE, RW, SHARED_ANON, -1, 0); advise(0, 512, MADV_HUGEPAGE); count_events(counted); name("area.shared");
  touch(op_str, AT(0), 512); state(0, 512); end(); clear();
  s64 file = memfd("huge", 512);
  mmap_at(AT(0), 512 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, file, 0); advise(0, 512, MADV_HUGEPAGE); count_events(counted);
  name("area.private-memfd"); touch(op_str, AT(0), 512); state(0, 512); end(); clear();
  sys(SYS_close, file, 0, 0);
  mmap_at(AT(0), 512 * PAGE, RW, ANON | MAP_GROWSDOWN, -1, 0); advise(0, 512, MADV_HUGEPAGE); count_events(counted);
  name("area.growsdown"); touch(op_str, AT(0), 512); state(0, 512); end(); clear();
  mmap_at(AT(0), 512 * PAGE, RW, ANON | MAP_NORESERVE, -1, 0); count_events(counted); name("area.noreserve");
  touch(op_str, AT(0), 512); state(0, 512); end(); clear();
  mmap_at(AT(0), 512 * PAGE, RW, ANON | 0x20000, -1, 0); count_events(counted); name("area.map-stack"); touch(op_str, AT(0), 512);
  state(0, 512); end(); clear();
}

static void set(const char *file, const char *value) {
  static char path[128];
  u64 n = 0, length = 0;
  for (const char *c = "/sys/kernel/mm/transparent_hugepage/"; *c; c++) path[n++] = *c;
  while (*file) path[n++] = *file++;
  path[n] = 0;
  while (value[length]) length++;
  s64 at = open_file(path, O_WRONLY, 0);
  sys(SYS_write, at, value, length);
  sys(SYS_close, at, 0, 0);
}

static void settings(void) {
  static const char *const enabled[] = {"always", "madvise", "never"};
  static const char *const advices[] = {"", ".hugepage", ".nohugepage"};
  for (int i = 0; i < 3; i++) for (int j = 0; j < 3; j++) for (int k = 0; k < 3; k++) {
    set("enabled", enabled[i]);
    mmap_at(AT(0), 512 * PAGE, RW, ANON, -1, 0);
    if (j) advise(0, 512, j == 1 ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    count_events(counted);
    name("enabled."); put(enabled[i]); put(advices[j]); put(k == 0 ? ".write" : k == 1 ? ".read" : ".collapse");
    if (k == 2) { poke(AT(3), 3); column(advise(0, 512, MADV_COLLAPSE)); }
    else touch(k ? op_ldr : op_str, AT(0), 512);
    state(0, 512); end(); clear();
  }
  set("enabled", "always");
  set("use_zero_page", "0");
  huge(0, 512); count_events(counted); name("no-zero-page.read"); access(op_ldr, AT(5)); state(0, 512); access(op_str, AT(5));
  state(0, 512); end(); clear();
  huge(0, 512); count_events(counted); name("no-zero-page.ldadd"); access(op_ldadd, AT(5)); state(0, 512); end(); clear();
  huge(0, 512); count_events(counted); name("no-zero-page.populate-read"); column(advise(0, 512, MADV_POPULATE_READ));
  state(0, 512); end(); clear();
  huge(0, 256); count_events(counted); name("no-zero-page.small-area"); touch(op_ldr, AT(0), 256); state(0, 256); end(); clear();
  set("use_zero_page", "1");
  set("hugepages-2048kB/enabled", "never");
  huge(0, 512); count_events(counted); name("size-never.write"); touch(op_str, AT(0), 512); state(0, 512); end(); clear();
  set("hugepages-2048kB/enabled", "madvise");
  mmap_at(AT(0), 512 * PAGE, RW, ANON, -1, 0); count_events(counted); name("size-madvise.write"); touch(op_str, AT(0), 512);
  state(0, 512); end(); clear();
  set("hugepages-2048kB/enabled", "inherit");
  name("process.get"); column(sys(SYS_prctl, PR_GET_THP_DISABLE, 0, 0)); end();
  name("process.disable"); column(sys6(SYS_prctl, PR_SET_THP_DISABLE, 1, 0, 0, 0, 0));
  column(sys6(SYS_prctl, PR_GET_THP_DISABLE, 0, 0, 0, 0, 0)); end();
  huge(0, 512); count_events(counted); name("process.disabled.write"); touch(op_str, AT(0), 512); state(0, 512); end();
  name("process.disabled.collapse"); column(advise(0, 512, MADV_COLLAPSE)); state(0, 512); end(); clear();
  name("process.enable"); column(sys6(SYS_prctl, PR_SET_THP_DISABLE, 0, 0, 0, 0, 0));
  column(sys6(SYS_prctl, PR_GET_THP_DISABLE, 0, 0, 0, 0, 0)); end();
  name("process.except-advised"); column(sys6(SYS_prctl, PR_SET_THP_DISABLE, 1, 2, 0, 0, 0));
  column(sys6(SYS_prctl, PR_GET_THP_DISABLE, 0, 0, 0, 0, 0)); end();
  huge(0, 512); count_events(counted); name("process.except-advised.advised"); touch(op_str, AT(0), 512); state(0, 512); end();
  clear();
  mmap_at(AT(0), 512 * PAGE, RW, ANON, -1, 0); count_events(counted); name("process.except-advised.plain");
  touch(op_str, AT(0), 512); state(0, 512); end(); clear();
  sys6(SYS_prctl, PR_SET_THP_DISABLE, 0, 0, 0, 0, 0);
}

/// Parent and child after a fork, in turn: each line of a child is a row of its own.
static void child(const char *what, void (*act)(void)) {
  flush();
  s64 id = fork();
  if (!id) { warm(); count_events(counted); name(what); act(); state(0, 512); end(); quit(0); }
  wait_for(id);
  warm();
}
static void do_nothing(void) {}
static void do_read(void) { touch(op_ldr, AT(0), 512); }
static void do_write_one(void) { access(op_str, AT(5)); access(op_str, AT(5)); access(op_str, AT(9)); }
static void do_write(void) { touch(op_str, AT(0), 512); }
static void do_ldadd(void) { access(op_ldadd, AT(5)); access(op_ldadd, AT(9)); }
static void do_unmap_half(void) { column(unmap(0, 256)); }
static void do_dont_need(void) { column(advise(0, 512, MADV_DONTNEED)); }
static void do_dont_need_one(void) { column(advise(5, 1, MADV_DONTNEED)); access(op_ldr, AT(5)); }
static void do_collapse(void) { column(advise(0, 512, MADV_COLLAPSE)); access(op_str, AT(5)); }
static void do_protect(void) { column(protect(0, 512, PROT_R)); column(protect(0, 512, RW)); access(op_str, AT(5)); }

static void forks(void) {
  static const struct { const char *name; void (*act)(void); } acts[] = {
    {"nothing", do_nothing}, {"read", do_read}, {"write-one", do_write_one}, {"write", do_write}, {"ldadd", do_ldadd},
    {"munmap-half", do_unmap_half}, {"dontneed", do_dont_need}, {"dontneed-one", do_dont_need_one}, {"collapse", do_collapse},
    {"protect", do_protect},
  };
  for (u64 i = 0; i < sizeof acts / sizeof *acts; i++) {
    written();
    put("fork.child."); child(acts[i].name, acts[i].act);
    count_events(counted);
    name("fork.parent-after-child."); put(acts[i].name); access(op_str, AT(5)); access(op_str, AT(9)); state(0, 512); end();
    clear();
  }
  zeroed();
  put("fork.zero.child."); child("write-one", do_write_one);
  count_events(counted); name("fork.zero.parent"); access(op_str, AT(5)); access(op_str, AT(9)); state(0, 512); end(); clear();
  // The parent acts while the child lives, because the child waits for a word of shared memory.
  for (u64 i = 0; i < sizeof acts / sizeof *acts; i++) {
    written();
    volatile u64 *word = (u64 *)AT(3000);
    mmap_at(AT(3000), PAGE, RW, SHARED_ANON, -1, 0);
    *word = 0;
    flush();
    s64 id = fork();
    if (!id) {
      while (*word == 0) sys(124, 0, 0, 0);  // sched_yield
      warm(); output_length = 0; count_events(counted); name("fork.child-after-parent."); put(acts[i].name); state(0, 512);
      access(op_str, AT(5)); access(op_str, AT(9)); state(0, 512); end(); quit(0);
    }
    warm();
    count_events(counted); name("fork.parent."); put(acts[i].name); acts[i].act(); state(0, 512); end();
    *word = 1;
    wait_for(id);
    warm(); clear();
  }
}

#define COLLAPSE(what, prepare) do { \
    huge(0, 1024); \
    advise(0, 1024, MADV_NOHUGEPAGE); \
    prepare; \
    advise(0, 1024, MADV_HUGEPAGE); \
    count_events(counted); \
    name(what); \
    s64 before = minor_faults(), result = advise(0, 512, MADV_COLLAPSE), faults = minor_faults() - before; \
    column(result); column(faults); state(0, 512); \
    touch(op_ldr, AT(0), 512); touch(op_str, AT(0), 512); column(peek(AT(3))); state(0, 512); end(); \
    clear(); \
  } while (0)
static void collapses(void) {
  COLLAPSE("collapse.untouched", (void)0);
  COLLAPSE("collapse.one", fill(AT(3), 1));
  COLLAPSE("collapse.all", fill(AT(0), 512));
  COLLAPSE("collapse.all-but-one", fill(AT(0), 511));
  COLLAPSE("collapse.zero-pages", look(AT(0), 512));
  COLLAPSE("collapse.mixed", (fill(AT(0), 100), look(AT(200), 100)));
  COLLAPSE("collapse.read-only", (fill(AT(0), 100), protect(0, 1024, PROT_R)));
  COLLAPSE("collapse.none", (fill(AT(0), 100), protect(0, 1024, 0)));
  COLLAPSE("collapse.one-read-only", (fill(AT(0), 100), protect(7, 1, PROT_R)));
  COLLAPSE("collapse.locked", (fill(AT(0), 100), sys(SYS_mlock, AT(0), 512 * PAGE, 0)));
  COLLAPSE("collapse.hole", (fill(AT(0), 100), unmap(200, 1)));
  COLLAPSE("collapse.lazily-freed", (fill(AT(0), 100), advise(0, 100, MADV_FREE)));
  COLLAPSE("collapse.dontneeded", (fill(AT(0), 512), advise(0, 511, MADV_DONTNEED)));
  COLLAPSE("collapse.huge-zero-page", (advise(0, 1024, MADV_HUGEPAGE), peek(AT(0))));
  huge(0, 1536); advise(0, 1536, MADV_NOHUGEPAGE); fill(AT(0), 1536); advise(0, 1536, MADV_HUGEPAGE); count_events(counted);
  name("collapse.range.small"); column(advise(0, 511, MADV_COLLAPSE)); state(0, 1536); end();
  name("collapse.range.middle"); column(advise(100, 1000, MADV_COLLAPSE)); state(0, 1536); end();
  name("collapse.range.all"); column(advise(0, 1536, MADV_COLLAPSE)); state(0, 1536); end();
  name("collapse.range.across-end"); column(advise(1024, 1024, MADV_COLLAPSE)); state(0, 1536); end();
  name("collapse.range.then-split"); column(protect(5, 1, PROT_R)); column(protect(5, 1, RW)); state(0, 1536); end();
  name("collapse.range.again"); column(advise(0, 1536, MADV_COLLAPSE)); state(0, 1536); end(); clear();
  huge(0, 512); advise(0, 512, MADV_NOHUGEPAGE); fill(AT(0), 512); count_events(counted); name("collapse.nohugepage");
  column(advise(0, 512, MADV_COLLAPSE)); state(0, 512); end(); clear();
}

static void populates(void) {
  huge(0, 1024); count_events(counted); s64 before = minor_faults(); s64 result = advise(0, 1024, MADV_POPULATE_READ);
  s64 faults = minor_faults() - before;
  name("populate-read"); column(result); column(faults); state(0, 1024); end();
  before = minor_faults(); result = advise(0, 1024, MADV_POPULATE_WRITE); faults = minor_faults() - before;
  name("populate-read.then-write"); column(result); column(faults); state(0, 1024); end(); clear();
  huge(0, 1024); count_events(counted); before = minor_faults(); result = advise(0, 1024, MADV_POPULATE_WRITE);
  faults = minor_faults() - before;
  name("populate-write"); column(result); column(faults); state(0, 1024); end(); clear();
  huge(0, 1024); count_events(counted); before = minor_faults(); result = advise(100, 1, MADV_POPULATE_WRITE);
  faults = minor_faults() - before;
  name("populate-write.one"); column(result); column(faults); state(0, 1024); end(); clear();
  huge(0, 1024); count_events(counted); before = minor_faults(); result = sys(SYS_mlock, AT(0), 1024 * PAGE, 0);
  faults = minor_faults() - before;
  name("mlock"); column(result); column(faults); state(0, 1024); column(smaps(AT(0), "Locked:")); end(); clear();
  huge(0, 1024); protect(0, 1024, PROT_R); count_events(counted); before = minor_faults();
  result = sys(SYS_mlock, AT(0), 1024 * PAGE, 0); faults = minor_faults() - before;
  name("mlock.read-only"); column(result); column(faults); state(0, 1024); column(smaps(AT(0), "Locked:")); end(); clear();
  count_events(counted); mmap_at(AT(0), 1024 * PAGE, RW, ANON | MAP_POPULATE, -1, 0); name("map-populate"); state(0, 1024); end();
  clear();
  count_events(counted); mmap_at(AT(0), 1024 * PAGE, PROT_R, ANON | MAP_POPULATE, -1, 0); name("map-populate.read-only");
  state(0, 1024); end(); clear();
  count_events(counted); mmap_at(AT(256), 1024 * PAGE, RW, ANON | MAP_POPULATE, -1, 0); name("map-populate.unaligned");
  state(256, 1024); end(); clear();
  s64 file = memfd("source", 1);
  sys4(SYS_pwrite64, file, "12345678", 8, 0);
  huge(0, 512); count_events(counted); before = minor_faults(); result = sys4(SYS_pread64, file, AT(7), 8, 0);
  faults = minor_faults() - before;
  name("kernel-writes"); column(result); column(faults); state(0, 512); end(); clear();
  huge(0, 512); count_events(counted); before = minor_faults(); result = sys4(SYS_pwrite64, file, AT(7), 8, 0);
  faults = minor_faults() - before;
  name("kernel-reads"); column(result); column(faults); state(0, 512); end(); clear();
  zeroed(); before = minor_faults(); result = sys4(SYS_pread64, file, AT(7), 8, 0); faults = minor_faults() - before;
  name("kernel-writes.zero-page"); column(result); column(faults); state(0, 512); end(); clear();
  sys(SYS_close, file, 0, 0);
}

int oracle_main(void) {
  memory_start();
  // The thread that makes huge pages in the background must not interfere.
  set("khugepaged/scan_sleep_millisecs", "1000000000");
  // One mapping keeps the huge zero page, so that its frame stays known.
  huge(8192, 512); peek(AT(8192)); pagemap(AT(8192), 1); huge_zero_frame = page_words[0] & ((1ul << 55) - 1);
  first_accesses();
  parts();
  places();
  settings();
  forks();
  collapses();
  populates();
  set("khugepaged/scan_sleep_millisecs", "10000");
  return 0;
}
