// Owns AT_HWCAP and AT_HWCAP2: which features of the processor a program is told of.
// It does not know how any of them executes. Linux: arch/arm64/include/uapi/asm/hwcap.h, kernel/cpufeature.c arm64_elf_hwcaps.
import Architecture

/// The capability bits: only what executes.
enum HardwareCapabilities {
  static func hwcap(_ features: ProcessorFeatures) -> UInt64 {
    // FP and ASIMD, which everyone has, and CPUID: identification registers can be read.
    let always: UInt64 = 1 << 0 | 1 << 1 | 1 << 11
    return word(rows, features) | always
  }
  static func hwcap2(_ features: ProcessorFeatures) -> UInt64 { word(rows2, features) }

  private typealias Row = (bit: UInt64, keyPath: KeyPath<ProcessorFeatures, Bool> & Sendable)

  private static func word(_ rows: [Row], _ features: ProcessorFeatures) -> UInt64 {
    rows.reduce(0) { $0 | (features[keyPath: $1.keyPath] ? 1 << $1.bit : 0) }
  }

  private static let rows: [Row] = [
    (3, \.aes),
    (4, \.pmull),
    (5, \.sha1),
    (6, \.sha256),
    (7, \.crc32),
    (8, \.lse),
    (9, \.fp16),  // FPHP
    (10, \.fp16),  // ASIMDHP
    (12, \.rdm),
    (13, \.jscvt),
    (14, \.fcma),
    (15, \.lrcpc),
    (16, \.dpb),  // DCPOP
    (17, \.sha3),
    (18, \.sm3),
    (19, \.sm4),
    (20, \.dotprod),
    (21, \.sha512),
    (23, \.fhm),
    (24, \.dit),
    (25, \.lse2),  // USCAT
    (26, \.lrcpc2),  // ILRCPC
    (27, \.flagm),
    (28, \.ssbs),
    (29, \.sb),
    (30, \.hasPAuth),  // PACA
    (31, \.hasPAuth),  // PACG
  ]

  private static let rows2: [Row] = [
    (0, \.dpb2),  // DCPODP
    (7, \.flagm2),
    (8, \.frintts),
    (13, \.i8mm),
    (14, \.bf16),
    (15, \.dgh),
    (16, \.rng),
    (31, \.wfxt),
    (34, \.cssc),
  ]
}

extension HardwareCapabilities {
  /// The names of /proc/cpuinfo's line "Features", in the order of the bits. Linux: arch/arm64/kernel/cpuinfo.c hwcap_str.
  static func names(_ features: ProcessorFeatures) -> [String] {
    let (first, second) = (hwcap(features), hwcap2(features))
    return names.enumerated().filter { first >> UInt64($0.offset) & 1 != 0 }.map(\.element)
      + names2.filter { second >> $0.bit & 1 != 0 }.map(\.name)
  }

  /// By bit of AT_HWCAP.
  private static let names = [
    "fp", "asimd", "evtstrm", "aes", "pmull", "sha1", "sha2", "crc32", "atomics", "fphp", "asimdhp", "cpuid", "asimdrdm", "jscvt",
    "fcma", "lrcpc", "dcpop", "sha3", "sm3", "sm4", "asimddp", "sha512", "sve", "asimdfhm", "dit", "uscat", "ilrcpc", "flagm",
    "ssbs", "sb", "paca", "pacg",
  ]
  private static let names2: [(bit: UInt64, name: String)] = [
    (0, "dcpodp"), (7, "flagm2"), (8, "frint"), (13, "i8mm"), (14, "bf16"), (15, "dgh"), (16, "rng"), (31, "wfxt"), (34, "cssc"),
  ]
}
