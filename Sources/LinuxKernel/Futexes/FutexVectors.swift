// Owns futex_waitv: a sleep on several futexes at once. It does not know how a futex is woken: Futexes.swift does.
// Linux: kernel/futex/syscalls.c, waitwake.c futex_wait_multiple().
import Architecture
import LinuxMM

/// A sleep on several futexes.
struct FutexVectorWait: Hashable, Sendable {
  var keys: [FutexKey]
  /// The end of the wait in guest nanoseconds; nil if it has no end.
  var deadline: UInt64?
  /// The place in the queues: the priority of real time when the wait began, or 0.
  var priority: Int32
  /// The futex that a wake was meant for.
  var woken: Int?
}

extension Futexes {
  /// FUTEX_WAITV_MAX.
  private static var longestVector: UInt32 { 128 }
  /// futex_waitv(waiters, count, flags, time, clock). The time is absolute. Answers the index of the futex that was woken. EAGAIN if a word has another value.
  func futexWaitVector(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let count = a.unsigned(1)
    if a.unsigned(2) != 0 || count == 0 || count > Self.longestVector || a[0] == 0 { throw .EINVAL }
    let deadline = try end(el1, a[3], clock: a.int(4))
    let waiters = try elements(el1, a[0], count: UInt64(count))
    var keys: [FutexKey] = []
    for waiter in waiters { keys.append(try futexKey(el1, waiter.address, flags: waiter.flags)) }
    for waiter in waiters where try user(el1).get(waiter.address, as: UInt32.self) != waiter.value { throw .EAGAIN }
    return .sleep(
      on: .futexes(keys), until: deadline, then: .futexes(FutexVectorWait(keys: keys, deadline: deadline, priority: ownRank(state.current)))
    )
  }
}
