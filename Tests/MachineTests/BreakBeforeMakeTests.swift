// Owns tests of strict mode: sequences with a missing step, with the rule that each breaks and the live entries; and correct
// sequences.
// It does not know how changes are noticed. Arm ARM D8.16.1.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct BreakBeforeMakeTests {
  private static let page4 = BareMachine.table + 0x20
  private static let old: UInt64 = 0x0060_0000_4020_1f43

  private func machine(
    _ level: ProcessorFeatures.BlockChange = .level2, processors: Int = 1, strict: Bool = true
  ) throws -> BareMachine {
    var features = ProcessorFeatures()
    features.blockChange = level
    let machine = try BareMachine(processors: processors, features: features, strict: strict)
    machine[0].write(.MAIR_EL1, 0x0000_0000_0c04_4400 | 0xff)
    return machine
  }

  /// Rules broken by the last store, and the step that was missing.
  private func found(_ machine: BareMachine) -> String {
    machine.emulator.breakBeforeMakeViolations.map { violation in
      violation.rules.map { "\($0)" }.joined(separator: "+") + " without \(violation.missing)"
    }.joined(separator: "; ")
  }

  /// New descriptors for page 4 and the rules that a direct change breaks.
  static let changes: [(new: UInt64, rules: String)] = [
    (0x0060_0000_4020_4f43, "outputAddress"),
    (0x0060_0000_4020_1f47, "cacheability"),  // Non-cacheable
    (0x0060_0000_4020_1f4b, "memoryType"),  // Device-nGnRE
    (0x0060_0000_4020_4f4b, "memoryType+outputAddress"),
    (0x0060_0000_4020_1743, "globality"),
    (0x0060_0000_4020_4743, "outputAddress+globality"),
    // These changes need no sequence: permissions, the access flag, shareability, software's bits.
    (0x0060_0000_4020_1fc3, ""),
    (0x0020_0000_4020_1f43, ""),
    (0x0060_0000_4020_1b43, ""),
    (0x0060_0000_4020_1e43, ""),
    (0x0068_0000_4020_1f43, ""),
    (0x0160_0000_4020_1f43, ""),
    // Nothing was reported.
    (0, ""),
    (0x0060_0000_4020_4f42, ""),
  ]

  @Test func withoutTheBreak() throws {
    for (new, rules) in Self.changes {
      let machine = try machine()
      #expect(machine.translate(0x4000) == .pa(0x4020_1000))
      machine.put(Self.page4, new)
      #expect(found(machine) == (rules.isEmpty ? "" : "\(rules) without break"), "\(String(new, radix: 16))")
    }
  }

  @Test func withoutTheTLBI() throws {
    for (new, rules) in Self.changes {
      let machine = try machine()
      #expect(machine.translate(0x4000) == .pa(0x4020_1000))
      machine.put(Self.page4, 0)
      #expect(found(machine) == "")
      machine.put(Self.page4, new)
      #expect(found(machine) == (rules.isEmpty ? "" : "\(rules) without invalidation"), "\(String(new, radix: 16))")
    }
  }

  @Test func theWholeSequence() throws {
    for (new, _) in Self.changes {
      let machine = try machine()
      _ = machine.translate(0x4000)
      machine.put(Self.page4, 0)
      machine[0].el1.barrier(.DSB_NSHST)
      machine[0].el1.invalidateTLB(.VALE1, 4)
      machine[0].el1.barrier(.DSB_NSH)
      machine[0].el1.barrier(.ISB)
      machine.put(Self.page4, new)
      #expect(found(machine) == "")
    }
  }

  /// A TLBI of another page or ASID does not count.
  @Test func theWrongTLBI() throws {
    for (operation, operand) in [(.VALE1, 5), (.VALE1, 1 << 48 | 4), (.ASIDE1, 1 << 48)] as [(TLBIOperation, UInt64)] {
      let machine = try machine()
      _ = machine.translate(0x4000)
      machine.put(Self.page4, 0)
      machine[0].el1.barrier(.DSB_ISHST)
      machine[0].el1.invalidateTLB(operation, operand)
      machine[0].el1.barrier(.DSB_ISH)
      machine.put(Self.page4, 0x0060_0000_4020_4f43)
      #expect(found(machine) == "outputAddress without invalidation")
    }
  }

  /// The report as a value: descriptor, cached, old and new, and the entries of both PEs.
  @Test func whatIsReported() throws {
    let machine = try machine(processors: 2)
    for number in 0...1 { _ = machine.translate(0x4abc, number: number) }
    machine.put(Self.page4, 0)
    machine[0].el1.barrier(.DSB_ISHST)
    machine[0].el1.invalidateTLB(.VALE1, 4)  // not broadcast: the other PE keeps its entry
    machine[0].el1.barrier(.DSB_ISH)
    machine.put(Self.page4, 0x0060_0000_4020_4f43)
    let violation = try #require(machine.emulator.breakBeforeMakeViolations.first)
    #expect(machine.emulator.breakBeforeMakeViolations.count == 1)
    #expect(violation.descriptorAddress == Self.page4 && violation.level == 3)
    #expect(violation.cached == Self.old && violation.old == 0 && violation.new == 0x0060_0000_4020_4f43)
    #expect(violation.rules == [.outputAddress] && violation.missing == .invalidation)
    #expect(violation.liveEntries.map(\.processor) == [1])
    #expect(violation.liveEntries.map(\.entry.va) == [0x4000])
    #expect(
      violation.description
        == "break-before-make: level 3 descriptor at 0x40012020 from 0x60000040201f43 to 0x60000040204f43: "
        + "a change of the output address (Arm ARM D8.16.1); no TLBI came between; live: PE 1 0x4000 ASID 0")
    #expect(machine.translate(0x4000, number: 1) == .pa(0x4020_1000))
  }

  /// If both descriptors are read-only, the address may change as long as the bytes are the same.
  @Test func readOnlyCopies() throws {
    for isSame in [true, false] {
      let machine = try machine()
      machine.put(Self.page4, 0x0060_0000_4020_1fc3)
      machine.put(0x4020_1010, 7)
      machine.put(0x4020_4010, isSame ? 7 : 8)
      _ = machine.translate(0x4000)
      machine.put(Self.page4, 0x0060_0000_4020_4fc3)
      #expect(found(machine) == (isSame ? "" : "outputAddress without break"))
    }
  }

  /// Table to block and back, by FEAT_BBM level; nT in the block at level 1.
  @Test func blockSizes() throws {
    for (level, block, rules) in [
      (.level0, 0x0060_0000_4020_0f41, "blockSize without break"), (.level1, 0x0060_0000_4020_0f41, "blockSize without break"),
      (.level1, 0x0060_0000_4021_0f41, ""), (.level0, 0x0060_0000_4021_0f41, "blockSize without break"),
      (.level2, 0x0060_0000_4020_0f41, ""), (.level2, 0x0060_0000_4040_0f41, "outputAddress without break"),
    ] as [(ProcessorFeatures.BlockChange, UInt64, String)] {
      // The block maps pages 0x3000 and 0x4000 to the same memory as the table does.
      let collapse = try machine(level)
      collapse.put(BareMachine.table + 0x18, 0x0060_0000_4020_3f43)
      collapse.put(BareMachine.table + 0x20, 0x0060_0000_4020_4f43)
      _ = collapse.translate(0x3000)
      _ = collapse.translate(0x4000)
      collapse.put(0x4001_1000, block)
      #expect(found(collapse) == rules, "collapse, \(level)")
      #expect(collapse.emulator.breakBeforeMakeViolations.first?.liveEntries.count ?? 2 == 2)

      let split = try machine(level)
      split.put(BareMachine.table + 0x18, 0x0060_0000_4020_3f43)
      split.put(0x4001_1000, block)
      _ = split.translate(0x3000)
      split.put(0x4001_1000, 0x4001_2003)
      // Where nT has an effect, a block with nT was never cached.
      let isCached = level == .level0 || block & 1 << 16 == 0
      #expect(found(split) == (isCached ? rules : ""), "split, \(level)")
    }
  }

  /// The Contiguous bit, by FEAT_BBM level.
  @Test func contiguityByBBMLevel() throws {
    for (level, rules) in [(.level0, "contiguity without break"), (.level1, ""), (.level2, "")] as [(ProcessorFeatures.BlockChange, String)]
    {
      let machine = try machine(level)
      _ = machine.translate(0x4000)
      machine.put(Self.page4, 0x0070_0000_4020_1f43)
      #expect(found(machine) == rules)
    }
  }

  /// Tables above: it is correct to remove an entry and put it back, but not with other leaves below it. An entry that no walk
  /// reaches is not reported.
  @Test func tablesAbove() throws {
    let machine = try machine()
    _ = machine.translate(0x4000)
    machine.put(0x4001_1000, 0)
    machine.put(Self.page4, 0x0060_0000_4020_4f43)
    #expect(found(machine) == "")
    machine.put(0x4001_1000, 0x4001_2003)
    #expect(found(machine) == "outputAddress without invalidation")
    #expect(machine.emulator.breakBeforeMakeViolations.first?.level == 2)

    let copied = try self.machine()
    _ = copied.translate(0x4000)
    for index in 0..<16 as Range<UInt64> { copied.put(0x4001_5000 + index * 8, copied.get(BareMachine.table + index * 8)) }
    copied.put(0x4001_1000, 0x4001_5003)
    #expect(found(copied) == "")
  }

  /// Stores of the guest, from EL0 and EL1 and by any instruction, are noticed. Hardware's own updates are not violations.
  @Test func storesOfTheGuest() throws {
    let words: [UInt32] = [0xf900_0001, 0xf821_8002, 0xc89f_fc01, 0xa900_0801]  // str x1; swp x1, x2; stlr x1; stp x1, x2
    for word in words {
      let machine = try machine()
      machine.put(BareMachine.table + 0x78, 0x0060_0000_4001_2f43)  // 0xf000: the table itself
      _ = machine.translate(0x4000)
      let taken = machine.exception(of: word, x0: 0xf020) {
        $0[x: 1] = 0x0060_0000_4020_4f43
        $0[x: 2] = 0x0060_0000_4020_2fc3
      }
      #expect(taken?.esr == 0x5600_0000)
      #expect(found(machine) == "outputAddress without break", "\(String(word, radix: 16))")
    }
    let machine = try machine()
    machine[0].write(.TCR_EL1, 0x195_8080_0019)
    machine.put(Self.page4, 0x0068_0000_4020_1bc3)
    _ = machine.translate(0x4000)
    _ = machine.translate(0x4000, .write)
    #expect(machine.get(Self.page4) == 0x0068_0000_4020_1f43)
    #expect(found(machine) == "")
  }

  /// With strict mode off, nothing is reported and no frame is flagged.
  @Test func withoutStrictModeNothingIsReported() throws {
    let machine = try machine(strict: false)
    _ = machine.translate(0x4000)
    machine.put(Self.page4, 0x0060_0000_4020_4f43)
    #expect(machine.emulator.breakBeforeMakeViolations.isEmpty)
    #expect(machine.emulator.memory.ram.flags[0x12] == 0)
  }
}
