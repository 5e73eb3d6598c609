// Owns the processors that have a name, and the features that can be switched by name.
// It does not know what a feature does.

extension ProcessorFeatures {
  /// The processors that `--cpu` knows by name: `max`, and cores as their technical reference manuals describe them. The cores here
  /// lack SVE, statistics and trace, which this machine does not have, and each has 48-bit addresses.
  public static let presets: [(name: String, features: ProcessorFeatures)] = [
    ("max", ProcessorFeatures()),
    (
      "neoverse-v1",
      {
        // Armv8.4, with BF16, I8MM, DGH, DC CVADP and SSBS from later versions; without FEAT_TLBIRANGE, FEAT_TTST and FEAT_TTL.
        var f = ProcessorFeatures()
        let max = f
        f.loseArmv86(); f.loseArmv85()
        f.bf16 = max.bf16; f.i8mm = max.i8mm; f.rng = max.rng; f.dgh = max.dgh; f.dpb2 = max.dpb2; f.ssbs = true; f.lse2 = true;
        f.dit = true; f.csv2 = true; f.csv3 = true
        f.pauth = .pauth2
        f.tlbMaintenance = .base; f.ttst = false; f.ttl = false; f.lpa = false; f.lva = false
        f.mainID = 0x411f_d402  // r1p2
        return f
      }()
    ),
    (
      "neoverse-n1",
      {
        // Armv8.2, with LRCPC from Armv8.3, DotProd from Armv8.4 and SSBS from Armv8.5.
        var f = ProcessorFeatures()
        let max = f
        f.loseArmv86(); f.loseArmv85(); f.loseArmv84(); f.loseArmv83()
        f.lrcpc = max.lrcpc; f.dotprod = max.dotprod; f.ssbs = true; f.csv2 = true; f.csv3 = true; f.idc = false
        f.lpa = false; f.lva = false
        f.mainID = 0x414f_d0c1  // r4p1
        return f
      }()
    ),
    (
      "cortex-a72",
      {
        var f = ProcessorFeatures()
        f.loseAllButArmv80()
        f.mainID = 0x410f_d083  // r0p3
        return f
      }()
    ),
    (
      "cortex-a53",
      {
        var f = ProcessorFeatures()
        f.loseAllButArmv80()
        f.tlbEntries = 512
        f.mainID = 0x410f_d034  // r0p4
        return f
      }()
    ),
  ]

  /// The features that `+name` and `-name` switch.
  public static let switches: [(name: String, keyPath: WritableKeyPath<ProcessorFeatures, Bool> & Sendable)] = [
    ("lse", \.lse), ("lrcpc", \.lrcpc), ("lor", \.lor), ("crc32", \.crc32), ("pan", \.pan), ("epan", \.epan), ("uao", \.uao),
    ("ssbs", \.ssbs), ("dit", \.dit), ("bti", \.bti), ("pauth", \.hasPAuth),
    ("lrcpc2", \.lrcpc2), ("flagm", \.flagm), ("flagm2", \.flagm2), ("sb", \.sb), ("wfxt", \.wfxt), ("cssc", \.cssc), ("dgh", \.dgh),
    ("rng", \.rng), ("mte", \.mte), ("ecv", \.ecv), ("csv2", \.csv2), ("csv2_2", \.csv2_2), ("csv3", \.csv3), ("idc", \.idc),
    ("dpb", \.dpb), ("dpb2", \.dpb2),
    ("fp16", \.fp16), ("rdm", \.rdm), ("dotprod", \.dotprod), ("fcma", \.fcma), ("jscvt", \.jscvt), ("fhm", \.fhm),
    ("frintts", \.frintts), ("bf16", \.bf16), ("i8mm", \.i8mm),
    ("aes", \.aes), ("pmull", \.pmull), ("sha1", \.sha1), ("sha256", \.sha256), ("sha512", \.sha512), ("sha3", \.sha3), ("sm3", \.sm3),
    ("sm4", \.sm4),
    ("e0pd", \.e0pd), ("lse2", \.lse2), ("pan2", \.pan2), ("hpds", \.hpds), ("cnp", \.cnp), ("asid16", \.asid16), ("lpa", \.lpa),
    ("lva", \.lva), ("lpa2", \.lpa2), ("ttst", \.ttst), ("tbid", \.tbid), ("ttl", \.ttl),
  ]

  /// Removes what came with one version of the architecture, and the optional extensions that were introduced at the same time.
  fileprivate mutating func loseArmv86() {
    bf16 = false; i8mm = false; dgh = false; wfxt = false; cssc = false; epan = false; lpa2 = false
  }
  fileprivate mutating func loseArmv85() {
    frintts = false; flagm2 = false; sb = false; ssbs = false; bti = false; dpb2 = false; e0pd = false; rng = false; mte = false
    csv2 = false; csv2_2 = false; csv3 = false
  }
  fileprivate mutating func loseArmv84() {
    flagm = false; lrcpc2 = false; lse2 = false; dit = false; fhm = false; dotprod = false
    sha512 = false; sha3 = false; sm3 = false; sm4 = false
    tlbMaintenance = .base; ttst = false; ttl = false; blockChange = .level0; idst = false
  }
  fileprivate mutating func loseArmv83() {
    pauth = .off; tbid = false; fcma = false; jscvt = false; lrcpc = false
  }
  /// Leaves only Armv8.0 with the cryptographic extension.
  fileprivate mutating func loseAllButArmv80() {
    loseArmv86(); loseArmv85(); loseArmv84(); loseArmv83()
    fp16 = false; dpb = false; pan2 = false; uao = false; hpds = false; cnp = false; lpa = false; lva = false
    lse = false; rdm = false; lor = false; pan = false; hardwareUpdate = .off
    idc = false
  }

  /// Whether SCXTNUM_EL0 and SCXTNUM_EL1 exist: ID_AA64PFR0_EL1.CSV2 is 2.
  public var hasContextNumbers: Bool { csv2 && csv2_2 }

  /// FEAT_PAuth as a switch: switching it on gives the basic form.
  public var hasPAuth: Bool {
    get { pauth != .off }
    set { pauth = newValue ? .basic : .off }
  }

  /// Bits of a physical address: ID_AA64MMFR0_EL1.PARange.
  public var physicalAddressBits: UInt64 { lpa || lpa2 ? 52 : 48 }
}
