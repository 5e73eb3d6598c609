// Owns what a reference made of one program of stretches, as digests in a text file: the comparison without the reference.
// It does not know who the reference was.
import Architecture
import Foundation

/// One program's stretches by seed, and a digest of what each of them left.
public struct RecordedRun: Equatable, Sendable {
  public let seed: UInt64
  /// Of the program itself: another one means that the generator has changed, and that the run must be recorded again.
  public let program: UInt64
  /// Of each stretch's registers, signals and memory.
  public let results: [UInt64]

  /// The recorded stretches: all classes in turn.
  static func stretches(seed: UInt64) -> [Stretch] {
    var generator = StretchGenerator(seed: seed, classes: Array(EncodingClass.all.indices))
    return (0..<DifferentialRun.batchSize).map { _ in generator.next() }
  }

  /// Runs the stretches of `seed` under `emulation`; the program is written to `folder`, which exists.
  public init(seed: UInt64, under emulation: Emulation, folder: URL) throws {
    let bytes = TestProgram(Self.stretches(seed: seed)).bytes
    let path = folder.appending(path: "recorded")
    try Data(bytes).write(to: path)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path.path)
    let output = Array(try emulation.start(path).result())
    self.seed = seed
    program = Self.digest(bytes[...])
    results = stride(from: 0, to: output.count, by: StretchState.size).map {
      Self.digest(output[$0..<min($0 + StretchState.size, output.count)])
    }
  }

  /// From the text that `text` gives; nil where it is something else.
  public init?(_ text: String) {
    let numbers = text.split(separator: "\n").map { UInt64($0, radix: 16) }
    guard numbers.count > 2, let seed = numbers[0], let program = numbers[1], !numbers.contains(nil) else { return nil }
    self.seed = seed
    self.program = program
    results = numbers[2...].compactMap { $0 }
  }

  /// Seed, program and results, a hexadecimal number a line.
  public var text: String { ([seed, program] + results).map { bareHexadecimal($0, digits: 16) + "\n" }.joined() }

  /// FNV-1a, 64 bits.
  private static func digest(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
