// Owns `faultline bench` and the command lines of its benchmarks but `costs`.
// It does not know how guests run; wall time is a result here and nowhere else.
import ArgumentParser
import Foundation
import Laboratory
import LinuxKernel

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure pretouch loops, hot loops and faults.",
    discussion: """
      Examples:
        faultline bench pretouch
        faultline bench pretouch --kernel linux-6.12 --mebibytes 64 --json pretouch.json
        faultline bench cpu
        faultline bench fault
      """,
    subcommands: [PretouchBench.self, CPUBench.self, FaultBench.self, CostsBench.self], defaultSubcommand: PretouchBench.self)
}

struct BenchOptions: ParsableArguments {
  @OptionGroup var session: SessionOptions
  @Option(help: ArgumentHelp("Also write the results as JSON (schema faultline.bench/1).", valueName: "file"))
  var json: String?

  func finish(_ report: BenchReport) throws {
    if let json { try report.write(to: json) }
  }
}

struct PretouchBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pretouch",
    abstract: "Touch fresh pages once, by instruction and policy: faults and time a page.",
    discussion: """
      Each program maps memory, touches one word of every page, gives the pages back with MADV_DONTNEED, and goes round
      again. `ns/page` is the median of the later rounds, whose frames the host has committed already; `cold` is the first.
      """)
  @OptionGroup var options: BenchOptions
  @Option(help: ArgumentHelp("Mebibytes to touch in a round.", valueName: "n"))
  var mebibytes: UInt64 = 64
  @Option(help: ArgumentHelp("Rounds; the first is the cold one.", valueName: "n"))
  var rounds: UInt64 = 6

  func run() throws {
    if mebibytes == 0 || mebibytes > 1 << 20 { throw UsageError("--mebibytes wants 1 to 1048576") }
    if rounds < 2 || rounds > 1000 { throw UsageError("--rounds wants 2 to 1000: the first is the cold one") }
    let base = try options.session.configuration()
    if mebibytes << 20 > base.memorySize / 8 * 7 {
      throw UsageError("\(mebibytes) MiB do not fit into \(base.memorySize >> 20) MiB of guest memory; give more with --memory")
    }
    let result = try PretouchMeasurement.all(base, bytes: mebibytes << 20, rounds: rounds)
    Standard.output(result.text)
    try options.finish(result.report)
  }
}

struct CPUBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cpu", abstract: "Hot loops: arithmetic, loads and stores, branches, and atomics that miss the TLB.")
  @OptionGroup var options: BenchOptions

  func run() throws {
    let result = try LoopMeasurement.all(try options.session.configuration())
    Standard.output(result.text)
    try options.finish(result.report)
  }
}

struct FaultBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fault", abstract: "Time a fault, by kind: zero page, anonymous page, copy on write, signal.")
  @OptionGroup var options: BenchOptions

  func run() throws {
    let result = try FaultMeasurement.all(try options.session.configuration())
    Standard.output(result.text)
    try options.finish(result.report)
  }
}
