// Calls on files and their answers, in a tmpfs. It prints a line for each call: its name and its result.
// It prints nothing that depends on earlier programs, such as inode numbers or times.
#include "guest.h"

enum {
  NR_getcwd = 17, NR_dup = 23, NR_dup3 = 24, NR_fcntl = 25, NR_unlinkat = 35, NR_symlinkat = 36, NR_linkat = 37,
  NR_umount2 = 39, NR_statfs = 43, NR_truncate = 45, NR_ftruncate = 46, NR_fallocate = 47, NR_faccessat = 48, NR_chdir = 49,
  NR_fchdir = 50, NR_fchmod = 52, NR_fchmodat = 53, NR_pipe2 = 59, NR_getdents64 = 61, NR_lseek = 62, NR_readv = 65,
  NR_writev = 66, NR_pread64 = 67, NR_pwrite64 = 68, NR_preadv = 69, NR_sendfile = 71, NR_ppoll = 73, NR_readlinkat = 78,
  NR_newfstatat = 79, NR_fstat = 80, NR_fsync = 82, NR_umask = 166, NR_prlimit64 = 261, NR_renameat2 = 276,
  NR_memfd_create = 279, NR_copy_file_range = 285, NR_statx = 291, NR_close_range = 436, NR_faccessat2 = 439,
};
enum {
  RDONLY = 0, WRONLY = 1, RDWR = 2, CREAT = 0100, EXCL = 0200, TRUNC = 01000, APPEND = 02000, NONBLOCK = 04000, DIRECTORY = 040000,
  NOFOLLOW = 0100000, CLOEXEC = 02000000, PATH = 010000000, TMPFILE = 020040000,
};
#define CWD (-100l)

static char buffer[1 << 16] __attribute__((aligned(4096)));
static char *no_page;

static s64 row(const char *name, s64 result) {
  put(name); put(" "); dec(result); put("\n");
  return result;
}
#define CALL(name, number, ...) row(name, call(number, __VA_ARGS__))
#define call(number, ...) call_(number, __VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define call_(n, a, b, c, d, e, f, ...) sys6(n, (s64)(a), (s64)(b), (s64)(c), (s64)(d), (s64)(e), (s64)(f))

static s64 open_(const char *path, int flags) { return call(SYS_openat, CWD, path, flags, 0644); }

static void text(const char *name, s64 length) {
  put(name); put(" "); dec(length); put(" ");
  for (s64 i = 0; i < length; i++) output[output_length++] = buffer[i] ? buffer[i] : '~';
  put("\n");
}

/// Mode, links and size.
static void status(const char *name, s64 directory, const char *path, int flags) {
  u64 *words = (u64 *)buffer;
  s64 result = call(NR_newfstatat, directory, path, buffer, flags);
  put(name); put(" "); dec(result);
  if (!result) {
    put(" mode "); hex(words[2] & 0xffffffff);
    put(" links "); dec(words[2] >> 32);
    put(" size "); dec(words[6]);
    put(" block "); dec(words[7] & 0xffffffff);
    put(" blocks "); dec(words[8]);
  }
  put("\n");
}

static void list(const char *name, s64 descriptor) {
  put(name);
  for (;;) {
    s64 size = call(NR_getdents64, descriptor, buffer, 200);
    if (size <= 0) { put(" "); dec(size); break; }
    for (s64 at = 0; at < size; at += *(u16 *)(buffer + at + 16)) {
      put(" "); put(buffer + at + 19); put(":"); dec((u8)buffer[at + 18]);
    }
  }
  put("\n");
}

static char long_name[300], long_path[5000];

static void opening(void) {
  s64 d = CALL("mkdir", SYS_mkdirat, CWD, "/tmp/d", 0755);
  CALL("mkdir again", SYS_mkdirat, CWD, "/tmp/d", 0755);
  CALL("mkdir slash", SYS_mkdirat, CWD, "/tmp/d/e/", 0755);
  CALL("mkdir below nothing", SYS_mkdirat, CWD, "/tmp/none/x", 0755);
  CALL("mkdir root", SYS_mkdirat, CWD, "/", 0755);
  CALL("mkdir dot", SYS_mkdirat, CWD, "/tmp/.", 0755);
  d = open_("/tmp/d", RDONLY | DIRECTORY);
  row("open directory", d);
  s64 f = CALL("create", SYS_openat, d, "file", RDWR | CREAT, 0666);
  CALL("create exclusive", SYS_openat, d, "file", RDWR | CREAT | EXCL, 0666);
  CALL("create slash", SYS_openat, d, "new/", RDWR | CREAT, 0666);
  CALL("create directory", SYS_openat, d, "new", RDWR | CREAT | DIRECTORY, 0666);
  CALL("create on directory", SYS_openat, d, "e", RDONLY | CREAT, 0666);
  CALL("open missing", SYS_openat, d, "none", RDONLY);
  CALL("open empty", SYS_openat, d, "", RDONLY);
  CALL("open null", SYS_openat, d, 0, RDONLY);
  CALL("open kernel pointer", SYS_openat, d, 1ul << 63, RDONLY);
  CALL("open no zero", SYS_openat, d, no_page - 3, RDONLY);
  CALL("open bad base", SYS_openat, 77, "x", RDONLY);
  CALL("open file as base", SYS_openat, f, "x", RDONLY);
  CALL("open below file", SYS_openat, d, "file/x", RDONLY);
  CALL("open file slash", SYS_openat, d, "file/", RDONLY);
  CALL("open file as directory", SYS_openat, d, "file", RDONLY | DIRECTORY);
  CALL("write directory", SYS_openat, d, "e", RDWR);
  CALL("truncate directory", SYS_openat, d, "e", RDONLY | TRUNC);
  CALL("long name", SYS_openat, d, long_name, RDONLY);
  CALL("long path", SYS_openat, d, long_path, RDONLY);
  CALL("tmpfile read only", SYS_openat, CWD, "/tmp/d", RDONLY | TMPFILE, 0600);
  CALL("tmpfile on file", SYS_openat, d, "file", RDWR | TMPFILE, 0600);
  s64 t = CALL("tmpfile", SYS_openat, CWD, "/tmp/d", RDWR | TMPFILE, 0600);
  status("tmpfile status", t, "", 0x1000);
  CALL("tmpfile link", NR_linkat, t, "", d, "named", 0x1000);
  status("tmpfile named", t, "", 0x1000);
  CALL("symlink", NR_symlinkat, "file", d, "link");
  CALL("symlink empty", NR_symlinkat, "", d, "link2");
  CALL("symlink exists", NR_symlinkat, "x", d, "link");
  CALL("symlink dangling", NR_symlinkat, "made", d, "dangling");
  CALL("symlink loop a", NR_symlinkat, "b", d, "a");
  CALL("symlink loop b", NR_symlinkat, "a", d, "b");
  CALL("symlink up", NR_symlinkat, "../d/e/", d, "up");
  CALL("open link", SYS_openat, d, "link", RDONLY);
  CALL("open link nofollow", SYS_openat, d, "link", RDONLY | NOFOLLOW);
  CALL("open link nofollow directory", SYS_openat, d, "link", RDONLY | NOFOLLOW | DIRECTORY);
  s64 p = CALL("open link path", SYS_openat, d, "link", PATH | NOFOLLOW);
  CALL("read path", SYS_read, p, buffer, 1);
  CALL("fcntl getfl path", NR_fcntl, p, 3);
  text("readlink path", call(NR_readlinkat, p, "", buffer, 100));
  CALL("open loop", SYS_openat, d, "a", RDONLY);
  CALL("open loop create", SYS_openat, d, "a", RDONLY | CREAT, 0600);
  CALL("open dangling", SYS_openat, d, "dangling", RDONLY);
  CALL("create dangling exclusive", SYS_openat, d, "dangling", RDWR | CREAT | EXCL, 0600);
  CALL("create dangling", SYS_openat, d, "dangling", RDWR | CREAT, 0600);
  CALL("open up", SYS_openat, d, "up", RDONLY);
  CALL("open link slash", SYS_openat, d, "link/", RDONLY);
  CALL("readlink file", NR_readlinkat, d, "file", buffer, 100);
  CALL("readlink zero", NR_readlinkat, d, "link", buffer, 0);
  text("readlink two", call(NR_readlinkat, d, "link", buffer, 2));
  list("list", d);
  CALL("list after end", NR_getdents64, d, buffer, 200);
  CALL("list rewind", NR_lseek, d, 0, 0);
  CALL("list short", NR_getdents64, d, buffer, 10);
  CALL("list file", NR_getdents64, f, buffer, 200);
  CALL("read directory", SYS_read, d, buffer, 10);
  CALL("dotdot", SYS_openat, d, "../../../../tmp/d/./e/../file", RDONLY);
  status("status file", d, "file", 0);
  status("status link", d, "link", 0x100);
  status("status directory", d, "", 0x1000);
  status("status up", d, "up/", 0);
  status("status bad flags", d, "file", 0x8000);
  CALL("access", NR_faccessat, d, "file", 6);
  CALL("access execute", NR_faccessat, d, "file", 1);
  CALL("access directory", NR_faccessat, d, "e", 7);
  CALL("access bad mode", NR_faccessat, d, "file", 8);
  CALL("access2 bad flags", NR_faccessat2, d, "file", 0, 1);
  CALL("chmod", NR_fchmodat, d, "file", 04711);
  CALL("access execute now", NR_faccessat, d, "file", 1);
  CALL("umask", NR_umask, 077);
  CALL("create with umask", SYS_openat, d, "masked", RDWR | CREAT, 0666);
  status("masked", d, "masked", 0);
  CALL("umask back", NR_umask, 022);
  CALL("close all", NR_close_range, 3, ~0u, 0);
  CALL("close closed", SYS_close, 3);
}

static void names(void) {
  s64 d = open_("/tmp/d", RDONLY);
  CALL("link", NR_linkat, d, "file", d, "hard", 0);
  status("links", d, "hard", 0);
  CALL("link exists", NR_linkat, d, "file", d, "hard", 0);
  CALL("link directory", NR_linkat, d, "e", d, "hard2", 0);
  CALL("link missing", NR_linkat, d, "none", d, "hard2", 0);
  CALL("link slash", NR_linkat, d, "file", d, "hard2/", 0);
  CALL("link other mount", NR_linkat, d, "file", CWD, "/hard", 0);
  CALL("link proc", NR_linkat, CWD, "/proc/version", d, "hard2", 0);
  CALL("link bad flags", NR_linkat, d, "file", d, "hard2", 1);
  CALL("unlink directory", NR_unlinkat, d, "e", 0);
  CALL("rmdir file", NR_unlinkat, d, "file", 0x200);
  CALL("rmdir full", NR_unlinkat, CWD, "/tmp/d", 0x200);
  CALL("rmdir dot", NR_unlinkat, d, "e/.", 0x200);
  CALL("rmdir dotdot", NR_unlinkat, d, "e/..", 0x200);
  CALL("rmdir root", NR_unlinkat, CWD, "/", 0x200);
  CALL("rmdir mount", NR_unlinkat, CWD, "/proc", 0x200);
  CALL("unlink dot", NR_unlinkat, d, ".", 0);
  CALL("unlink root", NR_unlinkat, CWD, "/", 0);
  CALL("unlink missing", NR_unlinkat, d, "none", 0);
  CALL("unlink slash", NR_unlinkat, d, "hard/", 0);
  CALL("unlink directory slash", NR_unlinkat, d, "e/", 0);
  CALL("unlink link slash", NR_unlinkat, d, "link/", 0);
  CALL("unlink flags", NR_unlinkat, d, "hard", 1);
  CALL("unlink proc", NR_unlinkat, CWD, "/proc/version", 0);
  CALL("create in proc", SYS_openat, CWD, "/proc/none", RDWR | CREAT, 0600);
  CALL("mkdir in proc", SYS_mkdirat, CWD, "/proc/none", 0700);
  CALL("unlink hard", NR_unlinkat, d, "hard", 0);
  CALL("rename", NR_renameat2, d, "file", d, "moved", 0);
  CALL("rename missing", NR_renameat2, d, "file", d, "x", 0);
  CALL("rename same", NR_renameat2, d, "moved", d, "moved", 0);
  CALL("rename no replace", NR_renameat2, d, "moved", d, "masked", 1);
  CALL("rename over", NR_renameat2, d, "moved", d, "masked", 0);
  CALL("rename file over directory", NR_renameat2, d, "masked", d, "e", 0);
  CALL("rename directory over file", NR_renameat2, d, "e", d, "masked", 0);
  CALL("rename into itself", NR_renameat2, d, "e", d, "e/f", 0);
  CALL("rename over parent", NR_renameat2, d, "e/x", CWD, "/tmp/d", 0);
  CALL("mkdir g", SYS_mkdirat, d, "e/g", 0700);
  CALL("mkdir h", SYS_mkdirat, d, "h", 0700);
  CALL("rename over ancestor", NR_renameat2, d, "e/g", d, "e", 0);
  CALL("rename over full", NR_renameat2, d, "h", d, "e", 0);
  CALL("rename directory", NR_renameat2, d, "h", d, "e/g", 0);
  CALL("rename file slash", NR_renameat2, d, "masked", d, "x/", 0);
  CALL("rename directory slash", NR_renameat2, d, "e/g/", d, "e/i/", 0);
  CALL("rename dot", NR_renameat2, d, ".", d, "x", 0);
  CALL("rename to dot", NR_renameat2, d, "masked", d, ".", 0);
  CALL("rename exchange", NR_renameat2, d, "masked", d, "e", 2);
  CALL("rename exchange missing", NR_renameat2, d, "masked", d, "none", 2);
  CALL("rename flags", NR_renameat2, d, "masked", d, "x", 8);
  CALL("rename two flags", NR_renameat2, d, "masked", d, "x", 3);
  CALL("rename other mount", NR_renameat2, d, "e", CWD, "/x", 0);
  status("exchanged", d, "e", 0);
  status("exchanged directory", d, "masked", 0);
  status("parent", d, "", 0x1000);
  CALL("chdir", NR_chdir, "/tmp/d/masked/i");
  text("getcwd", call(NR_getcwd, buffer, 100));
  CALL("getcwd short", NR_getcwd, buffer, 5);
  CALL("chdir file", NR_chdir, "/tmp/d/e");
  CALL("fchdir", NR_fchdir, d);
  text("getcwd", call(NR_getcwd, buffer, 100));
  status("relative", CWD, "masked/i", 0);
  CALL("mkdir gone", SYS_mkdirat, CWD, "gone", 0700);
  CALL("chdir gone", NR_chdir, "gone");
  CALL("rmdir gone", NR_unlinkat, CWD, "../gone", 0x200);
  CALL("getcwd gone", NR_getcwd, buffer, 100);
  CALL("create gone", SYS_openat, CWD, "x", RDWR | CREAT, 0600);
  CALL("open gone", SYS_openat, CWD, ".", RDONLY);
  CALL("list gone", NR_getdents64, 4, buffer, 200);
  status("status gone", CWD, ".", 0);
  status("status above gone", CWD, "..", 0);
  text("link gone", call(NR_readlinkat, CWD, "/proc/self/cwd", buffer, 100));
  CALL("chdir back", NR_chdir, "..");
  CALL("unlink open", SYS_openat, CWD, "open", RDWR | CREAT, 0600);
  CALL("unlink open", NR_unlinkat, CWD, "open", 0);
  text("link deleted", call(NR_readlinkat, CWD, "/proc/self/fd/5", buffer, 100));
  status("status deleted", 5, "", 0x1000);
  CALL("write deleted", SYS_write, 5, "abc", 3);
  CALL("reopen deleted", SYS_openat, CWD, "/proc/self/fd/5", RDONLY);
  text("read reopened", call(SYS_read, 6, buffer, 10));
  CALL("link deleted", NR_linkat, CWD, "/proc/self/fd/5", d, "again", 0x400);
  CALL("close all", NR_close_range, 3, ~0u, 0);
}

static void contents(void) {
  s64 f = open_("/tmp/c", RDWR | CREAT);
  CALL("write", SYS_write, f, "hello, world", 12);
  CALL("write zero", SYS_write, f, 0, 0);
  CALL("write bad", SYS_write, f, 0, 5);
  CALL("seek", NR_lseek, f, 7, 0);
  text("read", call(SYS_read, f, buffer, 100));
  CALL("read end", SYS_read, f, buffer, 100);
  CALL("seek current", NR_lseek, f, -5, 1);
  CALL("seek end", NR_lseek, f, 3, 2);
  CALL("seek negative", NR_lseek, f, -1, 0);
  CALL("seek overflow", NR_lseek, f, ~0ul >> 1, 1);
  CALL("seek largest", NR_lseek, f, ~0ul >> 1, 0);
  CALL("write largest", SYS_write, f, "x", 1);
  CALL("seek whence", NR_lseek, f, 0, 5);
  CALL("seek back", NR_lseek, f, 100, 0);
  CALL("write behind", SYS_write, f, "tail", 4);
  text("pread", call(NR_pread64, f, buffer, 20, 5));
  text("pread hole", call(NR_pread64, f, buffer, 20, 90));
  CALL("pread behind", NR_pread64, f, buffer, 20, 1000);
  CALL("pread negative", NR_pread64, f, buffer, 20, -1);
  CALL("pread huge", NR_pread64, f, buffer, 20, ~0ul >> 1);
  CALL("pwrite", NR_pwrite64, f, "HELLO", 5, 0);
  CALL("pwrite huge", NR_pwrite64, f, "x", 1, ~0ul >> 1);
  CALL("pwrite bad", NR_pwrite64, f, no_page, 4, 0);
  CALL("pwrite half bad", NR_pwrite64, f, no_page - 4, 8, 5000);
  CALL("seek end now", NR_lseek, f, 0, 2);
  CALL("pread half bad", NR_pread64, f, no_page - 4, 8, 0);
  struct { char *base; u64 length; } vectors[4] = {{"ab", 2}, {0, 0}, {"cdef", 4}, {no_page, 4}};
  CALL("writev", NR_writev, f, vectors, 3);
  CALL("writev bad", NR_writev, f, vectors, 4);
  CALL("writev count", NR_writev, f, vectors, 1025);
  CALL("writev none", NR_writev, f, vectors, 0);
  vectors[0].base = buffer; vectors[2].base = buffer + 2;
  text("preadv", call(NR_preadv, f, vectors, 3, 0));
  CALL("truncate", NR_ftruncate, f, 5);
  CALL("seek end now", NR_lseek, f, 0, 2);
  CALL("truncate up", NR_truncate, "/tmp/c", 10000);
  text("pread truncated", call(NR_pread64, f, buffer, 20, 0));
  CALL("truncate negative", NR_ftruncate, f, -1);
  CALL("truncate huge", NR_ftruncate, f, ~0ul >> 1);
  CALL("truncate back", NR_ftruncate, f, 10000);
  CALL("truncate directory", NR_truncate, "/tmp", 0);
  status("status", f, "", 0x1000);
  CALL("fallocate", NR_fallocate, f, 0, 0, 12288);
  status("status", f, "", 0x1000);
  CALL("fallocate keep", NR_fallocate, f, 1, 16384, 4096);
  status("status", f, "", 0x1000);
  CALL("punch", NR_fallocate, f, 3, 4000, 5000);
  status("status", f, "", 0x1000);
  CALL("punch alone", NR_fallocate, f, 2, 0, 4096);
  CALL("collapse", NR_fallocate, f, 8, 0, 4096);
  CALL("zero range", NR_fallocate, f, 0x10, 0, 4096);
  CALL("fallocate zero", NR_fallocate, f, 0, 0, 0);
  CALL("fallocate negative", NR_fallocate, f, 0, -1, 5);
  CALL("fallocate huge", NR_fallocate, f, 0, ~0ul >> 1, 5);
  CALL("fallocate unknown", NR_fallocate, f, 0x1000, 0, 5);
  CALL("truncate", NR_ftruncate, f, 0);
  CALL("truncate", NR_ftruncate, f, 1 << 20);
  CALL("pwrite", NR_pwrite64, f, "data", 4, 70000);
  CALL("seek data", NR_lseek, f, 0, 3);
  CALL("seek hole", NR_lseek, f, 69632, 4);
  CALL("seek data after", NR_lseek, f, 80000, 3);
  CALL("seek hole end", NR_lseek, f, 1 << 20, 4);
  CALL("seek data beyond", NR_lseek, f, 2 << 20, 3);
  CALL("read half bad", NR_pread64, f, no_page - 4, 100, 70000);
  s64 r = open_("/tmp/c", RDONLY), w = open_("/tmp/c", WRONLY | APPEND | TRUNC);
  CALL("write read only", SYS_write, r, "x", 1);
  CALL("read write only", SYS_read, w, buffer, 1);
  CALL("truncate read only", NR_ftruncate, r, 1);
  CALL("fallocate read only", NR_fallocate, r, 0, 0, 5);
  CALL("append", SYS_write, w, "one", 3);
  CALL("append at", NR_pwrite64, w, "two", 3, 0);
  CALL("append position", NR_lseek, w, 0, 1);
  text("appended", call(SYS_read, r, buffer, 100));
  CALL("getfl", NR_fcntl, w, 3);
  CALL("setfl", NR_fcntl, w, 4, RDWR | NONBLOCK);
  CALL("getfl", NR_fcntl, w, 3);
  CALL("dup", NR_dup, r);
  CALL("seek dup", NR_lseek, 6, 2, 0);
  CALL("shared position", NR_lseek, r, 0, 1);
  CALL("dup closed", NR_dup, 50);
  CALL("dup3 same", NR_dup3, r, r, 0);
  CALL("dup3 flags", NR_dup3, r, 9, 1);
  CALL("dup3", NR_dup3, r, 9, CLOEXEC);
  CALL("getfd", NR_fcntl, 9, 1);
  CALL("setfd", NR_fcntl, 9, 2, 0);
  CALL("getfd", NR_fcntl, 9, 1);
  CALL("dup3 negative", NR_dup3, r, -1, 0);
  CALL("dup3 large", NR_dup3, r, 1 << 30, 0);
  CALL("dupfd", NR_fcntl, r, 0, 20);
  CALL("dupfd cloexec", NR_fcntl, r, 1030, 20);
  CALL("getfd", NR_fcntl, 21, 1);
  CALL("dupfd huge", NR_fcntl, r, 0, -1);
  CALL("fcntl unknown", NR_fcntl, r, 999, 0);
  u64 limit[2] = {7, 4096};
  CALL("limit", NR_prlimit64, 0, 7, limit, 0);
  CALL("open in limit", SYS_openat, CWD, "/tmp/c", RDONLY);
  CALL("open at limit", SYS_openat, CWD, "/tmp/none", RDONLY);
  CALL("dupfd at limit", NR_fcntl, r, 0, 7);
  CALL("dup3 at limit", NR_dup3, r, 7, 0);
  CALL("memfd at limit", NR_memfd_create, "x", 0);
  limit[0] = 1024;
  CALL("limit", NR_prlimit64, 0, 7, limit, 0);
  CALL("sendfile", NR_sendfile, f, r, 0, 100);
  u64 offset = 1;
  CALL("sendfile offset", NR_sendfile, f, r, &offset, 3);
  row("offset", offset);
  CALL("sendfile to append", NR_sendfile, w, r, 0, 100);
  CALL("sendfile bad", NR_sendfile, f, 60, 0, 100);
  u64 from = 0, to = 100;
  CALL("copy range", NR_copy_file_range, r, &from, f, &to, 6, 0);
  row("from", from); row("to", to);
  CALL("copy overlap", NR_copy_file_range, f, 0, f, 0, 6, 0);
  CALL("copy flags", NR_copy_file_range, r, 0, f, 0, 6, 1);
  CALL("copy directory", NR_copy_file_range, open_("/tmp", RDONLY), 0, f, 0, 6, 0);
  CALL("fsync", NR_fsync, f);
  CALL("fsync bad", NR_fsync, 70);
  CALL("close all", NR_close_range, 3, ~0u, 0);
  CALL("close range reversed", NR_close_range, 5, 3, 0);
  CALL("close range flags", NR_close_range, 3, 5, 1);
}

static void pipes(void) {
  int p[2];
  CALL("pipe", NR_pipe2, p, NONBLOCK);
  row("read end", p[0]); row("write end", p[1]);
  CALL("pipe flags", NR_pipe2, p, 1);
  CALL("pipe bad", NR_pipe2, 0, 0);
  CALL("read empty", SYS_read, p[0], buffer, 10);
  CALL("write read end", SYS_write, p[0], buffer, 10);
  CALL("seek", NR_lseek, p[0], 0, 0);
  CALL("pread", NR_pread64, p[0], buffer, 1, 0);
  CALL("write", SYS_write, p[1], "abc", 3);
  CALL("write", SYS_write, p[1], "defg", 4);
  text("read part", call(SYS_read, p[0], buffer, 2));
  text("read rest", call(SYS_read, p[0], buffer, 100));
  CALL("size", NR_fcntl, p[0], 1032);
  s64 total = 0, count;
  while ((count = call(SYS_write, p[1], buffer, 1000)) > 0) total += count;
  row("filled by 1000", total);
  row("then", count);
  CALL("read", SYS_read, p[0], buffer, 4096);
  CALL("write", SYS_write, p[1], buffer, 5000);
  CALL("read", SYS_read, p[0], buffer, 4096);
  CALL("write more than fits", SYS_write, p[1], buffer, 65536);
  while ((count = call(SYS_read, p[0], buffer, 65536)) > 0) total += count;
  CALL("write large", SYS_write, p[1], buffer, 65536);
  CALL("write full", SYS_write, p[1], buffer, 1);
  struct { int fd; u16 events, result; } polls[3] = {{p[0], 5, 0}, {p[1], 5, 0}, {-1, 5, 9}};
  u64 zero[2] = {0, 0};
  CALL("poll full", NR_ppoll, polls, 3, zero, 0, 8);
  row("read end", polls[0].result); row("write end", polls[1].result); row("none", polls[2].result);
  while ((count = call(SYS_read, p[0], buffer, 65536)) > 0) total += count;
  CALL("poll empty", NR_ppoll, polls, 2, zero, 0, 8);
  row("read end", polls[0].result); row("write end", polls[1].result);
  CALL("set size", NR_fcntl, p[0], 1031, 5000);
  CALL("set size zero", NR_fcntl, p[0], 1031, 0);
  CALL("set size huge", NR_fcntl, p[0], 1031, -1);
  CALL("write large", SYS_write, p[1], buffer, 65536);
  CALL("set size busy", NR_fcntl, p[0], 1031, 4096);
  status("status", p[0], "", 0x1000);
  CALL("write half bad", SYS_write, p[1], no_page - 2, 4);
  while ((count = call(SYS_read, p[0], buffer, 65536)) > 0) total += count;
  CALL("write half bad", SYS_write, p[1], no_page - 2, 4);
  CALL("write bad", SYS_write, p[1], no_page, 4);
  CALL("read half bad", SYS_read, p[0], no_page - 1, 4);
  CALL("write", SYS_write, p[1], "abcd", 4);
  CALL("read half bad", SYS_read, p[0], no_page - 1, 4);
  text("read", call(SYS_read, p[0], buffer, 10));
  CALL("close write end", SYS_close, p[1]);
  CALL("read ended", SYS_read, p[0], buffer, 10);
  polls[1].fd = 40;
  CALL("poll ended", NR_ppoll, polls, 2, zero, 0, 8);
  row("read end", polls[0].result); row("closed", polls[1].result);
  CALL("close read end", SYS_close, p[0]);
  CALL("pipe", NR_pipe2, p, 0);
  CALL("close read end", SYS_close, p[0]);
  polls[0].fd = p[1];
  CALL("poll broken", NR_ppoll, polls, 1, zero, 0, 8);
  row("write end", polls[0].result);
  u64 ignore[4] = {1, 0, 0, 0};
  sys6(SYS_rt_sigaction, 13, (s64)ignore, 0, 8, 0, 0);
  CALL("write broken", SYS_write, p[1], "x", 1);
  CALL("ppoll mask size", NR_ppoll, polls, 1, zero, buffer, 4);
  CALL("ppoll bad time", NR_ppoll, polls, 1, no_page, 0, 8);
  CALL("close all", NR_close_range, 3, ~0u, 0);
}

static void memory_files(void) {
  s64 m = CALL("memfd", NR_memfd_create, "name", 2);
  text("link", call(NR_readlinkat, CWD, "/proc/self/fd/3", buffer, 100));
  status("status", m, "", 0x1000);
  CALL("seals", NR_fcntl, m, 1034);
  CALL("truncate", NR_ftruncate, m, 10000);
  CALL("seal grow", NR_fcntl, m, 1033, 4);
  CALL("truncate up", NR_ftruncate, m, 20000);
  CALL("truncate down", NR_ftruncate, m, 9000);
  CALL("write inside", NR_pwrite64, m, buffer, 100, 100);
  CALL("write over end", NR_pwrite64, m, buffer, 8192, 4096);
  CALL("write at end", NR_pwrite64, m, buffer, 100, 9000);
  CALL("fallocate over end", NR_fallocate, m, 0, 0, 20000);
  CALL("seal shrink", NR_fcntl, m, 1033, 2);
  CALL("truncate down", NR_ftruncate, m, 100);
  s64 mapped = call(SYS_mmap, 0, 4096, 3, MAP_SHARED, m, 0);
  CALL("seal write while mapped", NR_fcntl, m, 1033, 8);
  sys(SYS_munmap, mapped, 4096, 0);
  CALL("seal write", NR_fcntl, m, 1033, 8);
  CALL("write", NR_pwrite64, m, buffer, 1, 0);
  CALL("punch", NR_fallocate, m, 3, 0, 4096);
  CALL("map shared writable", SYS_mmap, 0, 4096, 3, MAP_SHARED, m, 0);
  mapped = call(SYS_mmap, 0, 4096, 1, MAP_SHARED, m, 0);
  CALL("mapped shared", SYS_mprotect, mapped, 4096, 1);
  CALL("protect shared", SYS_mprotect, mapped, 4096, 3);
  mapped = call(SYS_mmap, 0, 4096, 3, MAP_PRIVATE, m, 0);
  CALL("mapped private", SYS_mprotect, mapped, 4096, 1);
  CALL("seal seal", NR_fcntl, m, 1033, 1);
  CALL("seal more", NR_fcntl, m, 1033, 0x20);
  CALL("seals", NR_fcntl, m, 1034);
  s64 n = CALL("memfd unsealable", NR_memfd_create, "", 1);
  CALL("seal", NR_fcntl, n, 1033, 8);
  CALL("seals", NR_fcntl, n, 1034);
  CALL("seals unknown", NR_fcntl, n, 1033, 0x80);
  CALL("getfd", NR_fcntl, n, 1);
  s64 x = CALL("memfd noexec", NR_memfd_create, "x", 8);
  status("status", x, "", 0x1000);
  CALL("seals", NR_fcntl, x, 1034);
  CALL("chmod", NR_fchmod, x, 0777);
  CALL("memfd both", NR_memfd_create, "x", 0x18);
  CALL("memfd flags", NR_memfd_create, "x", 0x80);
  CALL("memfd null", NR_memfd_create, 0, 0);
  long_name[249] = 0;
  CALL("memfd 249", NR_memfd_create, long_name, 0);
  long_name[249] = 'n'; long_name[250] = 0;
  CALL("memfd 250", NR_memfd_create, long_name, 0);
  long_name[250] = 'n';
  CALL("seal executable", NR_memfd_create, "x", 0x12);
  CALL("seal exec", NR_fcntl, 7, 1033, 0x20);
  CALL("seals", NR_fcntl, 7, 1034);
  s64 t = open_("/tmp/s", RDWR | CREAT);
  CALL("seals tmpfs", NR_fcntl, t, 1034);
  CALL("seal tmpfs", NR_fcntl, t, 1033, 8);
  CALL("seals proc", NR_fcntl, open_("/proc/version", RDONLY), 1034);
  CALL("close all", NR_close_range, 3, ~0u, 0);
}

static void mapping(void) {
  s64 r = open_("/tmp/c", RDONLY), w = open_("/tmp/c", WRONLY), d = open_("/tmp", RDONLY), z = open_("/dev/zero", RDWR);
  int p[2];
  call(NR_pipe2, p, 0);
  s64 path = open_("/tmp/c", PATH), both = open_("/tmp/c", RDWR);
  s64 mapped;
  CALL("map closed", SYS_mmap, 0, 4096, 1, MAP_PRIVATE, 50, 0);
  CALL("map directory", SYS_mmap, 0, 4096, 1, MAP_PRIVATE, d, 0);
  CALL("map pipe", SYS_mmap, 0, 4096, 1, MAP_PRIVATE, p[0], 0);
  CALL("map pipe write end", SYS_mmap, 0, 4096, 1, MAP_PRIVATE, p[1], 0);
  CALL("map path", SYS_mmap, 0, 4096, 1, MAP_PRIVATE, path, 0);
  CALL("map write only", SYS_mmap, 0, 4096, 1, MAP_SHARED, w, 0);
  CALL("map write only private", SYS_mmap, 0, 4096, 1, MAP_PRIVATE, w, 0);
  CALL("map read only shared writable", SYS_mmap, 0, 4096, 3, MAP_SHARED, r, 0);
  CALL("map zero length", SYS_mmap, 0, 0, 1, MAP_PRIVATE, r, 0);
  CALL("map zero length closed", SYS_mmap, 0, 0, 1, MAP_PRIVATE, 50, 0);
  CALL("map odd offset", SYS_mmap, 0, 4096, 1, MAP_PRIVATE, r, 100);
  CALL("map odd offset closed", SYS_mmap, 0, 4096, 1, MAP_PRIVATE, 50, 100);
  CALL("map huge offset", SYS_mmap, 0, 8192, 1, MAP_PRIVATE, r, ~0ul << 12);
  CALL("map no type", SYS_mmap, 0, 4096, 1, 0, r, 0);
  CALL("map no type directory", SYS_mmap, 0, 4096, 1, 0, d, 0);
  CALL("map validate sync", SYS_mmap, 0, 4096, 1, 3 | 0x80000, both, 0);
  mapped = call(SYS_mmap, 0, 4096, 1, 3 | 0x8000000, both, 0);
  row("map validate huge page size", mapped > 0);
  CALL("map grows down", SYS_mmap, 0, 4096, 1, MAP_PRIVATE | 0x100, r, 0);
  mapped = call(SYS_mmap, 0, 4096, 1, MAP_SHARED, r, 0);
  CALL("protect read only shared", SYS_mprotect, mapped, 4096, 3);
  mapped = call(SYS_mmap, 0, 4096, 1, MAP_PRIVATE, r, 0);
  CALL("protect private", SYS_mprotect, mapped, 4096, 3);
  mapped = call(SYS_mmap, 0, 8192, 3, MAP_PRIVATE, z, 0);
  row("zero private", *(char *)mapped);
  mapped = call(SYS_mmap, 0, 8192, 3, MAP_SHARED, z, 0);
  row("zero shared mapped", mapped > 0);
  CALL("close all", NR_close_range, 3, ~0u, 0);
}

static void devices(void) {
  s64 n = open_("/dev/null", RDWR), z = open_("/dev/zero", RDWR), f = open_("/dev/full", RDWR);
  CALL("read null", SYS_read, n, buffer, 10);
  CALL("write null", SYS_write, n, buffer, 10);
  CALL("write null bad", SYS_write, n, 0, 10);
  buffer[0] = 'x';
  CALL("read zero", SYS_read, z, buffer, 10);
  row("byte", buffer[0]);
  CALL("write zero", SYS_write, z, buffer, 10);
  CALL("read full", SYS_read, f, buffer, 10);
  CALL("write full", SYS_write, f, buffer, 10);
  CALL("seek null", NR_lseek, n, 10, 0);
  CALL("truncate null", NR_ftruncate, n, 10);
  CALL("fallocate null", NR_fallocate, n, 0, 0, 10);
  CALL("map null", SYS_mmap, 0, 4096, 1, MAP_PRIVATE, n, 0);
  CALL("list null", NR_getdents64, n, buffer, 10);
  CALL("fsync null", NR_fsync, n);
  CALL("close all", NR_close_range, 3, ~0u, 0);
}

static void synthetic(void) {
  text("filesystem link", call(NR_readlinkat, CWD, "/proc/mounts", buffer, 100));
  s64 c = open_("/proc/self/comm", RDONLY);
  text("comm", call(SYS_read, c, buffer, 100));
  CALL("read again", SYS_read, c, buffer, 100);
  CALL("seek", NR_lseek, c, 2, 0);
  text("read two", call(SYS_read, c, buffer, 2));
  text("pread", call(NR_pread64, c, buffer, 100, 1));
  CALL("write read only", SYS_write, c, "x", 1);
  c = open_("/proc/self/cmdline", RDONLY);
  text("cmdline", call(SYS_read, c, buffer, 100));
  CALL("open missing", SYS_openat, CWD, "/proc/self/none", RDONLY);
  CALL("open dead", SYS_openat, CWD, "/proc/999999/comm", RDONLY);
  CALL("open leading zero", SYS_openat, CWD, "/proc/01/comm", RDONLY);
  CALL("open link", SYS_openat, CWD, "/proc/self", RDONLY | NOFOLLOW);
  CALL("open descriptor", SYS_openat, CWD, "/proc/self/fd/77", RDONLY);
  CALL("open read only sysctl", SYS_openat, CWD, "/proc/sys/kernel/osrelease", RDWR);
  CALL("create", SYS_openat, CWD, "/proc/self/none", RDWR | CREAT, 0600);
  CALL("rename", NR_renameat2, CWD, "/proc/version", CWD, "/proc/x", 0);
  status("version", CWD, "/proc/version", 0);
  status("directory", CWD, "/proc/sys/kernel/random", 0);
  status("link", CWD, "/proc/self/exe", 0x100);
  status("descriptor", CWD, "/proc/self/fd/0", 0x100);
  CALL("close all", NR_close_range, 3, ~0u, 0);
}

static void mounts(void) {
  CALL("mkdir", SYS_mkdirat, CWD, "/tmp/m", 0755);
  CALL("mount missing", SYS_mount, "x", "/tmp/none", "tmpfs", 0, 0);
  CALL("mount unknown", SYS_mount, "x", "/tmp/m", "nonsense", 0, 0);
  CALL("mount on file", SYS_mount, "x", "/tmp/c", "tmpfs", 0, 0);
  CALL("mount", SYS_mount, "x", "/tmp/m", "tmpfs", 0, 0);
  s64 f = CALL("create", SYS_openat, CWD, "/tmp/m/f", RDWR | CREAT, 0600);
  CALL("rmdir", NR_unlinkat, CWD, "/tmp/m", 0x200);
  CALL("rename", NR_renameat2, CWD, "/tmp/m", CWD, "/tmp/k", 0);
  CALL("rename out", NR_renameat2, CWD, "/tmp/m/f", CWD, "/tmp/f", 0);
  text("name", call(NR_readlinkat, CWD, "/proc/self/fd/3", buffer, 100));
  status("root", CWD, "/tmp/m", 0);
  CALL("unmount busy", NR_umount2, "/tmp/m", 0);
  CALL("close", SYS_close, f);
  CALL("unmount", NR_umount2, "/tmp/m", 0);
  CALL("unmount again", NR_umount2, "/tmp/m", 0);
  CALL("unmount flags", NR_umount2, "/tmp/m", 0x100);
  status("covered", CWD, "/tmp/m", 0);
  CALL("gone", SYS_openat, CWD, "/tmp/m/f", RDONLY);
  CALL("rmdir", NR_unlinkat, CWD, "/tmp/m", 0x200);
}

/// The limits of positions, and directories that are still held after their names were removed.
static void ends(void) {
  s64 f = CALL("memfd", SYS_memfd_create, "end", 0);
  CALL("truncate", NR_ftruncate, f, ~0ul >> 1);
  CALL("pwrite last", NR_pwrite64, f, "x", 1, (~0ul >> 1) - 1);
  CALL("read last", NR_pread64, f, buffer, 8, (~0ul >> 1) - 8);
  CALL("read over", NR_pread64, f, buffer, 9, (~0ul >> 1) - 8);
  CALL("close", SYS_close, f);
  s64 p = CALL("pagemap", SYS_openat, CWD, "/proc/self/pagemap", RDONLY);
  CALL("seek below", NR_lseek, p, -8, 0);
  CALL("read below", SYS_read, p, buffer, 8);
  CALL("close", SYS_close, p);
  sys(SYS_close, open_("/tmp/a", RDWR | CREAT), 0, 0);
  s64 result = 0;
  for (int i = 0; i < 40000 && result == 0; i++) {
    result = call(SYS_mkdirat, CWD, "/tmp/held", 0755);
    call(NR_linkat, CWD, "/tmp/a", CWD, "/tmp/held/b", 0);
    call(NR_unlinkat, CWD, "/tmp/held/b", 0);
    call(NR_unlinkat, CWD, "/tmp/held", 0x200);
    call(NR_linkat, CWD, "/tmp/a", CWD, "/tmp/b", 0);
    call(NR_unlinkat, CWD, "/tmp/b", 0);
  }
  row("names given and taken", result);
}

int guest_main(int argc, char **argv) {
  no_page = map(8192, PROT_R | PROT_W) + 4096;
  sys(SYS_munmap, no_page, 4096, 0);
  // Descriptors that were left open for it.
  sys(NR_close_range, 3, ~0u, 0);
  // A place in which no devices exist yet.
  sys(SYS_mkdirat, CWD, "/dev", 0755);
  sys6(SYS_mount, (s64)"none", (s64)"/dev", (s64)"devtmpfs", 0, 0, 0);
  for (int i = 0; i < 299; i++) long_name[i] = 'n';
  for (int i = 0; i < 4999; i++) long_path[i] = i & 1 ? '/' : '.';
  struct { const char *name; void (*run)(void); } parts[] = {
    {"opening", opening}, {"names", names}, {"contents", contents}, {"pipes", pipes}, {"memory files", memory_files},
    {"mapping", mapping}, {"devices", devices}, {"synthetic", synthetic}, {"mounts", mounts},
    {"ends", ends},
  };
  for (u64 i = 0; i < sizeof parts / sizeof *parts; i++) {
    put("== "); put(parts[i].name); put("\n");
    parts[i].run();
    flush();
  }
  return 0;
}
