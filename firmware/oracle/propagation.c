// Mounts that share what is mounted in them, bind mounts of parts of a file system, and lazy unmounts, as /proc/self/mountinfo shows them.
// A row is a call and its result, or the mounts below /m without their numbers and devices.
#include "mounts.h"

enum { SYS_getcwd = 17, SYS_chdir = 49, SYS_fchdir_ = 50, SYS_readlinkat_ = 78, MNT_DETACH = 2, MS_UNBINDABLE = 1 << 17 };

/// Of each line of mountinfo whose place begins with /m: root, place, options and the optional fields.
static void tree_row(const char *what) {
  name(what);
  read_whole("/proc/self/mountinfo", proc_text, sizeof proc_text);
  for (const char *at = proc_text; *at;) {
    const char *fields[4] = {at};
    int count = 0;
    const char *line = at;
    for (; *at && *at != '\n'; at++) {
      if (*at != ' ') continue;
      count++;
      if (count == 3) fields[0] = at + 1;
      if (count == 4) fields[1] = at + 1;
      if (at[1] == '-' && at[2] == ' ' && count >= 6) { fields[2] = at; break; }
    }
    if (fields[1] && fields[1][0] == '/' && fields[1][1] == 'm') {
      put("\t");
      for (const char *c = fields[0]; c < fields[2]; c++) output[output_length++] = *c;
    }
    while (*at && *at != '\n') at++;
    if (*at) at++;
    (void)line;
  }
  end();
}
static void clean(void) {
  static const char *const places[] = {"/m5", "/m4", "/m3", "/m2", "/m", "/m5", "/m4", "/m3", "/m2", "/m", "/m2", "/m"};
  for (u64 i = 0; i < sizeof places / sizeof *places; i++) umount(places[i], MNT_DETACH);
}
static void bind(const char *from, const char *to) { row("bind", mount(from, to, 0, MS_BIND, 0)); }
static void change(const char *place, u64 kind) { row("change", mount(0, place, 0, kind, 0)); }
static void fresh(const char *place) { row("mount", mount("x", place, "tmpfs", 0, 0)); }

static void roots(void) {
  fresh("/m"); make("/m/a"); make("/m/a/b"); opened("/m/file", O_CREAT | O_RDWR);
  bind("/m/a", "/m2"); bind("/m/a/b", "/m3"); bind("/m/file", "/m5/target"); bind("/m2/b", "/m4");
  tree_row("roots");
  row("rename", sys4(SYS_renameat, AT_FDCWD, "/m/a", AT_FDCWD, "/m/c")); tree_row("roots.renamed");
  row("remove", sys(SYS_unlinkat, AT_FDCWD, "/m/file", 0)); tree_row("roots.removed");
  umount("/m5/target", MNT_DETACH);
  clean(); tree_row("roots.clean");
}

static void kinds(void) {
  fresh("/m"); tree_row("kinds.new");
  change("/m", MS_SHARED); tree_row("kinds.shared");
  change("/m", MS_SHARED); tree_row("kinds.shared-again");
  change("/m", MS_SLAVE); tree_row("kinds.slave-alone");
  change("/m", MS_SHARED); bind("/m", "/m2"); tree_row("kinds.peers");
  change("/m2", MS_SLAVE); tree_row("kinds.slave");
  change("/m2", MS_SHARED); tree_row("kinds.slave-and-shared");
  bind("/m2", "/m3"); tree_row("kinds.copy-of-both");
  change("/m3", MS_PRIVATE); tree_row("kinds.private");
  change("/m2", MS_UNBINDABLE); tree_row("kinds.unbindable"); bind("/m2", "/m4"); tree_row("kinds.unbindable-bound");
  change("/m2", MS_SHARED); tree_row("kinds.bindable-again");
  bind("/m", "/m4"); change("/m4", MS_SLAVE); tree_row("kinds.before-end");
  row("umount", umount("/m", 0)); tree_row("kinds.master-gone");
  clean(); tree_row("kinds.clean");
}

static void spreading(void) {
  fresh("/m"); make("/m/inner"); make("/m/other"); change("/m", MS_SHARED);
  bind("/m", "/m2"); bind("/m", "/m3"); change("/m3", MS_SLAVE); bind("/m/other", "/m4");
  tree_row("spread.before");
  fresh("/m/inner"); tree_row("spread.mounted");
  opened("/m/inner/file", O_CREAT | O_RDWR); row("spread.peer", opened("/m2/inner/file", O_RDONLY)); row("spread.slave", opened("/m3/inner/file", O_RDONLY));
  row("umount", umount("/m2/inner", 0)); tree_row("spread.unmounted");
  fresh("/m3/inner"); tree_row("spread.in-slave"); row("umount", umount("/m3/inner", 0));
  bind("/m5", "/m2/inner"); tree_row("spread.bound"); row("umount", umount("/m/inner", 0)); tree_row("spread.unbound");
  fresh("/m/inner"); s64 file = open_file("/m2/inner/busy", O_CREAT | O_RDWR, 0600);
  row("umount.busy", umount("/m/inner", 0)); sys(SYS_close, file, 0, 0); row("umount.free", umount("/m/inner", 0));
  row("move", mount("/m2", "/m5", 0, MS_MOVE, 0)); tree_row("spread.moved");
  fresh("/m5/inner"); row("move.from-shared", mount("/m5/inner", "/m4", 0, MS_MOVE, 0));
  clean(); tree_row("spread.clean");
}

static void lazily(void) {
  fresh("/m"); make("/m/inner"); fresh("/m/inner");
  s64 file = open_file("/m/file", O_CREAT | O_RDWR, 0600), inner = open_file("/m/inner/file", O_CREAT | O_RDWR, 0600);
  s64 directory = open_file("/m", O_RDONLY, 0);
  row("busy", umount("/m", 0)); row("lazy", umount("/m", MNT_DETACH)); tree_row("lazy.after");
  row("lazy.write", sys(SYS_write, file, "abc", 3)); row("lazy.write-inner", sys(SYS_write, inner, "abc", 3));
  row("lazy.open", open_file("/m/file", O_RDONLY, 0));
  row("lazy.openat", sys4(SYS_openat, directory, "file", O_RDONLY, 0) >= 0);
  row("lazy.up", sys4(SYS_openat, directory, "../etc", O_RDONLY, 0));
  row("lazy.create", sys4(SYS_openat, directory, "new", O_CREAT | O_RDWR, 0600) >= 0);
  row("lazy.again", umount("/m", MNT_DETACH));
  sys(SYS_close, file, 0, 0);
  char cwd[64];
  fresh("/m"); make("/m/deep"); sys(SYS_chdir, "/m/deep", 0, 0);
  row("lazy.cwd", umount("/m", MNT_DETACH));
  s64 length = sys(SYS_getcwd, cwd, sizeof cwd, 0);
  name("lazy.getcwd"); column(length); put("\t"); if (length > 0) put(cwd); end();
  row("lazy.chdir-up", sys(SYS_chdir, "..", 0, 0));
  length = sys(SYS_getcwd, cwd, sizeof cwd, 0);
  name("lazy.getcwd"); column(length); put("\t"); if (length > 0) put(cwd); end();
  row("lazy.chdir", sys(SYS_chdir, "/", 0, 0));
  row("lazy.flags", umount("/", MNT_DETACH | 64));
  fresh("/m"); tree_row("lazy.fresh"); clean();
}

/// Mounts inside one that is unmounted lazily: they are reached through descriptors, and end with their last user.
static void below(void) {
  fresh("/m"); make("/m/inner"); fresh("/m/inner"); make("/m/inner/deep"); fresh("/m/inner/deep"); opened("/m/inner/deep/file", O_CREAT | O_RDWR); opened("/m/inner/own", O_CREAT | O_RDWR);
  s64 outer = open_file("/m", O_RDONLY, 0), inner = open_file("/m/inner", O_RDONLY, 0);
  s64 deep = open_file("/m/inner/deep", O_RDONLY, 0);
  row("below.lazy", umount("/m", MNT_DETACH)); tree_row("below.after");
#define TRY(what, from, path) row("below." what, sys4(SYS_openat, from, path, O_RDONLY, 0) >= 0 ? 0 : sys4(SYS_openat, from, path, O_RDONLY, 0))
  TRY("inner-from-outer", outer, "inner/own"); TRY("deep-from-outer", outer, "inner/deep/file"); TRY("deep-from-inner", inner, "deep/file"); TRY("deep-from-deep", deep, "file");
  TRY("up-from-inner", inner, "../inner"); TRY("up-from-inner-own", inner, "../own"); TRY("up-from-deep", deep, "../own"); TRY("up-twice", deep, "../../inner"); TRY("up-and-down", deep, "../deep/file"); TRY("outside", inner, "../etc");
  row("below.remove-point", sys(SYS_unlinkat, outer, "inner", 0x200));
  row("below.remove-point-of-deep", sys(SYS_unlinkat, inner, "deep", 0x200));
  row("below.mount-in-it", mount("x", path_of(outer), "tmpfs", 0, 0)); row("below.bind-of-it", mount(path_of(inner), "/m2", 0, MS_BIND, 0)); tree_row("below.bound");
  char where[64];
  sys(SYS_fchdir_, inner, 0, 0);
  s64 length = sys(SYS_getcwd, where, sizeof where, 0); name("below.getcwd"); column(length); put("\t"); if (length > 0) put(where); end();
  length = sys4(SYS_readlinkat_, AT_FDCWD, path_of(deep), where, sizeof where - 1); name("below.link"); column(length); put("\t"); for (s64 i = 0; i < length; i++) output[output_length++] = where[i]; end();
  row("below.umount-inner", umount(path_of(inner), 0)); row("below.umount-cwd", umount(".", MNT_DETACH));
  sys(SYS_chdir, "/", 0, 0);
  sys(SYS_close, outer, 0, 0); TRY("deep-without-outer", inner, "deep/file"); sys(SYS_close, inner, 0, 0); TRY("deep-alone", deep, "file"); TRY("deep-alone-up", deep, "../own"); sys(SYS_close, deep, 0, 0);
  clean(); tree_row("below.clean");
}

int oracle_main(void) {
  memory_start();
  names_hidden = 1;
  make("/m"); make("/m2"); make("/m3"); make("/m4"); make("/m5"); opened("/m5/target", O_CREAT | O_RDWR);
  mount(0, "/", 0, MS_PRIVATE | MS_REC, 0);
  roots();
  kinds();
  spreading();
  lazily();
  below();
  return 0;
}
