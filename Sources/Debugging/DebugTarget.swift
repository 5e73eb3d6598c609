// Owns the operations of a debugger, a tracer or an explorer on a target: reading and changing it, letting it run, and learning why it
// stopped. It does not know whether the target is a program under a kernel or an image on a board.
import Architecture
import Machine
import Symbols

/// A target that runs, and that can be stopped and inspected. The extension in this file serves the requests that need only the PE; each
/// kind of target serves the rest.
public protocol DebugTarget: AnyObject {
  var machine: Emulator { get }
  /// The PE that stopped last, or before the first run the PE that runs first. Its registers are the ones shown.
  var processor: Processor { get }
  /// Why the target ended; nil until it does.
  var outcome: StopReason? { get }
  /// The number of instructions that all PEs together have retired.
  var instructionsRetired: UInt64 { get }
  /// The address of the next instruction. After the end it is the address of the instruction at which the target ended.
  var programCounter: UInt64 { get }
  /// PSTATE at the program counter.
  var programState: ProcessorState { get }

  /// Reads `count` bytes at a virtual address of `processor`, without faults, TLB fills or access flags. Nil if any of the bytes is not
  /// mapped.
  func peek(_ va: UInt64, count: Int) -> [UInt8]?
  /// Writes bytes at a virtual address of `processor`. Returns false if any of the bytes is not mapped.
  func poke(_ va: UInt64, _ bytes: [UInt8]) -> Bool

  /// The events that are recorded on all PEs. `catches` is called for each record.
  var traceMask: TraceMask { get set }
  /// Called for each event that `traceMask` asks for, in the order of the events, between instructions. If it returns true, the
  /// run stops.
  var catches: ((TraceRecord) -> Bool)? { get set }

  /// Lets the target run until something stops it. A target that has ended returns its outcome again.
  func resume(_ request: ResumeRequest) -> StopReason
}

extension DebugTarget {
  public var registers: RegisterNames { RegisterNames(processor, pc: programCounter, pstate: programState) }
  /// The registers from which the stack of the running code is unwound.
  public var unwindRegisters: UnwindRegisters {
    UnwindRegisters(x: (0..<31).map { processor[x: $0] }, sp: processor.sp, pc: programCounter)
  }

  /// Reads RAM at a physical address; nil if any of the bytes is not RAM.
  public func peek(physical pa: UInt64, count: Int) -> [UInt8]? { machine.memory.read(pa, count: count) }
  /// Writes RAM at a physical address. Returns false if any of the bytes is not RAM.
  public func poke(physical pa: UInt64, _ bytes: [UInt8]) -> Bool { machine.memory.write(pa, bytes) }

  /// The virtual addresses before which a run stops, on every PE. A run does not stop at the instruction where it starts.
  ///
  /// In a page with a breakpoint, each taken branch of the code leaves its block. Other code looks its page up whenever it leaves the page.
  /// An empty set costs nothing.
  public var breakpoints: Set<UInt64> {
    get { processor.breakpoints }
    set { for processor in machine.processors { processor.breakpoints = newValue } }
  }

  /// The ranges of virtual addresses before an access to which a run stops, on every PE. See `Processor.watches`.
  public var watches: [Watch] {
    get { processor.watches }
    set { for processor in machine.processors { processor.watches = newValue } }
  }

  /// Asks the run to stop. Another thread may call this, or this thread before the run begins.
  public func requestStop() { machine.requestStop() }

  /// Runs until something stops the target, or until `limit` instructions have retired since its start.
  public func run(until limit: UInt64 = .max) -> StopReason { resume(.until(instructions: limit)) }
  /// Retires one instruction. If the instruction faults first, the fault is handled, so the retired instruction may be a
  /// handler's.
  public func step() -> StopReason { resume(.steps(1)) }
}
