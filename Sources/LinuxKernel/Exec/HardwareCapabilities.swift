// Owns AT_HWCAP and AT_HWCAP2: the processor's features as a program learns them, by bit and by name. It does not know how a feature
// executes. Linux: arch/arm64/include/uapi/asm/hwcap.h, kernel/cpufeature.c arm64_elf_hwcaps, kernel/cpuinfo.c hwcap_str.
import Architecture

/// The capability bits of features that execute here.
enum HardwareCapabilities {
  static func hwcap(_ features: ProcessorFeatures) -> UInt64 { word(rows, features) }
  static func hwcap2(_ features: ProcessorFeatures) -> UInt64 { word(rows2, features) }

  /// The names in the line "Features" of /proc/cpuinfo, in the order of the bits.
  static func names(_ features: ProcessorFeatures) -> [String] { (rows + rows2).filter { $0.isPresent(features) }.map(\.name) }

  private struct Row: Sendable {
    let bit: UInt64
    /// The name in /proc/cpuinfo.
    let name: String
    /// The feature; nil if every processor here has it.
    let keyPath: (KeyPath<ProcessorFeatures, Bool> & Sendable)?

    init(_ bit: UInt64, _ name: String) {
      self.bit = bit
      self.name = name
      keyPath = nil
    }
    init(_ bit: UInt64, _ name: String, _ keyPath: KeyPath<ProcessorFeatures, Bool> & Sendable) {
      self.bit = bit
      self.name = name
      self.keyPath = keyPath
    }
    func isPresent(_ features: ProcessorFeatures) -> Bool { keyPath.map { features[keyPath: $0] } ?? true }
  }

  private static func word(_ rows: [Row], _ features: ProcessorFeatures) -> UInt64 {
    rows.reduce(0) { $0 | ($1.isPresent(features) ? 1 << $1.bit : 0) }
  }

  private static let rows: [Row] = [
    Row(0, "fp"),
    Row(1, "asimd"),
    Row(2, "evtstrm"),  // the kernel runs an event stream
    Row(3, "aes", \.aes),
    Row(4, "pmull", \.pmull),
    Row(5, "sha1", \.sha1),
    Row(6, "sha2", \.sha256),
    Row(7, "crc32", \.crc32),
    Row(8, "atomics", \.lse),
    Row(9, "fphp", \.fp16),
    Row(10, "asimdhp", \.fp16),
    Row(11, "cpuid"),  // identification registers can be read
    Row(12, "asimdrdm", \.rdm),
    Row(13, "jscvt", \.jscvt),
    Row(14, "fcma", \.fcma),
    Row(15, "lrcpc", \.lrcpc),
    Row(16, "dcpop", \.dpb),
    Row(17, "sha3", \.sha3),
    Row(18, "sm3", \.sm3),
    Row(19, "sm4", \.sm4),
    Row(20, "asimddp", \.dotprod),
    Row(21, "sha512", \.sha512),
    Row(23, "asimdfhm", \.fhm),
    Row(24, "dit", \.dit),
    Row(25, "uscat", \.lse2),
    Row(26, "ilrcpc", \.lrcpc2),
    Row(27, "flagm", \.flagm),
    Row(28, "ssbs", \.ssbs),
    Row(29, "sb", \.sb),
    Row(30, "paca", \.hasPAuth),
    Row(31, "pacg", \.hasPAuth),
  ]

  private static let rows2: [Row] = [
    Row(0, "dcpodp", \.dpb2),
    Row(7, "flagm2", \.flagm2),
    Row(8, "frint", \.frintts),
    Row(13, "i8mm", \.i8mm),
    Row(14, "bf16", \.bf16),
    Row(15, "dgh", \.dgh),
    Row(16, "rng", \.rng),
    Row(17, "bti", \.bti),
    Row(19, "ecv", \.ecv),
    Row(31, "wfxt", \.wfxt),
    Row(34, "cssc", \.cssc),
  ]
}
