// Owns running stretches under two emulators and finding those that end differently.
// It does not know the reason of a difference.
import Foundation

/// A stretch that ends differently under the two emulators.
struct Difference {
  let index: Int
  /// The result of each side; nil if the emulator did not survive the stretch.
  let ours: StretchState?
  let theirs: StretchState?
  let failure: String?
}

/// The two emulators to compare.
struct Comparison {
  let ours: Emulation
  let theirs: Emulation
  /// The folder for programs and their results.
  let folder: URL

  /// The outcome of a batch: the differences, and the reference's signals in each stretch.
  struct Result {
    var differences: [Difference] = []
    var signals: [UInt64] = []
  }

  /// Runs the stretches as one program. If an emulator does not survive it, each half is run alone.
  func run(_ stretches: [Stretch]) throws -> Result {
    if stretches.isEmpty { return Result() }
    let path = folder.appending(path: "program")
    try Data(TestProgram(stretches).bytes).write(to: path)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path.path)
    let running = try [ours, theirs].map { try $0.start(path) }
    var results: [Data] = []
    var failure: String?
    for process in running {
      do { results.append(try process.result()) } catch { failure = "\(error)" }
    }
    let size = stretches.count * StretchState.size
    if failure == nil, let wrong = zip(running, results).first(where: { $0.1.count != size }) {
      failure = "\(wrong.0.emulation.name) wrote \(wrong.1.count) bytes of \(size)"
    }
    if let failure {
      if stretches.count == 1 { return Result(differences: [Difference(index: 0, ours: nil, theirs: nil, failure: failure)], signals: [0]) }
      let middle = stretches.count / 2
      var first = try run(Array(stretches[..<middle]))
      let second = try run(Array(stretches[middle...]))
      first.differences += second.differences.map { .init(index: $0.index + middle, ours: $0.ours, theirs: $0.theirs, failure: $0.failure) }
      first.signals += second.signals
      return first
    }
    return compare(results[0], results[1], count: stretches.count)
  }

  private func compare(_ ours: Data, _ theirs: Data, count: Int) -> Result {
    ours.withUnsafeBytes { ours in
      theirs.withUnsafeBytes { theirs in
        var result = Result()
        let size = StretchState.size
        for index in 0..<count {
          let mine = UnsafeRawBufferPointer(rebasing: ours[index * size..<(index + 1) * size])
          let other = UnsafeRawBufferPointer(rebasing: theirs[index * size..<(index + 1) * size])
          result.signals.append(UInt64(littleEndian: other.loadUnaligned(fromByteOffset: StretchState.controlOffset + 24, as: UInt64.self)))
          if memcmp(mine.baseAddress!, other.baseAddress!, size) != 0 {
            result.differences.append(Difference(index: index, ours: StretchState(mine), theirs: StretchState(other), failure: nil))
          }
        }
        return result
      }
    }
  }
}
