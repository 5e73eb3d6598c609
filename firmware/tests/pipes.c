// Pipes between processes: readers that wait for writers, writers that wait for room, ends that close, polls that wait, and the
// descriptors of a child. It prints one line for each finding.
#include "guest.h"

enum { NR_getpid = 172, NR_pipe2 = 59, NR_lseek = 62, NR_ppoll = 73, NR_close_range = 436, NR_chdir = 49, NR_getcwd = 17, NR_nanosleep = 101 };

static char buffer[1 << 16];
static s64 row(const char *name, s64 result) {
  put(name); put(" "); dec(result); put("\n");
  return result;
}
static s64 fork_(void) {
  flush();
  return sys6(SYS_clone, 17, 0, 0, 0, 0, 0);
}
static void wait_(const char *name, s64 child) {
  int status = 0;
  sys6(SYS_wait4, child, (s64)&status, 0, 0, 0, 0);
  put(name); put(" exit "); dec(status >> 8 & 255); put(" signal "); dec(status & 127); put("\n");
}
static void leave(int status) { sys(SYS_exit_group, status, 0, 0); }

static void echo(void) {
  int to[2], from[2];
  sys(NR_pipe2, to, 0, 0);
  sys(NR_pipe2, from, 0, 0);
  s64 child = fork_();
  if (!child) {
    sys(SYS_close, to[1], 0, 0);
    for (;;) {
      s64 count = sys(SYS_read, to[0], buffer, 100);
      if (count <= 0) leave(count ? 1 : 7);
      for (s64 i = 0; i < count; i++) buffer[i] ^= 32;
      sys(SYS_write, from[1], buffer, count);
    }
  }
  for (int i = 0; i < 3; i++) {
    sys(SYS_write, to[1], "abcdef", 3 + i);
    s64 count = sys(SYS_read, from[0], buffer, 100);
    buffer[count] = 0;
    put("echo "); put(buffer); put("\n");
  }
  sys(SYS_close, to[1], 0, 0);
  wait_("echo end", child);
  sys(NR_close_range, 3, ~0u, 0);
}

static void flood(u64 total, u64 write_size, u64 read_size) {
  int p[2];
  sys(NR_pipe2, p, 0, 0);
  s64 child = fork_();
  if (!child) {
    sys(SYS_close, p[0], 0, 0);
    u64 at = 0;
    while (at < total) {
      u64 size = total - at < write_size ? total - at : write_size;
      for (u64 i = 0; i < size; i++) buffer[i] = (at + i) * 7 + ((at + i) >> 8);
      s64 done = sys(SYS_write, p[1], buffer, size);
      if (done != (s64)size) leave(1);
      at += size;
    }
    leave(0);
  }
  sys(SYS_close, p[1], 0, 0);
  u64 at = 0, wrong = 0;
  s64 count;
  while ((count = sys(SYS_read, p[0], buffer, read_size)) > 0) {
    for (s64 i = 0; i < count; i++) wrong += (u8)buffer[i] != (u8)((at + i) * 7 + ((at + i) >> 8));
    at += count;
  }
  row("flood read", at);
  row("wrong", wrong);
  wait_("flood", child);
  sys(NR_close_range, 3, ~0u, 0);
}

static void broken(void) {
  int p[2];
  sys(NR_pipe2, p, 0, 0);
  s64 child = fork_();
  if (!child) {
    sys(SYS_close, p[0], 0, 0);
    // The reader closes its end while this process waits for room.
    for (;;) sys(SYS_write, p[1], buffer, 60000);
  }
  sys(SYS_close, p[1], 0, 0);
  sys(SYS_read, p[0], buffer, 10);
  sys(SYS_close, p[0], 0, 0);
  wait_("broken", child);
}

static void polling(void) {
  int p[2];
  sys(NR_pipe2, p, 0, 0);
  s64 child = fork_();
  if (!child) {
    u64 time[2] = {0, 20000000};
    sys(NR_nanosleep, time, 0, 0);
    sys(SYS_write, p[1], "x", 1);
    sys(NR_nanosleep, time, 0, 0);
    leave(3);
  }
  sys(SYS_close, p[1], 0, 0);
  struct { int fd; u16 events, result; } polls = {p[0], 1, 0};
  u64 little[2] = {0, 1000000}, much[2] = {10, 0};
  row("poll too short", sys6(NR_ppoll, (s64)&polls, 1, (s64)little, 0, 8, 0));
  row("poll", sys6(NR_ppoll, (s64)&polls, 1, (s64)much, 0, 8, 0));
  row("ready", polls.result);
  sys(SYS_read, p[0], buffer, 10);
  row("poll for ever", sys6(NR_ppoll, (s64)&polls, 1, 0, 0, 8, 0));
  row("ready", polls.result);
  wait_("polling", child);
  sys(SYS_close, p[0], 0, 0);
}

static void shared(void) {
  s64 file = sys6(SYS_openat, -100, (s64)"/tmp/shared", 0102, 0600, 0, 0);
  sys(SYS_write, file, "0123456789", 10);
  sys(NR_lseek, file, 2, 0);
  s64 child = fork_();
  if (!child) {
    // Parent and child share the position, but each has descriptors of its own.
    sys(SYS_read, file, buffer, 3);
    sys(SYS_close, file, 0, 0);
    leave(sys(NR_chdir, "/tmp", 0, 0));
  }
  wait_("child", child);
  row("position", sys(NR_lseek, file, 0, 1));
  row("read", sys(SYS_read, file, buffer, 100));
  row("cwd", sys(NR_getcwd, buffer, 100, 0));
  sys(SYS_close, file, 0, 0);
}

int guest_main(int argc, char **argv) {
  sys(NR_close_range, 3, ~0u, 0);
  for (u64 i = 0; i < sizeof buffer; i += PAGE) buffer[i] = 0;
  echo();
  flood(300000, 1000, 65536);
  flood(300000, 65536, 777);
  flood(300000, 4097, 4096);
  flood(100000, 1, 1);
  broken();
  polling();
  shared();
  return 0;
}
