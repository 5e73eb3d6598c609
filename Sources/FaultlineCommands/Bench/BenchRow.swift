// Owns one row of a benchmark: a built-in program, the machine that it runs on, and the instructions between which it is timed.
// It does not know other rows, nor who runs it.
import Architecture
import Laboratory
import LinuxKernel
import LinuxMM

/// A row. The part of the program before the span commits memory, fills tables and decodes, and is not timed.
struct BenchRow {
  /// The timed part: a span of retired instructions, and the number of units of work in it.
  struct Span {
    let instructions: Range<UInt64>
    let units: UInt64
  }

  /// The row's name, as in `pretouch/ldadd/base/linux-7.2/stock`.
  let name: String
  /// The first cells of the row in a table for people.
  let labels: [String]
  let program: String
  let registers: [Int: UInt64]
  let configuration: SessionConfiguration
  /// The unit of work: page, instruction, miss or fault.
  let unit: String
  /// The span that is timed inside this process.
  let span: Span
  /// The span that is timed as the difference of two processes. It is longer, and holds the work of `span` several times.
  let long: Span
  /// The name of the row that this one is compared with.
  let base: String
}

extension BenchRow {
  /// Guest programs of `bench pretouch`, and the instructions that they retire for a page. LL/SC retires its loop twice, because
  /// the return from the STXR's fault clears the monitor.
  private typealias Touch = (name: String, program: String, perPage: UInt64)
  private static let touches: [Touch] = [
    ("ldr", "pretouch_ldr", 4), ("str", "pretouch_str", 4), ("ldadd", "pretouch_ldadd", 4), ("cas", "pretouch_cas", 4),
    ("ll/sc", "pretouch_llsc", 9),
  ]
  /// Instructions before the first round, before the first touch of a round, and after the last touch.
  static let prologue: UInt64 = 13, before: UInt64 = 2, after: UInt64 = 7
  /// Instructions of a round of `populate`, whose one system call touches all pages: before the call, and the call.
  private static let beforeCall: UInt64 = 4, call: UInt64 = 1
  /// The number of pages that a difference of processes touches, which takes a fifth of a second.
  private static let longPages: UInt64 = 1 << 19

  /// The first touch of new pages, by instruction and policy; a program's rows stand together. A round touches every page and gives
  /// all of them back. The first round is not timed. The last row is MADV_POPULATE_WRITE.
  static func pretouch(_ base: SessionConfiguration, bytes: UInt64, hugePages: Bool) -> [BenchRow] {
    let pages = bytes >> 12
    let policies = hugePages ? [.stock, .forceWriteV5] : AtomicFaultPolicy.allCases
    func place(_ touch: String) -> String { "pretouch/\(touch)/\(hugePages ? "thp" : "base")/\(base.kernel.name)" }
    func row(
      _ name: String, _ labels: [String], _ program: String, _ policy: AtomicFaultPolicy, before: UInt64, touching: UInt64, base of: String
    ) -> BenchRow {
      var configuration = base
      configuration.policy = policy
      let round = before + touching + after
      let start = prologue + round + before
      let rounds = max(longPages / pages, 1)
      return BenchRow(
        name: name, labels: labels, program: program,
        registers: [19: bytes, 20: rounds + 2, 21: 3, 23: hugePages ? Advice.HUGEPAGE : Advice.NOHUGEPAGE],
        configuration: configuration, unit: "page", span: Span(instructions: start..<start + touching, units: pages),
        long: Span(instructions: start..<start + rounds * round, units: rounds * pages),
        base: "\(place(of))/\(AtomicFaultPolicy.stock.rawValue)")
    }
    let rows = (hugePages ? Array(touches.prefix(3)) : touches).flatMap { touch in
      let key = touch.name == "ll/sc" ? "llsc" : touch.name
      return policies.map { policy in
        row(
          "\(place(key))/\(policy.rawValue)", [touch.name, policy.rawValue], touch.program, policy, before: before,
          touching: touch.perPage * pages, base: key)
      }
    }
    // The kernel touches the pages itself, so that no instruction has a policy.
    return rows + [
      row(
        "\(place("populate-write"))/any", ["MADV_POPULATE_WRITE", "any"], "pretouch_populate", .stock, before: beforeCall, touching: call,
        base: "ldadd")
    ]
  }

  /// Hot loops, and a loop that misses the TLB on each of its atomics.
  static func loops(_ base: SessionConfiguration) -> [BenchRow] {
    let loops = [
      ("alu", "cpu_alu"), ("alu-parallel", "cpu_alu_parallel"), ("memory", "cpu_memory"), ("branches", "cpu_branches"),
    ]
    let warm: UInt64 = 1_000_000
    let rows = loops.map { name, program in
      BenchRow(
        name: "cpu/\(name)", labels: [name], program: program, registers: [20: 1 << 40], configuration: base, unit: "instruction",
        span: Span(instructions: warm..<warm + 50_000_000, units: 50_000_000),
        long: Span(instructions: warm..<warm + 300_000_000, units: 300_000_000), base: "cpu/alu")
    }
    // The first pass maps and touches the pages.
    var configuration = base
    configuration.hugePages = .never
    let pages: UInt64 = 1 << 14
    let pass = 4 * pages + 4
    func passes(_ count: UInt64) -> Span { Span(instructions: 9 + pass..<9 + (1 + count) * pass, units: count * pages) }
    return rows + [
      BenchRow(
        name: "cpu/tlb-miss-ldadd", labels: ["tlb-miss-ldadd"], program: "cpu_tlb", registers: [19: pages << 12, 20: 1 << 40],
        configuration: configuration, unit: "miss", span: passes(40), long: passes(400), base: "cpu/alu")
    ]
  }

  /// One row for each kind of fault, with the time of one fault. The kinds that touch pages use the programs of `pretouch`.
  static func faults(_ base: SessionConfiguration) -> [BenchRow] {
    var configuration = base
    configuration.policy = .stock
    let kinds = [
      ("zero-page", "read: zero page mapped", "ldr", 1), ("anonymous", "write: anonymous page allocated", "str", 1),
      ("zero-page-then-copy", "atomic: zero page mapped, then replaced", "ldadd", 2),
    ]
    let touches = pretouch(configuration, bytes: 64 << 20, hugePages: false).filter { $0.labels[1] == AtomicFaultPolicy.stock.rawValue }
    var rows = kinds.map { key, text, touch, perPage in
      let row = touches.first { $0.labels[0] == touch }!
      func perFault(_ span: Span) -> Span { Span(instructions: span.instructions, units: span.units * UInt64(perPage)) }
      return BenchRow(
        name: "fault/\(key)", labels: [text], program: row.program, registers: row.registers, configuration: configuration, unit: "fault",
        span: perFault(row.span), long: perFault(row.long), base: "fault/zero-page")
    }
    // The program retires 13 instructions before its loop, and 8 in each round: 4 in the handler, 2 to return, 2 to count.
    func signals(_ count: UInt64) -> Span { Span(instructions: 13 + 8 * 1000..<13 + 8 * (1000 + count), units: count) }
    rows.append(
      BenchRow(
        name: "fault/signal", labels: ["SIGSEGV delivered and returned from"], program: "fault_signal",
        registers: [19: 0x100, 20: 1 << 40], configuration: configuration, unit: "fault", span: signals(20_000), long: signals(200_000),
        base: "fault/zero-page"))
    return rows
  }
}
