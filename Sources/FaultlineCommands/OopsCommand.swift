// Owns `faultline oops`: what a kernel's log says about faults, explained.
// It does not know how a log is read: KernelLog does.
import ArgumentParser
import JSONDocuments
import KernelLog
import Laboratory

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct OopsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "oops",
    abstract: "Explain the oopses and the unhandled faults of an arm64 kernel's log.",
    discussion: """
      The log is a file, or stdin: a console, dmesg, a journal, a mail, of Linux 4.x to 7.x. For each fault it is said what happened: \
      the syndrome by field, the page-table lines by level, the code with the faulting instruction, its registers, and the address \
      that they make. --json writes schema faultline.oops/1: {"schema", "reports": [{"kind", "number", "message", "address", "task", \
      "process", "symbol", "caller", "release", "meaning", "syndrome", "linux", "pageTable", "code", "access", "hints"}]}. The exit \
      status is 1 if the log has no fault.

      Examples:
        faultline oops console.log
        faultline oops --json console.log
        echo "Internal error: Oops: 96000004 [#1]" | faultline oops
      """)

  @Flag(help: "Write JSON, schema faultline.oops/1.")
  var json = false

  @Argument(help: ArgumentHelp("The log; stdin without it, or as -.", valueName: "file"), completion: .file())
  var file: String?

  func run() throws {
    let reports = KernelLogReader.reports(in: try Self.read(file))
    if !json && reports.isEmpty {
      Standard.error("faultline: the log has no oops and no unhandled fault of an arm64 kernel\n")
    } else {
      Standard.output(try Self.output(reports, json: json))
    }
    if reports.isEmpty { throw ExitCode(1) }
  }

  static func output(_ reports: [KernelReport], json: Bool) throws -> String {
    let explanations = reports.map { OopsExplanation($0) }
    if json { return try JSONText.document(OopsDocument(reports: explanations.map(OopsDocument.Report.init))) }
    return explanations.map { $0.lines.joined(separator: "\n") + "\n" }.joined(separator: "\n" + String(repeating: "-", count: 78) + "\n\n")
  }

  private static func read(_ file: String?) throws -> [UInt8] {
    if let file, file != "-" { return try HostFile.read(file, as: .log) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = buffer.withUnsafeMutableBytes { systemRead(0, $0.baseAddress!, $0.count) }
      if count < 0 && errno == EINTR { continue }
      if count < 0 { throw UsageError("cannot read stdin: \(String(cString: strerror(errno)))") }
      if count == 0 { return bytes }
      bytes += buffer.prefix(count)
    }
  }
}

/// read(2): inside the command its name would be that of a method.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int { read(descriptor, buffer, count) }
