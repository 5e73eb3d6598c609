// Owns the reason why a walk ended without a translation, in terms of registers and descriptors.
// It does not walk, and writes no text. Arm ARM: AArch64.S1Translate, AArch64.S1Walk.
import Architecture

/// What stopped a walk.
public enum FaultReason: Sendable, Equatable {
  /// The address has more significant bits than TnSZ gives the half.
  case addressRange(bits: UInt64)
  /// TnSZ itself is out of range.
  case sizeOffset(UInt64)
  /// TCR_EL1.EPDn disables walks.
  case walksDisabled
  /// The TTBR's address has more bits than TCR_EL1.IPS.
  case tableBase(bits: UInt64)
  /// A descriptor's address is not in RAM.
  case noMemory
  case invalidDescriptor
  /// A block stands at a level without blocks, or a level 3 descriptor has the reserved encoding.
  case noBlocks
  /// A block has nT set, on a processor where that is a fault.
  case notTranslated
  /// The descriptor's address has more bits than TCR_EL1.IPS.
  case outputAddress(bits: UInt64)
  /// AF and TCR_EL1.HA are both 0.
  case accessFlag

  /// Finds the reason by the checks of a walk, in their order. `last` is the last descriptor that was read.
  init(_ status: FaultStatus, _ va: UInt64, _ half: TranslationRegime.Half, _ last: WalkExplanation.Step?) {
    switch status.kind {
    case .addressSize:
      self = half.tableIsOutOfRange ? .tableBase(bits: half.outputLimit) : .outputAddress(bits: half.outputLimit)
    case .accessFlag: self = .accessFlag
    case .translation:
      if va & half.checkMask != (va & 1 &<< 55 != 0 ? half.checkMask : 0) {
        self = .addressRange(bits: UInt64(half.checkMask.trailingZeroBitCount))
      } else if half.sizeIsInvalid {
        self = .sizeOffset(half.control.sizeOffset)
      } else if half.control.walksDisabled {
        self = .walksDisabled
      } else if let last, Descriptor(last.descriptor).isValid {
        self = half.format.hasBlocks(last.level) ? .notTranslated : .noBlocks
      } else {
        self = .invalidDescriptor
      }
    default: self = .noMemory
    }
  }
}
