// Owns one translation that a strict run follows: the descriptors it was made from, and how far it has been taken away.
// It does not know when anything happens to it.
import Architecture

/// A TLB entry with the walk that made it, from its fill until its invalidation is complete.
struct TrackedTranslation {
  /// A TLB entry by where it is.
  struct Place: Hashable {
    let processor: Int
    let page: UInt64
    let asid: UInt16
  }
  struct Step: Equatable {
    let level: Int
    let address: UInt64
    let value: UInt64
  }
  enum State: Equatable {
    /// In the TLB, unless something displaced it there.
    case cached
    /// A TLBI took it away at a moment when a walk could still have brought it back: the step that is missing.
    case mayReturn(BreakBeforeMakeViolation.MissingStep)
    /// A TLBI of this PE took it away for good, once a DSB of this PE completes it.
    case incomplete(issuer: Int)
  }

  let place: Place
  let entry: TLBEntry
  let half: TranslationRegime.Half
  /// The descriptors on the way, the leaf last.
  let steps: [Step]
  var state = State.cached

  /// Whether a TLBI takes the entry away: the TLB's own code decides, on a TLB that holds nothing else.
  func isTaken(by operation: TLBIOperation, _ operand: UInt64, _ regime: TranslationRegime) -> Bool {
    var alone = TLB(entryCount: 1, ways: 1)
    defer { alone.deallocate() }
    _ = alone.insert(entry)
    alone.invalidate(operation, operand, regime) { _ in }
    return alone.find(page: entry.page, asid: entry.asid) == nil
  }
}
