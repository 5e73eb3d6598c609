// Owns tests of the event stream: which transitions of the counter are events, and what they do to WFE.
// It does not know who sets the stream up. Arm ARM D12.2, Event streams; D23 CNTKCTL_EL1; D1.6.1 the Event Register.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct EventStreamTests {
  /// EVNTEN, EVNTDIR, EVNTI, EVNTIS as a value of CNTKCTL_EL1.
  private static func control(bit: UInt64, falling: Bool = false, scaled: Bool = false) -> UInt64 {
    1 << 2 | (falling ? 1 << 3 : 0) | bit << 4 | (scaled ? 1 << 17 : 0)
  }
  private static let wfe: UInt32 = 0xd503_205f
  private static let spin: UInt32 = 0x1400_0000

  /// The next event, found by looking at the bit of each count.
  @Test(arguments: [false, true], [0, 1, 2, 5] as [UInt64]) func theNextEventIsTheNextTransition(falling: Bool, bit: UInt64) {
    let stream = EventStream(kernelControl: Self.control(bit: bit, falling: falling))
    for count in [0, 1, 1000, 1 << 40, 1 << 63] as [UInt64] {
      for start in count..<count + 200 {
        var next = start + 1
        while !(next >> bit & 1 == (falling ? 0 : 1) && (next - 1) >> bit & 1 == (falling ? 1 : 0)) { next += 1 }
        #expect(stream.next(after: start) == next)
      }
    }
  }

  /// EVNTI selects bits 0 to 15, and with EVNTIS bits 8 to 23. Without EVNTEN there is no event.
  @Test func everyBit() {
    for bit in 0..<16 as Range<UInt64> {
      #expect(EventStream(kernelControl: Self.control(bit: bit)).next(after: 0) == 1 << bit)
      #expect(EventStream(kernelControl: Self.control(bit: bit, falling: true)).next(after: 0) == 2 << bit)
      #expect(EventStream(kernelControl: Self.control(bit: bit, scaled: true)).next(after: 0) == 256 << bit)
      #expect(EventStream(kernelControl: Self.control(bit: bit) & ~4).next(after: 0) == ~0)
    }
    // A bit that never changes again before the counter comes round.
    #expect(EventStream(kernelControl: Self.control(bit: 15)).next(after: ~0 - 1) == ~0)
  }

  /// EVNTIS is RES0 without FEAT_ECV.
  @Test(arguments: [false, true]) func theScaleNeedsECV(hasECV: Bool) throws {
    var features = ProcessorFeatures()
    features.ecv = hasECV
    let machine = try BareMachine.guestEL1([Self.spin], features: features)
    machine[0].write(.CNTKCTL_EL1, ~0)
    #expect(machine[0].read(.CNTKCTL_EL1) == (hasECV ? 0x2_03ff : 0x3ff))
    #expect(machine[0].read(.ID_AA64MMFR0_EL1)! >> 60 == (hasECV ? 1 : 0))
    #expect(machine[0].read(.CNTVCTSS_EL0) == (hasECV ? machine[0].systemCount : nil))
    #expect(machine[0].read(.CNTPCTSS_EL0) == (hasECV ? machine[0].systemCount : nil))
  }

  /// The self-synchronised counters belong to EL0 as the others do.
  @Test func ECVCountersAtEL0() throws {
    var features = ProcessorFeatures()
    features.ecv = true
    // mrs x1, cntpctss_el0; mrs x1, cntvctss_el0; and the bit of CNTKCTL_EL1 that lets EL0 read it.
    for (word, bit, esr) in [(0xd53b_e0a1, 1, 0x623a_f821), (0xd53b_e0c1, 2, 0x623c_f821)] as [(UInt32, UInt64, UInt64)] {
      for control in 0..<4 as Range<UInt64> {
        let machine = try BareMachine(features: features)
        machine[0].write(.CNTKCTL_EL1, control)
        machine.load([word, 0xd400_0001])  // svc #0
        #expect(machine.runToException()?.esr == (control & bit != 0 ? 0x5600_0000 : esr))
      }
    }
  }

  /// WFE waits for the next event, at EL1 and at EL0, and the event stays in the register for the next WFE. The wait has the event's
  /// count as its deadline.
  @Test(arguments: [false, true]) func anEventEndsAWait(el0: Bool) throws {
    let words = [Self.wfe, Self.wfe, Self.wfe, Self.spin]
    let machine = try BareMachine.guestEL1(words, el0: words)
    machine[0].write(.SCTLR_EL1, machine[0].read(.SCTLR_EL1)! | 1 << 18)  // nTWE
    if el0 { machine.enterEL0() }
    let start = machine[0].pc
    machine[0].systemCount = 100
    machine[0].write(.CNTKCTL_EL1, Self.control(bit: 9))
    #expect(machine.run() == .yielded)
    #expect(machine[0].waiting == .event && machine[0].timerDeadline == 512)
    machine[0].systemCount = 511
    machine[0].updateTimer()
    #expect(machine[0].waiting == .event)
    machine[0].systemCount = 512
    machine[0].updateTimer()
    #expect(machine[0].waiting == nil)
    // The second WFE finds the event, the third waits for the next one.
    #expect(machine.run() == .yielded)
    #expect(machine[0].waiting == .event && machine[0].pc == start + 12)
    #expect(machine[0].timerDeadline == 512 + 1024)
  }

  /// An event that came before WFE ends it at once, one from before the stream was on does not, and many count as one.
  @Test func anEarlierEventEndsWFEAtOnce() throws {
    let machine = try BareMachine.guestEL1([Self.wfe, Self.wfe, Self.spin])
    machine[0].systemCount = 5000
    machine[0].write(.CNTKCTL_EL1, Self.control(bit: 4))
    machine[0].systemCount = 5100
    #expect(machine.run() == .yielded)
    #expect(machine[0].pc == 0xd008 && machine[0].waiting == .event)
    let late = try BareMachine.guestEL1([Self.wfe, Self.spin])
    late[0].systemCount = 5100
    late[0].write(.CNTKCTL_EL1, Self.control(bit: 10))
    #expect(late.run() == .yielded)
    #expect(late[0].pc == 0xd004 && late[0].waiting == .event)
    // What has come stays when the stream is switched off.
    let off = try BareMachine.guestEL1([Self.wfe, Self.wfe, Self.spin])
    off[0].write(.CNTKCTL_EL1, Self.control(bit: 4))
    off[0].systemCount = 100
    off[0].write(.CNTKCTL_EL1, 0)
    #expect(off.run() == .yielded)
    #expect(off[0].pc == 0xd008 && off[0].waiting == .event && off[0].timerDeadline == nil)
  }

  /// EL0's WFE is trapped without nTWE, but not where an event is there: the WFE completes before the trap is looked at.
  @Test func anEventComesBeforeTheTrap() throws {
    for (now, esr) in [(0, 0x07e0_0001), (64, 0x5600_0000)] as [(UInt64, UInt64)] {
      let machine = try BareMachine()
      machine[0].write(.SCTLR_EL1, machine[0].read(.SCTLR_EL1)! & ~(1 << 18))
      machine[0].write(.CNTKCTL_EL1, Self.control(bit: 5))
      machine[0].systemCount = now
      machine.load([Self.wfe, 0xd400_0001])
      #expect(machine.runToException()?.esr == esr)
    }
  }

  /// WFET ends at its time or at an event, whichever is first; WFI and WFIT do not hear of events.
  @Test func otherWaits() throws {
    var features = ProcessorFeatures()
    features.wfxt = true
    // wfet x0, wfit x0, wfi
    let rows: [(word: UInt32, time: UInt64, end: UInt64?)] = [
      (0xd503_1000, 300, 300), (0xd503_1000, 600, 512), (0xd503_1020, 600, 600), (0xd503_207f, 600, nil),
    ]
    for row in rows {
      let machine = try BareMachine.guestEL1([row.word, Self.spin], features: features)
      machine[0].write(.CNTKCTL_EL1, Self.control(bit: 9))
      machine[0][x: 0] = row.time
      #expect(machine.run() == .yielded)
      #expect(machine[0].waiting != nil && machine[0].timerDeadline == row.end)
    }
  }

  /// A snapshot has the events.
  @Test func aSnapshotHasTheStream() throws {
    let machine = try BareMachine.guestEL1([Self.wfe, Self.spin])
    machine[0].write(.CNTKCTL_EL1, Self.control(bit: 9))
    machine[0].systemCount = 1000
    let moment = machine.emulator.snapshot()
    machine[0].write(.CNTKCTL_EL1, 0)
    machine[0].systemCount = 5
    machine.emulator.restore(moment)
    #expect(machine[0].read(.CNTKCTL_EL1) == Self.control(bit: 9) && machine[0].systemCount == 1000)
    #expect(machine.run(count: 2) == .instructionLimit)
    #expect(machine[0].waiting == nil && machine[0].pc == 0xd004)
  }
}
