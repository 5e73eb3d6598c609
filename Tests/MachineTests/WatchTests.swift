// Owns the tests of a debugger's watches: which accesses of which instructions they stop, and that they change no result.
// It does not know the guest's own watchpoints, which are tested with the debug registers.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct WatchTests {
  /// An instruction that accesses memory at X1, the bytes that it reads from `start` on, and the bytes that it writes.
  struct Form: Sendable, CustomTestStringConvertible {
    let word: UInt32
    let text: String
    var start: UInt64 = BareMachine.data + 0x100
    let reads: UInt64
    let writes: UInt64
    var testDescription: String { text }
  }

  static let forms: [Form] = [
    Form(word: 0xf940_0020, text: "ldr x0, [x1]", reads: 8, writes: 0),
    Form(word: 0xf900_0020, text: "str x0, [x1]", reads: 0, writes: 8),
    Form(word: 0x3940_0020, text: "ldrb w0, [x1]", reads: 1, writes: 0),
    Form(word: 0x3900_0020, text: "strb w0, [x1]", reads: 0, writes: 1),
    Form(word: 0xf840_8420, text: "ldr x0, [x1], #8", reads: 8, writes: 0),
    Form(word: 0xf800_8c20, text: "str x0, [x1, #8]!", start: BareMachine.data + 0x108, reads: 0, writes: 8),
    Form(word: 0xa940_0c22, text: "ldp x2, x3, [x1]", reads: 16, writes: 0),
    Form(word: 0xa900_0c22, text: "stp x2, x3, [x1]", reads: 0, writes: 16),
    Form(word: 0x3dc0_0020, text: "ldr q0, [x1]", reads: 16, writes: 0),
    Form(word: 0x3d80_0020, text: "str q0, [x1]", reads: 0, writes: 16),
    Form(word: 0xad40_0420, text: "ldp q0, q1, [x1]", reads: 32, writes: 0),
    Form(word: 0xad00_0420, text: "stp q0, q1, [x1]", reads: 0, writes: 32),
    Form(word: 0x4c40_2020, text: "ld1 {v0.16b-v3.16b}, [x1]", reads: 64, writes: 0),
    Form(word: 0x4c00_0820, text: "st4 {v0.4s-v3.4s}, [x1]", reads: 0, writes: 64),
    Form(word: 0xc85f_7c20, text: "ldxr x0, [x1]", reads: 8, writes: 0),
    Form(word: 0xc87f_8c22, text: "ldaxp x2, x3, [x1]", reads: 16, writes: 0),
    Form(word: 0xf822_0023, text: "ldadd x2, x3, [x1]", reads: 8, writes: 8),
    Form(word: 0xf8e2_8023, text: "swpal x2, x3, [x1]", reads: 8, writes: 8),
    Form(word: 0xc8a2_7c23, text: "cas x2, x3, [x1]", reads: 8, writes: 8),
    Form(word: 0x4822_7c24, text: "casp x2, x3, x4, x5, [x1]", reads: 16, writes: 16),
    Form(word: 0xc8df_fc20, text: "ldar x0, [x1]", reads: 8, writes: 0),
    Form(word: 0xc89f_fc20, text: "stlr x0, [x1]", reads: 0, writes: 8),
    Form(word: 0xd50b_7421, text: "dc zva, x1", reads: 0, writes: 64),
    Form(word: 0xf840_0820, text: "ldtr x0, [x1]", reads: 8, writes: 0),
    Form(word: 0xf800_0820, text: "sttr x0, [x1]", reads: 0, writes: 8),
    Form(word: 0xf980_0020, text: "prfm pldl1keep, [x1]", reads: 0, writes: 0),
  ]

  private func machine(_ form: Form, fastTable: Bool, fusion: Bool) throws -> BareMachine {
    let machine = try BareMachine(fastTable: fastTable, fusion: fusion)
    // The first load brings the page into the fast table, if a page with a watch is ever put there.
    machine.load([0xf940_03fe, form.word, 0xd503_201f, 0xd400_0001])  // ldr x30, [sp]; FORM; nop; svc #0
    let processor = machine[0]
    processor.write(.SCTLR_EL1, 0x30d0_4819)  // as before, with DZE
    processor[x: 1] = BareMachine.data + 0x100
    for n in [0, 2, 3, 4, 5] { processor[x: n] = UInt64(n) &* 0x1111_1111_1111_1111 }
    for n in 0..<4 { processor.setVector(n, low: UInt64(n) &+ 7, high: UInt64(n) &+ 9) }
    for offset in stride(from: UInt64(0), to: 128, by: 8) { machine.put(BareMachine.dataPA + 0x100 + offset, 0x5555 &+ offset) }
    return machine
  }

  private func contents(_ machine: BareMachine) -> [UInt64] { (0..<16).map { machine.get(BareMachine.dataPA + 0x100 + UInt64($0) * 8) } }

  /// A watch of each byte around the access stops the run exactly if the instruction accesses that byte in the watched way. Before that,
  /// nothing has changed; after it, everything is as in a run without watches.
  @Test(arguments: forms) func eachByteOfAnAccess(_ form: Form) throws {
    for (fastTable, fusion) in [(true, true), (true, false), (false, false)] {
      let plain = try machine(form, fastTable: fastTable, fusion: fusion)
      #expect(plain.runToException()?.esr == 0x5600_0000)
      for (kind, length) in [("r", form.reads), ("w", form.writes)] {
        for byte in [-1, 0, Int64(length) - 1, Int64(length)] {
          let address = UInt64(Int64(form.start) + byte)
          let watched = try machine(form, fastTable: fastTable, fusion: fusion)
          watched[0].watches = [Watch(start: address, count: 1, reads: kind == "r", writes: kind == "w")]
          let before = contents(watched)
          let stop = watched.run()
          let isHit = length > 0 && byte >= 0 && byte < Int64(length)
          if isHit {
            #expect(stop == .watched(WatchHit(watch: watched[0].watches[0], address: address, isWrite: form.writes > 0)), "\(kind) \(byte)")
            #expect(watched[0].pc == BareMachine.code + 4 && watched[0].instructionsRetired == 1)
            #expect(watched[0][x: 1] == BareMachine.data + 0x100)
            if form.writes <= 16 { #expect(contents(watched) == before) }
            #expect(watched.run() == stop, "without a pass the run stops again")
            guard case .exceptionTakenToEL1 = watched[0].run(until: 100, passesWatch: true) else {
              Issue.record("the run does not pass the watch")
              continue
            }
          } else {
            #expect(stop == .exceptionTakenToEL1(.lowerA64Synchronous), "\(kind) \(byte)")
          }
          #expect(contents(watched) == contents(plain))
          #expect((0..<31).allSatisfy { watched[0][x: $0] == plain[0][x: $0] })
          #expect(watched[0].instructionsRetired == plain[0].instructionsRetired)
        }
      }
    }
  }

  /// An access over the end of a page is one access, and a tagged address is compared without its tag.
  @Test func pagesAndTags() throws {
    let machine = try BareMachine()
    machine.load([0xf900_0020, 0xd400_0001])  // str x0, [x1]; svc #0
    machine[0][x: 1] = BareMachine.data + 0xffc
    machine[0].watches = [Watch(start: BareMachine.data + 0x1000, count: 2, reads: false, writes: true)]
    guard case .watched(let hit) = machine.run() else { return #expect(Bool(false), "no stop") }
    #expect(hit.address == BareMachine.data + 0x1000 && hit.isWrite)

    let tagged = try BareMachine()
    tagged[0].write(.TCR_EL1, 0x0000_0035_8080_0019)  // TBI0
    tagged.load([0xf900_0020, 0xd400_0001])
    tagged[0][x: 1] = BareMachine.data | 0xab << 56
    tagged[0].watches = [Watch(start: BareMachine.data, count: 8, reads: false, writes: true)]
    guard case .watched = tagged.run() else { return #expect(Bool(false), "no stop for a tagged address") }
  }

  /// A fault comes before the watch, because the access has not been possible.
  @Test func aFaultComesFirst() throws {
    let machine = try BareMachine()
    machine.load([0xf940_0020, 0xd400_0001])
    machine[0][x: 1] = 0x7000
    machine[0].watches = [Watch(start: 0x7000, count: 8, reads: true, writes: true)]
    #expect(machine.runToException()?.esr == 0x9200_0007)
  }

  /// The supervisor's own accesses to user memory are no accesses of the program.
  @Test func theSupervisorIsNotWatched() throws {
    let machine = try BareMachine()
    machine.load([0xd400_0001])
    machine[0].watches = [Watch(start: BareMachine.data, count: 8, reads: true, writes: true)]
    _ = machine.run()
    var value: UInt64 = 0
    let el1 = machine[0].el1
    #expect(el1.block.pointee.entryPoints.unprivilegedLoad(el1.block.pointee.context, BareMachine.data, 8, &value))
    #expect(el1.block.pointee.entryPoints.unprivilegedStore(el1.block.pointee.context, BareMachine.data, 8, 5))
  }

  /// A reset and a return to a snapshot keep the watches.
  @Test func watchesStay() throws {
    let machine = try BareMachine()
    machine.load([0xf940_0020, 0xd400_0001])
    let moment = machine.emulator.snapshot()
    machine[0][x: 1] = BareMachine.data
    machine[0].watches = [Watch(start: BareMachine.data, count: 8, reads: true, writes: false)]
    guard case .watched = machine.run() else { return #expect(Bool(false), "no stop") }
    machine.emulator.restore(moment)
    machine[0][x: 1] = BareMachine.data
    guard case .watched = machine.run() else { return #expect(Bool(false), "no stop after a return") }
    machine[0].watches = []
    #expect(machine.run() == .exceptionTakenToEL1(.lowerA64Synchronous))
  }
}
