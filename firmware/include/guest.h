// A freestanding EL0 runtime: raw Linux arm64 system calls and printing. The same ELF file runs on real Linux and under faultline.
// It does not know a C library; a program defines guest_main and may use only this header.
#pragma once
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef long s64;

#define PAGE 4096ul

enum {
  SYS_fcntl = 25, SYS_ioctl = 29, SYS_mkdirat = 34, SYS_unlinkat = 35, SYS_mount = 40, SYS_ftruncate = 46, SYS_fallocate = 47,
  SYS_openat = 56, SYS_close = 57, SYS_pipe2 = 59, SYS_lseek = 62, SYS_read = 63, SYS_write = 64, SYS_pread64 = 67, SYS_pwrite64 = 68,
  SYS_exit = 93, SYS_exit_group = 94, SYS_futex = 98, SYS_clock_gettime = 113, SYS_rt_sigaction = 134, SYS_reboot = 142, SYS_setsid = 157,
  SYS_getrusage = 165, SYS_getpid = 172, SYS_gettid = 178, SYS_brk = 214, SYS_munmap = 215, SYS_mremap = 216, SYS_clone = 220,
  SYS_execve = 221, SYS_mmap = 222, SYS_mprotect = 226, SYS_msync = 227, SYS_mlock = 228, SYS_munlock = 229, SYS_mlockall = 230,
  SYS_munlockall = 231, SYS_mincore = 232, SYS_madvise = 233, SYS_wait4 = 260, SYS_memfd_create = 279, SYS_userfaultfd = 282,
  SYS_mlock2 = 284,
};
enum {
  PROT_R = 1, PROT_W = 2, PROT_X = 4,
  MAP_SHARED = 1, MAP_PRIVATE = 2, MAP_SHARED_VALIDATE = 3, MAP_FIXED = 0x10, MAP_ANON = 0x20, MAP_GROWSDOWN = 0x100,
  MAP_LOCKED = 0x2000, MAP_NORESERVE = 0x4000, MAP_POPULATE = 0x8000, MAP_FIXED_NOREPLACE = 0x100000,
  MADV_NORMAL = 0, MADV_RANDOM = 1, MADV_SEQUENTIAL = 2, MADV_WILLNEED = 3, MADV_DONTNEED = 4, MADV_FREE = 8, MADV_REMOVE = 9,
  MADV_DONTFORK = 10, MADV_DOFORK = 11, MADV_HUGEPAGE = 14, MADV_NOHUGEPAGE = 15, MADV_WIPEONFORK = 18, MADV_KEEPONFORK = 19,
  MADV_COLD = 20, MADV_PAGEOUT = 21, MADV_POPULATE_READ = 22, MADV_POPULATE_WRITE = 23, MADV_DONTNEED_LOCKED = 24,
  MADV_COLLAPSE = 25,
};
enum { AT_FDCWD = -100, O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0100, O_TRUNC = 01000 };

static inline s64 sys6(s64 n, s64 a, s64 b, s64 c, s64 d, s64 e, s64 f) {
  register s64 x8 asm("x8") = n, x0 asm("x0") = a, x1 asm("x1") = b, x2 asm("x2") = c;
  register s64 x3 asm("x3") = d, x4 asm("x4") = e, x5 asm("x5") = f;
  asm volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory", "cc");
  return x0;
}
#define sys(n, a, b, c) sys6(n, (s64)(a), (s64)(b), (s64)(c), 0, 0, 0)
#define sys4(n, a, b, c, d) sys6(n, (s64)(a), (s64)(b), (s64)(c), (s64)(d), 0, 0)

// Output is collected in a buffer that the start code touches, and is written at once, so that printing adds no faults between
// measurements.
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

static s64 fork(void) { return sys6(SYS_clone, 17, 0, 0, 0, 0, 0); }  // SIGCHLD

/// The wait status of a child that has ended: its exit status from bit 8 on, its signal in the low bits.
static int wait_for(s64 child) {
  int status = 0;
  sys4(SYS_wait4, child, &status, 0, 0);
  return status;
}

static s64 open_file(const char *path, int flags, int mode) { return sys4(SYS_openat, AT_FDCWD, path, flags, mode); }

/// Reads a file, at most size - 1 bytes, and adds a zero byte. It returns the length, or a negative error.
static s64 read_whole(const char *path, char *buffer, u64 size) {
  s64 file = open_file(path, O_RDONLY, 0), length = 0, count;
  if (file < 0) return file;
  while ((count = sys(SYS_read, file, buffer + length, size - 1 - length)) > 0) length += count;
  sys(SYS_close, file, 0, 0);
  buffer[length] = 0;
  return length;
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

/// An argument as a number. If it is not a number the program ends with status 2.
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
