// Owns `faultline bench decode`: the cost of decoding a word that was not seen before, with one question for each form or for each
// word.
// It does not know how words are decoded.
import Architecture
import ArgumentParser
import Decoding

struct DecodeBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: "Decode a million distinct words: asking Capstone once for each form, and for each word.",
    discussion: """
      The words are random instructions of all encodings in turn, no word twice. Each row starts with a decoder that has no answer \
      yet and shows the median of the rounds, in processor time, and the ratio to the first.
      """)
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Words to decode in a round. (default: 1000000)", valueName: "n"),
    transform: Quantity.number)
  var words = 1_000_000
  @Option(parsing: .unconditional, help: ArgumentHelp("The number of rounds. (default: 5)", valueName: "n"), transform: Quantity.number)
  var rounds = 5
  @Option(
    parsing: .unconditional, help: ArgumentHelp("The seed that chooses the words. (default: 1)", valueName: "n"), transform: Quantity.count)
  var seed: UInt64 = 1
  @OptionGroup var results: ReportOptions

  func run() throws {
    if !(1...1 << 24).contains(words) { throw UsageError("--words needs 1 to \(1 << 24)") }
    if !(1...1000).contains(rounds) { throw UsageError("--rounds needs 1 to 1000") }
    let words = try Self.distinctWords(words, seed: seed)
    var table = TextTable(["decode", "words", "forms", "ms", "ns/word", "spread", "ratio"])
    var report = BenchReport(rounds: rounds)
    // The modes take turns, so that a slow time of the machine affects both.
    let modes = Decoder.Mode.allCases
    var samples = [[Double]](repeating: [], count: modes.count)
    var forms = [Int](repeating: 0, count: modes.count)
    for _ in 0..<rounds {
      for (index, mode) in modes.enumerated() {
        let decoder = try Decoder(mode)
        let start = GuestRun.now()
        let instructions = words.reduce(0) { $0 + (decoder.decode($1) == .undefined ? 0 : 1) }
        samples[index].append(Double(GuestRun.now() - start) / Double(words.count))
        precondition(instructions == words.count, "each word is an instruction")
        forms[index] = decoder.formsAsked
      }
    }
    for (index, mode) in modes.enumerated() {
      let time = Summary(samples[index])
      let ratio = Summary(zip(samples[index], samples[0]).map { $0 / $1 })
      table.add([
        mode.rawValue, "\(words.count)", mode == .everyForm ? "\(forms[index])" : "",
        decimal(time.median * Double(words.count) / 1e6, 1), decimal(time.median, 1), percent(time.spread), decimal(ratio.median, 2),
      ])
      report.benchmarks.append(
        BenchReport.Entry(
          name: "decode/\(mode.rawValue)", unit: "word", nanoseconds: time.median, spread: time.spread, ratio: ratio.median,
          ratioSpread: ratio.spread, ratioTo: "decode/\(modes[0].rawValue)"))
    }
    try results.finish(table.text, report)
  }

  /// Instructions of all encodings in turn, with random registers and immediates, all different.
  static func distinctWords(_ count: Int, seed: UInt64) throws -> [UInt32] {
    let decoder = try Decoder()
    let encodings = Decoder.formEncodings
    var random = SplitMix64(seed: seed)
    var seen: Set<UInt32> = []
    var words: [UInt32] = []
    var turn = 0
    while words.count < count {
      let word = encodings[turn % encodings.count].word(UInt32(truncatingIfNeeded: random.next() >> 32))
      if decoder.decode(word) != .undefined && seen.insert(word).inserted { words.append(word) }
      turn += 1
    }
    return words
  }
}
