// The changes of Linux 7.3 that programs can see: mappings of files that mremap moved, files at the largest possible size, the huge
// zero page in pagemap, a system call, and the contents of /proc. On older kernels the rows show the earlier behaviour.
#include "memory.h"

enum {
  SYS_getcwd = 17, SYS_fchdir = 50, SYS_chroot = 51, SYS_fchroot = 472, SYS_rseq_slice_yield = 471, SYS_pipe = 59,
  O_DIRECTORY = 040000, O_PATH = 010000000, FD_FAILFS_ROOT = -10004, FALLOC_KEEP_SIZE = 1, FALLOC_PUNCH_HOLE = 2,
  F_ADD_SEALS = 1033, F_SEAL_GROW = 4, MFD_ALLOW_SEALING = 2,
};

static void clear(void) { unmap(0, 4096); }
static s64 file;

// MARK: A part of a mapping that mremap moved, and its neighbours

static s64 move(u64 page, u64 count, u64 target) {
  return sys6(SYS_mremap, (s64)AT(page), count * PAGE, count * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (s64)AT(target), 0);
}
static void map_file(u64 page, u64 count, u64 offset, int type) {
  mmap_at(AT(page), count * PAGE, RW, type | MAP_FIXED, file, offset * PAGE);
}
/// Moves pages 4 to 7 of a mapping of 8 away and maps the file there again, or moves them back.
static void moved(const char *what, int type, u64 written, void (*then)(int)) {
  map_file(0, 8, 0, type);
  fill(AT(4), written);
  name(what); place(move(4, 4, 32)); then(type); areas(0, 64); pages(AT(0), 64); end();
  clear();
}
static void alone(int type) {}
static void back(int type) { place(move(32, 4, 4)); }
static void fresh_below(int type) { map_file(28, 4, 0, type); }
static void fresh_above(int type) { map_file(36, 4, 8, type); }
static void fresh_around(int type) { fresh_below(type); fresh_above(type); }
static void below_written(int type) { map_file(28, 4, 0, type); fill(AT(28), 1); }
static void written_then_asked(int type) { fresh_below(type); protect(28, 8, PROT_R); protect(28, 8, RW); }
static void follows(int type) { place(move(0, 4, 28)); }
static void written_follows(int type) { fill(AT(0), 4); place(move(0, 4, 28)); }
static void stays(int type) { place(move(0, 4, 60 - 4)); place(move(32, 4, 60)); }
static void grown(int type) {
  place(sys6(SYS_mremap, (s64)AT(32), 4 * PAGE, 8 * PAGE, 0, 0, 0));
  fresh_below(type);
}
static void split(int type) { protect(33, 1, PROT_R); protect(33, 1, RW); fresh_below(type); }
static void dropped(int type) { advise(32, 4, MADV_DONTNEED); fresh_below(type); }

static void merging(void) {
  static const struct { const char *name; void (*then)(int); } ways[] = {
    {"alone", alone}, {"back", back}, {"fresh-below", fresh_below}, {"fresh-above", fresh_above}, {"fresh-around", fresh_around},
    {"below-written", below_written}, {"protected-and-back", written_then_asked}, {"other-part-follows", follows},
    {"written-part-follows", written_follows}, {"both-elsewhere", stays}, {"grown", grown}, {"split", split}, {"dropped", dropped},
  };
  static const struct { const char *name; int type; u64 written; } kinds[] = {
    {"private", MAP_PRIVATE, 4}, {"private-one", MAP_PRIVATE, 1}, {"private-untouched", MAP_PRIVATE, 0}, {"shared", MAP_SHARED, 4},
  };
  for (u64 kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
    for (u64 way = 0; way < sizeof ways / sizeof *ways; way++) {
      put("merge."); put(kinds[kind].name); put(".");
      moved(ways[way].name, kinds[kind].type, kinds[kind].written, ways[way].then);
    }
  }
  // The old place of memory that was moved with MREMAP_DONTUNMAP is like a new mapping.
  anonymous(0, 4, RW); fill(AT(0), 4);
  sys6(SYS_mremap, (s64)AT(0), 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, (s64)AT(32), 0);
  name("merge.left-behind"); mmap_at(AT(4), 4 * PAGE, RW, ANON, -1, 0); areas(0, 64); end(); clear();
  // In a child too.
  map_file(0, 8, 0, MAP_PRIVATE); fill(AT(4), 4); move(4, 4, 32);
  flush();
  s64 child = fork();
  if (!child) { warm(); output_length = 0; map_file(28, 4, 0, MAP_PRIVATE); name("merge.child"); areas(0, 64); end(); quit(0); }
  wait_for(child); clear();
}

// MARK: The end of files

static void allocate(const char *what, int mode, u64 offset, u64 length, int seals) {
  s64 fresh = sys(SYS_memfd_create, "end", MFD_ALLOW_SEALING, 0);
  if (seals) sys(SYS_fcntl, fresh, F_ADD_SEALS, seals);
  name(what); column(sys4(SYS_fallocate, fresh, mode, offset, length)); column(sys(SYS_lseek, fresh, 0, 2)); end();
  sys(SYS_close, fresh, 0, 0);
}
static void ends(void) {
  u64 last = 0x7ffffffffffffffful;
  allocate("end.last-byte", 0, last - 1, 1, 0);
  allocate("end.last-page", 0, last - 0xfff, 0xfff, 0);
  allocate("end.one-byte-of-the-last-page", 0, last - 0xfff, 1, 0);
  allocate("end.page-before-the-last", 0, last - 0x1fff, 0x1000, 0);
  allocate("end.into-the-last-page", 0, last - 0x1fff, 0x1001, 0);
  allocate("end.past-the-last-page", 0, last - 0xfff, 0x1000, 0);
  allocate("end.keep-size", FALLOC_KEEP_SIZE, last - 1, 1, 0);
  allocate("end.keep-size.page-before", FALLOC_KEEP_SIZE, last - 0x1fff, 0x1000, 0);
  allocate("end.sealed", 0, last - 1, 1, F_SEAL_GROW);
  allocate("end.punch", FALLOC_KEEP_SIZE | FALLOC_PUNCH_HOLE, last - 1, 1, 0);
  allocate("end.negative", 0, last + 1, 1, 0);
  allocate("end.nothing", 0, last - 1, 0, 0);
}

// MARK: The huge zero page

static void zero_page(void) {
  mmap_at(AT(0), 512 * PAGE, RW, ANON, -1, 0); advise(0, 512, MADV_HUGEPAGE);
  name("zero.untouched"); pagemap(AT(0), 1); put("\t"); hex(page_words[0] >> 55 << 55); end();
  peek(AT(0));
  static const u64 places[] = {0, 1, 511};
  for (int i = 0; i < 3; i++) {
    name("zero.read"); column(places[i]); pagemap(AT(places[i]), 1); put("\t"); hex(page_words[0] >> 55 << 55); end();
  }
  name("zero.smaps"); column(smaps(AT(0), "Rss:")); column(smaps(AT(0), "AnonHugePages:")); end();
  flush();
  s64 child = fork();
  if (!child) {
    warm(); output_length = 0;
    name("zero.child"); pagemap(AT(7), 1); put("\t"); hex(page_words[0] >> 55 << 55); end();
    quit(0);
  }
  wait_for(child);
  poke(AT(0), 1);
  for (int i = 0; i < 3; i++) {
    name("zero.written"); column(places[i]); pagemap(AT(places[i]), 1); put("\t"); hex(page_words[0] >> 55 << 55); end();
  }
  clear();
  anonymous(0, 1, RW); peek(AT(0));
  name("zero.small"); pagemap(AT(0), 1); put("\t"); hex(page_words[0] >> 55 << 55); end();
  clear();
}

// MARK: fchroot

static void answers(const char *what, s64 result) { name(what); column(result); end(); }

/// Whether a path can be opened: 1, or the error.
static void reach(const char *way, const char *path) {
  s64 found = open_file(path, O_RDONLY, 0);
  put(way); name("reach"); text(path); column(found < 0 ? found : 1); end();
  sys(SYS_close, found, 0, 0);
}
static void where_am_i(void) {
  static char where[256];
  s64 length = sys(SYS_getcwd, where, sizeof where, 0);
  column(length);
  if (length > 0) text(where);
}

/// What a child sees whose root is another directory.
static void roots(void) {
  sys(SYS_mkdirat, AT_FDCWD, "/tmp/jail", 0755); sys(SYS_mkdirat, AT_FDCWD, "/tmp/jail/inner", 0755);
  s64 inside = open_file("/tmp/jail/here", O_RDWR | O_CREAT, 0644), jail = open_file("/tmp/jail", O_RDONLY | O_DIRECTORY, 0);
  s64 path = open_file("/tmp/jail", O_PATH, 0);
  s64 ends[1];
  sys(SYS_pipe2, ends, 0, 0);
  answers("fchroot.flags", sys(SYS_fchroot, jail, 1, 0));
  answers("fchroot.flags-and-bad-descriptor", sys(SYS_fchroot, -1, 0x80000000, 0));
  answers("fchroot.bad-descriptor", sys(SYS_fchroot, -1, 0, 0));
  answers("fchroot.closed-descriptor", sys(SYS_fchroot, 77, 0, 0));
  answers("fchroot.file", sys(SYS_fchroot, inside, 0, 0));
  answers("fchroot.pipe", sys(SYS_fchroot, (int)ends[0], 0, 0));
  answers("fchroot.working-directory", sys(SYS_fchroot, AT_FDCWD, 0, 0));
  answers("chroot.missing", sys(SYS_chroot, "/tmp/missing", 0, 0));
  answers("chroot.file", sys(SYS_chroot, "/tmp/jail/here", 0, 0));
  answers("rseq_slice_yield", sys(SYS_rseq_slice_yield, 0, 0, 0) == -38);
  answers("after-fchroot", sys(473, 0, 0, 0));
  flush();
  for (int way = 0; way < 4; way++) {
    s64 child = fork();
    if (!child) {
      static const char *const names[] = {"chroot.", "fchroot.", "fchroot-of-a-path.", "fchroot-to-nothing."};
      s64 root = way == 0 ? sys(SYS_chroot, "/tmp/jail", 0, 0)
        : sys(SYS_fchroot, way == 1 ? jail : way == 2 ? path : FD_FAILFS_ROOT, 0, 0);
      put(names[way]); answers("result", root);
      if (root == 0) {
        static const char *const paths[] = {
          "/", "/here", "/tmp/jail/here", "/../here", "/inner/../../../here", "/missing", "tmp/jail/here", ".", "..",
        };
        put(names[way]); name("getcwd"); where_am_i(); end();
        for (u64 i = 0; i < sizeof paths / sizeof *paths; i++) reach(names[way], paths[i]);
        put(names[way]); answers("makes", sys(SYS_mkdirat, AT_FDCWD, "/made", 0755));
        put(names[way]); answers("into", sys(SYS_fchdir, jail, 0, 0));
        put(names[way]); name("getcwd"); where_am_i(); end();
        reach(names[way], "here"); reach(names[way], "../here"); reach(names[way], "../tmp");
      }
      quit(0);
    }
    wait_for(child);
  }
}

// MARK: /proc

/// The unchanged lines of a file that begin with one of the words.
static void lines(const char *path, const char *const *words, int count) {
  read_whole(path, proc_text, sizeof proc_text);
  for (int i = 0; i < count; i++) {
    const char *at = proc_text, *found = 0;
    while (*at && !found) {
      if (number_behind_line(at, words[i]) >= 0) found = at;
      while (*at && *at++ != '\n') {}
    }
    put(path); put("\t"); put(words[i]); put("\t");
    if (!found) put("none");
    for (; found && *found && *found != '\n'; found++) output[output_length++] = *found;
    end();
  }
}
/// The first word of each line: the counter's name without its value.
static void has(const char *path, const char *const *words, int count) {
  read_whole(path, proc_text, sizeof proc_text);
  for (int i = 0; i < count; i++) {
    put(path); put("\t"); put(words[i]); column(number_behind(proc_text, words[i]) >= 0); end();
  }
}
static void setting(const char *path) {
  static const char *const values[] = {"0\n", "1\n", "2\n", "-1\n", "x\n", "", "0\n"};
  static char text[64];
  for (u64 i = 0; i < sizeof values / sizeof *values; i++) {
    u64 length = 0;
    while (values[i][length]) length++;
    s64 out = open_file(path, O_WRONLY, 0), written = sys(SYS_write, out, values[i], length);
    sys(SYS_close, out, 0, 0);
    put(path); column(out < 0 ? out : written);
    s64 read = read_whole(path, text, sizeof text);
    column(read); put("\t");
    for (char *c = text; read > 0 && *c && *c != '\n'; c++) output[output_length++] = *c;
    end();
  }
}
static void proc(void) {
  static const char *const mask[] = {"Cpus_allowed:", "Cpus_allowed_list:", "Mems_allowed:", "Mems_allowed_list:"};
  lines("/proc/self/status", mask, 4);
  static const char *const counters[] = {"nr_free_pages ", "pgfault ", "pgrotate_anon ", "pgrotate_file ", "nrswpin ", "nrswpout "};
  has("/proc/vmstat", counters, 6);
  setting("/proc/sys/vm/panic_on_unrecoverable_memory_failure");
}

int oracle_main(void) {
  memory_start();
  file = memfd("releases", 64);
  map_file(0, 64, 0, MAP_SHARED); fill(AT(0), 64); clear();
  merging();
  ends();
  zero_page();
  roots();
  proc();
  return 0;
}
