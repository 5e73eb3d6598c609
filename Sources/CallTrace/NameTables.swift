// Owns the names of the numbers and bits in arguments of calls about memory, tasks, signals and time.
// It does not know which call has which argument. Linux: include/uapi.

extension NameTable {
  static let protection = NameTable(
    "PROT_",
    [
      (0, "PROT_NONE"), (1, "PROT_READ"), (2, "PROT_WRITE"), (4, "PROT_EXEC"), (0x10, "PROT_BTI"), (0x20, "PROT_MTE"),
      (0x0100_0000, "PROT_GROWSDOWN"), (0x0200_0000, "PROT_GROWSUP"),
    ])
  static let map = NameTable(
    "MAP_", field: (15, [0: "MAP_FILE", 1: "MAP_SHARED", 2: "MAP_PRIVATE", 3: "MAP_SHARED_VALIDATE"]),
    [
      (0x10, "MAP_FIXED"), (0x20, "MAP_ANONYMOUS"), (0x100, "MAP_GROWSDOWN"), (0x800, "MAP_DENYWRITE"), (0x1000, "MAP_EXECUTABLE"),
      (0x2000, "MAP_LOCKED"), (0x4000, "MAP_NORESERVE"), (0x8000, "MAP_POPULATE"), (0x1_0000, "MAP_NONBLOCK"), (0x2_0000, "MAP_STACK"),
      (0x4_0000, "MAP_HUGETLB"), (0x8_0000, "MAP_SYNC"), (0x10_0000, "MAP_FIXED_NOREPLACE"),
    ])
  static let remap = NameTable("MREMAP_", [(1, "MREMAP_MAYMOVE"), (2, "MREMAP_FIXED"), (4, "MREMAP_DONTUNMAP")])
  static let sync = NameTable("MS_", [(1, "MS_ASYNC"), (2, "MS_INVALIDATE"), (4, "MS_SYNC")])
  static let lockAll = NameTable("MCL_", [(1, "MCL_CURRENT"), (2, "MCL_FUTURE"), (4, "MCL_ONFAULT")])
  static let lock = NameTable("MLOCK_", [(1, "MLOCK_ONFAULT")])
  static let advice = NameTable(
    "MADV_",
    [
      (0, "MADV_NORMAL"), (1, "MADV_RANDOM"), (2, "MADV_SEQUENTIAL"), (3, "MADV_WILLNEED"), (4, "MADV_DONTNEED"), (8, "MADV_FREE"),
      (9, "MADV_REMOVE"), (10, "MADV_DONTFORK"), (11, "MADV_DOFORK"), (12, "MADV_MERGEABLE"), (13, "MADV_UNMERGEABLE"),
      (14, "MADV_HUGEPAGE"),
      (15, "MADV_NOHUGEPAGE"), (16, "MADV_DONTDUMP"), (17, "MADV_DODUMP"), (18, "MADV_WIPEONFORK"), (19, "MADV_KEEPONFORK"),
      (20, "MADV_COLD"),
      (21, "MADV_PAGEOUT"), (22, "MADV_POPULATE_READ"), (23, "MADV_POPULATE_WRITE"), (24, "MADV_DONTNEED_LOCKED"), (25, "MADV_COLLAPSE"),
      (100, "MADV_HWPOISON"), (101, "MADV_SOFT_OFFLINE"), (102, "MADV_GUARD_INSTALL"), (103, "MADV_GUARD_REMOVE"),
    ])
  static let clone = NameTable(
    "CLONE_",
    [
      (0x100, "CLONE_VM"), (0x200, "CLONE_FS"), (0x400, "CLONE_FILES"), (0x800, "CLONE_SIGHAND"), (0x1000, "CLONE_PIDFD"),
      (0x2000, "CLONE_PTRACE"), (0x4000, "CLONE_VFORK"), (0x8000, "CLONE_PARENT"), (0x1_0000, "CLONE_THREAD"), (0x2_0000, "CLONE_NEWNS"),
      (0x4_0000, "CLONE_SYSVSEM"), (0x8_0000, "CLONE_SETTLS"), (0x10_0000, "CLONE_PARENT_SETTID"), (0x20_0000, "CLONE_CHILD_CLEARTID"),
      (0x40_0000, "CLONE_DETACHED"), (0x80_0000, "CLONE_UNTRACED"), (0x100_0000, "CLONE_CHILD_SETTID"), (0x200_0000, "CLONE_NEWCGROUP"),
      (0x400_0000, "CLONE_NEWUTS"), (0x800_0000, "CLONE_NEWIPC"), (0x1000_0000, "CLONE_NEWUSER"), (0x2000_0000, "CLONE_NEWPID"),
      (0x4000_0000, "CLONE_NEWNET"), (0x8000_0000, "CLONE_IO"),
    ])
  static let wait = NameTable(
    "W",
    [
      (1, "WNOHANG"), (2, "WSTOPPED"), (4, "WEXITED"), (8, "WCONTINUED"), (0x100_0000, "WNOWAIT"), (0x2000_0000, "__WNOTHREAD"),
      (0x4000_0000, "__WALL"), (0x8000_0000, "__WCLONE"),
    ])
  static let idType = NameTable("P_", [(0, "P_ALL"), (1, "P_PID"), (2, "P_PGID"), (3, "P_PIDFD")])
  static let futex = NameTable(
    "FUTEX_", field: (0x7f, futexOperations), [(0x80, "FUTEX_PRIVATE_FLAG"), (0x100, "FUTEX_CLOCK_REALTIME")])
  private static let futexOperations: [UInt64: String] = [
    0: "FUTEX_WAIT", 1: "FUTEX_WAKE", 2: "FUTEX_FD", 3: "FUTEX_REQUEUE", 4: "FUTEX_CMP_REQUEUE", 5: "FUTEX_WAKE_OP", 6: "FUTEX_LOCK_PI",
    7: "FUTEX_UNLOCK_PI", 8: "FUTEX_TRYLOCK_PI", 9: "FUTEX_WAIT_BITSET", 10: "FUTEX_WAKE_BITSET", 11: "FUTEX_WAIT_REQUEUE_PI",
    12: "FUTEX_CMP_REQUEUE_PI", 13: "FUTEX_LOCK_PI2",
  ]
  static let signalAction = NameTable(
    "SA_",
    [
      (0x400_0000, "SA_RESTORER"), (0x800_0000, "SA_ONSTACK"), (0x1000_0000, "SA_RESTART"), (0x2000_0000, "SA_INTERRUPT"),
      (0x4000_0000, "SA_NODEFER"), (0x8000_0000, "SA_RESETHAND"),
      (1, "SA_NOCLDSTOP"), (2, "SA_NOCLDWAIT"), (4, "SA_SIGINFO"), (0x400, "SA_UNSUPPORTED"), (0x800, "SA_EXPOSE_TAGBITS"),
    ])
  static let signalMask = NameTable("SIG_", [(0, "SIG_BLOCK"), (1, "SIG_UNBLOCK"), (2, "SIG_SETMASK")])
  static let signalStack = NameTable("SS_", [(1, "SS_ONSTACK"), (2, "SS_DISABLE"), (0x8000_0000, "SS_AUTODISARM")])
  static let clock = NameTable(
    "CLOCK_",
    [
      (0, "CLOCK_REALTIME"), (1, "CLOCK_MONOTONIC"), (2, "CLOCK_PROCESS_CPUTIME_ID"), (3, "CLOCK_THREAD_CPUTIME_ID"),
      (4, "CLOCK_MONOTONIC_RAW"),
      (5, "CLOCK_REALTIME_COARSE"), (6, "CLOCK_MONOTONIC_COARSE"), (7, "CLOCK_BOOTTIME"), (8, "CLOCK_REALTIME_ALARM"),
      (9, "CLOCK_BOOTTIME_ALARM"), (11, "CLOCK_TAI"),
    ])
  static let timer = NameTable("TIMER_", [(1, "TIMER_ABSTIME")])
  static let intervalTimer = NameTable("ITIMER_", [(0, "ITIMER_REAL"), (1, "ITIMER_VIRTUAL"), (2, "ITIMER_PROF")])
  static let resource = NameTable(
    "RLIMIT_",
    [
      (0, "RLIMIT_CPU"), (1, "RLIMIT_FSIZE"), (2, "RLIMIT_DATA"), (3, "RLIMIT_STACK"), (4, "RLIMIT_CORE"), (5, "RLIMIT_RSS"),
      (6, "RLIMIT_NPROC"),
      (7, "RLIMIT_NOFILE"), (8, "RLIMIT_MEMLOCK"), (9, "RLIMIT_AS"), (10, "RLIMIT_LOCKS"), (11, "RLIMIT_SIGPENDING"),
      (12, "RLIMIT_MSGQUEUE"),
      (13, "RLIMIT_NICE"), (14, "RLIMIT_RTPRIO"), (15, "RLIMIT_RTTIME"),
    ])
  static let usage = NameTable("RUSAGE_", [(0, "RUSAGE_SELF"), (1, "RUSAGE_THREAD"), (0xffff_ffff, "RUSAGE_CHILDREN")])
  static let process = NameTable(
    "PR_",
    [
      (1, "PR_SET_PDEATHSIG"), (2, "PR_GET_PDEATHSIG"), (3, "PR_GET_DUMPABLE"), (4, "PR_SET_DUMPABLE"), (15, "PR_SET_NAME"),
      (16, "PR_GET_NAME"), (29, "PR_SET_TIMERSLACK"),
      (30, "PR_GET_TIMERSLACK"), (33, "PR_MCE_KILL"), (36, "PR_SET_CHILD_SUBREAPER"), (37, "PR_GET_CHILD_SUBREAPER"),
      (38, "PR_SET_NO_NEW_PRIVS"), (39, "PR_GET_NO_NEW_PRIVS"),
      (41, "PR_SET_THP_DISABLE"), (42, "PR_GET_THP_DISABLE"), (54, "PR_PAC_RESET_KEYS"), (55, "PR_SET_TAGGED_ADDR_CTRL"),
      (56, "PR_GET_TAGGED_ADDR_CTRL"),
      (0x5356_4d41, "PR_SET_VMA"),
    ])
  static let random = NameTable("GRND_", [(1, "GRND_NONBLOCK"), (2, "GRND_RANDOM"), (4, "GRND_INSECURE")])
  static let barrier = NameTable(
    "MEMBARRIER_CMD_",
    [
      (0, "MEMBARRIER_CMD_QUERY"), (1, "MEMBARRIER_CMD_GLOBAL"), (8, "MEMBARRIER_CMD_PRIVATE_EXPEDITED"),
      (16, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED"),
    ])
  static let policy = NameTable(
    "SCHED_", [(0, "SCHED_OTHER"), (1, "SCHED_FIFO"), (2, "SCHED_RR"), (3, "SCHED_BATCH"), (5, "SCHED_IDLE"), (6, "SCHED_DEADLINE")])
}
