// Owns tests of the cost of decoded code and of its removal: any number of immediates, a bounded number of pages, and frames that
// become data again. It does not know how ops are laid out.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct CodePagesTests {
  /// MOVN of the upper half-words needs a literal, and so does each bitmask immediate; `movz x0, #low; movk ...` would need none.
  /// 80,000 different ones once ended the host.
  @Test func anyNumberOfImmediatesRuns() throws {
    var configuration = MachineConfiguration(memorySize: 8 << 20)
    configuration.codeBudget = 1 << 20
    let emulator = try Emulator(configuration)
    let processor = emulator.processors[0]
    // With the MMU off every output address equals its input.
    var words: [UInt32] = []
    var sum: UInt64 = 0
    for shift in [2, 3] as [UInt32] {
      for value in 1...0xa000 as ClosedRange<UInt32> {
        words.append(0xd280_0001 | shift << 21 | value << 5)  // movz x1, #value, lsl #(16 * shift)
        words.append(0x8b01_0000)  // add x0, x0, x1
        sum &+= UInt64(value) << (16 * UInt64(shift))
      }
    }
    words.append(0x1400_0000)  // b #0
    #expect(emulator.memory.write(0x4000_0000, words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }))
    processor.reset(entry: 0x4000_0000, x0: 0)
    #expect(processor.run(until: UInt64(words.count)) == .instructionLimit)
    #expect(processor[x: 0] == sum)
    #expect(emulator.code.pageCount <= (1 << 20) / CodePage.byteCount)
  }

  /// Code in every frame of RAM: the pages of decoded code stay within their budget, and evicted code runs again.
  @Test func pagesStayWithinTheirBudget() throws {
    var configuration = MachineConfiguration(memorySize: 4 << 20)
    configuration.codeBudget = 10 * CodePage.byteCount
    let emulator = try Emulator(configuration)
    let processor = emulator.processors[0]
    // Each page: add x0, x0, #1; b to the next page. The last goes back to the first.
    let frames = UInt32(emulator.memory.size >> 12)
    for frame in 0..<frames {
      let words: Int32 = frame == frames - 1 ? -Int32(frame) * 1024 - 1 : 1023
      let branch = 0x1400_0000 | UInt32(bitPattern: words) & 0x03ff_ffff
      let bytes = [0x9100_0400, branch].flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
      #expect(emulator.memory.write(0x4000_0000 + UInt64(frame) << 12, bytes))
    }
    processor.reset(entry: 0x4000_0000, x0: 0)
    #expect(processor.run(until: UInt64(frames) * 2 * 3) == .instructionLimit)
    #expect(processor[x: 0] == UInt64(frames) * 3)
    #expect(emulator.code.pageCount == 10)
    // A frame without a code page is ordinary memory.
    #expect((0..<Int(frames)).count { emulator.memory.ram.flags[$0] != 0 } == 10)
  }

  /// A frame that held code is ordinary memory after many stores, or after it was rewritten whole; stores to it are fast.
  @Test func aFrameThatHoldsDataAgainHasNoFlag() throws {
    let machine = try BareMachine()
    machine.put(0x4010_1000, words: [0xd65f_03c0])  // ret
    machine.load([
      0xd63f_0000,  // blr x0
      0xd282_0002,  // mov x2, #4096
      0xf900_0401,  // str x1, [x0, #8]
      0xf100_0442,  // subs x2, x2, #1
      0x54ff_ffc1,  // b.ne -8
      0xd400_0001,  // svc #0
    ])
    machine[0][x: 0] = 0x6000
    machine[0][x: 1] = 0x1234
    #expect(machine.runToException()?.esr == 0x5600_0000)
    let frame = machine.emulator.memory.frame(0x4010_1000)
    #expect(machine.emulator.memory.ram.flags[frame] == 0)
    #expect(machine.get(0x4010_1008) == 0x1234)

    // The frame runs again, and a supervisor that rewrites it removes its code at once.
    machine[0].pc = BareMachine.code
    machine[0].pstate = .EL0t
    machine.run(count: 2)
    #expect(machine.emulator.memory.ram.flags[frame] != 0)
    machine[0].el1.zeroFrame(PhysicalAddress(0x4010_1000))
    #expect(machine.emulator.memory.ram.flags[frame] == 0)
  }

  /// The page that runs stays in place, however often it stores to itself.
  @Test func thePageThatRunsIsNeverDropped() throws {
    let machine = try BareMachine()
    machine.put(
      0x4010_1000,
      words: [
        0xd284_0002,  // mov x2, #8192
        0xf904_0001,  // str x1, [x0, #2048]
        0xf100_0442,  // subs x2, x2, #1
        0x54ff_ffc1,  // b.ne -8
        0xd400_0001,  // svc #0
      ])
    machine[0].pc = 0x6000
    machine[0][x: 0] = 0x6000
    #expect(machine.runToException()?.esr == 0x5600_0000)
    #expect(machine[0][x: 2] == 0)
  }
}

struct StretchTests {
  /// An exact stop between a compare and the branch that it is fused with, at each place of a loop, gives the state of single
  /// steps, and the loop is fused again afterwards.
  @Test(arguments: 1...40 as ClosedRange<UInt64>) func exactStopsSplitFusedOps(count: UInt64) throws {
    let program: [UInt32] = [
      0xd280_0140,  // mov x0, #10
      0xf100_0400,  // subs x0, x0, #1
      0x54ff_ffe1,  // b.ne -4
      0xd280_0020,  // mov x0, #1
      0xf100_041f,  // cmp x0, #1
      0x54ff_ff60,  // b.eq -20
      0xd400_0001,
    ]
    let (whole, single) = (try BareMachine(), try BareMachine())
    whole.load(program)
    single.load(program)
    whole.run(count: count)
    for _ in 0..<count { single.run(count: 1) }
    let isSame = ArchitecturalState(whole) == ArchitecturalState(single)
    #expect(isSame)
    whole.run(count: 3000)
    for processor in [whole[0], single[0]] where processor.instructionsRetired < count + 3000 {
      _ = processor.run(until: count + 3000)
    }
    let endsTheSame = ArchitecturalState(whole) == ArchitecturalState(single)
    #expect(endsTheSame)
  }

  /// A program that rewrites the word at which its stretch must end, and the one before, still stops there.
  @Test(arguments: 1...12 as ClosedRange<UInt64>) func aStoreAtTheEndOfAStretchKeepsIt(count: UInt64) throws {
    let machine = try BareMachine()
    machine.put(
      0x4010_1000,
      words: [
        0xf900_0401,  // str x1, [x0, #8]: the words 2 and 3
        0xf900_0801,  // str x1, [x0, #16]: the words 4 and 5
        0xd503_201f, 0xd503_201f, 0xd503_201f, 0xd503_201f, 0xd503_201f, 0xd503_201f, 0xd503_201f, 0xd503_201f, 0xd503_201f,
        0xd503_201f, 0xd503_201f,
      ])
    machine[0].pc = 0x6000
    machine[0][x: 0] = 0x6000
    machine[0][x: 1] = 0x9100_0442_9100_0442  // add x2, x2, #1
    machine[0][x: 2] = 0
    #expect(machine.run(count: count) == .instructionLimit)
    #expect(machine[0].instructionsRetired == count)
    #expect(machine[0].pc == 0x6000 + count * 4)
    #expect(machine[0][x: 2] == min(4, max(2, count) - 2))
  }

  /// With a breakpoint in the page, the exact number of instructions before it retires, from either side and across branches.
  @Test func breakpointsStopExactly() throws {
    let machine = try BareMachine()
    machine.load([
      0xd280_0060,  // mov x0, #3
      0x9100_0421,  // add x1, x1, #1
      0xf100_0400,  // subs x0, x0, #1
      0x54ff_ffc1,  // b.ne -8
      0xd400_0001,
    ])
    machine[0].breakpoints = [BareMachine.code + 8, BareMachine.code + 12]
    var places: [UInt64] = []
    while case .breakpoint(let va) = machine.run() { places.append(va.rawValue & 0xfff) }
    #expect(places == [8, 12, 8, 12, 8, 12])
    #expect(machine[0].instructionsRetired == 11)
  }
}

struct DeviceZeroTests {
  private final class Recorder: Device {
    var stores: [UInt64] = []
    var saved: [UInt64] {
      get { stores }
      set { stores = newValue }
    }
    func load(_ offset: UInt64, size: Int) -> UInt64 { 0 }
    func store(_ offset: UInt64, size: Int, _ value: UInt64) {
      if size == 1 && value == 0 { stores.append(offset) }
    }
  }

  /// DC ZVA of memory that the tables call Normal but where a device answers is a write of each byte, like a series of stores; if a
  /// part of the block has no answer it is an external abort. It once ended the host.
  @Test func zeroingADeviceWritesBytes() throws {
    let machine = try BareMachine()
    let device = Recorder()
    machine.emulator.bus.attach(device, at: 0x0900_0000, size: 0x1000)
    machine.emulator.bus.attach(Recorder(), at: 0x0900_2000, size: 32)
    machine[0].write(.SCTLR_EL1, 0x30d0_c819)  // DZE
    machine.put(BareMachine.table + 0x68, 0x0060_0000_0900_0f43)  // 0xd000, Normal
    machine.put(BareMachine.table + 0x70, 0x0060_0000_0900_2f43)  // 0xe000
    machine.put(BareMachine.table + 0x78, 0x0060_0000_0900_4f43)  // 0xf000
    #expect(machine.exception(of: 0xd50b_7420, x0: 0xd048)?.esr == 0x5600_0000)
    #expect(device.stores == Array(0x40..<0x80))
    for page in [0xe000, 0xf000] as [UInt64] {
      let taken = machine.exception(of: 0xd50b_7420, x0: page)
      #expect(taken?.esr == 0x9200_0050)
      #expect(taken?.far == page)
    }
  }
}
