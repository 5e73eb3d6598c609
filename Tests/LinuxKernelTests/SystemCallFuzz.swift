// Owns random sequences of system calls with hostile arguments: each gets an answer, the host never crashes, and the state stays
// sound.
// It does not know which answer is right.
import Architecture
import TestSupport
import Testing

@testable import LinuxKernel
@testable import LinuxMM

@Suite struct SystemCallFuzz {
  /// The calls to choose from: all except those that end the program.
  private static let calls = (0..<512 as Range<UInt64>).filter { SystemCallTable.byNumber[Int($0)] != nil && $0 != 93 && $0 != 94 }
  /// Calls that change mappings and files have the most state, so they are chosen as often as all others together.
  private static let frequent: [UInt64] = [215, 216, 222, 226, 228, 233, 220, 56, 57, 63, 64, 67, 46, 47, 279, 285, 71, 232, 227, 29]
  private static let texts = [
    "/", "/proc/self/maps", "/proc/self/smaps", "/proc/self/exe", "/a", "a/b", "../..", "/proc/sys/vm/nr_hugepages", "x",
  ]

  private struct Arguments {
    let places: [UInt64]
    func pick(_ random: inout SeededRandom) -> UInt64 {
      switch random.below(8) {
      case 0: return random.next() >> random.below(64)
      case 1: return random.below(16)
      case 2: return (1 + random.below(64)) << 12
      case 3, 4: return places[Int(random.below(UInt64(places.count)))] &+ (random.chance(1, in: 4) ? random.below(4096) : 0)
      case 5: return places[0] &+ random.below(64) << 12
      default:
        let values: [UInt64] = [
          0, 1, 2, 3, 8, 9, ~0, ~99, 1 << 63, (1 << 63) - 1, 1 << 48, (1 << 48) - 1, 0xffff_0000_0000_0000, 0x7fff_ffff, 0x8000_0000,
          0xffff_ffff, 0x22, 0x32, 0x8022, 0x40022, 0x101, 0x11, 512 << 12, 1 << 21, 1 << 30,
        ]
        return values[Int(random.below(UInt64(values.count)))]
      }
    }
  }

  /// A program that never runs, with memory, texts and words as arguments.
  private static func start(_ random: inout SeededRandom) throws -> (guest: Guest, arguments: Arguments) {
    var configuration = Guest.small
    configuration.kernel = KernelProfile.all[Int(random.below(UInt64(KernelProfile.all.count)))]
    configuration.hugePages = random.chance(1, in: 2) ? .always : .never
    let guest = try Guest.idle(configuration, input: Array("input".utf8))
    let memory = guest.memory(pages: 8)
    for (index, text) in texts.enumerated() { guest.write(memory + UInt64(index) * 256, Array(text.utf8) + [0]) }
    guest.write(memory + 4096, words: (0..<64).map { _ in random.chance(1, in: 2) ? memory : random.below(4096) })
    let places =
      [memory] + texts.indices.map { memory + UInt64($0) * 256 } + [
        memory + 4096, memory + 8192, memory + 32768 - 8, 0x40_0000, guest.el1[.SP_EL0], 0x5a00_0000_0000_0000 | memory,
      ]
    return (guest, Arguments(places: places))
  }

  /// Makes 64 calls. If the program ends, or waits for ever, a new one takes its place.
  @Test func calls() throws {
    try FuzzRun("calls", slice: 40_000, inputsPerCase: 64).run { random in
      var (guest, arguments) = try Self.start(&random)
      for _ in 0..<64 {
        let table = random.chance(1, in: 2) ? Self.frequent : Self.calls
        let number = table[Int(random.below(UInt64(table.count)))]
        let values = (0..<6).map { _ in arguments.pick(&random) }
        guest.call(number, values[0], values[1], values[2], values[3], values[4], values[5])
        try #require(!guest.el1.holdsAnyLock, "call \(number) \(values) keeps a lock")
        if guest.verdict != .resume { (guest, arguments) = try Self.start(&random) }
      }
      try #require(guest.kernel.mm.checkInvariants(guest.el1) == [])
    }
  }
}
