// Owns the tests of the trace mask on a bare machine: which records each kind of event makes, their exact counts, and that nothing
// else changes.
// It does not know kernels, whose events are tested with them.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct TracingTests {
  private static let program: [UInt32] = [
    0xf940_0020,  // ldr x0, [x1]
    0xf940_0022,  // ldr x2, [x1]
    0xd400_0001,  // svc #0
  ]

  private func machine(_ mask: TraceMask, fastTable: Bool = true) throws -> BareMachine {
    let machine = try BareMachine(fastTable: fastTable)
    machine.load(Self.program)
    machine[0][x: 1] = BareMachine.data
    machine[0].traceMask = mask
    return machine
  }

  private func taken(_ machine: BareMachine) -> [TraceRecord] {
    var records: [TraceRecord] = []
    while let record = machine.emulator.trace.next() { records.append(record) }
    return records
  }

  private static func record(
    _ kind: TraceKind, detail: UInt8 = 0, at instruction: UInt64, _ a: UInt64, _ b: UInt64 = 0, _ c: UInt64 = 0
  ) -> TraceRecord {
    TraceRecord(kind, detail: detail, processor: 0, actor: ActorID(0), instruction: instruction, a: a, b: b, c: c)
  }

  /// Two loads from one page and an SVC. The page of code and the page of data are each walked for and cached once.
  private static let expected = [
    record(.walk, detail: 0xff, at: 0, 0x1000, 0x4010_0000),
    record(.tlbFill, at: 0, 0x1000, 0x4010_0000),
    record(.walk, detail: 0xff, at: 0, 0x3000, 0x4020_0000),
    record(.tlbFill, at: 0, 0x3000, 0x4020_0000),
    record(.instruction, at: 0, 0x1000, 0xf940_0020),
    record(.instruction, at: 1, 0x1004, 0xf940_0022),
    record(.instruction, at: 2, 0x1008, 0xd400_0001),
    record(.exception, at: 3, 0x5600_0000, 0, 0x100c),
  ]

  @Test(arguments: [true, false]) func everyEventOfAFewInstructions(fastTable: Bool) throws {
    let machine = try machine(.records, fastTable: fastTable)
    #expect(machine.run() == .exceptionTakenToEL1(.lowerA64Synchronous))
    #expect(taken(machine) == Self.expected)
  }

  /// Each bit alone makes the records of its kind and no others.
  @Test(arguments: TraceKind.allCases) func aBitIsAKind(_ kind: TraceKind) throws {
    let machine = try machine(TraceMask(kind))
    _ = machine.run()
    #expect(taken(machine) == Self.expected.filter { $0.kind == kind })
  }

  @Test func offThereIsNothing() throws {
    let machine = try machine([])
    _ = machine.run()
    #expect(taken(machine) == [])
    #expect(machine[0].traceMask == [])
  }

  @Test func aWalkThatFaults() throws {
    let machine = try machine([.walk, .exception])
    machine[0][x: 1] = 0x7008
    _ = machine.run()
    #expect(
      taken(machine).dropFirst() == [
        Self.record(.walk, detail: 0x07, at: 0, 0x7008),
        Self.record(.exception, at: 0, 0x9200_0007, 0x7008, 0x1000),
      ])
  }

  /// A supervisor executes a TLBI, a step and an exception return.
  @Test func aSupervisorsEvents() throws {
    let machine = try machine([])
    _ = machine.run()
    machine[0].traceMask = [.tlbMaintenance, .exceptionReturn, .el1Step]
    machine[0].el1.invalidateTLB(.VAE1, 3)
    machine[0].el1.barrier(.DSB_ISH)
    machine[0].el1.exceptionReturn()
    #expect(
      taken(machine) == [
        Self.record(.el1Step, detail: StepKind.tlbi.rawValue, at: 3, 3),
        Self.record(.tlbMaintenance, detail: TLBIOperation.VAE1.rawValue, at: 3, 3),
        Self.record(.el1Step, detail: StepKind.barrier.rawValue, at: 3, UInt64(Barrier.DSB_ISH.rawValue)),
        Self.record(.exceptionReturn, at: 3, 0x100c, 0),
      ])
  }

  /// A guest executes ERET, and an interrupt is taken after it.
  @Test func aGuestsEvents() throws {
    let machine = try BareMachine.guestEL1([0xd503_201f, 0xd69f_03e0], el0: [0x9100_0421])  // nop; eret
    machine[0].el1[.ELR_EL1] = BareMachine.code
    machine[0].el1[.SPSR_EL1] = 0
    machine[0].traceMask = [.exception, .exceptionReturn]
    #expect(machine.run(count: 3) == .instructionLimit)
    machine[0].setInterrupt(.fiq, asserted: true)
    _ = machine.run(count: 1)
    #expect(
      taken(machine) == [
        Self.record(.exceptionReturn, at: 1, 0x1000, 0),
        Self.record(.exception, detail: 2, at: 3, machine[0].read(.ESR_EL1)!, machine[0].read(.FAR_EL1)!, 0x1004),
      ])
  }

  /// A traced run and a plain run end alike.
  @Test func tracingChangesNoResult() throws {
    var ends: [[UInt64]] = []
    for mask in [[], TraceMask.records] {
      let machine = try machine(mask)
      _ = machine.run()
      let statistics = machine[0].statistics
      ends.append(
        (0..<31).map { machine[0][x: $0] }
          + [machine[0].pc, machine[0].instructionsRetired, statistics.walks, statistics.tlbRefills, machine[0].el1[.ELR_EL1]])
    }
    #expect(ends[0] == ends[1])
  }

  // MARK: The buffer

  /// A reader that takes the records whenever the run stops for it loses none.
  @Test func aFullBufferStopsTheRun() throws {
    let machine = try BareMachine()
    machine.load([0x9100_0421, 0x17ff_ffff])  // add x1, x1, #1; b -4
    machine[0].traceMask = .instruction
    let half = UInt64(TraceBuffer.capacity / 2)
    var next: UInt64 = 0
    for _ in 0..<3 {
      #expect(machine.run(count: 10 * half) == .traceIsHalfFull)
      while let record = machine.emulator.trace.next() {
        #expect(record.instruction == next && record.a == 0x1000 + next % 2 * 4)
        next += 1
      }
    }
    #expect(next == 3 * half && machine.emulator.trace.lost == 0)
  }

  /// If a kernel does more in one entry than the ring holds, the oldest records are lost and counted.
  @Test func whatDoesNotFitIsCounted() throws {
    let machine = try BareMachine()
    machine[0].traceMask = .el1Step
    for number in 0..<UInt64(TraceBuffer.capacity) + 5 { machine[0].el1.step(.pteLoad, number) }
    #expect(machine.emulator.trace.lost == 5 && machine.emulator.trace.count == TraceBuffer.capacity)
    #expect(machine.emulator.trace.next()?.a == 5)
  }

  /// The trace mask is not state of the machine.
  @Test func aSnapshotKeepsTheMask() throws {
    let machine = try machine([])
    let moment = machine.emulator.snapshot()
    machine[0].traceMask = .records
    machine.emulator.restore(moment)
    _ = machine.run()
    #expect(taken(machine) == Self.expected)
  }

  /// A stepper and a recorder are told of the same steps, independently of each other.
  @Test func theStepperHearsEachStep() throws {
    let machine = try BareMachine()
    var heard: [UInt64] = []
    machine[0].stepper = { _, operand in heard.append(operand) }
    #expect(machine[0].el1.isStepping && machine[0].traceMask == [])
    machine[0].el1.step(.pteLoad, 7)
    machine[0].traceMask = .el1Step
    machine[0].el1.step(.pteLoad, 8)
    machine[0].stepper = nil
    machine[0].el1.step(.pteLoad, 9)
    #expect(heard == [7, 8])
    #expect(taken(machine).map(\.a) == [8, 9])
  }
}
