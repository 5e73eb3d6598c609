// One fault for each run, of the program or of the kernel: `provoke show FILE` prints a file, `provoke user NAME` faults itself, and
// `provoke kernel NAME` calls getppid, at which a debugger turns the kernel aside (see record.sh). It does not know what Linux logs.
#include "guest.h"

static void show(const char *path) {
  static char bytes[4096];
  s64 file = open_file(path, O_RDONLY, 0), size;
  while ((size = sys(SYS_read, file, bytes, sizeof bytes)) > 0) sys(SYS_write, 1, bytes, size);
}

/// Linux logs unhandled signals only if told to.
static void trace_exceptions(void) {
  s64 file = open_file("/proc/sys/debug/exception-trace", O_WRONLY, 0);
  sys(SYS_write, file, "1", 1);
  sys(SYS_close, file, 0, 0);
}

static const u32 words[4] = {0xd65f03c0};

static void fault(const char *name) {
  // Linux logs ten of them in five seconds, and no more.
  s64 time[2] = {0, 600000000};
  sys(101, time, 0, 0);  // nanosleep
  char *page = map(PAGE, PROT_R | PROT_W);
  page[0] = 1;
  if (same(name, "null-read")) asm volatile("mov x1, #0\n ldr x0, [x1, #0x10]" ::: "x0", "x1");
  if (same(name, "null-write")) asm volatile("mov x1, #0\n str xzr, [x1, #8]" ::: "x1");
  if (same(name, "rodata")) *(volatile u32 *)words = 0;
  if (same(name, "data")) asm volatile("blr %0" :: "r"(page) : "x30");
  if (same(name, "kernel")) *(volatile char *)0xffff800080000000 = 0;
  if (same(name, "gap")) *(volatile char *)0x00ff800080000000 = 0;
  if (same(name, "pc")) asm volatile("br %0" :: "r"((char *)fault + 2));
  if (same(name, "atomic")) asm volatile("ldadd x0, x0, [%0]" :: "r"(page + 12) : "x0");
  if (same(name, "brk")) asm volatile("brk #3");
  if (same(name, "trap")) asm volatile("mrs x0, sctlr_el1" ::: "x0");
  if (same(name, "udf")) asm volatile("udf #7");
  if (same(name, "end")) {
    s64 file = open_file("/tmp/file", O_RDWR | O_CREAT, 0600);
    sys(SYS_ftruncate, file, 10, 0);
    char *mapped = (char *)sys6(SYS_mmap, 0, 2 * PAGE, PROT_R, MAP_SHARED, file, 0);
    asm volatile("ldrb w0, [%0]" :: "r"(mapped + PAGE) : "x0");
  }
}

int guest_main(int argc, char **argv) {
  if (argc < 3) return 2;
  if (same(argv[1], "show")) show(argv[2]);
  trace_exceptions();
  if (same(argv[1], "user")) fault(argv[2]);
  if (same(argv[1], "kernel")) sys(173, 0, 0, 0);  // getppid
  return 0;
}
