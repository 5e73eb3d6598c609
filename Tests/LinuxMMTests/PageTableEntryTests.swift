// Owns tests of the rules of one entry: dirty and writable under mkwrite, mkdirty, wrprotect and pte_modify, in every combination.
// It does not know tables. The literals are Linux's (arch/arm64/include/asm/pgtable.h), worked out by hand.
import Testing

@testable import LinuxMM

struct PageTableEntryTests {
  /// The bits that the algebra looks at or changes, all 1024 combinations, with an output address and SH, MAIR slot 0.
  private static var everyEntry: [PageTableEntry] {
    let bits: [UInt64] = [0, 6, 7, 10, 11, 51, 53, 54, 55, 56]
    return (0..<1024 as Range<UInt64>).map { choice in
      var word: UInt64 = 0x0000_1234_5678_9302
      for (index, bit) in bits.enumerated() where choice >> UInt64(index) & 1 != 0 { word |= 1 << bit }
      return PageTableEntry(word)
    }
  }
  private static let protections: [UInt64] = [
    0x0060_0000_0000_0f82, 0x0060_0000_0000_0fc3, 0x0020_0000_0000_0fc3, 0x0068_0000_0000_0fc3, 0x0028_0000_0000_0fc3,
    0x0020_0000_0000_0f83,
  ]
  private static func bit(_ word: UInt64, _ n: UInt64) -> Bool { word >> n & 1 != 0 }
  private static func setting(_ word: UInt64, _ n: UInt64, _ value: Bool) -> UInt64 {
    value ? word | 1 << n : word & ~(1 << n)
  }

  @Test func everyPredicateOverAllEntries() {
    for entry in Self.everyEntry {
      let word = entry.rawValue
      let (valid, readOnly, invalidPresent) = (Self.bit(word, 0), Self.bit(word, 7), Self.bit(word, 11))
      let (writable, dirty) = (Self.bit(word, 51), Self.bit(word, 55))
      #expect(entry.isPresent == (valid || invalidPresent))
      #expect(entry.isProtNone == (!valid && invalidPresent))
      #expect(entry.isWritable == writable)
      #expect(entry.isHardwareDirty == (writable && !readOnly))
      #expect(entry.isDirty == (dirty || (writable && !readOnly)))
      #expect(entry.isYoung == Self.bit(word, 10))
      #expect(entry.isSpecial == Self.bit(word, 56))
      #expect(entry.output == 0x0000_1234_5678_9000)
    }
  }

  @Test func everyChangeForEveryEntry() {
    for entry in Self.everyEntry {
      let word = entry.rawValue
      let (readOnly, writable, dirty) = (Self.bit(word, 7), Self.bit(word, 51), Self.bit(word, 55))
      // The read-only bit is cleared only if the page is known to be dirty.
      #expect(entry.makingWritable.rawValue == Self.setting(Self.setting(word, 51, true), 7, readOnly && !dirty))
      #expect(entry.makingDirty.rawValue == Self.setting(Self.setting(word, 55, true), 7, readOnly && !writable))
      #expect(entry.makingYoung.rawValue == Self.setting(word, 10, true))
      var protected = Self.setting(Self.setting(word, 51, false), 7, true)
      protected = Self.setting(protected, 55, dirty || (writable && !readOnly))
      #expect(entry.writeProtected.rawValue == protected)
    }
  }

  @Test func modifyTakesTheProtectionAndKeepsTheRest() {
    for entry in Self.everyEntry {
      for protection in Self.protections {
        let new = entry.modified(to: protection).rawValue
        for bit in [0, 6, 11, 51, 53, 54] as [UInt64] {
          #expect(Self.bit(new, bit) == Self.bit(protection, bit), "bit \(bit) of \(entry) under \(protection)")
        }
        #expect(Self.bit(new, 55) == entry.isDirty)
        #expect(Self.bit(new, 7) == (Self.bit(protection, 7) && !(entry.isDirty && Self.bit(protection, 51))))
        // All but bits 0, 6, 7, 11, 51, 53, 54 and 55.
        let kept: UInt64 = 0xff17_ffff_ffff_f73e
        #expect(new & kept == entry.rawValue & kept)
      }
    }
  }

  /// After any three changes, a dirty page is still dirty.
  @Test func dirtyIsNeverLost() {
    var changes: [(PageTableEntry) -> PageTableEntry] = []
    changes.append { $0.makingWritable }
    changes.append { $0.makingDirty }
    changes.append { $0.makingYoung }
    changes.append { $0.writeProtected }
    for protection in Self.protections { changes.append { $0.modified(to: protection) } }
    for entry in Self.everyEntry where entry.isDirty {
      for first in changes {
        let one = first(entry)
        for second in changes {
          let two = second(one)
          for third in changes where !third(two).isDirty { Issue.record("\(entry) lost its dirtiness") }
        }
      }
    }
  }

  /// The words of a written page as mm/mprotect.c changes it: to PROT_NONE, to read-only, and back to writable.
  @Test func wordsOfAWrittenPage() {
    let written = PageTableEntry(0x00e8_0000_0000_0f43)
    #expect(written.writeProtected.rawValue == 0x00e0_0000_0000_0fc3)
    #expect(written.modified(to: 0x0060_0000_0000_0f82).rawValue == 0x00e0_0000_0000_0f82)
    #expect(written.modified(to: 0x0060_0000_0000_0fc3).rawValue == 0x00e0_0000_0000_0fc3)
    #expect(written.modified(to: 0x0020_0000_0000_0fc3).rawValue == 0x00a0_0000_0000_0fc3)
    #expect(written.modified(to: 0x0020_0000_0000_0f83).rawValue == 0x00a0_0000_0000_0f83)
    #expect(PageTableEntry(0x00e0_0000_0000_0fc3).makingWritable.rawValue == 0x00e8_0000_0000_0f43)
    // Hardware marked a shared page dirty, and the software bit takes that over.
    #expect(PageTableEntry(0x0068_0000_0000_0f43).writeProtected.rawValue == 0x00e0_0000_0000_0fc3)
    #expect(PageTableEntry(0x0068_0000_0000_0fc3).makingDirty.rawValue == 0x00e8_0000_0000_0f43)
    #expect(PageTableEntry(0x0060_0000_0000_0fc3).makingWritable.rawValue == 0x0068_0000_0000_0fc3)
  }

  @Test(
    arguments: [
      // VM flags, without EPAN, with EPAN
      (0x0, 0x0060_0000_0000_0f82, 0x0060_0000_0000_0f82), (0x1, 0x0060_0000_0000_0fc3, 0x0060_0000_0000_0fc3),
      (0x2, 0x0060_0000_0000_0fc3, 0x0060_0000_0000_0fc3), (0x3, 0x0060_0000_0000_0fc3, 0x0060_0000_0000_0fc3),
      (0x4, 0x0020_0000_0000_0fc3, 0x0020_0000_0000_0f83), (0x5, 0x0020_0000_0000_0fc3, 0x0020_0000_0000_0fc3),
      (0x6, 0x0020_0000_0000_0fc3, 0x0020_0000_0000_0fc3), (0x7, 0x0020_0000_0000_0fc3, 0x0020_0000_0000_0fc3),
      (0x8, 0x0060_0000_0000_0f82, 0x0060_0000_0000_0f82), (0x9, 0x0060_0000_0000_0fc3, 0x0060_0000_0000_0fc3),
      (0xa, 0x0068_0000_0000_0fc3, 0x0068_0000_0000_0fc3), (0xb, 0x0068_0000_0000_0fc3, 0x0068_0000_0000_0fc3),
      (0xc, 0x0020_0000_0000_0fc3, 0x0020_0000_0000_0f83), (0xd, 0x0020_0000_0000_0fc3, 0x0020_0000_0000_0fc3),
      (0xe, 0x0028_0000_0000_0fc3, 0x0028_0000_0000_0fc3), (0xf, 0x0028_0000_0000_0fc3, 0x0028_0000_0000_0fc3),
    ] as [(UInt64, UInt64, UInt64)])
  func protectionMap(flags: UInt64, plain: UInt64, epan: UInt64) {
    #expect(Protection.of(VMFlags(rawValue: flags), epan: false) == plain)
    #expect(Protection.of(VMFlags(rawValue: flags), epan: true) == epan)
  }
}
