// Owns the latest faults of a session.
// It does not know who records them, nor what a fault means.
import LinuxKernel

/// The latest aborts, oldest first.
public struct FaultHistory {
  public static let limit = 1000
  /// At most `limit` entries.
  public var entries: ArraySlice<FaultLogEntry> { log.suffix(Self.limit) }
  /// All aborts, those included that are gone from `entries`.
  public private(set) var count = 0
  /// Up to twice the limit: dropping the older half now and then costs less than dropping one at each fault.
  private var log: [FaultLogEntry] = []

  mutating func add(_ entry: FaultLogEntry) {
    count += 1
    if log.count == 2 * Self.limit { log.removeFirst(Self.limit) }
    log.append(entry)
  }
}
