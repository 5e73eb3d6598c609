// Owns flags as programs see them: every form that sets NZCV, read back by MRS, and every conditional branch, fused or not.
// It does not know the flag operands that travel between handlers.
import TestSupport
import Testing

@testable import Machine

struct FlagInstructionsTests {
  private static let numbers: [UInt64] = [
    0, 1, 2, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_ffff, 0x1_0000_0000, 0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000,
    0xffff_ffff_0000_0000, 0xffff_ffff_ffff_ffff,
  ]

  private struct Form: Sendable {
    let word: UInt32
    let bits: Int
    /// Result in X3, and NZCV, from X1, X2 and the carry before.
    let expected: @Sendable (UInt64, UInt64, UInt64) -> (UInt64, UInt64)
  }

  private static func logical(_ value: UInt64, bits: Int) -> (UInt64, UInt64) {
    let result = bits == 32 ? value & 0xffff_ffff : value
    return (result, (result >> UInt64(bits - 1) & 1) * 8 + (result == 0 ? 4 : 0))
  }

  private static let forms: [Form] = [
    Form(word: 0xab02_0023, bits: 64) { a, b, _ in naiveAdd(a, b, carry: 0, bits: 64) },  // adds x3, x1, x2
    Form(word: 0x2b02_0023, bits: 32) { a, b, _ in naiveAdd(a, b, carry: 0, bits: 32) },  // adds w3, w1, w2
    Form(word: 0xeb02_0023, bits: 64) { a, b, _ in naiveSubtract(a, b, bits: 64) },  // subs x3, x1, x2
    Form(word: 0x6b02_0023, bits: 32) { a, b, _ in naiveSubtract(a, b, bits: 32) },  // subs w3, w1, w2
    Form(word: 0xba02_0023, bits: 64) { a, b, c in naiveAdd(a, b, carry: c, bits: 64) },  // adcs x3, x1, x2
    Form(word: 0x3a02_0023, bits: 32) { a, b, c in naiveAdd(a, b, carry: c, bits: 32) },  // adcs w3, w1, w2
    Form(word: 0xfa02_0023, bits: 64) { a, b, c in naiveSubtract(a, b, carry: c, bits: 64) },  // sbcs x3, x1, x2
    Form(word: 0x7a02_0023, bits: 32) { a, b, c in naiveSubtract(a, b, carry: c, bits: 32) },  // sbcs w3, w1, w2
    Form(word: 0xb13f_fc23, bits: 64) { a, _, _ in naiveAdd(a, 4095, carry: 0, bits: 64) },  // adds x3, x1, #4095
    Form(word: 0x313f_fc23, bits: 32) { a, _, _ in naiveAdd(a, 4095, carry: 0, bits: 32) },  // adds w3, w1, #4095
    Form(word: 0xf100_0423, bits: 64) { a, _, _ in naiveSubtract(a, 1, bits: 64) },  // subs x3, x1, #1
    Form(word: 0x7140_0423, bits: 32) { a, _, _ in naiveSubtract(a, 4096, bits: 32) },  // subs w3, w1, #1, lsl #12 // =4096
    Form(word: 0xab02_1c23, bits: 64) { a, b, _ in naiveAdd(a, b << 7, carry: 0, bits: 64) },  // adds x3, x1, x2, lsl #7
    Form(word: 0x6b42_1423, bits: 32) { a, b, _ in naiveSubtract(a, (b & 0xffff_ffff) >> 5, bits: 32) },  // subs w3, w1, w2, lsr #5
    Form(word: 0xeb22_0823, bits: 64) { a, b, _ in naiveSubtract(a, (b & 0xff) << 2, bits: 64) },  // subs x3, x1, w2, uxtb #2
    Form(word: 0xab22_4023, bits: 64) { a, b, _ in naiveAdd(a, b & 0xffff_ffff, carry: 0, bits: 64) },  // adds x3, x1, w2, uxtw
    Form(word: 0xea02_0023, bits: 64) { a, b, _ in logical(a & b, bits: 64) },  // ands x3, x1, x2
    Form(word: 0x6a02_0023, bits: 32) { a, b, _ in logical(a & b, bits: 32) },  // ands w3, w1, w2
    Form(word: 0xea22_0023, bits: 64) { a, b, _ in logical(a & ~b, bits: 64) },  // bics x3, x1, x2
    Form(word: 0x6a22_0423, bits: 32) { a, b, _ in logical(a & ~(b << 1), bits: 32) },  // bics w3, w1, w2, lsl #1
    Form(word: 0xf204_cc23, bits: 64) { a, _, _ in logical(a & 0xf0f0_f0f0_f0f0_f0f0, bits: 64) },  // ands x3, x1, #0xf0f0f0f0f0f0f0f0
    Form(word: 0x7201_0423, bits: 32) { a, _, _ in logical(a & 0x8000_0001, bits: 32) },  // ands w3, w1, #0x80000001
  ]

  @Test(arguments: [true, false]) func everyFormSetsItsFlags(fusion: Bool) throws {
    let machine = try BareMachine(fusion: fusion)
    for form in Self.forms {
      machine.load([
        0xd51b_4209,  // msr nzcv, x9
        form.word,
        0xd53b_4204,  // mrs x4, nzcv
        0xd400_0001,  // svc #0
      ])
      for a in Self.numbers {
        for b in Self.numbers {
          for carry in [0, 1] as [UInt64] {
            machine[0].pstate = .EL0t
            machine[0].pc = BareMachine.code
            machine[0][x: 1] = a
            machine[0][x: 2] = b
            machine[0][x: 9] = carry << 29 | 0x1000_0000
            #expect(machine.runToException()?.esr == 0x5600_0000)
            let (result, nzcv) = form.expected(a, b, carry)
            #expect(machine[0][x: 3] == result && machine[0][x: 4] == nzcv << 28, "\(String(form.word, radix: 16)) \(a) \(b) \(carry)")
          }
        }
      }
    }
  }

  /// NZCV values for which each condition holds. Arm ARM C1.2.4, written out.
  private static func holds(_ condition: UInt32, _ nzcv: UInt64) -> Bool {
    let (n, z, c, v) = (nzcv & 8 != 0, nzcv & 4 != 0, nzcv & 2 != 0, nzcv & 1 != 0)
    return switch condition {
    case 0: z
    case 1: !z
    case 2: c
    case 3: !c
    case 4: n
    case 5: !n
    case 6: v
    case 7: !v
    case 8: c && !z
    case 9: !c || z
    case 10: n == v
    case 11: n != v
    case 12: !z && n == v
    case 13: z || n != v
    default: true
    }
  }

  /// Every condition behind every compare, in a page of 64 pairs, with the destination written or not.
  @Test(arguments: [true, false]) func everyCompareAndBranch(fusion: Bool) throws {
    let compares: [(UInt32, (UInt64, UInt64) -> (UInt64, UInt64))] = [
      (0xeb02_0023, { naiveSubtract($0, $1, bits: 64) }),  // subs x3, x1, x2
      (0x6b02_0023, { naiveSubtract($0, $1, bits: 32) }),  // subs w3, w1, w2
      (0xf100_0823, { a, _ in naiveSubtract(a, 2, bits: 64) }),  // subs x3, x1, #2
      (0x7100_0823, { a, _ in naiveSubtract(a, 2, bits: 32) }),  // subs w3, w1, #2
      (0xf140_3c23, { a, _ in naiveSubtract(a, 0xf000, bits: 64) }),  // subs x3, x1, #15, lsl #12 // =61440
      (0x7140_4023, { a, _ in naiveSubtract(a, 0x10000, bits: 32) }),  // subs w3, w1, #16, lsl #12 // =65536
      (0xab02_0023, { naiveAdd($0, $1, carry: 0, bits: 64) }),  // adds x3, x1, x2
    ]
    for (compare, expected) in compares {
      let machine = try BareMachine(fusion: fusion)
      // b.cond #12 is 0x5400_0060 with the condition in bits 3:0.
      for condition in 0..<16 as Range<UInt32> {
        machine.put(
          BareMachine.codePA + UInt64(condition) * 32,
          // b.eq #12; mrs x4, NZCV; svc #0; svc #0x1
          // b.eq #12; mrs x4, NZCV; svc #0; svc #0x1
          words: [compare, 0x5400_0060 | condition, 0xd53b_4204, 0xd400_0001, 0xd53b_4204, 0xd400_0021])
      }
      for a in Self.numbers {
        for b in Self.numbers {
          for condition in 0..<16 as Range<UInt32> {
            machine[0].pstate = .EL0t
            machine[0].pc = BareMachine.code + UInt64(condition) * 32
            machine[0][x: 1] = a
            machine[0][x: 2] = b
            let taken = machine.runToException()
            let (result, nzcv) = expected(a, b)
            let isTaken = Self.holds(condition, nzcv)
            #expect(
              taken?.esr == (isTaken ? 0x5600_0001 : 0x5600_0000) && machine[0][x: 3] == result && machine[0][x: 4] == nzcv << 28,
              "\(String(compare, radix: 16)), condition \(condition), \(a), \(b)")
          }
        }
      }
    }
  }
}
