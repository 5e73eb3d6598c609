// Owns the table of the answers of every implemented system call to good, bad and hostile arguments.
// It does not know how a row is run. Numbers are those of asm-generic/unistd.h, errors those of errno.h.

let EPERM: Int64 = -1, ENOENT: Int64 = -2, ESRCH: Int64 = -3, EBADF: Int64 = -9, EAGAIN: Int64 = -11, ENOMEM: Int64 = -12
let EFAULT: Int64 = -14, EEXIST: Int64 = -17, ENODEV: Int64 = -19, EINVAL: Int64 = -22, ENOTTY: Int64 = -25
let EACCES: Int64 = -13, EBUSY: Int64 = -16, ENOTDIR: Int64 = -20, EISDIR: Int64 = -21, ESPIPE: Int64 = -29, ERANGE: Int64 = -34
let ENOSYS: Int64 = -38, ETIMEDOUT: Int64 = -110, EOPNOTSUPP: Int64 = -95

struct SystemCallTestRow: Sendable, CustomStringConvertible {
  /// Pointers that a row names, where others have a number.
  enum Argument: ExpressibleByIntegerLiteral, Sendable {
    case value(UInt64)
    /// 32 KiB of zeroed, readable and writable memory, with nothing mapped behind.
    case good
    case readOnly
    /// Mapped without any permission.
    case none
    case null, kernel, unmapped
    /// The last eight bytes of user space.
    case lastBytes
    /// Eight bytes before the end of a mapping with nothing behind it.
    case short
    /// A good pointer under a tag.
    case tagged
    /// The string "/proc/self/exe".
    case text
    init(integerLiteral value: UInt64) { self = .value(value) }
  }
  var number: UInt64
  var name: String
  var arguments: [Argument]
  var result: Int64
  init(_ number: UInt64, _ name: String, _ arguments: [Argument], _ result: Int64) {
    (self.number, self.name, self.arguments, self.result) = (number, name, arguments, result)
  }
  var description: String { "\(name)\(arguments)" }

  /// Where `.good` is.
  static let goodAddress: UInt64 = 0x1000_0000
  private typealias Row = SystemCallTestRow
  private static let huge = Argument.value(~0)
  static func good(_ offset: UInt64) -> Argument { .value(goodAddress + offset) }

  static let files: [SystemCallTestRow] = [
    Row(29, "ioctl", [0, 0x5401, .good], ENOTTY), Row(29, "ioctl", [3, 0x5401, .good], EBADF),
    Row(29, "ioctl", [huge], EBADF),
    Row(57, "close", [0], 0), Row(57, "close", [3], EBADF), Row(57, "close", [huge], EBADF),
    Row(57, "close", [0x1_0000_0001], 0),
    Row(63, "read", [0, .good, 4], 4), Row(63, "read", [0, .good, 0], 0), Row(63, "read", [0, .null, 0], 0),
    Row(63, "read", [0, .null, 4], EFAULT), Row(63, "read", [0, .readOnly, 4], EFAULT),
    Row(63, "read", [0, .kernel, 4], EFAULT), Row(63, "read", [0, .tagged, 4], EFAULT), Row(63, "read", [1, .good, 4], EBADF),
    Row(63, "read", [9, .null, 4], EBADF), Row(63, "read", [0, .good, huge], EFAULT),
    Row(63, "read", [0, .kernel, 0], EFAULT),
    Row(64, "write", [1, .good, 16], 16), Row(64, "write", [2, .readOnly, 16], 16), Row(64, "write", [1, .good, 0], 0),
    Row(64, "write", [1, .null, 1], EFAULT), Row(64, "write", [1, .none, 1], EFAULT),
    Row(64, "write", [1, .kernel, 1], EFAULT), Row(64, "write", [1, .short, 100], 8),
    Row(64, "write", [1, .lastBytes, 16], EFAULT), Row(64, "write", [0, .good, 1], EBADF),
    Row(64, "write", [7, .good, 1], EBADF), Row(64, "write", [1, .good, huge], EFAULT),
    Row(66, "writev", [1, .good, 0], 0), Row(66, "writev", [1, .good, 1024], 0), Row(66, "writev", [1, .good, 1025], EINVAL),
    Row(66, "writev", [1, .null, 1], EFAULT), Row(66, "writev", [1, .kernel, 1], EFAULT),
    Row(66, "writev", [1, .good, huge], EINVAL), Row(66, "writev", [5, .good, 0], EBADF),
    Row(78, "readlinkat", [0, .text, .good, 64], 5), Row(78, "readlinkat", [0, .text, .good, 2], 2),
    Row(78, "readlinkat", [0, .text, .good, 0], EINVAL), Row(78, "readlinkat", [0, .text, .good, huge], EINVAL),
    Row(78, "readlinkat", [0, .text, .null, 64], EFAULT), Row(78, "readlinkat", [0, .null, .good, 64], EFAULT),
    Row(78, "readlinkat", [0, .good, .good, 64], ENOENT), Row(78, "readlinkat", [0, .kernel, .good, 64], EFAULT),
    Row(80, "fstat", [0, .good], 0), Row(80, "fstat", [0, .null], EFAULT), Row(80, "fstat", [0, .readOnly], EFAULT),
    Row(80, "fstat", [0, .short], EFAULT), Row(80, "fstat", [3, .good], EBADF), Row(80, "fstat", [0, .lastBytes], EFAULT),
  ]

  /// `text` is a link, "/proc/self/exe", to the program's file, "/test".
  static let names: [SystemCallTestRow] = [
    Row(17, "getcwd", [.good, 100], 2), Row(17, "getcwd", [.good, 1], ERANGE), Row(17, "getcwd", [.null, 100], EFAULT),
    Row(33, "mknodat", [0, .text, 0o100644], EEXIST), Row(33, "mknodat", [0, .text, 0o020644], EPERM),
    Row(33, "mknodat", [0, .text, 0o170000], EINVAL), Row(33, "mknodat", [0, .kernel, 0], EFAULT),
    Row(34, "mkdirat", [0, .text, 0], EEXIST), Row(34, "mkdirat", [0, .null, 0], EFAULT), Row(34, "mkdirat", [0, .good, 0], ENOENT),
    Row(35, "unlinkat", [0, .text, 0], EPERM), Row(35, "unlinkat", [0, .text, 1], EINVAL), Row(35, "unlinkat", [0, .kernel, 0], EFAULT),
    Row(36, "symlinkat", [.text, 0, .text], EEXIST), Row(36, "symlinkat", [.good, 0, .text], ENOENT),
    Row(36, "symlinkat", [.text, 0, .null], EFAULT),
    Row(37, "linkat", [0, .text, 0, .text, 0], EEXIST), Row(37, "linkat", [0, .text, 0, .text, 1], EINVAL),
    Row(37, "linkat", [0, .null, 0, .text, 0], EFAULT),
    Row(38, "renameat", [0, .text, 0, .text], EPERM), Row(38, "renameat", [0, .text, 0, .kernel], EFAULT),
    Row(39, "umount2", [.text, 0], EINVAL), Row(39, "umount2", [.text, 16], EINVAL), Row(39, "umount2", [.null, 0], EFAULT),
    Row(40, "mount", [.text, .text, .text, 0], ENODEV), Row(40, "mount", [0, .text, 0, 0], EINVAL),
    Row(40, "mount", [0, .null, .text, 0], EFAULT), Row(40, "mount", [0, .text, .text, 0x20], EINVAL),
    Row(49, "chdir", [.text], ENOTDIR), Row(49, "chdir", [.good], ENOENT), Row(49, "chdir", [.kernel], EFAULT),
    Row(50, "fchdir", [0], ENOTDIR), Row(50, "fchdir", [huge], EBADF),
    Row(51, "chroot", [.text], ENOTDIR), Row(51, "chroot", [.good], ENOENT), Row(51, "chroot", [.kernel], EFAULT),
    Row(472, "fchroot", [0, 1], EINVAL), Row(472, "fchroot", [0], ENOTDIR), Row(472, "fchroot", [huge], EBADF),
    Row(56, "openat", [0, .text, 0], 3), Row(56, "openat", [0, .text, 0x8000], -40), Row(56, "openat", [0, .text, 0x4000], ENOTDIR),
    Row(56, "openat", [0, .good, 0], ENOENT), Row(56, "openat", [0, .null, 0], EFAULT), Row(56, "openat", [0, .text, 0o300], EEXIST),
    Row(56, "openat", [0, .text, 0o40100], EINVAL), Row(56, "openat", [0, .text, huge], ENOTDIR),
    Row(56, "openat", [0, .tagged, 0], EFAULT),
    Row(166, "umask", [0o77], 0o22), Row(166, "umask", [huge], 0o22),
    Row(276, "renameat2", [0, .text, 0, .text, 8], EINVAL), Row(276, "renameat2", [0, .text, 0, .text, 3], EINVAL),
    Row(276, "renameat2", [0, .text, 0, .text, 1], EEXIST),
  ]

  static let status: [SystemCallTestRow] = [
    Row(43, "statfs", [.text, .good], 0), Row(43, "statfs", [.text, .null], EFAULT), Row(43, "statfs", [.good, .good], ENOENT),
    Row(44, "fstatfs", [0, .good], 0), Row(44, "fstatfs", [9, .good], EBADF), Row(44, "fstatfs", [0, .short], EFAULT),
    Row(45, "truncate", [.text, huge], EINVAL), Row(45, "truncate", [.text, 0], -26), Row(45, "truncate", [.null, 0], EFAULT),
    Row(45, "truncate", [.text, .value(1 << 62)], -26),
    Row(46, "ftruncate", [0, 0], EINVAL), Row(46, "ftruncate", [0, huge], EINVAL), Row(46, "ftruncate", [9, 0], EBADF),
    Row(48, "faccessat", [0, .text, 7], 0), Row(48, "faccessat", [0, .text, 8], EINVAL), Row(48, "faccessat", [0, .good, 0], ENOENT),
    Row(439, "faccessat2", [0, .text, 0, 1], EINVAL), Row(439, "faccessat2", [0, .good, 0, 0x1000], 0),
    Row(52, "fchmod", [0, 0o600], 0), Row(52, "fchmod", [9, 0], EBADF),
    Row(53, "fchmodat", [0, .text, 0o600], 0), Row(53, "fchmodat", [0, .null, 0o600], EFAULT),
    Row(452, "fchmodat2", [0, .text, 0, 1], EINVAL), Row(452, "fchmodat2", [0, .text, 0o777, 0], 0),
    Row(54, "fchownat", [0, .text, 0, 0, 0], 0), Row(54, "fchownat", [0, .text, 1, 0, 0], EPERM),
    Row(54, "fchownat", [0, .text, huge, huge, 1], EINVAL), Row(55, "fchown", [0, 0, 0], 0), Row(55, "fchown", [9, 0, 0], EBADF),
    Row(61, "getdents64", [0, .good, 100], ENOTDIR), Row(61, "getdents64", [9, .good, 100], EBADF),
    Row(79, "newfstatat", [0, .text, .good, 0], 0), Row(79, "newfstatat", [0, .text, .null, 0], EFAULT),
    Row(79, "newfstatat", [0, .text, .good, 1], EINVAL), Row(79, "newfstatat", [0, .null, .good, 0x1000], 0),
    Row(79, "newfstatat", [9, .null, .good, 0x1000], EBADF), Row(79, "newfstatat", [0, .null, .good, 0], EFAULT),
    Row(88, "utimensat", [0, .text, 0, 0], 0), Row(88, "utimensat", [0, .text, .text, 0], EINVAL),
    Row(88, "utimensat", [0, 0, .good, 0], 0), Row(88, "utimensat", [9, 0, .good, 0], EBADF),
    Row(88, "utimensat", [0, .text, .kernel, 0], EFAULT),
    Row(291, "statx", [0, .text, 0, 0x7ff, .good], 0), Row(291, "statx", [0, .text, 0x6000, 0, .good], EINVAL),
    Row(291, "statx", [0, .text, 0, .value(1 << 31), .good], EINVAL), Row(291, "statx", [0, .text, 0, 0, .readOnly], EFAULT),
  ]

  static let descriptors: [SystemCallTestRow] = [
    Row(23, "dup", [0], 3), Row(23, "dup", [9], EBADF), Row(24, "dup3", [0, 0, 0], EINVAL), Row(24, "dup3", [0, 9, 0], 9),
    Row(24, "dup3", [0, 1024, 0], EBADF), Row(24, "dup3", [9, 8, 0], EBADF), Row(24, "dup3", [0, huge, 0], EBADF),
    Row(25, "fcntl", [0, 0, 5], 5), Row(25, "fcntl", [0, 1], 0), Row(25, "fcntl", [0, 3], 0o400000), Row(25, "fcntl", [9, 1], EBADF),
    Row(25, "fcntl", [0, 0, 1024], EINVAL), Row(25, "fcntl", [0, 0, huge], EINVAL), Row(25, "fcntl", [0, huge], EINVAL),
    Row(25, "fcntl GETPIPE_SZ", [0, 1032], EBADF), Row(25, "fcntl GET_SEALS", [0, 1034], EINVAL),
    Row(47, "fallocate", [1, 0, 0, 4096], ENODEV), Row(47, "fallocate", [0, 0, 0, 4096], EBADF),
    Row(47, "fallocate", [1, 0, huge, 1], EINVAL),
    Row(47, "fallocate", [1, 2, 0, 1], EOPNOTSUPP),
    Row(59, "pipe2", [.good, 0], 0), Row(59, "pipe2", [.null, 0], EFAULT), Row(59, "pipe2", [.good, 1], EINVAL),
    Row(59, "pipe2", [.readOnly, 0o2004000], EFAULT),
    Row(62, "lseek", [0, 0, 0], ESPIPE), Row(62, "lseek", [0, 0, 5], EINVAL), Row(62, "lseek", [9, 0, 0], EBADF),
    Row(65, "readv", [0, .good, 0], 0), Row(65, "readv", [0, .good, 1025], EINVAL), Row(65, "readv", [0, .null, 1], EFAULT),
    Row(65, "readv", [1, .good, 0], EBADF),
    Row(67, "pread64", [0, .good, 4, 0], ESPIPE), Row(67, "pread64", [0, .good, 4, huge], EINVAL),
    Row(67, "pread64", [9, .good, 4, 0], EBADF),
    Row(68, "pwrite64", [1, .good, 4, 0], ESPIPE), Row(68, "pwrite64", [1, .good, 4, huge], EINVAL),
    Row(69, "preadv", [0, .good, 1, 0], ESPIPE), Row(69, "preadv", [0, .good, 1, huge], EINVAL),
    Row(70, "pwritev", [1, .good, 1, 0], ESPIPE), Row(70, "pwritev", [9, .good, 1, 0], EBADF),
    Row(71, "sendfile", [1, 0, 0, 4], EINVAL), Row(71, "sendfile", [1, 9, 0, 4], EBADF), Row(71, "sendfile", [1, 0, .kernel, 4], EFAULT),
    Row(72, "pselect6", [0, 0, 0, 0, .good, 0], 0), Row(72, "pselect6", [huge, 0, 0, 0, .good, 0], EINVAL),
    Row(72, "pselect6", [3, .good, .good, .good, .good, 0], 0), Row(72, "pselect6", [3, .null, .kernel, 0, .good, 0], EFAULT),
    Row(72, "pselect6", [0, 0, 0, 0, .kernel, 0], EFAULT), Row(72, "pselect6", [0, 0, 0, 0, .good, 8], EFAULT),
    Row(72, "pselect6", [8, .text, 0, 0, .good, 0], EBADF), Row(72, "pselect6", [8, .text, 0, 0, .text, 0], EINVAL),
    Row(85, "timerfd_create", [1, 0], 3), Row(85, "timerfd_create", [3, 0], EINVAL), Row(85, "timerfd_create", [0, 1], EINVAL),
    Row(86, "timerfd_settime", [9, 0, .good, 0], EBADF), Row(86, "timerfd_settime", [0, 0, .good, 0], EINVAL),
    Row(86, "timerfd_settime", [0, 0, .null, 0], EFAULT), Row(87, "timerfd_gettime", [9, .good], EBADF),
    Row(87, "timerfd_gettime", [0, .good], EINVAL),
    Row(73, "ppoll", [.good, 1, .good, 0, 8], 0), Row(73, "ppoll", [.good, 0, .good, 0, 8], 0),
    Row(73, "ppoll", [.null, 1, 0, 0, 8], EFAULT),
    Row(73, "ppoll", [.good, 1025, 0, 0, 8], EINVAL), Row(73, "ppoll", [.good, 1, .kernel, 0, 8], EFAULT),
    Row(73, "ppoll", [.good, 1, 0, .good, 4], EINVAL),
    Row(81, "sync", [], 0), Row(82, "fsync", [0], EINVAL), Row(82, "fsync", [9], EBADF), Row(83, "fdatasync", [9], EBADF),
    Row(279, "memfd_create", [.text, 0], 3), Row(279, "memfd_create", [.text, 0x20], EINVAL),
    Row(279, "memfd_create", [.text, 0x18], EINVAL),
    Row(279, "memfd_create", [.null, 0], EFAULT), Row(279, "memfd_create", [.tagged, 0], EFAULT),
    Row(285, "copy_file_range", [0, 0, 1, 0, 4, 0], EINVAL), Row(285, "copy_file_range", [9, 0, 1, 0, 4, 0], EBADF),
    Row(285, "copy_file_range", [0, .kernel, 1, 0, 4, 0], EFAULT), Row(285, "copy_file_range", [0, 0, 1, 0, 4, 1], EINVAL),
    Row(436, "close_range", [3, 9, 0], 0), Row(436, "close_range", [9, 3, 0], EINVAL), Row(436, "close_range", [0, huge, 4], 0),
    Row(436, "close_range", [0, huge, 1], EINVAL), Row(436, "close_range", [0, huge, 2], 0),
  ]

  static let processes: [SystemCallTestRow] = [
    Row(96, "set_tid_address", [.kernel], 2), Row(99, "set_robust_list", [.good, 24], 0),
    Row(99, "set_robust_list", [.good, 23], EINVAL),
    Row(98, "futex WAKE", [.good, 1, 1], 0), Row(98, "futex WAKE", [.null, 129, 1], 0), Row(98, "futex WAKE", [.null, 1, 1], EFAULT),
    Row(98, "futex WAKE", [.kernel, 1, 1], EFAULT), Row(98, "futex WAIT", [.good, 0, 1], EAGAIN),
    Row(98, "futex WAIT", [.null, 0, 0], EFAULT), Row(98, "futex WAIT", [.good, 128, 0, .good], ETIMEDOUT),
    Row(98, "futex WAIT", [.good, 0, 0, 8], EFAULT), Row(98, "futex WAIT", [good(1), 0, 0], EINVAL),
    Row(98, "futex WAIT_BITSET", [.good, 9, 0, 0, 0, 0], EINVAL), Row(98, "futex REQUEUE", [.good, 3, 0, 0, .good], 0),
    Row(98, "futex", [.good, 77, 0], ENOSYS), Row(98, "futex WAKE", [.tagged, 1, 1], EFAULT),
    Row(101, "nanosleep", [.good], 0), Row(101, "nanosleep", [.null], EFAULT), Row(101, "nanosleep", [.kernel], EFAULT),
    Row(101, "nanosleep", [.text], EINVAL),
    Row(102, "getitimer", [0, .good], 0), Row(102, "getitimer", [3, .good], EINVAL), Row(102, "getitimer", [0, .readOnly], EFAULT),
    Row(103, "setitimer", [0, .good, .good], 0), Row(103, "setitimer", [3, .good, 0], EINVAL),
    Row(103, "setitimer", [0, .text, 0], EINVAL),
    Row(103, "setitimer", [0, .kernel, 0], EFAULT), Row(103, "setitimer", [0, 0, .good], 0),
    Row(107, "timer_create", [1, 0, .good], 0), Row(107, "timer_create", [1, .good, .good], EINVAL),
    Row(107, "timer_create", [1, 0, .readOnly], EFAULT), Row(107, "timer_create", [huge, 0, .good], EINVAL),
    Row(107, "timer_create", [4, 0, .good], EOPNOTSUPP),
    Row(108, "timer_gettime", [0, .good], EINVAL), Row(109, "timer_getoverrun", [0], EINVAL),
    Row(110, "timer_settime", [0, 0, .good], EINVAL),
    Row(110, "timer_settime", [0, 0, .kernel], EFAULT), Row(111, "timer_delete", [0], EINVAL),
    Row(113, "clock_gettime", [1, .good], 0), Row(113, "clock_gettime", [10, .good], EINVAL),
    Row(113, "clock_gettime", [12, .good], EINVAL), Row(113, "clock_gettime", [huge, .good], EINVAL),
    Row(113, "clock_gettime", [1, .null], EFAULT), Row(113, "clock_gettime", [1, .readOnly], EFAULT),
    Row(113, "clock_gettime", [1, .short], EFAULT),
    Row(114, "clock_getres", [0, .null], 0), Row(114, "clock_getres", [0, .good], 0),
    Row(114, "clock_getres", [0, .kernel], EFAULT), Row(114, "clock_getres", [99, .null], EINVAL),
    Row(115, "clock_nanosleep", [1, 0, .good], 0), Row(115, "clock_nanosleep", [1, 1, .good], 0),
    Row(115, "clock_nanosleep", [1, 0, .null], EFAULT), Row(115, "clock_nanosleep", [10, 0, .good], EINVAL),
    Row(115, "clock_nanosleep", [3, 0, .good], EOPNOTSUPP), Row(115, "clock_nanosleep", [6, 0, .null], EOPNOTSUPP),
    Row(115, "clock_nanosleep", [7, 0, .good], 0),
    Row(124, "sched_yield", [], 0),
    Row(148, "getresuid", [.good, good(4), good(8)], 0), Row(148, "getresuid", [.good, .null, .good], EFAULT),
    Row(150, "getresgid", [.good, good(4), good(8)], 0), Row(150, "getresgid", [.good, .good, .readOnly], EFAULT),
    Row(158, "getgroups", [0, .null], 0), Row(158, "getgroups", [16, .good], 0), Row(158, "getgroups", [.value(~0), .good], EINVAL),
    Row(160, "uname", [.good], 0), Row(160, "uname", [.null], EFAULT), Row(160, "uname", [.lastBytes], EFAULT),
    Row(160, "uname", [.readOnly], EFAULT),
    Row(163, "getrlimit", [3, .good], 0), Row(163, "getrlimit", [16, .good], EINVAL),
    Row(163, "getrlimit", [huge, .good], EINVAL), Row(163, "getrlimit", [3, .null], EFAULT),
    Row(165, "getrusage", [0, .good], 0), Row(165, "getrusage", [huge, .good], 0), Row(165, "getrusage", [1, .good], 0),
    Row(165, "getrusage", [2, .good], EINVAL), Row(165, "getrusage", [0, .null], EFAULT),
    Row(165, "getrusage", [0, .kernel], EFAULT),
    Row(169, "gettimeofday", [.good, 0], 0), Row(169, "gettimeofday", [.null, 0], 0),
    Row(169, "gettimeofday", [.kernel, 0], EFAULT), Row(169, "gettimeofday", [.good, .readOnly], EFAULT),
    Row(172, "getpid", [], 2), Row(173, "getppid", [], 1), Row(174, "getuid", [], 0), Row(175, "geteuid", [], 0),
    Row(176, "getgid", [], 0), Row(177, "getegid", [], 0), Row(178, "gettid", [], 2),
    Row(179, "sysinfo", [.good], 0), Row(179, "sysinfo", [.null], EFAULT), Row(179, "sysinfo", [.lastBytes], EFAULT),
    Row(261, "prlimit64", [0, 3, 0, .good], 0), Row(261, "prlimit64", [2, 3, .good, 0], 0),
    Row(261, "prlimit64", [3, 3, 0, 0], ESRCH), Row(261, "prlimit64", [0, 16, 0, .good], EINVAL),
    Row(261, "prlimit64", [0, 3, 8, 0], EFAULT), Row(261, "prlimit64", [0, 3, 0, .readOnly], EFAULT),
    Row(261, "prlimit64", [0, 3, .kernel, 0], EFAULT),
    Row(278, "getrandom", [.good, 16, 0], 16), Row(278, "getrandom", [.good, 0, 0], 0),
    Row(278, "getrandom", [.good, 16, 8], EINVAL), Row(278, "getrandom", [.good, 16, 6], EINVAL),
    Row(278, "getrandom", [.null, 16, 0], EFAULT), Row(278, "getrandom", [.short, 16, 0], 8),
    Row(278, "getrandom", [.kernel, 16, 0], EFAULT),
  ]

  static let signals: [SystemCallTestRow] = [
    Row(129, "kill", [1, 0], 0), Row(129, "kill", [3, 0], ESRCH), Row(129, "kill", [1, 65], EINVAL),
    Row(129, "kill", [1, huge], EINVAL), Row(129, "kill", [0, 17], 0), Row(129, "kill", [huge, 0], ESRCH),
    Row(130, "tkill", [1, 0], 0), Row(130, "tkill", [0, 0], EINVAL), Row(130, "tkill", [3, 0], ESRCH),
    Row(130, "tkill", [1, 65], EINVAL),
    Row(131, "tgkill", [2, 2, 0], 0), Row(131, "tgkill", [2, 3, 0], ESRCH), Row(131, "tgkill", [3, 2, 0], ESRCH),
    Row(131, "tgkill", [0, 1, 0], EINVAL), Row(131, "tgkill", [1, huge, 0], EINVAL),
    Row(132, "sigaltstack", [0, .good], 0), Row(132, "sigaltstack", [8, 0], EFAULT),
    Row(132, "sigaltstack", [.kernel, 0], EFAULT), Row(132, "sigaltstack", [.text, 0], EINVAL),
    Row(134, "rt_sigaction", [10, 0, .good, 8], 0), Row(134, "rt_sigaction", [10, .good, 0, 8], 0),
    Row(134, "rt_sigaction", [0, 0, .good, 8], EINVAL), Row(134, "rt_sigaction", [65, 0, .good, 8], EINVAL),
    Row(134, "rt_sigaction", [10, 0, .good, 16], EINVAL), Row(134, "rt_sigaction", [9, .good, 0, 8], EINVAL),
    Row(134, "rt_sigaction", [19, .good, 0, 8], EINVAL), Row(134, "rt_sigaction", [9, 0, .good, 8], 0),
    Row(134, "rt_sigaction", [10, .kernel, 0, 8], EFAULT), Row(134, "rt_sigaction", [10, 0, .readOnly, 8], EFAULT),
    Row(134, "rt_sigaction", [huge, .good, 0, 8], EINVAL),
    Row(135, "rt_sigprocmask", [0, .good, .good, 8], 0), Row(135, "rt_sigprocmask", [3, .good, 0, 8], EINVAL),
    Row(135, "rt_sigprocmask", [3, 0, .good, 8], 0), Row(135, "rt_sigprocmask", [0, .good, 0, 4], EINVAL),
    Row(135, "rt_sigprocmask", [0, 8, 0, 8], EFAULT), Row(135, "rt_sigprocmask", [0, 0, .readOnly, 8], EFAULT),
    Row(136, "rt_sigpending", [.good, 8], 0), Row(136, "rt_sigpending", [.good, 9], EINVAL),
    Row(136, "rt_sigpending", [.null, 8], EFAULT), Row(136, "rt_sigpending", [.null, 0], 0),
  ]

  static let memory: [SystemCallTestRow] = [
    Row(215, "munmap", [.good, 4096], 0), Row(215, "munmap", [.good, 0], EINVAL), Row(215, "munmap", [good(1), 4096], EINVAL),
    Row(215, "munmap", [.good, huge], EINVAL), Row(215, "munmap", [.kernel, 4096], EINVAL),
    Row(215, "munmap", [.tagged, 4096], 0),
    Row(216, "mremap", [.unmapped, 4096, 8192, 1], EFAULT), Row(216, "mremap", [.good, 4096, 0, 1], EINVAL),
    Row(216, "mremap", [.good, 4096, huge, 1], EINVAL), Row(216, "mremap", [.good, huge, 4096, 1], EINVAL),
    Row(216, "mremap", [.kernel, 4096, 4096, 1], EFAULT),
    Row(222, "mmap", [0, 0, 3, 0x22, huge], EINVAL), Row(222, "mmap", [0, huge, 3, 0x22, huge], ENOMEM),
    Row(222, "mmap", [0, 4096, 3, 0x20, huge], EINVAL), Row(222, "mmap", [0, 4096, 3, 0x22, huge, 1], EINVAL),
    Row(222, "mmap", [0, 4096, 3, 0x2, huge], EBADF), Row(222, "mmap", [0, 4096, 3, 0x2, 0], ENODEV),
    Row(222, "mmap", [0, 4096, 3, 0x2, 1], EACCES),
    Row(222, "mmap", [.kernel, 4096, 3, 0x32, huge], ENOMEM), Row(222, "mmap", [good(1), 4096, 3, 0x32, huge], EINVAL),
    Row(222, "mmap", [.good, 4096, 3, 0x10_0022, huge], EEXIST), Row(222, "mmap", [0, 4096, 3, 0x32, huge], 0),
    Row(222, "mmap", [0, 0x1_0000_0000_0000, 0, 0x22, huge], ENOMEM),
    Row(222, "mmap", [0, 0x100_0000_0000, 3, 0x22, huge], ENOMEM),
    Row(226, "mprotect", [.good, 4096, 1], 0), Row(226, "mprotect", [.good, 0, 1], 0),
    Row(226, "mprotect", [good(8), 4096, 1], EINVAL), Row(226, "mprotect", [.good, 4096, 0x20], EINVAL),
    Row(226, "mprotect", [.unmapped, 4096, 1], ENOMEM), Row(226, "mprotect", [.good, huge, 1], ENOMEM),
    Row(226, "mprotect", [.kernel, 4096, 1], ENOMEM), Row(226, "mprotect", [.good, 4096, 0x300_0001], EINVAL),
    Row(228, "mlock", [.good, 4096], 0), Row(228, "mlock", [good(1), 4096], 0), Row(228, "mlock", [.none, 4096], ENOMEM),
    Row(228, "mlock", [.unmapped, 4096], ENOMEM), Row(228, "mlock", [.unmapped, 0], 0), Row(228, "mlock", [.good, huge], 0),
    Row(228, "mlock", [.tagged, 4096], 0), Row(228, "mlock", [.value(~0 << 12), 4096], EINVAL),
    Row(229, "munlock", [.good, 4096], 0), Row(229, "munlock", [.unmapped, 4096], ENOMEM),
    Row(229, "munlock", [.good, .value(0 &- 4096)], EINVAL),
    Row(230, "mlockall", [0], EINVAL), Row(230, "mlockall", [4], EINVAL), Row(230, "mlockall", [8], EINVAL),
    Row(230, "mlockall", [5], 0), Row(230, "mlockall", [2], 0), Row(231, "munlockall", [], 0),
    Row(232, "mincore", [.good, 4096, .good], 0), Row(232, "mincore", [good(1), 4096, .good], EINVAL),
    Row(232, "mincore", [.unmapped, 4096, .good], ENOMEM), Row(232, "mincore", [.unmapped, 0, .good], 0),
    Row(232, "mincore", [.good, 4096, .unmapped], EFAULT), Row(232, "mincore", [.unmapped, 4096, .unmapped], ENOMEM),
    Row(232, "mincore", [.good, 4096, .kernel], EFAULT), Row(232, "mincore", [.kernel, 4096, .good], ENOMEM),
    Row(232, "mincore", [.good, .value(0 &- 4096), .good], ENOMEM), Row(232, "mincore", [.tagged, 4096, .good], 0),
    Row(233, "madvise", [.good, 4096, 8], 0), Row(233, "madvise", [.good, 4096, 9], EINVAL), Row(233, "madvise", [.good, 4096, 102], 0),
    Row(233, "madvise", [.good, 4096, 26], EINVAL), Row(233, "madvise", [.good, 4096, 99], EINVAL),
    Row(233, "madvise", [.tagged, 4096, 4], 0), Row(233, "madvise", [.none, 4096, 22], EINVAL),
    Row(434, "pidfd_open", [1, 0], 3), Row(434, "pidfd_open", [1, 0x800], 3), Row(434, "pidfd_open", [0, 0], EINVAL),
    Row(434, "pidfd_open", [1, 1], EINVAL), Row(434, "pidfd_open", [99, 0], ESRCH), Row(434, "pidfd_open", [huge, 0], EINVAL),
    Row(424, "pidfd_send_signal", [0, 0, 0, 0], EBADF), Row(424, "pidfd_send_signal", [0, 0, 0, 3], EINVAL),
    Row(424, "pidfd_send_signal", [0, 0, 0, 8], EINVAL), Row(424, "pidfd_send_signal", [huge, 0, 0, 0], EBADF),
    Row(440, "process_madvise", [0, .good, 0, 20, 1], EINVAL), Row(440, "process_madvise", [huge, .good, 0, 20, 0], EBADF),
    Row(440, "process_madvise", [1, .good, 1, 20, 0], EBADF), Row(440, "process_madvise", [1, .good, 1025, 20, 0], EINVAL),
    Row(440, "process_madvise", [1, .kernel, 1, 20, 0], EFAULT),
    Row(284, "mlock2", [.good, 4096, 0], 0), Row(284, "mlock2", [.good, 4096, 1], 0), Row(284, "mlock2", [.good, 4096, 2], EINVAL),
    Row(284, "mlock2", [.unmapped, 4096, 3], EINVAL), Row(284, "mlock2", [.none, 4096, 1], 0),
    Row(288, "pkey_mprotect", [.good, 4096, 1, huge], 0), Row(288, "pkey_mprotect", [.good, 4096, 1, 0], 0),
    Row(288, "pkey_mprotect", [.good, 4096, 1, 1], EINVAL), Row(288, "pkey_mprotect", [good(1), 4096, 1, 1], EINVAL),
    Row(288, "pkey_mprotect", [.good, 0, 1, 9], 0), Row(288, "pkey_mprotect", [.unmapped, 4096, 1, huge], ENOMEM),
    Row(227, "msync", [.good, 4096, 4], 0), Row(227, "msync", [.good, 4096, 5], EINVAL), Row(227, "msync", [good(1), 4096, 4], EINVAL),
    Row(227, "msync", [.unmapped, 4096, 4], ENOMEM), Row(227, "msync", [.good, huge, 4], 0), Row(227, "msync", [.good, 0, 8], EINVAL),
    Row(233, "madvise", [.good, 4096, 4], 0), Row(233, "madvise", [good(1), 4096, 4], EINVAL),
    Row(233, "madvise", [.good, 4096, 5], EINVAL), Row(233, "madvise", [.good, huge, 4], EINVAL),
    Row(233, "madvise", [.unmapped, 4096, 4], ENOMEM), Row(233, "madvise", [.unmapped, 0, 4], 0),
    Row(233, "madvise", [.readOnly, 4096, 23], EINVAL), Row(233, "madvise", [.unmapped, 4096, 22], ENOMEM),
    Row(233, "madvise", [.unmapped, 4096, 100], EFAULT), Row(233, "madvise", [good(1), 4096, 100], EINVAL),
    Row(233, "madvise", [.unmapped, 0, 101], 0), Row(233, "madvise", [.good, 4096, 101], 0),
    Row(234, "remap_file_pages", [.good, 4096, 0, 0, 0], EINVAL), Row(234, "remap_file_pages", [.unmapped, 4096, 0, 0, 0], EINVAL),
    Row(234, "remap_file_pages", [.good, 4096, 1, 0, 0], EINVAL), Row(234, "remap_file_pages", [.good, 0, 0, 0, 0], EINVAL),
    Row(283, "membarrier", [0, 0, 0], 1023), Row(283, "membarrier", [8, 0, 0], EPERM), Row(283, "membarrier", [16, 0, 0], 0),
    Row(283, "membarrier", [0, 1, 0], EINVAL), Row(283, "membarrier", [3, 0, 0], EINVAL), Row(283, "membarrier", [512, 0, 0], 0),
    Row(462, "mseal", [.good, 4096, 0], 0), Row(462, "mseal", [.good, 4096, 1], EINVAL), Row(462, "mseal", [good(1), 4096, 0], EINVAL),
    Row(462, "mseal", [.unmapped, 4096, 0], ENOMEM), Row(462, "mseal", [.unmapped, 0, 0], 0),
    Row(451, "cachestat", [1, .good, .good, 0], 0), Row(451, "cachestat", [1, .good, .good, 1], EINVAL),
    Row(451, "cachestat", [huge, .good, .good, 0], EBADF), Row(451, "cachestat", [1, .kernel, .good, 0], EFAULT),
    Row(451, "cachestat", [1, .good, .kernel, 0], EFAULT),
  ]

  /// Unknown calls, and numbers beyond the table. The upper half of X8 is ignored.
  static let unknown: [SystemCallTestRow] = [
    Row(0, "io_setup", [], ENOSYS), Row(511, "511", [], ENOSYS), Row(512, "512", [], ENOSYS),
    Row(~0, "~0", [], ENOSYS), Row(0x1_0000_00ac, "getpid", [], 2),
  ]

  static let all = tasks + files + names + status + descriptors + processes + signals + memory + unknown
}
