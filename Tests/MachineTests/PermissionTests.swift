// Owns tests of the rights to a page: AP, UXN, PXN, the tables above, WXN, PAN and E0PD.
// It does not know how a descriptor is found. Arm ARM D8.4.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct PermissionTests {
  private let va: UInt64 = 0x4010

  /// What is allowed, EL0 then EL1, as in `rw- r-x`; every refusal must be a permission fault at `level`.
  private func rights(_ machine: BareMachine, _ va: UInt64, level: UInt8 = 3) -> String {
    var text = ""
    for privileged in [false, true] {
      for (kind, letter) in [(.read, "r"), (.write, "w"), (.instructionFetch, "x")] as [(AccessKind, String)] {
        switch machine.walk(va, kind, privileged: privileged) {
        case .pa: text += letter
        case .fault(0x0c | level): text += "-"
        case .fault(let status): text += "?\(status)"
        }
        // The TLB gives the same answer as the walk.
        if machine.translate(va, kind, privileged: privileged) != machine.walk(va, kind, privileged: privileged) { text += "!" }
      }
      text += privileged ? "" : " "
    }
    return text
  }

  /// Table D8-63: by UXN, PXN (bits 54, 53) and AP[2:1] (bits 7, 6).
  static let rows: [(descriptor: UInt64, rights: String, underWXN: String)] = [
    (0x0000_0000_4020_1f03, "--x rwx", "--x rw-"),
    (0x0000_0000_4020_1f43, "rwx rw-", "rw- rw-"),
    (0x0000_0000_4020_1f83, "--x r-x", "--x r-x"),
    (0x0000_0000_4020_1fc3, "r-x r-x", "r-x r-x"),
    (0x0020_0000_4020_1f03, "--x rw-", "--x rw-"),
    (0x0020_0000_4020_1f43, "rwx rw-", "rw- rw-"),
    (0x0020_0000_4020_1f83, "--x r--", "--x r--"),
    (0x0020_0000_4020_1fc3, "r-x r--", "r-x r--"),
    (0x0040_0000_4020_1f03, "--- rwx", "--- rw-"),
    (0x0040_0000_4020_1f43, "rw- rw-", "rw- rw-"),
    (0x0040_0000_4020_1f83, "--- r-x", "--- r-x"),
    (0x0040_0000_4020_1fc3, "r-- r-x", "r-- r-x"),
    (0x0060_0000_4020_1f03, "--- rw-", "--- rw-"),
    (0x0060_0000_4020_1f43, "rw- rw-", "rw- rw-"),
    (0x0060_0000_4020_1f83, "--- r--", "--- r--"),
    (0x0060_0000_4020_1fc3, "r-- r--", "r-- r--"),
  ]

  @Test func everyLeaf() throws {
    for fastTable in [true, false] {
      let machine = try BareMachine(fastTable: fastTable)
      for row in Self.rows {
        machine.put(BareMachine.table + 0x20, row.descriptor)
        #expect(rights(machine, va) == row.rights, "\(String(row.descriptor, radix: 16))")
        machine[0].write(.SCTLR_EL1, 0x30d8_0819)  // WXN
        #expect(rights(machine, va) == row.underWXN, "\(String(row.descriptor, radix: 16)) under WXN")
        machine[0].write(.SCTLR_EL1, 0x30d0_0819)
      }
    }
  }

  /// The same rights in blocks of level 1 and 2; the faults name that level.
  @Test func everyBlock() throws {
    let machine = try BareMachine()
    for row in Self.rows {
      let attributes = row.descriptor & ~0x0000_ffff_ffff_f003
      machine.put(0x4001_1008, attributes | 0x4020_0001)
      #expect(rights(machine, 0x20_0000, level: 2) == row.rights)
      machine.put(0x4001_0008, attributes | 0x4000_0001)
      #expect(rights(machine, 0x4000_0000, level: 1) == row.rights)
    }
  }

  /// Bits 62:59 of the tables above remove rights, as if the leaf had the bits. Each bit is tried at each of two levels, and then
  /// all pairs.
  @Test func tablesTakeRightsAway() throws {
    let machine = try BareMachine()
    for level1 in 0..<16 as Range<UInt64> {
      for level2 in 0..<16 as Range<UInt64> {
        machine.put(0x4001_0000, level1 << 59 | 0x4001_1003)
        machine.put(0x4001_1000, level2 << 59 | 0x4001_2003)
        let bits = level1 | level2
        for row in Self.rows {
          machine.put(BareMachine.table + 0x20, row.descriptor)
          // PXNTable is PXN, UXNTable is UXN, APTable[0] clears AP[1], APTable[1] sets AP[2].
          var effective = row.descriptor
          if bits & 1 != 0 { effective |= 0x0020_0000_0000_0000 }
          if bits & 2 != 0 { effective |= 0x0040_0000_0000_0000 }
          if bits & 4 != 0 { effective &= ~0x40 }
          if bits & 8 != 0 { effective |= 0x80 }
          let expected = Self.rows.first { $0.descriptor == effective }!.rights
          #expect(rights(machine, va) == expected, "\(level1) \(level2) \(String(row.descriptor, radix: 16))")
        }
      }
    }
  }

  /// HPD0: the tables' bits have no effect.
  @Test func hierarchicalPermissionsDisabled() throws {
    let machine = try BareMachine()
    machine[0].write(.TCR_EL1, 0x0000_0215_8080_0019)
    machine.put(0x4001_0000, 0x7800_0000_4001_1003)
    machine.put(0x4001_1000, 0x7800_0000_4001_2003)
    for row in Self.rows {
      machine.put(BareMachine.table + 0x20, row.descriptor)
      #expect(rights(machine, va) == row.rights)
    }
  }

  /// PAN: EL1 may not touch what EL0 may read or write; with EPAN, nor what EL0 may only execute.
  @Test func privilegedAccessNever() throws {
    var features = ProcessorFeatures()
    features.epan = true
    let machine = try BareMachine(features: features)
    machine[0].pstate.pan = true
    for (sctlr, isEnhanced) in [(0x30d0_0819, false), (0x0200_0000_30d0_0819, true)] as [(UInt64, Bool)] {
      machine[0].write(.SCTLR_EL1, sctlr)
      for row in Self.rows {
        machine.put(BareMachine.table + 0x20, row.descriptor)
        let user = row.rights.prefix(3)
        let isCovered = user.contains("r") || user.contains("w") || (isEnhanced && user == "--x")
        let expected = isCovered ? String(row.rights.prefix(4)) + "--" + row.rights.suffix(1) : row.rights
        #expect(rights(machine, va) == expected, "\(String(row.descriptor, radix: 16)), EPAN \(isEnhanced)")
      }
    }
  }

  /// A bug: DC CVAU and IC IVAU once obeyed PAN. DC ZVA, which is a store, does obey it.
  @Test func panIsNotForCacheMaintenance() throws {
    let machine = try BareMachine()
    machine[0].pstate.pan = true
    machine.put(BareMachine.table + 0x20, 0x0060_0000_4020_1f43)
    #expect(machine.translate(va, .cacheMaintenance, privileged: true) == .pa(0x4020_1010))
    #expect(machine.translate(va, .write, privileged: true) == .fault(0x0f))
  }

  /// DC IVAC needs write permission, obeys no PAN, and makes no page dirty. Arm ARM: AArch64.S1CheckPermissions, AArch64.S1Translate.
  @Test func cacheInvalidationNeedsWritePermission() throws {
    for (descriptor, control, expected) in [
      (0x0060_0000_4020_1f43, 0x15_8080_0019, .pa(0x4020_1010)), (0x0060_0000_4020_1f03, 0x15_8080_0019, .pa(0x4020_1010)),
      (0x0060_0000_4020_1f83, 0x15_8080_0019, .fault(0x0f)), (0x0060_0000_4020_1fc3, 0x15_8080_0019, .fault(0x0f)),
      // Clean under DBM: writable where hardware manages the dirty state (HA, HD), and clean afterwards.
      (0x0068_0000_4020_1fc3, 0x15_8080_0019, .fault(0x0f)), (0x0068_0000_4020_1fc3, 0x195_8080_0019, .pa(0x4020_1010)),
      (0, 0x15_8080_0019, .fault(0x07)),
    ] as [(UInt64, UInt64, Translation)] {
      for (pan, warm) in [(false, false), (false, true), (true, false)] {
        let machine = try BareMachine()
        machine[0].write(.TCR_EL1, control)
        machine.put(BareMachine.table + 0x20, descriptor)
        if warm { _ = machine.translate(va, privileged: true) }
        machine[0].pstate.pan = pan
        #expect(machine.translate(va, .cacheInvalidation, privileged: true) == expected, "\(String(descriptor, radix: 16))")
        #expect(machine.get(BareMachine.table + 0x20) == descriptor)
      }
    }
  }

  /// FEAT_DPB and FEAT_DPB2: without them DC CVAP and DC CVADP are UNDEFINED, with them they are translated like DC CVAC.
  @Test func cleaningToPersistence() throws {
    for (dpb, dpb2, identification) in [(false, false, 0), (true, false, 1), (true, true, 2)] as [(Bool, Bool, UInt64)] {
      var features = ProcessorFeatures()
      features.dpb = dpb
      features.dpb2 = dpb2
      let machine = try BareMachine(features: features)
      machine[0].write(.SCTLR_EL1, 0x34d0_0819)  // UCI
      #expect(machine[0].read(.ID_AA64ISAR1_EL1)! & 15 == identification)
      for (word, isThere) in [(0xd50b_7c20, dpb), (0xd50b_7d20, dpb2)] as [(UInt32, Bool)] {  // dc cvap, x0; dc cvadp, x0
        #expect(machine.exception(of: word, x0: 0x5040)?.esr == (isThere ? 0x5600_0000 : 0x0200_0000))
        #expect(machine.exception(of: word, x0: 0x7040)?.esr == (isThere ? 0x9200_0147 : 0x0200_0000))
      }
      #expect(machine.exception(of: 0xd50b_7a20, x0: 0x5040)?.esr == 0x5600_0000)  // dc cvac, x0
    }
  }

  /// E0PD0: EL0 faults at level 0 whether or not the TLB holds the page; EL1 does not.
  @Test func userAccessPrevented() throws {
    let machine = try BareMachine()
    #expect(machine.translate(va) == .pa(0x4020_1010))
    machine[0].write(.TCR_EL1, 0x0080_0015_8080_0019)
    #expect(machine.translate(va) == .fault(0x04))
    #expect(machine.walk(va) == .fault(0x04))
    #expect(machine.walk(va, privileged: true) == .pa(0x4020_1010))
    #expect(machine.translate(va) == .fault(0x04))
  }

  /// Instructions have the same rights: an execute-only page cannot be read, and a non-executable page cannot run.
  @Test func instructionsMeetTheSameRights() throws {
    let machine = try BareMachine()
    machine.put(BareMachine.table + 0x08, 0x0020_0000_4010_0f83)  // 0x1000: EL0 may only execute
    /// The exception of a branch to an address, with BTYPE 1 in SPSR.
    func fetched(_ target: UInt64) -> TakenException? { machine.exception(of: 0xd61f_0000, x0: target) }  // br x0
    #expect(machine.exception(of: 0x5800_0001, x0: 0) == TakenException(esr: 0x9200_000f, far: 0x1000, elr: 0x1000))  // ldr x1, #0
    #expect(fetched(0x3000) == TakenException(esr: 0x8200_000f, far: 0x3000, elr: 0x3000, spsr: 0x400))
    #expect(fetched(0xb000) == TakenException(esr: 0x8200_000b, far: 0xb000, elr: 0xb000, spsr: 0x400))
    #expect(fetched(0xa000)?.esr == 0x8200_000f)
    machine.put(BareMachine.table + 0x50, 0x0020_0000_5000_0fc3)
    machine[0].el1.invalidateTLB(.VMALLE1)
    #expect(fetched(0xa000) == TakenException(esr: 0x8200_0010, far: 0xa000, elr: 0xa000, spsr: 0x400))
  }
}
