// Owns a whole run: batches of stretches until a given number of words has been tried, and the findings by class.
// It does not know how a report looks.
import Foundation

/// What to run.
public struct DifferentialConfiguration: Sendable {
  public var seed: UInt64 = 1
  /// The number of words to try.
  public var count = Self.defaultCount
  /// The names of the classes to draw from; empty means all classes.
  public var classes: [String] = []
  /// How many mismatches of each class are shrunk and kept.
  public var examples = 3
  public var ours: Emulation
  public var theirs: Emulation
  /// The folder for programs, which is created, and removed at the end.
  public var folder: URL

  public static let defaultCount = 1_000_000
  /// In a run of the default length, a class with fewer words counts as not tested.
  public static let leastTried = 100

  public init(ours: Emulation, theirs: Emulation, folder: URL) {
    self.ours = ours
    self.theirs = theirs
    self.folder = folder
  }
}

/// The outcome for the words of one class.
public struct ClassTally: Sendable {
  public let name: String
  public var tried = 0
  /// Words that were drawn and excluded.
  public var skipped = 0
  /// Words that are UNDEFINED under the reference.
  public var undefined = 0
  public var mismatches = 0
}

/// The outcome of a run.
public struct DifferentialResult: Sendable {
  public var tallies: [ClassTally]
  public var examples: [Mismatch] = []
  /// The number of differences that did not happen again.
  public var vanished = 0
  public var tried: Int { tallies.reduce(0) { $0 + $1.tried } }
  public var mismatches: Int { tallies.reduce(vanished) { $0 + $1.mismatches } }
}

public struct DifferentialRun {
  /// The number of stretches in one program.
  static let batchSize = 2048

  let configuration: DifferentialConfiguration

  public init(_ configuration: DifferentialConfiguration) { self.configuration = configuration }

  /// Runs to the end. `progress` gets the numbers of words tried and of mismatches so far. It throws if an emulator cannot be
  /// started.
  public func run(progress: (Int, Int) -> Void = { _, _ in }) throws -> DifferentialResult {
    let all = EncodingClass.all
    let indices = all.indices.filter { configuration.classes.isEmpty || configuration.classes.contains(all[$0].name) }
    var generator = StretchGenerator(seed: configuration.seed, classes: Array(indices))
    var result = DifferentialResult(tallies: all.map { ClassTally(name: $0.name) })
    var shown = [Set<UInt32>](repeating: [], count: all.count)
    try FileManager.default.createDirectory(at: configuration.folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: configuration.folder) }
    let comparison = Comparison(ours: configuration.ours, theirs: configuration.theirs, folder: configuration.folder)
    let shrinker = Shrinker(comparison: comparison, batchSize: Self.batchSize)
    var tried = 0
    while tried < configuration.count {
      var stretches: [Stretch] = []
      while stretches.count < Self.batchSize && tried < configuration.count {
        stretches.append(generator.next())
        tried += stretches.last!.words.count
      }
      let outcome = try comparison.run(stretches)
      for (stretch, signals) in zip(stretches, outcome.signals) where signals != 0 {
        for (index, kind) in stretch.classes.enumerated() where signals >> UInt64(8 * index) & 0xff == 4 {
          result.tallies[kind].undefined += 1
        }
      }
      for found in try shrinker.shrink(outcome.differences.map { stretches[$0.index] }) {
        if found.isEmpty { result.vanished += 1 }
        for mismatch in found {
          let kind = mismatch.stretch.classes[mismatch.words.last!]
          result.tallies[kind].mismatches += 1
          // One example of each instruction is kept. The key leaves out the bits that are registers or immediates in most
          // encodings.
          let key = mismatch.stretch.words[mismatch.words.last!] & 0xffe0_fc00
          if shown[kind].count < configuration.examples, shown[kind].insert(key).inserted {
            result.examples.append(try shrinker.reduceOperands(mismatch))
          }
        }
      }
      progress(tried, result.mismatches)
    }
    for index in indices {
      result.tallies[index].tried = generator.tried[index]
      result.tallies[index].skipped = generator.skipped[index]
    }
    result.tallies = indices.map { result.tallies[$0] }
    return result
  }
}
