// Owns `faultline vectors`, which records the fixtures of instruction vectors again with qemu-aarch64 and llvm-objdump. It does not know
// the instructions of a fixture.
import ArgumentParser
import Differential
import Foundation

struct VectorsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vectors",
    abstract: "Record the instruction vectors of the tests: operands from a seed, results from qemu-aarch64.",
    discussion: """
      Writes simd/ and float/ below the folder of fixtures. Each file's first line names the judge.

      Examples:
        faultline vectors
        faultline vectors --output /tmp/fixtures simd/shift.tsv float/arithmetic.tsv
      """)

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The seed that chooses the operands. (default: 1)", valueName: "n"),
    transform: Quantity.count)
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("The folder with simd and float.", valueName: "dir"), completion: .directory)
  var output = "Tests/Fixtures"

  @Option(help: ArgumentHelp("The qemu-aarch64 that is the judge.", valueName: "path"), completion: .file())
  var qemu: String?

  @Argument(help: ArgumentHelp("The files to record; without a name, all.", valueName: "file"), completion: .list(VectorRun.files))
  var files: [String] = []

  func run() throws {
    for file in files where !VectorRun.files.contains(file) {
      throw UsageError("no file of vectors is called '\(file)'; use \(list(VectorRun.files))")
    }
    guard let qemu = qemu ?? DifferentialCommand.onPath("qemu-aarch64") else {
      throw UsageError("qemu-aarch64 is not on the path; install qemu-user")
    }
    guard let llvm = LLVMDisassembler() else {
      throw UsageError("no llvm-objdump that knows AArch64 is beside swift or on the path; install llvm")
    }
    let fixtures = URL(filePath: output, directoryHint: .isDirectory)
    for name in ["simd", "float"] {
      do { try FileManager.default.createDirectory(at: fixtures.appending(path: name), withIntermediateDirectories: true) } catch {
        throw UsageError("\(output)/\(name) cannot be made: \(error.localizedDescription)")
      }
    }
    let folder = FileManager.default.temporaryDirectory.appending(path: "faultline-vectors-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let judge = Emulation(name: "qemu", command: [qemu, "-cpu", "max"])
    let name = "qemu-aarch64 \(try Self.version(of: qemu)) -cpu max"
    try VectorRun(seed: seed, under: judge, named: name, llvm).write(files, to: fixtures, folder: folder) {
      Standard.output("\($0): \($1) rows\n")
    }
  }

  /// The version number in a text such as `qemu-aarch64 version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)`.
  private static func version(of qemu: String) throws -> Substring {
    let text: String
    do { text = try HostCommand.output(qemu, ["--version"]) } catch {
      throw UsageError("\(qemu) cannot be started: \(error.localizedDescription)")
    }
    guard let number = text.split(separator: " ").dropFirst(2).first else { throw UsageError("\(qemu) does not say its version") }
    return number
  }
}
