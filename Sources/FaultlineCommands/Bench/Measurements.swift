// Owns what each benchmark measures and how its table reads.
// It does not know command lines.
import Laboratory
import LinuxKernel
import LinuxMM

struct MeasurementResult {
  var text: String
  var report = BenchReport()
}

enum PretouchMeasurement {
  /// Guest programs with the instructions they retire a page. LL/SC retires its loop twice: the return from the STXR's fault
  /// clears the monitor.
  private typealias Program = (name: String, label: String, perPage: UInt64)
  private static let programs: [Program] = [
    ("ldr", "pretouch_ldr", 4), ("str", "pretouch_str", 4), ("ldadd", "pretouch_ldadd", 4), ("cas", "pretouch_cas", 4),
    ("ll/sc", "pretouch_llsc", 9),
  ]
  /// Instructions before the first round, before the first touch of a round, and after the last.
  private static let prologue: UInt64 = 13, before: UInt64 = 2, after: UInt64 = 7

  static func all(_ base: SessionConfiguration, bytes: UInt64, rounds: UInt64) throws -> MeasurementResult {
    let kernel = base.kernel.name
    var table = TextTable(["instruction", "policy", "pages", "faults", "faults/page", "instructions", "ns/page", "cold"])
    var report = BenchReport()
    var perPage: [String: Double] = [:]
    func add(_ program: Program, _ policy: AtomicFaultPolicy, _ advice: UInt64) throws {
      var configuration = base
      configuration.policy = policy
      if advice == Advice.HUGEPAGE { configuration.hugePages = .always }
      let round = try measure(program, configuration, bytes: bytes, rounds: rounds, advice: advice)
      perPage["\(program.name)/\(policy.rawValue)"] = Double(round.faults) / Double(round.pages)
      table.add([
        program.name, policy.rawValue, "\(round.pages)", "\(round.faults)", decimal(Double(round.faults) / Double(round.pages), 2),
        "\(round.instructions)", decimal(round.warm, 1), decimal(round.cold, 1),
      ])
      let name = program.name == "ll/sc" ? "llsc" : program.name
      report.benchmarks.append(
        .init(
          name: "pretouch/\(name)/\(advice == Advice.HUGEPAGE ? "thp" : "base")/\(kernel)/\(policy.rawValue)", pages: round.pages,
          faults: round.faults, instructions: round.instructions, nanosecondsPerPage: round.warm, coldNanosecondsPerPage: round.cold))
    }
    for policy in AtomicFaultPolicy.allCases {
      for program in programs { try add(program, policy, Advice.NOHUGEPAGE) }
    }
    var text = "Pretouch of \(bytes >> 20) MiB under \(kernel), one touch a page (ns: this host, this run)\n\n" + table.text
    let stock = perPage["ldadd/stock"] ?? 0
    let forced = perPage["ldadd/force-write-v5"] ?? 0
    text += "\nldadd: \(decimal(stock, 2)) faults a page under stock, \(decimal(forced, 2)) with force-write-v5\n"
    if bytes >= Layout48.hugePage {
      table = TextTable(["with huge pages", "policy", "pages", "faults", "faults/page", "instructions", "ns/page", "cold"])
      for policy in [AtomicFaultPolicy.stock, .forceWriteV5] {
        for program in programs.prefix(3) { try add(program, policy, Advice.HUGEPAGE) }
      }
      text += "\n" + table.text
    }
    text += "\n" + (try readOnly(base))
    return MeasurementResult(text: text, report: report)
  }

  /// What a round of one program took: the last round's faults, the median time a page of the later rounds, the first one's time.
  private struct Round {
    let pages: UInt64
    let faults: UInt64
    let instructions: UInt64
    let warm: Double
    let cold: Double
  }

  private static func measure(
    _ program: Program, _ configuration: SessionConfiguration, bytes: UInt64, rounds: UInt64, advice: UInt64
  ) throws -> Round {
    let pages = bytes >> 12
    let run = try GuestRun(program.label, configuration, registers: [19: bytes, 20: rounds, 21: 3, 23: advice])
    var times: [Double] = []
    var faults: UInt64 = 0
    var at = prologue
    for _ in 0..<rounds {
      _ = run.session.run(until: at + before)
      let old = run.faults
      let time = run.nanoseconds(until: at + before + program.perPage * pages)
      times.append(Double(time) / Double(pages))
      faults = run.faults - old
      at += before + program.perPage * pages + after
    }
    let warm = times.dropFirst().sorted()[(times.count - 1) / 2]
    return Round(pages: pages, faults: faults, instructions: program.perPage * pages, warm: warm, cold: times[0])
  }

  /// What version 1 of the patch changed for programs: the ESR of an atomic on a read-only mapping.
  private static func readOnly(_ base: SessionConfiguration) throws -> String {
    var table = TextTable(["ldadd on a read-only mapping", "signal", "ESR in the frame", "WnR", "minor faults"])
    for policy in AtomicFaultPolicy.allCases {
      var configuration = base
      configuration.policy = policy
      let run = try GuestRun("pretouch_ldadd", configuration, registers: [19: 4096, 20: 1, 21: 1, 23: Advice.NOHUGEPAGE])
      _ = run.session.run(until: prologue + before)
      let old = run.faults
      guard case .killed(let signal) = run.session.run() else { preconditionFailure("a write to read-only memory must kill") }
      let code = run.session.kernel.state.currentTask.faultCode
      table.add([policy.rawValue, Signal.name(signal), hex(code), "\(code >> 6 & 1)", "\(run.faults - old)"])
    }
    return table.text
  }
}

enum LoopMeasurement {
  private static let loops: [(name: String, label: String, iterations: UInt64, perIteration: UInt64)] = [
    ("alu", "cpu_alu", 20_000_000, 10), ("alu-parallel", "cpu_alu_parallel", 20_000_000, 10),
    ("memory", "cpu_memory", 3000, 8192 * 5 + 5), ("branches", "cpu_branches", 10_000_000, 0),
  ]

  static func all(_ base: SessionConfiguration) throws -> MeasurementResult {
    var table = TextTable(["loop", "instructions", "MIPS", "ns/iteration"])
    var report = BenchReport()
    func add(_ name: String, _ instructions: UInt64, _ time: UInt64, _ iterations: UInt64) {
      let rate = Double(instructions) * 1000 / Double(time)
      table.add([name, "\(instructions)", decimal(rate, 0), decimal(Double(time) / Double(iterations), 2)])
      report.benchmarks.append(.init(name: "cpu/\(name)", instructions: instructions, millionInstructionsPerSecond: rate))
    }
    for loop in loops {
      let run = try GuestRun(loop.label, base, registers: [20: loop.iterations])
      let time = run.nanoseconds(until: .max)
      add(loop.name, run.instructions, time, loop.iterations)
    }
    // The TLB loop maps and touches its pages in the first pass; the later ones are measured.
    let bytes: UInt64 = 64 << 20
    let pages = bytes >> 12
    let passes: UInt64 = 41
    var configuration = base
    configuration.hugePages = .never
    let run = try GuestRun("cpu_tlb", configuration, registers: [19: bytes, 20: passes])
    _ = run.session.run(until: 11 + 4 * pages + 2)
    let old = run.instructions
    let time = run.nanoseconds(until: .max)
    add("tlb-miss-ldadd", run.instructions - old, time, (passes - 1) * pages)
    return MeasurementResult(text: table.text, report: report)
  }
}

enum FaultMeasurement {
  static func all(_ base: SessionConfiguration) throws -> MeasurementResult {
    var table = TextTable(["fault", "faults", "ns/fault"])
    var report = BenchReport()
    func add(_ name: String, _ key: String, _ faults: UInt64, _ time: Double) {
      table.add([name, "\(faults)", decimal(time, 1)])
      report.benchmarks.append(.init(name: "fault/\(key)", faults: faults, nanosecondsPerFault: time))
    }
    var configuration = base
    configuration.policy = .stock
    let pages: UInt64 = 16384
    let kinds = [
      ("read: zero page mapped", "zero-page", "pretouch_ldr"), ("write: anonymous page allocated", "anonymous", "pretouch_str"),
      ("atomic: zero page mapped, then replaced", "zero-page-then-copy", "pretouch_ldadd"),
    ]
    for (name, key, label) in kinds {
      let run = try GuestRun(label, configuration, registers: [19: pages << 12, 20: 3, 21: 3, 23: Advice.NOHUGEPAGE])
      _ = run.session.run(until: 13 + (2 + 4 * pages + 7) * 2 + 2)
      let old = run.faults
      let time = run.nanoseconds(until: 13 + (2 + 4 * pages + 7) * 2 + 2 + 4 * pages)
      let faults = run.faults - old
      add(name, key, faults, Double(time) / Double(faults))
    }
    let rounds: UInt64 = 100_000
    let run = try GuestRun("fault_signal", configuration, registers: [19: 0x100, 20: rounds])
    let time = run.nanoseconds(until: .max)
    add("SIGSEGV delivered and returned from", "signal", rounds, Double(time) / Double(rounds))
    return MeasurementResult(text: table.text, report: report)
  }
}
