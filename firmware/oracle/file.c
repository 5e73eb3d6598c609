// A regular file of the root, which is not shared memory, and one of a tmpfs: the questions of mapped.h, holes as major faults,
// resident pages by kind, and the program's own text.
#include "mapped.h"

static s64 create_at(const char *path, u64 size) {
  s64 descriptor = open_file(path, O_CREAT | O_TRUNC | O_RDWR, 0600);
  sys(SYS_ftruncate, descriptor, size, 0);
  return descriptor;
}
static s64 create_in_root(u64 size) { return create_at("/oracle-data", size); }
static s64 create_in_tmp(u64 size) { return create_at("/tmp/oracle-data", size); }

static const char *const fields[] = {
  "Rss", "Shared_Clean", "Shared_Dirty", "Private_Clean", "Private_Dirty", "Anonymous", "Swap", "Locked",
};
/// The fields of smaps for a mapping, in kB, and its pages.
static void smaps_row(const char *name, const char *step, char *area, u64 pages) {
  cell(name);
  cell(step);
  for (int i = 0; i < COUNT(fields); i++) cell_dec(smaps_of(area, pages * PAGE, fields[i]));
  cell_pages(area, pages);
  end_row();
}

static void residents(const char *name) {
  enum { PAGES = 24 };
  file = create(PAGES * PAGE);
  fill(0, PAGES);
  char *private = map_at(place, PAGES, RW, MAP_PRIVATE, 0);
  smaps_row(name, "nothing", private, PAGES);
  touch_with("ldr", private);
  smaps_row(name, "one read", private, PAGES);
  touch_with("ldadd", private + PAGE);
  touch_with("str", private + 20 * PAGE);
  smaps_row(name, "two written", private, PAGES);
  char *shared = map_at(place + 64 * PAGE, PAGES, RW, MAP_SHARED, 0);
  touch_with("ldr", shared + 3 * PAGE);
  touch_with("str", shared + 4 * PAGE);
  touch_with("str", shared + 17 * PAGE);
  smaps_row(name, "beside a shared one", private, PAGES);
  smaps_row(name, "the shared one", shared, PAGES);
  sys(SYS_madvise, shared, PAGES * PAGE, MADV_DONTNEED);
  smaps_row(name, "shared dropped", shared, PAGES);
  smaps_row(name, "the private one", private, PAGES);
  sys(SYS_madvise, private, 8 * PAGE, MADV_DONTNEED);
  smaps_row(name, "private dropped in part", private, PAGES);
  sys(SYS_mprotect, private + 18 * PAGE, 4 * PAGE, PROT_R);
  smaps_row(name, "private protected in part", private, 18);
  smaps_row(name, "private protected in part", private + 18 * PAGE, 4);
  smaps_row(name, "private protected in part", private + 22 * PAGE, 2);
  sys(SYS_ftruncate, file, 19 * PAGE, 0);
  smaps_row(name, "truncated", private, PAGES);
  unmap();
  sys(SYS_close, file, 0, 0);
}

/// An access whose value is not printed, because a program's bytes depend on its compiler.
static void access_row(const char *name, const char *instruction, char *address) {
  cell(name);
  cell(instruction);
  cell_access(instruction, address);
  end_row();
}

/// The program's own file, mapped again, and run.
static void own_text(void) {
  file = open_file("/proc/self/exe", O_RDONLY, 0);
  enum { PAGES = 6 };
  char *text = map_at(place + 3 * PAGE, PAGES, PROT_R | PROT_X, MAP_PRIVATE, 0);
  access_row("own file, read", "ldrb", text);
  access_row("next page", "ldr", text + PAGE);
  sys(SYS_madvise, text, PAGES * PAGE, MADV_DONTNEED);
  access_row("dropped, read", "ldp", text + 2 * PAGE);
  access_row("stored to", "str", text);
  access_row("added to", "ldadd", text + PAGE);
  result("made writable", sys(SYS_mprotect, text, PAGES * PAGE, RW));
  access_row("stored to", "str", text + 3 * PAGE);
  access_row("added to", "ldadd", text + 4 * PAGE);
  access_row("run where it may not", "exec", text + 4 * PAGE);
  unmap();
  s64 writing = open_file("/proc/self/exe", O_WRONLY, 0);
  result("open to write while it runs", writing);
  sys(SYS_close, file, 0, 0);

  // A file whose pages each hold one instruction: ret.
  u32 ret = 0xd65f03c0;
  file = create(32 * PAGE);
  for (u64 page = 0; page < 32; page++) sys4(SYS_pwrite64, file, &ret, 4, page * PAGE + 0x100);
  char *code = map_at(place, 32, PROT_R | PROT_X, MAP_PRIVATE, 0);
  facts("run", "exec", code + 0x100);
  facts("run beside it", "exec", code + PAGE + 0x100);
  facts("read beside it", "ldr", code + 2 * PAGE + 0x100);
  facts("read far from it", "ldr", code + 20 * PAGE + 0x100);
  facts("run there", "exec", code + 21 * PAGE + 0x100);
  sys(SYS_mprotect, code, 32 * PAGE, PROT_R);
  facts("run where it may not", "exec", code + 0x100);
  sys(SYS_mprotect, code, 32 * PAGE, PROT_X);
  facts("run where it may not be read", "exec", code + 0x100);
  facts("read where it may not be read", "ldr", code + 0x100);
  sys(SYS_mprotect, code, 32 * PAGE, PROT_R | PROT_W | PROT_X);
  facts("stored to", "str", code + 0x110);
  facts("run after the copy", "exec", code + 0x100);
  unmap();
  code = map_at(place, 32, PROT_R | PROT_X, MAP_SHARED, 0);
  facts("shared, run", "exec", code + 5 * PAGE + 0x100);
  facts("shared, run beside it", "exec", code + 15 * PAGE + 0x100);
  unmap();
  code = map_at(place, 32, PROT_X, MAP_PRIVATE, 0);
  facts("execute-only, run", "exec", code + 5 * PAGE + 0x100);
  facts("execute-only, read", "ldr", code + 5 * PAGE + 0x100);
  facts("execute-only, read first", "ldr", code + 20 * PAGE + 0x100);
  unmap();
  sys(SYS_close, file, 0, 0);
}

/// A file that was opened only for reading.
static void read_only_file(const char *name, const char *path) {
  cell(name); end_row();
  sys(SYS_close, create_at(path, 0), 0, 0);
  file = open_file(path, O_RDWR, 0);
  sys(SYS_ftruncate, file, 4 * PAGE, 0);
  fill(0, 4);
  sys(SYS_close, file, 0, 0);
  file = open_file(path, O_RDONLY, 0);
  result("read-only, map shared to write", (s64)map_at(place, 4, RW, MAP_SHARED, 0));
  result("read-only, map shared", failed(map_at(place, 4, PROT_R, MAP_SHARED, 0)));
  facts("read-only, shared", "ldadd", place + 0x100);
  result("read-only, make it writable", sys(SYS_mprotect, place, PAGE, RW));
  result("read-only, make it executable", sys(SYS_mprotect, place, PAGE, PROT_R | PROT_X));
  result("read-only, map private", failed(map_at(place, 4, RW, MAP_PRIVATE, 0)));
  facts("read-only, private", "ldadd", place + 0x100);
  facts("read-only, private", "str", place + 2 * PAGE + 0x100);
  facts("read-only, private", "ldr", place + 3 * PAGE + 0x100);
  result("read-only, truncate", sys(SYS_ftruncate, file, 0, 0));
  result("read-only, write", sys4(SYS_pwrite64, file, "x", 1, 0));
  result("read-only, in the file", byte_of(2));
  unmap();
  sys(SYS_close, file, 0, 0);
}

int oracle_main(void) {
  settle();
  open_pagemap();
  place = reserve(512 * PAGE);
  create = create_in_root;
  file_rows(kinds, COUNT(kinds));
  residents("root");
  own_text();
  result("punch", sys4(SYS_fallocate, file = create(PAGE), PUNCH_HOLE | KEEP_SIZE, 0, PAGE));
  result("allocate", sys4(SYS_fallocate, file, 0, 0, PAGE));
  char *area = map_at(place, 1, RW, MAP_SHARED, 0);
  result("remove", sys(SYS_madvise, area, PAGE, MADV_REMOVE));
  result("sync", sys(SYS_msync, area, PAGE, 4));
  result("unlink", sys(SYS_unlinkat, AT_FDCWD, "/oracle-data", 0));
  facts("unlinked", "ldadd", area);
  sys(SYS_close, file, 0, 0);
  facts("unlinked and closed", "str", area);
  unmap();
  create = create_in_tmp;
  residents("tmpfs");
  read_only_file("root", "/oracle-data");
  read_only_file("tmpfs", "/tmp/oracle-data");
  return 0;
}
