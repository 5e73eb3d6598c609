// costs ROW SIZE CALLS: makes SIZE objects of one kind, and then CALLS calls whose cost should not grow with SIZE. It prints the
// last call's result. Two runs that differ only in CALLS show the cost of a call.
#include "guest.h"

enum {
  SYS_dup = 23, SYS_chdir = 49, SYS_getdents64 = 61, SYS_ppoll = 73, SYS_getpgid = 155, SYS_prlimit64 = 261, O_DIRECTORY = 040000,
  SEEK_DATA = 3, FUTEX_WAKE = 1, WNOHANG = 1,
};

static u64 size, calls;
static char *areas[1 << 17];
static char buffer[1 << 16];

/// A number that visits [0, limit) out of order.
static u64 scattered(u64 call, u64 limit) { return limit ? (call * 0x9e3779b97f4a7c15ul >> 20) % limit : 0; }

static char *page_of_its_own(u64 index) {
  return (char *)sys6(SYS_mmap, 0, PAGE, index & 1 ? PROT_R | PROT_W : PROT_R, MAP_PRIVATE | MAP_ANON, -1, 0);
}
static void make_areas(void) { for (u64 index = 0; index < size; index++) areas[index] = page_of_its_own(index); }
static s64 memfd(void) { return sys(SYS_memfd_create, "costs", 0, 0); }

/// The name of the file with a number, in /tmp.
static const char *name_of(u64 number) {
  static char name[] = "/tmp/f000000";
  for (int digit = 11; digit > 5; digit--, number /= 10) name[digit] = '0' + number % 10;
  return name;
}
static s64 make_file(u64 number) { return sys(SYS_close, open_file(name_of(number), O_RDWR | O_CREAT, 0600), 0, 0); }
static void make_files(void) { for (u64 index = 0; index < size; index++) make_file(index); }

/// Processes that wait for a byte which never comes.
static void make_tasks(void) {
  int ends[2];
  sys(SYS_pipe2, ends, 0, 0);
  for (u64 index = 0; index < size; index++) if (!fork()) { sys(SYS_read, ends[0], buffer, 1); quit(0); }
}

// MARK: Rows: the objects and one call.

static s64 map_and_unmap(u64 call) { char *at = page_of_its_own(call + size); return sys(SYS_munmap, at, PAGE, 0); }
static s64 fault(u64 call) {
  char *at = areas[scattered(call, size) | 1];
  sys(SYS_madvise, at, PAGE, MADV_DONTNEED);
  return *(volatile char *)at = 1;
}
static s64 protect(u64 call) { return sys(SYS_mprotect, areas[scattered(call, size)], PAGE, PROT_R | PROT_X * (call & 1)); }
/// Every mapping changes.
static s64 advise_all(u64 call) {
  return sys(SYS_madvise, areas[size - 1], areas[0] + PAGE - areas[size - 1], call & 1 ? MADV_NORMAL : MADV_RANDOM);
}
static s64 lock_all(u64 call) { return call & 1 ? sys(SYS_munlockall, 0, 0, 0) : sys(SYS_mlockall, 5, 0, 0); }
static s64 read_start(const char *path) {
  s64 file = open_file(path, O_RDONLY, 0), count = sys(SYS_read, file, buffer, 100);
  sys(SYS_close, file, 0, 0);
  return count;
}
static s64 maps_start(u64 call) { return read_start("/proc/self/maps"); }
static s64 smaps_start(u64 call) { return read_start("/proc/self/smaps"); }
static s64 statm(u64 call) { return read_start("/proc/self/statm"); }
static s64 smaps_whole(u64 call) {
  s64 file = open_file("/proc/self/smaps", O_RDONLY, 0), count, all = 0;
  while ((count = sys(SYS_read, file, buffer, sizeof buffer)) > 0) all += count;
  sys(SYS_close, file, 0, 0);
  return all;
}

static void make_descriptors(void) {
  u64 limits[2] = {1 << 20, 1 << 20};
  sys4(SYS_prlimit64, 0, 7, limits, 0);
  for (u64 index = 0; index < size; index++) sys(SYS_dup, 1, 0, 0);
}
static s64 close_and_dup(u64 call) { sys(SYS_close, 3 + (call & 1), 0, 0); return sys(SYS_dup, 1, 0, 0); }
static s64 create_and_unlink(u64 call) { make_file(999999); return sys(SYS_unlinkat, AT_FDCWD, name_of(999999), 0); }
static s64 unlink_oldest(u64 call) { return sys(SYS_unlinkat, AT_FDCWD, name_of(call % size), 0); }
static s64 list_start(const char *path) {
  s64 file = open_file(path, O_RDONLY | O_DIRECTORY, 0), count = sys(SYS_getdents64, file, buffer, 256);
  sys(SYS_close, file, 0, 0);
  return count;
}
static s64 list_files(u64 call) { return list_start("/tmp"); }
static s64 list_tasks(u64 call) { return list_start("/proc"); }
static s64 list_descriptors(u64 call) { return list_start("/proc/self/fd"); }

static s64 wake_nobody(u64 call) { return sys(SYS_futex, buffer, FUTEX_WAKE, 1); }
static s64 group_of(u64 call) { return sys(SYS_getpgid, sys(SYS_getpid, 0, 0, 0), 0, 0); }
static s64 wait_for_nobody(u64 call) { return sys4(SYS_wait4, 999, 0, WNOHANG, 0); }
static s64 wait_for_any(u64 call) { return sys4(SYS_wait4, -1, 0, WNOHANG, 0); }
static int pipe_ends[2];
static void make_pipe(void) { make_tasks(); sys(SYS_pipe2, pipe_ends, 0, 0); }
static s64 write_and_read(u64 call) { sys(SYS_write, pipe_ends[1], buffer, 1); return sys(SYS_read, pipe_ends[0], buffer, 1); }

/// One page of a file, mapped many times. The calls concern another page of the file.
static s64 file;
static void make_mappings(void) {
  file = memfd();
  sys(SYS_ftruncate, file, 1 << 20, 0);
  for (u64 index = 0; index < size; index++)
    areas[index] = (char *)sys6(SYS_mmap, 0, PAGE, index & 1 ? PROT_R : PROT_R | PROT_W, MAP_SHARED, file, 0);
  if (size) areas[0][0] = 1;
  for (u64 index = 0; index < size; index++) *(volatile char *)areas[index];
}
static s64 punch_another(u64 call) { sys4(SYS_pwrite64, file, "x", 1, PAGE); return sys4(SYS_fallocate, file, 3, PAGE, PAGE); }
static s64 punch_mapped(u64 call) { sys4(SYS_pwrite64, file, "x", 1, 0); return sys4(SYS_fallocate, file, 3, 0, PAGE); }

static void make_sparse(void) {
  file = memfd();
  sys(SYS_ftruncate, file, 1ul << 45, 0);
  for (u64 index = 0; index < size; index++) sys4(SYS_pwrite64, file, "x", 1, index << 21);
}
static s64 seek_data(u64 call) { return sys(SYS_lseek, file, (scattered(call, size) << 21) + 5 * PAGE, SEEK_DATA) > 0; }

/// 2^46 bytes of address space without a page.
static void make_hole(void) {
  areas[0] = (char *)sys6(SYS_mmap, 0, 1ul << 46, 0, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);
}
static s64 drop_hole(u64 call) { return sys(SYS_madvise, areas[0], 1ul << 46, MADV_DONTNEED); }
static s64 protect_hole(u64 call) { return sys(SYS_mprotect, areas[0], 1ul << 46, call & 1 ? 0 : PROT_X); }
static s64 move_hole(u64 call) {
  areas[0] = (char *)sys6(SYS_mremap, (s64)areas[0], 1ul << 46, 1ul << 46, 3, (1ul << 40) + ((call & 1) << 46), 0);
  return (u64)areas[0] > -PAGE;
}
static s64 map_hole(u64 call) { sys(SYS_munmap, areas[0], 1ul << 46, 0); make_hole(); return 0; }

static const struct { const char *name; void (*make)(void); s64 (*call)(u64); } rows[] = {
  {"mmap", make_areas, map_and_unmap},
  {"fault", make_areas, fault},
  {"mprotect", make_areas, protect},
  {"madvise-all", make_areas, advise_all},
  {"mlockall", make_areas, lock_all},
  {"maps-start", make_areas, maps_start},
  {"smaps-start", make_areas, smaps_start},
  {"smaps-whole", make_areas, smaps_whole},
  {"statm", make_areas, statm},
  {"dup", make_descriptors, close_and_dup},
  {"list-descriptors", make_descriptors, list_descriptors},
  {"create", make_files, create_and_unlink},
  {"unlink", make_files, unlink_oldest},
  {"list-files", make_files, list_files},
  {"list-tasks", make_tasks, list_tasks},
  {"wake", make_tasks, wake_nobody},
  {"getpgid", make_tasks, group_of},
  {"wait", make_tasks, wait_for_nobody},
  {"wait-any", make_tasks, wait_for_any},
  {"pipe", make_pipe, write_and_read},
  {"punch-another", make_mappings, punch_another},
  {"punch-mapped", make_mappings, punch_mapped},
  {"seek-data", make_sparse, seek_data},
  {"madvise-hole", make_hole, drop_hole},
  {"mprotect-hole", make_hole, protect_hole},
  {"mremap-hole", make_hole, move_hole},
  {"munmap-hole", make_hole, map_hole},
};

int guest_main(int argc, char **argv) {
  if (argc != 4) { put("usage: costs ROW SIZE CALLS\n"); return 2; }
  size = number(argv[2]);
  calls = number(argv[3]);
  if (size >= 1 << 17) { put("no more than 131071\n"); return 2; }
  for (u64 row = 0; row < sizeof rows / sizeof *rows; row++) if (same(argv[1], rows[row].name)) {
    rows[row].make();
    s64 last = 0;
    for (u64 call = 0; call < calls; call++) last = rows[row].call(call);
    put(argv[1]); put("\t"); dec(size); put("\t"); dec(calls); put("\t"); dec(last); put("\n");
    return 0;
  }
  put("no such row\n");
  return 2;
}
