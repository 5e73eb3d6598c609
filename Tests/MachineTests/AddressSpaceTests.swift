// Owns tests of address spaces in the TLB: stale entries stay until a TLBI that covers them, ASIDs separate entries, and global
// entries belong to all ASIDs. It does not know the TLB's sets. Arm ARM D8.14, D8.15, C5.5.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct AddressSpaceTests {
  private static let descriptor = BareMachine.table + 0x20  // VA 0x4000
  private static let old: UInt64 = 0x0060_0000_4020_1f43
  private static let new: UInt64 = 0x0060_0000_4020_4f43
  /// nG clear.
  private static let oldGlobal: UInt64 = 0x0060_0000_4020_1743

  private func use(_ machine: BareMachine, asid: UInt64) { machine[0].write(.TTBR0_EL1, asid << 48 | 0x4001_0000) }

  /// The value at VA 0x4000 as a program reads it.
  private func read(_ machine: BareMachine) -> UInt64 {
    #expect(machine.exception(of: 0xf940_0001, x0: 0x4000)?.esr == 0x5600_0000)  // ldr x1, [x0]
    return machine[0][x: 1]
  }

  private func machine(_ descriptor: UInt64, fastTable: Bool = true) throws -> BareMachine {
    let machine = try BareMachine(fastTable: fastTable)
    machine.put(Self.descriptor, descriptor)
    machine.put(0x4020_1000, 1)
    machine.put(0x4020_4000, 2)
    return machine
  }

  @Test(arguments: [true, false]) func entriesOfOneASIDAreNotHitUnderAnother(fastTable: Bool) throws {
    let machine = try machine(Self.old, fastTable: fastTable)
    use(machine, asid: 1)
    #expect(read(machine) == 1)
    machine.put(Self.descriptor, Self.new)
    #expect(read(machine) == 1)
    use(machine, asid: 2)
    #expect(read(machine) == 2)
    use(machine, asid: 1)
    #expect(read(machine) == 1)
    machine[0].el1.invalidateTLB(.ASIDE1, 2 << 48)
    #expect(read(machine) == 1)
    machine[0].el1.invalidateTLB(.ASIDE1, 1 << 48)
    #expect(read(machine) == 2)
  }

  @Test(arguments: [true, false]) func globalEntriesAreHitUnderEveryASID(fastTable: Bool) throws {
    let machine = try machine(Self.oldGlobal, fastTable: fastTable)
    use(machine, asid: 1)
    #expect(read(machine) == 1)
    machine.put(Self.descriptor, Self.new)
    use(machine, asid: 2)
    #expect(read(machine) == 1)
    // A TLBI by ASID keeps a global entry; a TLBI by address removes it, whatever ASID it names.
    machine[0].el1.invalidateTLB(.ASIDE1, 1 << 48)
    machine[0].el1.invalidateTLB(.ASIDE1, 2 << 48)
    #expect(read(machine) == 1)
    machine[0].el1.invalidateTLB(.VAE1, 9 << 48 | 4)
    #expect(read(machine) == 2)
  }

  /// Each TLBI, and whether the entry of VA 0x4000 under ASID 1 survives it.
  @Test(arguments: [true, false]) func whatEachFormReaches(fastTable: Bool) throws {
    let rows: [(TLBIOperation, UInt64, Bool)] = [
      (.VMALLE1, 0, false), (.VMALLE1IS, 0, false),
      (.VAE1, 0x0001_0000_0000_0004, false), (.VAE1, 0x0002_0000_0000_0004, true), (.VAE1, 0x0001_0000_0000_0005, true),
      (.VAE1IS, 0x0001_0000_0000_0004, false), (.VAE1IS, 0x0002_0000_0000_0004, true),
      (.VALE1, 0x0001_0000_0000_0004, false), (.VALE1, 0x0002_0000_0000_0004, true),
      (.VALE1IS, 0x0001_0000_0000_0004, false), (.VALE1IS, 0x0001_0000_0000_0003, true),
      (.VAAE1, 0x0002_0000_0000_0004, false), (.VAAE1, 0x0001_0000_0000_0005, true),
      (.VAAE1IS, 4, false), (.VAALE1, 4, false), (.VAALE1IS, 4, false), (.VAALE1IS, 0x0001_0000_0000_0014, true),
      (.ASIDE1, 0x0001_0000_0000_0000, false), (.ASIDE1, 0x0002_0000_0000_0000, true),
      (.ASIDE1IS, 0x0001_0000_0000_0000, false), (.ASIDE1IS, 0x0101_0000_0000_0000, true),
    ]
    for (operation, operand, survives) in rows {
      let machine = try machine(Self.old, fastTable: fastTable)
      use(machine, asid: 1)
      #expect(read(machine) == 1)
      machine.put(Self.descriptor, Self.new)
      machine[0].el1.invalidateTLB(operation, operand)
      #expect(read(machine) == (survives ? 1 : 2), "\(operation) \(String(operand, radix: 16))")
    }
  }

  /// The instructions have the same effect as the seam: the encodings of C5.5, at EL1.
  @Test func theInstructionsReachTheTLB() throws {
    let words: [(UInt32, UInt64)] = [
      (0xd508_871f, 0),  // tlbi vmalle1
      (0xd508_831f, 0),  // tlbi vmalle1is
      (0xd508_8720, 1 << 48 | 4),  // tlbi vae1, x0
      (0xd508_8320, 1 << 48 | 4),  // tlbi vae1is, x0
      (0xd508_8740, 1 << 48),  // tlbi aside1, x0
      (0xd508_8340, 1 << 48),  // tlbi aside1is, x0
      (0xd508_8760, 4),  // tlbi vaae1, x0
      (0xd508_8360, 4),  // tlbi vaae1is, x0
      (0xd508_87a0, 1 << 48 | 4),  // tlbi vale1, x0
      (0xd508_83a0, 1 << 48 | 4),  // tlbi vale1is, x0
      (0xd508_87e0, 4),  // tlbi vaale1, x0
      (0xd508_83e0, 4),  // tlbi vaale1is, x0
    ]
    for (word, operand) in words {
      let machine = try machine(Self.old)
      machine.put(BareMachine.table + 0x08, 0x0000_0000_4010_0fc3)  // EL1 executes the code page too
      use(machine, asid: 1)
      #expect(read(machine) == 1)
      machine.put(Self.descriptor, Self.new)
      // At EL0 the instruction is UNDEFINED and changes nothing.
      #expect(machine.exception(of: word, x0: operand)?.esr == 0x0200_0000)
      #expect(read(machine) == 1)
      #expect(machine.exception(of: word, x0: operand) { $0.pstate = .EL1hMasked }?.esr == 0x5600_0000)
      #expect(read(machine) == 2, "\(String(word, radix: 16))")
    }
  }

  /// A block is one entry to software: a TLBI of any address in it removes every cached piece.
  @Test func aBlockGoesAsAWhole() throws {
    let machine = try BareMachine()
    machine.put(0x4001_1008, 0x0060_0000_4020_0f41)  // 0x20_0000: a 2 MiB block
    for va in [0x20_1000, 0x3f_f000, 0x20_0000] as [UInt64] { #expect(machine.translate(va) == .pa(va - 0x20_0000 + 0x4020_0000)) }
    machine.put(0x4001_1008, 0x0060_0000_4040_0f41)
    for va in [0x20_1000, 0x3f_f000, 0x20_0000] as [UInt64] { #expect(machine.translate(va) == .pa(va - 0x20_0000 + 0x4020_0000)) }
    machine[0].el1.invalidateTLB(.VAE1, 0x2ab)
    for va in [0x20_1000, 0x3f_f000, 0x20_0000] as [UInt64] { #expect(machine.translate(va) == .pa(va - 0x20_0000 + 0x4040_0000)) }
  }

  /// Broadcast forms reach the other PE, local ones do not.
  @Test func broadcastReachesEveryProcessor() throws {
    for (local, broadcast) in [(.VMALLE1, .VMALLE1IS), (.VAE1, .VAE1IS), (.VAAE1, .VAAE1IS), (.ASIDE1, .ASIDE1IS)]
      as [(TLBIOperation, TLBIOperation)]
    {
      let machine = try BareMachine(processors: 2)
      machine.put(Self.descriptor, Self.old)
      for number in 0...1 { #expect(machine.translate(0x4000, number: number) == .pa(0x4020_1000)) }
      machine.put(Self.descriptor, Self.new)
      let operand: UInt64 = local == .ASIDE1 ? 0 : 4
      machine[0].el1.invalidateTLB(local, operand)
      #expect(machine.translate(0x4000, number: 0) == .pa(0x4020_4000))
      #expect(machine.translate(0x4000, number: 1) == .pa(0x4020_1000))
      machine[0].el1.invalidateTLB(broadcast, operand)
      #expect(machine.translate(0x4000, number: 1) == .pa(0x4020_4000))
    }
  }

  /// TCR_EL1.AS clear: the upper byte of an ASID does not count. A1: TTBR1_EL1 holds it.
  @Test func whereTheASIDComesFrom() throws {
    let machine = try machine(Self.old)
    machine[0].write(.TCR_EL1, 0x05_8080_0019)
    use(machine, asid: 0x0101)
    #expect(read(machine) == 1)
    machine.put(Self.descriptor, Self.new)
    use(machine, asid: 0x0201)
    #expect(read(machine) == 1)
    use(machine, asid: 0x0202)
    #expect(read(machine) == 2)
    machine.put(Self.descriptor, Self.old)
    machine[0].write(.TTBR1_EL1, 0x0033_0000_0000_0000)
    machine[0].write(.TCR_EL1, 0x15_80c0_0019)
    #expect(read(machine) == 1)
    #expect(machine[0].tlbEntries().contains { $0.va == 0x4000 && $0.asid == 0x33 })
  }

  /// A change from invalid to valid needs no TLBI; permissions that were removed stay effective until one.
  @Test(arguments: [true, false]) func stalePermissionsStay(fastTable: Bool) throws {
    let machine = try machine(Self.old, fastTable: fastTable)
    #expect(machine.exception(of: 0xf900_0001, x0: 0x4000)?.esr == 0x5600_0000)  // str x1, [x0]
    machine.put(Self.descriptor, 0x0060_0000_4020_1fc3)
    #expect(machine.exception(of: 0xf900_0001, x0: 0x4000)?.esr == 0x5600_0000)  // str x1, [x0]
    machine[0].el1.invalidateTLB(.VALE1IS, 4)
    #expect(machine.exception(of: 0xf900_0001, x0: 0x4000)?.esr == 0x9200_004f)  // str x1, [x0]
    // After the permission is restored, the stale refusal may stay until a TLBI, and it does.
    machine.put(Self.descriptor, Self.old)
    #expect(machine.exception(of: 0xf900_0001, x0: 0x4000)?.esr == 0x9200_004f)  // str x1, [x0]
    machine[0].el1.invalidateTLB(.VALE1IS, 4)
    #expect(machine.exception(of: 0xf900_0001, x0: 0x4000)?.esr == 0x5600_0000)  // str x1, [x0]
  }
}
