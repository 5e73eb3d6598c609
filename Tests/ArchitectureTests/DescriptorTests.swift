// Owns the fields of descriptors, TCR_EL1 and SCTLR_EL1 bit by bit, from literal values.
// It does not know a walk. Arm ARM D8.3, D23.
import Architecture
import Testing

struct DescriptorTests {
  /// Each field, and the bits that alone set it.
  @Test func everyFlagIsOneBit() {
    let rows: [(UInt64, (Descriptor) -> Bool)] = [
      (0x0000_0000_0000_0001, \.isValid), (0x0000_0000_0000_0040, \.isUserAccessible), (0x0000_0000_0000_0080, \.isReadOnly),
      (0x0000_0000_0000_0400, \.accessFlag), (0x0000_0000_0000_0800, \.isNonGlobal), (0x0004_0000_0000_0000, \.isGuarded),
      (0x0008_0000_0000_0000, \.isDirtyBitModifier), (0x0010_0000_0000_0000, \.isContiguous),
      (0x0020_0000_0000_0000, \.isPrivilegedExecuteNever), (0x0040_0000_0000_0000, \.isUserExecuteNever),
      (0x0800_0000_0000_0000, \.privilegedExecuteNeverBelow), (0x1000_0000_0000_0000, \.userExecuteNeverBelow),
      (0x2000_0000_0000_0000, \.noUserAccessBelow), (0x4000_0000_0000_0000, \.readOnlyBelow),
    ]
    for (bit, field) in rows {
      #expect(field(Descriptor(bit)), "\(String(bit, radix: 16))")
      #expect(!field(Descriptor(~bit)), "\(String(bit, radix: 16))")
    }
  }

  @Test func bits1And0TellTheKind() {
    #expect((0...3).map { Descriptor($0).isTableOrPage } == [false, false, false, true])
    #expect((0...3).map { Descriptor($0).isBlock } == [false, true, false, false])
  }

  @Test func attributeFieldsAreRead() {
    #expect(Descriptor(0x0060_0000_4020_0f43).attributeIndex == 0)
    #expect(Descriptor(0x0060_0000_4020_0f57).attributeIndex == 5)
    #expect(Descriptor(0x0060_0000_4020_0f43).shareability == 3)
    #expect(Descriptor(0x0060_0000_4020_0e43).shareability == 2)
    #expect("\(Descriptor(0x0060_0000_4020_0f43))" == "0x60000040200f43")
  }

  /// A Linux user page: r-x, shared, young.
  @Test func aUserTextPage() {
    let descriptor = Descriptor(0x0020_0000_8123_4fc3)
    #expect(descriptor.isValid && descriptor.isTableOrPage && descriptor.isUserAccessible && descriptor.isReadOnly)
    #expect(descriptor.accessFlag && descriptor.isNonGlobal && descriptor.isPrivilegedExecuteNever && !descriptor.isUserExecuteNever)
  }

  // MARK: TCR_EL1 and SCTLR_EL1

  /// Linux's value on a 48-bit, 4 KiB kernel: TBI0, 16-bit ASIDs, both halves 4 KiB.
  @Test func aTranslationControlOfLinux() {
    let tcr = TranslationControl(rawValue: 0x0000_00f5_b550_3510)
    let lower = tcr.half(upper: false)
    #expect(lower.sizeOffset == 16 && lower.granule == .size4K && lower.topByteIgnored && !lower.walksDisabled)
    let upper = tcr.half(upper: true)
    #expect(upper.sizeOffset == 16 && upper.granule == .size4K && upper.topByteIgnored && !upper.walksDisabled)
    #expect(tcr.asid16 && tcr.asidFromTTBR1 && tcr.physicalAddressBits == 48)
    #expect(tcr.hardwareAccessFlag && !tcr.hardwareDirtyState)
  }

  /// TG0 and TG1 encode granules differently.
  @Test func granulesAreEncodedDifferentlyInTG0AndTG1() {
    #expect([0, 0x4000, 0x8000].map { TranslationControl(rawValue: $0).half(upper: false).granule } == [.size4K, .size64K, .size16K])
    #expect(
      [0x8000_0000, 0x4000_0000, 0xc000_0000].map { TranslationControl(rawValue: $0).half(upper: true).granule } == [
        .size4K, .size16K, .size64K,
      ])
  }

  @Test func physicalAddressSizes() {
    #expect((0...6).map { TranslationControl(rawValue: $0 << 32).physicalAddressBits } == [32, 36, 40, 42, 44, 48, 52])
  }

  @Test func everyTranslationControlFlagIsOneBit() {
    let rows: [(UInt64, (TranslationControl) -> Bool)] = [
      (1 << 7, { $0.half(upper: false).walksDisabled }), (1 << 23, { $0.half(upper: true).walksDisabled }),
      (1 << 37, { $0.half(upper: false).topByteIgnored }), (1 << 38, { $0.half(upper: true).topByteIgnored }),
      (1 << 41, { $0.half(upper: false).hierarchicalDisabled }), (1 << 42, { $0.half(upper: true).hierarchicalDisabled }),
      (1 << 55, { $0.half(upper: false).userAccessPrevented }), (1 << 56, { $0.half(upper: true).userAccessPrevented }),
      (1 << 22, \.asidFromTTBR1), (1 << 36, \.asid16), (1 << 39, \.hardwareAccessFlag), (1 << 40, \.hardwareDirtyState),
      (1 << 59, \.has52BitSmallGranule),
    ]
    for (bit, field) in rows {
      #expect(field(TranslationControl(rawValue: bit)), "\(String(bit, radix: 16))")
      #expect(!field(TranslationControl(rawValue: ~bit)), "\(String(bit, radix: 16))")
    }
  }

  @Test func everySystemControlFlagIsOneBit() {
    let rows: [(UInt64, (SystemControl) -> Bool)] = [
      (0, \.mmuEnabled), (1, \.alignmentCheck), (3, \.stackAlignmentCheckEL1), (4, \.stackAlignmentCheckEL0),
      (6, \.noAlignmentCheckForOrdered), (9, \.userMaskAccess), (14, \.userZeroEnabled), (15, \.userCacheTypeAccess),
      (16, \.userWFINotTrapped), (18, \.userWFENotTrapped), (19, \.writeExecuteNever), (23, \.preservePAN), (26, \.userCacheMaintenance),
      (57, \.enhancedPAN),
    ]
    for (bit, field) in rows {
      #expect(field(SystemControl(rawValue: 1 << bit)), "bit \(bit)")
      #expect(!field(SystemControl(rawValue: ~(1 << bit))), "bit \(bit)")
    }
  }

  // MARK: Granules and addresses

  @Test func whatADescriptorMaps() {
    #expect((-1...3).map { Granule.size4K.shift(level: $0) } == [48, 39, 30, 21, 12])
    #expect((0...3).map { Granule.size16K.shift(level: $0) } == [47, 36, 25, 14])
    #expect((1...3).map { Granule.size64K.shift(level: $0) } == [42, 29, 16])
    #expect(Granule.allCases.map(\.bytes) == [4096, 16384, 65536])
  }

  @Test func tagsAreReplacedByBit55() {
    #expect(VirtualAddress(0x5a00_0000_0000_3000).untagged == VirtualAddress(0x3000))
    #expect(VirtualAddress(0x5aff_ff80_0000_3000).untagged == VirtualAddress(0xffff_ff80_0000_3000))
    #expect(VirtualAddress(0x0080_0000_0000_0000).selectsTTBR1)
    #expect(!VirtualAddress(0xff7f_ffff_ffff_ffff).selectsTTBR1)
  }
}
