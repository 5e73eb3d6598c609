// Owns a reproducible sample of instruction words, spread over the encoding classes in scope.
// It does not know which of them are allocated.
import TestSupport

/// Words by seed: half of the bits of a class are fixed, the rest are random, so that rare classes are sampled too.
struct SampleWords: Sequence, IteratorProtocol {
  private var random: SeededRandom
  private var index = 0
  private var left: Int

  init(seed: UInt64, count: Int) {
    random = SeededRandom(seed: seed)
    left = count
  }

  mutating func next() -> UInt32? {
    if left == 0 { return nil }
    left -= 1
    let (mask, value) = Self.classes[index % Self.classes.count]
    index += 1
    return UInt32(truncatingIfNeeded: random.next()) & ~mask | value
  }

  /// Fixed bits and their values.
  static let classes: [(mask: UInt32, value: UInt32)] = [
    (0x1c00_0000, 0x1000_0000),  // data processing, immediate
    (0x1f80_0000, 0x1200_0000),  // logical, immediate
    (0x1c00_0000, 0x1400_0000),  // branches, exceptions, system
    (0xffe0_0000, 0xd500_0000),  // system, op0 = 0
    (0xfff8_001f, 0xd500_001f),  // MSR (immediate), hints, barriers
    (0xffff_f01f, 0xd503_301f),  // barriers
    (0xffd0_0000, 0xd510_0000),  // MRS, MSR
    (0xffd8_0000, 0xd508_0000),  // SYS, SYSL
    (0xff00_001c, 0xd400_0000),  // exception generation
    (0xfe1f_fc1f, 0xd61f_0000),  // branch (register)
    (0x0a00_0000, 0x0800_0000),  // all loads and stores
    (0x3f00_0000, 0x0800_0000),  // exclusive, ordered, CAS
    (0x3f00_7c00, 0x0800_7c00),  // the same with Rt2 = 31
    (0x3a00_0000, 0x2800_0000),  // pairs
    (0x3f20_0c00, 0x3820_0000),  // atomics
    (0x3bff_fc00, 0x38bf_c000),  // LDAPR
    (0x3b20_0000, 0x3800_0000),  // unscaled, pre- and post-index, unprivileged
    (0x3b20_0c00, 0x3820_0800),  // register offset
    (0x3b00_0000, 0x3900_0000),  // unsigned offset
    (0x3b00_0000, 0x1800_0000),  // literal
    (0x1f00_0000, 0x0a00_0000),  // logical (shifted register)
    (0x1f00_0000, 0x0b00_0000),  // add and subtract (register)
    (0x1fe0_fc00, 0x1a00_0000),  // with carry
    (0x1fe0_0410, 0x1a40_0000),  // conditional compare
    (0x1fe0_0000, 0x1a80_0000),  // conditional select
    (0x1fe0_c000, 0x1ac0_0000),  // one and two sources
    (0x5fff_e000, 0x5ac0_0000),  // one source
    (0x1f00_0000, 0x1b00_0000),  // three sources
    (0x9ff8_0400, 0x0f00_0400),  // SIMD modified immediate
    (0x9fe0_8400, 0x0e00_0400),  // SIMD copy
    (0xffe0_fc00, 0x5e00_0400),  // DUP (element, scalar)
    (0x9f20_fc00, 0x0e20_1c00),  // SIMD bitwise
    (0x7f20_fc00, 0x1e20_0000),  // FMOV (general) and conversions
    (0xff20_1fe0, 0x1e20_1000),  // FMOV (scalar, immediate)
    (0xff3e_7c00, 0x1e20_4000),  // FMOV (register) and its class
    (0x0000_0000, 0x0000_0000),  // anything
  ]
}
