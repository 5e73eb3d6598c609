// Owns `faultline decode-coverage`: comparing our decoder with llvm-objdump, and Capstone's answers by form with those by word.
// It does not know which words are compared.
import Architecture
import ArgumentParser
import Decoding
import Differential

struct DecodeCoverageCommand: ParsableCommand {
  /// What is compared.
  enum Part: String, CaseIterable, ExpressibleByArgument { case llvm, forms }

  static let configuration = CommandConfiguration(
    commandName: "decode-coverage",
    abstract: "Compare the decoder with the toolchain's llvm-objdump, and Capstone's answers by form with those by word.",
    discussion: """
      The part llvm compares 2^22 words unless --count says otherwise. The part forms compares 2^24 words: Capstone's answer for \
      the word itself and for the word's form, which has fixed registers and immediates. A count of 4294967296 there takes all \
      words.

      The exit status is 1 where LLVM differs by no row of DecodeDifference, or where a form's answer is not the word's.

      Examples:
        faultline decode-coverage
        faultline decode-coverage --seed 7 --count 100000
        faultline decode-coverage --part forms
      """)

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The seed that chooses the words. (default: 1)", valueName: "n"), transform: Quantity.count)
  var seed: UInt64 = 1

  @Option(parsing: .unconditional, help: ArgumentHelp("Words to compare in each part.", valueName: "n"), transform: Quantity.number)
  var count: Int?

  @Option(help: ArgumentHelp("Compare only with llvm, or only forms.", valueName: "llvm|forms"))
  var part: Part?

  func run() throws {
    if let count, count < 1 { throw UsageError("--count needs a number above 0") }
    var agrees = true
    if part != .forms { agrees = try compareWithLLVM() && agrees }
    if part != .llvm { agrees = try compareForms() && agrees }
    if !agrees { throw ExitCode(1) }
  }

  /// Whether each difference has a known reason.
  private func compareWithLLVM() throws -> Bool {
    guard let llvm = LLVMDisassembler() else {
      throw UsageError("no llvm-objdump that knows AArch64 is beside swift or on the path; install llvm")
    }
    let result = try DecodeCoverage(llvm).run(seed: seed, count: count ?? 1 << 22)
    for (row, words) in zip(DecodeDifference.all, result.explained) where words > 0 {
      Standard.output("\(words) words: \(row.reason)\n")
    }
    for (example, words) in result.examples.sorted(by: { $0.count > $1.count }) {
      Standard.output("unexplained, \(words) words such as \(example.description)\n")
    }
    Standard.output(
      "\nseed \(seed): \(result.words) words, \(result.same) the same, \(result.unallocated) unallocated, "
        + "\(result.explained.reduce(0, +)) explained, \(result.unexplained) unexplained\n")
    return result.unexplained == 0
  }

  /// Whether each word has the answer of its form.
  private func compareForms() throws -> Bool {
    let result = try FormCoverage().run(seed: seed, count: count ?? 1 << 24)
    let disassembler = try Disassembler()
    for word in result.examples {
      Standard.output(
        "its answer differs from that of its form: \(hexadecimal(word))  \(disassembler.text(word))\n")
    }
    Standard.output(
      "seed \(seed): \(result.words) words by form and by word, \(result.encoded) with an encoding, \(result.forms) forms asked, "
        + "\(result.withoutForm) words without a form, \(result.mismatches) mismatches\n")
    return result.mismatches == 0 && result.withoutForm == 0
  }
}
