// Owns tests of the lines for a program's fault: what was read from a real kernel's log is written again, word for word.
// It does not know a program.
import Architecture
import KernelLog
import TestSupport
import Testing

@Suite struct ProgramFaultTests {
  /// Lines without what only that machine has: times, the build, the hardware's name, and blanks at the end.
  private static func essence(_ line: Substring) -> String? {
    var text = String(line.drop { $0 != "]" }.dropFirst(2))
    if text.hasPrefix("Hardware name") { return nil }
    if text.hasPrefix("CPU: "), let end = text.firstRange(of: " #1") { text = String(text[..<end.upperBound]) }
    return text
  }

  @Test(arguments: OopsFixture.all) func whatWasReadIsWrittenAgain(_ kernel: String) throws {
    let log = try OopsFixture.log(kernel)
    let recorded = log.split(separator: "\n").prefix { !$0.contains("Unable to handle kernel") }.compactMap(Self.essence)
    let reports = KernelLogReader.reports(in: Array(log.utf8)).filter { $0.kind == .program }
    #expect(reports.count == 12)
    let written = reports.flatMap(\.linuxLines)
    #expect(written.count == recorded.count)
    for (line, expected) in zip(written, recorded) { #expect(line == expected) }
    for report in reports {
      guard let esr = report.esr else { continue }
      let status = FaultStatus(rawValue: UInt8(esr & 0x3f))
      #expect(report.message == (esr >> 26 == 0x22 ? LinuxNames.other(esr) : LinuxNames.fault(status)))
    }
  }

  @Test func times() {
    #expect(KernelReport.time(0) == "[    0.000000] ")
    #expect(KernelReport.time(1_234_567_890) == "[    1.234567] ")
    #expect(KernelReport.time(123_456_000_001_999) == "[123456.000001] ")
  }
}
