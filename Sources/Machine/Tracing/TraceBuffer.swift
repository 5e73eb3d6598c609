// Owns the ring in which a machine's trace records stay until their reader takes them. It does not know what a record is about, or who the
// reader is. The machine never calls the reader.
import Architecture

/// The records of all PEs of a machine, in the order of their events.
///
/// A run ends with `ProcessorStop.traceIsHalfFull` long before the ring is full. A reader that takes all records at that point loses none.
/// A kernel may make more records in one call than the ring holds. In that case the oldest records are overwritten, and `lost` counts them.
public final class TraceBuffer {
  /// The number of records that the ring holds. They take 2.5 MiB of host memory, which is allocated at the first record.
  public static var capacity: Int { 1 << 16 }

  private var records: UnsafeMutablePointer<TraceRecord>?
  private var first = 0
  /// The number of records that the reader has not taken yet.
  public private(set) var count = 0
  /// The number of records that were overwritten before the reader took them.
  public private(set) var lost: UInt64 = 0

  init() {}
  deinit { records?.deallocate() }

  /// Adds a record. True if the ring is at least half full.
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

  /// Takes the oldest record; nil if there is none.
  public func next() -> TraceRecord? {
    guard let records, count > 0 else { return nil }
    let record = records[first % Self.capacity]
    count -= 1
    // An empty ring starts again at its first place, so that a reader that takes records often causes little memory to be touched.
    first = count == 0 ? 0 : (first + 1) % Self.capacity
    return record
  }
}
