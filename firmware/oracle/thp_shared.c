// Huge pages that are shared, given up and made again: which process keeps a page after a fork, what MADV_COLLAPSE accepts, and
// which arguments prctl takes. A page that is kept has the same frame.
#include "memory.h"

enum { PR_SET_THP_DISABLE = 41, PR_GET_THP_DISABLE = 42 };

static void clear(void) { unmap(0, 4096); }
static void huge(u64 page, u64 count) {
  mmap_at(AT(page), count * PAGE, RW, ANON, -1, 0);
  advise(page, count, MADV_HUGEPAGE);
}

static u64 frame(u64 page) {
  pagemap(AT(page), 1);
  return page_words[0] & ((1ul << 55) - 1);
}
/// A write to a page: its faults, and whether the frame stayed.
static void write_and_see(u64 page) {
  u64 before = frame(page);
  access(op_str, AT(page));
  text(frame(page) == before ? "kept" : "copied");
}

static volatile u64 *word;
/// A child that waits for a word, acts, and reports that it has.
static s64 waiting_child(void (*act)(void)) {
  mmap_at(AT(4000), PAGE, RW, SHARED_ANON, -1, 0);
  word = (u64 *)AT(4000);
  *word = 0;
  flush();
  s64 id = fork();
  if (id) return id;
  while (*word == 0) sys(124, 0, 0, 0);  // sched_yield
  act();
  *word = 2;
  while (*word == 2) sys(124, 0, 0, 0);
  sys(SYS_exit_group, 0, 0, 0);
  return 0;
}
static void tell(u64 value) { *word = value; }
static void hear(u64 value) { while (*word != value) sys(124, 0, 0, 0); }

static void nothing(void) {}
static void write_5(void) { op_str(AT(5)); }
static void unmap_half(void) { unmap(256, 256); }
static void unmap_all(void) { unmap(0, 512); }
static void drop_5(void) { advise(5, 1, MADV_DONTNEED); }
static void write_all(void) { fill(AT(0), 512); }

static void after_a_fork(void) {
  static const struct { const char *name; void (*child)(void), (*parent)(void); } rows[] = {
    {"child.nothing", nothing, nothing}, {"child.write", write_5, nothing}, {"child.unmap-half", unmap_half, nothing},
    {"child.unmap-all", unmap_all, nothing}, {"child.drop", drop_5, nothing}, {"child.write-all", write_all, nothing},
    {"parent.write", nothing, write_5}, {"parent.unmap-half", nothing, unmap_half}, {"parent.drop", nothing, drop_5},
    {"both.write", write_5, write_5}, {"both.unmap-half", unmap_half, unmap_half}, {"both.drop", drop_5, drop_5},
  };
  for (u64 i = 0; i < sizeof rows / sizeof *rows; i++) for (int alive = 0; alive < 2; alive++) {
    huge(0, 512); poke(AT(0), 1); poke(AT(7), 1);
    s64 id = waiting_child(rows[i].child);
    warm();
    rows[i].parent();
    tell(1); hear(2);
    if (!alive) { tell(3); wait_for(id); }
    name(rows[i].name); text(alive ? "child lives" : "child is gone");
    write_and_see(7); write_and_see(9); write_and_see(100); pages(AT(0), 512); end();
    if (alive) { tell(3); wait_for(id); }
    clear();
  }
}

/// Whether a child's mapping of a huge page counts as referenced before the child has touched it, and the effect of a split on
/// that.
static void ages(void) {
  huge(0, 512); poke(AT(0), 1); flush();
  s64 id = fork();
  if (!id) {
    name("referenced.child"); column(smaps(AT(0), "Referenced:")); peek(AT(0)); column(smaps(AT(0), "Referenced:")); end(); quit(0);
  }
  wait_for(id); warm();
  name("referenced.parent"); column(smaps(AT(0), "Referenced:")); end(); flush();
  id = fork();
  if (!id) {
    drop_5();
    name("referenced.child.split"); column(smaps(AT(0), "Referenced:")); peek(AT(0)); column(smaps(AT(0), "Referenced:")); end(); quit(0);
  }
  wait_for(id); warm();
  clear();
}

static s64 collapse(u64 page, u64 count) { return advise(page, count, MADV_COLLAPSE); }
/// The result, and how many huge pages were made.
static void row(const char *what, u64 page, u64 count) {
  s64 before = vmstat("thp_collapse_alloc ");
  name(what); column(collapse(page, count)); column(vmstat("thp_collapse_alloc ") - before); pages(AT(0), 2048); end(); clear();
}
/// Four huge pages' worth of small pages in some of them.
static void small(u64 page, u64 count) {
  huge(0, 2048);
  advise(0, 2048, MADV_NOHUGEPAGE);
  fill(AT(page), count);
  advise(0, 2048, MADV_HUGEPAGE);
}
static void collapses(void) {
  small(512, 1024); row("collapse.first-empty", 0, 2048);
  small(0, 512); row("collapse.rest-empty", 0, 2048);
  small(0, 512); fill(AT(1536), 1); row("collapse.middle-empty", 0, 2048);
  small(0, 512); advise(0, 512, MADV_DONTNEED); fill(AT(600), 1); row("collapse.empty-table-first", 0, 1024);
  small(0, 2048); row("collapse.one-page", 5, 1);
  small(0, 2048); row("collapse.across-a-border", 500, 20);
  small(0, 2048); row("collapse.nothing-whole", 100, 800);
  small(0, 2048); row("collapse.length-0", 0, 0);
  small(0, 2048); row("collapse.second", 400, 700);
  small(0, 2048); row("collapse.all", 0, 2048);
  small(0, 2048); advise(600, 1, MADV_NOHUGEPAGE); row("collapse.forbidden-inside", 0, 2048);
  small(0, 2048); advise(0, 512, MADV_NOHUGEPAGE); row("collapse.forbidden-first", 0, 2048);
  small(0, 2048); unmap(700, 1); row("collapse.hole", 0, 2048);
  small(0, 2048); row("collapse.beyond-the-end", 1024, 2048);
  small(0, 2048); protect(512, 512, PROT_R); row("collapse.read-only-part", 0, 2048);
  small(0, 1); advise(0, 2048, MADV_DONTNEED); row("collapse.dropped", 0, 512);
  huge(0, 2048); fill(AT(0), 2048); protect(5, 1, PROT_R); protect(5, 1, RW); row("collapse.after-a-split", 0, 2048);
  huge(0, 2048); peek(AT(0)); protect(5, 1, PROT_R); protect(5, 1, RW); row("collapse.after-a-zero-split", 0, 512);
  mmap_at(AT(0), 2048 * PAGE, RW, SHARED_ANON, -1, 0); row("collapse.shared", 2048, 512);
  mmap_at(AT(100), 600 * PAGE, RW, ANON, -1, 0); fill(AT(100), 600); row("collapse.small-area", 0, 700);
  mmap_at(AT(100), 600 * PAGE, RW, ANON, -1, 0); fill(AT(100), 600); row("collapse.small-area.inside", 512, 188);
  mmap_at(AT(100), 1000 * PAGE, RW, ANON, -1, 0); fill(AT(100), 1000); row("collapse.area-with-one", 100, 1000);
  mmap_at(AT(100), 1000 * PAGE, RW, ANON, -1, 0); fill(AT(100), 300); row("collapse.area-with-one.empty", 512, 512);
  small(0, 512); s64 id = fork();
  if (!id) { name("collapse.forked.child"); column(collapse(0, 512)); pages(AT(0), 512); end(); quit(0); }
  wait_for(id); warm();
  name("collapse.forked.parent"); column(collapse(0, 512)); write_and_see(5); pages(AT(0), 512); end(); clear();
}

static s64 disable(u64 a, u64 b, u64 c, u64 d) { return sys6(SYS_prctl, PR_SET_THP_DISABLE, a, b, c, d, 0); }
static s64 disabled(u64 a, u64 b, u64 c, u64 d) { return sys6(SYS_prctl, PR_GET_THP_DISABLE, a, b, c, d, 0); }
static void controls(void) {
  static const u64 arguments[][4] = {
    {1, 0, 0, 0}, {0, 0, 0, 0}, {5, 0, 0, 0}, {1, 2, 0, 0}, {0, 2, 0, 0}, {1, 1, 0, 0}, {1, 3, 0, 0}, {1, 4, 0, 0}, {1, 0, 1, 0},
    {1, 0, 0, 1}, {1, 2, 1, 0}, {0, 0, 0, 0},
  };
  for (u64 i = 0; i < sizeof arguments / sizeof *arguments; i++) {
    name("prctl");
    for (int j = 0; j < 4; j++) column((s64)arguments[i][j]);
    column(disable(arguments[i][0], arguments[i][1], arguments[i][2], arguments[i][3]));
    column(disabled(0, 0, 0, 0)); column(disabled(1, 0, 0, 0)); column(disabled(0, 0, 0, 1)); end();
  }
  disable(1, 0, 0, 0);
  flush();
  s64 id = fork();
  if (!id) { name("prctl.child"); column(disabled(0, 0, 0, 0)); huge(0, 512); access(op_str, AT(0)); pages(AT(0), 512); end(); quit(0); }
  wait_for(id); warm();
  huge(0, 512); name("prctl.parent"); access(op_str, AT(0)); pages(AT(0), 512); end(); clear();
  disable(0, 0, 0, 0);
}

int oracle_main(void) {
  memory_start();
  huge(8192, 512); peek(AT(8192)); pagemap(AT(8192), 1); huge_zero_frame = page_words[0] & ((1ul << 55) - 1);
  after_a_fork();
  ages();
  collapses();
  controls();
  return 0;
}
