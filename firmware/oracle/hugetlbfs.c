// hugetlbfs: its options, its files, their mappings and what they take from the pool of huge pages. A row is a call and its result.
#include "mounts.h"

static void huge_status(const char *what) {
  u64 fields[15];
  s64 result = sys(SYS_statfs, "/m", fields, 0);
  name(what); column(result); hex_column(fields[0]); for (int i = 1; i < 7; i++) column(fields[i]); column(fields[8]); hex_column(fields[10]);
  column(number_in("/proc/meminfo", "HugePages_Total:")); column(number_in("/proc/meminfo", "HugePages_Free:")); column(number_in("/proc/meminfo", "HugePages_Rsvd:"));
  end();
}
static void huge_files(void) {
  u32 status[32];
  s64 file = open_file("/m/file", O_CREAT | O_RDWR, 0640);
  row("huge.create", file < 0 ? file : 0);
  row("huge.write", sys(SYS_write, file, "x", 1)); row("huge.read-empty", sys(SYS_read, file, proc_text, 10));
  row("huge.truncate-odd", sys(SYS_ftruncate, file, PAGE, 0)); row("huge.truncate", sys(SYS_ftruncate, file, 2 * HUGE, 0));
  row("huge.read-hole", sys(SYS_read, file, proc_text, 10));
  sys4(SYS_newfstatat, AT_FDCWD, "/m/file", status, 0); name("huge.stat"); hex_column(status[4]); column(status[5]); column(*(u64 *)(status + 12)); column(status[14]); column(*(u64 *)(status + 16)); end();
  huge_status("huge.empty");
  row("huge.map", mmap_at(AT(0), 2 * HUGE, RW, MAP_SHARED | MAP_FIXED, file, 0) == (s64)BASE);
  huge_status("huge.mapped");
  poke(AT(0), 5); poke(AT(512), 6);
  huge_status("huge.touched");
  row("huge.map-odd", mmap_at(AT(1025), HUGE, RW, MAP_SHARED | MAP_FIXED, file, 0)); row("huge.map-offset-odd", mmap_at(AT(2048), HUGE, RW, MAP_SHARED | MAP_FIXED, file, PAGE));
  row("huge.map-page", mmap_at(AT(2048), PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0) == (s64)AT(2048)); areas(0, 4096); end(); unmap(2048, 512);
  names_hidden = 0; name("huge.maps"); areas(0, 4096); end(); names_hidden = 1;
  row("huge.too-many", mmap_at(AT(4096), 8 * HUGE, RW, MAP_SHARED | MAP_FIXED, file, 0) >= 0 ? 0 : mmap_at(AT(4096), 8 * HUGE, RW, MAP_SHARED | MAP_FIXED, file, 0));
  row("huge.private", mmap_at(AT(2048), HUGE, RW, MAP_PRIVATE | MAP_FIXED, file, 0) == (s64)AT(2048)); huge_status("huge.private-mapped");
  name("huge.private-read"); read_at(AT(2048)); write_at(AT(2048)); column(peek(AT(2048))); column(peek(AT(0))); end(); huge_status("huge.private-written");
  unmap(2048, 512);
  u64 word = 0; sys4(SYS_pread64, file, &word, 8, 8); row("huge.read", word);
  row("huge.shrink", sys(SYS_ftruncate, file, HUGE, 0)); huge_status("huge.shrunk"); name("huge.behind"); read_at(AT(512)); end();
  row("huge.allocate", sys4(SYS_fallocate, file, 0, 0, 3 * HUGE)); huge_status("huge.allocated");
  row("huge.punch", sys4(SYS_fallocate, file, 3, HUGE, HUGE)); huge_status("huge.punched"); row("huge.allocate-mode", sys4(SYS_fallocate, file, 16, 0, HUGE));
  row("huge.allocate-many", sys4(SYS_fallocate, file, 0, 0, 20 * HUGE)); huge_status("huge.allocated-many");
  sys(SYS_close, file, 0, 0);
  row("huge.unlink", sys(SYS_unlinkat, AT_FDCWD, "/m/file", 0)); huge_status("huge.unlinked");
  unmap(0, 1024); huge_status("huge.unmapped");
  row("huge.directory", make("/m/directory")); row("huge.symlink", sys(SYS_symlinkat, "directory", AT_FDCWD, "/m/symlink")); row("huge.inside", opened("/m/symlink/file", O_CREAT | O_RDWR));
  row("huge.rename", sys4(SYS_renameat, AT_FDCWD, "/m/directory/file", AT_FDCWD, "/m/moved")); row("huge.temporary", opened("/m", TEMPORARY | O_RDWR));
  row("huge.cloexec", opened("/m/moved", O_RDONLY)); row("huge.rmdir", sys(SYS_unlinkat, AT_FDCWD, "/m/directory", 0x200)); row("huge.truncate-path", sys(SYS_truncate, "/m/moved", HUGE, 0));
  row("huge.execute", mmap_at(AT(0), HUGE, PROT_R | PROT_X, MAP_SHARED | MAP_FIXED, open_file("/m/moved", O_RDONLY, 0), 0) == (s64)BASE); unmap(0, 512);
}
static void huge(const char *what, const char *options, u64 flags) {
  s64 result = mount("none", "/m", "hugetlbfs", flags, options);
  row(what, result);
  if (result) return;
  table_row("table"); huge_status("status");
  u32 status[32];
  sys4(SYS_newfstatat, AT_FDCWD, "/m", status, 0); name("mode"); hex_column(status[4]); end();
  s64 file = open_file("/m/file", O_CREAT | O_RDWR, 0600);
  name("use"); column(file < 0 ? file : 0);
  for (u64 count = 1; count < 5; count++) {
    s64 result = mmap_at(AT(0), count * HUGE, RW, MAP_SHARED | MAP_FIXED, file, 0);
    place(result);
    if (result == (s64)BASE) { for (u64 i = 0; i < count; i++) write_at(AT(i * 512)); unmap(0, count * 512); }
  }
  end();
  huge_status("used");
  name("more"); column(sys4(SYS_fallocate, file, 0, 0, 4 * HUGE)); column(opened("/m/second", O_CREAT | O_RDWR)); column(make("/m/third")); end();
  sys(SYS_close, file, 0, 0);
  row("umount", umount("/m", 0)); row("left", number_in("/proc/meminfo", "HugePages_Free:"));
}

int oracle_main(void) {
  memory_start();
  names_hidden = 1;
  make("/m");
  s64 setting = open_file("/proc/sys/vm/nr_hugepages", O_WRONLY, 0);
  sys(SYS_write, setting, "4", 1);
  row("huge.mount", mount("none", "/m", "hugetlbfs", 0, 0)); huge_status("huge.status"); table_row("table");
  huge_files();
  row("huge.remount", mount(0, "/m", 0, MS_REMOUNT | MS_RDONLY, 0)); row("huge.read-only", opened("/m/new", O_CREAT | O_RDWR));
  row("umount", umount("/m", 0));
  huge("size", "size=4M", 0); huge("pages", "size=6291456", 0); huge("percent", "size=50%", 0); huge("pagesize", "pagesize=2M", 0); huge("gigantic", "pagesize=1G", 0);
  huge("small", "pagesize=64K", 0); huge("odd", "pagesize=3M", 0); huge("mode", "mode=0700,uid=0,gid=0", 0); huge("inodes", "nr_inodes=2", 0);
  huge("unknown", "nosuch", 0); huge("bad-size", "size=x", 0); huge("bad-mode", "mode=9", 0); huge("flags", "size=4M", MS_NOEXEC | MS_NODEV);
  sys(SYS_write, setting, "0", 1);
  return 0;
}
