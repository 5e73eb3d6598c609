// Owns how a fuzz test gets its cases: a small fixed number in `make test`, or the number that the environment of `make fuzz`
// gives. It also records the running case, so that the script knows which case crashed.
// It does not know what a case is.
import Foundation

/// A run over numbered cases. A case depends only on the seed and its number, so that a failing case can be run again alone.
public struct FuzzRun {
  private let target: String
  private let seed: UInt64
  private let cases: Range<Int>
  private let deadline: Date?
  private let inputsPerCase: Int
  /// A file for the number of the running case; -1 if none is wanted.
  private let record: Int32

  /// Runs `slice` inputs unless the environment gives another number. A case tries `inputsPerCase` inputs.
  ///
  /// The environment: FUZZ_SEED, FUZZ_COUNT (inputs), FUZZ_FIRST (the first case), FUZZ_CASE (a single case), FUZZ_SECONDS (an end
  /// by time instead), FUZZ_RECORD (a file for the number of the running case).
  public init(_ target: String, slice: Int, inputsPerCase: Int = 1) {
    let environment = ProcessInfo.processInfo.environment
    func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
    self.target = target
    self.inputsPerCase = inputsPerCase
    seed = environment["FUZZ_SEED"].flatMap { UInt64($0) } ?? 1
    let seconds = number("FUZZ_SECONDS")
    deadline = seconds.map { Date(timeIntervalSinceNow: TimeInterval($0)) }
    let count = number("FUZZ_COUNT") ?? (seconds == nil ? slice : .max / 2)
    let first = number("FUZZ_CASE") ?? number("FUZZ_FIRST") ?? 0
    let total = max((count + inputsPerCase - 1) / inputsPerCase, 1)
    cases = number("FUZZ_CASE") != nil ? first..<first + 1 : first..<max(total, first)
    record = environment["FUZZ_RECORD"].map { open($0, O_WRONLY | O_CREAT, 0o644) } ?? -1
  }

  /// Runs every case with its own random numbers. A case that takes over 20 seconds ends the process, as a crash does.
  public func run(_ body: (inout SeededRandom) throws -> Void) rethrows {
    var done = 0
    for number in cases {
      if let deadline, Date() > deadline { break }
      if record >= 0 {
        var line = Array("\(number)\n".utf8)
        pwrite(record, &line, line.count, 0)
        alarm(20)
      }
      var random = SeededRandom(seed: seed &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(number))
      try body(&random)
      done += 1
    }
    if record >= 0 {
      alarm(0)
      close(record)
      print("fuzz \(target): seed \(seed), \(done * inputsPerCase) inputs in \(done) cases from case \(cases.lowerBound)")
    }
  }
}
