// The vDSO as programs see it: the auxiliary vector, the lines of maps and smaps, the ELF image and its symbols, what its functions answer,
// which operations on its mappings the kernel allows, and the return of a signal handler through it. Addresses are printed as distances.
#include "memory.h"

enum {
  SYS_nanosleep = 101, SYS_kill = 129, SYS_clock_getres = 114, SYS_gettimeofday = 169, SYS_getrandom = 278, SIGUSR1 = 10, PAGES = 8,
};
struct time { s64 seconds, nanoseconds; };
struct symbol { u32 name; u8 info, other; u16 section; u64 value, size; };
struct header { u32 type, flags; u64 offset, address, physical, in_file, in_memory, alignment; };

static char *image, *data;  // the starts of [vdso] and [vvar]
static u64 image_pages, data_pages;
static const char *strings;
static const struct symbol *symbols;
static u64 symbol_count;

static u64 *auxiliary(void) {
  u64 *word = (u64 *)arguments;
  while (*word++) {}
  while (*word++) {}
  return word;
}

/// The keys of the auxiliary vector, in its order.
static void auxiliary_rows(void) {
  name("auxiliary keys");
  for (u64 *pair = auxiliary(); ; pair += 2) {
    column(pair[0]);
    if (pair[0] == 33) image = (char *)pair[1];
    if (!pair[0]) break;
  }
  end();
}

/// A line of maps without its addresses. The first that has the name sets the range.
static void map_row(const char *label, char **start, u64 *pages) {
  read_whole("/proc/self/maps", proc_text, sizeof proc_text);
  name("maps\t"); name(label);
  for (const char *at = proc_text; *at;) {
    u64 low = parse_hex(&at), high = (at++, parse_hex(&at));
    const char *rest = at, *bracket = at;
    while (*bracket && *bracket != '\n' && *bracket != '[') bracket++;
    const char *a = bracket, *b = label;
    while (*b && *a == *b) a++, b++;
    while (*at && *at++ != '\n') {}
    if (*b) continue;
    if (start) { *start = (char *)low; *pages = (high - low) / PAGE; }
    column((high - low) / PAGE);
    put("\t");
    while (*rest != '\n') output[output_length++] = *rest++;
  }
  end();
}

static void smaps_rows(const char *label, void *address) {
  const char *at = smaps_block(address);
  while (at && *at && *at != '\n') at++;
  if (at) at++;
  while (at && *at) {
    name("smaps\t"); name(label); put("\t");
    while (*at && *at != '\n') output[output_length++] = *at++;
    if (*at) at++;
    end();
  }
}

static u64 pointer(u64 address) { return (u64)image + address; }

static void image_rows(void) {
  const u8 *bytes = (const u8 *)image;
  name("elf type, machine, entry");
  column(*(u16 *)(bytes + 16)); column(*(u16 *)(bytes + 18)); column(*(u64 *)(bytes + 24)); end();
  const struct header *headers = (const struct header *)(bytes + *(u64 *)(bytes + 32));
  u16 count = *(u16 *)(bytes + 56);
  u64 *dynamic = 0;
  u16 *versions = 0;
  u64 definitions = 0;
  const u32 *hash = 0;
  for (u16 i = 0; i < count; i++) {
    name("program header"); column(headers[i].type); column(headers[i].flags); column(headers[i].address == headers[i].offset); end();
    if (headers[i].type == 2) dynamic = (u64 *)pointer(headers[i].address);
    if (headers[i].type != 4) continue;
    const u32 *note = (const u32 *)pointer(headers[i].address), *last = (const u32 *)((const char *)note + headers[i].in_file);
    while (note < last) {
      const char *owner = (const char *)(note + 3);
      const u32 *content = note + 3 + (note[0] + 3) / 4;
      // Other notes identify the build.
      if (same(owner, "Linux") && note[2] == 0) {
        name("note\tLinux"); column(note[2]); column(note[1]); column(*content >> 16); column(*content >> 8 & 255); end();
      }
      note = content + (note[1] + 3) / 4;
    }
  }
  for (u64 *entry = dynamic; *entry; entry += 2) {
    if (entry[0] == 5) strings = (const char *)pointer(entry[1]);
    if (entry[0] == 6) symbols = (const struct symbol *)pointer(entry[1]);
    if (entry[0] == 0x6ffffff0) versions = (u16 *)pointer(entry[1]);
    if (entry[0] == 0x6ffffffc) definitions = pointer(entry[1]);
    if (entry[0] == 0x6ffffef5) hash = (const u32 *)pointer(entry[1]);
  }
  for (u64 *entry = dynamic; *entry; entry += 2) {
    if (entry[0] == 14) { name("soname"); text(strings + entry[1]); end(); }
  }
  name("dynamic"); text(hash ? "gnu hash" : "no gnu hash"); text(versions ? "versions" : "no versions"); end();
  // The table of symbols ends where its strings begin.
  symbol_count = ((u64)strings - (u64)symbols) / sizeof *symbols;
  name("symbols"); column(symbol_count); end();
  static const char *names[] = {
    "__kernel_clock_getres", "__kernel_clock_gettime", "__kernel_getrandom", "__kernel_gettimeofday", "__kernel_rt_sigreturn",
    "LINUX_2.6.39",
  };
  for (u64 n = 0; n < 6; n++) {
    for (u64 i = 1; i < symbol_count; i++) {
      if (!same(strings + symbols[i].name, names[n])) continue;
      name("symbol"); text(names[n]); column(symbols[i].info); column(versions[i]);
      text(symbols[i].section == 0xfff1 ? "absolute" : "in a section");
      column(symbols[i].info & 2 || symbols[i].size); end();
    }
  }
  for (u64 at = definitions; ; ) {
    const u16 *half = (const u16 *)at;
    const u32 *word = (const u32 *)at;
    name("version"); column(half[1]); column(half[2]); text(strings + *(u32 *)(at + word[3])); end();
    if (!word[4]) break;
    at += word[4];
  }
}

static u64 function(const char *label) {
  for (u64 i = 1; i < symbol_count; i++) if (same(strings + symbols[i].name, label)) return pointer(symbols[i].value);
  return 0;
}
typedef s64 call2(s64, void *);
typedef s64 call_day(void *, void *);
typedef s64 call_random(void *, u64, u32, void *, u64);

/// -1, 0 or 1.
static int compare(struct time a, struct time b) {
  if (a.seconds != b.seconds) return a.seconds < b.seconds ? -1 : 1;
  return a.nanoseconds == b.nanoseconds ? 0 : a.nanoseconds < b.nanoseconds ? -1 : 1;
}

static void time_rows(void) {
  call2 *get = (call2 *)function("__kernel_clock_gettime"), *resolution = (call2 *)function("__kernel_clock_getres");
  for (s64 clock = -1; clock <= 12; clock++) {
    struct time before, now, after, exact = {-1, -1};
    s64 sleep[2] = {0, 3000000};
    int ordered = 1;
    s64 result = 0;
    for (int round = 0; round < 20; round++) {
      if (round == 10) sys(SYS_nanosleep, sleep, 0, 0);
      sys(SYS_clock_gettime, clock, &before, 0);
      result = get(clock, &now);
      sys(SYS_clock_gettime, clock, &after, 0);
      if (result != 0) continue;
      if (compare(before, now) > 0 || compare(now, after) > 0 || now.nanoseconds >= 1000000000) ordered = 0;
    }
    name("clock"); column(clock); column(result); text(ordered ? "between" : "not between");
    column(resolution(clock, &exact));
    column(exact.seconds); column(exact.nanoseconds);
    exact = (struct time){-1, -1};
    column(sys(SYS_clock_getres, clock, &exact, 0)); column(exact.seconds); column(exact.nanoseconds);
    column(resolution(clock, 0));
    end();
  }
  call_day *day = (call_day *)function("__kernel_gettimeofday");
  s64 first[2], second[2], third[2];
  int zone[2] = {7, 7};
  sys(SYS_gettimeofday, first, 0, 0);
  s64 result = day(second, zone);
  sys(SYS_gettimeofday, third, 0, 0);
  name("gettimeofday"); column(result); column(zone[0]); column(zone[1]);
  s64 microseconds = second[0] * 1000000 + second[1];
  column(first[0] * 1000000 + first[1] <= microseconds && microseconds <= third[0] * 1000000 + third[1]);
  column(day(0, 0)); end();
  // A bad pointer is an abort of the function itself.
  s64 child = fork();
  if (child == 0) {
    u64 fatal[4] = {0, 0, 0, 0};
    sys4(SYS_rt_sigaction, SIGSEGV, fatal, 0, 8);
    get(1, (void *)8);
    quit(0);
  }
  name("clock_gettime of a bad pointer"); column(wait_for(child) & 127); end();
}

static void random_rows(void) {
  call_random *get = (call_random *)function("__kernel_getrandom");
  u32 parameters[16];
  for (int i = 0; i < 16; i++) parameters[i] = 99;
  name("getrandom parameters"); column(get(0, 0, 0, parameters, ~0ul));
  for (int i = 0; i < 16; i++) column(parameters[i]);
  end();
  char *state = (char *)sys6(SYS_mmap, 0, 2 * PAGE, parameters[1], parameters[2], -1, 0);
  name("a state's mapping"); column((s64)state < 0 && (s64)state > -4096 ? (s64)state : 0); end();
  const char *block = smaps_block(state);
  for (const char *at = block; at && *at;) {
    const char *line = at;
    while (*at && *at++ != '\n') {}
    if (line[0] != 'V') continue;
    name("a state's flags\t");
    while (*line != '\n') output[output_length++] = *line++;
    end();
  }
  u64 size = parameters[0];
  static u8 first[300], second[300];
  name("getrandom 300"); column(get(first, 300, 0, state, size)); column(get(second, 300, 0, state, size));
  int equal = 0, zeroes = 0;
  for (int i = 0; i < 300; i++) { equal += first[i] == second[i]; zeroes += first[i] == 0; }
  column(equal < 30); column(zeroes < 30); end();
  name("getrandom of 0, 1, 31, 257 bytes");
  column(get(first, 0, 0, state, size)); column(get(first, 1, 0, state, size)); column(get(first, 31, 0, state, size));
  column(get(first, 257, 0, state, size)); end();
  name("getrandom flags 0 to 8");
  for (u32 flags = 0; flags <= 8; flags++) column(get(first, 8, flags, state, size));
  end();
  name("getrandom of another size of state");
  column(get(first, 8, 0, state, size - 1)); column(get(first, 8, 0, state, 0)); column(get(first, 8, 0, 0, 0)); end();
  name("getrandom of a state over the end of a page"); column(get(first, 8, 0, state + PAGE - 8, size)); end();
  // A copy of the state in a child is empty, so both have other bytes.
  s64 ends[2];
  int pipe[2];
  sys(SYS_pipe2, pipe, 0, 0);
  s64 child = fork();
  if (child == 0) {
    get(ends, 8, 0, state, size);
    sys(SYS_write, pipe[1], ends, 8);
    quit(0);
  }
  wait_for(child);
  sys(SYS_read, pipe[0], ends + 1, 8);
  get(ends, 8, 0, state, size);
  name("getrandom in a child differs"); column(ends[0] != ends[1]); end();
  sys(SYS_close, pipe[0], 0, 0); sys(SYS_close, pipe[1], 0, 0);
  name("advice 16 to 19, mlock of droppable memory");
  for (int advice = 16; advice <= 19; advice++) column(sys(SYS_madvise, state, PAGE, advice));
  column(sys(SYS_mlock, state, PAGE, 0)); column(smaps(state, "Locked:")); end();
  s64 file = memfd("droppable", 1);
  name("droppable memory that grows, of a file, shared");
  column(sys6(SYS_mmap, 0, PAGE, RW, 8 | MAP_ANON | MAP_GROWSDOWN, -1, 0)); column(sys6(SYS_mmap, 0, PAGE, RW, 8, file, 0));
  column(sys6(SYS_mmap, 0, PAGE, RW, 9 | MAP_ANON, -1, 0)); end();
  sys(SYS_close, file, 0, 0);
}

/// Touches a page in a child: 0, or the signal that ended it.
static s64 touched(void *address, int write) {
  s64 child = fork();
  if (child == 0) {
    u64 fatal[4] = {0, 0, 0, 0};
    sys4(SYS_rt_sigaction, SIGSEGV, fatal, 0, 8);
    sys4(SYS_rt_sigaction, SIGBUS, fatal, 0, 8);
    if (write) *(volatile char *)address = 1; else (void)*(volatile char *)address;
    for (;;) sys(SYS_exit_group, 0, 0, 0);
  }
  return wait_for(child) & 127;
}

static u64 link_in_handler;
static void on_user_signal(int signal, struct siginfo *info, struct ucontext *context) {
  link_in_handler = (u64)__builtin_return_address(0);
}

/// Sends itself a signal whose handler has no restorer: the distance of its return address from __kernel_rt_sigreturn.
static void signal_row(const char *label) {
  struct { signal_handler *handler; u64 flags, restorer, mask; } action = {on_user_signal, 4, 0, 0};
  sys4(SYS_rt_sigaction, SIGUSR1, &action, 0, 8);
  link_in_handler = 0;
  sys(SYS_kill, sys(SYS_getpid, 0, 0, 0), SIGUSR1, 0);
  name("signal without a restorer"); text(label); column((s64)link_in_handler - (s64)function("__kernel_rt_sigreturn")); end();
}

static s64 moved_to(char *start, u64 pages, char *place) {
  return sys6(SYS_mremap, (s64)start, pages * PAGE, pages * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (s64)place, 0);
}

static void mapping_rows(const char *label, char *start, u64 pages) {
  name("read pages"); text(label);
  for (u64 i = 0; i < pages; i++) column(touched(start + i * PAGE, 0));
  end();
  name("write"); text(label); column(touched(start, 1)); end();
  u8 present[PAGES];
  name("mincore"); text(label); column(sys(SYS_mincore, start, pages * PAGE, present)); end();
  int pipe[2];
  sys(SYS_pipe2, pipe, 0, 0);
  name("write to a pipe, read from it"); text(label);
  column(sys(SYS_write, pipe[1], start, 64)); column(sys(SYS_read, pipe[0], start, 64)); end();
  sys(SYS_close, pipe[0], 0, 0); sys(SYS_close, pipe[1], 0, 0);
  name("mlock, munlock, mlock2"); text(label);
  column(sys(SYS_mlock, start, PAGE * pages, 0)); column(sys(SYS_munlock, start, PAGE * pages, 0));
  column(sys(SYS_mlock2, start, PAGE * pages, 1)); column(sys(SYS_munlock, start, PAGE * pages, 0)); end();
  name("msync"); text(label); column(sys(SYS_msync, start, PAGE * pages, 4)); end();
  name("advice 0 to 25"); text(label);
  // Without REMOVE, MERGEABLE and UNMERGEABLE.
  for (int advice = 0; advice <= 25; advice++) {
    int isLeftOut = advice == MADV_REMOVE || advice == 12 || advice == 13;
    column(isLeftOut ? 0 : sys(SYS_madvise, start, PAGE * pages, advice));
  }
  end();
  name("mprotect of one page"); text(label); column(sys(SYS_mprotect, start, PAGE, PROT_R | PROT_W)); end();
  name("munmap of one page"); text(label); column(sys(SYS_munmap, start, PAGE, 0)); end();
  name("mmap over one page"); text(label);
  s64 over = mmap_at(start, PAGE, RW, ANON, -1, 0);
  column(over < 0 ? over : 0); end();
  name("mremap of one page, grown, shrunk"); text(label);
  s64 result = moved_to(start, 1, AT(0));
  column(result < 0 ? result : 0);
  result = sys6(SYS_mremap, (s64)start, PAGE * pages, PAGE * (pages + 1), MREMAP_MAYMOVE, 0, 0);
  column(result < 0 ? result : 0);
  result = sys6(SYS_mremap, (s64)start, PAGE * pages, PAGE, 0, 0, 0);
  column(result < 0 ? result : 0); end();
  name("mremap with DONTUNMAP"); text(label);
  result = sys6(SYS_mremap, (s64)start, PAGE * pages, PAGE * pages, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, (s64)AT(64), 0);
  column(result < 0 ? result : 0); end();
  unmap(64, pages);
  name("mprotect to all protections"); text(label);
  for (int protection = 0; protection < 8; protection++) column(sys(SYS_mprotect, start, PAGE * pages, protection));
  column(sys(SYS_mprotect, start, PAGE * pages, start == image ? PROT_R | PROT_X : PROT_R)); end();
}

int oracle_main(void) {
  auxiliary_rows();
  map_row("[vvar]", &data, &data_pages);
  char *start = 0;
  map_row("[vdso]", &start, &image_pages);
  map_row("[vvar_vclock]", 0, 0);
  name("the auxiliary vector names the start"); column(image - start); end();
  name("from the end of [vvar] to [vdso]"); column(image - data - (s64)(data_pages * PAGE)); end();
  smaps_rows("[vvar]", data);
  smaps_rows("[vdso]", image);
  warm();
  name("faults of reading the first two pages of [vdso]"); read_at(image); read_at(image + PAGE); end();
  name("faults of reading the first page of [vvar]"); read_at(data); read_at(data); end();
  image_rows();
  time_rows();
  name("smaps once used"); end();
  smaps_rows("[vvar]", data);
  smaps_rows("[vdso]", image);
  random_rows();
  signal_row("at first");
  // In a child, so that nothing of it remains.
  s64 child = fork();
  if (child == 0) {
    mapping_rows("[vvar]", data, data_pages);
    mapping_rows("[vdso]", image, image_pages);
    map_row("[vvar]", 0, 0);
    map_row("[vdso]", 0, 0);
    signal_row("in a child");
    quit(0);
  }
  name("the child"); column(wait_for(child)); end();
  child = fork();
  if (child == 0) {
    // A written page is the process's own.
    name("write to [vdso]"); column(sys(SYS_mprotect, image, image_pages * PAGE, PROT_R | PROT_W | PROT_X));
    *(volatile char *)(image + 8) = 77;
    column(image[8]); column(smaps(image, "Private_Dirty:")); column(smaps(image, "Anonymous:")); end();
    signal_row("after a write");
    quit(0);
  }
  name("the child"); column(wait_for(child)); column(image[8]); end();
  child = fork();
  if (child == 0) {
    char *new_place = AT(16);
    // The data first: the image finds it at a distance.
    name("mremap of [vvar]"); place(moved_to(data, data_pages, new_place)); end();
    name("mremap of [vdso]"); place(moved_to(image, image_pages, new_place + data_pages * PAGE)); end();
    s64 moved = new_place + data_pages * PAGE - image;
    image += moved; strings += moved; symbols = (const struct symbol *)((u64)symbols + moved);
    map_row("[vvar]", 0, 0);
    map_row("[vdso]", 0, 0);
    signal_row("after mremap");
    time_rows();
    s64 grandchild = fork();
    if (grandchild == 0) { signal_row("after mremap, in a child"); quit(0); }
    name("the child"); column(wait_for(grandchild)); end();
    name("munmap of [vvar], [vdso]"); column(sys(SYS_munmap, new_place, data_pages * PAGE, 0));
    column(sys(SYS_munmap, image, image_pages * PAGE, 0)); end();
    map_row("[vdso]", 0, 0);
    u64 fatal[4] = {0, 0, 0, 0};
    sys4(SYS_rt_sigaction, SIGSEGV, fatal, 0, 8);
    struct { signal_handler *handler; u64 flags, restorer, mask; } action = {on_user_signal, 4, 0, 0};
    sys4(SYS_rt_sigaction, SIGUSR1, &action, 0, 8);
    sys(SYS_kill, sys(SYS_getpid, 0, 0, 0), SIGUSR1, 0);
    quit(0);
  }
  name("a signal without a vDSO"); column(wait_for(child) & 127); end();
  return 0;
}
