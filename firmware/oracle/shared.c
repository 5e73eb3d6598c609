// Shared memory, anonymous and of a memfd: what mapped.h asks, who sees which value, mmap's errors and seals.
#include "mapped.h"

static const struct kind anonymous[] = {
  {"anonymous", MAP_SHARED | MAP_ANON, RW, 0, 0, 0},
  {"anonymous read", MAP_SHARED | MAP_ANON, RW, 0, 1, 0},
  {"anonymous written", MAP_SHARED | MAP_ANON, RW, 0, 2, 0},
  {"anonymous read-only", MAP_SHARED | MAP_ANON, PROT_R, 0, 0, 0},
  {"anonymous written, protected", MAP_SHARED | MAP_ANON, RW, 0, 2, PROT_R},
  {"anonymous read-only read, allowed", MAP_SHARED | MAP_ANON, PROT_R, 0, 1, RW},
};

static s64 create_memfd(u64 size) { return memfd(size, 0); }

static s64 try_map(u64 size, int protection, int flags, s64 descriptor, u64 offset) {
  s64 address = sys6(SYS_mmap, 0, size, protection, flags, descriptor, offset);
  if (address > -4096 && address < 0) return address;
  sys(SYS_munmap, address, size, 0);
  return 0;
}

static void errors(void) {
  s64 both = memfd(4 * PAGE, 0), pipe = 0, directory = open_file("/", O_RDONLY, 0);
  int ends[2];
  sys(SYS_pipe2, ends, 0, 0);
  pipe = ends[0];
  s64 reading = open_file("/proc/self/exe", O_RDONLY, 0);
  s64 writing = open_file("/tmp/shared-oracle", O_CREAT | O_WRONLY, 0600);
  result("mmap no descriptor", try_map(PAGE, RW, MAP_SHARED, -1, 0));
  result("mmap closed descriptor", try_map(PAGE, RW, MAP_PRIVATE, 1000, 0));
  result("mmap pipe", try_map(PAGE, PROT_R, MAP_PRIVATE, pipe, 0));
  result("mmap directory", try_map(PAGE, PROT_R, MAP_PRIVATE, directory, 0));
  result("mmap length 0", try_map(0, RW, MAP_SHARED, both, 0));
  result("mmap odd offset", try_map(PAGE, RW, MAP_SHARED, both, 1));
  result("mmap neither shared nor private", try_map(PAGE, RW, 0, both, 0));
  result("mmap anonymous, neither", try_map(PAGE, RW, MAP_ANON, -1, 0));
  result("mmap behind the end", try_map(PAGE, RW, MAP_SHARED, both, 100 * PAGE));
  result("mmap offset overflow", try_map(2 * PAGE, RW, MAP_SHARED, both, -PAGE));
  result("mmap offset near 2^63", try_map(2 * PAGE, RW, MAP_SHARED, both, 0x7ffffffffffff000));
  result("mmap offset 2^62", try_map(2 * PAGE, RW, MAP_SHARED, both, 1ul << 62));
  result("mmap too long", try_map(1ul << 48, RW, MAP_SHARED, both, 0));
  result("mmap length overflow", try_map(-1ul, RW, MAP_SHARED, both, 0));
  result("mmap shared write, read-only file", try_map(PAGE, RW, MAP_SHARED, reading, 0));
  result("mmap shared read, read-only file", try_map(PAGE, PROT_R, MAP_SHARED, reading, 0));
  result("mmap private write, read-only file", try_map(PAGE, RW, MAP_PRIVATE, reading, 0));
  result("mmap private read, write-only file", try_map(PAGE, PROT_R, MAP_PRIVATE, writing, 0));
  result("mmap shared write, write-only file", try_map(PAGE, PROT_W, MAP_SHARED, writing, 0));
  result("mmap validated, unknown flag", try_map(PAGE, PROT_R, MAP_SHARED_VALIDATE | 0x400000, both, 0));
  result("mmap shared, unknown flag", try_map(PAGE, PROT_R, MAP_SHARED | 0x400000, both, 0));
  result("mmap validated, sync", try_map(PAGE, PROT_R, MAP_SHARED_VALIDATE | 0x80000, both, 0));
  char *area = map_with(PAGE, PROT_R, MAP_SHARED, reading, 0);
  result("mprotect write, shared, read-only file", sys(SYS_mprotect, area, PAGE, RW));
  result("mprotect exec, shared, read-only file", sys(SYS_mprotect, area, PAGE, PROT_R | PROT_X));
  area = map_with(PAGE, PROT_R, MAP_PRIVATE, reading, 0);
  result("mprotect write, private, read-only file", sys(SYS_mprotect, area, PAGE, RW));
  result("remove, private", sys(SYS_madvise, area, PAGE, MADV_REMOVE));
  area = map_with(PAGE, RW, MAP_SHARED | MAP_ANON, -1, 0);
  result("remove, shared anonymous", sys(SYS_madvise, area, PAGE, MADV_REMOVE));
  result("free, shared anonymous", sys(SYS_madvise, area, PAGE, MADV_FREE));
  result("wipe on fork, shared anonymous", sys(SYS_madvise, area, PAGE, MADV_WIPEONFORK));
  area = map_with(PAGE, PROT_R, MAP_SHARED, both, 0);
  result("remove, shared read-only", sys(SYS_madvise, area, PAGE, MADV_REMOVE));
  area = map(PAGE, RW);
  result("remove, private anonymous", sys(SYS_madvise, area, PAGE, MADV_REMOVE));
  result("fallocate 0", sys4(SYS_fallocate, both, 0, 0, 0));
  result("fallocate to grow", sys4(SYS_fallocate, both, 0, 0, 6 * PAGE));
  result("size", sys(SYS_lseek, both, 0, 2));
  result("fallocate, keep size", sys4(SYS_fallocate, both, KEEP_SIZE, 0, 8 * PAGE));
  result("size", sys(SYS_lseek, both, 0, 2));
  result("punch without keep size", sys4(SYS_fallocate, both, PUNCH_HOLE, 0, PAGE));
  result("zero range", sys4(SYS_fallocate, both, ZERO_RANGE, 0, PAGE));
  result("fallocate read-only", sys4(SYS_fallocate, reading, 0, 0, PAGE));
  result("fallocate pipe", sys4(SYS_fallocate, pipe, 0, 0, PAGE));
  result("fallocate negative", sys4(SYS_fallocate, both, 0, -PAGE, PAGE));
  result("truncate negative", sys(SYS_ftruncate, both, -1, 0));
  result("truncate read-only", sys(SYS_ftruncate, reading, 0, 0));
  result("truncate pipe", sys(SYS_ftruncate, pipe, 0, 0));
  result("memfd flags", sys(SYS_memfd_create, "x", 0x100, 0));
  result("memfd exec and noexec", sys(SYS_memfd_create, "x", 0x18, 0));
  result("memfd name", sys(SYS_memfd_create, 0, 0, 0));
}

enum { ADD_SEALS = 1033, GET_SEALS = 1034, ALLOW_SEALING = 2, SEAL = 1, SHRINK = 2, GROW = 4, WRITE = 8, FUTURE_WRITE = 16, EXEC = 32 };
static void seals(const char *name, s64 seals) {
  file = memfd(4 * PAGE, ALLOW_SEALING);
  fill(0, 4);
  cell("seal");
  cell(name);
  cell_dec(sys(SYS_fcntl, file, ADD_SEALS, seals));
  cell_dec(sys(SYS_fcntl, file, GET_SEALS, 0));
  cell_dec(try_map(PAGE, RW, MAP_SHARED, file, 0));
  cell_dec(try_map(PAGE, PROT_R, MAP_SHARED, file, 0));
  cell_dec(try_map(PAGE, RW, MAP_PRIVATE, file, 0));
  char *area = map_with(PAGE, PROT_R, MAP_SHARED, file, 0);
  cell_dec(failed(area) ? -1 : sys(SYS_mprotect, area, PAGE, RW));
  u8 byte = 1;
  cell_dec(sys4(SYS_pwrite64, file, &byte, 1, 0));
  cell_dec(sys4(SYS_pwrite64, file, &byte, 1, 4 * PAGE));
  cell_dec(sys4(SYS_fallocate, file, PUNCH_HOLE | KEEP_SIZE, 0, PAGE));
  cell_dec(sys4(SYS_fallocate, file, 0, 0, 9 * PAGE));
  cell_dec(sys(SYS_ftruncate, file, 10 * PAGE, 0));
  cell_dec(sys(SYS_ftruncate, file, PAGE, 0));
  cell_dec(sys(SYS_fcntl, file, ADD_SEALS, SHRINK));
  cell_dec(sys(SYS_fcntl, file, GET_SEALS, 0));
  if (!failed(area)) sys(SYS_munmap, area, PAGE, 0);
  end_row();
  sys(SYS_close, file, 0, 0);
}

static void more_seals(void) {
  file = memfd(PAGE, 0);
  result("seals without permission", sys(SYS_fcntl, file, ADD_SEALS, WRITE));
  result("seals at first", sys(SYS_fcntl, file, GET_SEALS, 0));
  file = memfd(PAGE, ALLOW_SEALING);
  result("seals at first, allowed", sys(SYS_fcntl, file, GET_SEALS, 0));
  result("unknown seal", sys(SYS_fcntl, file, ADD_SEALS, 0x100));
  char *area = map_with(PAGE, RW, MAP_SHARED, file, 0);
  result("seal write while mapped", sys(SYS_fcntl, file, ADD_SEALS, WRITE));
  result("seal future write while mapped", sys(SYS_fcntl, file, ADD_SEALS, FUTURE_WRITE));
  facts("mapped before the seal", "str", area + 0x100);
  sys(SYS_mprotect, area, PAGE, PROT_R);
  result("mprotect back after the seal", sys(SYS_mprotect, area, PAGE, RW));
  sys(SYS_munmap, area, PAGE, 0);
  result("seal write, unmapped", sys(SYS_fcntl, file, ADD_SEALS, WRITE));
  area = map_with(PAGE, PROT_R, MAP_SHARED, file, 0);
  result("mprotect after the seal", sys(SYS_mprotect, area, PAGE, RW));
  facts("sealed", "ldadd", area + 0x100);
  result("memfd noexec", sys(SYS_fcntl, file = memfd(PAGE, 8), GET_SEALS, 0));
  result("mmap exec of noexec", try_map(PAGE, PROT_R | PROT_X, MAP_PRIVATE, file, 0));
}

int oracle_main(void) {
  settle();
  open_pagemap();
  place = reserve(512 * PAGE);
  create = create_memfd;
  kind_rows(anonymous, COUNT(anonymous));
  flush();
  file_rows(kinds, COUNT(kinds));
  errors();
  static const struct { const char *name; int seals; } sealings[] = {
    {"none", 0}, {"shrink", SHRINK}, {"grow", GROW}, {"write", WRITE}, {"future write", FUTURE_WRITE}, {"seal", SEAL}, {"exec", EXEC},
    {"all", SEAL | SHRINK | GROW | WRITE},
  };
  for (int i = 0; i < COUNT(sealings); i++) seals(sealings[i].name, sealings[i].seals);
  more_seals();
  return 0;
}
