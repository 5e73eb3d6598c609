// What a mapping may become: the rights that a file's descriptor, its seals or its kind leave to mmap and mprotect. A row is a
// mapping: its result, the flags that smaps prints, and what mprotect answers for each protection.
#include "memory.h"

enum { F_ADD_SEALS = 1033, MFD_ALLOW_SEALING = 2, MFD_HUGETLB = 4, MFD_NOEXEC_SEAL = 8 };
enum { SEAL_SHRINK = 2, SEAL_GROW = 4, SEAL_WRITE = 8, SEAL_FUTURE_WRITE = 16 };

/// The flags that /proc/self/smaps prints for the mapping at an address.
static void flags_of(void *address) {
  const char *block = smaps_block(address), *line = block;
  put("\t");
  if (!block) { put("none"); return; }
  while (*line && !(line[0] == 'V' && line[1] == 'm' && line[2] == 'F')) { while (*line && *line++ != '\n') {} }
  for (line += 9; *line && *line != '\n'; line++) if (line[1] != '\n' || *line != ' ') output[output_length++] = *line == ' ' ? '.' : *line;
}

static u64 size = PAGE;

static void row(const char *what, const char *how, s64 file, int protection, int flags) {
  name(what); put("."); put(how); put(flags & MAP_SHARED ? ".shared" : ".private");
  if (flags == (MAP_SHARED_VALIDATE | MAP_FIXED)) put("-validate");
  put("."); dec(protection);
  s64 result = mmap_at(AT(0), size, protection, flags | MAP_FIXED, file, 0);
  place(result);
  if (result == (s64)BASE) {
    flags_of(AT(0));
    static const int protections[] = {0, PROT_R, PROT_W, RW, PROT_X, RW | PROT_X};
    for (int i = 0; i < 6; i++) column(sys(SYS_mprotect, AT(0), size, protections[i]));
    flags_of(AT(0));
    sys(SYS_mprotect, AT(0), size, protection);
    read_at(AT(0)); write_at(AT(0));
    sys(SYS_munmap, AT(0), size, 0);
  }
  end();
}

static void rows(const char *what, const char *how, s64 file) {
  name(what); put("."); put(how); put(".open"); column(file < 0 ? file : 0); end();
  static const int protections[] = {0, PROT_R, PROT_W, RW, PROT_R | PROT_X};
  for (int i = 0; i < 5; i++) {
    row(what, how, file, protections[i], MAP_SHARED);
    row(what, how, file, protections[i], MAP_PRIVATE);
  }
  row(what, how, file, RW, MAP_SHARED_VALIDATE | MAP_FIXED);
}

static void modes(const char *what, const char *path) {
  static const char *const names[] = {"read", "write", "both"};
  for (int mode = 0; mode < 3; mode++) {
    s64 file = open_file(path, mode, 0);
    rows(what, names[mode], file);
    sys(SYS_close, file, 0, 0);
  }
}

/// A sealed file, and one that is mapped before its seals come.
static void sealed(const char *what, int kind, int seals) {
  s64 file = sys(SYS_memfd_create, "sealed", MFD_ALLOW_SEALING | kind, 0);
  sys(SYS_ftruncate, file, size, 0);
  name(what); put(".seal"); column(sys(SYS_fcntl, file, F_ADD_SEALS, seals)); end();
  rows(what, "both", file);
  s64 again = open_file(path_of(file), O_RDONLY, 0);
  rows(what, "again-read", again);
  sys(SYS_close, again, 0, 0); sys(SYS_close, file, 0, 0);
  static const struct { const char *name; int protection, flags; } before[] = {
    {"none", 0, MAP_SHARED}, {"read", PROT_R, MAP_SHARED}, {"write", RW, MAP_SHARED}, {"private", RW, MAP_PRIVATE}};
  for (int i = 0; i < 4; i++) {
    file = sys(SYS_memfd_create, "sealed", MFD_ALLOW_SEALING | kind, 0);
    sys(SYS_ftruncate, file, size, 0);
    mmap_at(AT(0), size, before[i].protection, before[i].flags | MAP_FIXED, file, 0);
    name(what); put(".mapped-before."); put(before[i].name);
    column(sys(SYS_fcntl, file, F_ADD_SEALS, seals));
    flags_of(AT(0));
    column(sys(SYS_mprotect, AT(0), size, PROT_R)); column(sys(SYS_mprotect, AT(0), size, RW));
    write_at(AT(0));
    column(sys4(SYS_pwrite64, file, "x", 1, 8)); column(sys4(SYS_fallocate, file, 3, 0, size));
    column(sys(SYS_ftruncate, file, 0, 0)); column(sys(SYS_ftruncate, file, 2 * size, 0));
    end();
    sys(SYS_munmap, AT(0), size, 0); sys(SYS_close, file, 0, 0);
  }
}

int oracle_main(void) {
  memory_start();
  sys(SYS_mkdirat, AT_FDCWD, "/devices", 0755);
  sys6(SYS_mount, (s64)"devices", (s64)"/devices", (s64)"devtmpfs", 0, 0, 0);
  modes("zero", "/devices/zero");
  modes("null", "/devices/null");
  s64 file = open_file("/tmp/rights", O_CREAT | O_RDWR, 0600);
  sys(SYS_ftruncate, file, PAGE, 0); sys(SYS_close, file, 0, 0);
  modes("tmpfs", "/tmp/rights");
  file = open_file("/rights", O_CREAT | O_RDWR, 0600);
  sys(SYS_ftruncate, file, PAGE, 0); sys(SYS_close, file, 0, 0);
  modes("ramfs", "/rights");
  file = memfd("rights", 1);
  modes("memfd", path_of(file));
  sys(SYS_close, file, 0, 0);
  file = sys(SYS_memfd_create, "rights", MFD_NOEXEC_SEAL, 0);
  sys(SYS_ftruncate, file, PAGE, 0);
  modes("memfd-noexec", path_of(file));
  sys(SYS_close, file, 0, 0);
  modes("directory", "/tmp");
  modes("status", "/proc/self/status");
  int ends[2];
  sys(SYS_pipe2, ends, 0, 0);
  rows("pipe", "read", ends[0]);
  rows("pipe", "write", ends[1]);
  file = open_file("/tmp/rights", 010000000, 0);  // O_PATH
  rows("tmpfs", "path", file);
  sys(SYS_close, file, 0, 0);
  sealed("write", 0, SEAL_WRITE);
  sealed("future", 0, SEAL_FUTURE_WRITE);
  sealed("both", 0, SEAL_WRITE | SEAL_FUTURE_WRITE);
  sealed("size", 0, SEAL_SHRINK | SEAL_GROW);
  // Pages of the pool.
  s64 setting = open_file("/proc/sys/vm/nr_hugepages", O_WRONLY, 0);
  sys(SYS_write, setting, "4", 1);
  size = HUGE;
  file = sys(SYS_memfd_create, "huge", MFD_HUGETLB, 0);
  sys(SYS_ftruncate, file, HUGE, 0);
  modes("huge", path_of(file));
  sys(SYS_close, file, 0, 0);
  sealed("huge-write", MFD_HUGETLB, SEAL_WRITE);
  sealed("huge-future", MFD_HUGETLB, SEAL_FUTURE_WRITE);
  sys(SYS_write, setting, "0", 1);
  return 0;
}
