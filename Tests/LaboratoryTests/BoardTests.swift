// Owns tests of the board as an image sees it: where the image starts, which devices answer, and what ends the run.
// It does not know the architecture's own rules: MachineTests do.
import Architecture
import Debugging
import Machine
import TestSupport
import Testing

@testable import Laboratory

@Suite struct BoardTests {
  private func board(
    _ words: [UInt32], processors: Int = 1, memory: UInt64 = 8 << 20
  ) throws -> (session: BoardSession, host: MemoryIO) {
    var configuration = BoardConfiguration()
    configuration.memorySize = memory
    configuration.processorCount = processors
    let host = MemoryIO()
    let session = try BoardSession(configuration, host: host)
    try session.load(bytes: words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) } }, path: "image")
    return (session, host)
  }

  @Test func aRawImageStartsWithTheTreeInX0() throws {
    let (session, _) = try board([0x1400_0000])  // b .
    #expect(session.run(until: 0) == .instructionLimit)
    let processor = session.machine.processors[0]
    #expect(processor.pc == 0x4008_0000)
    #expect(processor[x: 0] == 0x4000_0000)
    #expect(processor.pstate.rawValue == 0x3c5)
    #expect(processor.read(.SCTLR_EL1) == 0x30d0_0800)
    #expect(session.machine.memory.read(0x4000_0000, count: 4) == [0xd0, 0x0d, 0xfe, 0xed])
  }

  @Test func theSerialPortIsStdout() throws {
    let (session, host) = try board([
      0xd2a1_2001,  // mov x1, #0x09000000
      0x5280_0900,  // mov w0, #'H'
      0x3900_0020,  // strb w0, [x1]
      0xb940_1825,  // ldr w5, [x1, #0x18]: FR
      0x5280_0140,  // mov w0, #10
      0xb900_0020,  // str w0, [x1]
      0xd280_0300,  // mov x0, #0x18: SYS_EXIT
      0x1000_0041,  // adr x1, block
      0xd45e_0000,  // hlt #0xf000
      0x0002_0026, 0, 7, 0,
    ])
    #expect(session.run() == .exited(7))
    #expect(host.outputText == "H\n")
    #expect(session.machine.processors[0][x: 5] == 0x90)
  }

  @Test func semihostingWrites() throws {
    let (session, host) = try board([
      0x1000_00e1,  // adr x1, text
      0xd280_0080,  // mov x0, #4: SYS_WRITE0
      0xd45e_0000,  // hlt #0xf000
      0xd280_0060,  // mov x0, #3: SYS_WRITEC
      0xd45e_0000,  // hlt #0xf000
      0xd280_03e0,  // mov x0, #31: no such call
      0xd45e_0000,  // hlt #0xf000
      0x0000_4269,  // text: "iB"
    ])
    #expect(session.run(until: 7) == .instructionLimit)
    #expect(host.outputText == "iBi")
    #expect(host.errorText == "faultline: semihosting operation 0x1f is not supported; it answers -1\n")
    #expect(session.machine.processors[0][x: 0] == ~0)
  }

  @Test func anythingElseIsAnExternalAbort() throws {
    let (session, _) = try board([
      0xd2a1_4001,  // mov x1, #0x0a000000: virtio has no device yet
      0xb940_0020,  // ldr w0, [x1]
    ])
    #expect(session.run(until: 3) == .lockedUp(processor: 0, pc: 0x200))
    #expect(session.machine.processors[0].read(.ELR_EL1) == 0x200)
  }

  @Test func psciByEitherConduit() throws {
    let (session, _) = try board([
      0x52b0_8000,  // mov w0, #0x84000000: PSCI_VERSION
      0xd400_0002,  // hvc #0
      0xaa00_03e5,  // mov x5, x0
      0x52b0_8000,  // mov w0, #0x84000000
      0xd400_0003,  // smc #0
      0xaa00_03e6,  // mov x6, x0
      0x52b0_8000, 0x1100_2000,  // SYSTEM_OFF
      0xd400_0002,  // hvc #0
    ])
    #expect(session.run() == .poweredOff)
    #expect(session.machine.processors[0][x: 5] == 0x1_0001)
    #expect(session.machine.processors[0][x: 6] == 0x1_0001)
  }

  @Test func processorsAreTurnedOn() throws { #expect(try summands().run(until: 1_000_000) == .poweredOff) }

  /// Processors 1 to 3 each add their number to a word; the first waits for the sum.
  private func summands() throws -> BoardSession {
    try board(
      [
        0xd280_0034,  // mov x20, #1
        0x5280_0060,  // 1: mov w0, #3
        0x72b8_8000,  // movk w0, #0xc400, lsl #16: CPU_ON
        0xaa14_03e1,  // mov x1, x20
        0x1000_01a2,  // adr x2, second
        0xaa14_03e3,  // mov x3, x20
        0xd400_0002,  // hvc #0
        0x9100_0694,  // add x20, x20, #1
        0xf100_129f,  // cmp x20, #4
        0x54ff_ff03,  // b.lo 1b
        0x1000_01e4,  // adr x4, counter
        0xb940_0085,  // 2: ldr w5, [x4]
        0x7100_18bf,  // cmp w5, #6
        0x54ff_ffc1,  // b.ne 2b
        0x52b0_8000, 0x1100_2000,  // SYSTEM_OFF
        0xd400_0002,  // hvc #0
        0x1000_0104,  // second: adr x4, counter
        0xd538_00a6,  // mrs x6, mpidr_el1
        0x9240_1cc6,  // and x6, x6, #0xff
        0xeb00_00df,  // cmp x6, x0
        0x5400_0041,  // b.ne 3f
        0xb820_0085,  // ldadd w0, w5, [x4]
        0xd503_207f,  // 3: wfi
        0x17ff_ffff,  // b 3b
        0,  // counter
      ], processors: 4
    ).session
  }

  @Test func processorsThatAllWaitAreADeadlock() throws {
    let (session, _) = try board([0xd503_207f])  // wfi
    #expect(session.run() == .deadlock)
    // The processor waits behind the WFI, and has not gone further.
    #expect(session.machine.processors[0].pc == 0x4008_0004)
  }

  /// A timer interrupt wakes a WFI through the image's own vector; time jumps to the timer.
  @Test func aTimerInterruptWakes() throws {
    var words: [UInt32] = [
      0x1000_4000,  // adr x0, vectors
      0xd518_c000,  // msr vbar_el1, x0
      0xd280_7d01,  // mov x1, #1000
      0xd51b_e301,  // msr cntv_tval_el0, x1
      0xd280_0021,  // mov x1, #1
      0xd51b_e321,  // msr cntv_ctl_el0, x1
      0xd503_3fdf,  // isb
      0xd503_42ff,  // msr daifclr, #2
      0xd503_207f,  // wfi
      0xd53b_e325,  // mrs x5, cntv_ctl_el0
      0x52b0_8000, 0x1100_2000,  // SYSTEM_OFF
      0xd400_0002,  // hvc #0
    ]
    words += [UInt32](repeating: 0xd503_201f, count: 0xa00 / 4 - words.count)
    words += [UInt32](repeating: 0, count: 0x480 / 4)
    // The IRQ vector of the current level with SP_EL1, 0x280 behind 0x800.
    words[0xa80 / 4] = 0xd280_09a7  // mov x7, #77
    words[0xa80 / 4 + 1] = 0xd53b_e048  // mrs x8, cntvct_el0
    words[0xa80 / 4 + 2] = 0xd51b_e33f  // msr cntv_ctl_el0, xzr
    words[0xa80 / 4 + 3] = 0xd69f_03e0  // eret
    let (session, _) = try board(words)
    #expect(session.run(until: 10_000) == .poweredOff)
    let processor = session.machine.processors[0]
    #expect(processor[x: 7] == 77)
    #expect(processor[x: 5] == 0)
    #expect((1004...1010).contains(processor[x: 8]))
    #expect(session.instructionsRetired < 30)
  }

  /// Where a run is cut changes nothing: neither turns nor time begin anew.
  @Test func aRunInPiecesIsTheSameRun() throws {
    let whole = try summands()
    #expect(whole.run(until: 1_000_000) == .poweredOff)
    var random = SeededRandom(seed: 9)
    for _ in 0..<4 {
      let cut = try summands()
      while cut.outcome == nil { _ = cut.resume(.steps(1 + random.next() % 7000)) }
      #expect(cut.outcome == .poweredOff)
      for (a, b) in zip(whole.machine.processors, cut.machine.processors) {
        #expect(a.instructionsRetired == b.instructionsRetired && a.pc == b.pc && a.systemCount == b.systemCount, "\(a.number)")
        for number in 0..<31 { #expect(a[x: number] == b[x: number]) }
      }
    }
  }

  /// A breakpoint stops whichever processor comes by, each once; the board is looked at through that processor.
  @Test func breakpointsStopAnyProcessor() throws {
    let session = try summands()
    let second: UInt64 = 0x4008_0044
    session.breakpoints = [second]
    var stopped: [Int] = []
    while session.run(until: 1_000_000) == .breakpoint(second) {
      stopped.append(session.processor.number)
      #expect(session.programCounter == second)
      #expect(session.registers.named("x0")?.value == UInt64(session.processor.number))
    }
    #expect(session.outcome == .poweredOff)
    #expect(stopped == [1, 2, 3])
  }

  /// Memory of a board as of any target: by virtual and physical address.
  @Test func memoryAndStops() throws {
    let (session, _) = try board([0x1400_0000])  // b .
    #expect(session.peek(physical: 0x4008_0000, count: 4) == [0, 0, 0, 0x14])
    #expect(session.poke(0x4008_0000, [0x21, 0x04, 0x00, 0x91]))  // add x1, x1, #1
    #expect(session.step() == .instructionLimit && session.processor[x: 1] == 1)
    #expect(session.poke(physical: 0x4008_0004, [0, 0, 0, 0x14]))
    #expect(session.peek(physical: 0, count: 1) == nil && !session.poke(physical: 0, [1]))
    session.requestStop()
    #expect(session.run() == .interrupted)
    #expect(session.outcome == nil && session.step() == .instructionLimit)
  }

  /// An image that claims a hosted EL1, of which there is none, takes its own fetch faults for ever.
  @Test func hostedVectorsWithoutAHost() throws {
    let (session, _) = try board([
      0x9280_ffe0,  // mov x0, #-0x800
      0xd518_c000,  // msr vbar_el1, x0
      0xd400_0001,  // svc #0
    ])
    let stop = session.run()
    #expect(stop.isEnd)
    switch stop {
    case .noProgress(0, _), .lockedUp(0, _): break
    default: #expect(Bool(false), "\(stop)")
    }
  }

  /// The event stream ends a wait as a timer does; an event that comes while the processor runs is there for its next WFE. Without a
  /// stream nothing ends the wait. Arm ARM D12.2, Event streams.
  @Test(arguments: [true, false]) func theEventStreamEndsAWait(isOn: Bool) throws {
    let (session, _) = try board([
      isOn ? 0xd280_1280 : 0xd280_1200,  // mov x0, #(EVNTI 9, EVNTEN); the same without EVNTEN
      0xd518_e100,  // msr cntkctl_el1, x0
      0xd503_205f, 0xd503_205f, 0xd503_205f,  // wfe: until 512, at once, until 1536
      0xd53b_e045,  // mrs x5, cntvct_el0
      0x52b0_8000, 0x1100_2000,  // SYSTEM_OFF
      0xd400_0002,  // hvc #0
    ])
    #expect(session.run(until: 10_000) == (isOn ? .poweredOff : .deadlock))
    let processor = session.machine.processors[0]
    if isOn { #expect(processor[x: 5] == 1536) } else { #expect(processor.instructionsRetired == 3) }
  }

  /// Every processor waits for a timer that is set as far as can be: time goes there, and on.
  @Test(arguments: [0, 1] as [UInt64]) func aDeadlineAtTheEndOfTime(before: UInt64) throws {
    let (session, _) = try board([
      0x9280_0020 + UInt32(before) << 5,  // mov x0, #-2 - before
      0xd51b_e340,  // msr cntv_cval_el0, x0
      0xd280_0021,  // mov x1, #1
      0xd51b_e321,  // msr cntv_ctl_el0, x1
      0xd503_207f,  // wfi
      0xd53b_e045,  // mrs x5, cntvct_el0
      0x9100_0421, 0x17ff_ffff,  // add x1, x1, #1; b -4
    ])
    #expect(session.run(until: 20_000) == .instructionLimit)
    let processor = session.processor
    #expect(processor[x: 5] == ~1 - before)
    // The counter has come round.
    #expect(processor.systemCount < 20_000 && processor[x: 1] == 1 + (20_000 - 6 + 1) / 2)
  }

  @Test func theTreeSaysWhatThereIs() throws {
    let bytes = VirtBoard.deviceTree(memory: 0x1_2345_6000, processors: 3).flattened
    let text = String(decoding: bytes.map { $0 < 128 ? $0 : 46 }, as: UTF8.self)
    for name in ["memory@40000000", "cpu@2", "arm,psci-1.0", "pl011@9000000", "arm,armv8-timer", "stdout-path"] {
      #expect(text.contains(name), "\(name)")
    }
    #expect(!text.contains("cpu@3"))
    func word(_ at: Int) -> Int { bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
    #expect(word(4) == bytes.count)
    #expect(word(8) + word(36) == word(12) && word(12) + word(32) == bytes.count)
  }

  /// Nothing, half a header, and more than RAM holds: the bytes to repeat and how often.
  @Test(arguments: [([], 0), ([0x7f, 0x45, 0x4c, 0x46], 1), ([1], 8 << 20)] as [([UInt8], Int)])
  func imagesThatCannotBe(pattern: [UInt8], count: Int) throws {
    let bytes = [UInt8](repeatElement(pattern, count: count).joined())
    var configuration = BoardConfiguration()
    configuration.memorySize = 8 << 20
    let session = try BoardSession(configuration, host: MemoryIO())
    #expect(throws: SessionError.self) { try session.load(bytes: bytes, path: "image") }
  }
}
