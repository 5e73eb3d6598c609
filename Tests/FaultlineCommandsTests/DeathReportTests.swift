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
    ("emptied", 135),
  ]

  /// What the command writes to stderr, with the checkout's path taken out.
  private func report(_ name: String, _ options: [String] = []) throws -> (status: Int32, text: String) {
    // The program's path lies on its stack, so it is the same in every checkout.
    let run = try FaultlineProcess(["run"] + options + ["build/firmware/crashes/\(name)"])
    return (run.status, run.errors.replacingOccurrences(of: firmwarePath("crashes/\(name)"), with: "/\(name)"))
  }

  @Test(arguments: deaths.map(\.name)) func aReportNamesTheCauseAndTheLine(_ name: String) throws {
    let (status, text) = try report(name)
    #expect(status == Self.deaths.first { $0.name == name }?.status)
    #expect(text == (try fixture("deaths/\(name).txt")))
  }

  /// One line on request, and nothing is recorded for it.
  @Test func aQuietDeath() throws {
    let (status, text) = try report("null", ["--quiet-death"])
    #expect(status == 139)
    #expect(text.hasPrefix("faultline: killed by SIGSEGV: read at 0x0, translation fault, level 2 (ESR 0x92000006) at pc 0x"))
    #expect(text.split(separator: "\n").count == 1)
  }
}
