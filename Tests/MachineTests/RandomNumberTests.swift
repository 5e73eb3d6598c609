// Owns FEAT_RNG: RNDR and RNDRRS give numbers that the seed determines, and say so in NZCV. Arm ARM D23.2 RNDR.
// It does not know the generator.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct RandomNumberTests {
  /// MRS X0, RNDR and MRS X0, RNDRRS.
  static let words: [UInt32] = [0xd53b_2400, 0xd53b_2420]

  private func numbers(seed: UInt64, word: UInt32) throws -> [UInt64] {
    let machine = try BareMachine(seed: seed)
    return (0..<4).map { _ in
      let taken = machine.exception(of: word, x0: 0) { $0.write(.NZCV, 0xf << 28) }
      #expect(taken?.esr == 0x5600_0000)
      #expect(taken.map { $0.spsr >> 28 } == 0)
      return machine[0][x: 0]
    }
  }

  @Test(arguments: words) func aSeedDeterminesTheNumbers(word: UInt32) throws {
    let first = try numbers(seed: 1, word: word)
    #expect(Set(first).count == 4)
    #expect(try numbers(seed: 1, word: word) == first)
    #expect(try numbers(seed: 2, word: word) != first)
  }

  @Test(arguments: words) func withoutTheFeature(word: UInt32) throws {
    var features = ProcessorFeatures()
    features.rng = false
    let machine = try BareMachine(features: features)
    #expect(machine[0].read(.ID_AA64ISAR0_EL1)! >> 60 == 0)
    #expect(machine.exception(of: word, x0: 5)?.esr == 0x0200_0000)
    #expect(machine[0][x: 0] == 5)
  }
}
