// mount: flags of a mount and what they forbid, remounts, bind mounts and moves, and the options of a tmpfs. A row is a call and its
// result.
#include "mounts.h"

/// Every call that changes something, in a file system at /m that holds a directory, a file, a link and a device.
static void changes(const char *what, s64 readable) {
  static const u64 times[4] = {1, 2, 3, 4};
  name(what); put(".names");
  column(opened("/m/new", O_CREAT | O_RDWR)); column(opened("/m/file", O_CREAT | O_RDONLY)); column(opened("/m/file", O_WRONLY));
  column(opened("/m/file", O_RDWR)); column(opened("/m/file", O_RDONLY)); column(opened("/m/file", O_RDONLY | O_TRUNC));
  column(opened("/m/file", O_CREAT | 0200 | O_RDWR)); column(opened("/m/directory", O_RDONLY)); column(opened("/m", TEMPORARY | O_RDWR));
  column(opened("/m/none", O_RDONLY)); column(opened("/m/none/new", O_CREAT | O_RDWR));
  end();
  name(what); put(".make");
  column(make("/m/made")); column(make("/m/directory")); column(sys4(SYS_mknodat, AT_FDCWD, "/m/node", 0100644, 0));
  column(sys(SYS_symlinkat, "file", AT_FDCWD, "/m/symbolic")); column(sys(SYS_symlinkat, "file", AT_FDCWD, "/m/file"));
  column(sys6(SYS_linkat, AT_FDCWD, (s64)"/m/file", AT_FDCWD, (s64)"/m/hard", 0, 0));
  column(sys6(SYS_linkat, AT_FDCWD, (s64)"/m/file", AT_FDCWD, (s64)"/m/link", 0, 0));
  end();
  name(what); put(".move");
  column(sys4(SYS_renameat, AT_FDCWD, "/m/file", AT_FDCWD, "/m/renamed")); column(sys4(SYS_renameat, AT_FDCWD, "/m/renamed", AT_FDCWD, "/m/file"));
  column(sys4(SYS_renameat, AT_FDCWD, "/m/none", AT_FDCWD, "/m/renamed")); column(sys4(SYS_renameat, AT_FDCWD, "/m/file", AT_FDCWD, "/other"));
  column(sys4(SYS_renameat, AT_FDCWD, "/other", AT_FDCWD, "/m/file"));
  end();
  name(what); put(".attributes");
  column(sys(SYS_fchmodat, AT_FDCWD, "/m/file", 0755)); column(sys6(SYS_fchownat, AT_FDCWD, (s64)"/m/file", 0, 0, 0, 0));
  column(sys4(SYS_utimensat, AT_FDCWD, "/m/file", times, 0)); column(sys(SYS_truncate, "/m/file", 4096, 0));
  column(sys(SYS_faccessat, AT_FDCWD, "/m/file", 2)); column(sys(SYS_faccessat, AT_FDCWD, "/m/file", 4));
  column(sys(SYS_faccessat, AT_FDCWD, "/m/directory", 2)); column(sys(SYS_faccessat, AT_FDCWD, "/m/file", 1));
  column(sys(SYS_faccessat, AT_FDCWD, "/m/zero", 2));
  column(sys(SYS_fchmod, readable, 0755, 0)); column(sys(SYS_fchown, readable, 0, 0)); column(sys(SYS_ftruncate, readable, 0, 0));
  column(sys4(SYS_fallocate, readable, 0, 0, 4096)); column(sys4(SYS_pwrite64, readable, "x", 1, 0)); column(sys4(SYS_utimensat, readable, 0, 0, 0));
  end();
  name(what); put(".remove");
  column(sys(SYS_unlinkat, AT_FDCWD, "/m/none", 0)); column(sys(SYS_unlinkat, AT_FDCWD, "/m/directory", 0));
  column(sys(SYS_unlinkat, AT_FDCWD, "/m/directory", 0x200)); column(sys(SYS_unlinkat, AT_FDCWD, "/m/full", 0x200));
  column(sys(SYS_unlinkat, AT_FDCWD, "/m/link", 0)); column(sys(SYS_unlinkat, AT_FDCWD, "/m/link", 0x200));
  end();
  name(what); put(".use");
  column(opened("/m/zero", O_RDONLY)); column(opened("/m/zero", O_RDWR));
  char *const words[] = {"/m/script", 0}, *const none[] = {0};
  column(sys(SYS_execve, "/m/script", words, none));
  column(mmap_at(AT(0), PAGE, PROT_R | PROT_X, MAP_PRIVATE | MAP_FIXED, readable, 0) >= 0 ? 0 : mmap_at(AT(0), PAGE, PROT_R | PROT_X, MAP_PRIVATE | MAP_FIXED, readable, 0));
  column(mmap_at(AT(0), PAGE, PROT_R, MAP_SHARED | MAP_FIXED, readable, 0) >= 0 ? 0 : -1); column(sys(SYS_mprotect, AT(0), PAGE, PROT_R | PROT_X));
  unmap(0, 1);
  column(opened("/m/symlink", O_RDONLY));
  end();
}

static void populate_tree(void) {
  make("/m/directory"); make("/m/full"); opened("/m/full/file", O_CREAT | O_RDWR);
  opened("/m/file", O_CREAT | O_RDWR); opened("/m/link", O_CREAT | O_RDWR);
  sys(SYS_symlinkat, "file", AT_FDCWD, "/m/symlink");
  sys4(SYS_mknodat, AT_FDCWD, "/m/zero", 020666, 0x105);
  s64 script = open_file("/m/script", O_CREAT | O_RDWR, 0755);
  sys4(SYS_pwrite64, script, "x", 1, 0);
  sys(SYS_close, script, 0, 0);
}

static void flags(const char *what, u64 flags) {
  name(what); column(mount("some", "/m", "tmpfs", 0, 0)); end();
  populate_tree();
  s64 readable = open_file("/m/file", O_RDONLY, 0);
  row("remount", mount(0, "/m", 0, MS_REMOUNT | flags, 0));
  statfs_row("statfs", "/m"); table_row("table");
  changes(what, readable);
  sys(SYS_close, readable, 0, 0);
  row("remount-back", mount(0, "/m", 0, MS_REMOUNT, 0)); statfs_row("statfs", "/m");
  row("bind-flags", mount(0, "/m", 0, MS_REMOUNT | MS_BIND | flags, 0)); statfs_row("statfs", "/m"); table_row("table");
  row("umount", umount("/m", 0));
  row("new", mount("some", "/m", "tmpfs", flags, 0)); statfs_row("statfs", "/m"); table_row("table");
  row("new.make", make("/m/directory")); row("umount", umount("/m", 0));
}

static void busy(void) {
  mount("some", "/m", "tmpfs", 0, 0);
  populate_tree();
  s64 writable = open_file("/m/file", O_RDWR, 0);
  row("busy.writer", mount(0, "/m", 0, MS_REMOUNT | MS_RDONLY, 0));
  row("busy.writer-bind", mount(0, "/m", 0, MS_REMOUNT | MS_BIND | MS_RDONLY, 0));
  row("busy.umount", umount("/m", 0));
  mmap_at(AT(0), PAGE, RW, MAP_SHARED | MAP_FIXED, writable, 0);
  sys(SYS_ftruncate, writable, PAGE, 0);
  sys(SYS_close, writable, 0, 0);
  row("busy.mapped", mount(0, "/m", 0, MS_REMOUNT | MS_RDONLY, 0));
  row("busy.mapped-umount", umount("/m", 0));
  unmap(0, 1);
  row("busy.free", mount(0, "/m", 0, MS_REMOUNT | MS_RDONLY, 0));
  row("busy.again", mount(0, "/m", 0, MS_REMOUNT | MS_RDONLY, 0));
  row("busy.make", make("/m/x"));
  row("umount", umount("/m", 0));
}

static void binding(void) {
  mount("some", "/m", "tmpfs", 0, 0);
  populate_tree();
  row("bind.directory", mount("/m", "/m2", 0, MS_BIND, 0)); table_row("table");
  row("bind.seen", opened("/m2/file", O_RDWR));
  row("bind.new", opened("/m2/bound", O_CREAT | O_RDWR)); row("bind.new-there", opened("/m/bound", O_RDWR));
  row("bind.flags-ignored", mount("/m", "/m3", 0, MS_BIND | MS_RDONLY, 0)); row("bind.make", make("/m3/x")); table_row("table");
  row("bind.rename-across", sys4(SYS_renameat, AT_FDCWD, "/m/bound", AT_FDCWD, "/m2/moved"));
  row("bind.link-across", sys6(SYS_linkat, AT_FDCWD, (s64)"/m/bound", AT_FDCWD, (s64)"/m2/moved", 0, 0));
  row("bind.read-only", mount(0, "/m2", 0, MS_REMOUNT | MS_BIND | MS_RDONLY, 0)); table_row("table");
  row("bind.make", make("/m2/y")); row("bind.make-there", make("/m/y"));
  row("bind.unlink", sys(SYS_unlinkat, AT_FDCWD, "/m2/bound", 0));
  row("bind.whole-read-only", mount(0, "/m", 0, MS_REMOUNT | MS_RDONLY, 0)); row("bind.make", make("/m3/z")); table_row("table");
  row("bind.whole-writable", mount(0, "/m", 0, MS_REMOUNT, 0)); row("bind.make", make("/m3/z"));
  row("bind.sub", mount("/m/full", "/m4", 0, MS_BIND, 0)); row("bind.sub-file", opened("/m4/file", O_RDWR)); row("bind.sub-up", opened("/m4/../m/file", O_RDWR));
  row("bind.file", mount("/m/file", "/m5/target", 0, MS_BIND, 0));
  row("bind.file-on-directory", mount("/m/file", "/m4", 0, MS_BIND, 0)); row("bind.directory-on-file", mount("/m", "/m5/target", 0, MS_BIND, 0));
  row("bind.file-open", opened("/m5/target", O_RDWR)); row("bind.file-unlink", sys(SYS_unlinkat, AT_FDCWD, "/m5/target", 0));
  row("bind.file-rename", sys4(SYS_renameat, AT_FDCWD, "/m5/target", AT_FDCWD, "/m5/other"));
  table_row("table");
  row("bind.none", mount("/none", "/m4", 0, MS_BIND, 0)); row("bind.no-source", mount(0, "/m4", 0, MS_BIND, 0));
  row("bind.empty-source", mount("", "/m4", 0, MS_BIND, 0));
  row("bind.place-none", mount("/m", "/none", 0, MS_BIND, 0));
  row("bind.umount-first", umount("/m", 0)); row("bind.still", opened("/m2/file", O_RDONLY));
  row("bind.umount-file", umount("/m5/target", 0)); row("bind.umount", umount("/m2", 0)); row("bind.umount", umount("/m3", 0));
  row("bind.umount", umount("/m4", 0)); row("bind.umount-none", umount("/m4", 0)); table_row("table");
  // Bind mounts of trees.
  mount("outer", "/m", "tmpfs", 0, 0); make("/m/inner"); mount("inner", "/m/inner", "tmpfs", 0, 0); opened("/m/inner/file", O_CREAT | O_RDWR);
  row("tree.without", mount("/m", "/m2", 0, MS_BIND, 0)); row("tree.without-file", opened("/m2/inner/file", O_RDONLY)); row("umount", umount("/m2", 0));
  row("tree.with", mount("/m", "/m2", 0, MS_BIND | MS_REC, 0)); row("tree.with-file", opened("/m2/inner/file", O_RDONLY)); table_row("table");
  row("tree.umount-outer", umount("/m2", 0)); row("tree.umount-inner", umount("/m2/inner", 0)); row("tree.umount", umount("/m2", 0));
  row("move", mount("/m", "/m3", 0, MS_MOVE, 0)); row("move.file", opened("/m3/inner/file", O_RDONLY)); row("move.old", opened("/m/inner/file", O_RDONLY));
  table_row("table");
  row("move.no-mount", mount("/m3/none", "/m4", 0, MS_MOVE, 0)); row("move.into-itself", mount("/m3", "/m3/inner", 0, MS_MOVE, 0));
  row("move.no-source", mount(0, "/m4", 0, MS_MOVE, 0));
  row("move.umount", umount("/m3/inner", 0)); row("move.umount", umount("/m3", 0));
}

static void wrong_arguments(void) {
  row("type.none", mount("x", "/m", 0, 0, 0)); row("type.unknown", mount("x", "/m", "nosuch", 0, 0)); row("type.long", mount("x", "/m", "0123456789012345678901234567890123456789", 0, 0));
  row("place.none", mount("x", "/none", "tmpfs", 0, 0)); row("place.file", mount("x", "/m5/target", "tmpfs", 0, 0)); row("place.bad", mount("x", (char *)8, "tmpfs", 0, 0));
  row("type.bad", mount("x", "/m", (char *)8, 0, 0)); row("source.bad", mount((char *)8, "/m", "tmpfs", 0, 0)); row("data.bad", mount("x", "/m", "tmpfs", 0, (char *)8));
  row("source.none", mount(0, "/m", "tmpfs", 0, 0)); table_row("table"); row("umount", umount("/m", 0));
  row("option.unknown", mount("x", "/m", "tmpfs", 0, "nosuch=1")); row("option.bad", mount("x", "/m", "tmpfs", 0, "mode=9"));
  row("remount.no-mount", mount(0, "/m", 0, MS_REMOUNT, 0)); row("remount.bind-no-mount", mount(0, "/m", 0, MS_REMOUNT | MS_BIND, 0));
  row("private.no-mount", mount(0, "/m", 0, MS_PRIVATE, 0)); row("private", mount(0, "/", 0, MS_PRIVATE, 0)); row("private.rec", mount(0, "/", 0, MS_PRIVATE | MS_REC, 0));
  row("private.and-slave", mount(0, "/", 0, MS_PRIVATE | MS_SLAVE, 0)); row("private.and-read-only", mount(0, "/", 0, MS_PRIVATE | MS_RDONLY, 0));
  row("private.silent", mount(0, "/", 0, MS_PRIVATE | MS_SILENT, 0));
  row("options", mount("x", "/m", "tmpfs", 0, "mode=700,size=8192,nr_inodes=4")); table_row("table");
  u32 status[32];
  sys4(SYS_newfstatat, AT_FDCWD, "/m", status, 0); name("options.mode"); hex_column(status[4]); end();
  s64 file = open_file("/m/file", O_CREAT | O_RDWR, 0600);
  row("options.first", sys4(SYS_pwrite64, file, "x", 1, 0)); row("options.second", sys4(SYS_pwrite64, file, "x", 1, PAGE)); row("options.third", sys4(SYS_pwrite64, file, "x", 1, 2 * PAGE));
  row("options.inode", make("/m/a")); row("options.inode", make("/m/b")); row("options.inode", make("/m/c"));
  u64 fields[15]; sys(SYS_statfs, "/m", fields, 0); name("options.statfs"); for (int i = 2; i < 7; i++) column(fields[i]); end();
  row("options.larger", mount(0, "/m", 0, MS_REMOUNT, "size=16384")); row("options.third", sys4(SYS_pwrite64, file, "x", 1, 2 * PAGE));
  row("options.smaller", mount(0, "/m", 0, MS_REMOUNT, "size=4096")); table_row("table");
  sys(SYS_close, file, 0, 0);
  row("umount", umount("/m", 0));
  for (u64 bit = 1 << 16; bit; bit <<= 1) {
    if (bit >> 32) break;
    name("bit."); hex(bit); column(mount("x", "/m", "tmpfs", bit, 0)); statfs_row("", "/m");
    umount("/m", 0);
  }
  row("magic", mount("x", "/m", "tmpfs", 0xc0ed0000 | MS_RDONLY, 0)); row("magic.make", make("/m/x")); row("umount", umount("/m", 0));
  static const struct { const char *name; u64 flag; } times[] = {{"noatime", MS_NOATIME}, {"nodiratime", MS_NODIRATIME}, {"relatime", MS_RELATIME},
    {"strictatime", MS_STRICTATIME}, {"lazytime", MS_LAZYTIME}, {"sync", MS_SYNCHRONOUS}, {"dirsync", MS_DIRSYNC}, {"mandlock", MS_MANDLOCK}, {"nosymfollow", MS_NOSYMFOLLOW}, {"silent", MS_SILENT}};
  for (int i = 0; i < 10; i++) { name(times[i].name); column(mount("x", "/m", "tmpfs", times[i].flag, 0)); statfs_row("", "/m"); table_row("table"); umount("/m", 0); }
  row("proc", mount("x", "/m", "proc", MS_RDONLY | MS_NOEXEC, 0)); table_row("table"); row("proc.write", opened("/m/sys/vm/nr_hugepages", O_WRONLY)); row("umount", umount("/m", 0));
  row("umount.none", umount("/none", 0)); row("umount.no-mount", umount("/m", 0)); row("umount.flags", umount("/m", 64)); row("umount.bad", umount((char *)8, 0));
  mount("x", "/m", "tmpfs", 0, 0);
  file = open_file("/m/file", O_CREAT | O_RDWR, 0600);
  row("umount.busy", umount("/m", 0));
  sys(SYS_close, file, 0, 0);
  row("umount.free", umount("/m", 0));
}

int oracle_main(void) {
  memory_start();
  names_hidden = 1;
  make("/m"); make("/m2"); make("/m3"); make("/m4"); make("/m5"); opened("/m5/target", O_CREAT | O_RDWR);
  flags("plain", 0); flags("read-only", MS_RDONLY); flags("noexec", MS_NOEXEC); flags("nodev", MS_NODEV); flags("nosuid", MS_NOSUID);
  flags("all", MS_RDONLY | MS_NOEXEC | MS_NODEV | MS_NOSUID);
  busy();
  binding();
  wrong_arguments();
  return 0;
}
