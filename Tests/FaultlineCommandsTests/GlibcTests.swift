// Owns the comparison of programs with Debian's static glibc under `faultline run` with qemu-aarch64, or with a recording of real
// Linux.
// It does not know what they print.
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: glibcProgramsCanRun(), "needs qemu-aarch64 and the programs of `make glibc`"))
struct GlibcTests {
  static let qemu = "/usr/bin/qemu-aarch64"
  static let names = ["files", "float", "printf", "sha256", "strings"].flatMap { ["\($0)-O2", "\($0)-O3"] }
  static let threaded = ["tasks-O2", "tasks-O3"]
  static var canRun: Bool {
    FileManager.default.isExecutableFile(atPath: qemu)
      && (names + threaded).allSatisfy { FileManager.default.isExecutableFile(atPath: path($0)) }
  }
  private static func path(_ name: String) -> String { firmwarePath("glibc/\(name)") }

  /// Output, errors and status equal QEMU's, and no routine reports an error of its own.
  @Test(arguments: names)
  func sameAsUnderQEMU(name: String) throws {
    let ours = try FaultlineProcess("run", Self.path(name))
    let theirs = try FaultlineProcess(executable: Self.qemu, [Self.path(name)])
    #expect(ours.output == theirs.output)
    #expect(ours.errors == theirs.errors)
    #expect(ours.status == theirs.status)
    #expect(theirs.output.count > 100)
    #expect(!ours.output.contains("WRONG"))
  }

  /// This output was recorded on Debian's 6.12, because qemu-aarch64, which runs a guest's threads on the host's, sometimes hangs
  /// in this program.
  @Test(arguments: threaded)
  func sameAsUnderLinux(name: String) throws {
    let ours = try FaultlineProcess("run", Self.path(name))
    #expect(ours.output == (try fixture("tests/glibc-tasks.txt")))
    #expect(ours.errors == "")
    #expect(ours.status == 0)
  }
}

/// Outside the suite: its own attribute cannot name it.
private func glibcProgramsCanRun() -> Bool { GlibcTests.canRun }
