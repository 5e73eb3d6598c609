// Owns the text of walks and table dumps in every granule, from literal tables, and why a walk ended without a translation.
// It does not know how the machine walks.
import Architecture
import Debugging
import TestSupport
import Testing

@testable import Machine

@Suite("Walks in words") struct WalkTextTests {
  private func machine(control: UInt64, base: UInt64, _ tables: [(UInt64, UInt64)]) throws -> BareMachine {
    let machine = try BareMachine()
    for (address, descriptor) in tables { machine.put(address, descriptor) }
    machine[0].write(.TCR_EL1, control)
    machine[0].write(.TTBR0_EL1, base)
    return machine
  }
  private func dump(_ machine: BareMachine, upper: Bool = false) -> [String] {
    TableDump(machine[0], machine.emulator.memory, upper: upper).runs.map(\.text)
  }

  /// 4 KiB, DS = 1, T0SZ = 12: level -1 to level 3, and a block at level 0.
  @Test func fiftyTwoBitsWith4K() throws {
    let machine = try machine(
      control: 0x0800_0016_0080_000c, base: 0x4001_8000,
      [
        (0x4001_8000, 0x0000_0000_4001_9003), (0x4001_9000, 0x0800_0000_4001_a003), (0x4001_9008, 0x0060_0080_0000_0d41),
        (0x4001_a000, 0x0000_0000_4001_b003), (0x4001_b000, 0x0000_0000_4001_c003), (0x4001_c018, 0x0060_0000_4020_0c43),
      ])
    #expect(
      machine[0].explainWalk(0x3008).lines(for: 0x3008) == [
        "  level -1  [0x40018000] 0x0000000040019003  table 0x40019000",
        "  level 0  [0x40019000] 0x080000004001a003  table 0x4001a000, PXNTable",
        "  level 1  [0x4001a000] 0x000000004001b003  table 0x4001b000",
        "  level 2  [0x4001b000] 0x000000004001c003  table 0x4001c000",
        "  level 3  [0x4001c018] 0x0060000040200c43  page 0x40200000, EL0 rw- EL1 rw-, AF nG AttrIndx=0",
        "  0x3008 is at 0x40200008, 4 KiB, EL0 rw- EL1 rw-",
        "  EL0 execute: no, UXN at level 3",
        "  EL1 execute: no, PXNTable at level 0, PXN at level 3, EL0 may write it: AP at level 3",
      ])
    #expect(
      machine[0].explainWalk(0x80_0000_0000).lines(for: 0x80_0000_0000)[2]
        == "  0x8000000000 is at 0x4008000000000, 512 GiB, EL0 rw- EL1 rw-")
    #expect(
      dump(machine) == [
        "0x0000000000003000-0x0000000000004000    4K page  pa 0x40200000  EL0 rw- EL1 rw-  AF nG AttrIndx=0  PXNTable",
        "0x0000008000000000-0x0000010000000000  512G block pa 0x4008000000000  EL0 rw- EL1 rw-  AF nG AttrIndx=0",
      ])
  }

  @Test func pages16K() throws {
    let machine = try machine(
      control: 0x0000_0015_8080_8019, base: 0x4001_8000,
      [
        (0x4001_8000, 0x0000_0000_4001_c003), (0x4001_c000, 0x0000_0000_4002_0003), (0x4001_c008, 0x0060_0000_4200_0f41),
        (0x4002_0008, 0x0060_0000_4010_4f43), (0x4002_0010, 0x0060_0000_4010_8f43),
      ])
    #expect(
      machine[0].explainWalk(0x8010).lines(for: 0x8010).prefix(4) == [
        "  level 1  [0x40018000] 0x000000004001c003  table 0x4001c000",
        "  level 2  [0x4001c000] 0x0000000040020003  table 0x40020000",
        "  level 3  [0x40020010] 0x0060000040108f43  page 0x40108000, EL0 rw- EL1 rw-, AF nG AttrIndx=0",
        "  0x8010 is at 0x40108010, 16 KiB, EL0 rw- EL1 rw-",
      ])
    #expect(
      dump(machine) == [
        "0x0000000000004000-0x000000000000c000   32K page  pa 0x40104000  EL0 rw- EL1 rw-  AF nG AttrIndx=0",
        "0x0000000002000000-0x0000000004000000   32M block pa 0x42000000  EL0 rw- EL1 rw-  AF nG AttrIndx=0",
      ])
  }

  /// 64 KiB with FEAT_LPA: address bits 51:48 in bits 15:12.
  @Test func pages64K() throws {
    let machine = try machine(
      control: 0x0000_0016_8080_4016, base: 0x4003_0000,
      [(0x4003_0000, 0x0000_0000_4004_0003), (0x4003_0008, 0x0060_0000_4000_1f41), (0x4004_0008, 0x0060_0000_4010_0f43)])
    #expect(
      machine[0].explainWalk(0x1_0008).lines(for: 0x1_0008).prefix(3) == [
        "  level 2  [0x40030000] 0x0000000040040003  table 0x40040000",
        "  level 3  [0x40040008] 0x0060000040100f43  page 0x40100000, EL0 rw- EL1 rw-, AF nG AttrIndx=0",
        "  0x10008 is at 0x40100008, 64 KiB, EL0 rw- EL1 rw-",
      ])
    #expect(
      dump(machine) == [
        "0x0000000000010000-0x0000000000020000   64K page  pa 0x40100000  EL0 rw- EL1 rw-  AF nG AttrIndx=0",
        "0x0000000020000000-0x0000000040000000  512M block pa 0x1000040000000  EL0 rw- EL1 rw-  AF nG AttrIndx=0",
      ])
  }

  @Test func whyNot() throws {
    func last(_ control: UInt64, _ va: UInt64, base: UInt64 = 0x4001_0000, _ changes: [(UInt64, UInt64)] = []) throws -> String {
      let machine = try machine(control: control, base: base, changes)
      return machine[0].explainWalk(va).lines(for: va).last!
    }
    let control: UInt64 = 0x0000_0015_8080_0019
    #expect(try last(control, 0x7000) == "  0x7000 is not mapped: translation fault, level 3, because the descriptor's bit 0 is 0")
    #expect(
      try last(control, 0xb000)
        == "  0xb000 is not mapped: access flag fault, level 3, because AF is 0 and TCR_EL1.HA does not let hardware set it")
    #expect(
      try last(control, 0x80_0000_0000)
        == "  0x8000000000 is not mapped: translation fault, level 0, because the half has 39 bits (TnSZ 25) and the address more")
    #expect(
      try last(control, 0xffff_ffff_ffff_f000)
        == "  0xfffffffffffff000 is not mapped: translation fault, level 0, because TnSZ 0 is out of range")
    #expect(
      try last(0x0000_0015_8099_0019, 0xffff_ffff_ffff_f000)
        == "  0xfffffffffffff000 is not mapped: translation fault, level 0, because TCR_EL1.EPDn forbids walks of this half")
    #expect(
      try last(control, 0x4000, [(0x4001_2020, 0x0060_0000_4020_1f41)])
        == "  0x4000 is not mapped: translation fault, level 3, because there are no blocks at this level with this granule")
    #expect(
      try last(0x0000_0010_8080_0019, 0x4000, [(0x4001_2020, 0x0060_0001_4020_1f43)])
        == "  0x4000 is not mapped: address size fault, level 3, because the descriptor's address has more than 32 bits (TCR_EL1.IPS)")
    #expect(
      try last(0x0000_0010_8080_0019, 0x4000, base: 0x1_4001_0000)
        == "  0x4000 is not mapped: address size fault, level 0, because the TTBR's address has more than 32 bits (TCR_EL1.IPS)")
    #expect(
      try last(control, 0x4000, [(0x4001_1000, 0x5000_0003)])
        == "  0x4000 is not mapped: synchronous external abort on translation table walk, level 3, "
        + "because the descriptor lies where there is no memory")
  }

  /// With every field of every descriptor.
  @Test func everyFieldOfEachDescriptorIsPrinted() throws {
    let machine = try BareMachine()
    let lines = machine[0].explainWalk(0x4000).lines(for: 0x4000, fields: true)
    #expect(lines.contains("    table       47:12  0x000040011  next table at 0x40011000"))
    #expect(lines.contains("    OA          47:12  0x000040201  output address 0x40201000"))
  }

  /// TCR_EL1.HPD0, SCTLR_EL1.WXN and the dirty state change the reasons.
  @Test func whyARightIsMissing() throws {
    let machine = try BareMachine()
    machine.put(0x4001_1000, 0x7800_0000_4001_2003)
    machine.put(BareMachine.table + 0x20, 0x0000_0000_4020_1f43)
    machine[0].write(.TCR_EL1, 0x0000_0215_8080_0019)  // HPD0
    #expect(machine[0].explainWalk(0x4000).missingRights == ["  EL1 execute: no, EL0 may write it: AP at level 3"])
    machine[0].write(.SCTLR_EL1, 0x30d8_0819)
    #expect(
      machine[0].explainWalk(0x4000).missingRights == [
        "  EL0 execute: no, SCTLR_EL1.WXN, for it may be written",
        "  EL1 execute: no, EL0 may write it: AP at level 3, SCTLR_EL1.WXN, for it may be written",
      ])
    machine[0].write(.SCTLR_EL1, 0x30d0_0819)
    machine.put(BareMachine.table + 0x20, 0x0008_0000_4020_1fc3)
    machine[0].write(.TCR_EL1, 0x0000_0395_8080_0019)  // HPD0, HA, HD
    #expect(
      machine[0].explainWalk(0x4000).missingRights == [
        "  EL0 write: no, AP[2], which DBM lets a write clear, at level 3",
        "  EL1 write: no, AP[2], which DBM lets a write clear, at level 3",
        "  EL1 execute: no, EL0 may write it: AP at level 3",
      ])
  }
}
