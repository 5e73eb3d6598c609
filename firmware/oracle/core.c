// What a core file holds of mappings of each kind under each coredump_filter, and of the vDSO. A row is a mapping and the size of its
// segment: whole, its first page, or nothing. It prints no address.
#include "tasks.h"

enum { SYS_prlimit64 = 261, SYS_chdir = 49, MAP_HUGETLB = 0x40000, MADV_DONTDUMP = 16, SIGSEGV_ = 11, PT_LOAD = 1 };
struct segment { u32 type, flags; u64 offset, address, physical, file_size, size, align; };

static char text[1 << 16], core[1 << 16], page[PAGE];
#define BASE 0x5000000000ul
#define HUGE (2ul << 20)

static void put_file(const char *path, const char *value) {
  u64 length = 0;
  while (value[length]) length++;
  s64 file = open_file(path, O_WRONLY, 0);
  sys(SYS_write, file, value, length);
  sys(SYS_close, file, 0, 0);
}
static void map_at(int slot, u64 size, int protection, int flags, s64 file, u64 offset) {
  sys6(SYS_mmap, BASE + slot * 8 * HUGE, size, protection, flags | MAP_FIXED, file, offset);
}
static void touch(int slot) { *(volatile char *)(BASE + slot * 8 * HUGE) = 1; }

static const char *const names[] = {
  "private", "private-untouched", "private-read-only", "no-access", "shared-anonymous", "private-file", "private-file-written",
  "private-file-second-page", "shared-file", "shared-deleted-file", "executable-file", "dont-dump", "hugetlb-private", "hugetlb-shared",
  "garbage-file",
};
static s64 elf, data, deleted, garbage;

static void make_mappings(void) {
  int rw = PROT_R | PROT_W, slot = 0;
  map_at(slot, 2 * PAGE, rw, MAP_PRIVATE | MAP_ANON, -1, 0); touch(slot++);
  map_at(slot++, 2 * PAGE, rw, MAP_PRIVATE | MAP_ANON, -1, 0);
  map_at(slot, 2 * PAGE, rw, MAP_PRIVATE | MAP_ANON, -1, 0); touch(slot);
  sys(SYS_mprotect, BASE + slot++ * 8 * HUGE, 2 * PAGE, PROT_R);
  map_at(slot++, 2 * PAGE, 0, MAP_PRIVATE | MAP_ANON, -1, 0);
  map_at(slot, 2 * PAGE, rw, MAP_SHARED | MAP_ANON, -1, 0); touch(slot++);
  map_at(slot++, 2 * PAGE, PROT_R, MAP_PRIVATE, elf, 0);
  map_at(slot, 2 * PAGE, rw, MAP_PRIVATE, elf, 0); touch(slot++);
  map_at(slot++, PAGE, PROT_R, MAP_PRIVATE, elf, PAGE);
  map_at(slot++, 2 * PAGE, PROT_R, MAP_SHARED, data, 0);
  map_at(slot, 2 * PAGE, rw, MAP_SHARED, deleted, 0); touch(slot++);
  map_at(slot++, 2 * PAGE, PROT_R | PROT_X, MAP_PRIVATE, elf, 0);
  map_at(slot, 2 * PAGE, rw, MAP_PRIVATE | MAP_ANON, -1, 0); touch(slot);
  sys(SYS_madvise, BASE + slot++ * 8 * HUGE, 2 * PAGE, MADV_DONTDUMP);
  map_at(slot, HUGE, rw, MAP_PRIVATE | MAP_ANON | MAP_HUGETLB, -1, 0); touch(slot++);
  map_at(slot, HUGE, rw, MAP_SHARED | MAP_ANON | MAP_HUGETLB, -1, 0); touch(slot++);
  map_at(slot++, 2 * PAGE, PROT_R, MAP_PRIVATE, garbage, 0);
}

/// The start of the mapping of which the line in maps ends in a name; 0 without one.
static u64 start_of(const char *name) {
  s64 length = read_whole("/proc/self/maps", text, sizeof text);
  u64 start = 0, value = 0;
  int is_start = 1, n = 0;
  while (name[n]) n++;
  for (s64 i = 0; i < length; i++) {
    char c = text[i];
    if (is_start) {
      if (c == '-') { start = value; is_start = 0; }
      else value = value * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
    }
    if (c == '\n') {
      int same_name = i >= n;
      for (int k = 0; same_name && k < n; k++) same_name = text[i - n + k] == name[k];
      if (same_name) return start;
      is_start = 1;
      value = 0;
    }
  }
  return 0;
}

static void size_row(const char *filter, const char *name, struct segment *found) {
  put(filter); put("\t"); put(name); put("\t");
  if (!found) put("missing");
  else {
    put(found->file_size == found->size ? "whole" : found->file_size == PAGE ? "page" : found->file_size ? "part" : "nothing");
    put("\t"); dec(found->flags);
  }
  put("\n");
}

static void dump(const char *filter) {
  put_file("/proc/self/coredump_filter", filter);
  s64 child = spawn();
  if (child == 0) {
    make_mappings();
    kill(getpid(), SIGSEGV_);
    leave(0);
  }
  int status = 0;
  wait4(child, &status, 0);
  put(filter); put("\tstatus\t"); dec(status); put("\n");
  s64 file = open_file("core", O_RDONLY, 0);
  s64 length = sys4(SYS_pread64, file, core, sizeof core, 0);
  if (length < 64) { put("no core\n"); return; }
  int count = *(u16 *)(core + 56);
  struct segment *segments = (struct segment *)(core + 64);
  for (u64 i = 0; i < sizeof names / sizeof *names; i++) {
    struct segment *found = 0;
    for (int k = 0; k < count; k++)
      if (segments[k].type == PT_LOAD && segments[k].address == BASE + i * 8 * HUGE) found = &segments[k];
    size_row(filter, names[i], found);
  }
  static const char *const special[] = {"[vdso]", "[vvar]", "[stack]", "[heap]"};
  for (int i = 0; i < 4; i++) {
    u64 start = start_of(special[i]);
    struct segment *found = 0;
    for (int k = 0; k < count; k++)
      if (segments[k].type == PT_LOAD && segments[k].address == start && start) found = &segments[k];
    size_row(filter, special[i], found);
    if (i == 0 && found) {
      int differs = 0;
      for (u64 at = 0; at < found->size; at += PAGE) {
        sys4(SYS_pread64, file, page, PAGE, found->offset + at);
        for (u64 c = 0; c < PAGE; c++) differs |= page[c] != ((char *)start)[at + c];
      }
      put(filter); put("\tvdso.contents\t"); put(differs ? "differ" : "equal"); put("\n");
    }
  }
  sys(SYS_close, file, 0, 0);
  sys(SYS_unlinkat, AT_FDCWD, "core", 0);
}

int guest_main(int argc, char **argv) {
  sys(SYS_mkdirat, AT_FDCWD, "/cores", 0755);
  sys(SYS_chdir, "/cores", 0, 0);
  put_file("/proc/sys/vm/nr_hugepages", "4");
  u64 limit[2] = {~0ul, ~0ul};
  sys4(SYS_prlimit64, 0, 4, limit, 0);
  sys(SYS_brk, sys(SYS_brk, 0, 0, 0) + PAGE, 0, 0);
  elf = open_file("/proc/self/exe", O_RDONLY, 0);
  data = open_file("/cores/data", O_RDWR | O_CREAT | O_TRUNC, 0644);
  deleted = open_file("/cores/deleted", O_RDWR | O_CREAT | O_TRUNC, 0644);
  garbage = open_file("/cores/garbage", O_RDWR | O_CREAT | O_TRUNC, 0644);
  sys(SYS_ftruncate, data, 2 * PAGE, 0);
  sys(SYS_ftruncate, deleted, 2 * PAGE, 0);
  sys(SYS_ftruncate, garbage, 2 * PAGE, 0);
  sys(SYS_unlinkat, AT_FDCWD, "/cores/deleted", 0);
  static const char *const filters[] = {"0x33", "0x0", "0x1", "0x2", "0x4", "0x8", "0x10", "0x20", "0x40", "0x1ff"};
  for (u64 i = 0; i < sizeof filters / sizeof *filters; i++) dump(filters[i]);
  put_file("/proc/sys/vm/nr_hugepages", "0");
  flush();
  return 0;
}
