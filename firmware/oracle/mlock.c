// The effects of locking: which pages it brings in and by how many faults, what counts as locked, and the answers of mincore.
// The guest is root, so no limit of locked memory applies.
#include "memory.h"

enum { MLOCK_ONFAULT = 1, MCL_CURRENT = 1, MCL_FUTURE = 2, MCL_ONFAULT = 4 };

static void clear(void) { unmap(0, 4096); }

static s64 base_locked;

/// What a call did: its result and faults, then pages 0 to 15, the mappings around, and VmLck in KiB.
static void shown(const char *what, s64 result, s64 faults) {
  name(what); column(result); column(faults); pages(AT(0), 16); areas(0, 64); column(status("VmLck:") - base_locked); end();
}
#define ROW(what, call) do { \
    s64 before = minor_faults(), result = (call), faults = minor_faults() - before; \
    shown(what, result, faults); \
  } while (0)

static s64 lock(u64 page, u64 count) { return sys(SYS_mlock, AT(page), count * PAGE, 0); }
static s64 lock_on_fault(u64 page, u64 count) { return sys(SYS_mlock2, AT(page), count * PAGE, MLOCK_ONFAULT); }
static s64 unlock(u64 page, u64 count) { return sys(SYS_munlock, AT(page), count * PAGE, 0); }

static void touched(const char *what, u64 count) {
  name(what); touch(op_ldr, AT(0), count); touch(op_str, AT(0), count); pages(AT(0), 16); end();
}

static s64 file;  // a memfd of 8 pages

static void anonymous_rows(void) {
  anonymous(0, 8, RW); ROW("mlock.untouched", lock(0, 8)); touched("mlock.untouched.touched", 8); ROW("mlock.again", lock(0, 8));
  ROW("munlock", unlock(0, 8)); ROW("munlock.again", unlock(0, 8)); clear();
  anonymous(0, 8, RW); fill(AT(0), 2); look(AT(2), 2); ROW("mlock.mixed", lock(0, 8)); touched("mlock.mixed.touched", 8); clear();
  anonymous(0, 8, RW); ROW("mlock.middle", lock(2, 3)); ROW("mlock.next", lock(5, 2)); ROW("munlock.middle", unlock(3, 2));
  ROW("munlock.all", unlock(0, 8)); clear();
  anonymous(0, 8, PROT_R); ROW("mlock.read-only", lock(0, 8)); name("mlock.read-only.protect"); column(protect(0, 8, RW)); end();
  touched("mlock.read-only.touched", 8); clear();
  anonymous(0, 8, 0); ROW("mlock.none", lock(0, 8)); ROW("mlock.none.protect", protect(0, 8, RW)); touched("mlock.none.touched", 8);
  clear();
  anonymous(0, 8, 0); ROW("mlock.none-then-read.lock", lock(0, 8)); ROW("mlock.none-then-read.protect", protect(0, 8, PROT_R));
  clear();
  anonymous(0, 8, RW); protect(3, 2, 0); ROW("mlock.none-inside", lock(0, 8)); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); protect(0, 8, 0); ROW("mlock.none-written", lock(0, 8)); clear();
  anonymous(0, 8, PROT_X); ROW("mlock.exec-only", lock(0, 8)); clear();
  anonymous(0, 3, RW); anonymous(5, 3, RW); ROW("mlock.hole", lock(0, 8)); ROW("munlock.hole", unlock(0, 8)); clear();
  anonymous(2, 6, RW); ROW("mlock.begins-in-hole", lock(0, 4)); clear();
  anonymous(0, 4, RW); ROW("mlock.ends-in-hole", lock(2, 6)); ROW("munlock.ends-in-hole", unlock(2, 6)); clear();
  ROW("mlock.nothing-mapped", lock(0, 4)); ROW("munlock.nothing-mapped", unlock(0, 4));
  anonymous(0, 8, RW); ROW("on-fault.untouched", lock_on_fault(0, 8)); touched("on-fault.touched", 4);
  ROW("on-fault.then-mlock", lock(0, 8)); ROW("mlock.then-on-fault", lock_on_fault(0, 8)); ROW("on-fault.munlock", unlock(0, 8));
  clear();
  anonymous(0, 8, RW); fill(AT(0), 4); ROW("on-fault.mixed", lock_on_fault(0, 8)); name("on-fault.mixed.smaps");
  column(smaps(AT(0), "Locked:")); column(smaps(AT(0), "Rss:")); end(); clear();
  anonymous(0, 8, RW); fill(AT(0), 4); lock(0, 8); name("mlock.smaps"); column(smaps(AT(0), "Locked:"));
  column(smaps(AT(0), "Rss:")); column(smaps(AT(0), "Pss:")); end(); clear();
}

static void kinds(void) {
  mmap_at(AT(0), 8 * PAGE, RW, SHARED_ANON, -1, 0); ROW("shared", lock(0, 8)); touched("shared.touched", 8); clear();
  mmap_at(AT(0), 8 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0); ROW("memfd", lock(0, 8)); touched("memfd.touched", 8); clear();
  mmap_at(AT(0), 8 * PAGE, PROT_R, MAP_SHARED | MAP_FIXED, file, 0); ROW("memfd-read-only", lock(0, 8)); clear();
  mmap_at(AT(0), 8 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, file, 0); ROW("private-file", lock(0, 8));
  touched("private-file.touched", 8); clear();
  mmap_at(AT(0), 8 * PAGE, PROT_R, MAP_PRIVATE | MAP_FIXED, file, 0); ROW("private-file-read-only", lock(0, 8)); clear();
  mmap_at(AT(0), 12 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0); ROW("memfd-past-end", lock(0, 12));
  ROW("memfd-past-end.munlock", unlock(0, 12)); clear();
  mmap_at(AT(0), 12 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0); ROW("memfd-only-past-end", lock(8, 4)); clear();
  mmap_at(AT(0), 8 * PAGE, RW, ANON | MAP_LOCKED, -1, 0); shown("map-locked", 0, 0); clear();
  mmap_at(AT(0), 8 * PAGE, PROT_R, ANON | MAP_LOCKED, -1, 0); shown("map-locked.read-only", 0, 0); clear();
  mmap_at(AT(0), 8 * PAGE, 0, ANON | MAP_LOCKED, -1, 0); shown("map-locked.none", 0, 0); clear();
  mmap_at(AT(0), 8 * PAGE, RW, MAP_SHARED | MAP_FIXED | MAP_LOCKED, file, 0); shown("map-locked.memfd", 0, 0); clear();
  mmap_at(AT(0), 8 * PAGE, RW, MAP_PRIVATE | MAP_FIXED | MAP_LOCKED, file, 0); shown("map-locked.private-file", 0, 0); clear();
  mmap_at(AT(0), 8 * PAGE, RW, ANON | MAP_POPULATE, -1, 0); shown("map-populate", 0, 0); clear();
  mmap_at(AT(0), 8 * PAGE, PROT_R, ANON | MAP_POPULATE, -1, 0); shown("map-populate.read-only", 0, 0); clear();
  mmap_at(AT(0), 8 * PAGE, 0, ANON | MAP_POPULATE, -1, 0); shown("map-populate.none", 0, 0); clear();
  mmap_at(AT(0), 8 * PAGE, RW, MAP_SHARED | MAP_FIXED | MAP_POPULATE, file, 0); shown("map-populate.memfd", 0, 0);
  touched("map-populate.memfd.touched", 8); clear();
  mmap_at(AT(0), 8 * PAGE, PROT_R, MAP_SHARED | MAP_FIXED | MAP_POPULATE, file, 0); shown("map-populate.memfd-read-only", 0, 0);
  clear();
  mmap_at(AT(0), 8 * PAGE, RW, MAP_PRIVATE | MAP_FIXED | MAP_POPULATE, file, 0); shown("map-populate.private-file", 0, 0); clear();
  mmap_at(AT(0), 12 * PAGE, RW, MAP_SHARED | MAP_FIXED | MAP_POPULATE, file, 0); shown("map-populate.past-end", 0, 0); clear();
  mmap_at(AT(0), 8 * PAGE, RW, ANON | 0x8000 | 0x10000, -1, 0); shown("map-populate-nonblock", 0, 0); clear();  // MAP_NONBLOCK
}

static void later(void) {
  anonymous(0, 8, RW); lock(0, 8); ROW("locked.munmap-middle", unmap(3, 2)); ROW("locked.map-again", anonymous(3, 2, RW) != AT(3));
  clear();
  anonymous(0, 8, RW); lock(0, 8); ROW("locked.protect-none", protect(2, 3, 0)); ROW("locked.protect-back", protect(2, 3, RW));
  clear();
  anonymous(0, 8, RW); lock(0, 8); ROW("locked.mremap-grow", sys6(SYS_mremap, BASE, 8 * PAGE, 12 * PAGE, 0, 0, 0) != (s64)BASE);
  clear();
  anonymous(0, 8, RW); lock_on_fault(0, 8);
  ROW("on-fault.mremap-grow", sys6(SYS_mremap, BASE, 8 * PAGE, 12 * PAGE, 0, 0, 0) != (s64)BASE); clear();
  anonymous(0, 8, RW); lock(0, 8);
  ROW("locked.mremap-move", sys6(SYS_mremap, BASE, 8 * PAGE, 8 * PAGE, 3, (s64)AT(8), 0) != (s64)AT(8)); clear();
  anonymous(0, 8, RW); lock(0, 8); ROW("locked.mremap-shrink", sys6(SYS_mremap, BASE, 8 * PAGE, 3 * PAGE, 0, 0, 0) != (s64)BASE);
  clear();
  anonymous(0, 8, RW); lock(0, 4);
  ROW("locked.mremap-dontunmap", sys6(SYS_mremap, BASE, 4 * PAGE, 4 * PAGE, 7, (s64)AT(10), 0) != (s64)AT(10)); clear();
  anonymous(0, 8, RW); lock(0, 8); ROW("locked.dontneed", advise(0, 8, MADV_DONTNEED));
  ROW("locked.dontneed-locked", advise(0, 8, MADV_DONTNEED_LOCKED)); ROW("locked.free", advise(0, 8, MADV_FREE));
  ROW("locked.cold", advise(0, 8, MADV_COLD)); ROW("locked.populate-write", advise(0, 8, MADV_POPULATE_WRITE));
  ROW("locked.willneed", advise(0, 8, MADV_WILLNEED));
  ROW("locked.dontfork", advise(0, 8, MADV_DONTFORK)); ROW("locked.collapse", advise(0, 8, MADV_COLLAPSE)); clear();
  anonymous(0, 8, RW); lock(0, 4); ROW("locked.replaced", mmap_at(AT(0), 4 * PAGE, RW, ANON, -1, 0) != (s64)BASE); clear();
}

static void in_child(const char *what) {
  warm();
  output_length = 0;
  base_locked = 0;
  shown(what, 0, 0); touched(what, 8);
  quit(0);
}
static void forks(void) {
  anonymous(0, 8, RW); fill(AT(0), 4); lock(0, 8);
  flush();
  s64 child = fork();
  if (!child) in_child("fork.child");
  wait_for(child); warm();
  shown("fork.parent", 0, 0); touched("fork.parent.touched", 8); clear();
  anonymous(0, 8, RW); fill(AT(0), 4); lock(0, 8);
  flush();
  child = fork();
  if (!child) { sys(SYS_exit_group, 0, 0, 0); }
  wait_for(child); warm();
  shown("fork-and-exit.parent", 0, 0); touched("fork-and-exit.parent.touched", 8); clear();
}

static void all(void) {
  anonymous(0, 8, RW); fill(AT(0), 2); look(AT(2), 2); anonymous(20, 4, 0); anonymous(30, 4, PROT_R);
  s64 result = sys(SYS_mlockall, MCL_CURRENT, 0, 0);
  name("mlockall.current"); column(result); pages(AT(0), 40); areas(0, 64); end();
  anonymous(40, 4, RW); name("mlockall.current.later"); pages(AT(40), 4); column(smaps(AT(40), "Locked:")); end();
  name("munlockall"); column(sys(SYS_munlockall, 0, 0, 0)); pages(AT(0), 40); column(status("VmLck:")); end(); clear();
  name("mlockall.future"); column(sys(SYS_mlockall, MCL_FUTURE, 0, 0)); column(status("VmLck:")); end();
  mmap_at(AT(0), 8 * PAGE, RW, ANON, -1, 0); shown("mlockall.future.mmap", 0, 0); ROW("mlockall.future.munlock", unlock(0, 8));
  clear();
  mmap_at(AT(0), 8 * PAGE, 0, ANON, -1, 0); shown("mlockall.future.mmap-none", 0, 0);
  ROW("mlockall.future.protect", protect(0, 8, RW)); clear();
  mmap_at(AT(0), 8 * PAGE, PROT_R, MAP_PRIVATE | MAP_FIXED, file, 0); shown("mlockall.future.private-file", 0, 0); clear();
  mmap_at(AT(0), 8 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0); shown("mlockall.future.memfd", 0, 0); clear();
  name("mlockall.future-on-fault"); column(sys(SYS_mlockall, MCL_FUTURE | MCL_ONFAULT, 0, 0)); end();
  mmap_at(AT(0), 8 * PAGE, RW, ANON, -1, 0); shown("mlockall.future-on-fault.mmap", 0, 0); clear();
  mmap_at(AT(0), 8 * PAGE, RW, ANON | MAP_LOCKED, -1, 0); shown("mlockall.future-on-fault.map-locked", 0, 0); clear();
  flush();
  s64 child = fork();
  if (!child) {
    warm();
    output_length = 0;
    mmap_at(AT(0), 8 * PAGE, RW, ANON, -1, 0);
    base_locked = 0;
    shown("mlockall.future.child", 0, 0);
    quit(0);
  }
  wait_for(child); warm();
  sys(SYS_munlockall, 0, 0, 0);
  mmap_at(AT(0), 8 * PAGE, RW, ANON, -1, 0); shown("munlockall.mmap", 0, 0); clear();
  anonymous(0, 8, RW); fill(AT(0), 2); name("mlockall.current-on-fault");
  column(sys(SYS_mlockall, MCL_CURRENT | MCL_ONFAULT, 0, 0)); pages(AT(0), 16); areas(0, 64); column(smaps(AT(0), "Locked:"));
  end();
  sys(SYS_munlockall, 0, 0, 0); clear();
  static const int flags[] = {0, 4, 8, 9, 7, 5, 6, -1};
  for (u64 i = 0; i < sizeof flags / sizeof *flags; i++) {
    name("mlockall.flags."); dec(flags[i]); column(sys(SYS_mlockall, flags[i], 0, 0)); end();
    sys(SYS_munlockall, 0, 0, 0);
  }
}

static void errors(void) {
  anonymous(0, 8, RW);
#define ERROR(what, call) do { \
    name(what); column(call); areas(0, 64); column(status("VmLck:") - base_locked); end(); \
    unlock(0, 8); \
  } while (0)
  ERROR("error.mlock.misaligned", sys(SYS_mlock, AT(0) + 1, PAGE, 0));
  ERROR("error.mlock.misaligned-size", sys(SYS_mlock, AT(0), 1, 0));
  ERROR("error.mlock.nothing", sys(SYS_mlock, AT(0), 0, 0));
  ERROR("error.mlock.nothing-unmapped", sys(SYS_mlock, AT(64), 0, 0));
  ERROR("error.mlock.wraps", sys(SYS_mlock, AT(0), -PAGE, 0));
  ERROR("error.mlock.size-wraps-to-nothing", sys(SYS_mlock, AT(0), -1ul, 0));
  ERROR("error.mlock.tagged", sys(SYS_mlock, BASE | 1ul << 56, PAGE, 0));
  ERROR("error.mlock.kernel", sys(SYS_mlock, ~0ul << 12, PAGE, 0));
  ERROR("error.mlock2.flags-0", sys(SYS_mlock2, AT(0), PAGE, 0));
  ERROR("error.mlock2.flags-2", sys(SYS_mlock2, AT(0), PAGE, 2));
  ERROR("error.mlock2.flags-3-unmapped", sys(SYS_mlock2, AT(64), PAGE, 3));
  ERROR("error.munlock.misaligned", sys(SYS_munlock, AT(0) + 1, PAGE, 0));
  ERROR("error.munlock.nothing", sys(SYS_munlock, AT(0), 0, 0));
  ERROR("error.munlock.wraps", sys(SYS_munlock, AT(0), -PAGE, 0));
  ERROR("error.munlock.unmapped", sys(SYS_munlock, AT(64), PAGE, 0));
  clear();
}

static u8 vector[64];
static void mincore_of(const char *what, void *address, u64 size) {
  for (int i = 0; i < 64; i++) vector[i] = 9;
  s64 result = sys(SYS_mincore, address, size, vector);
  name(what); column(result); put("\t");
  for (u64 i = 0; i < 16; i++) dec(vector[i]);
  end();
}
static void residency(void) {
  anonymous(0, 8, RW); fill(AT(0), 2); look(AT(2), 2); mincore_of("mincore.anonymous", AT(0), 8 * PAGE); protect(0, 8, 0);
  mincore_of("mincore.none", AT(0), 8 * PAGE); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); advise(2, 3, MADV_DONTNEED); mincore_of("mincore.dontneed", AT(0), 8 * PAGE);
  advise(0, 8, MADV_FREE); mincore_of("mincore.free", AT(0), 8 * PAGE); clear();
  mmap_at(AT(0), 8 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0); mincore_of("mincore.memfd", AT(0), 8 * PAGE); peek(AT(3));
  mincore_of("mincore.memfd.touched", AT(0), 8 * PAGE); clear();
  s64 sparse = memfd("sparse", 8);
  sys4(SYS_pwrite64, sparse, "x", 1, 3 * PAGE);
  mmap_at(AT(0), 12 * PAGE, RW, MAP_SHARED | MAP_FIXED, sparse, 0); mincore_of("mincore.memfd-sparse", AT(0), 12 * PAGE);
  peek(AT(5)); mincore_of("mincore.memfd-sparse.read", AT(0), 12 * PAGE); clear();
  mmap_at(AT(0), 8 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, sparse, 0); poke(AT(1), 1);
  mincore_of("mincore.private-file", AT(0), 8 * PAGE); clear();
  mmap_at(AT(0), 8 * PAGE, PROT_R, MAP_SHARED | MAP_FIXED, sparse, 0); mincore_of("mincore.memfd-read-only", AT(0), 8 * PAGE);
  clear();
  sys(SYS_close, sparse, 0, 0);
  mmap_at(AT(0), 8 * PAGE, RW, SHARED_ANON, -1, 0); poke(AT(3), 1); mincore_of("mincore.shared", AT(0), 8 * PAGE);
  advise(3, 1, MADV_DONTNEED); mincore_of("mincore.shared.dontneed", AT(0), 8 * PAGE); clear();
  anonymous(0, 3, RW); anonymous(5, 3, RW); fill(AT(0), 3); mincore_of("mincore.hole", AT(0), 8 * PAGE);
  mincore_of("mincore.begins-in-hole", AT(4), 3 * PAGE); clear();
  mmap_at(AT(0), 1024 * PAGE, RW, ANON, -1, 0); advise(0, 1024, MADV_HUGEPAGE); poke(AT(0), 1);
  mincore_of("mincore.thp", AT(505), 16 * PAGE); peek(AT(512)); mincore_of("mincore.thp.zero-page", AT(505), 16 * PAGE); clear();
  anonymous(0, 8, RW);
  mincore_of("mincore.misaligned", AT(0) + 1, PAGE); mincore_of("mincore.misaligned-size", AT(0), PAGE + 1);
  mincore_of("mincore.nothing", AT(0), 0); mincore_of("mincore.nothing-unmapped", AT(64), 0);
  mincore_of("mincore.wraps", AT(0), -PAGE); mincore_of("mincore.kernel", (void *)(~0ul << 12), PAGE);
  mincore_of("mincore.unmapped", AT(64), PAGE); mincore_of("mincore.tagged", (void *)(BASE | 1ul << 56), PAGE);
  name("mincore.bad-vector"); column(sys(SYS_mincore, AT(0), PAGE, AT(64))); end();
  name("mincore.bad-vector-unmapped"); column(sys(SYS_mincore, AT(64), PAGE, AT(64))); end();
  name("mincore.kernel-vector"); column(sys(SYS_mincore, AT(0), PAGE, ~0ul << 12)); end(); clear();
}

int oracle_main(void) {
  memory_start();
  file = memfd("locked", 8);
  base_locked = status("VmLck:");
  anonymous_rows();
  kinds();
  later();
  forks();
  all();
  errors();
  residency();
  return 0;
}
