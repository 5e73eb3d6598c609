// Owns `faultline bench` and the command lines of three of its benchmarks.
// It does not know how guests run. Time is a result of this command and of no other.
import Architecture
import ArgumentParser
import Foundation
import Laboratory
import LinuxKernel
import LinuxMM

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure pretouch loops, hot loops and faults.",
    discussion: """
      Every row runs once in each round, so that a slow spell of the machine hits all rows. A measurement is a machine of its own: \
      what runs first commits memory and is not timed. Times are processor time; the table shows the median of the rounds, its \
      spread (half the distance between the quartiles), and the ratio to the base row, which is the median of the rounds' ratios.

      With --against both binaries run each row in turn, in processes of their own, and the ratio is this binary's time to the \
      other's. A row is then the difference between two processes that stop at different instructions; any faultline that can \
      `run` a program can be compared.

      Examples:
        faultline bench pretouch
        faultline bench pretouch --mebibytes 64 --json pretouch.json
        faultline bench cpu --against /usr/local/bin/faultline
        faultline bench fault
        faultline bench decode
        faultline bench costs --row mmap
      """,
    subcommands: [PretouchBench.self, CPUBench.self, FaultBench.self, DecodeBench.self, CostsBench.self],
    defaultSubcommand: PretouchBench.self)
}

/// Where the results of a benchmark go.
struct ReportOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Also write the results as JSON (schema faultline.bench/2); with -, to stdout, and the table to stderr.", valueName: "file"),
    completion: .file())
  var json: String?

  /// Writes the table and the report. It throws one line of text where the report cannot be written.
  func finish(_ text: String, _ report: BenchReport) throws {
    if json == "-" { Standard.error(text) } else { Standard.output(text) }
    if let json { try report.write(to: json) }
  }
}

struct BenchOptions: ParsableArguments {
  @OptionGroup var system: SystemOptions
  @Option(
    parsing: .unconditional, help: ArgumentHelp("The number of measurements of each row. (default: 7)", valueName: "n"),
    transform: Quantity.number)
  var rounds = 7
  @Option(help: ArgumentHelp("Compare with this build of faultline, in the same rounds.", valueName: "binary"), completion: .file())
  var against: String?
  @OptionGroup var report: ReportOptions

  func runner() throws -> BenchRunner {
    if rounds < 1 || rounds > 1000 { throw UsageError("--rounds needs 1 to 1000") }
    return try BenchRunner(rounds: rounds, against: against, own: Bundle.main.executablePath, options: system)
  }
}

struct PretouchBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pretouch",
    abstract: "Touch fresh pages once, by instruction and policy, and by MADV_POPULATE_WRITE; show faults and time for each page.",
    discussion: """
      Each program maps memory, touches one word of every page, gives the pages back with MADV_DONTNEED, and goes round again. The \
      touches of the second round are timed; with --against whole rounds are, giving back included. The base row is the same \
      instruction under stock. There is a row for each policy, so that there is no --atomic-faults.

      In the row MADV_POPULATE_WRITE one madvise() makes the kernel touch all pages: it faults as often as a store, but takes no \
      exception for it (the column of aborts). No policy has anything to do with it; its base row is ldadd under stock.
      """)
  @OptionGroup var options: BenchOptions
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Mebibytes to touch in a round. (default: 64)", valueName: "n"), transform: Quantity.count)
  var mebibytes: UInt64 = 64

  func run() throws {
    if mebibytes == 0 || mebibytes > 1 << 20 { throw UsageError("--mebibytes needs 1 to 1048576") }
    let base = try options.system.configuration()
    if mebibytes << 20 > base.memorySize / 8 * 7 {
      throw UsageError("\(mebibytes) MiB do not fit into \(base.memorySize >> 20) MiB of guest memory; give more with --memory")
    }
    let bytes = mebibytes << 20
    var runner = try options.runner()
    var perPage: [[String]: Double] = [:]
    let header = ["policy", "pages", "faults", "aborts", "faults/page", "instructions"]
    func cells(_ row: BenchRow, _ counts: BenchRunner.Counts) -> [String] {
      let faults = Double(counts.faults) / Double(row.span.units)
      perPage[row.labels] = faults
      return ["\(row.span.units)", "\(counts.faults)", "\(counts.aborts)", decimal(faults, 2), "\(counts.instructions)"]
    }
    var text = "Pretouch of \(mebibytes) MiB under \(base.kernel.name), one touch a page (ns: processor time, this host, this run)\n\n"
    text += try runner.table(BenchRow.pretouch(base, bytes: bytes, hugePages: false), ["instruction"] + header, cells)
    if let stock = perPage[["ldadd", "stock"]], let forced = perPage[["ldadd", "force-write-v5"]] {
      text += "\nldadd: \(decimal(stock, 2)) faults a page under stock, \(decimal(forced, 2)) with force-write-v5\n"
    }
    if bytes >= Layout48.hugePage {
      text += "\n" + (try runner.table(BenchRow.pretouch(base, bytes: bytes, hugePages: true), ["with huge pages"] + header, cells))
    }
    if options.against == nil { text += "\n" + (try Self.readOnly(base)) }
    try options.report.finish(text, runner.report)
  }

  /// What version 1 of the patch changes for programs: the ESR of an atomic on a read-only mapping.
  private static func readOnly(_ base: SessionConfiguration) throws -> String {
    var table = TextTable(["ldadd on a read-only mapping", "signal", "ESR in the frame", "WnR", "minor faults"])
    for policy in AtomicFaultPolicy.allCases {
      var configuration = base
      configuration.policy = policy
      let run = try GuestRun("pretouch_ldadd", configuration, registers: [19: 4096, 20: 1, 21: 1, 23: Advice.NOHUGEPAGE])
      _ = run.session.run(until: BenchRow.prologue + BenchRow.before)
      let old = run.faults
      guard case .killed(let signal) = run.session.run() else { preconditionFailure("a write to read-only memory must kill") }
      let code = run.session.kernel.state.currentTask.faultCode
      table.add([policy.rawValue, Signal.name(signal), hexadecimal(code), "\(code >> 6 & 1)", "\(run.faults - old)"])
    }
    return table.text
  }
}

struct CPUBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cpu", abstract: "Hot loops: arithmetic, loads and stores, branches, and atomics that miss the TLB.")
  @OptionGroup var options: BenchOptions

  func run() throws {
    var runner = try options.runner()
    let rows = BenchRow.loops(try options.system.configuration())
    let text = try runner.table(rows, ["loop", "instructions"]) { _, counts in ["\(counts.instructions)"] }
    try options.report.finish(text, runner.report)
  }
}

struct FaultBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fault", abstract: "Time a fault, by kind: zero page, anonymous page, copy on write, signal.")
  @OptionGroup var options: BenchOptions

  func run() throws {
    var runner = try options.runner()
    let rows = BenchRow.faults(try options.system.configuration())
    let text = try runner.table(rows, ["fault", "faults"]) { row, _ in ["\(row.span.units)"] }
    try options.report.finish(text, runner.report)
  }
}
