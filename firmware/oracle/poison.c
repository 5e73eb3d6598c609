// MADV_HWPOISON and MADV_SOFT_OFFLINE: pages of each kind that are said to have failed, the signals that follow, and what the other
// users of the page find.
#include "memory.h"

enum { MADV_HWPOISON = 100, MADV_SOFT_OFFLINE = 101 };

/// As the other catcher, and the size of the failed page. Where a call raised the signal the program goes on behind the call.
static volatile int in_call;
static volatile struct { int count, sig, code, lsb, has_esr; u64 addr, esr; } hit;
static void on_failure(int signal, struct siginfo *info, struct ucontext *context) {
  const u64 *esr = esr_record(context);
  hit.count++;
  hit.sig = signal; hit.code = info->code; hit.addr = info->address; hit.lsb = *(short *)(&info->address + 1);
  hit.has_esr = esr != 0;
  hit.esr = esr ? *esr : 0;
  if (!in_call) context->pc = context->regs[30];
}

static void signals(void) {
  if (!hit.count) { text("-"); return; }
  put("\t"); dec(hit.count); put("!"); dec(hit.sig); put("."); dec(hit.code); put("@"); hex(hit.addr - BASE); put("/"); dec(hit.lsb);
  if (hit.has_esr) { put("."); hex(hit.esr); }
  hit.count = 0;
}

static s64 memory_of(const char *label) { return number_in("/proc/meminfo", label); }
static s64 corrupted;
static void lost(void) {
  s64 now = memory_of("HardwareCorrupted:");
  column(now - corrupted);
  corrupted = now;
}

static void try_page(u64 page) {
  s64 before = minor_faults();
  op_ldr(AT(page)); s64 middle = minor_faults(); column(middle - before); signals();
  op_str(AT(page)); column(minor_faults() - middle); signals();
}

static int advice_here = MADV_HWPOISON;

/// The advice on pages of the arena, and then accesses to them.
static void row(const char *what, u64 page, u64 count) {
  name(advice_here == MADV_HWPOISON ? "poison." : "offline."); put(what);
  hit.count = 0;
  s64 anonymous = status("RssAnon:"), files = status("RssFile:"), shared = status("RssShmem:");
  in_call = 1;
  s64 before = minor_faults(), result = advise(page, count, advice_here), faults = minor_faults() - before;
  in_call = 0;
  column(result); column(faults); signals(); lost(); pages(AT(0), 16); areas(0, 64);
  column(status("RssAnon:") - anonymous); column(status("RssFile:") - files); column(status("RssShmem:") - shared);
  for (u64 i = 0; i < count && i < 3; i++) try_page(page + i);
  pages(AT(0), 16);
  end();
}
static void clear(void) { unmap(0, 4096); }

static s64 file;
static void file_area(int protection, int flags) { mmap_at(AT(0), 8 * PAGE, protection, flags | MAP_FIXED, file, 0); }
static s64 byte_at(u64 page) {
  u8 byte = 0;
  s64 count = sys4(SYS_pread64, file, &byte, 1, page * PAGE + 8);
  return count == 1 ? byte : count;
}
static void file_rows(const char *kind) {
  for (u64 i = 0; i < 8; i++) { u8 byte = i + 10; sys4(SYS_pwrite64, file, &byte, 1, i * PAGE + 8); }
  file_area(RW, MAP_SHARED); name(kind); put(":"); row("shared.written-by-call", 1, 1); column(byte_at(1)); end(); clear();
  file_area(RW, MAP_SHARED); fill(AT(2), 2); name(kind); put(":"); row("shared.stored", 2, 1); column(byte_at(2)); end(); clear();
  file_area(PROT_R, MAP_SHARED); look(AT(0), 8); name(kind); put(":"); row("shared.read", 4, 1); column(byte_at(4)); end();
  file_area(RW, MAP_SHARED); name(kind); put("-again"); for (int i = 0; i < 5; i++) try_page(i); end();
  name(kind); put("-write"); column(sys4(SYS_pwrite64, file, "x", 1, PAGE)); column(byte_at(1)); end();
  name(kind); put("-punch"); column(sys4(SYS_fallocate, file, 3, 0, 8 * PAGE)); lost(); for (int i = 0; i < 5; i++) try_page(i); end();
  clear();
  file_area(RW, MAP_PRIVATE); fill(AT(0), 2); name(kind); put(":"); row("private.copied", 0, 2); clear();
  file_area(RW, MAP_PRIVATE); look(AT(5), 1); name(kind); put(":"); row("private.read", 5, 1); column(byte_at(5)); end(); clear();
  sys(SYS_ftruncate, file, 0, 0); name(kind); put("-truncated"); lost(); end();
}

static void memory_rows(void) {
  anonymous(0, 8, RW); fill(AT(0), 8); row("written", 2, 1); row("again", 2, 1);
  in_call = 1;
  s64 sink = memfd("sink", 1);
  name("system-call"); column(sys(SYS_write, sink, AT(2), 1)); signals(); sys(SYS_close, sink, 0, 0);
  column(sys(SYS_pipe2, AT(2), 0, 0)); signals(); end();
  name("populate"); column(advise(0, 8, MADV_POPULATE_READ)); column(advise(0, 8, MADV_POPULATE_WRITE)); signals(); end();
  in_call = 0;
  static u8 present[8];
  name("mincore"); column(sys(SYS_mincore, AT(0), 8 * PAGE, present)); for (int i = 0; i < 8; i++) dec(present[i]); end();
  name("smaps"); column(smaps(AT(0), "Rss:")); column(smaps(AT(0), "Swap:")); column(smaps(AT(0), "Anonymous:")); end();
  name("protect"); column(protect(0, 8, PROT_R)); try_page(2); column(protect(0, 8, RW)); try_page(2); end();
  in_call = 1;
  name("lock"); column(sys(SYS_mlock, AT(0), 8 * PAGE, 0)); signals(); column(sys(SYS_munlock, AT(0), 8 * PAGE, 0)); end();
  in_call = 0;
  name("free"); column(advise(0, 4, MADV_FREE)); pages(AT(0), 16); try_page(2); end();
  name("dontneed"); column(advise(0, 4, MADV_DONTNEED)); pages(AT(0), 16); try_page(2); lost(); end(); clear();
  // The zero page stays in use. It is tried only once, because it counts as failed afterwards.
  if (advice_here == MADV_HWPOISON) { anonymous(0, 8, RW); row("untouched", 2, 1); clear(); }
  anonymous(0, 8, RW); fill(AT(0), 8); protect(0, 8, PROT_R); row("read-only-written", 2, 1); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); protect(0, 8, 0); row("none", 2, 1); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); row("three", 2, 3); clear();
  anonymous(0, 4, RW); fill(AT(0), 4); row("into-a-hole", 2, 4); clear();
  row("unmapped", 2, 1);
  anonymous(0, 8, RW); fill(AT(0), 8); advise(0, 8, MADV_FREE); row("given-up", 2, 1); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); sys(SYS_mlock, AT(0), 8 * PAGE, 0); row("locked", 2, 1); clear();
  anonymous(0, 8, RW); fill(AT(0), 8); row("moved", 2, 1);
  sys6(SYS_mremap, (s64)AT(0), 8 * PAGE, 8 * PAGE, 3, (s64)AT(16), 0); name("moved-then"); pages(AT(16), 8); try_page(18); end(); clear();
  mmap_at(AT(0), 8 * PAGE, RW, SHARED_ANON, -1, 0); fill(AT(0), 8); row("shared", 2, 1); clear();
  in_call = 1;
  name("arguments"); anonymous(0, 1, RW);
  column(sys(SYS_madvise, AT(0) + 1, PAGE, advice_here)); column(sys(SYS_madvise, AT(0), 0, advice_here));
  column(sys(SYS_madvise, AT(0), ~0ul, advice_here)); end(); clear();
  in_call = 0;
}

/// A page that a child has too.
static void forked(int writes) {
  anonymous(0, 8, RW); fill(AT(0), 8);
  int ends[2], back[2];
  sys(SYS_pipe2, ends, 0, 0); sys(SYS_pipe2, back, 0, 0);
  flush();
  s64 child = fork();
  if (!child) {
    char byte;
    warm();
    hit.count = 0;
    if (writes) fill(AT(2), 1);
    sys(SYS_write, back[1], "", 1);
    sys(SYS_read, ends[0], &byte, 1);
    name("child"); signals(); pages(AT(0), 16); try_page(2); end();
    quit(0);
  }
  char byte;
  sys(SYS_read, back[0], &byte, 1);
  warm();
  row(writes ? "child-copied" : "child-shares", 2, 1);
  sys(SYS_write, ends[1], "", 1);
  wait_for(child);
  warm();
  // A child made later.
  flush();
  child = fork();
  if (!child) { warm(); hit.count = 0; name("child-later"); pages(AT(0), 16); try_page(2); end(); quit(0); }
  wait_for(child);
  warm();
  clear();
  name("forked-end"); lost(); end();
}

static void kinds(void) {
  memory_rows();
  forked(0); forked(1);
  file = memfd("poison", 8); file_rows("memfd"); sys(SYS_close, file, 0, 0);
  file = open_file("/tmp/poison", O_CREAT | O_RDWR | O_TRUNC, 0600); sys(SYS_ftruncate, file, 8 * PAGE, 0);
  file_rows("tmpfs"); sys(SYS_close, file, 0, 0);
  // Huge pages.
  mmap_at(AT(0), HUGE, RW, ANON, -1, 0); advise(0, 512, MADV_HUGEPAGE); fill(AT(0), 1);
  row("huge", 5, 1); name("huge-then"); column(smaps(AT(0), "AnonHugePages:")); end(); clear();
}

int oracle_main(void) {
  memory_start();
  names_hidden = 1;
  handle(SIGBUS, on_failure); handle(SIGSEGV, on_failure);
  hit.count = 0;
  sys(SYS_madvise, AT(0), PAGE, MADV_HWPOISON);
  corrupted = memory_of("HardwareCorrupted:");
  kinds();
  advice_here = MADV_SOFT_OFFLINE;
  kinds();
  return 0;
}
