// Owns the answers of calls about tasks in a process that is alone, to good, bad and hostile arguments.
// It does not know their effects on other tasks: guest programs show those.

let EINTR: Int64 = -4, E2BIG: Int64 = -7, ECHILD: Int64 = -10

extension SystemCallTestRow {
  private typealias Row = SystemCallTestRow
  private static let huge = Argument.value(~0)
  private static let good8 = Argument.value(goodAddress + 8)

  static let tasks: [SystemCallTestRow] = [
    Row(95, "waitid", [0, 0, .good, 4], ECHILD), Row(95, "waitid", [9, 0, .good, 4], EINVAL),
    Row(95, "waitid", [1, 0, .good, 4], EINVAL), Row(95, "waitid", [0, 0, .good, 0], EINVAL),
    Row(95, "waitid", [0, 0, .good, 0x14], EINVAL), Row(95, "waitid", [3, 5, .good, 4], EBADF),
    Row(95, "waitid", [2, huge, .good, 4], EINVAL),
    Row(98, "futex CMP_REQUEUE", [.good, 4, 0, 0, .good, 1], EAGAIN), Row(98, "futex CMP_REQUEUE", [.good, 4, huge, 0, .good], EINVAL),
    Row(98, "futex WAKE_OP", [.good, 5, 1, 1, .good, 0x1000_1000], 0), Row(98, "futex WAKE_OP", [.good, 5, 1, 1, .null], EFAULT),
    Row(98, "futex WAKE_OP", [.good, 5, 1, 1, .readOnly], EFAULT), Row(98, "futex WAKE_OP", [.good, 5, 1, 1, .good, 0x7000_0000], ENOSYS),
    Row(98, "futex WAKE", [.readOnly, 1, 1], EFAULT), Row(98, "futex WAKE", [.readOnly, 129, 1], 0),
    Row(98, "futex LOCK_PI", [.good, 6], 0), Row(98, "futex WAKE CLOCK_REALTIME", [.good, 0x101, 1], ENOSYS),
    Row(100, "get_robust_list", [0, .good, good8], 0), Row(100, "get_robust_list", [99, .good, good8], ESRCH),
    Row(100, "get_robust_list", [0, .null, .good], EFAULT), Row(100, "get_robust_list", [0, .good, .null], EFAULT),
    Row(123, "sched_getaffinity", [0, 8, .good], 8), Row(123, "sched_getaffinity", [2, 128, .good], 8),
    Row(123, "sched_getaffinity", [0, 4, .good], EINVAL), Row(123, "sched_getaffinity", [0, 0, .good], EINVAL),
    Row(123, "sched_getaffinity", [99, 8, .good], ESRCH), Row(123, "sched_getaffinity", [0, 8, .null], EFAULT),
    Row(128, "restart_syscall", [], EINTR),
    Row(133, "rt_sigsuspend", [.good, 9], EINVAL), Row(133, "rt_sigsuspend", [.null, 8], EFAULT),
    Row(137, "rt_sigtimedwait", [.good, 0, .good, 8], EAGAIN), Row(137, "rt_sigtimedwait", [.good, 0, .good, 4], EINVAL),
    Row(137, "rt_sigtimedwait", [.null, 0, .good, 8], EFAULT), Row(137, "rt_sigtimedwait", [.good, 0, .text, 8], EINVAL),
    Row(138, "rt_sigqueueinfo", [2, 0, .good], 0), Row(138, "rt_sigqueueinfo", [3, 0, .good], EPERM),
    Row(138, "rt_sigqueueinfo", [2, 0, .null], EFAULT), Row(138, "rt_sigqueueinfo", [2, 65, .good], EINVAL),
    Row(153, "times", [.good], 0), Row(153, "times", [0], 0), Row(153, "times", [.kernel], EFAULT), Row(153, "times", [.readOnly], EFAULT),
    Row(154, "setpgid", [0, 0], EPERM), Row(154, "setpgid", [99, 0], ESRCH), Row(154, "setpgid", [0, huge], EINVAL),
    Row(155, "getpgid", [0], 2), Row(155, "getpgid", [2], 2), Row(155, "getpgid", [1], 1), Row(155, "getpgid", [99], ESRCH),
    Row(155, "getpgid", [huge], ESRCH),
    Row(156, "getsid", [0], 2), Row(156, "getsid", [99], ESRCH), Row(157, "setsid", [], EPERM),
    Row(168, "getcpu", [.good, good8], 0), Row(168, "getcpu", [0, 0], 0), Row(168, "getcpu", [.kernel, 0], EFAULT),
    Row(220, "clone THREAD", [0x1_0000], EINVAL), Row(220, "clone SIGHAND", [0x800], EINVAL), Row(220, "clone NEWNS", [0x2_0000], EINVAL),
    Row(220, "clone PIDFD PARENT_SETTID", [0x10_1000], EINVAL), Row(220, "clone", [0], 3), Row(220, "clone", [0xff], 3),
    Row(221, "execve", [.null], EFAULT), Row(221, "execve", [.kernel], EFAULT), Row(221, "execve", [.good], ENOENT),
    Row(240, "rt_tgsigqueueinfo", [2, 2, 0, .good], 0), Row(240, "rt_tgsigqueueinfo", [2, 3, 0, .good], EPERM),
    Row(240, "rt_tgsigqueueinfo", [0, 2, 0, .good], EINVAL), Row(240, "rt_tgsigqueueinfo", [2, 2, 0, .null], EFAULT),
    Row(260, "wait4", [huge], ECHILD), Row(260, "wait4", [huge, 0, 0x100], EINVAL), Row(260, "wait4", [0x8000_0000], ESRCH),
    Row(260, "wait4", [1, .good, 1], ECHILD),
    Row(272, "kcmp", [2, 2, 1], 0), Row(272, "kcmp", [2, 2, 0, 0, 77], EBADF), Row(272, "kcmp", [2, 99, 1], ESRCH),
    Row(272, "kcmp", [2, 2, 9], EINVAL), Row(272, "kcmp", [2, 2, 0, huge, 0], EBADF),
    Row(281, "execveat", [0, .null], EFAULT), Row(281, "execveat", [0, .good], ENOENT), Row(281, "execveat", [0, .text, 0, 0, 1], EINVAL),
    Row(281, "execveat", [77, .good, 0, 0, 0x1000], EBADF), Row(281, "execveat", [0, .good, 0, 0, 0x1000], EACCES),
    Row(435, "clone3", [.good, 63], EINVAL), Row(435, "clone3", [.good, 4097], E2BIG), Row(435, "clone3", [.null, 64], EFAULT),
    Row(435, "clone3", [.text, 64], EINVAL),
    Row(438, "pidfd_getfd", [0, 0, 1], EINVAL), Row(438, "pidfd_getfd", [0, 0, 0], EBADF), Row(438, "pidfd_getfd", [huge, 0, 0], EBADF),
    Row(98, "futex LOCK_PI", [.readOnly, 6], EFAULT), Row(98, "futex UNLOCK_PI", [.good, 7], EPERM),
    Row(98, "futex TRYLOCK_PI", [.null, 8], EFAULT), Row(98, "futex WAIT_REQUEUE_PI", [.good, 11, 1, 0, good(4)], EAGAIN),
    Row(98, "futex CMP_REQUEUE_PI", [.good, 12, 2, 1, good(4)], EINVAL), Row(98, "futex CMP_REQUEUE_PI", [.good, 12, 1, 1, good(4), 0], 0),
    Row(454, "futex_wake", [.good, 1, 1, 2], 0), Row(454, "futex_wake", [.good, 1, 1, 1], EINVAL),
    Row(455, "futex_wait", [.good, 1, 1, 2], EAGAIN), Row(455, "futex_wait", [.null, 0, 1, 2], EFAULT),
    Row(456, "futex_requeue", [.null, 0], EINVAL), Row(456, "futex_requeue", [.kernel, 0], EFAULT),
    Row(449, "futex_waitv", [.good, 0], EINVAL), Row(449, "futex_waitv", [.good, 129], EINVAL),
    Row(449, "futex_waitv", [.null, 1], EINVAL),
    Row(449, "futex_waitv", [.good, 1, 1], EINVAL), Row(449, "futex_waitv", [.good, 1], EINVAL),
    Row(449, "futex_waitv", [.kernel, 1], EFAULT), Row(449, "futex_waitv", [.good, 1, 0, .good, 7], EINVAL),
    Row(449, "futex_waitv", [.good, 1, 0, .kernel, 1], EFAULT),
  ]
}
