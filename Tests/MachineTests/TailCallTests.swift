// Owns tests that handlers call each other without using the stack, on every path of an instruction: a test thread's stack is
// small, and each word runs more often than its size would allow. It does not know what the instructions do.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct TailCallTests {
  /// X0 is in a page, X1 before the end of one, X2 in one that is watched for code, X3 in Device memory.
  static let words: [UInt32] = [
    0xf940_0004,  // ldr x4, [x0]
    0xf940_0024,  // ldr x4, [x1]
    0xf900_0024,  // str x4, [x1]
    0xa940_1024,  // ldp x4, x4, [x1]
    0xa900_1024,  // stp x4, x4, [x1]
    0x3dc0_0020,  // ldr q0, [x1]
    0x3d80_0020,  // str q0, [x1]
    0xad40_0420,  // ldp q0, q1, [x1]
    0xad00_0420,  // stp q0, q1, [x1]
    0xf940_0044,  // ldr x4, [x2]
    0xf900_0044,  // str x4, [x2]
    0xf840_0064,  // ldur x4, [x3]
    0xf800_0064,  // stur x4, [x3]
    0xf824_0004,  // ldadd x4, x4, [x0]
    0xc85f_7c04,  // ldxr x4, [x0]
    0xd53b_d044,  // mrs x4, tpidr_el0
    0xd503_3f5f,  // clrex
    0x1e62_2820,  // fadd d0, d1, d2
    0x1ee2_2820,  // fadd h0, h1, h2
    0x1f42_0c20,  // fmadd d0, d1, d2, d3
    0x1e61_c020,  // fsqrt d0, d1
    0x1e62_2020,  // fcmp d1, d2
    0x1e62_0c20,  // fcsel d0, d1, d2, eq
    0x9e78_0024,  // fcvtzs x4, d1
    0x9e62_0080,  // scvtf d0, x4
    0x1e7e_0024,  // fjcvtzs w4, d1
    0x4e22_d420,  // fadd v0.4s, v1.4s, v2.4s
    0x4e22_cc20,  // fmla v0.4s, v1.4s, v2.4s
    0x4e62_cc20,  // fmla v0.2d, v1.2d, v2.2d
    0x4fc2_1020,  // fmla v0.2d, v1.2d, v2.d[0]
    0x5f82_9020,  // fmul s0, s1, v2.s[0]
    0x5fc2_1020,  // fmla d0, d1, v2.d[0]
    0x6e62_e420,  // fcmge v0.2d, v1.2d, v2.2d
    0x4e61_9820,  // frintm v0.2d, v1.2d
    0x4f20_fc20,  // fcvtzs v0.4s, v1.4s, #32
    0x0e61_6820,  // fcvtn v0.2s, v1.2d
    0x7e70_d820,  // faddp d0, v1.2d
    0x6e30_f820,  // fmaxv s0, v1.4s
    0x6e82_e420,  // fcadd v0.4s, v1.4s, v2.4s, #90
    0x2e42_fc20,  // bfdot v0.2s, v1.4h, v2.4h
  ]

  /// With FPSR.IXC clear, FP instructions take the slow way; set, the fast one.
  @Test(arguments: [0, 0x10] as [UInt64]) func theStackDoesNotGrow(status: UInt64) throws {
    var features = ProcessorFeatures()
    features.fp16 = true
    features.jscvt = true
    for word in Self.words {
      let machine = try BareMachine(features: features)
      let processor = machine[0]
      // The word; subs x5, x5, #1; b.ne back to the word
      machine.load([word, 0xf100_04a5, 0x54ff_ffc1])
      for (n, address) in [0x3000, 0x3ffc, 0x6800, 0x8000].enumerated() { processor[x: n] = UInt64(address) }
      processor[x: 5] = 100_000
      // A double with half a denormal in it, then half-precision ones in its place.
      for n in 0..<4 { processor.setVector(n, low: 0x0000_0000_0000_3c01, high: 0) }
      processor.write(.FPSR, status)
      #expect(machine.run(count: 300_000) == .instructionLimit, "\(String(word, radix: 16))")
      #expect(processor[x: 5] == 0)
    }
  }
}
