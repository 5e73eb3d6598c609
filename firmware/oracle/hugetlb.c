// Explicit huge pages, MAP_HUGETLB: the pool and its reservations, faults, what happens without pages, alignment, and what /proc says.
// Columns: result, faults, then Total/Free/Rsvd/Surp of /proc/meminfo.
#include "memory.h"

enum { MAP_HUGETLB = 0x40000, MFD_HUGETLB = 4 };
#define HP (HUGE / PAGE)
#define H(page) AT((page) * HP)
#define PRIVATE_HUGE (ANON | MAP_HUGETLB)
#define SHARED_HUGE (SHARED_ANON | MAP_HUGETLB)

static void clear(void) { unmap(0, 64 * HP); }

static void set_number(const char *path, u64 value) {
  char digits[20];
  int n = 20;
  do digits[--n] = '0' + value % 10; while (value /= 10);
  s64 file = open_file(path, O_WRONLY, 0);
  sys(SYS_write, file, digits + n, 20 - n);
  sys(SYS_close, file, 0, 0);
}
static void pool(u64 count) { set_number("/proc/sys/vm/nr_hugepages", count); }

static void pool_state(void) {
  static const char *const fields[] = {"HugePages_Total:", "HugePages_Free:", "HugePages_Rsvd:", "HugePages_Surp:"};
  read_whole("/proc/meminfo", proc_text, sizeof proc_text);
  for (int i = 0; i < 4; i++) { put(i ? "/" : "\t"); dec(number_behind(proc_text, fields[i])); }
}
#define ROW(what, call) do { \
    s64 before = minor_faults(), result = (call), faults = minor_faults() - before; \
    name(what); place(result); column(faults); pool_state(); end(); \
  } while (0)
static s64 map_huge(u64 page, u64 count, int protection, int flags) { return mmap_at(H(page), count * HUGE, protection, flags, -1, 0); }
static void try(const char *what, void (*instruction)(void *), u64 page) {
  name(what); access(instruction, H(page) + 0x3000); pool_state(); end();
}

static void without_pool(void) {
  pool(0);
  ROW("no-pool.private", map_huge(0, 1, RW, PRIVATE_HUGE));
  ROW("no-pool.shared", map_huge(0, 1, RW, SHARED_HUGE));
  ROW("no-pool.read-only", map_huge(0, 1, PROT_R, PRIVATE_HUGE));
  ROW("no-pool.none", map_huge(0, 1, 0, PRIVATE_HUGE));
  ROW("no-pool.noreserve", map_huge(0, 1, RW, PRIVATE_HUGE | MAP_NORESERVE));
  try("no-pool.noreserve.read", op_ldr, 0); try("no-pool.noreserve.write", op_str, 0); try("no-pool.noreserve.ldadd", op_ldadd, 0);
  try("no-pool.noreserve.exec", op_exec, 0);
  ROW("no-pool.noreserve.populate", sys(SYS_madvise, H(0), HUGE, MADV_POPULATE_WRITE));
  ROW("no-pool.noreserve.mlock", sys(SYS_mlock, H(0), HUGE, 0));
  clear();
}

static void faults(void) {
  ROW("pool.4", (pool(4), 0));
  for (int i = 0; i < NOPS; i++) {
    map_huge(0, 1, RW, PRIVATE_HUGE);
    name("first."); put(ops[i].name); access(ops[i].f, H(0) + 0x3000); pool_state(); access(op_str, H(0) + 0x3000);
    access(op_str, H(0) + HUGE - 8); pool_state(); end(); clear();
  }
  for (int i = 0; i < NOPS; i += 4) {
    map_huge(0, 1, RW, SHARED_HUGE);
    name("shared.first."); put(ops[i].name); access(ops[i].f, H(0) + 0x3000); pool_state(); access(op_str, H(0) + 0x3000);
    pool_state(); end(); clear();
  }
}

static void reservations(void) {
  ROW("reserve.2", map_huge(0, 2, RW, PRIVATE_HUGE)); ROW("reserve.2-more", map_huge(4, 2, RW, PRIVATE_HUGE));
  ROW("reserve.too-many", map_huge(8, 1, RW, PRIVATE_HUGE));
  ROW("reserve.noreserve", map_huge(8, 1, RW, PRIVATE_HUGE | MAP_NORESERVE)); try("reserve.noreserve.write", op_str, 8);
  try("reserve.write", op_str, 0);
  ROW("reserve.munmap", (s64)sys(SYS_munmap, H(0), 2 * HUGE, 0)); try("reserve.noreserve.write-now", op_str, 8); clear();
  ROW("reserve.none-left", 0);
  ROW("reserve.5", map_huge(0, 5, RW, PRIVATE_HUGE)); ROW("reserve.shared-4", map_huge(0, 4, RW, SHARED_HUGE));
  try("reserve.shared-4.write", op_str, 2); ROW("reserve.shared-4.munmap-half", (s64)sys(SYS_munmap, H(2), 2 * HUGE, 0)); clear();
  ROW("reserve.read-only", map_huge(0, 2, PROT_R, PRIVATE_HUGE)); try("reserve.read-only.read", op_ldr, 0);
  try("reserve.read-only.write", op_str, 0); clear();
  ROW("pool.shrink-to-2", (map_huge(0, 3, RW, PRIVATE_HUGE), pool(2), 0)); try("pool.shrink.write", op_str, 2); clear();
  ROW("pool.shrunk", 0);
  ROW("pool.overcommit", (set_number("/proc/sys/vm/nr_overcommit_hugepages", 2), 0));
  ROW("overcommit.4", map_huge(0, 4, RW, PRIVATE_HUGE)); ROW("overcommit.1-more", map_huge(8, 1, RW, PRIVATE_HUGE));
  try("overcommit.write", op_str, 3); clear(); ROW("overcommit.after", (set_number("/proc/sys/vm/nr_overcommit_hugepages", 0), 0));
  ROW("populate.map", map_huge(0, 2, RW, PRIVATE_HUGE | MAP_POPULATE)); try("populate.write", op_str, 1); clear();
  ROW("populate.map-read-only", map_huge(0, 2, PROT_R, PRIVATE_HUGE | MAP_POPULATE)); clear();
  pool(4);
}

static void advices(void) {
  map_huge(0, 3, RW, PRIVATE_HUGE); try("advise.write.0", op_str, 0); try("advise.write.1", op_str, 1); poke(H(1), 11);
  ROW("dontneed.one", (s64)sys(SYS_madvise, H(0), HUGE, MADV_DONTNEED)); try("dontneed.one.read", op_ldr, 0);
  ROW("dontneed.misaligned", (s64)sys(SYS_madvise, H(1) + PAGE, HUGE, MADV_DONTNEED));
  ROW("dontneed.half", (s64)sys(SYS_madvise, H(1), HUGE / 2, MADV_DONTNEED));
  ROW("dontneed.one-and-half", (s64)sys(SYS_madvise, H(0), HUGE * 3 / 2, MADV_DONTNEED)); name("dontneed.contents");
  column(peek(H(1))); end();
  ROW("free", (s64)sys(SYS_madvise, H(1), HUGE, MADV_FREE)); ROW("remove", (s64)sys(SYS_madvise, H(1), HUGE, MADV_REMOVE));
  ROW("cold", (s64)sys(SYS_madvise, H(1), HUGE, MADV_COLD)); ROW("pageout", (s64)sys(SYS_madvise, H(1), HUGE, MADV_PAGEOUT));
  ROW("hugepage", (s64)sys(SYS_madvise, H(1), HUGE, MADV_HUGEPAGE));
  ROW("nohugepage", (s64)sys(SYS_madvise, H(1), HUGE, MADV_NOHUGEPAGE));
  ROW("collapse", (s64)sys(SYS_madvise, H(1), HUGE, MADV_COLLAPSE));
  ROW("willneed", (s64)sys(SYS_madvise, H(1), HUGE, MADV_WILLNEED));
  ROW("dontfork", (s64)sys(SYS_madvise, H(1), HUGE, MADV_DONTFORK)); ROW("dofork", (s64)sys(SYS_madvise, H(1), HUGE, MADV_DOFORK));
  ROW("wipeonfork", (s64)sys(SYS_madvise, H(1), HUGE, MADV_WIPEONFORK));
  ROW("dontdump", (s64)sys(SYS_madvise, H(1), HUGE, 16)); ROW("dodump", (s64)sys(SYS_madvise, H(1), HUGE, 17));
  ROW("populate-read", (s64)sys(SYS_madvise, H(0), 3 * HUGE, MADV_POPULATE_READ));
  ROW("populate-write", (s64)sys(SYS_madvise, H(0), 3 * HUGE, MADV_POPULATE_WRITE));
  ROW("guard", (s64)sys(SYS_madvise, H(0), HUGE, 102)); ROW("mlock", (s64)sys(SYS_mlock, H(0), 3 * HUGE, 0)); name("mlock.VmLck");
  column(status("VmLck:")); end(); ROW("munlock", (s64)sys(SYS_munlock, H(0), 3 * HUGE, 0)); clear();
  map_huge(0, 2, RW, SHARED_HUGE); try("shared.write", op_str, 0);
  ROW("shared.dontneed", (s64)sys(SYS_madvise, H(0), HUGE, MADV_DONTNEED)); try("shared.read-again", op_ldr, 0);
  ROW("shared.remove", (s64)sys(SYS_madvise, H(0), HUGE, MADV_REMOVE)); try("shared.read-removed", op_ldr, 0); clear();
}

static void shapes(void) {
#define SHAPE(what, call) do { name(what); place(call); areas(0, 64 * HP); pool_state(); end(); } while (0)
  SHAPE("mmap.misaligned-address", mmap_at(AT(1), HUGE, RW, PRIVATE_HUGE, -1, 0));
  SHAPE("mmap.misaligned-size", mmap_at(H(0), PAGE, RW, PRIVATE_HUGE, -1, 0)); clear();
  s64 anywhere = mmap_at(AT(1), HUGE, RW, MAP_PRIVATE | MAP_ANON | MAP_HUGETLB, -1, 0); name("mmap.misaligned-hint");
  column(anywhere > 0); column(anywhere & (HUGE - 1)); end(); sys(SYS_munmap, anywhere, HUGE, 0);
  map_huge(0, 4, RW, PRIVATE_HUGE);
  SHAPE("munmap.misaligned", sys(SYS_munmap, H(0) + PAGE, HUGE, 0)); SHAPE("munmap.part", sys(SYS_munmap, H(0), PAGE, 0));
  SHAPE("munmap.one-and-part", sys(SYS_munmap, H(0), HUGE + PAGE, 0)); SHAPE("munmap.middle", sys(SYS_munmap, H(1), HUGE, 0));
  SHAPE("mprotect.misaligned", sys(SYS_mprotect, H(2) + PAGE, HUGE, PROT_R));
  SHAPE("mprotect.part", sys(SYS_mprotect, H(2), PAGE, PROT_R)); SHAPE("mprotect.one", sys(SYS_mprotect, H(2), HUGE, PROT_R));
  try("mprotect.write", op_str, 2);
  SHAPE("mprotect.back", sys(SYS_mprotect, H(2), HUGE, RW)); try("mprotect.write-now", op_str, 2);
  SHAPE("mprotect.read-only-written", sys(SYS_mprotect, H(2), HUGE, PROT_R));
  SHAPE("mprotect.back-written", sys(SYS_mprotect, H(2), HUGE, RW)); try("mprotect.write-again", op_str, 2);
  SHAPE("mprotect.none", sys(SYS_mprotect, H(2), HUGE, 0)); try("mprotect.none.read", op_ldr, 2);
  SHAPE("mprotect.from-none", sys(SYS_mprotect, H(2), HUGE, RW)); try("mprotect.from-none.write", op_str, 2);
  SHAPE("mlock.part", sys(SYS_mlock, H(2), PAGE, 0)); SHAPE("mlock.misaligned", sys(SYS_mlock, H(2) + PAGE, HUGE, 0));
  SHAPE("madvise.part-dontfork", sys(SYS_madvise, H(2), PAGE, MADV_DONTFORK));
  SHAPE("mmap.over-part", mmap_at(H(2), PAGE, RW, ANON, -1, 0)); clear();
#define REMAP(page, old_size, new_size, flags, target) sys6(SYS_mremap, (s64)H(page), old_size, new_size, flags, (s64)(target), 0)
  map_huge(0, 2, RW, PRIVATE_HUGE); poke(H(0), 21); poke(H(1), 22);
  SHAPE("mremap.move", REMAP(0, 2 * HUGE, 2 * HUGE, 3, H(8))); name("mremap.move.contents"); column(peek(H(8))); column(peek(H(9)));
  end();
  SHAPE("mremap.move-one", REMAP(9, HUGE, HUGE, 3, H(4))); SHAPE("mremap.misaligned-target", REMAP(8, HUGE, HUGE, 3, H(12) + PAGE));
  SHAPE("mremap.misaligned-size", REMAP(8, PAGE, PAGE, 3, H(12))); SHAPE("mremap.grow", REMAP(8, HUGE, 2 * HUGE, 0, 0));
  SHAPE("mremap.grow-maymove", REMAP(8, HUGE, 2 * HUGE, 3, H(16))); SHAPE("mremap.dontunmap", REMAP(4, HUGE, HUGE, 7, H(20)));
  clear();
  map_huge(0, 3, RW, PRIVATE_HUGE); SHAPE("mremap.shrink", REMAP(0, 3 * HUGE, HUGE, 0, 0)); clear();
  map_huge(0, 1, RW, SHARED_HUGE); SHAPE("mremap.old-size-0", REMAP(0, 0, HUGE, 3, H(8))); clear();
  map_huge(0, 1, RW, PRIVATE_HUGE); map_huge(1, 1, RW, PRIVATE_HUGE); SHAPE("neighbours.private", 0); clear();
  map_huge(0, 1, RW, SHARED_HUGE); map_huge(1, 1, RW, SHARED_HUGE); SHAPE("neighbours.shared", 0); clear();
  static const int logs[] = {0, 12, 14, 16, 20, 21, 22, 25, 29, 30, 34, 63};
  for (u64 i = 0; i < sizeof logs / sizeof *logs; i++) {
    u64 size = 1ul << (logs[i] >= 16 && logs[i] < 40 ? logs[i] : 21);
    s64 at = mmap_at(0, size, RW, MAP_PRIVATE | MAP_ANON | MAP_HUGETLB | MAP_NORESERVE | logs[i] << 26, -1, 0);
    name("size-flag."); dec(logs[i]); column(at > 0 ? 0 : at); if (at > 0) column(smaps((void *)at, "KernelPageSize:")); end();
    if (at > 0) sys(SYS_munmap, at, size, 0);
  }
  name("size-flag.without-hugetlb"); place(mmap_at(H(0), HUGE, RW, ANON | 21 << 26, -1, 0)); column(smaps(H(0), "KernelPageSize:"));
  end(); clear();
}

static void described(void) {
  map_huge(0, 2, RW, PRIVATE_HUGE); poke(H(0), 1);
  static const char *const fields[] = {"Size:", "KernelPageSize:", "MMUPageSize:", "Rss:", "Pss:", "Private_Dirty:", "Anonymous:",
                                       "AnonHugePages:", "Shared_Hugetlb:", "Private_Hugetlb:", "Locked:"};
  const char *block = smaps_block(H(0));
  name("smaps.private");
  for (u64 i = 0; i < sizeof fields / sizeof *fields; i++) { text(fields[i]); dec(block ? number_behind(block, fields[i]) : -1); } end();
  name("status"); column(status("HugetlbPages:")); end();
  name("pagemap.private"); pages(H(0), 2 * HP); areas(0, 64 * HP); end();
  u8 vector[8]; name("mincore.private"); column(sys(SYS_mincore, H(0) + HUGE - 4 * PAGE, 8 * PAGE, vector));
  for (int i = 0; i < 8; i++) column(vector[i]); end(); clear();
  map_huge(0, 2, RW, SHARED_HUGE); poke(H(0), 1); block = smaps_block(H(0));
  name("smaps.shared");
  for (u64 i = 0; i < sizeof fields / sizeof *fields; i++) { text(fields[i]); dec(block ? number_behind(block, fields[i]) : -1); } end();
  name("pagemap.shared"); pages(H(0), 2 * HP); areas(0, 64 * HP); end(); clear();
}

static void files(void) {
  s64 file = sys(SYS_memfd_create, "huge", MFD_HUGETLB, 0);
  ROW("memfd.truncate-misaligned", sys(SYS_ftruncate, file, PAGE, 0)); ROW("memfd.truncate", sys(SYS_ftruncate, file, 2 * HUGE, 0));
  ROW("memfd.map", mmap_at(H(0), 2 * HUGE, RW, MAP_SHARED | MAP_FIXED, file, 0)); try("memfd.write", op_str, 0);
  SHAPE("memfd.areas", 0);
  ROW("memfd.map-misaligned-offset", mmap_at(H(8), HUGE, RW, MAP_SHARED | MAP_FIXED, file, PAGE));
  ROW("memfd.map-past-end", mmap_at(H(8), 2 * HUGE, RW, MAP_SHARED | MAP_FIXED, file, HUGE));
  try("memfd.past-end.write", op_str, 9); try("memfd.past-end.inside", op_ldr, 8);
  ROW("memfd.private", mmap_at(H(16), HUGE, RW, MAP_PRIVATE | MAP_FIXED, file, 0)); try("memfd.private.read", op_ldr, 16);
  try("memfd.private.write", op_str, 16);
  ROW("memfd.punch", sys4(SYS_fallocate, file, 3, 0, HUGE)); try("memfd.punched.read", op_ldr, 0);
  ROW("memfd.write-call", sys4(SYS_pwrite64, file, "x", 1, 0)); char byte;
  ROW("memfd.read-call", sys4(SYS_pread64, file, &byte, 1, 0));
  ROW("memfd.shrink", sys(SYS_ftruncate, file, HUGE, 0)); try("memfd.shrunk.read", op_ldr, 1); sys(SYS_close, file, 0, 0);
  ROW("memfd.closed", 0); clear(); ROW("memfd.unmapped", 0);
}

static void yield_until(volatile u64 *word, u64 value) { while (*word != value) sys(124, 0, 0, 0); }  // sched_yield

/// Parent and child take turns by a word of shared memory.
static void forks(void) {
  volatile u64 *turn = (u64 *)AT(100 * HP);
  mmap_at((void *)turn, PAGE, RW, SHARED_ANON, -1, 0);
  for (int parent_first = 0; parent_first < 2; parent_first++) for (u64 size = 4; size >= 1; size--) {
    pool(size); *turn = 0;
    map_huge(0, 1, RW, PRIVATE_HUGE); poke(H(0), 5);
    flush();
    s64 child = fork();
    if (!child) {
      if (parent_first) yield_until(turn, 1);
      warm(); output_length = 0;
      put(parent_first ? "fork.parent-first.pool-" : "fork.child-first.pool-"); dec(size); put(".child"); access(op_ldr, H(0));
      access(op_str, H(0)); column(peek(H(0))); pool_state(); end();
      *turn = 1;
      if (!parent_first) yield_until(turn, 2);
      quit(3);
    }
    warm(); output_length = 0;
    if (!parent_first) yield_until(turn, 1);
    put(parent_first ? "fork.parent-first.pool-" : "fork.child-first.pool-"); dec(size); put(".parent"); access(op_ldr, H(0));
    access(op_str, H(0)); column(peek(H(0))); pool_state(); end();
    *turn = parent_first ? 1 : 2;
    s64 how = wait_for(child);
    warm();
    put(parent_first ? "fork.parent-first.pool-" : "fork.child-first.pool-"); dec(size); put(".after"); column(how);
    access(op_str, H(0)); column(peek(H(0))); pool_state(); end(); clear();
  }
  pool(4);
  map_huge(0, 1, RW, SHARED_HUGE); poke(H(0), 5);
  flush();
  s64 child = fork();
  if (!child) {
    warm();
    output_length = 0;
    name("fork.shared.child"); access(op_str, H(0)); pages(H(0), HP); poke(H(0), 6); pool_state(); end();
    quit(0);
  }
  wait_for(child); warm();
  name("fork.shared.parent"); column(peek(H(0))); access(op_str, H(0)); pages(H(0), HP); pool_state(); end(); clear();
  sys(SYS_munmap, (void *)turn, PAGE, 0);
}

int oracle_main(void) {
  memory_start();
  without_pool();
  faults();
  reservations();
  advices();
  shapes();
  described();
  files();
  forks();
  pool(0);
  ROW("pool.0", 0);
  return 0;
}
