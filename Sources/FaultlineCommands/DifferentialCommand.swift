// Owns `faultline differential`: random instructions under this emulator and under qemu-aarch64.
// It does not know encodings or how programs are built.
import Architecture
import ArgumentParser
import Decoding
import Differential
import Foundation

struct DifferentialCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "differential",
    abstract: "Run random instructions here and under qemu-aarch64, and compare all registers and memory.",
    discussion: """
      Prints the words tried by encoding class, and each mismatch shrunk to the words and operands that show it. The exit status \
      is 1 where there is any, or where a class had fewer than \(DifferentialConfiguration.leastTried) words in a run of the \
      default length.

      Examples:
        faultline differential --seed 7
        faultline differential --class fp-two-source --count 50000
        faultline differential --list
      """)

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The seed that chooses the programs. (default: 1)", valueName: "n"),
    transform: Quantity.count)
  var seed: UInt64 = 1

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Words to try. (default: \(DifferentialConfiguration.defaultCount))", valueName: "n"),
    transform: Quantity.number)
  var count = DifferentialConfiguration.defaultCount

  @Option(
    name: .customLong("class"), help: ArgumentHelp("Only this encoding class; may be given again.", valueName: "name"),
    completion: .list(EncodingClass.all.map(\.name)))
  var classes: [String] = []

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Mismatches to print of each class. (default: 3)", valueName: "n"),
    transform: Quantity.number)
  var examples = 3

  @Option(
    help: ArgumentHelp("The processor here, as for `run`.", valueName: "preset"), completion: .list(ProcessorFeatures.presets.map(\.name)))
  var cpu = "max,+dit,+ssbs"

  @Option(help: ArgumentHelp("The qemu-aarch64 to compare with.", valueName: "path"), completion: .file())
  var qemu: String?

  @Option(
    help: ArgumentHelp("Record QEMU's results for one program of the seed, for the tests that run without QEMU.", valueName: "file"),
    completion: .file())
  var record: String?

  @Flag(help: "List the encoding classes and the exclusions, and run nothing.")
  var list = false

  func run() throws {
    if list {
      Standard.output(Self.listing)
      return
    }
    for name in classes where EncodingClass.named(name) == nil { throw UsageError("unknown class '\(name)'; --list names them") }
    if count < 1 || examples < 0 { throw UsageError("--count needs a number above 0, --examples one that is not negative") }
    guard let qemu = qemu ?? Self.onPath("qemu-aarch64") else { throw UsageError("qemu-aarch64 is not on the path; install qemu-user") }
    let reference = Emulation(name: "qemu", command: [qemu, "-cpu", "max"])
    let folder = FileManager.default.temporaryDirectory.appending(path: "faultline-differential-" + UUID().uuidString)
    if let record {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      try RecordedRun(seed: seed, under: reference, folder: folder).text.write(toFile: record, atomically: true, encoding: .utf8)
      return
    }
    guard let faultline = Bundle.main.executablePath else { throw UsageError("the path of this command is not known") }
    let processor = ["--cpu", cpu]
    var configuration = DifferentialConfiguration(
      ours: Emulation(name: "faultline", command: [faultline, "run"] + processor),
      theirs: reference, folder: folder)
    (configuration.seed, configuration.count, configuration.classes, configuration.examples) = (seed, count, classes, examples)
    var reported = 0
    let result = try DifferentialRun(configuration).run { tried, mismatches in
      if tried / 100_000 == reported { return }
      reported = tried / 100_000
      Standard.error("\(tried) words, \(mismatches) mismatches\n")
    }
    let report = DifferentialReport(result, ours: "faultline", theirs: "qemu", disassemble: try Self.disassembler())
    Standard.output(report.examples + report.table)
    Standard.output("\nseed \(seed): \(result.tried) words tried, \(result.mismatches) mismatches\n")
    let isLong = count >= DifferentialConfiguration.defaultCount
    let untested = isLong ? result.tallies.filter { $0.tried < DifferentialConfiguration.leastTried } : []
    for tally in untested { Standard.error("only \(tally.tried) words of class \(tally.name) were tried\n") }
    if result.mismatches > 0 || !untested.isEmpty { throw ExitCode(1) }
  }

  /// LLVM's disassembler, which knows every word; our own if there is no LLVM.
  private static func disassembler() throws -> ([UInt32]) -> [String] {
    let own = try Disassembler()
    let llvm = LLVMDisassembler()
    return { words in
      let lines = try? llvm?.lines(words)
      return zip(words.indices, words).map { lines?[$0] ?? own.text($1) }
    }
  }

  private static var listing: String {
    EncodingClass.all.map { "\($0.name)\n" }.joined() + "\nexcluded:\n"
      + Exclusion.all.map { "  \(hexadecimal($0.pattern.value)) mask \(hexadecimal($0.pattern.mask))  \($0.reason)\n" }.joined()
  }

  /// The path of a command on the search path; nil if it is not there.
  static func onPath(_ name: String) -> String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
      .first(where: FileManager.default.isExecutableFile)
  }
}
