// Owns the names of the numbers and bits in arguments of calls about files. It does not know which call has which argument. Linux:
// include/uapi, with arm64's own values of O_DIRECTORY, O_NOFOLLOW, O_DIRECT and O_LARGEFILE.

extension NameTable {
  static let open = NameTable(
    "O_", field: (3, [0: "O_RDONLY", 1: "O_WRONLY", 2: "O_RDWR", 3: "O_ACCMODE"]),
    [
      (0o100, "O_CREAT"), (0o200, "O_EXCL"), (0o400, "O_NOCTTY"), (0o1000, "O_TRUNC"), (0o2000, "O_APPEND"), (0o4000, "O_NONBLOCK"),
      (0o4010000, "O_SYNC"), (0o10000, "O_DSYNC"), (0o20000, "O_ASYNC"), (0o20040000, "O_TMPFILE"), (0o40000, "O_DIRECTORY"),
      (0o100000, "O_NOFOLLOW"), (0o200000, "O_DIRECT"),
      (0o400000, "O_LARGEFILE"), (0o1000000, "O_NOATIME"), (0o2000000, "O_CLOEXEC"), (0o10000000, "O_PATH"),
    ])
  /// The flags of pipe2, dup3, memfd_create's relatives: those of open without an access mode.
  static let descriptor = NameTable("O_", [(0o4000, "O_NONBLOCK"), (0o200000, "O_DIRECT"), (0o2000000, "O_CLOEXEC")])
  static let at = NameTable(
    "AT_",
    [
      (0x100, "AT_SYMLINK_NOFOLLOW"), (0x200, "AT_REMOVEDIR"), (0x400, "AT_SYMLINK_FOLLOW"), (0x800, "AT_NO_AUTOMOUNT"),
      (0x1000, "AT_EMPTY_PATH"), (0x2000, "AT_STATX_FORCE_SYNC"), (0x4000, "AT_STATX_DONT_SYNC"),
    ])
  static let unlink = NameTable("AT_", [(0x200, "AT_REMOVEDIR")])
  static let access = NameTable("", [(0, "F_OK"), (4, "R_OK"), (2, "W_OK"), (1, "X_OK")])
  static let seek = NameTable("SEEK_", [(0, "SEEK_SET"), (1, "SEEK_CUR"), (2, "SEEK_END"), (3, "SEEK_DATA"), (4, "SEEK_HOLE")])
  static let control = NameTable(
    "F_",
    [
      (0, "F_DUPFD"), (1, "F_GETFD"), (2, "F_SETFD"), (3, "F_GETFL"), (4, "F_SETFL"), (5, "F_GETLK"), (6, "F_SETLK"), (7, "F_SETLKW"),
      (8, "F_SETOWN"), (9, "F_GETOWN"), (1024, "F_SETLEASE"), (1025, "F_GETLEASE"), (1030, "F_DUPFD_CLOEXEC"), (1031, "F_SETPIPE_SZ"),
      (1032, "F_GETPIPE_SZ"),
      (1033, "F_ADD_SEALS"), (1034, "F_GET_SEALS"),
    ])
  static let device = NameTable(
    "",
    [
      (0x5401, "TCGETS"), (0x5402, "TCSETS"), (0x5403, "TCSETSW"), (0x540f, "TIOCGPGRP"), (0x5410, "TIOCSPGRP"), (0x5413, "TIOCGWINSZ"),
      (0x541b, "FIONREAD"), (0x5421, "FIONBIO"), (0x5450, "FIONCLEX"), (0x5451, "FIOCLEX"),
    ])
  static let memoryFile = NameTable(
    "MFD_", [(1, "MFD_CLOEXEC"), (2, "MFD_ALLOW_SEALING"), (4, "MFD_HUGETLB"), (8, "MFD_NOEXEC_SEAL"), (16, "MFD_EXEC")])
  static let rename = NameTable("RENAME_", [(1, "RENAME_NOREPLACE"), (2, "RENAME_EXCHANGE"), (4, "RENAME_WHITEOUT")])
  static let allocate = NameTable(
    "FALLOC_FL_", [(1, "FALLOC_FL_KEEP_SIZE"), (2, "FALLOC_FL_PUNCH_HOLE"), (8, "FALLOC_FL_COLLAPSE_RANGE"), (16, "FALLOC_FL_ZERO_RANGE")])
  static let mount = NameTable(
    "MS_",
    [
      (1, "MS_RDONLY"), (2, "MS_NOSUID"), (4, "MS_NODEV"), (8, "MS_NOEXEC"), (32, "MS_REMOUNT"), (1024, "MS_NOATIME"), (4096, "MS_BIND"),
      (16384, "MS_REC"), (262144, "MS_PRIVATE"),
    ])
  static let poll = NameTable(
    "POLL",
    [
      (1, "POLLIN"), (2, "POLLPRI"), (4, "POLLOUT"), (8, "POLLERR"), (16, "POLLHUP"), (32, "POLLNVAL"), (64, "POLLRDNORM"),
      (256, "POLLWRNORM"),
    ])
  static let fileType = NameTable(
    "S_IF",
    [
      (0o010000, "S_IFIFO"), (0o020000, "S_IFCHR"), (0o040000, "S_IFDIR"), (0o060000, "S_IFBLK"), (0o100000, "S_IFREG"),
      (0o120000, "S_IFLNK"), (0o140000, "S_IFSOCK"),
    ])
}
