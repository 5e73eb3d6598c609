// mremap that grows a mapping in place towards another one: with which neighbours the grown mapping merges, by the kind of memory,
// by which of them was written, and by the processes that share their pages.
#include "memory.h"

enum { PRIVATE, SHARED, FILE_SHARED, FILE_PRIVATE, FILE_ELSEWHERE, KINDS };
static const char *const kind_names[] = {"private", "shared", "file-shared", "file-private", "file-elsewhere"};
static s64 file;

/// A mapping of a kind. The pages of a file are those of the place, except in one kind.
static void area(int kind, u64 page, u64 count, int protection) {
  switch (kind) {
  case PRIVATE: anonymous(page, count, protection); break;
  case SHARED: mmap_at(AT(page), count * PAGE, protection, SHARED_ANON, -1, 0); break;
  case FILE_SHARED: mmap_at(AT(page), count * PAGE, protection, MAP_SHARED | MAP_FIXED, file, page * PAGE); break;
  case FILE_PRIVATE: mmap_at(AT(page), count * PAGE, protection, MAP_PRIVATE | MAP_FIXED, file, page * PAGE); break;
  default: mmap_at(AT(page), count * PAGE, protection, MAP_SHARED | MAP_FIXED, file, (page ? page + 3 : 0) * PAGE);
  }
}
static void clear(void) { unmap(0, 64); }

static void grow(u64 page, u64 count, u64 new_count, int flags) {
  s64 before = minor_faults();
  s64 result = sys4(SYS_mremap, AT(page), count * PAGE, new_count * PAGE, flags);
  s64 faults = minor_faults() - before;
  place(result); column(faults); areas(0, 64); pages(AT(0), 16);
  column(status("VmLck:"));
}

/// A lower mapping [0, 4), and an upper one [8, 12), either of which may be written. The lower one grows.
static void between(int kind, int written, u64 growth, int forked) {
  area(kind, 0, 4, RW);
  area(kind, 8, 4, RW);
  if (written & 1) fill(AT(0), 4);
  if (written & 2) fill(AT(8), 4);
  name("between."); put(kind_names[kind]);
  put(written & 1 ? ".w" : "."); put(written & 2 ? "w" : "."); put("."); dec(growth); put(forked ? ".child" : "");
  flush();
  s64 child = forked ? fork() : 0;
  if (child == 0) {
    if (forked) warm();
    grow(0, 4, 4 + growth, 0); end();
    if (forked) quit(0);
  } else {
    wait_for(child);
    warm();
  }
  clear();
}

/// What becomes of a mapping with a neighbour on each side: [0, 4) and [4, 8) did not merge when they could, [8, 12) is free.
static void with_lower(int written, int upper_written) {
  anonymous(0, 4, RW); anonymous(4, 4, PROT_R); anonymous(12, 4, RW);
  if (written & 1) fill(AT(0), 4);
  protect(4, 4, PROT_R | PROT_X); protect(4, 4, RW | PROT_X);
  if (written & 2) fill(AT(4), 4);
  if (upper_written) fill(AT(12), 4);
  name("lower."); put(written & 1 ? "w" : "."); put(written & 2 ? "w" : "."); put(upper_written ? "w" : ".");
  s64 result = protect(4, 4, RW);
  column(result); areas(0, 64);
  grow(4, 4, 8, 0); end();
  clear();
}

/// Neighbours that differ in one thing.
static void differing(const char *what, int protection, int advice, int flags) {
  anonymous(0, 4, RW);
  mmap_at(AT(8), 4 * PAGE, protection, ANON | flags, -1, 0);
  sys(SYS_madvise, AT(8), 4 * PAGE, MADV_NOHUGEPAGE);
  if (advice >= 0) advise(8, 4, advice);
  name("differing."); put(what);
  grow(0, 4, 8, 0); end();
  clear();
}

int oracle_main(void) {
  memory_start();
  names_hidden = 1;
  file = memfd("grow", 64);
  for (int kind = 0; kind < KINDS; kind++)
    for (int written = 0; written < 4; written++) {
      between(kind, written, 4, 0);
      if (written == 0 || written == 3) { between(kind, written, 3, 0); between(kind, written, 5, 0); }
      between(kind, written, 4, 1);
    }
  for (int written = 0; written < 4; written++) for (int upper = 0; upper < 2; upper++) with_lower(written, upper);
  differing("nothing", RW, -1, 0);
  differing("read-only", PROT_R, -1, 0);
  differing("sequential", RW, MADV_SEQUENTIAL, 0);
  differing("dontfork", RW, MADV_DONTFORK, 0);
  differing("huge", RW, MADV_HUGEPAGE, 0);
  differing("noreserve", RW, -1, MAP_NORESERVE);
  differing("locked", RW, -1, MAP_LOCKED);
  differing("down", RW, -1, MAP_GROWSDOWN);
  // The tail of a mapping, and a mapping whose tail only is asked to grow.
  anonymous(0, 4, RW); anonymous(8, 4, RW); fill(AT(0), 4); name("tail"); grow(2, 2, 6, 0); end(); clear();
  anonymous(0, 4, RW); anonymous(8, 4, RW); name("tail.maymove"); grow(3, 1, 5, MREMAP_MAYMOVE); end(); clear();
  // Locked memory that grows up to locked memory.
  anonymous(0, 4, RW); anonymous(8, 4, RW); sys(SYS_mlock, AT(0), 4 * PAGE, 0); sys(SYS_mlock, AT(8), 4 * PAGE, 0);
  name("locked"); grow(0, 4, 8, 0); end(); clear();
  // Moved memory keeps the offset of its first place, so it merges only where it came from.
  anonymous(0, 4, RW); fill(AT(0), 4);
  sys6(SYS_mremap, (s64)AT(0), 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (s64)AT(16), 0);
  anonymous(24, 4, RW);
  name("moved"); grow(16, 4, 8, 0); end(); clear();
  anonymous(0, 12, RW); fill(AT(0), 12); unmap(4, 4);
  name("hole.of-one"); grow(0, 4, 8, 0); end(); clear();
  // Then it is split again.
  anonymous(0, 4, RW); anonymous(8, 4, RW); fill(AT(8), 4);
  name("again"); grow(0, 4, 8, 0); protect(2, 8, PROT_R); areas(0, 64); protect(2, 8, RW); areas(0, 64); end(); clear();
  return 0;
}
