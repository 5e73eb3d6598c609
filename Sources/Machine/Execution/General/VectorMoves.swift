// Owns the moves of SIMD&FP registers: MOVI and its kin, FMOV, DUP, INS, UMOV, SMOV and the bitwise vector operations.
// It does not know arithmetic on elements. Arm ARM C7.2.
import Decoding

extension Context {
  private func halves(_ v: VectorRegister) -> (low: UInt64, high: UInt64) {
    let pair = vector(v.rawValue).load(as: (UInt64, UInt64).self)
    return (pair.0, pair.1)
  }
  /// Writes a register; a 64-bit result clears the upper half.
  private func setHalves(_ v: VectorRegister, _ low: UInt64, _ high: UInt64) {
    vector(v.rawValue).storeBytes(of: (low, high), as: (UInt64, UInt64).self)
  }
  private func element(_ v: VectorRegister, _ log2Size: UInt8, _ index: UInt8) -> UInt64 {
    let address = vector(v.rawValue) + Int(index) << Int(log2Size)
    return switch log2Size {
    case 0: UInt64(address.load(as: UInt8.self))
    case 1: UInt64(address.load(as: UInt16.self))
    case 2: UInt64(address.load(as: UInt32.self))
    default: address.load(as: UInt64.self)
    }
  }
  private func setElement(_ v: VectorRegister, _ log2Size: UInt8, _ index: UInt8, _ value: UInt64) {
    let address = vector(v.rawValue) + Int(index) << Int(log2Size)
    switch log2Size {
    case 0: address.storeBytes(of: UInt8(truncatingIfNeeded: value), as: UInt8.self)
    case 1: address.storeBytes(of: UInt16(truncatingIfNeeded: value), as: UInt16.self)
    case 2: address.storeBytes(of: UInt32(truncatingIfNeeded: value), as: UInt32.self)
    default: address.storeBytes(of: value, as: UInt64.self)
    }
  }
  /// An element repeated over 64 bits.
  private func replicate(_ value: UInt64, _ log2Size: UInt8) -> UInt64 {
    switch log2Size {
    case 0: (value & 0xff) &* 0x0101_0101_0101_0101
    case 1: (value & 0xffff) &* 0x0001_0001_0001_0001
    case 2: (value & 0xffff_ffff) &* 0x0000_0001_0000_0001
    default: value
    }
  }

  func moveVector(_ instruction: Instruction) {
    switch instruction {
    case .vectorImmediate(let operation, let full, let d, let immediate):
      let old = halves(d)
      switch operation {
      case .move, .moveHalf: setHalves(d, immediate, full ? immediate : 0)
      case .or: setHalves(d, old.low | immediate, full ? old.high | immediate : 0)
      case .bitClear: setHalves(d, old.low & ~immediate, full ? old.high & ~immediate : 0)
      }
    case .moveVectorScalar(let log2Size, let d, let n): setHalves(d, element(n, log2Size, 0), 0)
    case .moveVectorScalarImmediate(_, let d, let bits): setHalves(d, bits, 0)
    case .moveGeneralToVector(let log2Size, let upper, let d, let n):
      let value = log2Size == 2 ? read(n) & 0xffff_ffff : log2Size == 1 ? read(n) & 0xffff : read(n)
      if upper { setElement(d, 3, 1, value) } else { setHalves(d, value, 0) }
    case .moveVectorToGeneral(let log2Size, let upper, let d, let n): write(d, element(n, log2Size, upper ? 1 : 0))
    case .duplicateElement(let log2Size, let full, let scalar, let d, let n, let index):
      let value = element(n, log2Size, index)
      if scalar { return setHalves(d, value, 0) }
      let repeated = replicate(value, log2Size)
      setHalves(d, repeated, full ? repeated : 0)
    case .duplicateGeneral(let log2Size, let full, let d, let n):
      let repeated = replicate(read(n), log2Size)
      setHalves(d, repeated, full ? repeated : 0)
    case .insertElement(let log2Size, let d, let index, let n, let sourceIndex):
      setElement(d, log2Size, index, element(n, log2Size, sourceIndex))
    case .insertGeneral(let log2Size, let d, let index, let n): setElement(d, log2Size, index, read(n))
    case .moveElementToGeneral(let signed, let log2Size, let width, let d, let n, let index):
      let value = element(n, log2Size, index)
      if !signed { return write(d, value) }
      let shift = 64 &- (8 &<< Int64(log2Size))
      let extended = UInt64(bitPattern: (Int64(bitPattern: value) &<< shift) &>> shift)
      write(d, width == .x ? extended : extended & 0xffff_ffff)
    case .vectorLogical(let operation, let full, let d, let n, let m):
      let old = halves(d), a = halves(n), b = halves(m)
      let high = combine(operation, old.high, a.high, b.high)
      setHalves(d, combine(operation, old.low, a.low, b.low), full ? high : 0)
    default: preconditionFailure("not a vector move")
    }
  }

  private func combine(_ operation: VectorLogical, _ d: UInt64, _ n: UInt64, _ m: UInt64) -> UInt64 {
    switch operation {
    case .and: n & m
    case .bic: n & ~m
    case .orr: n | m
    case .orn: n | ~m
    case .eor: n ^ m
    case .bsl: (n & d) | (m & ~d)
    case .bit: (n & m) | (d & ~m)
    case .bif: (n & ~m) | (d & m)
    }
  }
}
