// Owns the processors that have a name, and the features that can be switched by name.
// It does not know what a feature does.

extension ProcessorFeatures {
  /// The processors that `--cpu` knows, by name.
  public static let presets: [(name: String, features: ProcessorFeatures)] = [
    ("max", ProcessorFeatures()),
    (
      "neoverse-n1",
      {
        var f = ProcessorFeatures(); f.e0pd = false; f.idst = false; f.pauth = .off
        f.fcma = false; f.fhm = false; f.frintts = false; f.bf16 = false
        f.loseTranslationAfterArmv82()
        return f
      }()
    ),
    (
      "cortex-a53",
      {
        var f = ProcessorFeatures()
        f.lse = false; f.lrcpc = false; f.lor = false; f.hardwareUpdate = .off; f.pan = false; f.uao = false; f.e0pd = false; f.idst = false
        f.pan2 = false; f.hpds = false; f.cnp = false; f.dpb = false; f.pauth = .off
        f.fp16 = false; f.fcma = false; f.fhm = false; f.frintts = false; f.bf16 = false
        f.loseTranslationAfterArmv82()
        f.tlbEntries = 512
        return f
      }()
    ),
  ]

  /// The features that `+name` and `-name` switch.
  public static let switches: [(name: String, keyPath: WritableKeyPath<ProcessorFeatures, Bool> & Sendable)] = [
    ("lse", \.lse), ("lrcpc", \.lrcpc), ("lor", \.lor), ("crc32", \.crc32), ("pan", \.pan), ("epan", \.epan), ("uao", \.uao),
    ("ssbs", \.ssbs), ("dit", \.dit), ("bti", \.bti), ("pauth", \.hasPAuth),
    ("lrcpc2", \.lrcpc2), ("flagm", \.flagm), ("flagm2", \.flagm2), ("sb", \.sb), ("wfxt", \.wfxt), ("cssc", \.cssc), ("dgh", \.dgh),
    ("dpb", \.dpb), ("dpb2", \.dpb2),
    ("fp16", \.fp16), ("rdm", \.rdm), ("dotprod", \.dotprod), ("fcma", \.fcma), ("jscvt", \.jscvt), ("fhm", \.fhm),
    ("frintts", \.frintts), ("bf16", \.bf16), ("i8mm", \.i8mm),
    ("aes", \.aes), ("pmull", \.pmull), ("sha1", \.sha1), ("sha256", \.sha256), ("sha512", \.sha512), ("sha3", \.sha3), ("sm3", \.sm3),
    ("sm4", \.sm4),
    ("e0pd", \.e0pd), ("lse2", \.lse2), ("pan2", \.pan2), ("hpds", \.hpds), ("cnp", \.cnp), ("asid16", \.asid16), ("lpa", \.lpa),
    ("lva", \.lva), ("lpa2", \.lpa2), ("ttst", \.ttst), ("tbid", \.tbid), ("ttl", \.ttl),
  ]

  /// What came to the translation of Armv8.2 cores' successors.
  fileprivate mutating func loseTranslationAfterArmv82() {
    lpa = false; lva = false; lpa2 = false; ttst = false; ttl = false; tbid = false
    tlbMaintenance = .base
    blockChange = .level0
  }

  /// FEAT_PAuth as a switch: on is the basic form.
  public var hasPAuth: Bool {
    get { pauth != .off }
    set { pauth = newValue ? .basic : .off }
  }

  /// Bits of a physical address: ID_AA64MMFR0_EL1.PARange.
  public var physicalAddressBits: UInt64 { lpa || lpa2 ? 52 : 48 }
}
