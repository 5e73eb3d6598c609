// Owns tests of when a signal is delivered, which code continues after its handler, and which signals kill.
// It does not know the frame's bytes beyond those that it breaks on purpose.
import Architecture
import Laboratory
import TestSupport
import Testing

@testable import LinuxKernel
@testable import LinuxMM

struct SignalDeliveryTests {
  static let handler: UInt64 = 0x40_1230
  let guest: Guest
  let memory: UInt64
  init() throws { try self.init(Guest.small) }
  init(_ configuration: SessionConfiguration) throws {
    guest = try Guest.idle(configuration)
    memory = guest.memory(pages: 16)
  }

  func install(_ signal: UInt64, flags: UInt64 = 4, mask: UInt64 = 0, handler: UInt64 = handler) {
    guest.write(memory, words: [handler, flags, 0, mask])
    #expect(guest.call(134, signal, memory, 0, 8) == 0)
  }
  var blocked: UInt64 {
    #expect(guest.call(135, 0, 0, memory + 32, 8) == 0)
    return guest.word(memory + 32)
  }
  /// Changes the mask. A signal that this lets through is delivered before the return, so X0 is then the handler's argument.
  func setBlocked(_ mask: UInt64) {
    guest.write(memory + 40, words: [mask])
    guest.call(135, 2, memory + 40, 0, 8)
  }
  var sp: UInt64 { guest.el1[.SP_EL0] }

  // MARK: Default actions

  @Test(arguments: 1...64 as ClosedRange<UInt64>) func defaultAction(signal: UInt64) {
    guest.call(129, 2, signal)
    switch signal {
    // CHLD, CONT, TSTP, TTIN, TTOU, URG, WINCH.
    case 17, 18, 20, 21, 22, 23, 28: #expect(guest.verdict == .resume)
    case 19: #expect(guest.verdict == .deadlock)
    default: #expect(guest.verdict == .killed(signal: Int32(signal)))
    }
  }

  @Test(
    arguments: [(0x0200_0000, 4), (0xf200_0000, 5), (0x8a00_0000, 7), (0x9a00_0000, 7), (0x9200_0021, 7), (0x9200_0004, 11)]
      as [(UInt64, Int32)])
  func instructionsKillByTheirSignal(esr: UInt64, signal: Int32) {
    guest.pc = 0x40_0002
    guest.enter(esr: esr, far: 0x10)
    #expect(guest.verdict == .killed(signal: signal))
    #expect(guest.kernel.state.lastSignal?.signal == signal)
  }

  /// A signal that an instruction causes kills even if it is ignored or blocked; a signal that was sent does not.
  @Test func causedSignalsCannotBeIgnored() throws {
    install(11, handler: 1)
    guest.call(129, 2, 11)
    #expect(guest.verdict == .resume)
    guest.enter(esr: 0x9200_0004, far: 0x10)
    #expect(guest.verdict == .killed(signal: 11))

    let other = try SignalDeliveryTests()
    other.install(11)
    other.setBlocked(1 << 10)
    other.guest.call(129, 2, 11)
    #expect(other.guest.verdict == .resume)
    #expect(other.guest.pc != Self.handler)
    other.guest.enter(esr: 0x9200_0004, far: 0x10)
    #expect(other.guest.verdict == .killed(signal: 11))
  }

  // MARK: Masks

  @Test func aHandlerRunsWithItsSignalAndMaskBlocked() {
    setBlocked(1 << 40)
    install(10, mask: 1 << 11 | 1 << 8 | 1 << 18)
    guest.call(129, 2, 10)
    // The frame keeps the mask from before. SIGKILL and SIGSTOP are never blocked.
    #expect(guest.word(sp + 168) == 1 << 40)
    let frame = sp
    #expect(blocked == 1 << 40 | 1 << 9 | 1 << 11)
    guest.el1[.SP_EL0] = frame
    guest.call(139)
    #expect(blocked == 1 << 40)
  }

  @Test func NODEFER() {
    install(10, flags: 0x4000_0004)
    guest.call(129, 2, 10)
    let first = sp
    #expect(blocked == 0)
    guest.call(129, 2, 10)
    #expect(sp == first - 16 - 4688)
    #expect(guest.word(sp + 568) == Self.handler)
  }

  @Test func withoutNODEFERTheSecondWaitsForTheReturn() {
    install(10)
    let (pc, before) = (guest.pc, sp)
    guest.call(129, 2, 10)
    let frame = sp
    guest.call(129, 2, 10)
    #expect(sp == frame)
    // The return unblocks it: a second frame at the first's place.
    guest.call(139)
    #expect(guest.pc == Self.handler)
    #expect(sp == frame)
    guest.call(139)
    #expect(guest.pc == pc)
    #expect(sp == before)
    guest.call(136, memory + 48, 8)
    #expect(guest.word(memory + 48) == 0)
  }

  @Test func RESETHAND() {
    install(10, flags: 0x8000_0004)
    guest.call(129, 2, 10)
    #expect(guest.verdict == .resume)
    #expect(guest.call(134, 10, 0, memory + 64, 8) == 0)
    #expect(guest.word(memory + 64) == 0)
    setBlocked(0)
    guest.call(129, 2, 10)
    #expect(guest.verdict == .killed(signal: 10))
  }

  /// rt_sigaction keeps the flags it knows, so that a program can ask which those are.
  @Test func unknownFlagsAreDropped() {
    install(10, flags: ~0, mask: ~0)
    #expect(guest.call(134, 10, 0, memory + 64, 8) == 0)
    #expect(guest.word(memory + 72) == 0xdc00_0807)
    #expect(guest.word(memory + 88) == 0xffff_ffff_fffb_feff)
  }

  // MARK: Pending

  /// Signals that instructions cause come first, then the lowest number. Each frame lies on top of the one before.
  @Test func orderOfPendingSignals() {
    for signal in [10, 11, 12, 40] as [UInt64] { install(signal, handler: 0x40_0000 + signal * 16) }
    setBlocked(~0)
    for signal in [40, 12, 10, 11] as [UInt64] { guest.call(129, 2, signal) }
    guest.call(136, memory + 48, 8)
    // Signals 10, 11, 12 and 40.
    #expect(guest.word(memory + 48) == 0x80_0000_0e00)
    let pc = guest.pc
    setBlocked(0)
    // The signal delivered last is on top.
    var handlers: [UInt64] = [guest.pc]
    var frame = sp
    for _ in 0..<4 {
      handlers.append(guest.word(frame + 568))
      frame = guest.word(frame + 560)
    }
    #expect(handlers == [0x40_0280, 0x40_00c0, 0x40_00a0, 0x40_00b0, pc])
  }

  /// A standard signal is pending once, a real-time signal as often as it was sent.
  @Test(arguments: [(10, 1), (31, 1), (32, 3), (64, 3)] as [(UInt64, Int)]) func queueing(signal: UInt64, times: Int) {
    install(signal)
    setBlocked(~0)
    let (pc, before) = (guest.pc, sp)
    for _ in 0..<3 { #expect(guest.call(129, 2, signal) == 0) }
    setBlocked(0)
    for _ in 0..<times {
      #expect(guest.pc == Self.handler)
      guest.call(139)
    }
    #expect(guest.pc == pc)
    #expect(sp == before)
  }

  @Test func theQueueHasAnEnd() {
    setBlocked(~0)
    for _ in 0..<4096 { #expect(guest.call(129, 2, 40) == 0) }
    #expect(guest.call(129, 2, 40) == EAGAIN)
    #expect(guest.call(129, 2, 10) == 0)
  }

  /// Ignoring a signal removes it from the pending ones.
  @Test func ignoringForgets() {
    setBlocked(~0)
    guest.call(129, 2, 10)
    install(10, handler: 1)
    install(10, handler: 0)
    setBlocked(0)
    #expect(guest.verdict == .resume)
  }
}
