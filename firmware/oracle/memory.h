// What the programs about memory share: a quiet place for mappings, one access that is counted and caught, and the contents of
// /proc for a range. It does not know the programs' questions. A row is a name and columns; a range of pages is printed as counted
// letters.
#pragma once
#include "oracle.h"

enum {
  SYS_sigaltstack = 132, SYS_prctl = 167, SYS_prlimit64 = 261, SYS_pidfd_open = 434, SYS_process_madvise = 440,
  MREMAP_MAYMOVE = 1, MREMAP_FIXED = 2, MREMAP_DONTUNMAP = 4,
  RW = PROT_R | PROT_W, ANON = MAP_PRIVATE | MAP_ANON | MAP_FIXED, SHARED_ANON = MAP_SHARED | MAP_ANON | MAP_FIXED,
};

/// Nothing of the process lies within terabytes of here; aligned for huge pages.
#define BASE 0x100000000000ul
#define AT(page) ((char *)(BASE + (u64)(page) * PAGE))
#define HUGE (2ul << 20)

extern char __executable_start[], __bss_start[], _end[];

// Columns.
static void name(const char *text) { put(text); }
static void column(s64 value) { put("\t"); dec(value); }
static void text(const char *text) { put("\t"); put(text); }
static void end(void) { put("\n"); flush(); }

/// A result of mremap or mmap: the page number from BASE, or the negative error.
static void place(s64 result) {
  put("\t");
  if (result >= (s64)BASE) put("@"), dec((result - (s64)BASE) / (s64)PAGE);
  else dec(result);
}

/// Bits of ESR that are not printed because they depend on the neighbourhood of a random address.
static u64 esr_hidden;

/// Performs one instruction and prints the minor faults it took, with signal.code.esr behind an ! where it ended in a signal.
static void access(void (*instruction)(void *), void *address) {
  caught.sig = 0;
  s64 before = minor_faults();
  instruction(address);
  s64 after = minor_faults();
  column(after - before);
  if (!caught.sig) return;
  put("!"); dec(caught.sig); put("."); dec(caught.code);
  if (caught.has_esr) { put("."); hex(caught.esr & ~esr_hidden); }
}
static void read_at(void *address) { access(op_ldr, address); }
static void write_at(void *address) { access(op_str, address); }

u64 op_peek(void *);
void op_poke(void *, u64);
// Behind the word that the instructions under test write.
asm(".text\nop_peek: ldr x0, [x0, #8]\n ret\nop_poke: str x1, [x0, #8]\n ret\n");

/// What lies at an address, or -1 with a signal.
static s64 peek(void *address) {
  caught.sig = 0;
  s64 value = op_peek(address);
  return caught.sig ? -1 : value;
}
static void poke(void *address, u64 value) { op_poke(address, value); }

/// Touches every page of the program and the top of its stack, so that only measured accesses fault. A child calls it again after a
/// fork.
__attribute__((noinline)) static void warm(void) {
  volatile char stack[16 * PAGE];
  for (u64 i = 0; i < sizeof stack; i += PAGE) stack[i] = 0;
  // There are gaps between the segments.
  for (char *page = __executable_start; page < _end; page += PAGE) peek(page);
  for (char *page = __bss_start; page < _end; page = (char *)(((u64)page | (PAGE - 1)) + 1)) {
    *(volatile char *)page = *(volatile char *)page;
  }
  (void)minor_faults();
}

/// Writes to every page of a range.
static void fill(void *address, u64 pages) { for (u64 i = 0; i < pages; i++) poke((char *)address + i * PAGE, i + 1); }
/// Reads every page of a range.
static void look(void *address, u64 pages) { for (u64 i = 0; i < pages; i++) peek((char *)address + i * PAGE); }

/// The faults of touching every page of a range.
static void touch(void (*instruction)(void *), void *address, u64 pages) {
  s64 before = minor_faults();
  for (u64 i = 0; i < pages; i++) instruction((char *)address + i * PAGE);
  column(minor_faults() - before);
}

static s64 mmap_at(void *address, u64 size, int protection, int flags, s64 file, u64 offset) {
  return sys6(SYS_mmap, (s64)address, size, protection, flags, file, offset);
}
/// A private anonymous mapping at a page from BASE, never of huge pages.
static char *anonymous(u64 page, u64 pages, int protection) {
  mmap_at(AT(page), pages * PAGE, protection, ANON, -1, 0);
  sys(SYS_madvise, AT(page), pages * PAGE, MADV_NOHUGEPAGE);
  return AT(page);
}
static s64 unmap(u64 page, u64 pages) { return sys(SYS_munmap, AT(page), pages * PAGE, 0); }
static s64 protect(u64 page, u64 pages, int protection) { return sys(SYS_mprotect, AT(page), pages * PAGE, protection); }
static s64 advise(u64 page, u64 pages, int advice) { return sys(SYS_madvise, AT(page), pages * PAGE, advice); }
static s64 memfd(const char *name, u64 pages) {
  s64 file = sys(SYS_memfd_create, name, 0, 0);
  sys(SYS_ftruncate, file, pages * PAGE, 0);
  return file;
}

/// The path in /proc of an open file, with which it can be opened again.
static const char *path_of(s64 file) {
  static char path[32];
  char *to = path;
  for (const char *from = "/proc/self/fd/"; *from;) *to++ = *from++;
  if (file >= 10) *to++ = '0' + file / 10;
  *to++ = '0' + file % 10;
  *to = 0;
  return path;
}

// What /proc says.
static char proc_text[1 << 17];
static u64 page_words[2048];

/// The number behind a label at the start of a line, or -1.
static s64 number_behind_line(const char *line, const char *label) {
  while (*label && *line == *label) line++, label++;
  if (*label) return -1;
  while (*line == ' ' || *line == '\t') line++;
  s64 value = 0;
  while (*line >= '0' && *line <= '9') value = value * 10 + (*line++ - '0');
  return value;
}
/// The same in the first line of a text that has the label.
static s64 number_behind(const char *text, const char *label) {
  s64 value = -1;
  while (*text && (value = number_behind_line(text, label)) < 0) while (*text && *text++ != '\n') {}
  return value;
}
static s64 number_in(const char *path, const char *label) {
  read_whole(path, proc_text, sizeof proc_text);
  return number_behind(proc_text, label);
}
static s64 status(const char *label) { return number_in("/proc/self/status", label); }
static s64 vmstat(const char *label) { return number_in("/proc/vmstat", label); }

static u64 parse_hex(const char **text) {
  u64 value = 0;
  for (;; (*text)++) {
    char c = **text;
    if (c >= '0' && c <= '9') value = value << 4 | (c - '0');
    else if (c >= 'a' && c <= 'f') value = value << 4 | (c - 'a' + 10);
    else return value;
  }
}

/// The block of /proc/self/smaps of the mapping that holds an address, ended at its last line; null where there is none.
static const char *smaps_block(void *address) {
  read_whole("/proc/self/smaps", proc_text, sizeof proc_text);
  for (char *line = proc_text; *line;) {
    const char *at = line;
    u64 low = parse_hex(&at), high = *at == '-' ? (at++, parse_hex(&at)) : 0;
    char *rest = line;
    for (int first = 1; *rest && (first || (*rest >= 'A' && *rest <= 'Z')); first = 0) {
      while (*rest && *rest != '\n') rest++;
      if (*rest) rest++;
    }
    if (low <= (u64)address && (u64)address < high) { *rest = 0; return line; }
    line = rest;
  }
  return 0;
}
/// A field of the mapping that holds an address, in KiB.
static s64 smaps(void *address, const char *label) {
  const char *block = smaps_block(address);
  return block ? number_behind(block, label) : -1;
}

static u64 zero_frame, huge_zero_frame;

static s64 pagemap(void *address, u64 pages) {
  s64 file = open_file("/proc/self/pagemap", O_RDONLY, 0);
  s64 size = sys4(SYS_pread64, file, page_words, pages * 8, (u64)address / PAGE * 8);
  sys(SYS_close, file, 0, 0);
  return size;
}

/// A page as a letter: . nothing, w swapped, g guard, z zero page, Z huge zero page, a anonymous, s anonymous and mapped
/// again, f file, F file and mapped only here.
static char letter(u64 word) {
  if (word >> 58 & 1) return 'g';
  if (word >> 62 & 1) return 'w';
  if (!(word >> 63)) return '.';
  u64 frame = word & ((1ul << 55) - 1);
  if (zero_frame && frame == zero_frame) return 'z';
  if (huge_zero_frame && frame - huge_zero_frame < 512) return 'Z';
  if (word >> 61 & 1) return word >> 56 & 1 ? 'F' : 'f';
  return word >> 56 & 1 ? 'a' : 's';
}

/// A range of at most 2048 pages as /proc/self/pagemap shows it: runs of the same letter, counted.
static void pages(void *address, u64 count) {
  pagemap(address, count);
  put("\t");
  for (u64 i = 0, run = 1; i < count; i++, run++) {
    if (i + 1 < count && letter(page_words[i]) == letter(page_words[i + 1])) continue;
    char text[2] = {letter(page_words[i]), 0};
    if (run > 1) dec(run);
    put(text);
    run = 0;
  }
}

/// Whether `areas` omits the names of files.
static int names_hidden;

/// The mappings within a range as /proc/self/maps shows them: first page+pages:permissions, with the page offset and name of files.
static void areas(u64 page, u64 count) {
  read_whole("/proc/self/maps", proc_text, sizeof proc_text);
  put("\t");
  int first = 1;
  for (const char *at = proc_text; *at;) {
    u64 low = parse_hex(&at);
    at++;
    u64 high = parse_hex(&at);
    const char *permissions = ++at;
    at += 5;
    u64 offset = parse_hex(&at);
    for (int fields = 0; fields < 2; fields++) for (at++; *at != ' ' && *at != '\n';) at++;
    while (*at == ' ') at++;
    if (high > (u64)AT(page) && low < (u64)AT(page + count)) {
      if (!first) put(" ");
      first = 0;
      dec(((s64)low - (s64)BASE) / (s64)PAGE); put("+"); dec((high - low) / PAGE); put(":");
      for (int i = 0; i < 4; i++) output[output_length++] = permissions[i];
      if (*at != '\n') {
        put("@"); dec(offset / PAGE);
        if (!names_hidden) put(":");
        for (const char *c = at; *c != '\n' && !names_hidden; c++) output[output_length++] = *c;
      }
    }
    while (*at && *at++ != '\n') {}
  }
  if (first) put("none");
}

/// One call of madvise: its result and faults, then pages 0 to 15 and the mappings around.
static void advise_row(const char *what, u64 page, u64 count, int advice) {
  name(what);
  s64 before = minor_faults();
  s64 result = advise(page, count, advice);
  s64 faults = minor_faults() - before;
  column(result); column(faults); pages(AT(0), 16); areas(0, 64); end();
}

/// Linux's khugepaged empties the batches of pages that wait for their lists whenever it looks for work: once now, for this process, and
/// then not for weeks.
static void khugepaged_rests(void) {
  sys(SYS_madvise, mmap_at(AT(8192), HUGE, PROT_R, ANON, -1, 0), HUGE, MADV_HUGEPAGE);
  peek(AT(8192));
  s64 setting = open_file("/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs", O_WRONLY, 0);
  sys(SYS_write, setting, "2000000000", 10);
  sys(SYS_close, setting, 0, 0);
  static const s64 moment[] = {0, 200000000}, nanosleep = 101;
  sys(nanosleep, moment, 0, 0);
}

static void memory_start(void) {
  warm();
  char *page = map(PAGE, PROT_R);
  *(volatile char *)page;
  pagemap(page, 1);
  zero_frame = page_words[0] & ((1ul << 55) - 1);
  sys(SYS_munmap, page, PAGE, 0);
  access(op_ldr, (void *)8);
  warm();
  output_length = 0;
}
