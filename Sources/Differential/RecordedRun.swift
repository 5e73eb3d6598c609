// Owns a reference's results for one program of stretches, as digests in a text file, for a comparison without the reference.
// It does not know which emulator the reference was.
import Architecture
import Foundation

/// The stretches of one program, given by a seed, and a digest of each stretch's result.
public struct RecordedRun: Equatable, Sendable {
  public let seed: UInt64
  /// The digest of the program itself. If it differs, the generator has changed and the run must be recorded again.
  public let program: UInt64
  /// A digest for each stretch, over registers, signals and memory.
  public let results: [UInt64]

  /// The recorded stretches, which use all classes in turn.
  static func stretches(seed: UInt64) -> [Stretch] {
    var generator = StretchGenerator(seed: seed, classes: Array(EncodingClass.all.indices))
    return (0..<DifferentialRun.batchSize).map { _ in generator.next() }
  }

  /// Runs the stretches of `seed` under `emulation`. The program is written to `folder`, which must exist.
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

  /// Reads a text that `text` has written; nil if it is something else.
  public init?(_ text: String) {
    let numbers = text.split(separator: "\n").map { UInt64($0, radix: 16) }
    guard numbers.count > 2, let seed = numbers[0], let program = numbers[1], !numbers.contains(nil) else { return nil }
    self.seed = seed
    self.program = program
    results = numbers[2...].compactMap { $0 }
  }

  /// Seed, program and results as hexadecimal numbers, one on each line.
  public var text: String { ([seed, program] + results).map { bareHexadecimal($0, digits: 16) + "\n" }.joined() }

  /// The digest of bytes: FNV-1a, 64 bits.
  private static func digest(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
