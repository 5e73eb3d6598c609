// What the programs about mounts share: the calls, and the lines of /proc/self/mounts. It does not know their questions.
#pragma once
#include "memory.h"

enum {
  SYS_mknodat = 33, SYS_symlinkat = 36, SYS_linkat = 37, SYS_renameat = 38, SYS_umount2 = 39, SYS_statfs = 43, SYS_truncate = 45,
  SYS_faccessat = 48, SYS_fchmod = 52, SYS_fchmodat = 53, SYS_fchownat = 54, SYS_fchown = 55, SYS_newfstatat = 79, SYS_utimensat = 88,
  MS_RDONLY = 1, MS_NOSUID = 2, MS_NODEV = 4, MS_NOEXEC = 8, MS_SYNCHRONOUS = 16, MS_REMOUNT = 32, MS_MANDLOCK = 64, MS_DIRSYNC = 128,
  MS_NOSYMFOLLOW = 256, MS_NOATIME = 1024, MS_NODIRATIME = 2048, MS_BIND = 4096, MS_MOVE = 8192, MS_REC = 16384, MS_SILENT = 32768,
  MS_PRIVATE = 1 << 18, MS_SLAVE = 1 << 19, MS_SHARED = 1 << 20, MS_RELATIME = 1 << 21, MS_STRICTATIME = 1 << 24, MS_LAZYTIME = 1 << 25,
  DIRECTORY = 040000, TEMPORARY = 020000000 | DIRECTORY,
};

static s64 mount(const char *source, const char *place, const char *type, u64 flags, const char *data) {
  return sys6(SYS_mount, (s64)source, (s64)place, (s64)type, flags, (s64)data, 0);
}
static s64 umount(const char *place, int flags) { return sys(SYS_umount2, place, flags, 0); }
static s64 make(const char *path) { return sys(SYS_mkdirat, AT_FDCWD, path, 0755); }
static void row(const char *what, s64 result) { name(what); column(result); end(); }
/// Opens and closes again.
static s64 opened(const char *path, int flags) {
  s64 file = open_file(path, flags, 0755);
  if (file < 0) return file;
  sys(SYS_close, file, 0, 0);
  return 0;
}

static void hex_column(u64 value) { put("\t"); hex(value); }
static void statfs_row(const char *what, const char *path) {
  u64 fields[15];
  s64 result = sys(SYS_statfs, path, fields, 0);
  name(what); column(result);
  if (!result) { hex_column(fields[0]); column(fields[1]); hex_column(fields[10]); }
  end();
}

/// The lines of /proc/self/mounts whose place begins with /m, without what follows the options of the mount itself.
static void table_row(const char *what) {
  name(what);
  read_whole("/proc/self/mounts", proc_text, sizeof proc_text);
  for (const char *at = proc_text; *at;) {
    const char *line = at, *place = at;
    while (*at && *at != '\n') at++;
    while (*place != ' ') place++;
    if (place[1] == '/' && place[2] == 'm') {
      put("\t");
      for (const char *c = line; c < at; c++) output[output_length++] = *c;
    }
    if (*at) at++;
  }
  end();
}
