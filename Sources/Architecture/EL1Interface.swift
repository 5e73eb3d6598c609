// Owns the seam between a machine and the code that acts as EL1: everything a supervisor may do to the machine, and the points
// where another actor may run between two of its steps. It does not know page-table policy, Linux or the interpreter.

/// What a hosted supervisor may do to one processing element (PE), by architectural means only: stores to guest RAM,
/// system registers, TLBI, barriers, unprivileged accesses, ERET.
///
/// The value is one word wide and every accessor is inlinable: in a normal run, each accessor costs a pointer load and one test
/// of the trace mask. Each accessor that is a step announces the step before it takes effect.
@frozen public struct EL1Interface {
  public let block: UnsafeMutablePointer<EL1Block>
  @inlinable public init(_ block: UnsafeMutablePointer<EL1Block>) { self.block = block }

  /// The PE's number.
  @inlinable public var processor: Int { block.pointee.processor }
  /// Whether something observes the steps: it records them, or it lets other actors run between them.
  @inlinable @inline(__always) public var isStepping: Bool { traces(.steps) }

  /// Announces a step. In normal runs this is one predictable branch.
  @inlinable @inline(__always)
  public func step(_ kind: StepKind, _ operand: UInt64 = 0) {
    if isStepping { announce(kind, operand) }
  }
}

/// The plain data behind an `EL1Interface`: one per PE, owned by the machine (or by a test's stand-in for one).
@frozen public struct EL1Block {
  /// Guest RAM; the machine owns the bytes.
  public let ram: RAM
  /// The PE's registers, indexed by `RegisterSlot`.
  public var registers: UnsafeMutablePointer<UInt64>
  /// The PE's V0-V31, 16 bytes each, little-endian.
  public var vectors: UnsafeMutableRawPointer
  /// The machine's own pointer, which each call of an entry point gets as its first argument.
  public var context: UnsafeMutableRawPointer
  public var entryPoints: EL1EntryPoints
  /// What went wrong in the last unprivileged access that returned false.
  public var lastFault: FaultRecord
  /// The events that are observed on this PE. `Processor.traceMask` writes it.
  public var trace: TraceMask
  /// The PE's number.
  public let processor: Int
  /// The actor that runs on this PE.
  public var actor: ActorID
  /// The number of the task that a kernel runs on this PE; 0 without a kernel. The records of events bear it.
  public var task: Int32 = 0
  /// The lock table of the kernel that booted this PE, which all its PEs share; nil before the boot.
  public var locks: UnsafeMutablePointer<LockMemory>?

  public init(
    ram: RAM, registers: UnsafeMutablePointer<UInt64>, vectors: UnsafeMutableRawPointer, context: UnsafeMutableRawPointer,
    entryPoints: EL1EntryPoints, processor: Int
  ) {
    self.ram = ram
    self.registers = registers
    self.vectors = vectors
    self.context = context
    self.entryPoints = entryPoints
    self.lastFault = FaultRecord()
    self.trace = []
    self.processor = processor
    self.actor = ActorID(UInt32(processor))
  }
}

/// The functions of the machine that the seam calls. They are plain C functions, so a call costs no retain and no witness table.
@frozen public struct EL1EntryPoints {
  public typealias Opaque = UnsafeMutableRawPointer
  /// Executes a TLBI. Its arguments are the raw value of a `TLBIOperation`, and the register operand as the instruction takes
  /// it.
  public var invalidateTLB: @convention(c) (Opaque, _ operation: UInt64, _ operand: UInt64) -> Void
  /// Reads `size` (1, 2, 4 or 8) bytes with EL0's permissions, as LDTR does at EL1. If it returns false, the fault is in
  /// `lastFault`.
  public var unprivilegedLoad: @convention(c) (Opaque, _ va: UInt64, _ size: UInt64, _ result: UnsafeMutablePointer<UInt64>) -> Bool
  /// Writes `size` (1, 2, 4 or 8) bytes with EL0's permissions, as STTR does at EL1. If it returns false, the fault is in
  /// `lastFault`.
  public var unprivilegedStore: @convention(c) (Opaque, _ va: UInt64, _ size: UInt64, _ value: UInt64) -> Bool
  /// Translates `va` for an unprivileged access that stays in its 4 KiB page, and yields the physical address. A copy of many
  /// bytes uses this instead of one load or store for each. If it returns false, the fault is in `lastFault`.
  public var unprivilegedTranslate: @convention(c) (Opaque, _ va: UInt64, _ isWrite: Bool, _ pa: UnsafeMutablePointer<UInt64>) -> Bool
  /// Executes MRS or MSR of a system register that has no slot of its own. The raw value of its `SystemRegister` names it.
  public var readSystemRegister: @convention(c) (Opaque, _ register: UInt64) -> UInt64
  public var writeSystemRegister: @convention(c) (Opaque, _ register: UInt64, _ value: UInt64) -> Void
  /// Executes WFI in the idle loop. This number of nanoseconds passes meanwhile.
  public var idle: @convention(c) (Opaque, _ nanoseconds: UInt64) -> Void
  /// Executes ERET: PSTATE comes from SPSR_EL1, the PC from ELR_EL1, and the local exclusive monitor is cleared.
  public var exceptionReturn: @convention(c) (Opaque) -> Void
  /// Receives an event that the trace mask asks for, as a `TraceRecord`. A step is reported before it happens, and the call may
  /// last while other actors run.
  public var event: @convention(c) (Opaque, _ record: UnsafeRawPointer) -> Void

  public init(
    invalidateTLB: @escaping @convention(c) (Opaque, UInt64, UInt64) -> Void,
    unprivilegedLoad: @escaping @convention(c) (Opaque, UInt64, UInt64, UnsafeMutablePointer<UInt64>) -> Bool,
    unprivilegedStore: @escaping @convention(c) (Opaque, UInt64, UInt64, UInt64) -> Bool,
    unprivilegedTranslate: @escaping @convention(c) (Opaque, UInt64, Bool, UnsafeMutablePointer<UInt64>) -> Bool,
    readSystemRegister: @escaping @convention(c) (Opaque, UInt64) -> UInt64,
    writeSystemRegister: @escaping @convention(c) (Opaque, UInt64, UInt64) -> Void,
    idle: @escaping @convention(c) (Opaque, UInt64) -> Void,
    exceptionReturn: @escaping @convention(c) (Opaque) -> Void,
    event: @escaping @convention(c) (Opaque, UnsafeRawPointer) -> Void
  ) {
    self.invalidateTLB = invalidateTLB
    self.unprivilegedLoad = unprivilegedLoad
    self.unprivilegedStore = unprivilegedStore
    self.unprivilegedTranslate = unprivilegedTranslate
    self.readSystemRegister = readSystemRegister
    self.writeSystemRegister = writeSystemRegister
    self.idle = idle
    self.exceptionReturn = exceptionReturn
    self.event = event
  }
}
