// The effect of kinds of faults and calls on the counters: the faults of this process and of its children, the sizes of
// /proc/self/status and the sums of smaps, as differences between before and after the step. Sizes are in kB.
#include "mapped.h"

#define MEGABYTE (1ul << 20)
#define GIGABYTE (1ul << 30)

// Linux 6.12 reads these without the amounts that each processor has collected, up to 31 pages, so they are printed to the half
// MiB.
static const char *const residents[] = {"VmRSS", "RssAnon", "RssFile", "RssShmem"};
static const char *const exact[] = {"VmSize", "VmData", "VmStk", "VmLck", "VmPTE", "VmSwap"};
enum { TABLES = 4 };
static int prints_tables = 1;
static const char *const sums[] = {"Rss", "Anonymous", "Locked", "AnonHugePages"};

struct state { struct faults own, children; s64 residents[COUNT(residents)], exact[COUNT(exact)], sums[COUNT(sums)]; };
/// The process's own faults are read last, so that reading the other counters is not counted in a step.
static void take(struct state *state) {
  for (int i = 0; i < COUNT(residents); i++) state->residents[i] = status_of(residents[i]);
  for (int i = 0; i < COUNT(exact); i++) state->exact[i] = status_of(exact[i]);
  for (int i = 0; i < COUNT(sums); i++) state->sums[i] = smaps_of(place, GIGABYTE, sums[i]);
  state->children = faults_of(-1);
  state->own = faults_of(0);
}

static struct state before, after;
static s64 half_megabytes(s64 kilobytes) { return (kilobytes + (kilobytes < 0 ? -256 : 256)) / 512 * 512; }

static void step(const char *name, void (*action)(void)) {
  take(&before);
  action();
  struct faults own = faults_of(0);
  take(&after);
  cell(name);
  cell_dec(own.minor - before.own.minor);
  cell_dec(own.major - before.own.major);
  cell_dec(after.children.minor - before.children.minor);
  cell_dec(after.children.major - before.children.major);
  for (int i = 0; i < COUNT(residents); i++) cell_dec(half_megabytes(after.residents[i] - before.residents[i]));
  for (int i = 0; i < COUNT(exact); i++)
    if (i == TABLES && !prints_tables) cell("-"); else cell_dec(after.exact[i] - before.exact[i]);
  for (int i = 0; i < COUNT(sums); i++) cell_dec(after.sums[i] - before.sums[i]);
  end_row();
}

enum { PAGES = 1024 };  // 4 MiB
#define SIZE (PAGES * PAGE)
static void each(const char *instruction, char *start, u64 pages, u64 stride) {
  int i = op_of(instruction);
  for (u64 page = 0; page < pages; page += stride) ops[i].f(start + page * PAGE + 0x100);
}
static void load(void) { each("ldr", place, PAGES, 1); }
static void write(void) { each("str", place, PAGES, 1); }
static void add(void) { each("ldadd", place, PAGES, 1); }
static void add_half(void) { each("ldadd", place, PAGES, 2); }
static void drop(void) { sys(SYS_madvise, place, SIZE, MADV_DONTNEED); }
static void drop_half(void) { sys(SYS_madvise, place + SIZE / 2, SIZE / 2, MADV_DONTNEED); }
static void unmap_it(void) { sys(SYS_munmap, place, SIZE, 0); }
static void unmap_half(void) { sys(SYS_munmap, place, SIZE / 2, 0); }
static void protect_none(void) { sys(SYS_mprotect, place, SIZE, 0); }
static void protect_read(void) { sys(SYS_mprotect, place, SIZE, PROT_R); }
static void protect_write(void) { sys(SYS_mprotect, place, SIZE, RW); }
static void populate_read(void) { sys(SYS_madvise, place, SIZE, MADV_POPULATE_READ); }
static void populate_write(void) { sys(SYS_madvise, place, SIZE, MADV_POPULATE_WRITE); }
static void lock(void) { sys(SYS_mlock, place, SIZE, 0); }
static void unlock(void) { sys(SYS_munlock, place, SIZE, 0); }
static void lock_on_fault(void) { sys(SYS_mlock2, place, SIZE, 1); }
static void map_anonymous(int protection, int flags, int advice) {
  sys6(SYS_mmap, (s64)place, SIZE, protection, flags | MAP_ANON | MAP_FIXED, -1, 0);
  if (advice) sys(SYS_madvise, place, SIZE, advice);
}
static void map_private(void) { map_anonymous(RW, MAP_PRIVATE, MADV_NOHUGEPAGE); }
static void map_read_only(void) { map_anonymous(PROT_R, MAP_PRIVATE, MADV_NOHUGEPAGE); }
static void map_none(void) { map_anonymous(0, MAP_PRIVATE, MADV_NOHUGEPAGE); }
static void map_unreserved(void) { map_anonymous(RW, MAP_PRIVATE | MAP_NORESERVE, MADV_NOHUGEPAGE); }
static void map_shared(void) { map_anonymous(RW, MAP_SHARED, 0); }
static void map_huge(void) { map_anonymous(RW, MAP_PRIVATE, MADV_HUGEPAGE); }
static void map_populated_huge(void) { map_anonymous(RW, MAP_PRIVATE | MAP_POPULATE, 0); }
static void map_populated_shared(void) { map_anonymous(RW, MAP_SHARED | MAP_POPULATE, 0); }
static void map_populated_read_only(void) { map_anonymous(PROT_R, MAP_SHARED | MAP_POPULATE, 0); }
static void map_locked_shared(void) { map_anonymous(RW, MAP_SHARED | MAP_LOCKED, 0); }
static void map_file_shared(void) { map_at(place, PAGES, RW, MAP_SHARED, 0); }
static void map_file_private(void) { map_at(place, PAGES, RW, MAP_PRIVATE, 0); }
static void map_file_populated(void) { map_at(place, PAGES, RW, MAP_PRIVATE | MAP_POPULATE, 0); }
static void map_file_populated_shared(void) { map_at(place, PAGES, RW, MAP_SHARED | MAP_POPULATE, 0); }

static void file_open(s64 descriptor, int filled) {
  file = descriptor;
  sys(SYS_ftruncate, file, SIZE, 0);
  if (filled) fill(0, PAGES);
}
static void root_file(int filled) { file_open(open_file("/oracle-data", O_CREAT | O_TRUNC | O_RDWR, 0600), filled); }
static void close_file(void) { sys(SYS_close, file, 0, 0); }
static void truncate_half(void) { sys(SYS_ftruncate, file, SIZE / 2, 0); }
static void read_call(void) { sys4(SYS_pread64, file, place, SIZE, 0); }
static void write_call(void) { sys4(SYS_pwrite64, file, place, SIZE, 0); }

static void forbidden(void) { each("str", place, 300, 3); }
static void sparse(void) { for (int i = 0; i < 16; i++) ops[op_of("str")].f(place + i * 2 * MEGABYTE); }
static void map_sparse(void) {
  sys6(SYS_mmap, (s64)place, 32 * MEGABYTE, RW, MAP_PRIVATE | MAP_ANON | MAP_FIXED | MAP_NORESERVE, -1, 0);
  sys(SYS_madvise, place, 32 * MEGABYTE, MADV_NOHUGEPAGE);
}
static void unmap_sparse(void) { sys(SYS_munmap, place, 32 * MEGABYTE, 0); }
static void drop_sparse(void) { sys(SYS_madvise, place, 32 * MEGABYTE, MADV_DONTNEED); }
static void grow_by_remap(void) { sys4(SYS_mremap, place, SIZE, 2 * SIZE, 0); }
static void shrink_by_remap(void) { sys4(SYS_mremap, place, 2 * SIZE, SIZE, 0); }

static s64 program_break;
static void grow_break(void) { sys(SYS_brk, program_break + MEGABYTE, 0, 0); }
static void touch_break(void) { each("ldadd", (char *)program_break, 256, 1); }
static void shrink_break(void) { sys(SYS_brk, program_break, 0, 0); }

/// The start of the mapping that holds an address; smaps lists mappings in order.
static u64 mapping_start(u64 address) {
  u64 start = 0, found = 0;
  read_whole("/proc/self/smaps", proc_text, sizeof proc_text);
  for (char *line = proc_text; *line; line = next_line(line)) {
    char *digit = line;
    for (start = 0; (*digit >= '0' && *digit <= '9') || (*digit >= 'a' && *digit <= 'f'); digit++)
      start = start * 16 + (*digit <= '9' ? *digit - '0' : *digit - 'a' + 10);
    if (*digit == '-' && start <= address) found = start;
  }
  return found;
}
static char *stack_bottom;
static void grow_stack(void) { ops[op_of("str")].f(stack_bottom); }
static void touch_stack(void) { each("ldadd", stack_bottom, 128, 1); }

// Children: their faults count when they have been waited for, and then also those of their own children.
static s64 process;
static void child_writes(void) {
  process = fork();
  if (process) return;
  settle();
  map_private();
  s64 faults = minor_faults();
  write();
  // The faults of the program's own pages depend on its size, so the child itself checks the number of its faults.
  sys(SYS_exit_group, minor_faults() - faults == PAGES ? 0 : 1, 0, 0);
}
static struct faults children_before;
static void children_row(const char *name, int status) {
  struct faults now = faults_of(-1);
  cell(name);
  cell_dec(status);
  cell_dec((now.minor - children_before.minor) / 256 * 256);
  cell_dec(now.major - children_before.major);
  end_row();
}
static void children(void) {
  children_before = faults_of(-1);
  child_writes();
  children_row("children before the wait", 0);
  int status = wait_for(process);
  children_row("children after the wait", status);
  // A child whose child takes the faults.
  flush();
  s64 middle = fork();
  if (middle == 0) {
    child_writes();
    s64 inner = process;
    sys(SYS_exit_group, wait_for(inner) ? 1 : 0, 0, 0);
  }
  status = wait_for(middle);
  children_row("children and their children", status);
  middle = fork();
  if (middle == 0) {
    child_writes();  // who is not waited for counts for nobody
    sys(SYS_exit_group, 0, 0, 0);
  }
  status = wait_for(middle);
  children_row("a child that did not wait", status);
}

int oracle_main(void) {
  settle();
  char *reserved = map_with(3 * GIGABYTE, 0, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);
  place = (char *)(((u64)reserved + GIGABYTE - 1) & -GIGABYTE);
  sys(SYS_munmap, reserved, 3 * GIGABYTE, 0);
  // A page far behind keeps the upper table that the steps need.
  sys6(SYS_mmap, (s64)place + GIGABYTE - PAGE, PAGE, RW, MAP_PRIVATE | MAP_ANON | MAP_FIXED, -1, 0);
  place[GIGABYTE - PAGE] = 1;
  touch_with("ldr", (char *)8);
  take(&before);
  take(&after);

  step("nothing", nothing);
  step("map private", map_private); step("read", load); step("write", write); step("write again", write);
  step("read-only", protect_read); step("writable", protect_write); step("write", write); step("drop half", drop_half);
  step("add", add); step("none", protect_none); step("drop", drop); step("read-only", protect_read); step("read", load);
  step("writable", protect_write); step("add half", add_half); step("unmap half", unmap_half); step("unmap", unmap_it);
  step("map read-only", map_read_only); step("read", load); step("unmap", unmap_it);
  step("map none", map_none); step("forbidden", forbidden); step("writable", protect_write); step("unmap", unmap_it);
  step("map unreserved", map_unreserved); step("add", add); step("map over it", map_private); step("unmap", unmap_it);
  step("unmapped", forbidden);
  step("map shared", map_shared); step("read", load); step("add", add); step("drop", drop); step("write", write);
  step("read-only", protect_read); step("forbidden", forbidden); step("unmap", unmap_it);
  step("map shared", map_shared); step("write", write); step("unmap half", unmap_half); step("unmap", unmap_it);

  step("map private", map_private); step("populate to read", populate_read); step("populate to write", populate_write);
  step("add", add); step("drop half", drop_half); step("populate to read", populate_read); step("unmap", unmap_it);
  step("map populated", map_populated_huge); step("add", add); step("unmap", unmap_it);
  step("map shared populated", map_populated_shared); step("add", add); step("unmap", unmap_it);
  step("map shared populated read-only", map_populated_read_only); step("read", load); step("unmap", unmap_it);
  step("map shared locked", map_locked_shared); step("read", load); step("unlock", unlock); step("unmap", unmap_it);
  step("map private", map_private); step("lock", lock); step("add", add); step("unlock", unlock); step("drop", drop);
  step("lock on fault", lock_on_fault); step("add half", add_half); step("lock", lock); step("unmap half", unmap_half);
  step("unmap", unmap_it);
  step("map private", map_private); step("read", load); step("lock", lock); step("unmap", unmap_it);
  step("map read-only", map_read_only); step("lock", lock); step("unmap", unmap_it);

  step("map huge", map_huge); step("read", load); step("add", add); step("unmap", unmap_it);
  step("map huge", map_huge); step("write", write); step("drop half", drop_half); step("add", add); step("unmap half", unmap_half);
  step("unmap", unmap_it);
  step("map huge", map_huge); step("populate to write", populate_write); step("read-only", protect_read); step("unmap", unmap_it);
  step("map huge", map_huge); step("populate to read", populate_read); step("lock", lock); step("unmap", unmap_it);

  for (int kind = 0; kind < 3; kind++) {
    static const char *const names[] = {"memfd", "root", "root, holes"};
    cell(names[kind]); end_row();
    if (kind == 0) file_open(memfd(SIZE, 0), 1); else root_file(kind == 1);
    step("map shared", map_file_shared); step("read", load); step("add", add); step("drop", drop); step("write", write);
    step("unmap", unmap_it);
    step("map private", map_file_private); step("read", load); step("add half", add_half); step("write", write);
    step("drop half", drop_half); step("read", load); step("truncate to half", truncate_half); step("read", load);
    step("unmap", unmap_it);
    step("close", close_file);
  }
  root_file(1);
  step("map populated", map_file_populated); step("read", load); step("unmap", unmap_it);
  step("map shared populated", map_file_populated_shared); step("add", add); step("unmap", unmap_it);
  step("map private", map_private); step("read into it", read_call); step("write from it", write_call); step("drop", drop);
  step("write from it", write_call); step("read into it", read_call); step("unmap", unmap_it);
  close_file();

  step("map sparse", map_sparse); step("write sparsely", sparse); step("drop", drop_sparse); step("unmap", unmap_sparse);
  step("map private", map_private); step("write", write); step("grow", grow_by_remap); step("shrink", shrink_by_remap);
  step("unmap", unmap_it);

  program_break = (sys(SYS_brk, 0, 0, 0) + 2 * MEGABYTE - 1) & -(2 * MEGABYTE);
  sys(SYS_brk, program_break, 0, 0);
  sys(SYS_madvise, program_break - PAGE, PAGE, MADV_NOHUGEPAGE);
  step("grow the break", grow_break); step("add there", touch_break); step("shrink the break", shrink_break);
  stack_bottom = (char *)mapping_start((u64)__builtin_frame_address(0)) - MEGABYTE;
  prints_tables = 0;  // it depends on the stack's place whether it needs another one
  step("grow the stack", grow_stack); step("add there", touch_stack); step("again", touch_stack);
  children();
  return 0;
}
