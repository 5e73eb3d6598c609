// Owns the cost of a far deadline: a run goes in long stretches, however far a timer is set and however a PE's time differs from
// its count of instructions.
// It does not know when timers interrupt, which InterruptTests checks.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct TimerDeadlineTests {
  private static let counts: [UInt64] = [0, 1, 1000, 1 << 40, 1 << 63, .max - 3]
  private static let comparisons: [UInt64] = [0, 1, 999, 1 << 40, 1 << 63, .max - 2, .max - 1, .max]

  /// The compare value is near 2^64, on a PE whose time is behind or ahead of its count of instructions. The distance neither wraps
  /// nor leads to a run of single steps.
  @Test(arguments: counts) func aCompareValueNearTheEndDoesNotSingleStep(count: UInt64) throws {
    for comparison in Self.comparisons {
      for register in [(SystemRegister.CNTV_CVAL_EL0, SystemRegister.CNTV_CTL_EL0), (.CNTP_CVAL_EL0, .CNTP_CTL_EL0)] {
        let machine = try BareMachine()
        machine.load([0x1400_0000])  // b .
        #expect(machine.run(count: 100) == .instructionLimit)
        let processor = machine[0]
        // The system count is behind by the retired instructions, or ahead by the missing ones.
        processor.systemCount = count
        processor.write(register.0, comparison)
        processor.write(register.1, 1)
        processor.updateTimer()
        let isDue = count >= comparison
        #expect(processor.isPending(.irq) == isDue)
        // A compare value of all ones means never.
        #expect(processor.instructionsToTimer == (isDue || comparison == .max ? .max : comparison - count))
        #expect(processor.timerDeadline == (isDue || comparison == .max ? nil : comparison))
      }
    }
  }
}
