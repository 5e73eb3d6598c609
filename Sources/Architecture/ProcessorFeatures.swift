// Owns what a processor can do, as data: it drives behaviour, the ID registers and what a kernel tells its programs.
// It does not know how any feature is done.

/// The optional features of one processor model.
@frozen public struct ProcessorFeatures: Hashable, Sendable {
  /// Hardware updates of descriptors. Arm ARM: ID_AA64MMFR1_EL1.HAFDBS.
  @frozen public enum HardwareUpdate: UInt8, Hashable, Sendable { case off, accessFlag, accessFlagAndDirty }

  /// FEAT_LSE: single-instruction atomics.
  public var lse = true
  /// FEAT_LRCPC: LDAPR.
  public var lrcpc = true
  /// FEAT_LOR: LDLAR, STLLR.
  public var lor = true
  /// FEAT_CRC32.
  public var crc32 = true
  /// FEAT_HAFDBS.
  public var hardwareUpdate = HardwareUpdate.accessFlagAndDirty
  /// FEAT_PAN.
  public var pan = true
  /// FEAT_PAN3.
  public var epan = false
  /// FEAT_UAO: PSTATE.UAO makes LDTR and STTR at EL1 privileged.
  public var uao = true
  /// FEAT_SSBS2: PSTATE.SSBS with its MRS and MSR.
  public var ssbs = false
  /// FEAT_DIT: PSTATE.DIT. Every instruction here takes the same time anyway.
  public var dit = false
  /// FEAT_BTI: indirect branches into guarded pages need a landing pad. Each then costs a look at the page.
  public var bti = false
  /// FEAT_E0PD.
  public var e0pd = true
  /// FEAT_LSE2: unaligned accesses inside 16 aligned bytes are single-copy atomic and do not fault.
  public var lse2 = false
  /// FEAT_IDST: EL0 reads of ID registers trap with EC 0x18 instead of being UNDEFINED.
  public var idst = true
  /// Entries of the architectural TLB (a power of two, 16 to 65536) and its ways (1 to 8).
  public var tlbEntries = 1024
  public var tlbWays = 4
  /// log2 of the words that DC ZVA clears (DCZID_EL0.BS): 4 is 64 bytes.
  public var zeroBlockLog2Words: UInt64 = 4

  public init() {}
}

extension ProcessorFeatures {
  /// The processors that `--cpu` knows, by name.
  public static let presets: [(name: String, features: ProcessorFeatures)] = [
    ("max", ProcessorFeatures()),
    (
      "neoverse-n1",
      {
        var f = ProcessorFeatures(); f.e0pd = false; f.idst = false; return f
      }()
    ),
    (
      "cortex-a53",
      {
        var f = ProcessorFeatures()
        f.lse = false; f.lrcpc = false; f.lor = false; f.hardwareUpdate = .off; f.pan = false; f.uao = false; f.e0pd = false; f.idst = false
        f.tlbEntries = 512
        return f
      }()
    ),
  ]

  /// The features that `+name` and `-name` switch.
  public static let switches: [(name: String, keyPath: WritableKeyPath<ProcessorFeatures, Bool> & Sendable)] = [
    ("lse", \.lse), ("lrcpc", \.lrcpc), ("lor", \.lor), ("crc32", \.crc32), ("pan", \.pan), ("epan", \.epan), ("uao", \.uao),
    ("ssbs", \.ssbs), ("dit", \.dit), ("bti", \.bti),
    ("e0pd", \.e0pd), ("lse2", \.lse2),
  ]
}
