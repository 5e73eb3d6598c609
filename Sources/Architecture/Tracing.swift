// Owns what a trace may record: the kinds of event, the mask that chooses among them, and the record of one event.
// It does not know where records are kept, who reads them, or why anything happens.

/// A kind of event. Each kind has a bit of its own in a `TraceMask`. Its comment says what `a`, `b` and `c` of its record are.
@frozen public enum TraceKind: UInt8, Sendable, CaseIterable {
  /// A step of EL1, recorded when it is announced. `detail`: `StepKind`. a: the step's operand.
  case el1Step
  /// An exception was taken to EL1. `detail`: the vector's offset in its group, divided by 0x80. a: ESR_EL1, which an IRQ or
  /// FIQ leaves unchanged. b: FAR_EL1. c: ELR_EL1.
  case exception
  /// An exception return. a: the PC after it. b: PSTATE after it.
  case exceptionReturn
  /// A kernel has handled an abort from EL0. `detail`: the signal that the kernel sends for it, or 0x80 with a number of the kernel's for
  /// the way in which it was served. a: ESR. b: FAR. c: the PC.
  case fault
  /// A walk of the translation tables. `detail`: the fault status code, or `TraceRecord.noFault`. a: the virtual address without its tag.
  /// b: the physical address of the 4 KiB page, where there is one.
  case walk
  /// A new entry was stored in the TLB. a: the virtual address of its page. b: the physical address. c: the ASID.
  case tlbFill
  /// A TLBI, recorded before it takes effect. `detail`: `TLBIOperation`. a: its register operand.
  case tlbMaintenance
  /// A system call, recorded before it does anything. a: its number. b, c: its first two arguments.
  case systemCall
  /// A kernel gives the PE to another task. a: the number of the task that leaves. b: the number of the next task.
  case taskSwitch
  /// A system call has returned a result, perhaps long after it began. a: its number. b: the result as X0 has it, or the negated number of
  /// an `InternalError` if the call will run again.
  case systemCallResult
  /// A signal is delivered: a handler is about to run, or the signal ends the process. `detail`: the signal. a: si_code. b: si_addr, or the
  /// sender's process id. c: the handler's address, or 0.
  case signal
  /// A kernel has made a task, which has not run yet. a: its number. b: the flags of clone. c: the number of its process.
  case taskCreated
  /// A task has begun a new program in its process. a: the number of the process. c: the number of the new address space.
  case programStarted
  /// A task has ended. a: its number. b: the status as wait reports it. c: 1 if it was the last of its process.
  case taskEnded
  /// A system call has changed the mappings of an address space. `detail`: `MappingChange`. a, b: the first address, and the address
  /// behind the last. c: the number of the address space from bit 8 on, and below it the access rights after the change (1 read, 2 write,
  /// 4 execute).
  case mapping
  /// An instruction has retired. `detail`: the Exception level at which it ran. a: its address. b: its encoding.
  case instruction
}

/// What a system call did to a range of an address space.
public enum MappingChange: UInt8, Sendable {
  /// mmap, or a heap that brk has made longer. What was mapped there before is gone.
  case mapped
  /// munmap, or a heap that brk has made shorter.
  case unmapped
  /// mprotect.
  case protected
  /// mremap has moved the contents away from the range, or to it. The record of the old range comes first.
  case movedAway
  case movedHere
  /// The mapped file was cut by truncate, ftruncate or O_TRUNC, and the range lost its part of the file. The address space may be another
  /// process's.
  case truncated
}

/// Results of a system call that a program never sees, because the call runs again. Linux: include/linux/errno.h.
public enum InternalError {
  public static let ERESTARTSYS: UInt64 = 512
  public static let ERESTARTNOINTR: UInt64 = 513
  public static let ERESTARTNOHAND: UInt64 = 514
  public static let ERESTART_RESTARTBLOCK: UInt64 = 516
}

/// Which events are recorded on one PE, and which other listeners are told of them. One copy is in the PE's state and one in
/// the block that a kernel sees; `Processor.traceMask` writes both. No fast path tests it.
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
  @inlinable public static var systemCallResult: TraceMask { TraceMask(.systemCallResult) }
  @inlinable public static var signal: TraceMask { TraceMask(.signal) }
  @inlinable public static var taskCreated: TraceMask { TraceMask(.taskCreated) }
  @inlinable public static var programStarted: TraceMask { TraceMask(.programStarted) }
  @inlinable public static var taskEnded: TraceMask { TraceMask(.taskEnded) }
  @inlinable public static var mapping: TraceMask { TraceMask(.mapping) }
  @inlinable public static var instruction: TraceMask { TraceMask(.instruction) }

  // The following listeners act at the event itself, for which a record would come too late.

  /// Other actors may come in between two steps of EL1: the stepper is called at each of them.
  @inlinable public static var steppedRun: TraceMask { TraceMask(rawValue: 1 &<< 28) }
  /// The check of break-before-make hears of walks, TLBIs and barriers.
  @inlinable public static var strictRun: TraceMask { TraceMask(rawValue: 1 &<< 29) }

  // What one test asks for. One 32-bit constant each: the test is one instruction.

  /// The kinds and listeners for which steps of EL1 are reported.
  @inlinable public static var steps: TraceMask { either(.el1Step, .steppedRun) }
  /// The kinds and listeners for which a kernel's barriers are reported.
  @inlinable public static var barriers: TraceMask { either(.steps, .strictRun) }
  /// The kinds and listeners for which walks, and the TLB entries that come from them, are reported.
  @inlinable public static var walks: TraceMask { either(either(.walk, .tlbFill), .strictRun) }
  /// The kinds and listeners for which TLBIs are reported.
  @inlinable public static var invalidations: TraceMask { either(.tlbMaintenance, .strictRun) }
  /// The kinds of event that occur in the middle of an instruction, or with each instruction. A run that records them goes
  /// instruction by instruction, so that every record has its exact count.
  @inlinable public static var withinInstructions: TraceMask { either(either(.walk, .tlbFill), either(.tlbMaintenance, .instruction)) }
  /// All kinds of record.
  public static var records: TraceMask { TraceKind.allCases.reduce(into: []) { $0.insert(TraceMask($1)) } }

  @inlinable @inline(__always)
  static func either(_ a: TraceMask, _ b: TraceMask) -> TraceMask { TraceMask(rawValue: a.rawValue | b.rawValue) }

  @inlinable @inline(__always)
  public func intersects(_ other: TraceMask) -> Bool { rawValue & other.rawValue != 0 }
}

/// One event, as plain data of a fixed size. `TraceKind` says what its operands mean.
@frozen public struct TraceRecord: Sendable, Equatable {
  public var kind: TraceKind
  public var detail: UInt8
  /// The PE's number.
  public var processor: UInt16
  /// The actor that ran on that PE.
  public var actor: ActorID
  /// The number of the task that a kernel ran on that PE; 0 without a kernel.
  public var task: Int32
  /// The number of instructions that the PE had retired before the event.
  public var instruction: UInt64
  public var a: UInt64
  public var b: UInt64
  public var c: UInt64

  /// The `detail` of a walk that found an entry.
  public static var noFault: UInt8 { 0xff }

  @inlinable
  public init(
    _ kind: TraceKind, detail: UInt8 = 0, processor: Int, actor: ActorID, task: Int32 = 0, instruction: UInt64, a: UInt64 = 0,
    b: UInt64 = 0, c: UInt64 = 0
  ) {
    self.kind = kind
    self.detail = detail
    self.processor = UInt16(truncatingIfNeeded: processor)
    self.actor = actor
    self.task = task
    self.instruction = instruction
    self.a = a
    self.b = b
    self.c = c
  }
}

extension EL1Interface {
  /// Whether something observes a kernel's events of this kind. While nothing does, this costs one test.
  @inlinable @inline(__always)
  public func traces(_ mask: TraceMask) -> Bool { _slowPath(block.pointee.trace.intersects(mask)) }

  /// Records an event of a kernel's. Call it only where `traces` says that the event is observed.
  public func record(_ kind: TraceKind, detail: UInt8 = 0, _ a: UInt64 = 0, _ b: UInt64 = 0, _ c: UInt64 = 0) {
    // The pointer is valid only while the call lasts. In a stepped run the call lasts until the actor goes on.
    let record = TraceRecord(
      kind, detail: detail, processor: processor, actor: actor, task: block.pointee.task, instruction: self[.retiredInstructions], a: a,
      b: b, c: c)
    withUnsafePointer(to: record) { block.pointee.entryPoints.event(block.pointee.context, $0) }
  }

  /// Announces a step that something observes.
  @usableFromInline
  func announce(_ kind: StepKind, _ operand: UInt64) { record(.el1Step, detail: kind.rawValue, operand) }
}
