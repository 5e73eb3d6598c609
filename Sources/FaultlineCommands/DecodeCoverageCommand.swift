// Owns `faultline decode-coverage`: our decoder beside llvm-objdump over the encoding space.
// It does not know which words are compared.
import ArgumentParser
import Differential

struct DecodeCoverageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode-coverage",
    abstract: "Compare what is an instruction, and which, with the toolchain's llvm-objdump.",
    discussion: """
      The exit status is 1 where a difference is in no row of DecodeDifference.

      Examples:
        faultline decode-coverage
        faultline decode-coverage --seed 7 --count 100000
      """,
    shouldDisplay: false)

  @Option(help: ArgumentHelp("Chooses the words.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("Words to compare.", valueName: "n"))
  var count = 1 << 22

  func run() throws {
    if count < 1 { throw UsageError("--count wants a number above 0") }
    guard let llvm = LLVMDisassembler() else {
      throw UsageError("no llvm-objdump that knows AArch64 is beside swift or on the path; install llvm")
    }
    let result = try DecodeCoverage(llvm).run(seed: seed, count: count)
    for (row, words) in zip(DecodeDifference.all, result.explained) where words > 0 {
      Standard.output("\(words) words: \(row.reason)\n")
    }
    for (example, words) in result.examples.sorted(by: { $0.count > $1.count }) {
      Standard.output("unexplained, \(words) words such as \(example.description)\n")
    }
    Standard.output(
      "\nseed \(seed): \(result.words) words, \(result.same) the same, \(result.unallocated) unallocated, "
        + "\(result.explained.reduce(0, +)) explained, \(result.unexplained) unexplained\n")
    if result.unexplained > 0 { throw ExitCode(1) }
  }
}
