// Owns which argument of a system call chooses what the call does, and the choices that are known here, so that an option which a
// program asked for in vain has a name in the statistics. It does not know the effect of any option.
import LinuxMM

/// An argument that chooses what a call does.
struct SystemCallOption: Sendable {
  /// What the argument may be.
  enum Known: Sendable {
    /// One of these numbers. The bits of `beside` are no part of the number.
    case values([Int32], beside: UInt64 = 0)
    /// Any of these bits.
    case bits(UInt64)
    /// MADV_*.
    case advice
    /// CLOCK_*, or a negative number: the clock of a process or a thread.
    case clock
  }
  let number: Int
  let argument: Int
  let known: Known
  /// Whether the argument is the address of a 64-bit word that chooses, as in clone3.
  let isAddress: Bool

  private init(_ number: Int, _ argument: Int, _ known: Known, isAddress: Bool = false) {
    self.isAddress = isAddress
    self.number = number
    self.argument = argument
    self.known = known
  }

  /// The part of the argument's value that is not known: the number, or the bits. Nil if all of it is known.
  func unknownPart(of value: UInt64, _ profile: KernelProfile) -> UInt64? {
    switch known {
    case .values(let values, let beside):
      let choice = UInt32(truncatingIfNeeded: value & ~beside)
      return values.contains(Int32(bitPattern: choice)) ? nil : UInt64(choice)
    case .bits(let bits): return value & ~bits == 0 ? nil : value & ~bits
    case .advice: return MemoryManager.isKnownAdvice(value & 0xffff_ffff, profile) ? nil : value & 0xffff_ffff
    case .clock:
      let id = Int32(truncatingIfNeeded: value)
      return id < 0 || ClockNumber.isKnown(id) ? nil : UInt64(id)
    }
  }

  /// The errors with which calls refuse an option that they do not know.
  static let refusals: [Errno] = [.EINVAL, .ENOTTY, .ENOSYS, .EOPNOTSUPP, .ENODEV]

  static let byNumber = Dictionary(grouping: rows) { UInt64($0.number) }

  private static let allBits: UInt64 = 0xffff_ffff
  /// What clone cannot do: CLONE_PIDFD and the namespaces. clone3 also has no CLONE_NEWTIME, whose bit is part of a signal in clone.
  private static let missingCloneFlags = CloneFlags.PIDFD | CloneFlags.namespaces

  /// Number of the call, number of the argument, what is known. prctl counts its unknown options itself.
  static let rows: [SystemCallOption] = [
    .init(24, 2, .bits(0x8_0000)),  // dup3: O_CLOEXEC
    .init(25, 1, .values([0, 1, 2, 3, 4, 1030, 1031, 1032, 1033, 1034])),  // fcntl: FileCalls.Control
    .init(29, 1, .values([0x541b, 0x5421, 0x5450, 0x5451])),  // ioctl: FIONREAD, FIONBIO, FIONCLEX, FIOCLEX
    .init(33, 2, .values([0, 0o010000, 0o020000, 0o040000, 0o060000, 0o100000, 0o140000], beside: ~0o170000)),  // mknodat: S_IF*
    .init(35, 2, .bits(0x200)),  // unlinkat: AT_*
    .init(37, 4, .bits(0x1400)),  // linkat: AT_*
    .init(39, 1, .bits(15)),  // umount2: MNT_*, UMOUNT_NOFOLLOW
    .init(47, 1, .bits(3)),  // fallocate: FALLOC_FL_KEEP_SIZE, PUNCH_HOLE
    .init(54, 4, .bits(0x1100)),  // fchownat: AT_*
    .init(59, 1, .bits(0x8_0000 | 0o4000 | 0o20_0000 | 0o200)),  // pipe2: O_CLOEXEC, O_NONBLOCK, O_DIRECT, O_NOTIFICATION_PIPE
    .init(62, 2, .values([0, 1, 2, 3, 4])),  // lseek: SEEK_*
    .init(79, 3, .bits(0x7900)),  // newfstatat: AT_*
    .init(85, 0, .values([0, 1, 7, 8, 9])),  // timerfd_create: CLOCK_*
    .init(85, 1, .bits(0x8_0000 | 0o4000)),  // timerfd_create: TFD_*
    .init(86, 1, .bits(3)),  // timerfd_settime: TFD_TIMER_*
    .init(88, 3, .bits(0x1100)),  // utimensat: AT_*
    .init(95, 0, .values([0, 1, 2, 3])),  // waitid: P_*
    .init(95, 3, .bits(0xe100_000f)),  // waitid: W*
    .init(98, 1, .values([0, 1] + Array(3...13), beside: 0x780)),  // futex: FUTEX_*
    .init(102, 0, .values([0, 1, 2])),  // getitimer: ITIMER_*
    .init(103, 0, .values([0, 1, 2])),  // setitimer: ITIMER_*
    .init(107, 0, .clock),  // timer_create
    .init(113, 0, .clock),  // clock_gettime
    .init(114, 0, .clock),  // clock_getres
    .init(115, 0, .clock),  // clock_nanosleep
    .init(119, 1, .values([0, 1, 2, 3, 5], beside: 0x4000_0000)),  // sched_setscheduler: SCHED_*
    .init(135, 0, .values([0, 1, 2])),  // rt_sigprocmask: SIG_*
    .init(140, 0, .values([0, 1, 2])),  // setpriority: PRIO_*
    .init(141, 0, .values([0, 1, 2])),  // getpriority: PRIO_*
    .init(163, 0, .values(Array(0...15))),  // getrlimit: RLIMIT_*
    .init(164, 0, .values(Array(0...15))),  // setrlimit: RLIMIT_*
    .init(165, 0, .values([-1, 0, 1])),  // getrusage: RUSAGE_*
    .init(216, 3, .bits(7)),  // mremap: MREMAP_*
    .init(220, 0, .bits(allBits & ~missingCloneFlags)),  // clone: CLONE_*
    .init(222, 3, .bits(MapFlags.known)),  // mmap: MAP_*
    .init(226, 2, .bits(0x0300_001f)),  // mprotect: PROT_*
    .init(227, 2, .bits(7)),  // msync: MS_*
    .init(230, 0, .bits(7)),  // mlockall: MCL_*
    .init(233, 2, .advice),  // madvise
    .init(260, 2, .bits(0xe000_000b)),  // wait4: W*
    .init(261, 1, .values(Array(0...15))),  // prlimit64: RLIMIT_*
    .init(270, 5, .bits(0)),  // process_vm_readv
    .init(271, 5, .bits(0)),  // process_vm_writev
    .init(272, 2, .values(Array(0...7))),  // kcmp: KCMP_*
    .init(274, 2, .bits(0)),  // sched_setattr
    .init(275, 3, .bits(0)),  // sched_getattr
    .init(276, 4, .bits(3)),  // renameat2: RENAME_NOREPLACE, RENAME_EXCHANGE
    .init(278, 2, .bits(7)),  // getrandom: GRND_*
    .init(279, 1, .bits(0xfc00_001f)),  // memfd_create: MFD_*
    .init(281, 4, .bits(0x1_1100)),  // execveat: AT_*
    .init(283, 0, .values([0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512])),  // membarrier: MEMBARRIER_CMD_*
    .init(284, 2, .bits(1)),  // mlock2: MLOCK_ONFAULT
    .init(285, 5, .bits(0)),  // copy_file_range
    .init(288, 2, .bits(0x0300_001f)),  // pkey_mprotect: PROT_*
    .init(291, 2, .bits(0x7900)),  // statx: AT_*
    .init(424, 3, .bits(7)),  // pidfd_send_signal: PIDFD_SIGNAL_*
    .init(434, 1, .bits(0o4000 | 0o200)),  // pidfd_open: PIDFD_NONBLOCK, PIDFD_THREAD
    .init(435, 0, .bits(0xffff_ff00 & ~missingCloneFlags & ~CloneFlags.DETACHED | CloneFlags.CLEAR_SIGHAND), isAddress: true),  // clone3
    .init(436, 2, .bits(6)),  // close_range: CLOSE_RANGE_*
    .init(438, 2, .bits(0)),  // pidfd_getfd
    .init(439, 3, .bits(0x1300)),  // faccessat2: AT_*
    .init(440, 3, .advice),  // process_madvise
    .init(440, 4, .bits(0)),  // process_madvise
    .init(449, 2, .bits(0)),  // futex_waitv
    .init(454, 3, .bits(0x8f)),  // futex_wake: FUTEX2_*
    .init(455, 3, .bits(0x8f)),  // futex_wait: FUTEX2_*
    .init(456, 1, .bits(0)),  // futex_requeue
    .init(451, 3, .bits(0)),  // cachestat
    .init(452, 3, .bits(0x1100)),  // fchmodat2: AT_*
    .init(462, 2, .bits(0)),  // mseal
    .init(472, 1, .bits(0)),  // fchroot
  ]
}
