// Owns the verdict of each version of the force-write patch on instruction words.
// It does not know the masks: words are literal (assembled by clang 21) or put together from the encodings of Arm ARM C4.1.96.
import Testing

@testable import LinuxKernel

struct ForceWriteOpcodeTests {
  /// Word, name, verdict of v1, verdict of v5.
  static let words: [(UInt32, String, Bool, Bool)] = [
    (0xb820_0041, "ldadd w0, w1, [x2]", true, true), (0xb820_005f, "stadd w0, [x2]", true, true),
    (0x38e0_6041, "ldumaxalb w0, w1, [x2]", true, true), (0xf8e0_8041, "swpal x0, x1, [x2]", true, true),
    (0xf821_0002, "ldadd x1, x2, [x0]", true, true),
    (0x88a0_7c41, "cas w0, w1, [x2]", false, true), (0xc8e0_fc41, "casal x0, x1, [x2]", false, true),
    (0x08a0_7c41, "casb w0, w1, [x2]", false, true),
    (0x4820_7c82, "casp x0, x1, x2, x3, [x4]", false, true), (0x0860_fc82, "caspal w0, w1, w2, w3, [x4]", false, true),
    (0xf82b_b140, "st64bv x11, x0, [x10]", true, true), (0xf82b_a140, "st64bv0 x11, x0, [x10]", true, true),
    (0x3820_9041, "rcwclr x0, x1, [x2]", true, true), (0x3820_a041, "rcwswp x0, x1, [x2]", true, true),
    (0x3820_b041, "rcwset x0, x1, [x2]", true, true), (0x7820_b041, "rcwsset x0, x1, [x2]", true, true),
    // These are in the class but do not write; version 1 matches them nevertheless.
    (0xf8bf_c020, "ldapr x0, [x1]", true, false), (0xf83f_d140, "ld64b x0, [x10]", true, false),
    (0xf83f_9140, "st64b x0, [x10]", true, false),
    // Load and store exclusive, ordered, prefetch, cache maintenance, pointer-authenticated loads.
    (0xc85f_7c02, "ldxr x2, [x0]", false, false), (0xc85f_fc20, "ldaxr x0, [x1]", false, false),
    (0xc87f_0440, "ldxp x0, x1, [x2]", false, false), (0xc87f_8440, "ldaxp x0, x1, [x2]", false, false),
    (0xc804_7c02, "stxr w4, x2, [x0]", false, false), (0xc800_fc41, "stlxr w0, x1, [x2]", false, false),
    (0xc820_0861, "stxp w0, x1, x2, [x3]", false, false), (0xc8df_fc20, "ldar x0, [x1]", false, false),
    (0xc89f_fc20, "stlr x0, [x1]", false, false), (0xc89f_7c20, "stllr x0, [x1]", false, false),
    (0xf980_0000, "prfm pldl1keep, [x0]", false, false), (0xd50b_7420, "dc zva, x0", false, false),
    (0xf820_0420, "ldraa x0, [x1]", false, false), (0xf8a0_0420, "ldrab x0, [x1]", false, false),
    // Known gaps: FEAT_LSE128, FEAT_THE, FEAT_LSUI. Only version 1 matches floating-point atomics (bit 26).
    (0x1921_8040, "swpp x0, x1, [x2]", false, false), (0x1921_1040, "ldclrp x0, x1, [x2]", false, false),
    (0x1921_3040, "ldsetp x0, x1, [x2]", false, false), (0x1920_0841, "rcwcas x0, x1, [x2]", false, false),
    (0xbc20_0041, "ldfadd s0, s1, [x2]", true, false), (0x1920_0441, "ldtadd w0, w1, [x2]", false, false),
    (0x1920_8441, "swpt w0, w1, [x2]", false, false), (0xc980_7c41, "cast x0, x1, [x2]", false, false),
    (0xc9c0_fc41, "casalt x0, x1, [x2]", false, false),
    // Ordinary loads and stores, including those with register offset, differ from the class in one bit.
    (0xf940_0002, "ldr x2, [x0]", false, false), (0xf900_0001, "str x1, [x0]", false, false),
    (0xf862_6820, "ldr x0, [x1, x2]", false, false), (0xf822_6820, "str x0, [x1, x2]", false, false),
    (0xf840_0420, "ldr x0, [x1], #0", false, false), (0xf840_0820, "ldtr x0, [x1]", false, false),
    (0xa940_0440, "ldp x0, x1, [x2]", false, false), (0x5800_0000, "ldr x0, .", false, false),
    (0xd503_201f, "nop", false, false), (0xd400_0001, "svc #0", false, false), (0, "udf #0", false, false), (~0, "all ones", false, false),
  ]

  @Test(arguments: words) func verdict(word: UInt32, name: String, v1: Bool, v5: Bool) {
    #expect(!AtomicFaultPolicy.stock.matches(word), "\(name)")
    #expect(AtomicFaultPolicy.forceWriteV1.matches(word) == v1, "\(name)")
    #expect(AtomicFaultPolicy.forceWriteV5.matches(word) == v5, "\(name)")
  }

  private static let registers: [(s: UInt32, t: UInt32, n: UInt32)] = [(0, 1, 2), (31, 31, 31), (30, 0, 31), (5, 31, 7), (0, 0, 0)]

  /// All sizes, orderings and operations: 9 operations of one register, CAS, and CASP with even pairs.
  @Test func everyLSEWord() {
    var count = 0
    for size in 0..<4 as Range<UInt32> {
      for order in 0..<4 as Range<UInt32> {
        for (s, t, n) in Self.registers {
          let operands = s << 16 | n << 5 | t
          for operation in 0...8 as ClosedRange<UInt32> {
            let word = size << 30 | 0b111 << 27 | 1 << 21 | order << 22 | operation << 12 | operands
            #expect(AtomicFaultPolicy.forceWriteV1.matches(word) && AtomicFaultPolicy.forceWriteV5.matches(word))
            // Bits 11:10 clear and bit 21 set distinguish these words from loads and stores.
            for other in [word | 1 << 10, word | 1 << 11, word & ~(1 << 21), word ^ 1 << 24, word ^ 1 << 29] {
              #expect(!AtomicFaultPolicy.forceWriteV1.matches(other), "\(String(other, radix: 16))")
              #expect(!AtomicFaultPolicy.forceWriteV5.matches(other), "\(String(other, radix: 16))")
            }
            count += 1
          }
          // L is bit 22, o0 is bit 15.
          let cas = size << 30 | 0b001000 << 24 | 1 << 23 | 1 << 21 | (order & 1) << 22 | (order >> 1) << 15 | 0x1f << 10 | operands
          #expect(!AtomicFaultPolicy.forceWriteV1.matches(cas) && AtomicFaultPolicy.forceWriteV5.matches(cas))
          // Bits 14:10 must be ones.
          for bit in 10...14 as ClosedRange<UInt32> { #expect(!AtomicFaultPolicy.forceWriteV5.matches(cas ^ 1 << bit)) }
          if size < 2 {
            let casp = cas & ~(1 << 23)
            #expect(!AtomicFaultPolicy.forceWriteV1.matches(casp) && AtomicFaultPolicy.forceWriteV5.matches(casp))
          } else {
            // The same bits with size 2 and 3 are STXP and LDXP.
            #expect(!AtomicFaultPolicy.forceWriteV5.matches(cas & ~(1 << 23)))
          }
        }
      }
    }
    #expect(count == 4 * 4 * 5 * 9)
  }

  @Test func everyExclusiveAndOrderedWord() {
    for size in 0..<4 as Range<UInt32> {
      // o2, L, o1, o0: bits 23, 22, 21, 15; o1 is set only for pairs of sizes 2 and 3.
      for choice in 0..<16 as Range<UInt32> {
        let (o2, l, o1, o0) = (choice >> 3, choice >> 2 & 1, choice >> 1 & 1, choice & 1)
        if o1 == 1 && (o2 == 1 || size < 2) { continue }
        let word = size << 30 | 0b001000 << 24 | o2 << 23 | l << 22 | o1 << 21 | 0x1f << 16 | o0 << 15 | 0x1f << 10 | 2 << 5 | 1
        for policy in AtomicFaultPolicy.allCases { #expect(!policy.matches(word), "\(String(word, radix: 16))") }
      }
    }
  }
}
