// Owns how a benchmark's rows become a table and a report: measured in this process, or together with another binary.
// It does not know the rows, nor the command line.
import Laboratory
import LinuxKernel

/// Runs rows and collects their results.
struct BenchRunner {
  /// The counts of one measurement of a row, which are the same in each measurement.
  struct Counts {
    let faults: UInt64
    let aborts: UInt64
    let instructions: UInt64
  }

  let rounds: Int
  var report: BenchReport
  private var other: (path: String, ours: OtherBinary, theirs: OtherBinary)?

  /// `against` is the path of another binary and `own` the path of this one. With `against` both sides run as processes, in turn.
  init(rounds: Int, against: String?, own: String?, options: SystemOptions) throws {
    self.rounds = rounds
    report = BenchReport(rounds: rounds, against: against)
    guard let against else { return }
    guard let own else { throw UsageError("--against: the path of this command is not known") }
    other = (against, try OtherBinary(own, options: options), try OtherBinary(against, options: options))
  }

  /// Measures the rows and returns their table. `columns` adds cells to a row from its counts. `header` names these cells, after
  /// the names of the labels.
  mutating func table(_ rows: [BenchRow], _ header: [String], _ columns: (BenchRow, Counts) -> [String]) throws -> String {
    var counts: [String: Counts] = [:]
    let results: [RowResult]
    if let other {
      results = try BenchRounds.compare(rows, rounds: rounds, ours: other.ours.measure, theirs: other.theirs.measure)
    } else {
      results = try BenchRounds.run(rows, rounds: rounds) { row in
        let (time, count) = try Self.measure(row)
        counts[row.name] = count
        return time
      }
    }
    let unit = Set(rows.map(\.unit)).count == 1 ? "ns/\(rows[0].unit)" : "ns each"
    var table = TextTable(
      (other == nil ? header : Array(header.prefix(rows[0].labels.count)))
        + (other == nil ? [unit, "spread", "ratio", "spread"] : [unit, "spread", "other's", "spread", "ratio", "spread"]))
    for result in results {
      let row = result.row
      let count = counts[row.name]
      let cells = count.map { columns(row, $0) } ?? []
      let theirs = result.other.map { [decimal($0.median, 2), percent($0.spread)] } ?? []
      table.add(
        row.labels + cells + [decimal(result.time.median, 2), percent(result.time.spread)] + theirs
          + [decimal(result.ratio.median, 3), percent(result.ratio.spread)])
      report.benchmarks.append(
        .init(
          name: row.name, unit: row.unit, pages: row.unit == "page" ? row.span.units : nil,
          faults: row.unit == "fault" ? row.span.units : count?.faults,
          aborts: row.unit == "page" ? count?.aborts : nil, instructions: count?.instructions, nanoseconds: result.time.median,
          spread: result.time.spread,
          otherNanoseconds: result.other?.median, otherSpread: result.other?.spread, ratio: result.ratio.median,
          ratioSpread: result.ratio.spread, ratioTo: result.other == nil ? row.base : nil))
    }
    return table.text
  }

  /// One measurement on a new machine: it runs up to the span, and then times the span. The time is in processor nanoseconds for
  /// one unit.
  static func measure(_ row: BenchRow) throws -> (time: Double, counts: Counts) {
    let run = try GuestRun(row.program, row.configuration, registers: row.registers)
    _ = run.session.run(until: row.span.instructions.lowerBound)
    let (faults, aborts) = (run.faults, run.aborts)
    let time = run.nanoseconds(until: row.span.instructions.upperBound)
    let counts = Counts(
      faults: run.faults - faults, aborts: run.aborts - aborts, instructions: UInt64(row.span.instructions.count))
    return (Double(time) / Double(row.span.units), counts)
  }
}
