// Owns `faultline bench costs`: what a system call costs the host by how many mappings, files, tasks or pages there are.
// It does not know what a row's calls are: the guest program firmware/bench/costs.c does.
import ArgumentParser
import Foundation
import Laboratory
import LinuxKernel

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

struct CostsBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "costs",
    abstract: "Host time of system calls by how many mappings, descriptors, files, tasks or pages there are.",
    discussion: """
      Each row makes a number of things and then measures calls among them, at three sizes. A call whose cost is bounded by what it \
      moves costs about the same at all three. Times are CPU time; `make firmware` builds the guest program.
      """)
  @OptionGroup var options: BenchOptions
  @Option(help: ArgumentHelp("The guest program, as `make firmware` builds it.", valueName: "file"))
  var program = "build/firmware/bench/costs"
  @Option(help: ArgumentHelp("Only this row.", valueName: "name"))
  var row: String?

  func run() throws {
    guard let data = FileManager.default.contents(atPath: program) else {
      throw UsageError("\(program) cannot be read; `make firmware` builds it, --program names another place")
    }
    let rows = CostsMeasurement.rows.filter { row == nil || $0.name == row }
    if rows.isEmpty { throw UsageError("no row \(row!); there are \(CostsMeasurement.rows.map(\.name).joined(separator: ", "))") }
    let result = try CostsMeasurement.all(try options.session.configuration(), [UInt8](data), rows)
    Standard.output(result.text)
    try options.finish(result.report)
  }
}

enum CostsMeasurement {
  /// What is called, among what, at which three sizes, and how often.
  struct Row {
    let name: String
    let among: String
    let sizes: [Int]
    let calls: Int
  }

  static let rows: [Row] = [
    Row(name: "mmap", among: "mappings", sizes: [60, 2000, 60000], calls: 2000),
    Row(name: "fault", among: "mappings", sizes: [60, 2000, 60000], calls: 2000),
    Row(name: "mprotect", among: "mappings", sizes: [60, 2000, 60000], calls: 2000),
    Row(name: "maps-start", among: "mappings", sizes: [60, 2000, 60000], calls: 500),
    Row(name: "smaps-start", among: "mappings", sizes: [60, 2000, 60000], calls: 500),
    Row(name: "statm", among: "mappings", sizes: [60, 2000, 60000], calls: 500),
    Row(name: "dup", among: "descriptors", sizes: [100, 3000, 100_000], calls: 2000),
    Row(name: "list-descriptors", among: "descriptors", sizes: [100, 3000, 100_000], calls: 500),
    Row(name: "create", among: "files", sizes: [100, 3000, 100_000], calls: 1000),
    Row(name: "unlink", among: "files", sizes: [1000, 10000, 100_000], calls: 1000),
    Row(name: "list-files", among: "files", sizes: [100, 3000, 100_000], calls: 500),
    Row(name: "list-tasks", among: "processes", sizes: [20, 200, 2000], calls: 500),
    Row(name: "wake", among: "processes", sizes: [20, 200, 2000], calls: 2000),
    Row(name: "getpgid", among: "processes", sizes: [20, 200, 2000], calls: 2000),
    Row(name: "wait", among: "processes", sizes: [20, 200, 2000], calls: 2000),
    Row(name: "pipe", among: "processes", sizes: [20, 200, 2000], calls: 2000),
    Row(name: "punch-another", among: "mappings of a page", sizes: [60, 2000, 60000], calls: 500),
    Row(name: "seek-data", among: "pages of a file", sizes: [60, 2000, 60000], calls: 500),
  ]

  static func all(_ base: SessionConfiguration, _ program: [UInt8], _ rows: [Row]) throws -> MeasurementResult {
    var table = TextTable(["call", "few", "ns/call", "some", "ns/call", "many", "ns/call", "among"])
    var report = BenchReport()
    for row in rows {
      var cells = [row.name]
      for size in row.sizes {
        let time = try (0..<3).map { _ in try nanosecondsPerCall(base, program, row, size) }.min()!
        cells += ["\(size)", decimal(time, 0)]
        report.benchmarks.append(.init(name: "costs/\(row.name)/\(size)", nanosecondsPerCall: time))
      }
      table.add(cells + [row.among])
    }
    return MeasurementResult(text: "Host time of a call by how many things there are\n\n" + table.text, report: report)
  }

  /// The program runs twice: without calls, which tells how many instructions come before the first one, and with them.
  private static func nanosecondsPerCall(_ base: SessionConfiguration, _ program: [UInt8], _ row: Row, _ size: Int) throws -> Double {
    func session(_ calls: Int) throws -> Session {
      let session = try Session(base, host: MemoryIO())
      try session.load(bytes: program, path: "costs", arguments: [row.name, "\(size)", "\(calls)"])
      return session
    }
    let without = try session(0)
    let end = without.run()
    if end != .exited(0) { throw UsageError("the guest program did not run to its end: \(end)") }
    let with = try session(row.calls)
    // What prints the result stands at the end of the first run, and before the calls of neither.
    let instructions = without.processor.instructionsRetired
    _ = with.run(until: instructions - min(instructions, epilogue))
    let start = now()
    _ = with.run()
    return Double(now() - start) / Double(row.calls)
  }

  /// More instructions than the program needs to print its line.
  private static let epilogue: UInt64 = 500

  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
