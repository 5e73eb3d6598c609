// Owns `faultline bench costs`: the cost of a system call to the host, against the number of mappings, files, tasks or pages that exist. It
// does not know the calls of a row: the guest program firmware/bench/costs.c has them.
import ArgumentParser
import Foundation
import Laboratory
import LinuxKernel

struct CostsBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "costs",
    abstract: "Host time of system calls by the number of mappings, descriptors, files, tasks or pages.",
    discussion: """
      Each row makes a number of things and then measures calls among them, at three sizes. A call whose cost is bounded by what \
      it moves costs about the same at all three: the ratio is to the smallest. Times are processor time; `make firmware` builds \
      the guest program.
      """)
  @OptionGroup var session: SessionOptions
  @Option(help: ArgumentHelp("The guest program, as `make firmware` builds it.", valueName: "file"), completion: .file())
  var program = "build/firmware/bench/costs"
  @Option(help: ArgumentHelp("Only this row.", valueName: "name"), completion: .list(CostsMeasurement.names))
  var row: String?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("The number of measurements of each size. (default: 3)", valueName: "n"),
    transform: Quantity.number)
  var rounds = 3
  @OptionGroup var results: ReportOptions

  func run() throws {
    if !(1...1000).contains(rounds) { throw UsageError("--rounds needs 1 to 1000") }
    guard let data = FileManager.default.contents(atPath: program) else {
      throw UsageError("\(program) cannot be read; `make firmware` builds it, --program names another place")
    }
    let rows = CostsMeasurement.rows.filter { row == nil || $0.name == row }
    if rows.isEmpty { throw UsageError("no row \(row!); there are \(CostsMeasurement.names.joined(separator: ", "))") }
    let measurement = CostsMeasurement(base: try session.configuration(), program: [UInt8](data))
    var table = TextTable(["call", "among", "how many", "ns/call", "spread", "ratio"])
    var report = BenchReport(rounds: rounds)
    for row in rows { try measurement.add(row, rounds: rounds, to: &table, &report) }
    try results.finish(table.text, report)
  }
}

struct CostsMeasurement {
  let base: SessionConfiguration
  let program: [UInt8]

  /// A row: the call, the kind of objects whose number grows, the three numbers, and how often the call is made.
  struct Row {
    let name: String
    let among: String
    let sizes: [Int]
    let calls: Int
    /// Whether a snapshot of the kernel's state is taken before each call and kept until the next one, so that the call must duplicate the
    /// parts that it changes.
    var afterSnapshots = false
    var label: String { afterSnapshots ? name + " after a snapshot" : name }
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
    Row(name: "dup", among: "descriptors", sizes: [100, 3000, 100_000], calls: 1000, afterSnapshots: true),
    Row(name: "create", among: "files", sizes: [100, 3000, 100_000], calls: 500, afterSnapshots: true),
    Row(name: "getpgid", among: "processes", sizes: [20, 200, 2000], calls: 1000, afterSnapshots: true),
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

  /// The rows' names, each once: a name may stand for a row with snapshots and one without.
  static var names: [String] { rows.map(\.name).reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }

  /// Measures a row at its sizes. Each round measures all sizes in turn.
  func add(_ row: Row, rounds: Int, to table: inout TextTable, _ report: inout BenchReport) throws {
    var samples = [[Double]](repeating: [], count: row.sizes.count)
    for _ in 0..<rounds {
      for (index, size) in row.sizes.enumerated() { samples[index].append(try nanosecondsPerCall(row, size)) }
    }
    for (index, size) in row.sizes.enumerated() {
      let time = Summary(samples[index])
      let ratio = Summary(zip(samples[index], samples[0]).map { $0 / $1 })
      table.add([
        row.label, row.among, "\(size)", decimal(time.median, 0), percent(time.spread), decimal(ratio.median, 2),
      ])
      report.benchmarks.append(
        BenchReport.Entry(
          name: "costs/\(row.label)/\(size)", unit: "call", nanoseconds: time.median, spread: time.spread, ratio: ratio.median,
          ratioSpread: ratio.spread, ratioTo: "costs/\(row.label)/\(row.sizes[0])"))
    }
  }

  /// Runs the program twice: once without the calls, to learn how many instructions come before the first call, and once with them.
  private func nanosecondsPerCall(_ row: Row, _ size: Int) throws -> Double {
    func session(_ calls: Int) throws -> Session {
      let session = try Session(base, host: MemoryIO())
      try session.load(bytes: program, path: "costs", arguments: [row.name, "\(size)", "\(calls)"])
      return session
    }
    let without = try session(0)
    let end = without.run()
    if end != .exited(0) { throw UsageError("the guest program did not run to its end: \(end)") }
    let with = try session(row.calls)
    // The number of the program's instructions for one call, found by a run of its own.
    var stride: UInt64 = 0
    if row.afterSnapshots {
      let whole = try session(row.calls)
      _ = whole.run()
      stride = max(1, (whole.processor.instructionsRetired - without.processor.instructionsRetired) / UInt64(row.calls))
    }
    // The first run's count includes the instructions that print the result. They do not come before the first call.
    let instructions = without.processor.instructionsRetired
    _ = with.run(until: instructions - min(instructions, Self.epilogue))
    let start = GuestRun.now()
    if row.afterSnapshots {
      var saved: World?
      while with.outcome == nil {
        saved = with.kernel.snapshot()
        _ = with.run(until: with.processor.instructionsRetired + stride)
      }
      precondition(saved != nil, "each call came after a snapshot")
    } else {
      _ = with.run()
    }
    return Double(GuestRun.now() - start) / Double(row.calls)
  }

  /// More instructions than the program needs to print its line.
  private static let epilogue: UInt64 = 500
}
