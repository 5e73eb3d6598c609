// Owns what a trace may record: the kinds of event, the mask that chooses among them, and the record of one event.
// It does not know where records are kept, who reads them, or why anything happens.

/// A kind of event. Each has a bit of its own in a `TraceMask`; what `a`, `b` and `c` of its record are stands beside it.
@frozen public enum TraceKind: UInt8, Sendable, CaseIterable {
  /// A step of EL1, as it is announced. `detail`: `StepKind`. a: the step's operand.
  case el1Step
  /// An exception was taken to EL1. `detail`: the vector's offset in its group, divided by 0x80. a: ESR_EL1 (of an IRQ or FIQ: what was
  /// there before). b: FAR_EL1. c: ELR_EL1.
  case exception
  /// An exception return. a: the PC that it leads to. b: PSTATE there.
  case exceptionReturn
  /// A kernel has dealt with an abort from EL0. `detail`: the signal that it became, 0 for none. a: ESR. b: FAR. c: the PC.
  case fault
  /// A walk of the translation tables. `detail`: the fault status code, or `TraceRecord.noFault`. a: the virtual address without its tag.
  /// b: the physical address of the 4 KiB page, where there is one.
  case walk
  /// The TLB has a new entry. a: the virtual address of its page. b: the physical address. c: the ASID.
  case tlbFill
  /// A TLBI, before it takes effect. `detail`: `TLBIOperation`. a: its register operand.
  case tlbMaintenance
  /// A system call, before it does anything. a: its number. b, c: its first two arguments.
  case systemCall
  /// A kernel gives the PE to another task. a: the number of the one that leaves. b: that of the next.
  case taskSwitch
  /// An instruction has retired. `detail`: the Exception level at which it ran. a: its address. b: its word.
  case instruction
}

/// What is recorded on one PE, and what else wants to hear of its events. It has one copy in the PE's state and one in the block that a
/// kernel sees; `Processor.traceMask` writes both. No fast path tests it.
@frozen public struct TraceMask: OptionSet, Sendable {
  public var rawValue: UInt64
  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
  /// The bit of one kind.
  @inlinable public init(_ kind: TraceKind) { rawValue = 1 &<< UInt64(kind.rawValue) }

  @inlinable public static var el1Step: TraceMask { TraceMask(.el1Step) }
  @inlinable public static var exception: TraceMask { TraceMask(.exception) }
  @inlinable public static var exceptionReturn: TraceMask { TraceMask(.exceptionReturn) }
  @inlinable public static var fault: TraceMask { TraceMask(.fault) }
  @inlinable public static var walk: TraceMask { TraceMask(.walk) }
  @inlinable public static var tlbFill: TraceMask { TraceMask(.tlbFill) }
  @inlinable public static var tlbMaintenance: TraceMask { TraceMask(.tlbMaintenance) }
  @inlinable public static var systemCall: TraceMask { TraceMask(.systemCall) }
  @inlinable public static var taskSwitch: TraceMask { TraceMask(.taskSwitch) }
  @inlinable public static var instruction: TraceMask { TraceMask(.instruction) }

  // Listeners that act at an event, where a record of it would come too late.

  /// Other actors may come in between two steps of EL1: whoever steps the run is called at each of them.
  @inlinable public static var steppedRun: TraceMask { TraceMask(rawValue: 1 &<< 28) }
  /// The check of break-before-make hears of walks, TLBIs and barriers.
  @inlinable public static var strictRun: TraceMask { TraceMask(rawValue: 1 &<< 29) }

  // What one test asks for. One 32-bit constant each: the test is one instruction.

  /// Something hears of the steps of EL1.
  @inlinable public static var steps: TraceMask { either(.el1Step, .steppedRun) }
  /// Something hears of a kernel's barriers.
  @inlinable public static var barriers: TraceMask { either(.steps, .strictRun) }
  /// Something hears of walks and what they put into the TLB.
  @inlinable public static var walks: TraceMask { either(either(.walk, .tlbFill), .strictRun) }
  /// Something hears of TLBIs.
  @inlinable public static var invalidations: TraceMask { either(.tlbMaintenance, .strictRun) }
  /// What happens in the middle of an instruction, or with each: such a run goes instruction by instruction, so that every record has its
  /// exact count.
  @inlinable public static var withinInstructions: TraceMask { either(either(.walk, .tlbFill), either(.tlbMaintenance, .instruction)) }
  /// All kinds of record.
  public static var records: TraceMask { TraceKind.allCases.reduce(into: []) { $0.insert(TraceMask($1)) } }

  @inlinable @inline(__always)
  static func either(_ a: TraceMask, _ b: TraceMask) -> TraceMask { TraceMask(rawValue: a.rawValue | b.rawValue) }

  @inlinable @inline(__always)
  public func intersects(_ other: TraceMask) -> Bool { rawValue & other.rawValue != 0 }
}

/// One event: plain data of a fixed size. Its operands mean what `TraceKind` says.
@frozen public struct TraceRecord: Sendable, Equatable {
  public var kind: TraceKind
  public var detail: UInt8
  /// The PE's number.
  public var processor: UInt16
  /// The actor that ran on it.
  public var actor: ActorID
  /// How many instructions the PE had retired before it happened.
  public var instruction: UInt64
  public var a: UInt64
  public var b: UInt64
  public var c: UInt64

  /// The `detail` of a walk that found an entry.
  public static var noFault: UInt8 { 0xff }

  @inlinable
  public init(
    _ kind: TraceKind, detail: UInt8 = 0, processor: Int, actor: ActorID, instruction: UInt64, a: UInt64 = 0, b: UInt64 = 0, c: UInt64 = 0
  ) {
    self.kind = kind
    self.detail = detail
    self.processor = UInt16(truncatingIfNeeded: processor)
    self.actor = actor
    self.instruction = instruction
    self.a = a
    self.b = b
    self.c = c
  }
}

extension EL1Interface {
  /// Whether an event of a kernel's is wanted. Off it costs one test.
  @inlinable @inline(__always)
  public func traces(_ mask: TraceMask) -> Bool { _slowPath(block.pointee.trace.intersects(mask)) }

  /// Records an event of a kernel's. Call it only where `traces` says that the event is wanted.
  public func record(_ kind: TraceKind, detail: UInt8 = 0, _ a: UInt64 = 0, _ b: UInt64 = 0, _ c: UInt64 = 0) {
    // The pointer is good for as long as the call lasts, which in a stepped run is until the actor goes on.
    let record = TraceRecord(
      kind, detail: detail, processor: processor, actor: actor, instruction: self[.retiredInstructions], a: a, b: b, c: c)
    withUnsafePointer(to: record) { block.pointee.entryPoints.event(block.pointee.context, $0) }
  }

  /// Announces a step that something wants to hear of.
  @usableFromInline
  func announce(_ kind: StepKind, _ operand: UInt64) { record(.el1Step, detail: kind.rawValue, operand) }
}
