// Owns what a strict run reports: a change of a descriptor that needed break-before-make and did not get it.
// It does not know how a change is noticed. Arm ARM D8.16.1, "Using break-before-make when updating translation table entries".
import Architecture

/// A valid translation was replaced by another while a PE could still use the old one. The architecture requires the sequence
/// invalid descriptor, DSB, TLBI, DSB, new descriptor.
public struct BreakBeforeMakeViolation: Sendable, Equatable {
  /// Why the change needed the sequence. Arm ARM D8.16.1.
  public enum Rule: String, Sendable, CaseIterable {
    case memoryType = "a change of the memory type"
    case cacheability = "a change of the cacheability attributes"
    /// This does not apply if both translations are read-only and lead to the same bytes.
    case outputAddress = "a change of the output address"
    /// This does not apply at FEAT_BBM level 2, nor at level 1 for a block with nT set.
    case blockSize = "a change of the block size"
    case globality = "a global entry where non-global ones are cached"
    /// This does not apply at FEAT_BBM level 1 or 2.
    case contiguity = "a change of the Contiguous bit"
  }
  /// The step that was left out.
  public enum MissingStep: String, Sendable, CaseIterable {
    /// The old descriptor was still valid.
    case `break` = "the descriptor was not made invalid first"
    /// The descriptor was invalid, but no TLBI had removed its entries since, or only one for the last level although a table was
    /// removed.
    case invalidation = "no TLBI came between"
    /// A TLBI came, but walks could still have read the old descriptor at that time.
    case visibility = "no DSB came between the invalid descriptor and the TLBI"
    /// The new descriptor was stored while the TLBI might not have completed.
    case completion = "no DSB completed the TLBI"
  }
  /// A TLB entry that was made from the old descriptor and that is, or by the architecture may be, still cached.
  public struct LiveEntry: Sendable, Equatable {
    public let processor: Int
    public let entry: TLBEntryView
  }

  /// The physical address and the level of the descriptor that was stored to.
  public let descriptorAddress: UInt64
  public let level: Int
  /// The descriptor's value from which the live entries were made, its value just before the store, and the one after it.
  public let cached: UInt64
  public let old: UInt64
  public let new: UInt64
  public let rules: [Rule]
  public let missing: MissingStep
  public let liveEntries: [LiveEntry]
}

extension BreakBeforeMakeViolation: CustomStringConvertible {
  /// One line of text: what changed, which rules the change broke, which step is missing, and which entries were live.
  public var description: String {
    let entries = liveEntries.map {
      "PE \($0.processor) \(hexadecimal($0.entry.va)) " + ($0.entry.isGlobal ? "global" : "ASID \($0.entry.asid)")
    }
    return "break-before-make: level \(level) descriptor at \(hexadecimal(descriptorAddress)) from \(hexadecimal(cached)) to "
      + "\(hexadecimal(new)): \(rules.map(\.rawValue).joined(separator: ", ")) (Arm ARM D8.16.1); \(missing.rawValue); live: "
      + entries.joined(separator: ", ")
  }
}

extension Emulator {
  /// The first 4096 violations that a strict run (`MachineConfiguration.reportsBreakBeforeMake`) has found, oldest first.
  public var breakBeforeMakeViolations: [BreakBeforeMakeViolation] { strictTranslation?.violations ?? [] }
}
