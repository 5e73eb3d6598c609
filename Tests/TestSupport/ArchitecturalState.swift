// Owns everything a program can see of one PE and of its data pages, as one value to compare.
// It does not know how a run got there.
import Architecture
import Machine

/// The state of a PE at an instruction boundary.
public struct ArchitecturalState: Equatable {
  public var x: [UInt64]
  public var vectors: [UInt64]
  public var sp: UInt64
  public var pc: UInt64
  public var pstate: UInt64
  public var retired: UInt64
  /// ESR, FAR, ELR and SPSR as the last exception left them.
  public var exception: [UInt64]
  /// RAM of the standard data pages.
  public var memory: [UInt8]

  public init(_ machine: BareMachine, _ number: Int = 0) {
    let processor = machine[number]
    x = (0..<31).map { processor[x: $0] }
    vectors = (0..<32).flatMap { [processor.vector($0).low, processor.vector($0).high] }
    sp = processor.sp
    pc = processor.pc
    pstate = processor.pstate.rawValue
    retired = processor.instructionsRetired
    let el1 = processor.el1
    exception = [el1[.ESR_EL1], el1[.FAR_EL1], el1[.ELR_EL1], el1[.SPSR_EL1]]
    memory = machine.emulator.memory.read(BareMachine.dataPA, count: 0x4000)!
  }
}
