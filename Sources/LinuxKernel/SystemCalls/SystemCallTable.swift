// Owns the table of system calls that are implemented: a row each.
// It does not know the bodies, which are grouped by topic beside it.
import LinuxMM

enum SystemCallTable {
  /// By number; nil where a call is not implemented.
  static let byNumber: [SystemCallRow?] = {
    var table = [SystemCallRow?](repeating: nil, count: 512)
    for row in rows { table[row.number] = row }
    return table
  }()

  private static var rows: [SystemCallRow] {
    [
      SystemCallRow(29, "ioctl") { k, e, a throws(Errno) in try k.ioctl(a) },
      SystemCallRow(57, "close") { k, e, a throws(Errno) in try k.close(a) },
      SystemCallRow(63, "read") { k, e, a throws(Errno) in try k.read(e, a) },
      SystemCallRow(64, "write") { k, e, a throws(Errno) in try k.write(e, a) },
      SystemCallRow(66, "writev") { k, e, a throws(Errno) in try k.writev(e, a) },
      SystemCallRow(78, "readlinkat") { k, e, a throws(Errno) in try k.readlinkat(e, a) },
      SystemCallRow(80, "fstat") { k, e, a throws(Errno) in try k.fstat(e, a) },
      SystemCallRow(93, "exit") { k, e, a in .exit(status: a.int(0) & 0xff) },
      SystemCallRow(94, "exit_group") { k, e, a in .exit(status: a.int(0) & 0xff) },
      SystemCallRow(96, "set_tid_address") { k, e, a in k.setTIDAddress(a) },
      SystemCallRow(98, "futex") { k, e, a throws(Errno) in try k.futex(e, a) },
      SystemCallRow(99, "set_robust_list") { k, e, a throws(Errno) in try k.setRobustList(a) },
      SystemCallRow(101, "nanosleep") { k, e, a throws(Errno) in try k.nanosleep(e, a) },
      SystemCallRow(113, "clock_gettime") { k, e, a throws(Errno) in try k.clockGetTime(e, a) },
      SystemCallRow(114, "clock_getres") { k, e, a throws(Errno) in try k.clockGetResolution(e, a) },
      SystemCallRow(115, "clock_nanosleep") { k, e, a throws(Errno) in try k.clockNanosleep(e, a) },
      SystemCallRow(124, "sched_yield") { k, e, a in .done(0) },
      SystemCallRow(129, "kill") { k, e, a throws(Errno) in try k.kill(a) },
      SystemCallRow(130, "tkill") { k, e, a throws(Errno) in try k.tkill(tid: a.int(0), signal: a.int(1)) },
      SystemCallRow(131, "tgkill") { k, e, a throws(Errno) in try k.tgkill(a) },
      SystemCallRow(132, "sigaltstack") { k, e, a throws(Errno) in try k.sigaltstack(e, a) },
      SystemCallRow(134, "rt_sigaction") { k, e, a throws(Errno) in try k.rtSigaction(e, a) },
      SystemCallRow(135, "rt_sigprocmask") { k, e, a throws(Errno) in try k.rtSigprocmask(e, a) },
      SystemCallRow(136, "rt_sigpending") { k, e, a throws(Errno) in try k.rtSigpending(e, a) },
      SystemCallRow(139, "rt_sigreturn") { k, e, a in k.rtSigreturn(e) },
      SystemCallRow(160, "uname") { k, e, a throws(Errno) in try k.uname(e, a) },
      SystemCallRow(163, "getrlimit") { k, e, a throws(Errno) in try k.getrlimit(e, a) },
      SystemCallRow(165, "getrusage") { k, e, a throws(Errno) in try k.getrusage(e, a) },
      SystemCallRow(167, "prctl") { k, e, a throws(Errno) in try k.prctl(e, a) },
      SystemCallRow(169, "gettimeofday") { k, e, a throws(Errno) in try k.getTimeOfDay(e, a) },
      SystemCallRow(172, "getpid") { k, e, a in .done(k.currentID) },
      SystemCallRow(173, "getppid") { k, e, a in .done(0) },
      SystemCallRow(174, "getuid") { k, e, a in .done(0) },
      SystemCallRow(175, "geteuid") { k, e, a in .done(0) },
      SystemCallRow(176, "getgid") { k, e, a in .done(0) },
      SystemCallRow(177, "getegid") { k, e, a in .done(0) },
      SystemCallRow(178, "gettid") { k, e, a in .done(k.currentID) },
      SystemCallRow(214, "brk") { k, e, a in .done(k.mm.brk(e, k.currentMM, task: k.task, a[0])) },
      SystemCallRow(215, "munmap") { k, e, a throws(Errno) in try k.munmap(e, a) },
      SystemCallRow(216, "mremap") { k, e, a throws(Errno) in try k.mremap(e, a) },
      SystemCallRow(222, "mmap") { k, e, a throws(Errno) in try k.mmap(e, a) },
      SystemCallRow(226, "mprotect") { k, e, a throws(Errno) in try k.mprotect(e, a) },
      SystemCallRow(228, "mlock") { k, e, a throws(Errno) in try k.mlock(e, a) },
      SystemCallRow(229, "munlock") { k, e, a throws(Errno) in try k.munlock(e, a) },
      SystemCallRow(230, "mlockall") { k, e, a throws(Errno) in try k.mlockall(e, a) },
      SystemCallRow(231, "munlockall") { k, e, a in k.munlockall(e) },
      SystemCallRow(232, "mincore") { k, e, a throws(Errno) in try k.mincore(e, a) },
      SystemCallRow(233, "madvise") { k, e, a throws(Errno) in try k.madvise(e, a) },
      SystemCallRow(261, "prlimit64") { k, e, a throws(Errno) in try k.prlimit64(e, a) },
      SystemCallRow(278, "getrandom") { k, e, a throws(Errno) in try k.getrandom(e, a) },
      SystemCallRow(284, "mlock2") { k, e, a throws(Errno) in try k.mlock2(e, a) },
      SystemCallRow(288, "pkey_mprotect") { k, e, a throws(Errno) in try k.pkeyMprotect(e, a) },
    ]
  }
}
