// Owns the tests of the loop that runs every target: why it stops, at which breakpoints it stops and which it passes, what is
// caught, and that cutting a run changes nothing. It does not know what any program does.
import Architecture
import Debugging
import LinuxKernel
import Machine
import TestSupport
import Testing

@testable import Laboratory

struct TargetLoopTests {
  // MARK: No progress

  /// A target whose kernel is the test's. At an exception it calls `serve` and returns to the program.
  private final class StandInTarget: Platform {
    let session: Session
    let loop: TargetLoop
    var exceptions = 0
    let serve: (Processor, ExceptionVector) -> SupervisorVerdict?
    /// Instructions after which an interrupt comes.
    let slice: UInt64
    init(_ session: Session, slice: UInt64 = .max, serve: @escaping (Processor, ExceptionVector) -> SupervisorVerdict? = { _, _ in nil }) {
      self.session = session
      self.slice = slice
      self.serve = serve
      loop = TargetLoop(session.machine)
    }
    var machine: Emulator { session.machine }
    var processor: Processor { loop.processor }
    var outcome: StopReason? { loop.outcome }
    var instructionsRetired: UInt64 { processor.instructionsRetired }
    var programCounter: UInt64 { processor.pc }
    var programState: ProcessorState { processor.pstate }
    func peek(_ va: UInt64, count: Int) -> [UInt8]? { processor.peek(va, count: count) }
    func poke(_ va: UInt64, _ bytes: [UInt8]) -> Bool { processor.poke(va, bytes) }
    var traceMask: TraceMask = []
    var catches: ((TraceRecord) -> Bool)?
    func resume(_ request: ResumeRequest) -> StopReason { loop.resume(self, request) }

    private var sliceEnd: UInt64 = 0
    func nextTurn() -> Turn? {
      if slice == .max { return Turn(processor: 0, end: .max) }
      if sliceEnd > instructionsRetired { return Turn(processor: 0, end: sliceEnd) }
      sliceEnd = instructionsRetired + slice
      processor.setInterrupt(.irq, asserted: true)
      return Turn(processor: 0, end: .max)
    }
    func exceptionTaken(_ processor: Processor, _ vector: ExceptionVector) -> SupervisorVerdict {
      exceptions += 1
      processor.setInterrupt(.irq, asserted: false)
      if let verdict = serve(processor, vector) { return verdict }
      processor.el1.exceptionReturn()
      return .resume
    }
    func turnYielded() {}
    func watches(on processor: Processor, _ watch: Watch) -> Bool { true }
    func actor(on processor: Processor) -> Int { 0 }
  }

  @Test func aFaultThatIsServedForEverEndsTheRun() throws {
    let guest = try Guest(TinyELF([0xd503_201f]))  // nop, whose page no kernel maps
    let target = StandInTarget(guest.session)
    #expect(target.run() == .noProgress(processor: 0, pc: 0x40_0000))
    #expect(target.exceptions == TargetLoop.exceptionLimit + 1)
    #expect(target.instructionsRetired == 0)
    // The target has ended, so code that runs a target until its end finishes.
    #expect(target.outcome == .noProgress(processor: 0, pc: 0x40_0000))
    #expect(target.run(until: 5) == target.outcome)
  }

  /// Interrupts retire nothing either, but between them the program goes on.
  @Test func interruptsAreNoLackOfProgress() throws {
    let session = try Guest(TinyELF(Self.loop)).session
    let target = StandInTarget(session, slice: 3) { processor, vector in
      vector == .lowerA64IRQ ? nil : session.kernel.exceptionTaken(processor.el1, vector: vector)
    }
    let limit = UInt64(TargetLoop.exceptionLimit + 100) * 3
    #expect(target.run(until: limit) == .instructionLimit)
    #expect(target.exceptions > TargetLoop.exceptionLimit && target.instructionsRetired == limit)
  }

  /// The limit on exceptions is large. The exceptions that a normal instruction needs do not reach it.
  @Test func faultsThatAreServedAreNoLackOfProgress() throws {
    let (stop, guest) = try run(TinyELF([0xd280_0bc8, 0xd280_0000, 0xd400_0001]))  // exit_group(0)
    #expect(stop == .exited(0))
    #expect(guest.processor.instructionsRetired == 3)
  }

  // MARK: Requests and stops

  /// x1 += 1 in a loop of two instructions.
  private static let loop: [UInt32] = [0x9100_0421, 0x17ff_ffff]

  @Test func requests() throws {
    let session = try Guest(TinyELF(Self.loop)).session
    #expect(session.resume(.steps(3)) == .instructionLimit && session.instructionsRetired == 3)
    #expect(session.resume(.until(instructions: 10)) == .instructionLimit && session.instructionsRetired == 10)
    #expect(session.resume(.until(instructions: 4)) == .instructionLimit && session.instructionsRetired == 10)
    #expect(session.step() == .instructionLimit && session.instructionsRetired == 11)
    session.requestStop()
    #expect(session.resume(.freely) == .interrupted)
    #expect(session.step() == .instructionLimit, "a request is answered once")
  }

  /// A breakpoint stops the run before its instruction. A run that starts there goes past it, although the instruction faults
  /// first.
  @Test func aBreakpointOnAnInstructionThatFaults() throws {
    let elf = TinyELF([0xf940_0020, 0xf940_0022, 0xd280_0bc8, 0xd280_0000, 0xd400_0001])  // ldr x0, [x1]; ldr x2, [x1]; exit_group(0)
    let guest = try Guest(elf)
    let session = guest.session
    guest.processor[x: 1] = guest.memory()
    guest.pc = 0x40_0000
    session.breakpoints = [0x40_0000, 0x40_0004]
    let begun = session.instructionsRetired
    #expect(session.run() == .breakpoint(0x40_0004))
    #expect(session.instructionsRetired == begun + 1)
    #expect(session.run() == .exited(0))
  }

  /// A run that was stopped by a limit before a breakpoint passes it. Once an instruction has retired, the run stops at it again.
  @Test func aRunPassesTheBreakpointWhereItStarts() throws {
    let session = try Guest(TinyELF(Self.loop)).session
    session.breakpoints = [0x40_0000]
    #expect(session.resume(.steps(2)) == .instructionLimit)
    #expect(session.programCounter == 0x40_0000)
    #expect(session.run() == .breakpoint(0x40_0000) && session.instructionsRetired == 4)
    #expect(session.resume(.steps(1)) == .instructionLimit && session.programCounter == 0x40_0004)
    #expect(session.run() == .breakpoint(0x40_0000) && session.instructionsRetired == 6)
  }

  // MARK: Events

  /// The program calls getpid, getppid and exit_group. Each call is caught before the next instruction runs.
  @Test func systemCallsAreCaught() throws {
    let words: [UInt32] = [
      0xd280_1588, 0xd400_0001,  // mov x8, #172; svc #0
      0xd280_15a8, 0xd400_0001,  // mov x8, #173; svc #0
      0xd280_0bc8, 0xd280_0060, 0xd400_0001,  // mov x8, #94; mov x0, #3; svc #0
    ]
    let session = try Guest(TinyELF(words)).session
    session.traceMask = .systemCall
    session.catches = { $0.a != 173 }
    guard case .caught(let first) = session.run() else { return #expect(Bool(false), "nothing was caught") }
    #expect(first.kind == .systemCall && first.a == 172 && first.instruction == 2)
    #expect(session.programCounter == 0x40_0008)
    // The call that ends the program is recorded, but the stop reason is the end.
    #expect(session.run() == .exited(3))
    #expect(session.processor.traceMask == .systemCall)
  }

  /// The fault history and a catch each get the faults without the other.
  @Test func aHistoryBesideACatch() throws {
    let session = try Guest(TinyELF([0xd280_0bc8, 0xd280_0000, 0xd400_0001])).session
    session.recordsFaults = true
    #expect(session.resume(.steps(1)) == .instructionLimit)
    #expect(session.faultHistory.count == 1 && session.faultHistory.entries.last?.far == 0x40_0000)
    session.recordsFaults = false
    #expect(session.processor.traceMask == [])
    #expect(session.run() == .exited(0) && session.faultHistory.count == 1)
  }

  /// The task that leaves the PE is the one that got it last.
  @Test(arguments: ["processes", "threads"]) func switchesFollowEachOther(program: String) throws {
    let session = try Session(SessionConfiguration(), host: MemoryIO())
    try session.load(bytes: try firmware("tests/\(program)"), path: program)
    var records: [TraceRecord] = []
    session.traceMask = [.taskSwitch, .systemCall]
    session.catches = { record in
      records.append(record)
      return false
    }
    #expect(session.run() == .exited(0))
    let switches = records.filter { $0.kind == .taskSwitch }
    #expect(switches.count > 5)
    for (one, next) in zip(switches, switches.dropFirst()) { #expect(one.b == next.a) }
    #expect(UInt64(records.count { $0.kind == .systemCall }) == session.kernel.state.systemCalls.total)
    #expect(session.machine.trace.lost == 0)
  }

  /// A program ends in the same state whether it is traced or not.
  @Test func tracingChangesNoProgram() throws {
    var digests: [UInt64] = []
    var counts: [UInt64] = []
    for mask in [[], TraceMask.records] {
      let session = try Session(SessionConfiguration(), host: MemoryIO())
      try session.load(bytes: try firmware("examples/force_write"), path: "force_write")
      session.traceMask = mask
      session.catches = { _ in false }
      #expect(session.run() == .exited(0))
      digests.append(session.kernel.stateDigest)
      counts.append(session.instructionsRetired)
    }
    #expect(digests[0] == digests[1] && counts[0] == counts[1])
  }
}
