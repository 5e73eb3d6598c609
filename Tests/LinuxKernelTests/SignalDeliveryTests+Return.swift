// Owns tests of the return from a handler: what rt_sigreturn restores, and the effect of a broken frame or stack.
// It does not know the frame's bytes beyond those that it breaks on purpose.
import Architecture
import Laboratory
import TestSupport
import Testing

@testable import LinuxKernel
@testable import LinuxMM

extension SignalDeliveryTests {
  @Test func returnRestoresEverything() {
    install(10)
    for n in 0..<31 { guest.el1[x: n] = 0x1111_0000 + UInt64(n) }
    for n in 0..<32 { guest.processor.setVector(n, low: 0x2222_0000 + UInt64(n), high: 0x3333_0000 + UInt64(n)) }
    guest.el1[.FPSR] = 0x0800_0001
    guest.el1[.FPCR] = 0x0300_0000
    guest.el1[.SPSR_EL1] = 0xa000_0000
    let (pc, before) = (guest.pc, sp)
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

  /// A bug: rt_sigreturn once lost the PSTATE fields of features that are switched on: DIT, SSBS and BTYPE.
  @Test(arguments: [true, false]) func returnRestoresFieldsOfFeatures(isThere: Bool) throws {
    var configuration = Guest.small
    configuration.features.dit = isThere
    configuration.features.ssbs = isThere
    configuration.features.bti = isThere
    let tests = try SignalDeliveryTests(configuration)
    tests.install(10)
    tests.guest.call(129, 2, 10)
    tests.guest.write(tests.sp + 576, words: [0x0100_1400])
    tests.guest.call(139)
    #expect(tests.guest.verdict == .resume)
    #expect(tests.guest.processor.pstate.rawValue == (isThere ? 0x0100_1400 : 0))
  }

  /// The program continues with the values that a handler writes into the frame.
  @Test func aHandlerMayEditTheContext() {
    install(10)
    guest.call(129, 2, 10)
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
    // All signals are blocked except SIGKILL and SIGSTOP.
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
    guest.call(129, 2, 10)
    guest.write(sp + offset, words: [word])
    guest.call(139)
    #expect(guest.verdict == .killed(signal: 11), "\(what)")
  }

  /// These changes do not make the frame bad: flags that EL0 may not have are dropped, BTYPE is kept, and records after the end are ignored.
  @Test(
    arguments: [("step bit", 576, 0x20_0000, 0), ("BTYPE", 576, 0xc00, 0xc00), ("behind the end mark", 1128, ~0, 0x1000)]
      as [(String, UInt64, UInt64, UInt64)])
  func oddButValidFrame(what: String, offset: UInt64, word: UInt64, pstate: UInt64) {
    install(10)
    let pc = guest.pc
    guest.call(129, 2, 10)
    guest.write(sp + offset, words: [word])
    guest.call(139)
    #expect(guest.verdict == .resume, "\(what)")
    #expect(guest.pc == pc)
    #expect(guest.processor.pstate.rawValue == pstate)
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
    guest.call(129, 2, 10)
    #expect(guest.verdict == .killed(signal: 11))
  }

  /// With a SIGSEGV handler on another stack the program learns of it there.
  @Test func noRoomForAFrameIsHandledOnTheAlternateStack() {
    install(10)
    install(11, flags: 0x0800_0004)
    guest.write(memory + 64, words: [memory + 0x4000, 0, 0x4000])
    #expect(guest.call(132, memory + 64, 0) == 0)
    guest.el1[.SP_EL0] = 0x1000_0000
    guest.call(129, 2, 10)
    #expect(guest.verdict == .resume)
    #expect(guest.pc == Self.handler)
    #expect(guest.word32(sp) == 11)
    #expect(guest.word32(sp + 8) == 0x80)
  }
}
