// Owns the calls futex_wait, futex_wake and futex_requeue, which have flags where futex() has operations. It does not know queues. Linux:
// kernel/futex/syscalls.c.
import Architecture
import LinuxMM

/// FUTEX2_*.
enum SecondFutexFlag {
  static let sizeMask: UInt32 = 3, size32: UInt32 = 2, node: UInt32 = 4, policy: UInt32 = 8, isPrivate: UInt32 = 128
}

/// An element of the arrays that futex_waitv and futex_requeue take: a value, an address, flags and a reserved word, 24 bytes. Linux: struct
/// futex_waitv.
struct FutexVectorElement {
  let value: UInt32
  let address: UInt64
  let flags: UInt32

  /// EINVAL where it is none on this kernel.
  init(_ bytes: [UInt8], _ profile: KernelProfile) throws(Errno) {
    let wide = bytes.word64(0)
    (address, flags) = (bytes.word64(8), bytes.word32(16))
    if bytes.word32(20) != 0 { throw .EINVAL }
    try Futexes.check(flags, values: [wide], profile)
    value = UInt32(wide)
  }

  static var size: Int { 24 }
}

extension Futexes {
  /// Refuses flags that are unknown, sizes other than 32 bits, and values that do not fit.
  static func check(_ flags: UInt32, values: [UInt64], _ profile: KernelProfile) throws(Errno) {
    let ofNodes = profile.hasFutexNodes ? SecondFutexFlag.node | SecondFutexFlag.policy : 0
    if flags & ~(SecondFutexFlag.sizeMask | SecondFutexFlag.isPrivate | ofNodes) != 0 { throw .EINVAL }
    if flags & SecondFutexFlag.sizeMask != SecondFutexFlag.size32 { throw .EINVAL }
    if values.contains(where: { $0 >> 32 != 0 }) { throw .EINVAL }
  }

  /// The elements of an array. EFAULT, EINVAL.
  func elements(_ el1: EL1Interface, _ address: UInt64, count: UInt64) throws(Errno) -> [FutexVectorElement] {
    var found: [FutexVectorElement] = []
    for index in 0..<count {
      let bytes = try user(el1).get(address &+ index * UInt64(FutexVectorElement.size), count: FutexVectorElement.size)
      found.append(try FutexVectorElement(bytes, profile))
    }
    return found
  }

  /// The key of a futex of a call with flags. Linux: get_futex_key().
  func futexKey(_ el1: EL1Interface, _ address: UInt64, flags: UInt32) throws(Errno) -> FutexKey {
    let isOnNode = flags & SecondFutexFlag.node != 0
    if isOnNode { try chooseNode(el1, address) }
    var key = try futexKey(el1, address, isPrivate: flags & SecondFutexFlag.isPrivate != 0)
    if isOnNode && key.kind == .ofProcess { key.kind = .ofNode }
    return key
  }

  /// Reads the word behind a futex, which names its node, and stores the caller's node where the word is -1. The machine has one node, 0,
  /// and memory has no policy that names another. EINVAL for other nodes.
  private func chooseNode(_ el1: EL1Interface, _ address: UInt64) throws(Errno) {
    if address & 7 != 0 { throw .EINVAL }
    try user(el1).check(address, 8)
    let node = try user(el1).get(address &+ 4, as: UInt32.self)
    if node == .max { try user(el1).put(address &+ 4, 0 as UInt32) } else if node != 0 { throw .EINVAL }
  }

  /// The absolute end of a wait; nil for an address of 0. The clock must be CLOCK_REALTIME or CLOCK_MONOTONIC.
  func end(_ el1: EL1Interface, _ address: UInt64, clock: Int32) throws(Errno) -> UInt64? {
    if address == 0 { return nil }
    if clock != 0 && clock != 1 { throw .EINVAL }
    return try user(el1).duration(address)
  }

  /// futex_wait(address, value, mask, flags, time, clock).
  func secondWait(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    try Self.check(a.unsigned(3), values: [a[1], a[2]], profile)
    let deadline = try end(el1, a[4], clock: a.int(5))
    if a[2] == 0 { throw .EINVAL }
    let key = try futexKey(el1, a[0], flags: a.unsigned(3))
    return try futexWait(el1, on: key, at: a[0], value: UInt32(a[1]), deadline, bits: UInt32(a[2]), restart: .system)
  }

  /// futex_wake(address, mask, count, flags).
  func secondWake(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    try Self.check(a.unsigned(3), values: [a[1]], profile)
    if a[1] == 0 { throw .EINVAL }
    let key = try futexKey(el1, a[0], flags: a.unsigned(3))
    return .done(a.int(2) == 0 ? 0 : UInt64(try wake(key, Int(a.int(2)), UInt32(a[1]))))
  }

  /// futex_requeue(two elements, flags, wakes, moves).
  func secondRequeue(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a.unsigned(1) != 0 || a[0] == 0 { throw .EINVAL }
    let pair = try elements(el1, a[0], count: 2)
    if pair[0].flags != pair[1].flags || a.int(2) < 0 || a.int(3) < 0 { throw .EINVAL }
    let source = try futexKey(el1, pair[0].address, flags: pair[0].flags)
    let target = try futexKey(el1, pair[1].address, flags: pair[1].flags)
    return try futexRequeue(
      el1, source, at: pair[0].address, to: target, wakes: Int(a.int(2)), moves: Int(a.int(3)), expected: pair[0].value)
  }
}
