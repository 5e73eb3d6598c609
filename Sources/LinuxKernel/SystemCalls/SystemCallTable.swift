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
      SystemCallRow(93, "exit") { k, e, a in k.exit(e, a) },
      SystemCallRow(94, "exit_group") { k, e, a in k.exitGroup(e, a) },
      SystemCallRow(95, "waitid") { k, e, a throws(Errno) in try k.waitid(e, a) },
      SystemCallRow(96, "set_tid_address") { k, e, a in k.setTIDAddress(a) },
      SystemCallRow(98, "futex") { k, e, a throws(Errno) in try k.futex(e, a) },
      SystemCallRow(99, "set_robust_list") { k, e, a throws(Errno) in try k.setRobustList(a) },
      SystemCallRow(100, "get_robust_list") { k, e, a throws(Errno) in try k.getRobustList(e, a) },
      SystemCallRow(101, "nanosleep") { k, e, a throws(Errno) in try k.nanosleep(e, a) },
      SystemCallRow(113, "clock_gettime") { k, e, a throws(Errno) in try k.clockGetTime(e, a) },
      SystemCallRow(114, "clock_getres") { k, e, a throws(Errno) in try k.clockGetResolution(e, a) },
      SystemCallRow(115, "clock_nanosleep") { k, e, a throws(Errno) in try k.clockNanosleep(e, a) },
      SystemCallRow(123, "sched_getaffinity") { k, e, a throws(Errno) in try k.schedGetAffinity(e, a) },
      SystemCallRow(124, "sched_yield") { k, e, a in k.schedYield() },
      SystemCallRow(128, "restart_syscall") { k, e, a throws(Errno) in try k.restartSystemCall() },
      SystemCallRow(129, "kill") { k, e, a throws(Errno) in try k.kill(a) },
      SystemCallRow(130, "tkill") { k, e, a throws(Errno) in try k.tkill(tid: a.int(0), signal: a.int(1)) },
      SystemCallRow(131, "tgkill") { k, e, a throws(Errno) in try k.tgkill(a) },
      SystemCallRow(132, "sigaltstack") { k, e, a throws(Errno) in try k.sigaltstack(e, a) },
      SystemCallRow(133, "rt_sigsuspend") { k, e, a throws(Errno) in try k.rtSigsuspend(e, a) },
      SystemCallRow(134, "rt_sigaction") { k, e, a throws(Errno) in try k.rtSigaction(e, a) },
      SystemCallRow(135, "rt_sigprocmask") { k, e, a throws(Errno) in try k.rtSigprocmask(e, a) },
      SystemCallRow(136, "rt_sigpending") { k, e, a throws(Errno) in try k.rtSigpending(e, a) },
      SystemCallRow(137, "rt_sigtimedwait") { k, e, a throws(Errno) in try k.rtSigtimedwait(e, a) },
      SystemCallRow(138, "rt_sigqueueinfo") { k, e, a throws(Errno) in try k.rtSigqueueinfo(e, a) },
      SystemCallRow(139, "rt_sigreturn") { k, e, a in k.rtSigreturn(e) },
      SystemCallRow(153, "times") { k, e, a throws(Errno) in try k.times(e, a) },
      SystemCallRow(154, "setpgid") { k, e, a throws(Errno) in try k.setpgid(a) },
      SystemCallRow(155, "getpgid") { k, e, a throws(Errno) in try k.getpgid(a) },
      SystemCallRow(156, "getsid") { k, e, a throws(Errno) in try k.getsid(a) },
      SystemCallRow(157, "setsid") { k, e, a throws(Errno) in try k.setsid() },
      SystemCallRow(160, "uname") { k, e, a throws(Errno) in try k.uname(e, a) },
      SystemCallRow(163, "getrlimit") { k, e, a throws(Errno) in try k.getrlimit(e, a) },
      SystemCallRow(165, "getrusage") { k, e, a throws(Errno) in try k.getrusage(e, a) },
      SystemCallRow(167, "prctl") { k, e, a throws(Errno) in try k.prctl(e, a) },
      SystemCallRow(168, "getcpu") { k, e, a throws(Errno) in try k.getcpu(e, a) },
      SystemCallRow(169, "gettimeofday") { k, e, a throws(Errno) in try k.getTimeOfDay(e, a) },
      SystemCallRow(172, "getpid") { k, e, a in k.getpid() },
      SystemCallRow(173, "getppid") { k, e, a in k.getppid() },
      SystemCallRow(174, "getuid") { k, e, a in .done(0) },
      SystemCallRow(175, "geteuid") { k, e, a in .done(0) },
      SystemCallRow(176, "getgid") { k, e, a in .done(0) },
      SystemCallRow(177, "getegid") { k, e, a in .done(0) },
      SystemCallRow(178, "gettid") { k, e, a in k.gettid() },
      SystemCallRow(214, "brk") { k, e, a in .done(k.mm.brk(e, k.currentMM, a[0])) },
      SystemCallRow(215, "munmap") { k, e, a throws(Errno) in try k.munmap(e, a) },
      SystemCallRow(216, "mremap") { k, e, a throws(Errno) in try k.mremap(e, a) },
      SystemCallRow(220, "clone") { k, e, a throws(Errno) in try k.clone(e, a) },
      SystemCallRow(222, "mmap") { k, e, a throws(Errno) in try k.mmap(e, a) },
      SystemCallRow(226, "mprotect") { k, e, a throws(Errno) in try k.mprotect(e, a) },
      SystemCallRow(233, "madvise") { k, e, a throws(Errno) in try k.madvise(e, a) },
      SystemCallRow(240, "rt_tgsigqueueinfo") { k, e, a throws(Errno) in try k.rtTgsigqueueinfo(e, a) },
      SystemCallRow(260, "wait4") { k, e, a throws(Errno) in try k.wait4(e, a) },
      SystemCallRow(261, "prlimit64") { k, e, a throws(Errno) in try k.prlimit64(e, a) },
      SystemCallRow(278, "getrandom") { k, e, a throws(Errno) in try k.getrandom(e, a) },
      SystemCallRow(435, "clone3") { k, e, a throws(Errno) in try k.clone3(e, a) },
    ]
  }
}
