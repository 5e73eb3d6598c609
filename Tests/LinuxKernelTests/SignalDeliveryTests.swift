// Owns when a signal is delivered, to whom the way back leads, and whom it kills.
// It does not know the frame's bytes beyond those it breaks on purpose.
import Architecture
import Laboratory
import TestSupport
import Testing

@testable import LinuxKernel
@testable import LinuxMM

struct SignalDeliveryTests {
  private static let handler: UInt64 = 0x40_1230
  let guest: Guest
  let memory: UInt64
  init() throws {
    guest = try Guest.idle()
    memory = guest.memory(pages: 16)
  }

  private func install(_ signal: UInt64, flags: UInt64 = 4, mask: UInt64 = 0, handler: UInt64 = handler) {
    guest.write(memory, words: [handler, flags, 0, mask])
    #expect(guest.call(134, signal, memory, 0, 8) == 0)
  }
  private var blocked: UInt64 {
    #expect(guest.call(135, 0, 0, memory + 32, 8) == 0)
    return guest.word(memory + 32)
  }
  /// What that lets through is delivered on the way back: X0 is a handler's argument then.
  private func setBlocked(_ mask: UInt64) {
    guest.write(memory + 40, words: [mask])
    guest.call(135, 2, memory + 40, 0, 8)
  }
  private var sp: UInt64 { guest.el1[.SP_EL0] }

  // MARK: Default actions

  @Test(arguments: 1...64 as ClosedRange<UInt64>) func defaultAction(signal: UInt64) {
    guest.call(129, 1, signal)
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

  /// Ignored or blocked, what an instruction causes kills all the same; what is sent does not.
  @Test func causedSignalsCannotBeIgnored() throws {
    install(11, handler: 1)
    guest.call(129, 1, 11)
    #expect(guest.verdict == .resume)
    guest.enter(esr: 0x9200_0004, far: 0x10)
    #expect(guest.verdict == .killed(signal: 11))

    let other = try SignalDeliveryTests()
    other.install(11)
    other.setBlocked(1 << 10)
    other.guest.call(129, 1, 11)
    #expect(other.guest.verdict == .resume)
    #expect(other.guest.pc != Self.handler)
    other.guest.enter(esr: 0x9200_0004, far: 0x10)
    #expect(other.guest.verdict == .killed(signal: 11))
  }

  // MARK: Masks

  @Test func aHandlerRunsWithItsSignalAndMaskBlocked() {
    setBlocked(1 << 40)
    install(10, mask: 1 << 11 | 1 << 8 | 1 << 18)
    guest.call(129, 1, 10)
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
    guest.call(129, 1, 10)
    let first = sp
    #expect(blocked == 0)
    guest.call(129, 1, 10)
    #expect(sp == first - 16 - 4688)
    #expect(guest.word(sp + 568) == Self.handler)
  }

  @Test func withoutNODEFERTheSecondWaitsForTheReturn() {
    install(10)
    let (pc, before) = (guest.pc, sp)
    guest.call(129, 1, 10)
    let frame = sp
    guest.call(129, 1, 10)
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
    guest.call(129, 1, 10)
    #expect(guest.verdict == .resume)
    #expect(guest.call(134, 10, 0, memory + 64, 8) == 0)
    #expect(guest.word(memory + 64) == 0)
    setBlocked(0)
    guest.call(129, 1, 10)
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

  /// What instructions cause comes first, then the lowest number; each frame lies on top of the one before.
  @Test func orderOfPendingSignals() {
    for signal in [10, 11, 12, 40] as [UInt64] { install(signal, handler: 0x40_0000 + signal * 16) }
    setBlocked(~0)
    for signal in [40, 12, 10, 11] as [UInt64] { guest.call(129, 1, signal) }
    guest.call(136, memory + 48, 8)
    // Signals 10, 11, 12 and 40.
    #expect(guest.word(memory + 48) == 0x80_0000_0e00)
    let pc = guest.pc
    setBlocked(0)
    // On top is the one delivered last.
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
    for _ in 0..<3 { #expect(guest.call(129, 1, signal) == 0) }
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
    for _ in 0..<4096 { #expect(guest.call(129, 1, 40) == 0) }
    #expect(guest.call(129, 1, 40) == EAGAIN)
    #expect(guest.call(129, 1, 10) == 0)
  }

  /// Setting a signal to be ignored forgets those that are pending.
  @Test func ignoringForgets() {
    setBlocked(~0)
    guest.call(129, 1, 10)
    install(10, handler: 1)
    install(10, handler: 0)
    setBlocked(0)
    #expect(guest.verdict == .resume)
  }

  // MARK: The way back

  @Test func returnRestoresEverything() {
    install(10)
    for n in 0..<31 { guest.el1[x: n] = 0x1111_0000 + UInt64(n) }
    for n in 0..<32 { guest.processor.setVector(n, low: 0x2222_0000 + UInt64(n), high: 0x3333_0000 + UInt64(n)) }
    guest.el1[.FPSR] = 0x0800_0001
    guest.el1[.FPCR] = 0x0300_0000
    guest.el1[.SPSR_EL1] = 0xa000_0000
    let (pc, before) = (guest.pc, sp)
    guest.enter(esr: 0x9200_0004, far: 0x10)
    #expect(guest.verdict == .killed(signal: 11))
    // The same with a handler.
    guest.kernel.state.verdict = nil
    install(11)
    for n in 0..<31 { guest.el1[x: n] = 0x1111_0000 + UInt64(n) }
    guest.el1[.SPSR_EL1] = 0xa000_0000
    guest.enter(esr: 0x9200_0004, far: 0x10)
    #expect(guest.pc == Self.handler)
    for n in 0..<31 { guest.el1[x: n] = ~UInt64(n) }
    for n in 0..<32 { guest.processor.setVector(n, low: 1, high: 2) }
    guest.el1[.FPSR] = 0
    guest.el1[.FPCR] = 0
    guest.el1[.SPSR_EL1] = 0x5000_0000
    guest.el1[x: 8] = 139
    guest.enter(esr: 0x5600_0000)
    #expect(guest.verdict == .resume)
    for n in 0..<31 { #expect(guest.el1[x: n] == 0x1111_0000 + UInt64(n)) }
    for n in 0..<32 {
      #expect(guest.processor.vector(n) == (0x2222_0000 + UInt64(n), 0x3333_0000 + UInt64(n)))
    }
    #expect(guest.el1[.FPSR] == 0x0800_0001)
    #expect(guest.el1[.FPCR] == 0x0300_0000)
    #expect(guest.processor.pstate.rawValue == 0xa000_0000)
    #expect(guest.pc == pc)
    #expect(sp == before)
  }

  /// What a handler writes into the frame is what goes on.
  @Test func aHandlerMayEditTheContext() {
    install(10)
    guest.call(129, 1, 10)
    let frame = sp
    guest.write(frame + 312, words: [77])
    guest.write(frame + 560, words: [memory + 0x1000, 0x40_0040, 0x6000_0000])
    guest.write(frame + 608, words: [5])
    guest.write(frame + 168, words: [~0])
    guest.call(139)
    #expect(guest.el1[x: 0] == 77)
    #expect(sp == memory + 0x1000)
    #expect(guest.pc == 0x40_0040)
    #expect(guest.processor.pstate.nzcv == 6)
    #expect(guest.processor.vector(0).low == 5)
    // All but SIGKILL and SIGSTOP.
    #expect(blocked == 0xffff_ffff_fffb_feff)
  }

  /// How a frame is broken: offset from its start and the word that goes there.
  static let broken: [(String, UInt64, UInt64)] = [
    ("no record at all", 592, 0), ("FPSIMD magic", 592, 528 << 32 | 0x4650_8002), ("FPSIMD size", 592, 527 << 32 | 0x4650_8001),
    ("FPSIMD size 0", 592, 0x4650_8001), ("FPSIMD size beyond the frame", 592, 8192 << 32 | 0x4650_8001),
    ("FPSIMD twice", 1120, 528 << 32 | 0x4650_8001), ("end mark with a size", 1120, 16 << 32), ("unknown record", 1120, 16 << 32 | 0x1234),
    ("record size 4", 1120, 4 << 32 | 0x4553_5201), ("record that does not end on 16", 1120, 24 << 32 | 0x4553_5201),
    ("EL1h", 576, 5), ("EL1t", 576, 4), ("EL2h", 576, 9), ("AArch32", 576, 0x10), ("masked interrupts", 576, 0x80),
    ("masked debug", 576, 0x200),
    ("EXTRA without a place", 1120, 32 << 32 | 0x4558_5401),
  ]

  @Test(arguments: broken) func brokenFrameIsASegmentationFault(what: String, offset: UInt64, word: UInt64) {
    install(10)
    guest.call(129, 1, 10)
    guest.write(sp + offset, words: [word])
    guest.call(139)
    #expect(guest.verdict == .killed(signal: 11), "\(what)")
  }

  /// Nothing of these makes the frame bad: flags that EL0 may not have are dropped, records after the end are not looked at.
  @Test(arguments: [("step bit and BTYPE", 576, 0x20_0c00), ("behind the end mark", 1128, ~0)] as [(String, UInt64, UInt64)])
  func oddButValidFrame(what: String, offset: UInt64, word: UInt64) {
    install(10)
    let pc = guest.pc
    guest.call(129, 1, 10)
    guest.write(sp + offset, words: [word])
    guest.call(139)
    #expect(guest.verdict == .resume, "\(what)")
    #expect(guest.pc == pc)
    #expect(guest.processor.pstate.rawValue == 0)
  }

  @Test(arguments: [0, 8, 0x1000_0000, 0xffff_ffff_ff00, 0xffff_8000_0000_0000, ~15] as [UInt64])
  func aStackPointerWithoutAFrame(sp: UInt64) {
    guest.el1[.SP_EL0] = sp
    guest.call(139)
    #expect(guest.verdict == .killed(signal: 11))
  }

  /// The SIGSEGV of a broken frame can be handled, on another stack: si_addr is the stack pointer, and there is no ESR record.
  @Test func aHandlerLearnsOfABrokenFrame() {
    install(11, flags: 0x0800_0004)
    guest.write(memory + 64, words: [memory + 0x4000, 0, 0x4000])
    #expect(guest.call(132, memory + 64, 0) == 0)
    guest.enter(esr: 0x9200_0004, far: 0x10)
    guest.call(139)
    guest.el1[.SP_EL0] = memory + 0x1008
    guest.call(139)
    #expect(guest.verdict == .resume)
    #expect(guest.pc == Self.handler)
    #expect(guest.word(sp + 16) == memory + 0x1008)
    #expect(guest.word32(sp + 8) == 2)
    #expect(guest.word(sp + 304) == 0)
    #expect(guest.word(sp + 1120) == 0)
  }

  // MARK: No room for a frame

  @Test(arguments: [0x1000_0000, 64, 0, 0xffff_8000_0000_0000] as [UInt64]) func noRoomForAFrame(sp: UInt64) {
    install(10)
    guest.el1[.SP_EL0] = sp
    guest.call(129, 1, 10)
    #expect(guest.verdict == .killed(signal: 11))
  }

  /// With a SIGSEGV handler on another stack the program learns of it there.
  @Test func noRoomForAFrameIsHandledOnTheAlternateStack() {
    install(10)
    install(11, flags: 0x0800_0004)
    guest.write(memory + 64, words: [memory + 0x4000, 0, 0x4000])
    #expect(guest.call(132, memory + 64, 0) == 0)
    guest.el1[.SP_EL0] = 0x1000_0000
    guest.call(129, 1, 10)
    #expect(guest.verdict == .resume)
    #expect(guest.pc == Self.handler)
    #expect(guest.word32(sp) == 11)
    #expect(guest.word32(sp + 8) == 0x80)
  }

  // MARK: Whole programs

  /// A handler skips the faulting load; what it did to X19 is undone by the return through the trampoline.
  @Test(arguments: [true, false]) func aProgramHandlesItsOwnFault(usesFastTable: Bool) throws {
    var configuration = Guest.small
    configuration.usesFastTable = usesFastTable
    configuration.usesFusion = usesFastTable
    let (stop, guest) = try run(
      TinyELF([
        0xd101_03ff,  // sub sp, sp, #64
        0x1000_0220,  // adr x0, 1f
        0xf900_03e0,  // str x0, [sp]
        0xd280_0081,  // mov x1, #4
        0xf900_07e1,  // str x1, [sp, #8]
        0xa901_7fff,  // stp xzr, xzr, [sp, #16]
        0xd280_0160,  // mov x0, #11
        0x9100_03e1,  // mov x1, sp
        0xd280_0002,  // mov x2, #0
        0xd280_0103,  // mov x3, #8
        0xd280_10c8,  // mov x8, #134
        0xd400_0001,  // svc #0
        0xd280_09b3,  // mov x19, #77
        0xd280_0004,  // mov x4, #0
        0xf940_0085,  // ldr x5, [x4]
        0xaa13_03e0,  // mov x0, x19
        0xd280_0ba8,  // mov x8, #93
        0xd400_0001,  // svc #0
        0xf940_dc43,  // 1: ldr x3, [x2, #440]
        0x9100_1063,  // add x3, x3, #4
        0xf900_dc43,  // str x3, [x2, #440]
        0xd280_0033,  // mov x19, #1
        0xd65f_03c0,  // ret
      ]), configuration: configuration)
    #expect(stop == .exited(77))
    #expect(guest.kernel.state.lastSignal?.signal == 11)
  }

  @Test(
    arguments: [
      ([0x0000_0000], 4),  // udf #0
      ([0xd420_0000], 5),  // brk #0
      ([0xd280_0040, 0xd61f_0000], 7),  // mov x0, #2; br x0
      ([0x9100_23ff, 0xf940_03e1], 7),  // add sp, sp, #8; ldr x1, [sp]
      ([0xd280_0000, 0xf940_0002], 11),  // mov x0, #0; ldr x2, [x0]
      ([0xd280_0000, 0xd61f_0000], 11),  // mov x0, #0; br x0
      ([0xd538_1020], 4),  // mrs x0, actlr_el1
      ([0x1000_0000, 0xf900_001f], 11),  // adr x0, .; str xzr, [x0]
      ([0xd280_0020, 0xd280_0101, 0xd280_1028, 0xd400_0001], 8),  // mov x0, #1; mov x1, #8; mov x8, #129; svc #0
      ([0xd2ff_ffe0, 0xf940_0002], 11),  // mov x0, #0xffff000000000000; ldr x2, [x0]
    ] as [([UInt32], Int32)]) func programsDieByTheRightSignal(words: [UInt32], signal: Int32) throws
  {
    for profile in KernelProfile.all {
      var configuration = Guest.small
      configuration.kernel = profile
      #expect(try run(TinyELF(words), configuration: configuration).stop == .killed(signal))
    }
  }

  /// Identification registers are emulated for EL0, with FEAT_IDST and without.
  @Test(arguments: [true, false]) func identificationRegistersCanBeRead(idst: Bool) throws {
    var configuration = Guest.small
    configuration.features.idst = idst
    let (stop, guest) = try run(
      TinyELF([
        0xd538_0000,  // mrs x0, midr_el1
        0xaa00_03e1,  // mov x1, x0
        0xd538_0600,  // mrs x0, id_aa64isar0_el1
        0xaa00_03e2,  // mov x2, x0
        0xd538_0740,  // mrs x0, id_aa64mmfr2_el1
        0xd280_0000,  // mov x0, #0
        0xd280_0ba8,  // mov x8, #93
        0xd400_0001,  // svc #0
      ]), configuration: configuration)
    #expect(stop == .exited(0))
    #expect(guest.processor[x: 1] == guest.processor.read(.MIDR_EL1))
    #expect(guest.processor[x: 2] == guest.processor.read(.ID_AA64ISAR0_EL1))
    #expect(guest.processor[x: 2] >> 20 & 15 == 2)
  }
}
