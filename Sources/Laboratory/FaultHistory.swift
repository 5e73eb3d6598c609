// Owns the latest faults of a session.
// It does not know who records them, nor what a fault means.
import LinuxKernel

/// The latest aborts, the oldest first.
public struct FaultHistory {
  public static let limit = 1000
  /// The latest aborts, at most `limit` of them.
  public var entries: ArraySlice<FaultLogEntry> { log.suffix(Self.limit) }
  /// The number of all aborts, including those that are no longer in `entries`.
  public private(set) var count = 0
  /// Up to twice the limit of entries, because dropping the older half occasionally costs less than dropping one entry at each
  /// fault.
  private var log: [FaultLogEntry] = []

  public init() {}

  public mutating func add(_ entry: FaultLogEntry) {
    count += 1
    if log.count == 2 * Self.limit { log.removeFirst(Self.limit) }
    log.append(entry)
  }
}
