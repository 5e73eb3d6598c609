// Owns the vocabulary of interleaving: the kinds of step and of barrier.
// It does not know a scheduler.

/// The kinds of step: a step is a point at which another actor may act.
@frozen public enum StepKind: UInt8, Sendable, CaseIterable {
  case pteLoad, pteStore, pteCompareAndSwap
  case lock, unlock, lockVMAUnderRCU
  /// The actor asked for a lock that another actor holds, and waits.
  case lockWait
  case folioReference, folioFlags
  case userLoad, userStore
  case tlbi, barrier, sleep, wake
}

/// Barriers by name. Arm ARM C6 (DMB, DSB, ISB), B2.3.
@frozen public enum Barrier: UInt8, Sendable, CaseIterable {
  case DMB_ISH, DMB_ISHLD, DMB_ISHST, DSB_ISH, DSB_ISHST, DSB_NSH, DSB_NSHST, DSB_SY, ISB
}

/// Why a store to a frame must take the machine's door. One bit each in the machine's per-frame flags.
@frozen public struct PageFlags: OptionSet, Sendable {
  public var rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// The frame holds decoded code.
  public static let code = PageFlags(rawValue: 1 << 0)
  /// The latest snapshot needs the frame's bytes, which have not changed since.
  public static let snapshot = PageFlags(rawValue: 1 << 2)
  /// A walk of a strict run read descriptors in the frame.
  public static let translationTable = PageFlags(rawValue: 1 << 1)
}

/// Index of a 64-bit register in a PE's register file as the machine lays it out and a supervisor reads it.
/// X0 to X30 are slots 0 to 30.
@frozen public struct RegisterSlot: RawRepresentable, Hashable, Sendable {
  public var rawValue: Int
  @inlinable public init(rawValue: Int) { self.rawValue = rawValue }

  /// A slot that is always zero, which an instruction reads where register 31 means XZR.
  @inlinable public static var zero: RegisterSlot { RegisterSlot(rawValue: 31) }
  /// A slot that takes writes to XZR, and is never read.
  @inlinable public static var discard: RegisterSlot { RegisterSlot(rawValue: 32) }
  /// The stack pointer in use (SP_EL0 while EL0 runs or a hosted supervisor has just been entered).
  @inlinable public static var SP_EL0: RegisterSlot { RegisterSlot(rawValue: 33) }
  @inlinable public static var SP_EL1: RegisterSlot { RegisterSlot(rawValue: 34) }
  @inlinable public static var ELR_EL1: RegisterSlot { RegisterSlot(rawValue: 35) }
  @inlinable public static var SPSR_EL1: RegisterSlot { RegisterSlot(rawValue: 36) }
  @inlinable public static var ESR_EL1: RegisterSlot { RegisterSlot(rawValue: 37) }
  @inlinable public static var FAR_EL1: RegisterSlot { RegisterSlot(rawValue: 38) }
  @inlinable public static var TPIDR_EL0: RegisterSlot { RegisterSlot(rawValue: 39) }
  @inlinable public static var TPIDRRO_EL0: RegisterSlot { RegisterSlot(rawValue: 40) }
  @inlinable public static var TPIDR_EL1: RegisterSlot { RegisterSlot(rawValue: 41) }
  @inlinable public static var FPCR: RegisterSlot { RegisterSlot(rawValue: 42) }
  @inlinable public static var FPSR: RegisterSlot { RegisterSlot(rawValue: 43) }
  /// Instructions that the PE has retired, exact while a supervisor runs. A supervisor only reads it.
  @inlinable public static var retiredInstructions: RegisterSlot { RegisterSlot(rawValue: 44) }
  /// The number of slots in the register file. Those without a name here are for the machine alone.
  @inlinable public static var count: Int { 64 }
}
