// Owns a bare machine whose EL1 is the guest's own, for tests of exceptions: EL1 code, and vectors that spin in place.
// It does not know what any test looks for.
import Architecture
import Machine
import TestSupport

extension BareMachine {
  /// EL1 code at 0xd000 (0x4010_2000), its vectors at 0xe000 (0x4010_3000), both executable at EL1 only. PE 0 stands at the
  /// first instruction of `el1`, with SP_EL1 0x3e00 and SP_EL0 0x3c00, everything masked; `el0` is at 0x1000.
  static func guestEL1(
    _ el1: [UInt32], el0: [UInt32] = [], processors: Int = 1, features: ProcessorFeatures = ProcessorFeatures(), fastTable: Bool = true
  ) throws -> BareMachine {
    let machine = try BareMachine(processors: processors, features: features, fastTable: fastTable)
    machine.put(BareMachine.table + 0x68, 0x0040_0000_4010_2f83)
    machine.put(BareMachine.table + 0x70, 0x0040_0000_4010_3f83)
    machine.put(0x4010_2000, words: el1)
    // Each vector spins in place, so that a run of a few instructions ends at the one that was taken.
    for vector in stride(from: 0, to: 0x800 as UInt64, by: 0x80) { machine.put(0x4010_3000 + vector, words: [0x1400_0000]) }  // b #0
    machine.load(el0)
    for processor in machine.emulator.processors {
      processor.write(.VBAR_EL1, 0xe000)
      processor.pstate = .EL1hMasked
      processor.pc = 0xd000
      processor.sp = 0x3e00  // SP_EL1
      processor.write(.SP_EL0, 0x3c00)
    }
    return machine
  }

  /// Puts PE 0 at EL0, at the start of the code page, with these PSTATE bits.
  func enterEL0(_ pstate: UInt64 = 0) {
    self[0].el1[.SP_EL1] = 0x3e00
    self[0].pstate = ProcessorState(rawValue: pstate)
    self[0].sp = 0x3c00
    self[0].pc = BareMachine.code
  }
}
