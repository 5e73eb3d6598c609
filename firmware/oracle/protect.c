// The effects of mprotect on pages and mappings: faults afterwards, pages that become writable at once, splits and merges, errors.
#include "memory.h"

enum { PROT_GROWSDOWN = 0x01000000, PROT_GROWSUP = 0x02000000, PROT_SEM = 8, PROT_BTI = 0x10, PROT_MTE = 0x20 };

static void clear(void) { unmap(0, 4096); }

/// Faults of reading, then writing, then reading and writing again each of some pages.
static void accesses(u64 page, u64 count) {
  for (u64 i = 0; i < count; i++) { access(op_ldr, AT(page + i)); access(op_str, AT(page + i)); }
}

// Pages 0 to 7 of each row: two never touched, two read, two written, and two written and then made read-only.
static s64 file;  // a memfd of 16 pages, all written
static s64 host;  // a file of the root of 16 pages

static void touch_all(void) { look(AT(2), 2); fill(AT(4), 4); }
static void anonymous_pages(void) { anonymous(0, 8, RW); touch_all(); }
static void shared_pages(void) { mmap_at(AT(0), 8 * PAGE, RW, SHARED_ANON, -1, 0); touch_all(); }
static void memfd_pages(void) { mmap_at(AT(0), 8 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0); touch_all(); }
static void private_memfd_pages(void) { mmap_at(AT(0), 8 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, file, 0); touch_all(); }
static void private_file_pages(void) { mmap_at(AT(0), 8 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, host, 0); touch_all(); }
static void file_pages(void) { mmap_at(AT(0), 8 * PAGE, RW, MAP_SHARED | MAP_FIXED, host, 0); touch_all(); }

static const struct { const char *name; void (*prepare)(void); } kinds[] = {
  {"anonymous", anonymous_pages}, {"shared", shared_pages}, {"memfd", memfd_pages}, {"private-memfd", private_memfd_pages},
  {"private-file", private_file_pages}, {"file", file_pages}};
#define KINDS ((int)(sizeof kinds / sizeof *kinds))

/// Protections in turn, then a read and a write of each page.
static void sequence(const char *what, const int *protections, int count) {
  for (int kind = 0; kind < KINDS; kind++) {
    kinds[kind].prepare();
    put(kinds[kind].name); put("."); name(what);
    s64 before = minor_faults();
    for (int i = 0; i < count; i++) protect(0, 8, protections[i]);
    s64 faults = minor_faults() - before;
    column(faults); areas(0, 64); pages(AT(0), 8); accesses(0, 8); pages(AT(0), 8); end(); clear();
  }
}
#define SEQUENCE(what, ...) do { \
    static const int protections[] = {__VA_ARGS__}; \
    sequence(what, protections, (int)(sizeof protections / sizeof *protections)); \
  } while (0)

/// Each page alone, by a call of its own, so that only the pages' states differ.
static void one_by_one(void) {
  for (int kind = 0; kind < KINDS; kind++) {
    kinds[kind].prepare();
    put(kinds[kind].name); name(".each-read-only-and-back");
    for (int i = 0; i < 8; i++) { protect(i, 1, PROT_R); protect(i, 1, RW); }
    areas(0, 64); touch(op_str, AT(0), 2); touch(op_str, AT(2), 2); touch(op_str, AT(4), 4); end(); clear();
  }
}

static void mappings(void) {
#define SHAPE(what, page, count, protection) do { name(what); column(protect(page, count, protection)); areas(0, 64); end(); } while (0)
  anonymous(0, 8, RW);
  SHAPE("split.middle", 3, 2, PROT_R); SHAPE("split.same-again", 3, 2, PROT_R); SHAPE("grow.up", 5, 1, PROT_R);
  SHAPE("grow.down", 2, 1, PROT_R); SHAPE("shrink.first", 2, 1, RW);
  SHAPE("shrink.last", 5, 1, RW); SHAPE("merge.back", 3, 2, RW); SHAPE("split.first", 0, 1, PROT_R);
  SHAPE("split.last", 7, 1, PROT_R); SHAPE("all.read-only", 0, 8, PROT_R);
  SHAPE("all.none", 0, 8, 0); SHAPE("split.writable", 2, 4, RW); SHAPE("split.other", 6, 2, PROT_R);
  SHAPE("all.writable", 0, 8, RW); clear();
  anonymous(0, 8, RW); fill(AT(0), 8);
  SHAPE("written.split.middle", 3, 2, PROT_R); SHAPE("written.merge.back", 3, 2, RW); SHAPE("written.each.0", 0, 1, PROT_R);
  SHAPE("written.each.1", 2, 1, PROT_R);
  SHAPE("written.each.2", 4, 1, PROT_R); SHAPE("written.fill.1", 1, 1, PROT_R); SHAPE("written.fill.3", 3, 1, PROT_R);
  SHAPE("written.rest", 5, 3, PROT_R); SHAPE("written.across", 2, 4, RW); SHAPE("written.all", 0, 8, RW); clear();
  anonymous(0, 4, RW); anonymous(4, 4, PROT_R); SHAPE("two.to-first", 4, 4, RW); SHAPE("two.both", 0, 8, PROT_R); clear();
  anonymous(0, 4, RW); fill(AT(0), 4); anonymous(4, 4, PROT_R); look(AT(4), 4); SHAPE("two.one-written", 4, 4, RW); clear();
  anonymous(0, 4, RW); fill(AT(0), 4); anonymous(8, 4, RW); fill(AT(8), 4); anonymous(4, 4, PROT_R);
  SHAPE("bridge.untouched-between-written", 4, 4, RW); clear();
  anonymous(0, 4, RW); fill(AT(0), 4); anonymous(4, 4, PROT_R); protect(4, 4, RW); fill(AT(4), 4);
  SHAPE("merged.then-written", 2, 4, PROT_R); clear();
  mmap_at(AT(0), 4 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0);
  mmap_at(AT(4), 4 * PAGE, PROT_R, MAP_SHARED | MAP_FIXED, file, 4 * PAGE); SHAPE("file.adjacent-offsets", 4, 4, RW); clear();
  mmap_at(AT(0), 4 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0);
  mmap_at(AT(4), 4 * PAGE, PROT_R, MAP_SHARED | MAP_FIXED, file, 5 * PAGE); SHAPE("file.other-offsets", 4, 4, RW); clear();
  mmap_at(AT(0), 4 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0);
  mmap_at(AT(4), 4 * PAGE, PROT_R, MAP_PRIVATE | MAP_FIXED, file, 4 * PAGE); SHAPE("file.private-and-shared", 4, 4, RW); clear();
  mmap_at(AT(0), 4 * PAGE, RW, SHARED_ANON, -1, 0); mmap_at(AT(4), 4 * PAGE, PROT_R, SHARED_ANON, -1, 0);
  SHAPE("shared.of-two-calls", 4, 4, RW); SHAPE("shared.split", 1, 2, PROT_R); SHAPE("shared.back", 1, 2, RW); clear();
  anonymous(0, 3, RW); anonymous(5, 3, RW);
  SHAPE("hole.across", 0, 8, PROT_R); SHAPE("hole.begins", 3, 4, PROT_R); SHAPE("hole.ends", 1, 3, PROT_R); clear();
  SHAPE("nothing-mapped", 0, 4, PROT_R);
}

static void written_text(void) {
  u32 *code = (u32 *)AT(0);
  anonymous(0, 4, RW); code[0] = 0xd65f03c0;  // ret
  name("exec.write-then-exec"); access(op_exec, code); column(protect(0, 1, PROT_R | PROT_X)); access(op_exec, code);
  access(op_str, code); column(protect(0, 1, PROT_X)); access(op_exec, code); access(op_ldr, code);
  column(protect(0, 1, RW | PROT_X)); access(op_str, AT(0) + 64); access(op_exec, code); areas(0, 64); end();
  name("exec.untouched"); column(protect(1, 1, PROT_R | PROT_X)); access(op_exec, AT(1)); access(op_ldr, AT(1)); end();
  name("exec.only.untouched"); column(protect(2, 1, PROT_X)); access(op_ldr, AT(2)); access(op_str, AT(2)); pages(AT(0), 4); end();
  name("write-only"); column(protect(3, 1, PROT_W)); access(op_ldr, AT(3)); access(op_str, AT(3)); areas(0, 64); pages(AT(0), 4);
  end(); clear();
  anonymous(0, 1, PROT_X); name("exec.only.mapped"); access(op_ldr, AT(0)); access(op_exec, AT(0)); pages(AT(0), 1); end(); clear();
}

static void forks(void) {
  anonymous(0, 8, RW); fill(AT(0), 8);
  flush();
  s64 child = fork();
  if (!child) {
    warm(); output_length = 0;
    protect(0, 4, PROT_R); protect(0, 4, RW);
    name("fork.child.protected"); touch(op_str, AT(0), 4); end();
    name("fork.child.not-protected"); touch(op_str, AT(4), 4); end(); quit(0);
  }
  wait_for(child); warm();
  protect(0, 4, PROT_R); protect(0, 4, RW);
  name("fork.parent.protected"); touch(op_str, AT(0), 4); end();
  name("fork.parent.not-protected"); touch(op_str, AT(4), 4); end(); clear();
}

#define ERROR(what, address, size, protection) do { \
    name(what); column(sys(SYS_mprotect, address, size, protection)); areas(0, 64); end(); \
  } while (0)
static void errors(void) {
  u64 base = BASE;
  s64 read_only = open_file("/proc/self/exe", O_RDONLY, 0);
  mmap_at(AT(0), PAGE, PROT_R, MAP_SHARED | MAP_FIXED, read_only, 0); name("read-only-file.shared"); column(protect(0, 1, RW));
  column(protect(0, 1, PROT_R | PROT_X)); column(protect(0, 1, 0)); column(protect(0, 1, PROT_W)); end(); clear();
  mmap_at(AT(0), PAGE, PROT_R, MAP_PRIVATE | MAP_FIXED, read_only, 0); name("read-only-file.private"); column(protect(0, 1, RW));
  access(op_str, AT(0) + 0x800); end(); clear();
  anonymous(0, 2, RW); mmap_at(AT(2), PAGE, PROT_R, MAP_SHARED | MAP_FIXED, read_only, 0); anonymous(3, 2, PROT_R);
  name("read-only-file.in-the-middle"); column(protect(0, 5, PROT_W)); for (int i = 0; i < 5; i++) access(op_str, AT(i)); end();
  name("read-only-file.from-it"); column(protect(2, 3, RW)); for (int i = 3; i < 5; i++) access(op_str, AT(i)); end(); clear();
  sys(SYS_close, read_only, 0, 0);
  anonymous(0, 8, RW);
  ERROR("error.misaligned", base + 1, PAGE, PROT_R);
  ERROR("error.nothing", base, 0, PROT_R);
  ERROR("error.nothing-unmapped", base + 64 * PAGE, 0, PROT_R);
  ERROR("error.nothing-misaligned", base + 1, 0, PROT_R);
  ERROR("error.wraps", base, -PAGE, PROT_R);
  ERROR("error.size-wraps-to-nothing", base, -1ul, PROT_R);
  ERROR("error.unmapped", base + 64 * PAGE, PAGE, PROT_R);
  ERROR("error.kernel", ~0ul << 12, PAGE, PROT_R);
  ERROR("error.noncanonical", 1ul << 54, PAGE, PROT_R);
  ERROR("error.unknown-bit", base, PAGE, 0x40);
  ERROR("error.unknown-bit-unmapped", base + 64 * PAGE, PAGE, 0x40);
  ERROR("error.unknown-bit-nothing", base, 0, 0x40);
  ERROR("error.negative", base, PAGE, -1);
  ERROR("error.growsdown", base, PAGE, PROT_R | PROT_GROWSDOWN);
  ERROR("error.growsup", base, PAGE, PROT_R | PROT_GROWSUP);
  ERROR("error.growsdown-and-up", base, PAGE, PROT_R | PROT_GROWSDOWN | PROT_GROWSUP);
  ERROR("error.growsdown-unmapped", base + 64 * PAGE, PAGE, PROT_R | PROT_GROWSDOWN);
  ERROR("semaphores", base, PAGE, RW | PROT_SEM);
  ERROR("rounded-up", base, 1, PROT_R);
  ERROR("tagged", base | 1ul << 56, PAGE, RW);
  clear();
}

int oracle_main(void) {
  memory_start();
  file = memfd("protected", 16);
  host = open_file("/protected", O_RDWR | O_CREAT | O_TRUNC, 0600);
  static char block[16 * PAGE];
  for (u64 i = 0; i < sizeof block; i++) block[i] = 1;
  sys4(SYS_pwrite64, file, block, sizeof block, 0);
  sys4(SYS_pwrite64, host, block, sizeof block, 0);
  SEQUENCE("none", 0);
  SEQUENCE("read-only", PROT_R);
  SEQUENCE("none-and-back", 0, RW);
  SEQUENCE("read-only-and-back", PROT_R, RW);
  SEQUENCE("none-then-read-only", 0, PROT_R);
  SEQUENCE("exec", RW | PROT_X);
  SEQUENCE("read-exec-and-back", PROT_R | PROT_X, RW);
  SEQUENCE("read-only-none-and-back", PROT_R, 0, RW);
  SEQUENCE("write-only", PROT_W);
  SEQUENCE("exec-only-and-back", PROT_X, RW);
  SEQUENCE("unchanged", RW);
  one_by_one();
  mappings();
  written_text();
  forks();
  errors();
  sys(SYS_unlinkat, AT_FDCWD, "/protected", 0);
  return 0;
}
