// Owns the rounds of a benchmark. Each round measures every row in turn, so that a slow time of the machine affects all of them. It
// also owns the summary of a row's samples.
// It does not know what a row measures, nor how it is shown.

/// The summary of samples: their median, and how far they are apart.
struct Summary: Equatable {
  let median: Double
  /// Half the distance between the quartiles, as a part of the median: half of all samples lie within median ± spread.
  let spread: Double

  init(_ samples: [Double]) {
    precondition(!samples.isEmpty, "nothing was measured")
    let sorted = samples.sorted()
    func quantile(_ part: Double) -> Double {
      let place = part * Double(sorted.count - 1)
      let low = sorted[Int(place)]
      return low + (sorted[min(Int(place) + 1, sorted.count - 1)] - low) * (place - place.rounded(.down))
    }
    median = quantile(0.5)
    spread = median == 0 ? 0 : (quantile(0.75) - quantile(0.25)) / 2 / median
  }
}

/// A row's result.
struct RowResult {
  let row: BenchRow
  /// Processor nanoseconds for one unit.
  let time: Summary
  /// The row's time divided by that of the row or binary it is compared with. The division is done in each round, between
  /// measurements that are close in time.
  let ratio: Summary
  /// The other binary's time, if two binaries are compared.
  var other: Summary?
}

enum BenchRounds {
  /// Times each row in each round. `measure` returns processor nanoseconds for one unit. A row's ratio is relative to its base row.
  static func run(_ rows: [BenchRow], rounds: Int, measure: (BenchRow) throws -> Double) rethrows -> [RowResult] {
    var samples = [[Double]](repeating: [], count: rows.count)
    for _ in 0..<rounds {
      for (index, row) in rows.enumerated() { samples[index].append(try measure(row)) }
    }
    return rows.indices.map { index in
      guard let base = rows.firstIndex(where: { $0.name == rows[index].base }) else { preconditionFailure("a row without its base") }
      return RowResult(row: rows[index], time: Summary(samples[index]), ratio: Summary(zip(samples[index], samples[base]).map { $0 / $1 }))
    }
  }

  /// Times each row with two binaries, one right after the other, in each round; the order alternates. A ratio is our time divided
  /// by theirs.
  static func compare(
    _ rows: [BenchRow], rounds: Int, ours: (BenchRow) throws -> Double, theirs: (BenchRow) throws -> Double
  ) rethrows -> [RowResult] {
    var samples = [[(Double, Double)]](repeating: [], count: rows.count)
    for round in 0..<rounds {
      for (index, row) in rows.enumerated() {
        if round & 1 == 0 {
          let our = try ours(row)
          samples[index].append((our, try theirs(row)))
        } else {
          let their = try theirs(row)
          samples[index].append((try ours(row), their))
        }
      }
    }
    return zip(rows, samples).map { row, samples in
      RowResult(
        row: row, time: Summary(samples.map { $0.0 }), ratio: Summary(samples.map { $0.0 / $0.1 }), other: Summary(samples.map { $0.1 }))
    }
  }
}
