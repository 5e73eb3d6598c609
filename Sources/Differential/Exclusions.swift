// Owns the words that the comparison leaves out, as data: encoding and reason.
// It does not know which class draws them.
import Decoding

/// Words that cannot be compared with QEMU 7.2.
public struct Exclusion: Sendable {
  public let pattern: EncodingPattern
  public let reason: String
  /// The words are left out only while one of these bits of FPCR is set; if there are none, always.
  public let control: UInt64

  init(_ pattern: EncodingPattern, control: UInt64 = 0, _ reason: String) {
    self.pattern = pattern
    self.control = control
    self.reason = reason
  }

  public static let all: [Exclusion] = [
    .init("1101010100 0 00 011 0010 0001 0x0 11111", "PACIA1716, PACIB1716: QEMU's user mode has random keys"),
    .init("1101010100 0 00 011 0010 0001 1x0 11111", "AUTIA1716, AUTIB1716: QEMU's user mode has random keys"),
    .init("1101010100 0 00 011 0010 0011 xxx 11111", "hints that authenticate X30, as PACIASP: QEMU's user mode has random keys"),
    .init("01x11110 1 111100 01111 10", "not allocated (scalar FABS and FNEG, half precision): QEMU aborts"),
    .init("01111110 1 111100 11111 10", "not allocated (scalar FSQRT, half precision): QEMU aborts"),
    .init("0x001110 1 111100 11111 10", "not allocated (vector FRECPX, half precision): QEMU aborts"),
    .init("01011110 x1 11000 011xx 10", "not allocated (pairwise, half precision, size with bit 0 set): QEMU executes it"),
    .init("010111110 001x xxx 11111 1", "FCVTZS to a scalar half-precision integer: QEMU leaves its sign in bits 31:16"),
    .init("1101010100 0 01 011 0111 0100 001", "DC ZVA: QEMU's user mode clears 512 bytes; the size is IMPLEMENTATION DEFINED"),
    .init("1101010100 0 01 011 0111 1100 001", "DC CVAP: QEMU's user mode does not have it"),
    .init(
      "00011110 011 11 110 000000", control: 1 << 24,
      "FJCVTZS under FPCR.FZ: QEMU sets Z for a denormal that was flushed (Arm ARM: FPToFixedJS)"),
    .init("1101010100 0 00 011 0010 0000 01x 11111", "WFE, WFI: waiting is no result"),
  ]

  public static func row(of word: UInt32) -> Exclusion? { all.first { $0.pattern.matches(word) } }
}
