// Owns RAM and its door, a debugger's reads and writes, and a supervisor's accesses to user memory.
// It does not know instructions.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct MemoryTests {
  @Test func impossibleSizesAreRefused() {
    for size in [0, 1 << 40 + 1, .max] as [UInt64] {
      var configuration = MachineConfiguration(memorySize: size)
      configuration.processorCount = 1
      #expect(throws: MachineError.self) { try Emulator(configuration) }
    }
    #expect("\(MachineError.memorySize(0, limit: 1 << 40))" == "a machine cannot have 0 bytes of memory: 1 to 1099511627776 are possible")
  }

  @Test func sizesAreRoundedUp() throws {
    #expect(try Emulator(MachineConfiguration(memorySize: 1)).memory.size == 0x1_0000)
    #expect(try Emulator(MachineConfiguration(memorySize: 0x1_0001)).memory.size == 0x2_0000)
  }

  /// Nothing outside RAM is read or written, however the numbers wrap.
  @Test func theEdgesOfRAM() throws {
    let memory = try Emulator(MachineConfiguration(memorySize: 0x1_0000)).memory
    #expect(memory.read(0x4000_0000, count: 0x1_0000) == [UInt8](repeating: 0, count: 0x1_0000))
    for (pa, count) in [
      (0x3fff_ffff, 1),  // None
      (0x4000_ffff, 2),  // None
      (0x4001_0000, 1), (0, 8), (.max, 1), (.max - 7, 8),  // None
      (0x4000_0000, .max),  // None
      (0x4000_0000, -1),  // None
    ]
      as [(UInt64, Int)]
    {
      #expect(memory.read(pa, count: count) == nil, "\(pa)")
      if count > 0 && count < 100 { #expect(!memory.write(pa, [UInt8](repeating: 1, count: count)), "\(pa)") }
    }
    #expect(memory.write(0x4000_0ffe, [1, 2, 3, 4]))
    #expect(memory.read(0x4000_0ffd, count: 6) == [0, 1, 2, 3, 4, 0])
    #expect(memory.write(0x4000_ffff, [9]))
    #expect(!memory.write(0x4000_ffff, [7, 7]))
    #expect(memory.read(0x4000_ffff, count: 1) == [9])
  }

  /// All 4096 bytes of a frame become zero, and no byte beside them.
  @Test func aFrameIsZeroedFromEdgeToEdge() throws {
    let memory = try Emulator(MachineConfiguration(memorySize: 0x1_0000)).memory
    for pa in [0x4000_0000, 0x4000_3000, 0x4000_f000] as [UInt64] {
      #expect(memory.write(0x4000_0000, [UInt8](repeating: 0xa5, count: 0x1_0000)))
      memory.ram.zeroFrame(pa)
      let bytes = try #require(memory.read(0x4000_0000, count: 0x1_0000))
      let first = Int(pa - 0x4000_0000)
      #expect(bytes[first..<first + 4096].allSatisfy { $0 == 0 })
      #expect(bytes[..<first].allSatisfy { $0 == 0xa5 } && bytes[(first + 4096)...].allSatisfy { $0 == 0xa5 })
    }
  }

  // MARK: Spying

  @Test func peeksAndPokesFollowTheTables() throws {
    let machine = try BareMachine()
    #expect(machine[0].poke(0x4ffe, [1, 2]))
    #expect(machine[0].poke(0x5000, [3]))  // a debugger writes where the program may not
    #expect(machine[0].peek(0x4ffe, count: 3) == [1, 2, 3])
    #expect(machine[0].peek(0x6fff, count: 2) == nil)
    #expect(machine[0].peek(0xa000, count: 1) == nil)
    #expect(!machine[0].poke(0x7000, [1]))
    #expect(machine[0].statistics.walks == 0 && machine[0].tlbEntries().isEmpty)
  }

  /// A poke of code is run, and a poke of anything clears the monitors.
  @Test func pokesAreStores() throws {
    let machine = try BareMachine()
    machine.load([0xc85f_7c01, 0xc802_7c03, 0xd400_0021])  // ldxr x1, [x0]; stxr w2, x3, [x0]; svc #0x1
    machine[0][x: 0] = BareMachine.data
    #expect(machine.run(count: 1) == .instructionLimit)
    #expect(machine[0].poke(0x1008, [0x41, 0x00, 0x00, 0xd4]))  // svc #2
    #expect(machine.runToException()?.esr == 0x5600_0002)
    #expect(machine[0][x: 2] == 1)
  }

  // MARK: A supervisor's accesses to user memory

  @Test func unprivilegedAccesses() throws {
    let machine = try BareMachine()
    let el1 = machine[0].el1
    #expect(el1.unprivilegedStore(VirtualAddress(0x3ffc), size: 8, 0x8877_6655_4433_2211))
    #expect(el1.unprivilegedLoad(VirtualAddress(0x3ffd), size: 4) == 0x5544_3322)
    #expect(el1.unprivilegedTranslate(VirtualAddress(0x4123), write: true) == PhysicalAddress(0x4020_1123))
    let rows: [(UInt64, Bool, UInt8, Bool)] = [
      (0x7008, false, 0x07, false), (0x7008, true, 0x07, true), (0x5008, true, 0x0f, true), (0xc008, false, 0x0f, false),
      (0xb008, false, 0x0b, false), (0xa008, false, 0x10, false), (0xa008, true, 0x10, true), (0x0080_0000_0000_0000, false, 0x04, false),
    ]
    for (va, write, status, isWrite) in rows {
      let expected = FaultRecord(
        status: FaultStatus(rawValue: status), kind: write ? .write : .read, isWrite: isWrite, address: VirtualAddress(va))
      if write {
        #expect(!el1.unprivilegedStore(VirtualAddress(va), size: 8, 1))
      } else {
        #expect(el1.unprivilegedLoad(VirtualAddress(va), size: 8) == nil)
      }
      #expect(el1.lastFault == expected)
      #expect(el1.unprivilegedTranslate(VirtualAddress(va), write: write) == nil)
      #expect(el1.lastFault == expected)
    }
  }
}
