// Owns the comparison of a machine with itself: random programs must end alike whether stepped or run, with or without fusion and
// the fast table.
// It does not know what any instruction should do.
import Architecture
import TestSupport
import Testing

@testable import Machine

/// Keeps a random program running: after each exception registers get new values, and a PC that left the code is put back into it.
private final class Survivor {
  private(set) var log: [TakenException] = []
  private var random: SeededRandom
  private let processor: Processor

  init(_ processor: Processor, seed: UInt64) {
    self.processor = processor
    random = SeededRandom(seed: seed)
    deal()
  }

  private func deal() {
    for n in 0..<31 {
      processor[x: n] =
        switch random.next() % 8 {
        case 0...4: 0x3000 + random.next() % 0x3000 & ~15
        case 5: random.next() % 64
        case 6: 0x6000 + random.next() % 0x1000 & ~3
        default: random.next()
        }
    }
    processor.sp = 0x3100 + random.next() % 0x1000 & ~15
  }

  /// Runs until exactly `limit` instructions have retired; returns false if too many exceptions came in between.
  func run(until limit: UInt64) -> Bool {
    while log.count < 50_000 {
      switch processor.run(until: limit) {
      case .exceptionTakenToEL1(let vector):
        let taken = TakenException(processor, vector)
        log.append(taken)
        deal()
        let syndrome = ExceptionSyndrome(rawValue: taken.esr)
        let isLost = syndrome.isInstructionAbort || syndrome.exceptionClass == .pcAlignment
        let el1 = processor.el1
        el1[.ELR_EL1] = isLost ? 0x1000 + random.next() % 0x1000 & ~3 : syndrome.exceptionClass == .SVC64 ? taken.elr : taken.elr &+ 4
        el1.exceptionReturn()
      case .instructionLimit: return true
      case .yielded, .exceptionLoop, .breakpoint, .watched, .interrupted, .traceIsHalfFull: break
      }
    }
    return false
  }
}

struct RandomProgramTests {
  /// The fixed bits of each class and their values. The other bits are random.
  private static let classes: [(mask: UInt32, value: UInt32)] = [
    (0x1c00_0000, 0x1000_0000), (0x1f80_0000, 0x1200_0000), (0x0e00_0000, 0x0a00_0000), (0x1fe0_0000, 0x1a80_0000),
    (0x1fe0_0000, 0x1ac0_0000), (0x0a00_0000, 0x0800_0000), (0x3b00_0000, 0x3900_0000), (0xbb20_0c00, 0xb820_0800),
    (0x3b20_0000, 0x3800_0000), (0x3a00_0000, 0x2800_0000), (0x3f20_0c00, 0x3820_0000), (0x3f00_7c00, 0x0800_7c00),
    (0x3fa0_7c00, 0x08a0_7c00), (0x7ee0_fc1f, 0x6a00_001f), (0x7fe0_fc1f, 0x6b00_001f), (0x7f80_0000, 0x7100_0000),
    (0xffff_f010, 0x5400_0000), (0xffff_f010, 0x5400_0000), (0x7eff_f000, 0x3400_0000), (0x7e07_f000, 0x3600_0000),
    (0x7fff_ff00, 0x1400_0000), (0xff9f_fc1f, 0xd61f_0000), (0x9fe0_8400, 0x0e00_0400), (0x3f00_0c00, 0x3d00_0000),
    (0xffdf_0000, 0xd51b_0000), (0xffff_f01f, 0xd503_301f),
  ]

  private static func program(_ random: inout SeededRandom) -> [UInt32] {
    var words: [UInt32] = []
    while words.count < 1024 {
      let (mask, value) = classes[Int(random.next() % UInt64(classes.count))]
      let word = UInt32(truncatingIfNeeded: random.next()) & ~mask | value
      // Half of the conditional branches follow a compare.
      if value == 0x5400_0000 && random.next() & 1 == 0 {
        words.append(UInt32(truncatingIfNeeded: random.next()) & 0x801f_03e0 | 0x6b00_001f)
      }
      words.append(word)
    }
    return Array(words.prefix(1024))
  }

  private struct Ending: Equatable {
    let state: ArchitecturalState
    let log: [TakenException]
    let code: [UInt8]?
  }

  private func ending(seed: UInt64, fastTable: Bool, fusion: Bool, stepped: Bool) throws -> Ending {
    var random = SeededRandom(seed: seed)
    let machine = try BareMachine(fastTable: fastTable, fusion: fusion)
    for pa in [0x4010_0000, 0x4010_1000, 0x4030_0000] as [UInt64] { machine.put(pa, words: Self.program(&random)) }
    for pa in stride(from: BareMachine.dataPA, to: BareMachine.dataPA + 0x4000, by: 8) { machine.put(pa, random.next()) }
    for n in 0..<32 { machine[0].setVector(n, low: random.next(), high: random.next()) }
    let survivor = Survivor(machine[0], seed: seed)
    let length: UInt64 = 3000
    for limit in stepped ? Array(1...length) : [length] { #expect(survivor.run(until: limit)) }
    return Ending(state: ArchitecturalState(machine), log: survivor.log, code: machine.emulator.memory.read(0x4010_1000, count: 4096))
  }

  @Test(arguments: 1...24 as ClosedRange<UInt64>) func everyBuildEndsAlike(seed: UInt64) throws {
    let reference = try ending(seed: seed, fastTable: false, fusion: false, stepped: true)
    #expect(reference.log.count > 10)
    for (fastTable, fusion, stepped) in [(true, true, false), (true, false, false), (false, true, false), (true, true, true)] {
      let other = try ending(seed: seed, fastTable: fastTable, fusion: fusion, stepped: stepped)
      let build = "fast table \(fastTable), fusion \(fusion), stepped \(stepped)"
      #expect(other.log.count == reference.log.count, "\(build)")
      if let index = zip(other.log, reference.log).enumerated().first(where: { $0.element.0 != $0.element.1 }) {
        Issue.record("\(build): exception \(index.offset) is \(index.element.0), not \(index.element.1)")
      }
      #expect(other.state == reference.state, "\(build)")
      #expect(other.code == reference.code, "\(build)")
    }
  }
}
