// Owns the table of the calls that sleep, by what becomes of each when a signal interrupts it, and the tests of its rows.
// It does not know why a signal comes: POSIX timers send it. Right values are those of signal(7), select(2), poll(2).
import Architecture
import Laboratory
import TestSupport
import Testing

@testable import LinuxKernel
@testable import LinuxMM

struct SleepingCall: Sendable, CustomStringConvertible {
  /// What Linux answers inside: ERESTARTSYS, ERESTARTNOHAND, ERESTART_RESTARTBLOCK, EINTR.
  enum Class { case system, noHandler, block, interrupted }
  let number: UInt64
  let name: String
  let arguments: [UInt64]
  let restart: Class
  /// Waits for a child, which sleeps.
  var needsChild: Bool { name.hasPrefix("wait") }
  var description: String { name }

  /// Zeroes: a futex, no descriptors, an empty mask.
  static let zero: UInt64 = 0x1000_0000
  /// {10, 0}: a time.
  static let time = zero + 0x100
  /// A poll of the pipe: {3, POLLIN}; and a set of descriptor 3 for select.
  static let entry = zero + 0x200, set = zero + 0x300
  /// Signal 12.
  static let other = zero + 0x400
  private static let scratch = zero + 0x2000

  private init(_ number: UInt64, _ name: String, _ arguments: [UInt64], _ restart: Class) {
    (self.number, self.name, self.arguments, self.restart) = (number, name, arguments, restart)
  }
  static let all = [
    Self(63, "read of an empty pipe", [3, scratch, 1], .system),
    Self(64, "write to a full pipe", [4, scratch, 1], .system),
    Self(63, "read of a timer", [5, scratch, 8], .system),
    Self(65, "readv of an empty pipe", [3, zero + 0x500, 1], .system),
    Self(72, "pselect6", [4, set, 0, 0, 0, 0], .noHandler),
    Self(72, "pselect6 with a time", [4, set, 0, 0, time, 0], .noHandler),
    Self(73, "ppoll", [entry, 1, 0, 0, 8], .noHandler),
    Self(73, "ppoll with a time", [entry, 1, time, 0, 8], .noHandler),
    Self(95, "waitid", [0, 0, 0, 4], .system),
    Self(98, "futex WAIT", [zero, 0, 0, 0], .system),
    Self(98, "futex WAIT with a time", [zero, 0, 0, time], .block),
    Self(101, "nanosleep", [time, 0], .block),
    Self(115, "clock_nanosleep", [1, 0, time, 0], .block),
    Self(115, "clock_nanosleep to a time", [1, 1, time, 0], .noHandler),
    Self(133, "rt_sigsuspend", [zero, 8], .noHandler),
    Self(137, "rt_sigtimedwait", [other, 0, time, 8], .interrupted),
    Self(260, "wait4", [~0, 0, 0, 0], .system),
  ]
}

struct RestartTests {
  static let handler: UInt64 = 0x40_1230
  let guest: Guest
  init() throws {
    guest = try Guest.idle()
    let zero = SleepingCall.zero
    try #require(guest.call(222, zero, 0x1_0000, 3, 0x8032, ~0, 0) == Int64(zero))
    guest.write(SleepingCall.time, words: [10, 0])
    guest.write(SleepingCall.entry, words: [3 | 1 << 32])
    guest.write(SleepingCall.set, words: [1 << 3])
    guest.write(SleepingCall.other, words: [1 << 11])
    guest.write(zero + 0x500, words: [zero + 0x2000, 1])
    try #require(guest.call(59, zero + 0x1000, 0) == 0)
    try #require(guest.call(85, 1, 0) == 5)
  }

  /// Sends a signal later.
  private func arm(_ signal: UInt64, in milliseconds: UInt64) {
    let place = SleepingCall.zero + 0x600
    guest.write(place, words: [0, signal, 0, 0, 0, 0, 0, 0])
    #expect(guest.call(107, 1, place, place + 64) == 0)
    let id = UInt64(guest.word32(place + 64))
    guest.write(place, words: [0, 0, 0, milliseconds * 1_000_000])
    #expect(guest.call(110, id, 0, place, 0) == 0)
  }

  /// The call, and where it needs one a child that sleeps for ever.
  private func sleep(_ row: SleepingCall) {
    if row.name.hasPrefix("write") { #expect(guest.call(64, 4, SleepingCall.zero, 0x1_0000) == 0x1_0000) }
    if row.needsChild { #expect(guest.call(220, 17, 0, 0, 0, 0) == 3) }
    let a = row.arguments + [0, 0, 0, 0, 0, 0]
    let answer = guest.call(row.number, a[0], a[1], a[2], a[3], a[4], a[5])
    if !row.needsChild { return }
    // The parent sleeps and the child runs: it returns 0 from clone.
    #expect(answer == 0)
    guest.call(133, SleepingCall.zero, 8)
  }

  /// With a handler: EINTR, or from the SVC again where the handler's SA_RESTART counts.
  @Test(arguments: SleepingCall.all, [0, 0x1000_0000] as [UInt64]) func withHandler(row: SleepingCall, flags: UInt64) throws {
    guest.write(SleepingCall.zero + 0x700, words: [Self.handler, 4 | flags, 0, 0])
    #expect(guest.call(134, 10, SleepingCall.zero + 0x700, 0, 8) == 0)
    let pc = guest.pc
    arm(10, in: 1)
    sleep(row)
    try #require(guest.pc == Self.handler)
    let frame = guest.el1[.SP_EL0]
    let runsAgain = row.restart == .system && flags != 0
    #expect(guest.word(frame + 568) == (runsAgain ? pc - 4 : pc))
    #expect(Int64(bitPattern: guest.word(frame + 312)) == (runsAgain ? Int64(bitPattern: row.arguments[0]) : -4))
    #expect(guest.word(frame + 376) == row.number)
  }

  /// Without one, as after SIGSTOP and SIGCONT: from the SVC again, by restart_syscall where the time must not start anew.
  @Test(arguments: SleepingCall.all) func withoutHandler(row: SleepingCall) throws {
    let pc = guest.pc
    arm(19, in: 1)
    arm(18, in: 2)
    sleep(row)
    try #require(guest.verdict == .resume)
    if row.restart == .interrupted {
      #expect(guest.pc == pc)
      #expect(Int64(bitPattern: guest.el1[x: 0]) == -4)
    } else {
      #expect(guest.el1[.ELR_EL1] == pc - 4 || guest.pc == pc - 4)
      #expect(guest.el1[x: 0] == row.arguments[0])
      #expect(guest.el1[x: 8] == (row.restart == .block ? 128 : row.number))
    }
  }

  /// The mask applies while the call waits, the frame keeps the one from before, and the time that is left is stored.
  @Test(arguments: [72, 73] as [UInt64]) func theMaskOfACall(number: UInt64) throws {
    let zero = SleepingCall.zero
    guest.write(zero + 0x700, words: [Self.handler, 4, 0, 0])
    #expect(guest.call(134, 10, zero + 0x700, 0, 8) == 0)
    guest.write(zero + 0x700, words: [1 << 9 | 1 << 39])
    #expect(guest.call(135, 2, zero + 0x700, 0, 8) == 0)
    arm(10, in: 1)
    guest.write(zero + 0x800, words: [zero, 8])
    func wait() -> Int64 {
      number == 72
        ? guest.call(72, 4, SleepingCall.set, 0, 0, SleepingCall.time, zero + 0x800)
        : guest.call(73, SleepingCall.entry, 1, SleepingCall.time, zero, 8)
    }
    _ = wait()
    try #require(guest.pc == Self.handler)
    let frame = guest.el1[.SP_EL0]
    #expect(guest.word(frame + 168) == 1 << 9 | 1 << 39)
    #expect((0..<2).map { guest.word(SleepingCall.time + $0 * 8) } == [9, 999_000_000])
    guest.call(139)
    #expect(guest.call(135, 0, 0, zero + 0x900, 8) == 0)
    #expect(guest.word(zero + 0x900) == 1 << 9 | 1 << 39)
    // A call that no signal ends puts the mask back too, and has no time left.
    guest.write(SleepingCall.time, words: [0, 5_000_000])
    #expect(wait() == 0)
    #expect((0..<2).map { guest.word(SleepingCall.time + $0 * 8) } == [0, 0])
    #expect(guest.call(135, 0, 0, zero + 0x900, 8) == 0)
    #expect(guest.word(zero + 0x900) == 1 << 9 | 1 << 39)
  }

  /// A signal that the mask lets through ends even a call without time.
  @Test func aPendingSignalEndsACallWithoutTime() throws {
    let zero = SleepingCall.zero
    guest.write(zero + 0x700, words: [Self.handler, 4, 0, 0])
    #expect(guest.call(134, 10, zero + 0x700, 0, 8) == 0)
    guest.write(zero + 0x700, words: [1 << 9])
    #expect(guest.call(135, 2, zero + 0x700, 0, 8) == 0)
    #expect(guest.call(129, 2, 10) == 0)
    guest.write(SleepingCall.time, words: [0, 0])
    _ = guest.call(73, SleepingCall.entry, 1, SleepingCall.time, zero, 8)
    try #require(guest.pc == Self.handler)
    #expect(Int64(bitPattern: guest.word(guest.el1[.SP_EL0] + 312)) == -4)
  }
}
