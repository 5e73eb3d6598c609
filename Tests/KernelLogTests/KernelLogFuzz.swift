// Owns random logs: recorded lines that are cut, joined, repeated and overwritten. Each is read and explained.
// It does not know which explanation is right.
import KernelLog
import TestSupport
import Testing

@Suite struct KernelLogFuzz {
  private static func lines() throws -> [[UInt8]] {
    try OopsFixture.all.flatMap { [UInt8](try OopsFixture.log($0).utf8).split(separator: 0x0a).map(Array.init) }
      + OldSpellings.log.utf8.split(separator: 0x0a).map(Array.init)
  }

  /// One line, changed in one of the ways in which logs arrive damaged, or by noise.
  private static func damaged(_ line: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
    var line = line
    for _ in 0..<random.below(4) where !line.isEmpty {
      let place = Int(random.below(UInt64(line.count)))
      switch random.below(6) {
      case 0: line[place] = UInt8(truncatingIfNeeded: random.next())
      case 1: line.removeSubrange(place...)
      case 2: line.insert(contentsOf: Array("ffffffffffffffff".utf8).prefix(Int(random.below(17))), at: place)
      case 3: line.insert(contentsOf: line.prefix(Int(random.below(40))), at: place)
      case 4: line[place] = Array("0123456789abcdefx[](),:=<>. \t".utf8)[Int(random.below(29))]
      default: line.removeFirst(place)
      }
    }
    return line
  }

  @Test func logs() throws {
    let lines = try Self.lines()
    try FuzzRun("logs", slice: 20_000, inputsPerCase: 20).run { random in
      var log: [UInt8] = []
      // Mostly neighbours, so that reports are whole except for the damage.
      var place = Int(random.below(UInt64(lines.count)))
      for _ in 0..<20 {
        log += Self.damaged(lines[place], &random) + (random.chance(1, in: 30) ? [] : [0x0a])
        place = random.chance(1, in: 6) ? Int(random.below(UInt64(lines.count))) : (place + 1) % lines.count
      }
      for report in KernelLogReader.reports(in: log) {
        let lines = OopsExplanation(report).lines
        try #require(!lines.isEmpty && !lines.contains { $0.contains("\n") })
      }
    }
  }
}
