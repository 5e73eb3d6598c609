// Owns where a machine's trace records wait until their reader takes them: a ring of plain records.
// It does not know what is recorded, nor who reads. The machine never calls the reader.
import Architecture

/// The records of all PEs of a machine, in the order in which things happened.
///
/// A run ends with `ProcessorStop.traceIsHalfFull` long before the ring is full, so a reader that then takes what is there loses nothing.
/// A kernel that is entered once may do more than the ring holds: then the oldest records go, and `lost` counts them.
public final class TraceBuffer {
  /// Records that the ring holds: 2.5 MiB of host memory, taken at the first record.
  public static var capacity: Int { 1 << 16 }

  private var records: UnsafeMutablePointer<TraceRecord>?
  private var first = 0
  /// Records that wait.
  public private(set) var count = 0
  /// Records that a newer one has overwritten before they were taken.
  public private(set) var lost: UInt64 = 0

  init() {}
  deinit { records?.deallocate() }

  /// Adds a record. True: the ring is at least half full.
  func append(_ record: TraceRecord) -> Bool {
    let ring = records ?? .allocate(capacity: Self.capacity)
    records = ring
    if count == Self.capacity {
      lost += 1
      first += 1
      count -= 1
    }
    (ring + (first + count) % Self.capacity).initialize(to: record)
    count += 1
    return count >= Self.capacity / 2
  }

  /// Takes the oldest record; nil where there is none.
  public func next() -> TraceRecord? {
    guard let records, count > 0 else { return nil }
    let record = records[first % Self.capacity]
    count -= 1
    // An empty ring begins anew, so that a reader who keeps up touches little memory.
    first = count == 0 ? 0 : (first + 1) % Self.capacity
    return record
  }
}
