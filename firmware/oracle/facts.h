// What the programs about memory share: cells of a row, settling after a fork, the fault counters, pagemap, status and smaps.
// It does not know the programs' questions; it includes the table of instructions and the catcher.
#pragma once
#include "oracle.h"

// A row is its cells with tabs between them.
static int cells;
static void cell(const char *text) { if (cells++) put("\t"); put(text); }
static void cell_dec(s64 value) { cell(""); dec(value); }
static void cell_hex(u64 value) { cell(""); hex(value); }
static void end_row(void) { put("\n"); cells = 0; if (output_length > sizeof output - PAGE) flush(); }

struct faults { s64 minor, major; };
/// Faults so far: of this process (0) or of its children that were waited for (-1).
static struct faults faults_of(int who) {
  s64 usage[18];
  sys(SYS_getrusage, who, usage, 0);
  return (struct faults){usage[8], usage[9]};
}

static char *map_with(u64 size, int protection, int flags, int file, u64 offset) {
  return (char *)sys6(SYS_mmap, 0, size, protection, flags, file, offset);
}
static int failed(const void *address) { return (u64)address > -4096ul; }

static s64 major_taken;
/// Minor faults that instruction i takes at address; major ones are in major_taken, a signal in caught.
static s64 touch(int i, void *address) {
  caught.sig = caught.code = 0;
  caught.esr = 0;
  struct faults before = faults_of(0);
  ops[i].f(address);
  struct faults after = faults_of(0);
  major_taken = after.major - before.major;
  return after.minor - before.minor;
}
static int op_of(const char *name) {
  for (int i = 0; i < NOPS; i++) if (same(ops[i].name, name)) return i;
  put("no such instruction: "); put(name); put("\n"); quit(2);
  return 0;
}
static s64 touch_with(const char *name, void *address) { return touch(op_of(name), address); }

/// Reads and writes back each page of the stack in use and of the program's writable segments, and reads the others. A process
/// calls this before it measures, so that only the measured access faults.
static void settle(void) {
  extern const u8 __ehdr_start[];
  struct { u32 type, flags; u64 offset, address, physical, file_size, size, align; } const *segment =
    (const void *)(__ehdr_start + *(const u64 *)(__ehdr_start + 32));
  for (int count = *(const u16 *)(__ehdr_start + 56); count--; segment++) {
    if (segment->type != 1) continue;
    for (u64 page = segment->address & -PAGE; page < segment->address + segment->size; page += PAGE) {
      volatile char *p = (volatile char *)page;
      if (segment->flags & 2) *p = *p; else (void)*p;
    }
  }
  char here = 0;
  for (u64 page = ((u64)&here & -PAGE) - 3 * PAGE; page <= ((u64)stack_top & -PAGE); page += PAGE) {
    volatile char *p = (volatile char *)page;
    *p = *p;
  }
  minor_faults();
}

// Bits of an entry of /proc/self/pagemap.
static s64 pagemap_file = -1;
static void open_pagemap(void) {
  if (pagemap_file >= 0) sys(SYS_close, pagemap_file, 0, 0);
  pagemap_file = open_file("/proc/self/pagemap", O_RDONLY, 0);
}
static u64 pagemap(const void *address) {
  u64 entry = 0;
  sys4(SYS_pread64, pagemap_file, &entry, 8, (u64)address / PAGE * 8);
  return entry;
}
/// P present, F file or shared, X mapped once, S swapped, W write-protected by userfaultfd, G guard; - for none.
static void put_bits(u64 entry) {
  if (entry >> 63 & 1) put("P");
  if (entry >> 61 & 1) put("F");
  if (entry >> 56 & 1) put("X");
  if (entry >> 62 & 1) put("S");
  if (entry >> 57 & 1) put("W");
  if (entry >> 58 & 1) put("G");
  if (!(entry & 0xff00000000000000ul & ~(1ul << 55))) put("-");
}
static void cell_bits(const void *address) { cell(""); put_bits(pagemap(address)); }
/// One letter for each page: . none, Z present but neither file nor mapped once, A mapped once, f file, F file mapped once.
static void cell_pages(const char *address, int count) {
  cell("");
  for (int i = 0; i < count; i++) {
    u64 entry = pagemap(address + i * PAGE);
    if (!(entry >> 63)) put(".");
    else if (entry >> 61 & 1) put(entry >> 56 & 1 ? "F" : "f");
    else put(entry >> 56 & 1 ? "A" : "Z");
  }
}

// The number behind a name in /proc/self/status, or the sum of a name's numbers in smaps for the mappings inside a range.
static char proc_text[1 << 16];

static const char *number_after(const char *line, const char *name, s64 *value) {
  while (*name && *line == *name) line++, name++;
  if (*name || *line != ':') return 0;
  while (*line == ':' || *line == ' ' || *line == '\t') line++;
  for (*value = 0; *line >= '0' && *line <= '9'; line++) *value = *value * 10 + *line - '0';
  return line;
}
static char *next_line(char *line) {
  while (*line && *line != '\n') line++;
  return *line ? line + 1 : line;
}
static s64 status_of(const char *name) {
  s64 value;
  read_whole("/proc/self/status", proc_text, sizeof proc_text);
  for (char *line = proc_text; *line; line = next_line(line)) if (number_after(line, name, &value)) return value;
  return -1;
}
static s64 smaps_of(const void *start, u64 size, const char *name) {
  s64 sum = 0, value;
  u64 address = 0;
  read_whole("/proc/self/smaps", proc_text, sizeof proc_text);
  for (char *line = proc_text; *line; line = next_line(line)) {
    if ((*line >= '0' && *line <= '9') || (*line >= 'a' && *line <= 'f')) {
      address = 0;
      for (char *digit = line; *digit != '-'; digit++) address = address * 16 + (*digit <= '9' ? *digit - '0' : *digit - 'a' + 10);
    } else if (address >= (u64)start && address < (u64)start + size && number_after(line, name, &value)) sum += value;
  }
  return sum;
}

/// Minor faults, and after a plus the major ones if there are any.
static void cell_faults(s64 minor, s64 major) {
  cell_dec(minor);
  if (major) { put("+"); dec(major); }
}

/// Two cells: the minor faults of one access, then the page's bits, or the signal, its code and the ESR record.
static void cell_access(const char *instruction, void *address) {
  cell_faults(touch_with(instruction, address), major_taken);
  if (!caught.sig) { cell_bits(address); return; }
  cell_dec(caught.sig); put("."); dec(caught.code); put("."); hex(caught.esr);
}

static s64 memfd(u64 size, u64 flags) {
  s64 file = sys(SYS_memfd_create, "oracle", flags, 0);
  sys(SYS_ftruncate, file, size, 0);
  return file;
}

/// Unused address space from a border of 2 MiB on, because the place of a mapping determines what one fault maps.
static char *reserve(u64 size) {
  u64 huge = 2ul << 20;
  char *area = map_with(size + 2 * huge, 0, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);
  return (char *)(((u64)area + huge - 1) & -huge);
}
