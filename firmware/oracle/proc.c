// How /proc/self describes memory: maps, smaps, pagemap, statm and status of mappings at known places, and how those files are
// read. Inode numbers, and all devices except that of shared memory, are printed as #; frame numbers are omitted.
#include "memory.h"

enum { O_APPEND = 02000, SEEK_SET = 0, SEEK_CUR = 1, SEEK_END = 2, MAP_STACK = 0x20000, MAP_HUGETLB = 0x40000 };

static void clear(void) { unmap(0, 8192); }
static void put_until(const char *from, char stop) { while (*from && *from != stop) output[output_length++] = *from++; }

/// Prints a line of maps without the device and the inode, and with the column in which the name begins in front of the name.
static void maps_line(const char *line) {
  const char *at = line;
  for (int field = 0; field < 3; field++) { while (*at != ' ') at++; at++; }
  for (const char *c = line; c < at; c++) output[output_length++] = *c;
  if (at[0] == '0' && at[1] == '0' && at[3] == '0' && at[4] <= '1') put_until(at, ' ');
  else put("#");
  while (*at != ' ') at++;
  at++; put(" ");
  if (at[0] == '0' && at[1] == ' ') { put("0"); at++; }
  else { put("#"); while (*at != ' ') at++; }
  if (at[0] == ' ' && at[1] == '\n') { put(" "); return; }  // a line without a name ends in a blank
  while (*at == ' ') at++;
  put(" "); dec(at - line); put(":"); put_until(at, '\n');
}

/// The lines of maps of the quiet region.
static void maps_rows(const char *what) {
  read_whole("/proc/self/maps", proc_text, sizeof proc_text);
  for (const char *at = proc_text; *at;) {
    const char *line = at, *number = at;
    u64 low = parse_hex(&number);
    if (low >= BASE && low < BASE + (1ul << 40)) { put("maps."); name(what); put("\t"); maps_line(line); end(); }
    while (*at && *at++ != '\n') {}
  }
}

/// The whole block of smaps of a mapping, a row a line.
static void smaps_rows(const char *what, u64 page) {
  const char *at = smaps_block(AT(page));
  if (!at) { put("smaps."); name(what); text("none"); end(); return; }
  put("smaps."); name(what); put("\t"); maps_line(at); end();
  while (*at && *at++ != '\n') {}
  while (*at) {
    put("smaps."); name(what); put("\t"); put_until(at, '\n'); end();
    while (*at && *at++ != '\n') {}
  }
}
static void described(const char *what, u64 page) { maps_rows(what); smaps_rows(what, page); }

static s64 file, host;

static void mappings(void) {
  static const int protections[] = {0, PROT_R, PROT_W, PROT_X, RW, PROT_R | PROT_X, RW | PROT_X};
  for (int i = 0; i < 7; i++) mmap_at(AT(2 * i), PAGE, protections[i], ANON, -1, 0);
  for (int i = 0; i < 7; i++) mmap_at(AT(20 + 2 * i), PAGE, protections[i], SHARED_ANON, -1, 0);
  for (int i = 0; i < 7; i++) mmap_at(AT(40 + 2 * i), PAGE, protections[i], (i & 1 ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED, file, i * PAGE);
  for (int i = 0; i < 7; i++) mmap_at(AT(60 + 2 * i), PAGE, protections[i], (i & 1 ? MAP_PRIVATE : MAP_SHARED) | MAP_FIXED, host, i * PAGE);
  maps_rows("protections"); clear();
  mmap_at(AT(0), PAGE, RW, ANON, -1, 0); mmap_at(AT(1), PAGE, RW, ANON, -1, 0); mmap_at(AT(2), PAGE, PROT_R, ANON, -1, 0);
  mmap_at(AT(3), PAGE, RW, SHARED_ANON, -1, 0); mmap_at(AT(4), PAGE, RW, SHARED_ANON, -1, 0);
  mmap_at(AT(5), 2 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0x10 * PAGE);
  mmap_at(AT(7), PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0x12 * PAGE);
  mmap_at(AT(8), PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0x12345 * PAGE);
  mmap_at((void *)(BASE + (1ul << 36)), 1ul << 32, 0, ANON | MAP_NORESERVE, -1, 0);
  maps_rows("neighbours"); sys(SYS_munmap, BASE + (1ul << 36), 1ul << 32, 0); clear();
  s64 odd = memfd("a name\nwith \\ odd \t bytes", 1);
  mmap_at(AT(0), PAGE, PROT_R, MAP_PRIVATE | MAP_FIXED, odd, 0); maps_rows("odd-name"); clear(); sys(SYS_close, odd, 0, 0);
  s64 nameless = memfd("", 1);
  mmap_at(AT(0), PAGE, PROT_R, MAP_PRIVATE | MAP_FIXED, nameless, 0); maps_rows("nameless"); clear();
  sys(SYS_close, nameless, 0, 0);
  s64 removed = open_file("/removed", O_RDWR | O_CREAT, 0600);
  sys(SYS_ftruncate, removed, PAGE, 0);
  mmap_at(AT(0), PAGE, PROT_R, MAP_PRIVATE | MAP_FIXED, removed, 0); maps_rows("before-unlink");
  sys(SYS_unlinkat, AT_FDCWD, "/removed", 0); maps_rows("after-unlink"); sys(SYS_close, removed, 0, 0); clear();
}

static void blocks(void) {
  anonymous(0, 8, RW); described("untouched", 0); fill(AT(0), 3); look(AT(3), 2); smaps_rows("written-and-read", 0);
  protect(0, 8, PROT_R); smaps_rows("read-only", 0); protect(0, 8, 0); smaps_rows("none", 0); clear();
  mmap_at(AT(0), 8 * PAGE, RW, ANON, -1, 0); fill(AT(0), 1); smaps_rows("plain", 0); clear();
  mmap_at(AT(0), 8 * PAGE, RW | PROT_X, ANON, -1, 0); fill(AT(0), 1); smaps_rows("executable", 0); clear();
  mmap_at(AT(0), 8 * PAGE, RW, SHARED_ANON, -1, 0); fill(AT(0), 3); look(AT(3), 2); described("shared", 0); clear();
  mmap_at(AT(0), 8 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0); fill(AT(0), 2); look(AT(2), 2); described("memfd", 0); clear();
  mmap_at(AT(0), 8 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, file, 0); fill(AT(0), 2); look(AT(2), 2); described("private-memfd", 0);
  clear();
  mmap_at(AT(0), 8 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, host, 0); fill(AT(0), 2); look(AT(2), 2); described("private-file", 0);
  clear();
  mmap_at(AT(0), 8 * PAGE, RW, MAP_SHARED | MAP_FIXED, host, 0); fill(AT(0), 2); described("file", 0); clear();
  mmap_at(AT(0), 8 * PAGE, PROT_R, MAP_SHARED | MAP_FIXED, host, 0); look(AT(0), 1); described("file-read-only", 0); clear();
  mmap_at(AT(0), 8 * PAGE, RW, SHARED_ANON, -1, 0); mmap_at(AT(16), 8 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0);
  mmap_at(AT(32), 4 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0); fill(AT(16), 4); look(AT(32), 4); smaps_rows("mapped-twice", 16);
  smaps_rows("mapped-again", 32); clear();
  anonymous(0, 8, RW); fill(AT(0), 4); sys(SYS_mlock, AT(0), 8 * PAGE, 0); smaps_rows("locked", 0); clear();
  anonymous(0, 8, RW); fill(AT(0), 4); sys(SYS_mlock2, AT(0), 8 * PAGE, 1); smaps_rows("locked-on-fault", 0); clear();
  mmap_at(AT(0), 8 * PAGE, RW, ANON | MAP_GROWSDOWN, -1, 0); smaps_rows("growsdown", 0); clear();
  mmap_at(AT(0), 8 * PAGE, RW, ANON | MAP_STACK, -1, 0); smaps_rows("map-stack", 0); clear();
  mmap_at(AT(0), 8 * PAGE, RW, ANON | MAP_NORESERVE, -1, 0); smaps_rows("noreserve", 0); clear();
  mmap_at(AT(0), 512 * PAGE, RW, ANON, -1, 0); advise(0, 512, MADV_HUGEPAGE); smaps_rows("huge.untouched", 0); peek(AT(0));
  smaps_rows("huge.zero-page", 0); clear();
  mmap_at(AT(0), 512 * PAGE, RW, ANON, -1, 0); advise(0, 512, MADV_HUGEPAGE); poke(AT(0), 1); smaps_rows("huge.written", 0);
  advise(5, 1, MADV_DONTNEED); smaps_rows("huge.split", 0); clear();
  mmap_at(AT(0), 512 * PAGE, RW, ANON, -1, 0); smaps_rows("huge.eligible", 0); clear();
  static const struct { const char *name; int advice; } advices[] = {
    {"advice.random", MADV_RANDOM}, {"advice.sequential", MADV_SEQUENTIAL}, {"advice.dontfork", MADV_DONTFORK}, {"advice.dontdump", 16},
    {"advice.wipeonfork", MADV_WIPEONFORK}, {"advice.mergeable", 12}, {"advice.free", MADV_FREE},
  };
  for (int i = 0; i < 7; i++) { anonymous(0, 8, RW); advise(0, 8, advices[i].advice); smaps_rows(advices[i].name, 0); clear(); }
  mmap_at(AT(0), 512 * PAGE, RW, ANON | MAP_NORESERVE | MAP_HUGETLB, -1, 0); described("hugetlb", 0); clear();
  // Shared between parent and child.
  anonymous(0, 8, RW); fill(AT(0), 8);
  flush();
  s64 child = fork();
  if (!child) { warm(); output_length = 0; poke(AT(0), 1); smaps_rows("fork.child", 0); quit(0); }
  wait_for(child); warm();
  smaps_rows("fork.parent-after", 0); clear();
}

static void words(const char *what, u64 page, u64 count) {
  put("pagemap."); name(what); column(pagemap(AT(page), count));
  for (u64 i = 0; i < count; i++) { put("\t"); hex(page_words[i] >> 55 << 55); }
  end();
}
static void pagemaps(void) {
  anonymous(0, 4, RW); fill(AT(0), 2); look(AT(2), 1); words("anonymous", 0, 6); protect(0, 4, PROT_R); words("read-only", 0, 4);
  protect(0, 4, 0); words("none", 0, 4); clear();
  mmap_at(AT(0), 4 * PAGE, RW, SHARED_ANON, -1, 0); fill(AT(0), 2); look(AT(2), 1); words("shared", 0, 5); clear();
  mmap_at(AT(0), 4 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0); fill(AT(0), 1); words("memfd", 0, 5);
  mmap_at(AT(8), 4 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0); look(AT(8), 1); words("memfd-mapped-twice", 0, 4);
  words("memfd-mapped-again", 8, 4); clear();
  mmap_at(AT(0), 4 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, host, 0); fill(AT(0), 1); words("private-file", 0, 5); look(AT(1), 1);
  words("private-file.read", 0, 5); clear();
  mmap_at(AT(0), 512 * PAGE, RW, ANON, -1, 0); advise(0, 512, MADV_HUGEPAGE); peek(AT(0)); words("huge-zero-page", 0, 3); clear();
  mmap_at(AT(0), 512 * PAGE, RW, ANON, -1, 0); advise(0, 512, MADV_HUGEPAGE); poke(AT(0), 1); words("huge", 510, 4); clear();
  anonymous(0, 4, RW); fill(AT(0), 4); advise(0, 4, MADV_FREE); words("freed", 0, 4); advise(0, 4, MADV_COLD); words("cold", 0, 4);
  sys(SYS_mlock, AT(0), 4 * PAGE, 0); words("locked", 0, 4); clear();
  anonymous(0, 2, RW); anonymous(4, 2, RW); fill(AT(0), 2); fill(AT(4), 2); words("hole", 0, 8); clear();
  anonymous(0, 4, RW); fill(AT(0), 4);
  flush();
  s64 child = fork();
  if (!child) { warm(); output_length = 0; words("fork.child", 0, 4); poke(AT(1), 1); words("fork.child.written", 0, 4); quit(0); }
  wait_for(child); warm();
  words("fork.parent-after", 0, 4); clear();

  anonymous(0, 8, RW); fill(AT(0), 8);
  s64 at = open_file("/proc/self/pagemap", O_RDONLY, 0);
  u64 offset = BASE / PAGE * 8;
  static char buffer[4096];
#define READ(what, call) do { put("pagemap."); name(what); column(call); end(); } while (0)
  READ("read.odd-offset", sys4(SYS_pread64, at, buffer, 8, offset + 1));
  READ("read.offset-4", sys4(SYS_pread64, at, buffer, 8, offset + 4));
  READ("read.odd-count", sys4(SYS_pread64, at, buffer, 9, offset)); READ("read.count-4", sys4(SYS_pread64, at, buffer, 4, offset));
  READ("read.nothing", sys4(SYS_pread64, at, buffer, 0, offset));
  READ("read.nothing-odd-offset", sys4(SYS_pread64, at, buffer, 0, offset + 1));
  READ("read.512-words", sys4(SYS_pread64, at, buffer, 4096, offset)); READ("read.negative", sys4(SYS_pread64, at, buffer, 8, -8));
  READ("read.bad-buffer", sys4(SYS_pread64, at, AT(64), 8, offset));
  READ("read.kernel-addresses", sys4(SYS_pread64, at, buffer, 8, 0xffff800000000000ul / PAGE * 8));
  READ("read.past-every-address", sys4(SYS_pread64, at, buffer, 8, 1ul << 56));
  READ("read.page-0", sys4(SYS_pread64, at, buffer, 16, 0)); READ("seek.set", sys(SYS_lseek, at, offset, SEEK_SET) - (s64)offset);
  READ("read.next", sys(SYS_read, at, buffer, 24)); READ("seek.current", sys(SYS_lseek, at, 0, SEEK_CUR) - (s64)offset);
  READ("seek.back", sys(SYS_lseek, at, -8, SEEK_CUR) - (s64)offset);
  READ("seek.odd", sys(SYS_lseek, at, 3, SEEK_CUR) - (s64)offset); READ("read.at-odd", sys(SYS_read, at, buffer, 8));
  READ("seek.end", sys(SYS_lseek, at, 0, SEEK_END)); READ("seek.negative", sys(SYS_lseek, at, -1, SEEK_SET));
  READ("seek.unknown", sys(SYS_lseek, at, 0, 9));
  READ("write.read-only", sys4(SYS_pwrite64, at, buffer, 8, offset)); sys(SYS_close, at, 0, 0);
  at = open_file("/proc/self/pagemap", O_RDWR, 0); READ("open.read-write", at > 0 ? 0 : at);
  READ("write", sys4(SYS_pwrite64, at, buffer, 8, offset)); sys(SYS_close, at, 0, 0);
  at = open_file("/proc/self/pagemap", O_WRONLY, 0); READ("open.write-only", at > 0 ? 0 : at);
  READ("read.write-only", sys4(SYS_pread64, at, buffer, 8, offset)); sys(SYS_close, at, 0, 0); clear();
}

static const char *const lines[] = {
  "VmPeak:", "VmSize:", "VmLck:", "VmPin:", "VmHWM:", "VmRSS:", "RssAnon:", "RssFile:", "RssShmem:", "VmData:", "VmStk:",
  "VmExe:", "VmLib:", "VmPTE:", "VmSwap:", "HugetlbPages:",
};
#define LINES ((int)(sizeof lines / sizeof *lines))
static s64 old_lines[LINES], old_counts[7];

static void statm(s64 *counts) {
  read_whole("/proc/self/statm", proc_text, sizeof proc_text);
  const char *at = proc_text;
  for (int i = 0; i < 7; i++) { counts[i] = 0; while (*at >= '0' && *at <= '9') counts[i] = counts[i] * 10 + *at++ - '0'; if (*at) at++; }
}
static void start(void) {
  statm(old_counts);
  read_whole("/proc/self/status", proc_text, sizeof proc_text);
  for (int i = 0; i < LINES; i++) old_lines[i] = number_behind(proc_text, lines[i]);
}
/// What changed since the start: lines of status in KiB, then fields of statm in pages.
static void changed(const char *what) {
  s64 counts[7];
  statm(counts);
  read_whole("/proc/self/status", proc_text, sizeof proc_text);
  put("status."); name(what);
  for (int i = 0; i < LINES; i++) {
    s64 change = number_behind(proc_text, lines[i]) - old_lines[i];
    if (change && i != 0 && i != 4) { text(lines[i]); dec(change); }
  }
  for (int i = 0; i < 7; i++) if (counts[i] != old_counts[i]) { put("\t"); dec(i); put(":"); dec(counts[i] - old_counts[i]); }
  end();
}

static void sizes(void) {
  start(); changed("nothing");
#define CHANGE(what, call) do { start(); call; changed(what); } while (0)
  CHANGE("mmap.private", anonymous(0, 64, RW)); CHANGE("write", fill(AT(0), 64)); CHANGE("dontneed", advise(0, 32, MADV_DONTNEED));
  CHANGE("read", look(AT(0), 32)); CHANGE("protect-read-only", protect(0, 64, PROT_R));
  CHANGE("protect-none", protect(0, 64, 0)); CHANGE("protect-exec", protect(0, 64, PROT_R | PROT_X));
  CHANGE("protect-write-exec", protect(0, 64, RW | PROT_X)); CHANGE("protect-back", protect(0, 64, RW));
  CHANGE("mlock", sys(SYS_mlock, AT(0), 16 * PAGE, 0)); CHANGE("munlock", sys(SYS_munlock, AT(0), 16 * PAGE, 0));
  CHANGE("mremap-grow", sys6(SYS_mremap, BASE, 64 * PAGE, 96 * PAGE, 0, 0, 0));
  CHANGE("mremap-move", sys6(SYS_mremap, BASE, 96 * PAGE, 96 * PAGE, 3, (s64)AT(1024), 0)); CHANGE("munmap", clear());
  CHANGE("mmap.read-only", mmap_at(AT(0), 64 * PAGE, PROT_R, ANON, -1, 0)); CHANGE("mmap.read-only.gone", clear());
  CHANGE("mmap.none", mmap_at(AT(0), 64 * PAGE, 0, ANON, -1, 0)); CHANGE("mmap.none.gone", clear());
  CHANGE("mmap.exec", mmap_at(AT(0), 64 * PAGE, PROT_R | PROT_X, ANON, -1, 0)); CHANGE("mmap.exec.gone", clear());
  CHANGE("mmap.shared", mmap_at(AT(0), 64 * PAGE, RW, SHARED_ANON, -1, 0)); CHANGE("shared.write", fill(AT(0), 64));
  CHANGE("shared.dontneed", advise(0, 64, MADV_DONTNEED)); CHANGE("shared.read", look(AT(0), 64)); CHANGE("shared.gone", clear());
  CHANGE("mmap.growsdown", mmap_at(AT(100), 64 * PAGE, RW, ANON | MAP_GROWSDOWN, -1, 0));
  CHANGE("growsdown.grows", poke(AT(90), 1)); CHANGE("growsdown.gone", clear());
  CHANGE("mmap.memfd", mmap_at(AT(0), 8 * PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0)); CHANGE("memfd.read", look(AT(0), 8));
  CHANGE("memfd.gone", clear());
  CHANGE("mmap.private-memfd", mmap_at(AT(0), 8 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, file, 0));
  CHANGE("private-memfd.read", look(AT(0), 8)); CHANGE("private-memfd.write", fill(AT(0), 8));
  CHANGE("private-memfd.gone", clear());
  CHANGE("mmap.private-file", mmap_at(AT(0), 8 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, host, 0));
  CHANGE("private-file.read", look(AT(0), 8)); CHANGE("private-file.write", fill(AT(0), 8)); CHANGE("private-file.gone", clear());
  CHANGE("mmap.file-exec", mmap_at(AT(0), 8 * PAGE, PROT_R | PROT_X, MAP_PRIVATE | MAP_FIXED, host, 0));
  CHANGE("file-exec.gone", clear());
  CHANGE("mmap.huge", mmap_at(AT(0), 1024 * PAGE, RW, ANON, -1, 0)); CHANGE("huge.write", poke(AT(0), 1));
  CHANGE("huge.read-second", peek(AT(512))); CHANGE("huge.dontneed-half", advise(0, 256, MADV_DONTNEED));
  CHANGE("huge.gone", clear());
  // Page tables are added with the first page that needs them, and freed with the last mapping.
  CHANGE("tables.mmap", (mmap_at(AT(0), 1ul << 30, RW, ANON | MAP_NORESERVE, -1, 0), sys(SYS_madvise, AT(0), 1ul << 30, MADV_NOHUGEPAGE)));
  CHANGE("tables.first", poke(AT(0), 1)); CHANGE("tables.same", poke(AT(1), 1)); CHANGE("tables.second", poke(AT(512), 1));
  CHANGE("tables.read", peek(AT(1024)));
  CHANGE("tables.dontneed", sys(SYS_madvise, AT(0), 1ul << 30, MADV_DONTNEED)); CHANGE("tables.munmap-part", unmap(0, 512));
  CHANGE("tables.gone", sys(SYS_munmap, AT(0), 1ul << 30, 0));
  s64 before = status("VmSize:"), peak;
  mmap_at(AT(0), 1ul << 40, 0, ANON | MAP_NORESERVE, -1, 0); sys(SYS_munmap, AT(0), 1ul << 40, 0); peak = status("VmPeak:");
  put("status."); name("peak"); column(peak - before); column(status("VmSize:") - before); end();
  read_whole("/proc/self/status", proc_text, sizeof proc_text);
  put("status."); name("names");
  for (const char *at = proc_text; *at;) { put("\t"); put_until(at, ':'); while (*at && *at++ != '\n') {} }
  end();
  static const char *const raw[] = {
    "State:", "Umask:", "TracerPid:", "Uid:", "Gid:", "FDSize:", "VmLck:", "VmPin:", "VmSwap:", "HugetlbPages:", "RssShmem:",
    "CoreDumping:", "THP_enabled:", "Threads:", "SigPnd:", "ShdPnd:", "SigBlk:", "SigIgn:", "SigCgt:", "NoNewPrivs:", "Seccomp:",
  };
  for (u64 i = 0; i < sizeof raw / sizeof *raw; i++) for (const char *at = proc_text; *at;) {
    const char *a = at, *b = raw[i];
    while (*b && *a == *b) a++, b++;
    if (!*b) { put("status."); name("raw"); put("\t"); put_until(at, '\n'); end(); }
    while (*at && *at++ != '\n') {}
  }
}

static char pieces[1 << 16];

/// How the text files are read: in pieces, at offsets, and what else is refused.
static void reading(void) {
  anonymous(0, 4, RW);
  static const char *const paths[] = {"/proc/self/maps", "/proc/self/smaps", "/proc/self/statm", "/proc/self/status"};
  static const char *const names[] = {"maps", "smaps", "statm", "status"};
  for (int i = 0; i < 4; i++) {
    s64 whole = read_whole(paths[i], proc_text, sizeof proc_text), length = 0, count, at = open_file(paths[i], O_RDONLY, 0);
    while ((count = sys(SYS_read, at, pieces + length, 7)) > 0) length += count;
    name("pieces."); put(names[i]); column(length == whole); column(count);
    if (i < 3) { s64 same = 1; for (s64 j = 0; j < length; j++) same &= pieces[j] == proc_text[j]; column(same); }
    column(sys(SYS_read, at, pieces, 100)); end();
    name("seek."); put(names[i]); column(sys(SYS_lseek, at, 3, SEEK_SET)); column(sys(SYS_read, at, pieces, 5)); s64 same = 1;
    for (int j = 0; j < 5; j++) same &= pieces[j] == proc_text[3 + j]; column(same);
    column(sys(SYS_lseek, at, 0, SEEK_CUR)); column(sys(SYS_lseek, at, -2, SEEK_CUR)); column(sys(SYS_lseek, at, 0, SEEK_END));
    column(sys(SYS_lseek, at, -1, SEEK_SET)); column(sys(SYS_lseek, at, whole + 10, SEEK_SET) - whole);
    column(sys(SYS_read, at, pieces, 5)); end();
    name("pread."); put(names[i]); column(sys4(SYS_pread64, at, pieces, 6, 2)); same = 1;
    for (int j = 0; j < 6; j++) same &= pieces[j] == proc_text[2 + j]; column(same); column(sys4(SYS_pread64, at, pieces, 0, 2));
    column(sys4(SYS_pread64, at, pieces, 6, whole + 5)); column(sys4(SYS_pread64, at, pieces, 6, -1));
    column(sys4(SYS_pread64, at, AT(64), 6, 2)); column(sys4(SYS_pread64, at, AT(64), 6, 0)); end();
    name("write."); put(names[i]); column(sys(SYS_write, at, "x", 1)); sys(SYS_close, at, 0, 0);
    at = open_file(paths[i], O_RDWR, 0); column(at > 0 ? 0 : at); column(sys(SYS_write, at, "x", 1));
    column(sys(SYS_ftruncate, at, 0, 0)); sys(SYS_close, at, 0, 0);
    at = open_file(paths[i], O_WRONLY | O_TRUNC, 0); column(at > 0 ? 0 : at); column(sys(SYS_read, at, pieces, 1));
    sys(SYS_close, at, 0, 0);
    at = open_file(paths[i], O_RDONLY | O_CREAT, 0); column(at > 0 ? 0 : at); sys(SYS_close, at, 0, 0);
    end();
    name("mmap."); put(names[i]); at = open_file(paths[i], O_RDONLY, 0);
    place(mmap_at(AT(100), PAGE, PROT_R, MAP_PRIVATE | MAP_FIXED, at, 0)); sys(SYS_close, at, 0, 0); end();
  }
  for (int i = 0; i < 200; i++) mmap_at(AT(1000 + 2 * i), PAGE, i & 1 ? PROT_R : RW, ANON, -1, 0);
  s64 at = open_file("/proc/self/maps", O_RDONLY, 0), longest = 0, cut = 0, reads = 0, count;
  while ((count = sys(SYS_read, at, pieces, sizeof pieces)) > 0) {
    reads++;
    if (count > longest) longest = count;
    if (pieces[count - 1] != '\n') cut++;
  }
  sys(SYS_close, at, 0, 0);
  name("long.maps"); column(reads > 2); column(longest > 4000 && longest <= 4096); column(cut); end();
  clear();
  name("missing.file"); column(open_file("/proc/self/nothing", O_RDONLY, 0)); end();
  name("missing.process"); column(open_file("/proc/4194304/maps", O_RDONLY, 0)); end();
  name("create"); column(open_file("/proc/self/created", O_RDWR | O_CREAT, 0600)); end();
  name("directory"); at = open_file("/proc/self", O_RDONLY, 0); column(at > 0); column(sys(SYS_read, at, pieces, 8));
  sys(SYS_close, at, 0, 0); column(open_file("/proc/self", O_WRONLY, 0)); end();
}

/// The heap and the stack: sizes and names, not places.
static void named(void) {
  s64 heap = sys(SYS_brk, 0, 0, 0);
  sys(SYS_brk, heap + 3 * PAGE, 0, 0);
  read_whole("/proc/self/maps", proc_text, sizeof proc_text);
  for (const char *at = proc_text; *at;) {
    const char *line = at, *number = at;
    u64 low = parse_hex(&number);
    number++;
    u64 high = parse_hex(&number);
    const char *bracket = line;
    while (*bracket != '\n' && *bracket != '[') bracket++;
    if (bracket[0] == '[' && (bracket[1] == 'h' || bracket[1] == 's')) {
      name("named"); text(""); put_until(bracket, '\n'); column((high - low) / PAGE); text(""); put_until(number + 1, ' ');
      column(bracket - line);
      column(bracket[1] == 'h' ? low == ((u64)heap & ~(PAGE - 1)) || low == (((u64)heap + PAGE - 1) & ~(PAGE - 1)) : 1); end();
    }
    while (*at && *at++ != '\n') {}
  }
  sys(SYS_brk, heap, 0, 0);
}

int oracle_main(void) {
  memory_start();
  file = memfd("described", 8);
  host = open_file("/described", O_RDWR | O_CREAT | O_TRUNC, 0600);
  static char block[8 * PAGE];
  sys4(SYS_pwrite64, file, block, sizeof block, 0);
  sys4(SYS_pwrite64, host, block, sizeof block, 0);
  mappings();
  blocks();
  pagemaps();
  sizes();
  reading();
  named();
  sys(SYS_unlinkat, AT_FDCWD, "/described", 0);
  return 0;
}
