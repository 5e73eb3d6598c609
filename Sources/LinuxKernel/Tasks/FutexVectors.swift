// Owns futex_waitv: a sleep on several futexes at once. It does not know how a futex is woken: Futexes.swift does.
// Linux: kernel/futex/syscalls.c, waitwake.c futex_wait_multiple().
import Architecture
import LinuxMM

/// A sleep on several futexes.
struct FutexVectorWait: Hashable, Sendable {
  var keys: [FutexKey]
  /// The end of the wait in guest nanoseconds; nil if it has no end.
  var deadline: UInt64?
  /// The futex that a wake was meant for.
  var woken: Int?
}

extension Futexes {
  /// FUTEX_WAITV_MAX.
  private static var longestVector: UInt32 { 128 }
  /// FUTEX2_SIZE_U32, FUTEX2_PRIVATE.
  private static var size32: UInt32 { 2 }
  private static var privateFlag: UInt32 { 128 }

  /// futex_waitv(waiters, count, flags, time, clock). A waiter is a value, an address, flags and a reserved word, 24 bytes. The time is
  /// absolute. Answers the index of the futex that was woken. EAGAIN if a word has another value.
  func futexWaitVector(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let count = a.unsigned(1)
    if a.unsigned(2) != 0 || count == 0 || count > Self.longestVector || a[0] == 0 { throw .EINVAL }
    var deadline: UInt64?
    if a[3] != 0 {
      // CLOCK_REALTIME or CLOCK_MONOTONIC.
      if a.int(4) != 0 && a.int(4) != 1 { throw .EINVAL }
      deadline = try user(el1).duration(a[3])
    }
    var waiters: [(value: UInt32, address: UInt64, isPrivate: Bool)] = []
    for index in 0..<UInt64(count) {
      let bytes = try user(el1).get(a[0] &+ index * 24, count: 24)
      let (value, flags) = (bytes.word64(0), bytes.word32(16))
      if flags & ~Self.privateFlag != Self.size32 || bytes.word32(20) != 0 || value >> 32 != 0 { throw .EINVAL }
      waiters.append((UInt32(value), bytes.word64(8), flags & Self.privateFlag != 0))
    }
    var keys: [FutexKey] = []
    for waiter in waiters { keys.append(try futexKey(el1, waiter.address, isPrivate: waiter.isPrivate)) }
    for waiter in waiters where try user(el1).get(waiter.address, as: UInt32.self) != waiter.value { throw .EAGAIN }
    return .sleep(on: .futexes(keys), until: deadline, then: .futexes(FutexVectorWait(keys: keys, deadline: deadline)))
  }
}
