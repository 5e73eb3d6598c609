// Freestanding EL0 runtime: raw Linux arm64 system calls and printing. The same ELF runs on real Linux and under faultline.
// It knows no C library; a program defines guest_main and may use nothing but this header.
#pragma once
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef long s64;

#define PAGE 4096ul

enum {
  SYS_ioctl = 29, SYS_mkdirat = 34, SYS_mount = 40, SYS_openat = 56, SYS_close = 57, SYS_read = 63, SYS_write = 64,
  SYS_exit = 93, SYS_exit_group = 94, SYS_futex = 98, SYS_clock_gettime = 113, SYS_rt_sigaction = 134, SYS_reboot = 142,
  SYS_getrusage = 165, SYS_getpid = 172, SYS_gettid = 178, SYS_munmap = 215, SYS_clone = 220, SYS_execve = 221,
  SYS_mmap = 222, SYS_mprotect = 226, SYS_madvise = 233, SYS_wait4 = 260, SYS_userfaultfd = 282,
};
enum {
  PROT_R = 1, PROT_W = 2, PROT_X = 4,
  MAP_SHARED = 1, MAP_PRIVATE = 2, MAP_ANON = 0x20, MAP_NORESERVE = 0x4000,
  MADV_DONTNEED = 4, MADV_HUGEPAGE = 14, MADV_NOHUGEPAGE = 15,
};

static inline s64 sys6(s64 n, s64 a, s64 b, s64 c, s64 d, s64 e, s64 f) {
  register s64 x8 asm("x8") = n, x0 asm("x0") = a, x1 asm("x1") = b, x2 asm("x2") = c;
  register s64 x3 asm("x3") = d, x4 asm("x4") = e, x5 asm("x5") = f;
  asm volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory", "cc");
  return x0;
}
#define sys(n, a, b, c) sys6(n, (s64)(a), (s64)(b), (s64)(c), 0, 0, 0)

// Output gathers in a buffer that start touches, and is written at once: printing adds no faults between measurements.
static char output[1 << 16];
static u64 output_length;

static void put(const char *text) { while (*text) output[output_length++] = *text++; }

static void hex(u64 value) {
  char digits[16];
  int n = 0;
  do digits[n++] = "0123456789abcdef"[value & 15]; while (value >>= 4);
  while (n) output[output_length++] = digits[--n];
}

static void dec(s64 value) {
  char digits[20];
  int n = 0;
  u64 rest = value < 0 ? -(u64)value : (u64)value;
  if (value < 0) put("-");
  do digits[n++] = '0' + rest % 10; while (rest /= 10);
  while (n) output[output_length++] = digits[--n];
}

static void flush(void) {
  for (u64 done = 0; done < output_length;) {
    s64 written = sys(SYS_write, 1, output + done, output_length - done);
    if (written <= 0) break;
    done += written;
  }
  output_length = 0;
}

static void quit(int status) {
  flush();
  for (;;) sys(SYS_exit_group, status, 0, 0);
}

/// A private anonymous mapping that never becomes a huge page.
static char *map(u64 size, int protection) {
  char *address = (char *)sys6(SYS_mmap, 0, size, protection, MAP_PRIVATE | MAP_ANON, -1, 0);
  sys(SYS_madvise, address, size, MADV_NOHUGEPAGE);
  return address;
}

/// Minor faults of this process so far.
static s64 minor_faults(void) {
  s64 usage[18];
  sys(SYS_getrusage, 0, usage, 0);
  return usage[8];
}

static int same(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

/// An argument as a number; ends the program with status 2 where it is none.
static u64 number(const char *text) {
  u64 value = 0;
  const char *digit = text;
  for (; *digit >= '0' && *digit <= '9'; digit++) value = value * 10 + (*digit - '0');
  if (*digit || digit == text) { put("not a number: "); put(text); put("\n"); quit(2); }
  return value;
}

int guest_main(int argc, char **argv);

void guest_start(u64 *stack) {
  for (u64 i = 0; i < sizeof output; i += PAGE) ((volatile char *)output)[i] = 0;
  quit(guest_main((int)stack[0], (char **)(stack + 1)));
}
asm(".text\n.globl _start\n_start: mov x29, #0\n mov x30, #0\n mov x0, sp\n b guest_start\n");
