// MADV_COLLAPSE of memory files: which ranges become huge folios of the page cache, and what each call then does to such a folio, to
// its mappings by level 2 entries, and to what /proc says about them.
#include "memory.h"

enum { PR_SET_THP_DISABLE = 41, GUARD_INSTALL = 102, GUARD_REMOVE = 103, PUNCH = 3, KEEP = 1, SYS_fstat = 80 };
enum kind { shared, private, anonymous_shared, tmpfs, read_only };
static const char *const kinds[] = {"shared", "private", "anonymous", "tmpfs", "read-only"};

static s64 file = -1;
static int here;  // the kind of the file

// Counters.
static const char *const events[] = {
  "thp_collapse_alloc ", "thp_split_page ", "thp_split_page_failed ", "thp_split_pmd ", "thp_file_mapped ", "thp_file_alloc ",
};
#define NEVENTS 6
static s64 counted[NEVENTS];
static void count_events(s64 *counts) {
  read_whole("/proc/vmstat", proc_text, sizeof proc_text);
  for (int i = 0; i < NEVENTS; i++) counts[i] = number_behind(proc_text, events[i]);
}

// What each page frame is, by kpageflags.
static u64 flag_words[2048];
static s64 flags_file = -1;
static u64 frame_of(u64 i) { return page_words[i] >> 63 ? page_words[i] & ((1ul << 55) - 1) : 0; }
static void read_flags(u64 count) {
  for (u64 i = 0, run; i < count; i += run) {
    run = 1;
    flag_words[i] = 0;
    if (!frame_of(i)) continue;
    while (i + run < count && frame_of(i + run) == frame_of(i) + run) run++;
    sys4(SYS_pread64, flags_file, flag_words + i, run * 8, frame_of(i) * 8);
  }
}
/// A present page: its place in a folio (0 alone, h head, t tail), then d if dirty, u if not up to date.
static void kind_of(u64 i, char *to) {
  u64 flags = flag_words[i];
  *to++ = !frame_of(i) ? '.' : flags >> 15 & 1 ? 'h' : flags >> 16 & 1 ? 't' : '0';
  if (flags >> 4 & 1) *to++ = 'd';
  if (frame_of(i) && !(flags >> 3 & 1)) *to++ = 'u';
  *to = 0;
}
static void folios(void *address, u64 count) {
  pagemap(address, count);
  read_flags(count);
  put("\t");
  for (u64 i = 0, run = 1; i < count; i++, run++) {
    char kind[4], next[4] = "";
    kind_of(i, kind);
    if (i + 1 < count) kind_of(i + 1, next);
    if (same(kind, next)) continue;
    if (run > 1) dec(run);
    put(kind);
    run = 0;
  }
}

static u8 present[2048];
static void cached(void *address, u64 count) {
  s64 result = sys(SYS_mincore, address, count * PAGE, present);
  if (result) { column(result); return; }
  put("\t");
  for (u64 i = 0, run = 1; i < count; i++, run++) {
    if (i + 1 < count && (present[i] & 1) == (present[i + 1] & 1)) continue;
    if (run > 1) dec(run);
    put(present[i] & 1 ? "c" : ".");
    run = 0;
  }
}

static void sizes(void *address) {
  static const char *const fields[] = {
    "Rss:", "Pss:", "Shared_Clean:", "Shared_Dirty:", "Private_Clean:", "Private_Dirty:", "Referenced:", "Anonymous:", "AnonHugePages:",
    "ShmemPmdMapped:", "FilePmdMapped:", "Locked:", "THPeligible:",
  };
  const char *block = smaps_block(address);
  put("\t");
  for (int i = 0; i < 13; i++) { if (i) put(","); dec(block ? number_behind(block, fields[i]) : -1); }
}
static s64 blocks(void) {
  u32 status[32];
  sys(SYS_fstat, file, status, 0);
  return *(u64 *)(status + 16);
}

static s64 tables, anonymous_start;
/// The state behind AT(0), and what was counted since the last time.
static void state(void) {
  s64 now[NEVENTS];
  count_events(now);
  for (int i = 0; i < NEVENTS; i++) { put(i ? "," : "\t"); dec(now[i] - counted[i]); counted[i] = now[i]; }
  sizes(AT(0));
  read_whole("/proc/self/status", proc_text, sizeof proc_text);
  column(number_behind(proc_text, "RssAnon:") - anonymous_start); column(number_behind(proc_text, "RssShmem:"));
  s64 tables_now = number_behind(proc_text, "VmPTE:");
  column(tables_now - tables);
  tables = tables_now;
  read_whole("/proc/meminfo", proc_text, sizeof proc_text);
  column(number_behind(proc_text, "ShmemHugePages:")); column(number_behind(proc_text, "ShmemPmdMapped:"));
  if (file >= 0) column(blocks());
  pages(AT(0), 1024); folios(AT(0), 1024); cached(AT(0), 1024);
}
static s64 before;
static void start(const char *what) { name(kinds[here]); put(":"); put(what); before = minor_faults(); }
static void result(s64 value) { s64 faults = minor_faults() - before; column(value); column(faults); }

/// The file's folios, by another mapping that reads each page.
static void view(void) {
  if (file < 0) return;
  mmap_at(AT(8192), 1024 * PAGE, PROT_R, MAP_SHARED | MAP_FIXED, file, 0);
  touch(op_ldr, AT(8192), 1024);
  pages(AT(8192), 1024); folios(AT(8192), 1024);
  unmap(8192, 1024);
}

static void clear(void) {
  unmap(0, 16384);
  if (file >= 0) sys(SYS_close, file, 0, 0);
  file = -1;
}
static void map_area(u64 page, u64 count, int protection, int flags, u64 offset) {
  mmap_at(AT(page), count * PAGE, protection, flags | MAP_FIXED, file, offset * PAGE);
}
/// A file, `count` of its pages from `first` on written, mapped as the kind says.
static void area(enum kind kind, u64 size, u64 first, u64 count) {
  here = kind;
  if (kind == anonymous_shared) {
    mmap_at(AT(0), 1024 * PAGE, RW, SHARED_ANON, -1, 0);
    fill(AT(first), count);
  } else {
    if (kind == tmpfs) { file = open_file("/m/huge", O_CREAT | O_RDWR | O_TRUNC, 0600); sys(SYS_ftruncate, file, size * PAGE, 0); }
    else file = memfd("huge", size);
    map_area(0, 1024, RW, MAP_SHARED, 0);
    fill(AT(first), count);
    if (kind == private) map_area(0, 1024, RW, MAP_PRIVATE, 0);
    if (kind == read_only) map_area(0, 1024, PROT_R, MAP_SHARED, 0);
  }
  count_events(counted);
  tables = status("VmPTE:");
}
static void collapse(const char *what, u64 page, u64 count) {
  start(what); s64 value = advise(page, count, MADV_COLLAPSE); result(value); state(); view(); end();
}
static void one(const char *what, u64 page, u64 count) { collapse(what, page, count); clear(); }

static void which(enum kind kind) {
  area(kind, 1024, 0, 1024); collapse("full", 0, 1024); one("again", 0, 1024);
  area(kind, 1024, 0, 512); one("first-of-two", 0, 1024);
  area(kind, 1024, 512, 512); one("second-of-two", 0, 1024);
  area(kind, 1024, 0, 1); one("one-page", 0, 512);
  area(kind, 1024, 511, 1); one("last-page", 0, 512);
  area(kind, 1024, 100, 50); one("some", 0, 512);
  area(kind, 1024, 0, 0); one("empty", 0, 512);
  area(kind, 1024, 0, 1024); one("part", 10, 400);
  area(kind, 1024, 0, 1024); one("across", 400, 400);
  area(kind, 1024, 0, 1024); one("one-whole", 100, 900);
  if (kind == anonymous_shared) return;
  area(kind, 100, 0, 100); collapse("short", 0, 512);
  start("short.behind"); result(0); read_at(AT(99)); read_at(AT(300)); write_at(AT(301)); read_at(AT(600)); state(); view(); end(); clear();
  area(kind, 612, 0, 612); one("short-second", 0, 1024);
  area(kind, 1024, 0, 0); for (int i = 0; i < 20; i++) sys4(SYS_pwrite64, file, "x", 1, i * 3 * PAGE); one("by-write", 0, 512);
  area(kind, 1024, 0, 0); sys4(SYS_fallocate, file, 0, 0, 200 * PAGE); one("allocated", 0, 512);
  area(kind, 1024, 0, 0); for (int i = 0; i < 20; i++) sys4(SYS_pwrite64, file, "x", 1, i * 3 * PAGE); look(AT(0), 1024); one("read", 0, 512);
}

static void which_mappings(void) {
  int flags[] = {MAP_SHARED, MAP_PRIVATE};
  for (int i = 0; i < 2; i++) {
    area(shared, 1024, 0, 1024); here = flags[i] == MAP_PRIVATE ? private : shared;
    map_area(0, 1024, RW, flags[i], 1); one("offset-1", 0, 1024);
    area(shared, 1024, 0, 1024); here = flags[i] == MAP_PRIVATE ? private : shared;
    unmap(0, 1); one("hole-first", 0, 1024);
    area(shared, 1024, 0, 1024); here = flags[i] == MAP_PRIVATE ? private : shared;
    map_area(0, 1024, RW, flags[i], 0); unmap(600, 1); one("hole", 0, 1024);
    area(shared, 1024, 0, 1024); here = flags[i] == MAP_PRIVATE ? private : shared;
    map_area(0, 1024, RW, flags[i], 0); unmap(400, 624); one("small-area", 0, 400);
    area(shared, 1024, 0, 1024); here = flags[i] == MAP_PRIVATE ? private : shared;
    map_area(0, 1024, RW, flags[i], 512); one("offset-512", 0, 1024);
    area(shared, 1024, 0, 1024); here = flags[i] == MAP_PRIVATE ? private : shared;
    map_area(0, 1024, RW, flags[i], 0); advise(0, 1024, MADV_NOHUGEPAGE); one("forbidden", 0, 1024);
    area(shared, 1024, 0, 1024); here = flags[i] == MAP_PRIVATE ? private : shared;
    map_area(0, 1024, RW, flags[i], 0); advise(0, 1024, MADV_HUGEPAGE); one("advised", 0, 1024);
    area(shared, 1024, 0, 1024); here = flags[i] == MAP_PRIVATE ? private : shared;
    map_area(0, 1024, RW, flags[i], 0); advise(600, 10, MADV_NOHUGEPAGE); one("forbidden-inside", 0, 1024);
    area(shared, 1024, 0, 1024); here = flags[i] == MAP_PRIVATE ? private : shared;
    map_area(0, 1024, 0, flags[i], 0); one("no-access", 0, 1024);
    area(shared, 1024, 0, 1024); here = flags[i] == MAP_PRIVATE ? private : shared;
    map_area(0, 1024, PROT_R | PROT_X, flags[i], 0); one("executable", 0, 1024);
    area(shared, 1024, 0, 1024); here = flags[i] == MAP_PRIVATE ? private : shared;
    map_area(0, 1024, RW, flags[i], 0); sys(SYS_mlock, AT(0), 1024 * PAGE, 0); one("locked", 0, 1024);
    area(shared, 1024, 0, 1024); here = flags[i] == MAP_PRIVATE ? private : shared;
    map_area(0, 1024, RW, flags[i], 0); sys6(SYS_prctl, PR_SET_THP_DISABLE, 1, 0, 0, 0, 0); one("disabled", 0, 1024);
    sys6(SYS_prctl, PR_SET_THP_DISABLE, 0, 0, 0, 0, 0);
    area(shared, 1024, 0, 1024); here = flags[i] == MAP_PRIVATE ? private : shared;
    map_area(0, 1024, RW, flags[i], 0); advise(5, 1, GUARD_INSTALL); one("guard", 0, 1024);
    area(shared, 1024, 0, 1024); here = flags[i] == MAP_PRIVATE ? private : shared;
    map_area(0, 1024, RW, flags[i], 0); advise(5, 1, GUARD_INSTALL); advise(5, 1, GUARD_REMOVE); look(AT(3), 8); one("guard-gone", 0, 1024);
    area(shared, 1024, 0, 1024); here = flags[i] == MAP_PRIVATE ? private : shared;
    map_area(0, 1024, RW, flags[i], 0); map_area(4096, 1024, RW, MAP_SHARED, 0); fill(AT(4096), 1024);
    map_area(5121, 1024, RW, MAP_SHARED, 0); fill(AT(5121), 1024);
    collapse("mapped-thrice", 0, 512); start("others"); result(0); pages(AT(4096), 1024); pages(AT(5121), 1024);
    read_at(AT(4100)); write_at(AT(5130)); pages(AT(4096), 1024); pages(AT(5121), 1024); sizes(AT(4096)); sizes(AT(5121)); state(); end(); clear();
  }
  // Copies in a private mapping.
  area(private, 1024, 0, 1024); fill(AT(3), 1); collapse("copy", 0, 1024); collapse("copy-again", 0, 1024);
  start("copy-access"); result(0); read_at(AT(3)); read_at(AT(4)); write_at(AT(5)); read_at(AT(300)); state(); end();
  start("copy-dropped"); result(advise(0, 512, MADV_DONTNEED)); state(); read_at(AT(3)); read_at(AT(100)); write_at(AT(200)); read_at(AT(300)); pages(AT(0), 1024); end(); clear();
  area(private, 1024, 0, 1024); fill(AT(3), 1); look(AT(100), 100); one("copy-and-read", 0, 1024);
  area(private, 1024, 0, 1024); fill(AT(600), 1); one("copy-in-second", 0, 1024);
  area(private, 1024, 0, 1024); fill(AT(3), 1); advise(0, 1024, MADV_DONTNEED); one("copy-was", 0, 1024);
  // A file on the root, which is a ramfs.
  file = open_file("/t/huge", O_CREAT | O_RDWR | O_TRUNC, 0600); sys(SYS_ftruncate, file, 1024 * PAGE, 0); here = read_only;
  map_area(0, 1024, RW, MAP_SHARED, 0); fill(AT(0), 1024); start("ramfs"); result(advise(0, 1024, MADV_COLLAPSE)); pages(AT(0), 1024); end(); clear();
  file = open_file("/t/huge", O_RDONLY, 0);
  map_area(0, 1024, PROT_R | PROT_X, MAP_PRIVATE, 0); look(AT(0), 1024); start("ramfs-read"); result(advise(0, 1024, MADV_COLLAPSE)); pages(AT(0), 1024); end(); clear();
  sys(SYS_unlinkat, AT_FDCWD, "/t/huge", 0);
  // Limits of a tmpfs.
  sys6(SYS_mount, (s64)"none", (s64)"/m", (s64)"tmpfs", 0, (s64)"size=3M", 0);
  area(tmpfs, 1024, 0, 10); one("room", 0, 512);
  area(tmpfs, 1024, 0, 10); fill(AT(512), 300); one("no-room", 0, 512);
  area(tmpfs, 1024, 0, 512); fill(AT(512), 200); one("needs-no-room", 0, 512);
  sys(39, "/m", 0, 0);
  // No tables at all.
  area(shared, 1024, 0, 1024); mmap_at(AT(1 << 20), 1024 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0);
  start("no-tables"); result(advise(1 << 20, 1024, MADV_COLLAPSE)); pages(AT(1 << 20), 1024); state(); unmap(1 << 20, 1024); end(); clear();
  // Pages behind the end that fallocate made and made up to date.
  area(shared, 200, 0, 100); for (int i = 0; i < 2; i++) sys4(SYS_fallocate, file, KEEP, 0, 300 * PAGE);
  collapse("kept", 0, 512);
  start("kept.punch"); result(sys4(SYS_fallocate, file, PUNCH, 50 * PAGE, PAGE)); state(); view(); end(); clear();
}

// What is done to a collapsed file.
static s64 op_nothing(void) { return 0; }
static s64 op_read(void) { peek(AT(5)); return 0; }
static s64 op_write(void) { poke(AT(5), 7); return 0; }
static s64 op_write_both(void) { poke(AT(5), 7); poke(AT(700), 7); return 0; }
static s64 op_protect_part(void) { return protect(100, 50, PROT_R); }
static s64 op_protect(void) { return protect(0, 1024, PROT_R); }
static s64 op_protect_back(void) { protect(0, 1024, PROT_R); return protect(0, 1024, RW); }
static s64 op_protect_part_back(void) { protect(100, 50, PROT_R); return protect(100, 50, RW); }
static s64 op_protect_none(void) { return protect(0, 512, 0); }
static s64 op_protect_written(void) { poke(AT(5), 7); protect(0, 512, PROT_R); return protect(0, 512, RW); }
static s64 op_unmap_part(void) { return unmap(100, 50); }
static s64 op_unmap_start(void) { return unmap(400, 624); }
static s64 op_unmap_first(void) { return unmap(512, 512); }
static s64 op_remap(void) {
  unmap(0, 1024);
  if (file < 0) { mmap_at(AT(0), 1024 * PAGE, RW, SHARED_ANON, -1, 0); return 1; }
  map_area(0, 1024, RW, here == private ? MAP_PRIVATE : MAP_SHARED, 0); return 0;
}
static s64 move(u64 from, u64 count, u64 to, int flags) {
  s64 result = sys6(SYS_mremap, (s64)AT(from), count * PAGE, count * PAGE, flags, (s64)AT(to), 0);
  return result < 0 ? result : 0;
}
static s64 op_move(void) { s64 result = move(0, 1024, 4096, 3); move(4096, 1024, 0, 3); return result; }
static s64 op_move_odd(void) { s64 result = move(0, 1024, 4097, 3); move(4097, 1024, 0, 3); return result; }
static s64 op_move_part(void) { s64 result = move(0, 100, 4096, 3); move(4096, 100, 0, 3); return result; }
static s64 op_move_stay(void) { return move(0, 1024, 4096, 7); }
static s64 op_move_second(void) { s64 result = move(512, 512, 4096, 3); move(4096, 512, 512, 3); return result; }
static s64 op_drop_part(void) { return advise(100, 50, MADV_DONTNEED); }
static s64 op_drop(void) { return advise(0, 1024, MADV_DONTNEED); }
static s64 op_remove_part(void) { return advise(100, 50, MADV_REMOVE); }
static s64 op_remove_one(void) { return advise(300, 1, MADV_REMOVE); }
static s64 op_remove_start(void) { return advise(0, 64, MADV_REMOVE); }
static s64 op_remove_across(void) { return advise(500, 30, MADV_REMOVE); }
static s64 op_remove_whole(void) { return advise(0, 512, MADV_REMOVE); }
static s64 op_cold(void) { return advise(0, 1024, MADV_COLD); }
static s64 op_cold_part(void) { return advise(100, 50, MADV_COLD); }
static s64 op_pageout(void) { return advise(0, 1024, MADV_PAGEOUT); }
static s64 op_pageout_part(void) { return advise(100, 50, MADV_PAGEOUT); }
static s64 op_pageout_written(void) { poke(AT(5), 7); return advise(0, 512, MADV_PAGEOUT); }
static s64 op_free(void) { return advise(0, 1024, MADV_FREE); }
static s64 op_willneed(void) { return advise(0, 1024, MADV_WILLNEED); }
static s64 op_populate_read(void) { return advise(0, 1024, MADV_POPULATE_READ); }
static s64 op_populate_write(void) { return advise(0, 1024, MADV_POPULATE_WRITE); }
static s64 op_drop_populate(void) { advise(0, 1024, MADV_DONTNEED); return advise(0, 1024, MADV_POPULATE_READ); }
static s64 op_drop_populate_write(void) { advise(0, 1024, MADV_DONTNEED); return advise(0, 1024, MADV_POPULATE_WRITE); }
static s64 op_lock(void) { return sys(SYS_mlock, AT(0), 1024 * PAGE, 0); }
static s64 op_lock_part(void) { return sys(SYS_mlock, AT(100), 50 * PAGE, 0); }
static s64 op_lock_unlock(void) { sys(SYS_mlock, AT(0), 1024 * PAGE, 0); return sys(SYS_munlock, AT(0), 1024 * PAGE, 0); }
static s64 op_forbid(void) { return advise(0, 1024, MADV_NOHUGEPAGE); }
static s64 op_forbid_drop(void) { advise(0, 1024, MADV_NOHUGEPAGE); return advise(0, 1024, MADV_DONTNEED); }
static s64 op_forbid_part(void) { return advise(100, 50, MADV_NOHUGEPAGE); }
static s64 op_advise_huge(void) { return advise(0, 1024, MADV_HUGEPAGE); }
static s64 op_random(void) { return advise(0, 300, MADV_RANDOM); }
static s64 op_guard(void) { return advise(100, 2, GUARD_INSTALL); }
static s64 op_guard_gone(void) { advise(100, 2, GUARD_INSTALL); return advise(100, 2, GUARD_REMOVE); }
static s64 op_sync(void) { return sys(SYS_msync, AT(0), 1024 * PAGE, 4); }
static s64 op_two_areas(void) { protect(0, 300, PROT_R); advise(0, 1024, MADV_DONTNEED); return protect(0, 300, RW); }
static s64 op_disable(void) { s64 result = sys6(SYS_prctl, PR_SET_THP_DISABLE, 1, 0, 0, 0, 0); advise(0, 1024, MADV_DONTNEED); return result; }
static s64 op_disable_not(void) { return sys6(SYS_prctl, PR_SET_THP_DISABLE, 0, 0, 0, 0, 0); }
static s64 op_fork(void) { return 0; }
// Of the file.
static s64 op_punch_part(void) { return sys4(SYS_fallocate, file, PUNCH, 100 * PAGE, 50 * PAGE); }
static s64 op_punch_bytes(void) { return sys4(SYS_fallocate, file, PUNCH, 100 * PAGE + 100, 200); }
static s64 op_punch_odd(void) { return sys4(SYS_fallocate, file, PUNCH, 100 * PAGE + 100, 3 * PAGE); }
static s64 op_punch_end(void) { return sys4(SYS_fallocate, file, PUNCH, 384 * PAGE, 128 * PAGE); }
static s64 op_punch_across(void) { return sys4(SYS_fallocate, file, PUNCH, 200 * PAGE, 600 * PAGE); }
static s64 op_punch_whole(void) { return sys4(SYS_fallocate, file, PUNCH, 0, 512 * PAGE); }
static s64 op_truncate(void) { return sys(SYS_ftruncate, file, 100 * PAGE, 0); }
static s64 op_truncate_odd(void) { return sys(SYS_ftruncate, file, 100 * PAGE + 100, 0); }
static s64 op_truncate_border(void) { return sys(SYS_ftruncate, file, 512 * PAGE, 0); }
static s64 op_truncate_second(void) { return sys(SYS_ftruncate, file, 768 * PAGE, 0); }
static s64 op_truncate_empty(void) { return sys(SYS_ftruncate, file, 0, 0); }
static s64 op_truncate_grow(void) { sys(SYS_ftruncate, file, 300 * PAGE, 0); return sys(SYS_ftruncate, file, 1024 * PAGE, 0); }
static s64 op_truncate_last(void) { return sys(SYS_ftruncate, file, 1023 * PAGE, 0); }
static s64 op_truncate_one(void) { return sys(SYS_ftruncate, file, PAGE, 0); }
static s64 op_allocate(void) { return sys4(SYS_fallocate, file, 0, 100 * PAGE, 50 * PAGE); }
static s64 op_pwrite(void) { return sys4(SYS_pwrite64, file, "hello", 5, 100 * PAGE); }
static s64 op_pread(void) { return sys4(SYS_pread64, file, proc_text, 3 * PAGE, 100 * PAGE); }
static s64 op_punch_collapse(void) { sys4(SYS_fallocate, file, PUNCH, 100 * PAGE, 50 * PAGE); return advise(0, 1024, MADV_COLLAPSE); }
static s64 op_drop_collapse(void) { advise(0, 1024, MADV_DONTNEED); return advise(0, 1024, MADV_COLLAPSE); }
static s64 op_offline(void) { return advise(100, 1, 101); }
static s64 op_drop_caches(void) { s64 f = open_file("/proc/sys/vm/drop_caches", O_WRONLY, 0), result = sys(SYS_write, f, "3", 1); sys(SYS_close, f, 0, 0); return result; }

static const struct { const char *name; s64 (*act)(void); int of_file; } acts[] = {
  {"nothing", op_nothing, 0}, {"read", op_read, 0}, {"write", op_write, 0}, {"write-both", op_write_both, 0},
  {"protect-part", op_protect_part, 0}, {"protect", op_protect, 0}, {"protect-back", op_protect_back, 0},
  {"protect-part-back", op_protect_part_back, 0}, {"protect-none", op_protect_none, 0}, {"protect-written", op_protect_written, 0},
  {"unmap-part", op_unmap_part, 0}, {"unmap-start", op_unmap_start, 0}, {"unmap-first", op_unmap_first, 0}, {"remap", op_remap, 0},
  {"move", op_move, 0}, {"move-odd", op_move_odd, 0}, {"move-part", op_move_part, 0}, {"move-stay", op_move_stay, 0},
  {"move-second", op_move_second, 0},
  {"drop-part", op_drop_part, 0}, {"drop", op_drop, 0}, {"remove-part", op_remove_part, 0}, {"remove-one", op_remove_one, 0},
  {"remove-start", op_remove_start, 0}, {"remove-across", op_remove_across, 0}, {"remove-whole", op_remove_whole, 0},
  {"cold", op_cold, 0}, {"cold-part", op_cold_part, 0}, {"pageout", op_pageout, 0}, {"pageout-part", op_pageout_part, 0},
  {"pageout-written", op_pageout_written, 0}, {"free", op_free, 0}, {"willneed", op_willneed, 0},
  {"populate-read", op_populate_read, 0}, {"populate-write", op_populate_write, 0}, {"drop-populate", op_drop_populate, 0},
  {"drop-populate-write", op_drop_populate_write, 0}, {"lock", op_lock, 0}, {"lock-part", op_lock_part, 0},
  {"lock-unlock", op_lock_unlock, 0}, {"forbid", op_forbid, 0}, {"forbid-drop", op_forbid_drop, 0}, {"forbid-part", op_forbid_part, 0},
  {"advise-huge", op_advise_huge, 0}, {"random", op_random, 0}, {"guard", op_guard, 0}, {"guard-gone", op_guard_gone, 0},
  {"sync", op_sync, 0}, {"two-areas", op_two_areas, 0}, {"disable", op_disable, 0}, {"disable-not", op_disable_not, 0},
  {"drop-collapse", op_drop_collapse, 0}, {"fork", op_fork, 0},
  {"punch-part", op_punch_part, 1}, {"punch-bytes", op_punch_bytes, 1}, {"punch-odd", op_punch_odd, 1}, {"punch-end", op_punch_end, 1},
  {"punch-across", op_punch_across, 1}, {"punch-whole", op_punch_whole, 1}, {"truncate", op_truncate, 1},
  {"truncate-odd", op_truncate_odd, 1}, {"truncate-border", op_truncate_border, 1}, {"truncate-second", op_truncate_second, 1},
  {"truncate-empty", op_truncate_empty, 1}, {"truncate-grow", op_truncate_grow, 1}, {"truncate-last", op_truncate_last, 1},
  {"truncate-one", op_truncate_one, 1}, {"allocate", op_allocate, 1}, {"pwrite", op_pwrite, 1}, {"pread", op_pread, 1},
  {"punch-collapse", op_punch_collapse, 1}, {"drop-caches", op_drop_caches, 1}, {"offline", op_offline, 1},
};
#define NACTS (sizeof acts / sizeof *acts)

static void accesses(void) {
  read_at(AT(3)); write_at(AT(5)); read_at(AT(120)); write_at(AT(121)); read_at(AT(300)); write_at(AT(700)); column(peek(AT(2)));
}
static void act_on(int i) {
  start(acts[i].name);
  s64 value = acts[i].act();
  result(value);
  state();
  if (acts[i].act == op_fork) {
    end();
    s64 id = fork();
    if (!id) { warm(); start("child"); result(0); state(); accesses(); state(); end(); quit(0); }
    wait_for(id);
    warm();
    start("parent"); result(0); state();
  }
  accesses();
  pages(AT(0), 1024); folios(AT(0), 1024); view();
  end();
}
static void what_happens(enum kind kind) {
  for (u64 i = 0; i < NACTS; i++) {
    if (kind == anonymous_shared && acts[i].of_file) continue;
    area(kind, 1024, 0, 1024);
    advise(0, 1024, MADV_COLLAPSE);
    act_on(i);
    clear();
  }
}
/// Short files, whose folio reaches beyond their end.
static void what_happens_behind(void) {
  static const char *const names[] = {
    "remove-part", "punch-bytes", "truncate-odd", "truncate-grow", "punch-part", "allocate", "pageout", "drop-part", "truncate-one", "punch-collapse",
  };
  for (int round = 0; round < 2; round++)
    for (u64 n = 0; n < sizeof names / sizeof *names; n++)
      for (u64 i = 0; i < NACTS; i++) {
        if (!same(acts[i].name, names[n])) continue;
        area(shared, 200, 0, 100);
        if (round) sys4(SYS_fallocate, file, KEEP, 0, 300 * PAGE);
        advise(0, 512, MADV_COLLAPSE);
        act_on(i);
        clear();
      }
}

/// Another process that maps the file while this one collapses it.
static void two_processes(const char *what, u64 at, int flags, u64 writes) {
  area(shared, 1024, 0, 1024);
  int ends[2], back[2];
  sys(SYS_pipe2, ends, 0, 0); sys(SYS_pipe2, back, 0, 0);
  flush();
  s64 child = fork();
  char byte;
  if (!child) {
    unmap(0, 16384);
    warm();
    map_area(at, 1024, RW, flags, 0);
    look(AT(at), 1024);
    if (writes) fill(AT(at + 7), writes);
    sys(SYS_write, back[1], "", 1);
    sys(SYS_read, ends[0], &byte, 1);
    warm();
    start("other"); text(what); pages(AT(at), 1024); sizes(AT(at)); column(status("RssAnon:") - anonymous_start); column(status("RssShmem:"));
    read_at(AT(at + 3)); write_at(AT(at + 5)); read_at(AT(at + 7)); write_at(AT(at + 300)); pages(AT(at), 1024); sizes(AT(at)); end();
    flush();
    sys(SYS_write, back[1], "", 1);
    sys(SYS_read, ends[0], &byte, 1);
    quit(0);
  }
  sys(SYS_read, back[0], &byte, 1);
  warm();
  collapse(what, 0, 1024);
  flush();
  sys(SYS_write, ends[1], "", 1); sys(SYS_read, back[0], &byte, 1);
  warm();
  start(what); result(0); state(); accesses(); view(); end();
  start(what); result(sys4(SYS_fallocate, file, PUNCH, 100 * PAGE, 50 * PAGE)); state(); accesses(); view(); end();
  sys(SYS_write, ends[1], "", 1);
  wait_for(child);
  warm();
  for (int i = 0; i < 2; i++) { sys(SYS_close, ends[i], 0, 0); sys(SYS_close, back[i], 0, 0); }
  clear();
}

int oracle_main(void) {
  memory_start();
  anonymous_start = status("RssAnon:");
  flags_file = open_file("/proc/kpageflags", O_RDONLY, 0);
  sys(SYS_mkdirat, AT_FDCWD, "/m", 0700);
  // The tables around the arena stay.
  anonymous(0x8000, 1, RW); poke(AT(0x8000), 1);
  which(shared); which(private); which(anonymous_shared);
  which_mappings();
  what_happens(shared); what_happens(private); what_happens(anonymous_shared);
  sys6(SYS_mount, (s64)"none", (s64)"/m", (s64)"tmpfs", 0, 0, 0);
  what_happens(tmpfs);
  what_happens_behind();
  two_processes("aligned", 0, MAP_SHARED, 0);
  two_processes("odd", 1, MAP_SHARED, 0);
  two_processes("private", 0, MAP_PRIVATE, 0);
  two_processes("private-copied", 0, MAP_PRIVATE, 3);
  return 0;
}
