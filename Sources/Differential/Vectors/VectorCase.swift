// Owns one instruction vector before it is run, that is a word and the register values before it, and running many of them.
// It does not know what the results mean, or how files of vectors look.
import Architecture
import Foundation

/// A word and the state before it. Registers that are not named are zero. Memory is the window of `StretchState`.
struct VectorCase {
  var word: UInt32
  var input = StretchState()

  init(_ word: UInt32) { self.word = word }

  /// Sets the low and the high half of a vector register.
  mutating func setVector(_ number: Int, low: UInt64, high: UInt64 = 0) {
    (input.v[2 * number], input.v[2 * number + 1]) = (low, high)
  }
}

extension StretchState {
  /// A vector register as a hexadecimal number.
  func digits(_ number: Int, isPadded: Bool) -> String {
    let (low, high) = (v[2 * number], v[2 * number + 1])
    if isPadded { return bareHexadecimal(high, digits: 16) + bareHexadecimal(low, digits: 16) }
    return high == 0 ? bareHexadecimal(low) : bareHexadecimal(high) + bareHexadecimal(low, digits: 16)
  }
}

/// The emulator whose results are recorded.
struct VectorJudge {
  let emulation: Emulation
  /// The folder for programs, which must exist.
  let folder: URL

  struct Failure: Error, CustomStringConvertible { let description: String }

  /// The state after each case. It throws if a word takes a signal, because the instruction of a vector must execute.
  func run(_ cases: [VectorCase]) throws -> [StretchState] {
    var results: [StretchState] = []
    for start in stride(from: 0, to: cases.count, by: DifferentialRun.batchSize) {
      let batch = cases[start..<min(start + DifferentialRun.batchSize, cases.count)]
      let path = folder.appending(path: "vectors")
      try Data(TestProgram(batch.map(stretch)).bytes).write(to: path)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path.path)
      let output = try emulation.start(path).result()
      if output.count != batch.count * StretchState.size { throw Failure(description: "\(emulation.name) wrote \(output.count) bytes") }
      output.withUnsafeBytes { bytes in
        for index in 0..<batch.count {
          results.append(StretchState(UnsafeRawBufferPointer(rebasing: bytes[index * StretchState.size..<(index + 1) * StretchState.size])))
        }
      }
    }
    for (vector, result) in zip(cases, results) where result.signal(0) != 0 {
      throw Failure(description: "\(bareHexadecimal(vector.word, digits: 8)) takes signal \(result.signal(0)) under \(emulation.name)")
    }
    return results
  }

  private func stretch(_ vector: VectorCase) -> Stretch {
    var input = vector.input
    input.place = TestProgramLayout.address(slot: 0, word: 0)
    return Stretch(words: [vector.word], classes: [0], input: input)
  }
}
