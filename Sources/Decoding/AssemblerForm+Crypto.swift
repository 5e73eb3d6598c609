// Owns how the cryptographic instructions are written in base form. Debian 12's Capstone writes only AES, SHA-1 and SHA-256.
// It does not know what the instructions compute.
import Architecture

extension AssemblerForm {
  static func crypto(_ simd: SIMDInstruction) -> AssemblerForm? {
    guard case .crypto(let operation) = simd.operation else { return nil }
    let o = simd.operands
    let d = VectorRegister(o.d), n = VectorRegister(o.n), m = VectorRegister(o.m)
    let size = o.arrangement.log2Size
    func vector(_ register: VectorRegister) -> AssemblerOperand { .arranged(register, size, full: true) }
    func quad(_ register: VectorRegister) -> AssemblerOperand { .scalar(4, register) }
    let operands: [AssemblerOperand] =
      switch operation {
      case .aese, .aesd, .aesmc, .aesimc, .sha1su1, .sha256su0, .sha512su0, .sm4e: [vector(d), vector(n)]
      case .sha1h: [.scalar(2, d), .scalar(2, n)]
      case .sha1c, .sha1p, .sha1m: [quad(d), .scalar(2, n), vector(m)]
      case .sha256h, .sha256h2, .sha512h, .sha512h2: [quad(d), quad(n), vector(m)]
      case .sha1su0, .sha256su1, .sha512su1, .rax1, .sm3partw1, .sm3partw2, .sm4ekey: [vector(d), vector(n), vector(m)]
      case .eor3, .bcax, .sm3ss1: [vector(d), vector(n), vector(m), vector(VectorRegister(o.a))]
      case .xar: [vector(d), vector(n), vector(m), .immediate(UInt64(o.immediate))]
      case .sm3tt1a, .sm3tt1b, .sm3tt2a, .sm3tt2b: [vector(d), vector(n), .element(m, 2, UInt8(truncatingIfNeeded: o.immediate))]
      }
    return AssemblerForm("\(operation)", operands)
  }
}
