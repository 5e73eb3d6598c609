// Owns tests of barriers in strict mode: each DSB of break-before-make missing, too weak, too late or on the wrong PE, and the
// weakest sequence that is enough. It does not know how barriers are noticed. Arm ARM D8.16.1, B2.3.12.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct BreakBeforeMakeBarrierTests {
  private static let page4 = BareMachine.table + 0x20
  private static let new: UInt64 = 0x0060_0000_4020_4f43

  private enum Act {
    case `break`, make
    case dsb(Barrier, by: Int = 0)
    case tlbi(TLBIOperation, UInt64 = 4, by: Int = 0)
    /// Both PEs read the page.
    case touch
  }

  /// The missing step, and the PEs whose entries were live; "" if nothing is wrong.
  private func found(_ acts: [Act], processors: Int = 1) throws -> String {
    let machine = try BareMachine(processors: processors, strict: true)
    for number in 0..<processors { #expect(machine.translate(0x4000, number: number) == .pa(0x4020_1000)) }
    for act in acts {
      switch act {
      case .break: machine.put(Self.page4, 0)
      case .make: machine.put(Self.page4, Self.new)
      case .dsb(let barrier, let number): machine[number].el1.barrier(barrier)
      case .tlbi(let operation, let operand, let number): machine[number].el1.invalidateTLB(operation, operand)
      case .touch: for number in 0..<processors { _ = machine.translate(0x4000, number: number) }
      }
    }
    #expect(machine.emulator.breakBeforeMakeViolations.allSatisfy { $0.rules == [.outputAddress] && $0.descriptorAddress == Self.page4 })
    return machine.emulator.breakBeforeMakeViolations.map { violation in
      "\(violation.missing) \(violation.liveEntries.map { "\($0.processor)" }.joined(separator: ","))"
    }.joined(separator: "; ")
  }

  @Test func oneProcessor() throws {
    let rows: [(acts: [Act], found: String)] = [
      ([.break, .dsb(.DSB_ISHST), .tlbi(.VALE1IS), .dsb(.DSB_ISH), .make], ""),
      ([.break, .dsb(.DSB_SY), .tlbi(.VAAE1IS), .dsb(.DSB_SY), .dsb(.ISB), .make, .dsb(.DSB_ISHST)], ""),
      // This is enough for the PE's own walks and its own TLB.
      ([.break, .dsb(.DSB_NSHST), .tlbi(.VMALLE1), .dsb(.DSB_NSH), .make], ""),
      ([.break, .dsb(.DSB_NSH), .tlbi(.ASIDE1), .dsb(.DSB_NSH), .make], ""),
      // A DSB is missing.
      ([.break, .tlbi(.VALE1IS), .dsb(.DSB_ISH), .make], "visibility 0"),
      ([.break, .dsb(.DSB_ISHST), .tlbi(.VALE1IS), .make], "completion 0"),
      ([.break, .tlbi(.VALE1IS), .make], "visibility 0"),
      ([.break, .dsb(.DSB_ISHST), .dsb(.DSB_ISH), .make], "invalidation 0"),
      // Other barriers are not enough: DMB and ISB wait for no walker and no TLBI, and only a DSB for loads and stores completes a
      // TLBI.
      ([.break, .dsb(.DMB_ISHST), .tlbi(.VALE1IS), .dsb(.DSB_ISH), .make], "visibility 0"),
      ([.break, .dsb(.ISB), .tlbi(.VALE1IS), .dsb(.DSB_ISH), .make], "visibility 0"),
      ([.break, .dsb(.DSB_ISHST), .tlbi(.VALE1IS), .dsb(.DSB_ISHST), .make], "completion 0"),
      ([.break, .dsb(.DSB_ISHST), .tlbi(.VALE1IS), .dsb(.DMB_ISH), .make], "completion 0"),
      ([.break, .dsb(.DSB_ISHST), .tlbi(.VALE1IS), .dsb(.ISB), .make], "completion 0"),
      // The DSB comes too late, and then once more in the right order.
      ([.break, .tlbi(.VALE1IS), .dsb(.DSB_ISH), .tlbi(.VALE1IS), .dsb(.DSB_ISH), .make], ""),
      ([.break, .tlbi(.VALE1IS), .dsb(.DSB_ISH), .tlbi(.VALE1IS, 5), .dsb(.DSB_ISH), .make], "visibility 0"),
      // The TLBI comes before the break, after which the entry can return at any time.
      ([.tlbi(.VALE1IS), .dsb(.DSB_ISH), .break, .dsb(.DSB_ISHST), .make], "invalidation 0"),
      ([.tlbi(.VALE1IS), .dsb(.DSB_ISH), .make], "break 0"),
      ([.tlbi(.VALE1IS), .touch, .break, .dsb(.DSB_ISHST), .tlbi(.VALE1IS), .dsb(.DSB_ISH), .make], ""),
      ([.make], "break 0"),
      // A reported entry is not reported again.
      ([.break, .dsb(.DSB_ISHST), .tlbi(.VALE1IS), .make, .break, .dsb(.DSB_ISHST), .make], "completion 0"),
    ]
    for row in rows { #expect(try found(row.acts) == row.found, "\(row.acts)") }
  }

  @Test func twoProcessors() throws {
    let rows: [(acts: [Act], found: String)] = [
      ([.break, .dsb(.DSB_ISHST), .tlbi(.VALE1IS), .dsb(.DSB_ISH), .make], ""),
      // The other PE's walks and TLB need a DSB of the inner shareable domain, and a broadcast TLBI.
      ([.break, .dsb(.DSB_NSHST), .tlbi(.VALE1IS), .dsb(.DSB_ISH), .make], "visibility 1"),
      ([.break, .dsb(.DSB_ISHST), .tlbi(.VALE1IS), .dsb(.DSB_NSH), .make], "completion 1"),
      ([.break, .dsb(.DSB_ISHST), .tlbi(.VALE1), .dsb(.DSB_ISH), .make], "invalidation 1"),
      // A TLBI is completed by the PE that issued it.
      ([.break, .dsb(.DSB_ISHST), .tlbi(.VALE1IS, by: 1), .dsb(.DSB_ISH, by: 0), .make], "completion 0,1"),
      ([.break, .dsb(.DSB_ISHST), .tlbi(.VALE1IS, by: 1), .dsb(.DSB_ISH, by: 1), .make], ""),
      ([.break, .dsb(.DSB_ISHST), .tlbi(.VALE1, by: 0), .tlbi(.VALE1, by: 1), .dsb(.DSB_NSH, by: 0), .make], "completion 1"),
      // A PE that has observed the store, through a lock, may continue the sequence.
      ([.break, .dsb(.DSB_ISHST, by: 1), .tlbi(.VALE1IS, by: 1), .dsb(.DSB_ISH, by: 1), .make], ""),
      ([.break, .dsb(.DSB_NSHST, by: 1), .tlbi(.VALE1IS, by: 1), .dsb(.DSB_ISH, by: 1), .make], "visibility 0,1"),
    ]
    for row in rows { #expect(try found(row.acts, processors: 2) == row.found, "\(row.acts)") }
  }

  /// A removed table needs more than a TLBI of the last level, which would keep cached copies of its descriptor.
  @Test func aRemovedTableNeedsMoreThanTheLastLevel() throws {
    for (operation, missing) in [(.VALE1IS, "invalidation"), (.VAE1IS, ""), (.VAALE1IS, "invalidation"), (.VMALLE1IS, "")]
      as [(TLBIOperation, String)]
    {
      let machine = try BareMachine(strict: true)
      _ = machine.translate(0x4000)
      machine.put(0x4001_5020, 0x0060_0000_4020_4f43)
      machine.put(0x4001_1000, 0)
      machine[0].el1.barrier(.DSB_ISHST)
      machine[0].el1.invalidateTLB(operation, 4)
      machine[0].el1.barrier(.DSB_ISH)
      machine.put(0x4001_1000, 0x4001_5003)
      #expect(machine.emulator.breakBeforeMakeViolations.map { "\($0.missing)" }.joined() == missing, "\(operation)")
    }
  }

  /// Tables that are no longer walked do not bring their entries back.
  @Test func anotherAddressSpace() throws {
    let machine = try BareMachine(strict: true)
    _ = machine.translate(0x4000)
    machine[0].write(.TTBR0_EL1, 0x0001_0000_4002_0000)
    machine[0].el1.invalidateTLB(.ASIDE1IS, 0)
    machine[0].el1.barrier(.DSB_ISH)
    machine.put(Self.page4, Self.new)
    #expect(machine.emulator.breakBeforeMakeViolations.isEmpty)
  }

  /// The guest's DSBs by encoding, at EL0, between a break and a TLBI and after it. 0 means no DSB at all.
  static let encodings: [(first: UInt32, second: UInt32, missing: String)] = [
    (0xd503_3a9f, 0xd503_3b9f, ""),  // dsb ishst, dsb ish
    (0xd503_329f, 0xd503_339f, ""),  // dsb oshst, dsb osh
    (0xd503_369f, 0xd503_379f, ""),  // dsb nshst, dsb nsh
    (0xd503_3e9f, 0xd503_3f9f, ""),  // dsb st, dsb sy
    (0xd503_3c9f, 0xd503_389f, ""),  // reserved options are full barriers
    (0xd503_399f, 0xd503_3b9f, "visibility"),  // dsb ishld
    (0xd503_309f, 0xd503_3b9f, "visibility"),  // ssbb
    (0xd503_349f, 0xd503_3b9f, "visibility"),  // pssbb
    (0xd503_3bbf, 0xd503_3b9f, "visibility"),  // dmb ish
    (0xd503_201f, 0xd503_3b9f, "visibility"),  // nop
    (0xd503_3a9f, 0xd503_3a9f, "completion"),  // dsb ishst
    (0xd503_3a9f, 0xd503_399f, "completion"),  // dsb ishld
    (0xd503_3a9f, 0xd503_3fdf, "completion"),  // isb
  ]
  @Test func guestBarriersCountByEncoding() throws {
    for row in Self.encodings {
      let machine = try BareMachine(strict: true)
      _ = machine.translate(0x4000)
      machine.put(Self.page4, 0)
      #expect(machine.exception(of: row.first, x0: 0)?.esr == 0x5600_0000)
      machine[0].el1.invalidateTLB(.VALE1IS, 4)
      #expect(machine.exception(of: row.second, x0: 0)?.esr == 0x5600_0000)
      machine.put(Self.page4, Self.new)
      #expect(
        machine.emulator.breakBeforeMakeViolations.map { "\($0.missing)" }.joined() == row.missing,
        "\(String(row.first, radix: 16)) \(String(row.second, radix: 16))")
    }
  }

  @Test func aReportIsOneLine() throws {
    let machine = try BareMachine(strict: true)
    _ = machine.translate(0x4000)
    machine.put(Self.page4, 0)
    machine[0].el1.barrier(.DSB_ISHST)
    machine[0].el1.invalidateTLB(.VALE1IS, 4)
    machine.put(Self.page4, Self.new)
    #expect(
      machine.emulator.breakBeforeMakeViolations.map(\.description) == [
        "break-before-make: level 3 descriptor at 0x40012020 from 0x60000040201f43 to 0x60000040204f43: "
          + "a change of the output address (Arm ARM D8.16.1); no DSB completed the TLBI; live: PE 0 0x4000 ASID 0"
      ])
  }
}
