// Owns the promise that a run is a function of program, configuration and seed.
// It does not know the right results, which golden files have.
import Architecture
import Debugging
import Laboratory
import TestSupport
import Testing

@Suite struct DeterminismTests {
  /// Everything that a program can see, and what its run cost.
  struct Summary: Equatable {
    let stop: StopReason
    let output: String
    let instructions: UInt64
    let registers: [UInt64]
    let counts: [UInt64]

    init(_ program: String, _ arguments: [String] = [], _ configuration: SessionConfiguration = SessionConfiguration()) throws {
      let run = try Run(program, arguments, configuration)
      stop = run.stop
      output = run.output
      instructions = run.session.processor.instructionsRetired
      registers = (0..<31).map { run.session.processor.el1[x: $0] } + [run.session.processor.pc]
      let statistics = run.session.processor.statistics
      counts = [statistics.instructions] + statistics.exceptions + statistics.dataAborts + statistics.instructionAborts
    }
  }

  static let programs = ["examples/hello", "examples/segv_esr", "examples/force_write", "oracle/esr_matrix", "oracle/pretouch"]

  @Test(arguments: programs) func twoRunsAreOne(_ program: String) throws {
    #expect(try Summary(program) == Summary(program))
  }

  /// The fast table is a cache of the TLB, and fusion is a cheaper way to the same result.
  @Test(arguments: programs) func cachesChangeNothing(_ program: String) throws {
    let expected = try Summary(program)
    for (table, fusion) in [(false, true), (true, false), (false, false)] {
      var configuration = SessionConfiguration()
      configuration.usesFastTable = table
      configuration.usesFusion = fusion
      #expect(try Summary(program, [], configuration) == expected, "fast table \(table), fusion \(fusion)")
    }
  }

  /// From a moment in the middle, a run always reaches the same end.
  @Test(arguments: programs) func aRestoredRunIsTheSame(_ program: String) throws {
    let whole = try Run(program).session.processor.instructionsRetired
    let session = try Session(SessionConfiguration(), host: MemoryIO())
    try session.load(bytes: try firmware(program), path: program)
    #expect(session.run(until: whole / 2) == .instructionLimit)
    let (middle, digest) = (session.snapshot(), session.kernel.stateDigest)
    var ends: [UInt64] = []
    for _ in 0..<3 {
      _ = session.run()
      #expect(session.processor.instructionsRetired == whole)
      ends.append(session.kernel.stateDigest)
      session.restore(middle)
      #expect(session.kernel.stateDigest == digest && session.outcome == nil)
    }
    #expect(Set(ends).count == 1 && ends[0] != digest)
  }

  /// Capstone's answer for one word of a form is its answer for every word of the form.
  @Test(arguments: programs) func askingForEachWordChangesNothing(_ program: String) throws {
    var configuration = SessionConfiguration()
    configuration.decodeMode = .everyWord
    #expect(try Summary(program, [], configuration) == Summary(program))
  }

  /// A run that is cut into pieces of any length ends as the uncut run does.
  @Test(arguments: programs) func piecesAreTheWhole(_ program: String) throws {
    let whole = try Run(program)
    var random = SeededRandom(seed: 7)
    let session = try Session(SessionConfiguration(), host: MemoryIO())
    try session.load(bytes: try firmware(program), path: program)
    var pieces = 0
    while session.outcome == nil {
      let before = session.processor.instructionsRetired
      let piece = pieces < 2000 ? 1 + random.next() % 5 : 1 + random.next() % 1_000_000
      let stop = session.run(until: before + piece)
      if stop == .instructionLimit { #expect(session.processor.instructionsRetired == before + piece) }
      pieces += 1
    }
    #expect(session.outcome == whole.stop)
    #expect(session.processor.instructionsRetired == whole.session.processor.instructionsRetired)
    #expect(pieces > 1)
  }

  @Test func theSeedDecidesRandomNumbers() throws {
    // AT_RANDOM's bytes are on the stack from the start, and the seed determines them.
    func random(_ seed: UInt64) throws -> [UInt8] {
      var configuration = SessionConfiguration()
      configuration.seed = seed
      let session = try Session(configuration, host: MemoryIO())
      try session.load(bytes: try firmware("examples/hello"), path: "hello")
      // The stack holds argc, the end of argv, the end of envp, and then pairs.
      let stack = session.processor.sp
      let words = try #require(session.processor.peek(stack, count: Int((1 << 48) - stack))).words
      let vector = words.dropFirst(2 + Int(words[0])).drop { $0 != 0 }.dropFirst()
      let pair = try #require(stride(from: vector.startIndex, to: vector.endIndex - 1, by: 2).first { vector[$0] == 25 })
      return try #require(session.processor.peek(vector[pair + 1], count: 16))
    }
    #expect(try random(1) == random(1))
    #expect(try random(1) != random(2))
    #expect(try random(0).count == 16)
  }
}

extension [UInt8] {
  /// The bytes as little-endian doublewords.
  fileprivate var words: [UInt64] {
    stride(from: 0, to: count - 7, by: 8).map { at in (0..<8).reduce(0) { $0 | UInt64(self[at + $1]) << UInt64(8 * $1) } }
  }
}
