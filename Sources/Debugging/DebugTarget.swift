// Owns what a debugger, a tracer or an explorer may do with a target: look at it, change it, let it run, learn why it stopped.
// It does not know whether the target is a program under a kernel or an image on a board, nor who asks.
import Architecture
import Machine

/// Something that runs and can be stopped and looked at. What a PE alone can answer is answered here; the rest is the target's.
public protocol DebugTarget: AnyObject {
  var machine: Emulator { get }
  /// The PE that stopped last, or that runs first: the one whose registers are looked at.
  var processor: Processor { get }
  /// Why the target is over, once it is.
  var outcome: StopReason? { get }
  /// Instructions retired on all PEs together.
  var instructionsRetired: UInt64 { get }
  /// The address of the next instruction, and after the end that of the one at which the target ended.
  var programCounter: UInt64 { get }
  /// PSTATE at the program counter.
  var programState: ProcessorState { get }

  /// Reads `count` bytes at a virtual address of `processor`, without faults, TLB fills or access flags. Nil where any of it has no memory.
  func peek(_ va: UInt64, count: Int) -> [UInt8]?
  /// Writes bytes at a virtual address of `processor`; false where any of it has no memory.
  func poke(_ va: UInt64, _ bytes: [UInt8]) -> Bool

  /// What is recorded of all PEs. `catches` is told of each record.
  var traceMask: TraceMask { get set }
  /// Told of each event that `traceMask` asks for, in their order, between instructions. True: the run stops.
  var catches: ((TraceRecord) -> Bool)? { get set }

  /// Lets the target run until something stops it. A target that is over answers its outcome again.
  func resume(_ request: ResumeRequest) -> StopReason
}

extension DebugTarget {
  public var registers: RegisterNames { RegisterNames(processor, pc: programCounter, pstate: programState) }

  /// Reads RAM at a physical address; nil where any of it is none.
  public func peek(physical pa: UInt64, count: Int) -> [UInt8]? { machine.memory.read(pa, count: count) }
  /// Writes RAM at a physical address; false where any of it is none.
  public func poke(physical pa: UInt64, _ bytes: [UInt8]) -> Bool { machine.memory.write(pa, bytes) }

  /// Virtual addresses before which a run stops, on every PE. An instruction at which a run starts is not stopped at again.
  ///
  /// Code in a page that holds a breakpoint is left and entered again at each of its taken branches, and other code looks its page up
  /// whenever it leaves it. With none they cost nothing.
  public var breakpoints: Set<UInt64> {
    get { processor.breakpoints }
    set { for processor in machine.processors { processor.breakpoints = newValue } }
  }

  /// Asks the run to stop, from another thread or from this one before it begins.
  public func requestStop() { machine.requestStop() }

  /// Runs until something stops it; at most until `limit` instructions have retired in all.
  public func run(until limit: UInt64 = .max) -> StopReason { resume(.until(instructions: limit)) }
  /// Retires one instruction; a fault is served on the way, so the instruction may be that of a handler.
  public func step() -> StopReason { resume(.steps(1)) }
}
