// Owns the table of implemented system calls, which has one row for each. It does not know the bodies, which are grouped by topic in the
// files beside it.
import LinuxMM

enum SystemCallTable {
  /// The rows by number; nil for a call that is not implemented.
  static let byNumber: [SystemCallRow?] = {
    var table = [SystemCallRow?](repeating: nil, count: 512)
    for row in files + tasks + futexes + signals + memory + process { table[row.number] = row }
    return table
  }()

  // MARK: Files and names

  private static var files: [SystemCallRow] {
    [
      SystemCallRow(17, "getcwd") { kernel, el1, a throws(Errno) in try kernel.fileCalls.getcwd(el1, a) },
      SystemCallRow(23, "dup") { kernel, el1, a throws(Errno) in try kernel.fileCalls.dup(el1, a) },
      SystemCallRow(24, "dup3") { kernel, el1, a throws(Errno) in try kernel.fileCalls.dup3(el1, a) },
      SystemCallRow(25, "fcntl") { kernel, el1, a throws(Errno) in try kernel.fileCalls.fcntl(el1, a) },
      SystemCallRow(29, "ioctl") { kernel, el1, a throws(Errno) in try kernel.fileCalls.ioctl(el1, a) },
      SystemCallRow(33, "mknodat") { kernel, el1, a throws(Errno) in try kernel.fileCalls.mknodat(el1, a) },
      SystemCallRow(34, "mkdirat") { kernel, el1, a throws(Errno) in try kernel.fileCalls.mkdirat(el1, a) },
      SystemCallRow(35, "unlinkat") { kernel, el1, a throws(Errno) in try kernel.fileCalls.unlinkat(el1, a) },
      SystemCallRow(36, "symlinkat") { kernel, el1, a throws(Errno) in try kernel.fileCalls.symlinkat(el1, a) },
      SystemCallRow(37, "linkat") { kernel, el1, a throws(Errno) in try kernel.fileCalls.linkat(el1, a) },
      SystemCallRow(38, "renameat") { kernel, el1, a throws(Errno) in try kernel.fileCalls.renameat2(el1, a, flags: 0) },
      SystemCallRow(39, "umount2") { kernel, el1, a throws(Errno) in try kernel.fileCalls.umount2(el1, a) },
      SystemCallRow(40, "mount") { kernel, el1, a throws(Errno) in try kernel.fileCalls.mount(el1, a) },
      SystemCallRow(43, "statfs") { kernel, el1, a throws(Errno) in try kernel.fileCalls.statfs(el1, a) },
      SystemCallRow(44, "fstatfs") { kernel, el1, a throws(Errno) in try kernel.fileCalls.fstatfs(el1, a) },
      SystemCallRow(45, "truncate") { kernel, el1, a throws(Errno) in try kernel.fileCalls.truncate(el1, a) },
      SystemCallRow(46, "ftruncate") { kernel, el1, a throws(Errno) in try kernel.fileCalls.ftruncate(el1, a) },
      SystemCallRow(47, "fallocate") { kernel, el1, a throws(Errno) in try kernel.fileCalls.fallocate(el1, a) },
      SystemCallRow(48, "faccessat") { kernel, el1, a throws(Errno) in try kernel.fileCalls.faccessat(el1, a, flags: 0) },
      SystemCallRow(49, "chdir") { kernel, el1, a throws(Errno) in try kernel.fileCalls.chdir(el1, a) },
      SystemCallRow(50, "fchdir") { kernel, el1, a throws(Errno) in try kernel.fileCalls.fchdir(el1, a) },
      SystemCallRow(51, "chroot") { kernel, el1, a throws(Errno) in try kernel.fileCalls.chroot(el1, a) },
      SystemCallRow(52, "fchmod") { kernel, el1, a throws(Errno) in try kernel.fileCalls.fchmod(el1, a) },
      SystemCallRow(53, "fchmodat") { kernel, el1, a throws(Errno) in try kernel.fileCalls.fchmodat(el1, a, flags: 0) },
      SystemCallRow(54, "fchownat") { kernel, el1, a throws(Errno) in try kernel.fileCalls.fchownat(el1, a) },
      SystemCallRow(55, "fchown") { kernel, el1, a throws(Errno) in try kernel.fileCalls.fchown(a) },
      SystemCallRow(56, "openat") { kernel, el1, a throws(Errno) in try kernel.fileCalls.openat(el1, a) },
      SystemCallRow(57, "close") { kernel, el1, a throws(Errno) in try kernel.fileCalls.close(el1, a) },
      SystemCallRow(59, "pipe2") { kernel, el1, a throws(Errno) in try kernel.fileCalls.pipe2(el1, a) },
      SystemCallRow(61, "getdents64") { kernel, el1, a throws(Errno) in try kernel.fileCalls.getdents64(el1, a) },
      SystemCallRow(62, "lseek") { kernel, el1, a throws(Errno) in try kernel.fileCalls.lseek(el1, a) },
      SystemCallRow(63, "read") { kernel, el1, a throws(Errno) in try kernel.fileCalls.read(el1, a) },
      SystemCallRow(64, "write") { kernel, el1, a throws(Errno) in try kernel.fileCalls.write(el1, a) },
      SystemCallRow(65, "readv") { kernel, el1, a throws(Errno) in try kernel.fileCalls.readv(el1, a) },
      SystemCallRow(66, "writev") { kernel, el1, a throws(Errno) in try kernel.fileCalls.writev(el1, a) },
      SystemCallRow(67, "pread64") { kernel, el1, a throws(Errno) in try kernel.fileCalls.pread64(el1, a) },
      SystemCallRow(68, "pwrite64") { kernel, el1, a throws(Errno) in try kernel.fileCalls.pwrite64(el1, a) },
      SystemCallRow(69, "preadv") { kernel, el1, a throws(Errno) in try kernel.fileCalls.preadv(el1, a) },
      SystemCallRow(70, "pwritev") { kernel, el1, a throws(Errno) in try kernel.fileCalls.pwritev(el1, a) },
      SystemCallRow(71, "sendfile") { kernel, el1, a throws(Errno) in try kernel.fileCalls.sendfile(el1, a) },
      SystemCallRow(72, "pselect6") { kernel, el1, a throws(Errno) in try kernel.fileCalls.pselect6(el1, a) },
      SystemCallRow(73, "ppoll") { kernel, el1, a throws(Errno) in try kernel.fileCalls.ppoll(el1, a) },
      SystemCallRow(78, "readlinkat") { kernel, el1, a throws(Errno) in try kernel.fileCalls.readlinkat(el1, a) },
      SystemCallRow(79, "newfstatat") { kernel, el1, a throws(Errno) in try kernel.fileCalls.newfstatat(el1, a) },
      SystemCallRow(80, "fstat") { kernel, el1, a throws(Errno) in try kernel.fileCalls.fstat(el1, a) },
      SystemCallRow(81, "sync") { kernel, el1, a in .done(0) },
      SystemCallRow(82, "fsync") { kernel, el1, a throws(Errno) in try kernel.fileCalls.fsync(a) },
      SystemCallRow(83, "fdatasync") { kernel, el1, a throws(Errno) in try kernel.fileCalls.fsync(a) },
      SystemCallRow(85, "timerfd_create") { kernel, el1, a throws(Errno) in try kernel.fileCalls.timerfdCreate(el1, a) },
      SystemCallRow(86, "timerfd_settime") { kernel, el1, a throws(Errno) in try kernel.fileCalls.timerfdSettime(el1, a) },
      SystemCallRow(87, "timerfd_gettime") { kernel, el1, a throws(Errno) in try kernel.fileCalls.timerfdGettime(el1, a) },
      SystemCallRow(88, "utimensat") { kernel, el1, a throws(Errno) in try kernel.fileCalls.utimensat(el1, a) },
      SystemCallRow(166, "umask") { kernel, el1, a in kernel.fileCalls.umask(a) },
      SystemCallRow(272, "kcmp") { kernel, el1, a throws(Errno) in try kernel.fileCalls.kcmp(a) },
      SystemCallRow(276, "renameat2") { kernel, el1, a throws(Errno) in try kernel.fileCalls.renameat2(el1, a, flags: a.unsigned(4)) },
      SystemCallRow(279, "memfd_create") { kernel, el1, a throws(Errno) in try kernel.fileCalls.memfdCreate(el1, a) },
      SystemCallRow(285, "copy_file_range") { kernel, el1, a throws(Errno) in try kernel.fileCalls.copyFileRange(el1, a) },
      SystemCallRow(291, "statx") { kernel, el1, a throws(Errno) in try kernel.fileCalls.statx(el1, a) },
      SystemCallRow(424, "pidfd_send_signal") { kernel, el1, a throws(Errno) in try kernel.fileCalls.pidfdSendSignal(el1, a) },
      SystemCallRow(434, "pidfd_open") { kernel, el1, a throws(Errno) in try kernel.fileCalls.pidfdOpen(el1, a) },
      SystemCallRow(436, "close_range") { kernel, el1, a throws(Errno) in try kernel.fileCalls.closeRange(el1, a) },
      SystemCallRow(438, "pidfd_getfd") { kernel, el1, a throws(Errno) in try kernel.fileCalls.pidfdGetfd(el1, a) },
      SystemCallRow(439, "faccessat2") { kernel, el1, a throws(Errno) in try kernel.fileCalls.faccessat(el1, a, flags: a.unsigned(3)) },
      SystemCallRow(440, "process_madvise") { kernel, el1, a throws(Errno) in try kernel.fileCalls.processMadvise(el1, a) },
      SystemCallRow(451, "cachestat") { kernel, el1, a throws(Errno) in try kernel.fileCalls.cachestat(el1, a) },
      SystemCallRow(452, "fchmodat2") { kernel, el1, a throws(Errno) in try kernel.fileCalls.fchmodat(el1, a, flags: a.unsigned(3)) },
      SystemCallRow(472, "fchroot") { kernel, el1, a throws(Errno) in try kernel.fileCalls.fchroot(el1, a) },
    ]
  }

  // MARK: The life of threads and processes

  private static var tasks: [SystemCallRow] {
    [
      SystemCallRow(93, "exit") { kernel, el1, a in kernel.processes.exit(el1, a) },
      SystemCallRow(94, "exit_group") { kernel, el1, a in kernel.processes.exitGroup(el1, a) },
      SystemCallRow(95, "waitid") { kernel, el1, a throws(Errno) in try kernel.processes.waitid(el1, a) },
      SystemCallRow(118, "sched_setparam") { kernel, el1, a throws(Errno) in try kernel.processCalls.schedSetParam(el1, a) },
      SystemCallRow(119, "sched_setscheduler") { kernel, el1, a throws(Errno) in try kernel.processCalls.schedSetScheduler(el1, a) },
      SystemCallRow(120, "sched_getscheduler") { kernel, el1, a throws(Errno) in try kernel.processCalls.schedGetScheduler(a) },
      SystemCallRow(121, "sched_getparam") { kernel, el1, a throws(Errno) in try kernel.processCalls.schedGetParam(el1, a) },
      SystemCallRow(122, "sched_setaffinity") { kernel, el1, a throws(Errno) in try kernel.processCalls.schedSetAffinity(el1, a) },
      SystemCallRow(123, "sched_getaffinity") { kernel, el1, a throws(Errno) in try kernel.processes.schedGetAffinity(el1, a) },
      SystemCallRow(124, "sched_yield") { kernel, el1, a in kernel.scheduler.schedYield() },
      SystemCallRow(125, "sched_get_priority_max") { kernel, el1, a throws(Errno) in
        try kernel.processCalls.schedPriorityLimit(a, realTime: 99)
      },
      SystemCallRow(126, "sched_get_priority_min") { kernel, el1, a throws(Errno) in
        try kernel.processCalls.schedPriorityLimit(a, realTime: 1)
      },
      SystemCallRow(127, "sched_rr_get_interval") { kernel, el1, a throws(Errno) in
        try kernel.processCalls.schedRRGetInterval(el1, a)
      },
      SystemCallRow(140, "setpriority") { kernel, el1, a throws(Errno) in try kernel.processCalls.setpriority(a) },
      SystemCallRow(141, "getpriority") { kernel, el1, a throws(Errno) in try kernel.processCalls.getpriority(a) },
      SystemCallRow(153, "times") { kernel, el1, a throws(Errno) in try kernel.times.times(el1, a) },
      SystemCallRow(154, "setpgid") { kernel, el1, a throws(Errno) in try kernel.processes.setpgid(a) },
      SystemCallRow(155, "getpgid") { kernel, el1, a throws(Errno) in try kernel.processes.getpgid(a) },
      SystemCallRow(156, "getsid") { kernel, el1, a throws(Errno) in try kernel.processes.getsid(a) },
      SystemCallRow(157, "setsid") { kernel, el1, a throws(Errno) in try kernel.processes.setsid() },
      SystemCallRow(165, "getrusage") { kernel, el1, a throws(Errno) in try kernel.times.getrusage(el1, a) },
      SystemCallRow(168, "getcpu") { kernel, el1, a throws(Errno) in try kernel.processes.getcpu(el1, a) },
      SystemCallRow(172, "getpid") { kernel, el1, a in kernel.processes.getpid() },
      SystemCallRow(173, "getppid") { kernel, el1, a in kernel.processes.getppid() },
      SystemCallRow(178, "gettid") { kernel, el1, a in kernel.processes.gettid() },
      SystemCallRow(220, "clone") { kernel, el1, a throws(Errno) in try kernel.processes.clone(el1, a) },
      SystemCallRow(221, "execve") { kernel, el1, a throws(Errno) in try kernel.programs.execve(el1, a) },
      SystemCallRow(260, "wait4") { kernel, el1, a throws(Errno) in try kernel.processes.wait4(el1, a) },
      SystemCallRow(270, "process_vm_readv") { kernel, el1, a throws(Errno) in
        try kernel.fileCalls.processMemory(el1, a, isWrite: false)
      },
      SystemCallRow(271, "process_vm_writev") { kernel, el1, a throws(Errno) in
        try kernel.fileCalls.processMemory(el1, a, isWrite: true)
      },
      SystemCallRow(274, "sched_setattr") { kernel, el1, a throws(Errno) in try kernel.processCalls.schedSetAttributes(el1, a) },
      SystemCallRow(275, "sched_getattr") { kernel, el1, a throws(Errno) in try kernel.processCalls.schedGetAttributes(el1, a) },
      SystemCallRow(281, "execveat") { kernel, el1, a throws(Errno) in try kernel.programs.execveat(el1, a) },
      SystemCallRow(435, "clone3") { kernel, el1, a throws(Errno) in try kernel.processes.clone3(el1, a) },
    ]
  }

  // MARK: Futexes

  private static var futexes: [SystemCallRow] {
    [
      SystemCallRow(98, "futex") { kernel, el1, a throws(Errno) in try kernel.futexes.futex(el1, a) },
      SystemCallRow(99, "set_robust_list") { kernel, el1, a throws(Errno) in try kernel.robustLists.setRobustList(a) },
      SystemCallRow(100, "get_robust_list") { kernel, el1, a throws(Errno) in try kernel.robustLists.getRobustList(el1, a) },
      SystemCallRow(449, "futex_waitv") { kernel, el1, a throws(Errno) in try kernel.futexes.futexWaitVector(el1, a) },
      SystemCallRow(454, "futex_wake") { kernel, el1, a throws(Errno) in try kernel.futexes.secondWake(el1, a) },
      SystemCallRow(455, "futex_wait") { kernel, el1, a throws(Errno) in try kernel.futexes.secondWait(el1, a) },
      SystemCallRow(456, "futex_requeue") { kernel, el1, a throws(Errno) in try kernel.futexes.secondRequeue(el1, a) },
    ]
  }

  // MARK: Signals

  private static var signals: [SystemCallRow] {
    [
      SystemCallRow(129, "kill") { kernel, el1, a throws(Errno) in try kernel.signalCalls.kill(a) },
      SystemCallRow(130, "tkill") { kernel, el1, a throws(Errno) in try kernel.signalCalls.tkill(tid: a.int(0), signal: a.int(1)) },
      SystemCallRow(131, "tgkill") { kernel, el1, a throws(Errno) in try kernel.signalCalls.tgkill(a) },
      SystemCallRow(132, "sigaltstack") { kernel, el1, a throws(Errno) in try kernel.signalCalls.sigaltstack(el1, a) },
      SystemCallRow(133, "rt_sigsuspend") { kernel, el1, a throws(Errno) in try kernel.signalCalls.rtSigsuspend(el1, a) },
      SystemCallRow(134, "rt_sigaction") { kernel, el1, a throws(Errno) in try kernel.signalCalls.rtSigaction(el1, a) },
      SystemCallRow(135, "rt_sigprocmask") { kernel, el1, a throws(Errno) in try kernel.signalCalls.rtSigprocmask(el1, a) },
      SystemCallRow(136, "rt_sigpending") { kernel, el1, a throws(Errno) in try kernel.signalCalls.rtSigpending(el1, a) },
      SystemCallRow(137, "rt_sigtimedwait") { kernel, el1, a throws(Errno) in try kernel.signalCalls.rtSigtimedwait(el1, a) },
      SystemCallRow(138, "rt_sigqueueinfo") { kernel, el1, a throws(Errno) in try kernel.signalCalls.rtSigqueueinfo(el1, a) },
      SystemCallRow(139, "rt_sigreturn") { kernel, el1, a in kernel.delivery.rtSigreturn(el1) },
      SystemCallRow(240, "rt_tgsigqueueinfo") { kernel, el1, a throws(Errno) in try kernel.signalCalls.rtTgsigqueueinfo(el1, a) },
    ]
  }

  // MARK: Memory

  private static var memory: [SystemCallRow] {
    [
      SystemCallRow(214, "brk") { kernel, el1, a in kernel.memoryCalls.brk(el1, a[0]) },
      SystemCallRow(215, "munmap") { kernel, el1, a throws(Errno) in try kernel.memoryCalls.munmap(el1, a) },
      SystemCallRow(216, "mremap") { kernel, el1, a throws(Errno) in try kernel.memoryCalls.mremap(el1, a) },
      SystemCallRow(222, "mmap") { kernel, el1, a throws(Errno) in try kernel.memoryCalls.mmap(el1, a) },
      SystemCallRow(226, "mprotect") { kernel, el1, a throws(Errno) in try kernel.memoryCalls.mprotect(el1, a) },
      SystemCallRow(227, "msync") { kernel, el1, a throws(Errno) in try kernel.memoryCalls.msync(el1, a) },
      SystemCallRow(228, "mlock") { kernel, el1, a throws(Errno) in try kernel.memoryCalls.mlock(el1, a) },
      SystemCallRow(229, "munlock") { kernel, el1, a throws(Errno) in try kernel.memoryCalls.munlock(el1, a) },
      SystemCallRow(230, "mlockall") { kernel, el1, a throws(Errno) in try kernel.memoryCalls.mlockall(el1, a) },
      SystemCallRow(231, "munlockall") { kernel, el1, a in kernel.memoryCalls.munlockall(el1) },
      SystemCallRow(232, "mincore") { kernel, el1, a throws(Errno) in try kernel.memoryCalls.mincore(el1, a) },
      SystemCallRow(233, "madvise") { kernel, el1, a throws(Errno) in try kernel.memoryCalls.madvise(el1, a) },
      SystemCallRow(234, "remap_file_pages") { kernel, el1, a throws(Errno) in try kernel.memoryCalls.remapFilePages(el1, a) },
      SystemCallRow(283, "membarrier") { kernel, el1, a throws(Errno) in try kernel.memoryCalls.membarrier(a) },
      SystemCallRow(284, "mlock2") { kernel, el1, a throws(Errno) in try kernel.memoryCalls.mlock2(el1, a) },
      SystemCallRow(288, "pkey_mprotect") { kernel, el1, a throws(Errno) in try kernel.memoryCalls.pkeyMprotect(el1, a) },
      SystemCallRow(462, "mseal") { kernel, el1, a throws(Errno) in try kernel.memoryCalls.mseal(el1, a) },
    ]
  }

  // MARK: A process: limits, time, identity

  private static var process: [SystemCallRow] {
    [
      SystemCallRow(92, "personality") { kernel, el1, a throws(Errno) in try kernel.processCalls.personality(a) },
      SystemCallRow(96, "set_tid_address") { kernel, el1, a in kernel.processCalls.setTIDAddress(a) },
      SystemCallRow(101, "nanosleep") { kernel, el1, a throws(Errno) in try kernel.processCalls.nanosleep(el1, a) },
      SystemCallRow(102, "getitimer") { kernel, el1, a throws(Errno) in try kernel.timers.getitimer(el1, a) },
      SystemCallRow(103, "setitimer") { kernel, el1, a throws(Errno) in try kernel.timers.setitimer(el1, a) },
      SystemCallRow(107, "timer_create") { kernel, el1, a throws(Errno) in try kernel.timers.timerCreate(el1, a) },
      SystemCallRow(108, "timer_gettime") { kernel, el1, a throws(Errno) in try kernel.timers.timerGettime(el1, a) },
      SystemCallRow(109, "timer_getoverrun") { kernel, el1, a throws(Errno) in try kernel.timers.timerGetoverrun(a) },
      SystemCallRow(110, "timer_settime") { kernel, el1, a throws(Errno) in try kernel.timers.timerSettime(el1, a) },
      SystemCallRow(111, "timer_delete") { kernel, el1, a throws(Errno) in try kernel.timers.timerDelete(a) },
      SystemCallRow(113, "clock_gettime") { kernel, el1, a throws(Errno) in try kernel.processCalls.clockGetTime(el1, a) },
      SystemCallRow(114, "clock_getres") { kernel, el1, a throws(Errno) in try kernel.processCalls.clockGetResolution(el1, a) },
      SystemCallRow(115, "clock_nanosleep") { kernel, el1, a throws(Errno) in try kernel.processCalls.clockNanosleep(el1, a) },
      SystemCallRow(128, "restart_syscall") { kernel, el1, a throws(Errno) in try kernel.processCalls.restartSystemCall() },
      SystemCallRow(148, "getresuid") { kernel, el1, a throws(Errno) in try kernel.processCalls.getIDs(el1, a) },
      SystemCallRow(150, "getresgid") { kernel, el1, a throws(Errno) in try kernel.processCalls.getIDs(el1, a) },
      SystemCallRow(158, "getgroups") { kernel, el1, a throws(Errno) in try kernel.processCalls.getgroups(a) },
      SystemCallRow(160, "uname") { kernel, el1, a throws(Errno) in try kernel.processCalls.uname(el1, a) },
      SystemCallRow(163, "getrlimit") { kernel, el1, a throws(Errno) in try kernel.processCalls.getrlimit(el1, a) },
      SystemCallRow(164, "setrlimit") { kernel, el1, a throws(Errno) in try kernel.processCalls.setrlimit(el1, a) },
      SystemCallRow(167, "prctl") { kernel, el1, a throws(Errno) in try kernel.processCalls.prctl(el1, a) },
      SystemCallRow(169, "gettimeofday") { kernel, el1, a throws(Errno) in try kernel.processCalls.getTimeOfDay(el1, a) },
      SystemCallRow(174, "getuid") { kernel, el1, a in .done(0) },
      SystemCallRow(175, "geteuid") { kernel, el1, a in .done(0) },
      SystemCallRow(176, "getgid") { kernel, el1, a in .done(0) },
      SystemCallRow(177, "getegid") { kernel, el1, a in .done(0) },
      SystemCallRow(179, "sysinfo") { kernel, el1, a throws(Errno) in try kernel.processCalls.sysinfo(el1, a) },
      SystemCallRow(261, "prlimit64") { kernel, el1, a throws(Errno) in try kernel.processCalls.prlimit64(el1, a) },
      SystemCallRow(278, "getrandom") { kernel, el1, a throws(Errno) in try kernel.processCalls.getrandom(el1, a) },
    ]
  }
}
