// Owns the tests of the report about a death: one program for each way to die, whose report must name the cause and the line.
// It does not know how the report is made.
import Foundation
import TestSupport
import Testing

struct DeathReportTests {
  /// The programs of firmware/crashes, and the exit status of each run.
  static let deaths: [(name: String, status: Int32)] = [
    ("null", 139), ("unmapped", 139), ("readonly", 139), ("protected", 139), ("overflow", 139), ("misaligned", 135), ("badjump", 135),
    ("data", 139), ("child", 0), ("thread", 139), ("pastend", 135),
  ]

  /// What the command writes to stderr, with the checkout's path taken out.
  private func report(_ name: String, _ options: [String] = []) throws -> (status: Int32, text: String) {
    let program = firmwarePath("crashes/\(name)")
    let run = try FaultlineProcess(["run"] + options + [program])
    return (run.status, run.errors.replacingOccurrences(of: program, with: "/\(name)"))
  }

  /// The depth of a stack that is full depends on the length of the program's path, which lies on it.
  private func masked(_ text: String) -> String { text.replacing(/\b26[0-9]{4}\b|x0 = 0x3ff[0-9a-f]{2}/, with: "DEPTH") }

  @Test(arguments: deaths.map(\.name)) func aReportNamesTheCauseAndTheLine(_ name: String) throws {
    let (status, text) = try report(name)
    #expect(status == Self.deaths.first { $0.name == name }?.status)
    #expect(masked(text) == masked(try fixture("deaths/\(name).txt")))
  }

  /// One line on request, and nothing is recorded for it.
  @Test func aQuietDeath() throws {
    let (status, text) = try report("null", ["--quiet-death"])
    #expect(status == 139)
    #expect(text.hasPrefix("faultline: killed by SIGSEGV: read at 0x0, translation fault, level 2 (ESR 0x92000006) at pc 0x"))
    #expect(text.split(separator: "\n").count == 1)
  }
}
