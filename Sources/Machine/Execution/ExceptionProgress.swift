// Owns noticing that exceptions follow each other and no instruction retires.
// It does not know why: a guest's vector that faults itself, or a kernel that serves a fault so that it comes again.

/// Counts exceptions between which nothing retires.
public struct ExceptionProgress {
  private let limit: Int
  private var retired: UInt64 = 0
  private var exceptions = 0

  /// More than `limit` exceptions in a row without a retired instruction are too many.
  public init(limit: Int) { self.limit = limit }

  /// Counts an exception. True: there are too many. `now`: how many instructions have retired.
  @inline(__always)
  public mutating func isMissing(at now: UInt64) -> Bool {
    exceptions = now == retired ? exceptions &+ 1 : 1
    retired = now
    return exceptions > limit
  }
}
