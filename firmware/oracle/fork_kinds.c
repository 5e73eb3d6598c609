// Kinds of memory over fork and vfork: stack, shared and file mappings, huge pages, locked pages, and what system calls copy to pages
// that two processes share. A row is an access or a call; the cells say which process made it.
#include "mapped.h"

static int start[2];
static s64 child;

/// Runs f in a child: at once and to its end, or from the moment of let_it_run on.
static void begin(void (*f)(void), int waits) {
  flush();
  child = fork();
  settle();
  if (child) { if (!waits) wait_for(child); return; }
  open_pagemap();
  minor_faults();
  char byte;
  if (waits) sys(SYS_read, start[0], &byte, 1);
  f();
  quit(0);
}
static void in_child(void (*f)(void)) { begin(f, 0); }
static void let_it_run(void) {
  flush();
  sys(SYS_write, start[1], "", 1);
  wait_for(child);
}

static char *area;
static const char *who;

static void access_row(const char *name, const char *instruction, char *address) {
  cell(who); cell(name); cell(instruction);
  cell_access(instruction, address);
  cell_dec(caught.sig ? -1 : ((u8 *)((u64)address & -PAGE))[0x108]);
  end_row();
}
static void pages_row(const char *name, char *address, int pages) { cell(who); cell(name); cell_pages(address, pages); end_row(); }
static void write_all(const char *name, const char *instruction, char *address, int pages) {
  s64 faults = 0;
  for (int page = 0; page < pages; page++) faults += touch_with(instruction, address + page * PAGE + 0x100);
  cell(who); cell(name); cell(instruction); cell_dec(faults);
  cell_pages(address, pages);
  end_row();
}
static void put_value(char *address, u8 value) { ((volatile u8 *)((u64)address & -PAGE))[0x108] = value; }

// The stack: eight pages that were written, below those that the program uses.
static void stack_in_child(void) {
  who = "child";
  pages_row("stack", area, 10);
  write_all("stack", "ldr", area, 10);
  write_all("stack", "swp", area, 10);
  write_all("stack again", "str", area, 10);
}
static void stack(void) {
  char here;
  area = (char *)(((u64)&here & -PAGE) - 24 * PAGE);
  for (int page = 7; page >= 0; page--) *(volatile char *)(area + (page + 1) * PAGE) = page;
  who = "parent";
  pages_row("stack", area, 10);
  in_child(stack_in_child);
  pages_row("stack after the child", area, 10);
  write_all("stack after the child", "ldadd", area, 10);
}

// 48 pages: every third written, every fourth else read, the rest untouched.
static void prepare_mixture(void) {
  area = map(48 * PAGE, RW);
  for (int page = 0; page < 48; page++) {
    if (page % 3 == 0) put_value(area + page * PAGE, page);
    else if (page % 4 == 0) *(volatile char *)(area + page * PAGE);
  }
}
static void mixture_in_child(void) {
  who = "child";
  pages_row("mixture", area, 48);
  write_all("mixture", "ldadd", area + 10 * PAGE, 20);
  access_row("untouched", "cas.hit", area + PAGE);
  access_row("written", "cas.hit", area + 3 * PAGE);
  access_row("read", "cas.hit", area + 4 * PAGE);
  pages_row("mixture after", area, 48);
}
static void mixture(void) {
  for (int order = 0; order < 2; order++) {
    prepare_mixture();
    who = "parent";
    pages_row("mixture before", area, 48);
    begin(mixture_in_child, order);
    who = "parent";
    write_all(order ? "mixture, first" : "mixture, last", "str", area, 48);
    if (order) let_it_run();
    sys(SYS_munmap, area, 48 * PAGE, 0);
  }
}

// Shared memory: its entries are not copied, its pages are the same.
static void shared_in_child(void) {
  who = "child";
  pages_row("shared", area, 20);
  access_row("shared, read by the parent", "ldr", area);
  access_row("shared, beside it", "ldadd", area + PAGE);
  access_row("shared, untouched", "ldr", area + 19 * PAGE);
  access_row("shared, untouched", "str", area + 18 * PAGE);
  put_value(area, 20);
  put_value(area + 18 * PAGE, 21);
  pages_row("shared after", area, 20);
}
static void shared(const char *name, int flags, s64 of_file) {
  file = of_file;
  area = map_at(place, 20, RW, flags, 0);
  put_value(area, 5);
  put_value(area + PAGE, 6);
  *(volatile char *)(area + 2 * PAGE);
  cell(name); end_row();
  who = "parent";
  pages_row("shared before", area, 20);
  begin(shared_in_child, 1);
  who = "parent";
  put_value(area, 7);
  let_it_run();
  who = "parent";
  access_row("shared, written by both", "ldr", area);
  access_row("shared, written by the child", "ldadd", area + 18 * PAGE);
  pages_row("shared after", area, 20);
  sys(SYS_munmap, area, 20 * PAGE, 0);
}

// Private pages of a file: entries are copied only where the mapping has pages of its own.
static void private_in_child(void) {
  who = "child";
  pages_row("private file", area, 20);
  access_row("private file", "ldr", area + 3 * PAGE);
  access_row("private file", "str", area + 4 * PAGE);
  access_row("private file", "ldadd", area + PAGE);
  pages_row("private file after", area, 20);
}
static void private_file(const char *name) {
  for (int written = 0; written < 3; written++) {
    file = create(20 * PAGE);
    fill(0, 18);
    area = map_at(place, 20, RW, MAP_PRIVATE, 0);
    if (written != 2) *(volatile char *)area;
    if (written) put_value(area + PAGE, 99);
    cell(name); cell(written == 0 ? "read" : written == 1 ? "read and written" : "written"); end_row();
    in_child(private_in_child);
    who = "parent";
    access_row("private file", "swp", area + PAGE);
    access_row("private file", "ldr", area + 4 * PAGE);
    sys(SYS_munmap, area, 20 * PAGE, 0);
    sys(SYS_close, file, 0, 0);
  }
}

// Calls by which the kernel copies to and from pages that are shared since a fork.
static void call_row(const char *name, s64 number, char *address, u64 size) {
  int data[2];
  char junk[64];
  sys(SYS_pipe2, data, 0, 0);
  if (number == SYS_read) sys(SYS_write, data[1], junk, 64);
  s64 faults = minor_faults();
  s64 result = sys(number, data[number == SYS_write], address, size);
  faults = minor_faults() - faults;
  sys(SYS_close, data[0], 0, 0);
  sys(SYS_close, data[1], 0, 0);
  cell(who); cell(name); cell(number == SYS_read ? "read" : "write");
  cell_dec(result); cell_dec(faults);
  cell_bits(address);
  end_row();
}
static void calls(void) {
  call_row("written", SYS_write, area, 32);
  call_row("written", SYS_read, area + PAGE, 32);
  call_row("written, straddled", SYS_read, area + 3 * PAGE - 16, 32);
  call_row("zero", SYS_write, area + 4 * PAGE, 32);
  call_row("zero", SYS_read, area + 5 * PAGE, 32);
  call_row("untouched", SYS_write, area + 6 * PAGE, 32);
  call_row("untouched", SYS_read, area + 7 * PAGE, 32);
  call_row("read-only", SYS_read, area + 8 * PAGE, 32);
  call_row("read-only", SYS_write, area + 8 * PAGE, 32);
  call_row("unmapped behind", SYS_read, area + 10 * PAGE - 16, 32);
  call_row("unmapped behind", SYS_write, area + 10 * PAGE - 16, 32);
  call_row("unmapped", SYS_read, area + 10 * PAGE, 32);
  call_row("unmapped", SYS_write, area + 10 * PAGE, 32);
}
static void calls_in_child(void) { who = "child"; calls(); }
static void kernel_copies(void) {
  area = map(11 * PAGE, RW);
  for (int page = 0; page < 4; page++) put_value(area + page * PAGE, page);
  for (int page = 4; page < 6; page++) *(volatile char *)(area + page * PAGE);
  put_value(area + 8 * PAGE, 8);
  put_value(area + 9 * PAGE, 9);
  sys(SYS_mprotect, area + 8 * PAGE, PAGE, PROT_R);
  sys(SYS_munmap, area + 10 * PAGE, PAGE, 0);
  in_child(calls_in_child);
  who = "parent";
  calls();
}

// Huge pages over fork.
#define HUGE (2ul << 20)
static void huge_row(const char *name, const char *instruction, char *address) {
  s64 faults = touch_with(instruction, address);
  cell(who); cell(name); cell(instruction); cell_dec(faults);
  cell_dec(smaps_of(area, HUGE, "Rss")); cell_dec(smaps_of(area, HUGE, "AnonHugePages"));
  cell_dec(((volatile u8 *)((u64)address & -PAGE))[0x108]);
  cell_pages((char *)((u64)address & -PAGE) - 2 * PAGE, 5);
  end_row();
}
static const char *huge_instruction;
static void huge_in_child(void) {
  who = "child";
  huge_row("huge", "ldr", area + 7 * PAGE);
  huge_row("huge", huge_instruction, area + 100 * PAGE);
  huge_row("huge, next page", huge_instruction, area + 101 * PAGE);
  huge_row("huge, far", "ldr", area + 400 * PAGE);
}
static void huge(const char *name, int written, int waits, const char *instruction) {
  char *place_of_it = reserve(HUGE);
  huge_instruction = instruction;
  area = (char *)sys6(SYS_mmap, (s64)place_of_it, HUGE, RW, MAP_PRIVATE | MAP_ANON | MAP_FIXED, -1, 0);
  sys(SYS_madvise, area, HUGE, MADV_HUGEPAGE);
  if (written) { put_value(area + 100 * PAGE, 100); put_value(area + 7 * PAGE, 7); } else *(volatile char *)area;
  cell(name); end_row();
  begin(huge_in_child, waits);
  who = "parent";
  huge_row("huge", instruction, area + 101 * PAGE);
  huge_row("huge, next page", "str", area + 102 * PAGE);
  if (waits) let_it_run();
  who = "parent";
  huge_row("huge, in the end", instruction, area + 300 * PAGE);
  sys(SYS_munmap, area - 2 * PAGE, HUGE + 4 * PAGE, 0);
}

static void locked_in_child(void) {
  who = "child";
  cell(who); cell("locked kB"); cell_dec(smaps_of(area, 8 * PAGE, "Locked")); cell_dec(status_of("VmLck")); end_row();
  pages_row("locked", area, 8);
}
static void locked(void) {
  area = map(8 * PAGE, RW);
  put_value(area, 1);
  cell("parent"); cell("mlock"); cell_dec(sys(SYS_mlock, area, 8 * PAGE, 0)); end_row();
  who = "parent";
  pages_row("locked", area, 8);
  cell(who); cell("locked kB"); cell_dec(smaps_of(area, 8 * PAGE, "Locked")); cell_dec(status_of("VmLck")); end_row();
  in_child(locked_in_child);
  who = "parent";
  write_all("locked", "ldadd", area, 8);
  sys(SYS_munmap, area, 8 * PAGE, 0);
}

// vfork: both use one memory, and the parent waits until the child ends or runs another program.
static void vforked(void) {
  area = map(4 * PAGE, RW);
  put_value(area, 1);
  who = "vfork child";
  enum { CLONE_VM = 0x100, CLONE_VFORK = 0x4000 };
  flush();
  s64 process = sys6(SYS_clone, CLONE_VM | CLONE_VFORK | 17, 0, 0, 0, 0, 0);
  if (process == 0) {
    access_row("written before", "str", area);
    access_row("untouched", "ldadd", area + PAGE);
    put_value(area, 3);
    sys(SYS_exit_group, 9, 0, 0);
  }
  who = "vfork parent";
  access_row("written by both", "ldr", area);
  access_row("written by the child", "str", area + PAGE);
  cell(who); cell("status"); cell_hex(wait_for(process)); end_row();
}

// How children end, as wait4 tells it.
static void end_with_status(void) { sys(SYS_exit_group, 300, 0, 0); }
static void store_to_null(void) {
  for (int signal = 4; signal < 12; signal++) {
    u64 action[4] = {0};
    sys4(SYS_rt_sigaction, signal, action, 0, 8);
  }
  *(volatile char *)8 = 0;
}
static void status_row(const char *name, void (*f)(void)) {
  flush();
  s64 process = fork();
  if (process == 0) { f(); sys(SYS_exit_group, 0, 0, 0); }
  cell(name);
  cell_hex(wait_for(process) & ~0x80);  // without the bit that says that memory was dumped
  cell_dec(sys4(SYS_wait4, process, 0, 0, 0));
  end_row();
}

static s64 create_memfd(u64 size) { return memfd(size, 0); }
static s64 create_in_root(u64 size) {
  s64 descriptor = open_file("/oracle-data", O_CREAT | O_TRUNC | O_RDWR, 0600);
  sys(SYS_ftruncate, descriptor, size, 0);
  return descriptor;
}

int oracle_main(void) {
  settle();
  open_pagemap();
  sys(SYS_pipe2, start, 0, 0);
  place = reserve(32 * PAGE);
  touch_with("ldr", (char *)8);
  stack();
  mixture();
  shared("anonymous", MAP_SHARED | MAP_ANON, -1);
  shared("memfd", MAP_SHARED, memfd(20 * PAGE, 0));
  shared("root", MAP_SHARED, create_in_root(20 * PAGE));
  create = create_memfd;
  private_file("memfd");
  create = create_in_root;
  private_file("root");
  kernel_copies();
  static const char *const instructions[] = {"str", "ldadd"};
  for (int i = 0; i < 2; i++) {
    huge("huge written, child first", 1, 0, instructions[i]);
    huge("huge written, parent first", 1, 1, instructions[i]);
    huge("huge zero, child first", 0, 0, instructions[i]);
    huge("huge zero, parent first", 0, 1, instructions[i]);
  }
  locked();
  vforked();
  status_row("exits with 300", end_with_status);
  status_row("stores to null", store_to_null);
  cell("no child"); cell_dec(sys4(SYS_wait4, -1, 0, 0, 0)); end_row();
  return 0;
}
