// Owns one translation that a strict run follows: the descriptors from which it was made, and the progress of its removal.
// It does not know when these events happen.
import Architecture

/// A TLB entry with the walk that made it, from its fill until its invalidation is complete.
struct TrackedTranslation {
  /// The place of a TLB entry.
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
    /// The translation is in the TLB, unless another entry displaced it there.
    case cached
    /// A TLBI removed the translation while a walk could still bring it back; the payload is the missing step.
    case mayReturn(BreakBeforeMakeViolation.MissingStep)
    /// A TLBI of this PE removed the translation for good; a DSB of the same PE completes that.
    case incomplete(issuer: Int)
  }

  let place: Place
  let entry: TLBEntry
  let half: TranslationRegime.Half
  /// The descriptors of the walk, the leaf last.
  let steps: [Step]
  var state = State.cached

  /// Whether a TLBI removes the entry. The TLB's own code decides this, on a TLB that holds only this entry.
  func isTaken(by operation: TLBIOperation, _ operand: UInt64, _ regime: TranslationRegime) -> Bool {
    var alone = TLB(entryCount: 1, ways: 1)
    defer { alone.deallocate() }
    _ = alone.insert(entry)
    alone.invalidate(operation, operand, regime) { _ in }
    return alone.find(page: entry.page, asid: entry.asid) == nil
  }
}
