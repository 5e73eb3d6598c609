// Owns the handler of vector and scalar x indexed element on floating-point numbers.
// It does not know the operations: they are those on whole vectors, with copies of the element in place of Vm.
import Decoding

@c @inline(never) func h_byElementFloat(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if Context(c).trapsVectors { return h_general(c, p, fa, fb) }
  Context(c).byElementFloat(p.op)
  go(c, next(p), fa, fb)
}

extension Context {
  @inline(never)
  func byElementFloat(_ op: Op) {
    let m = readVector(op.m)
    let index = op.simdImmediate
    switch ByElementFloat(rawValue: op.s).unsafelyUnwrapped {
    case .fmla: threeSameFloat(.fmla, op, m: m.repeated(op.log2Size, index))
    case .fmls: threeSameFloat(.fmls, op, m: m.repeated(op.log2Size, index))
    case .fmul: threeSameFloat(.fmul, op, m: m.repeated(op.log2Size, index))
    case .fmulx: threeSameFloat(.fmulx, op, m: m.repeated(op.log2Size, index))
    case .fmlal: threeSameFloat(.fmlal, op, m: m.repeated(1, index))
    case .fmlal2: threeSameFloat(.fmlal2, op, m: m.repeated(1, index))
    case .fmlsl: threeSameFloat(.fmlsl, op, m: m.repeated(1, index))
    case .fmlsl2: threeSameFloat(.fmlsl2, op, m: m.repeated(1, index))
    case .fcmla:
      threeSameExtraFloat(.fcmla, op, m: m.repeated(op.log2Size &+ 1, index & 0xff), rotation: index &>> 8)
    case .bfdot: threeSameExtraFloat(.bfdot, op, m: m.repeated(2, index), rotation: 0)
    case .bfmlalb: threeSameExtraFloat(.bfmlalb, op, m: m.repeated(1, index), rotation: 0)
    case .bfmlalt: threeSameExtraFloat(.bfmlalt, op, m: m.repeated(1, index), rotation: 0)
    }
  }
}

extension Vector {
  /// Copies of lane `i` of 2^log2Size bytes.
  @inline(__always)
  func repeated(_ log2Size: UInt8, _ i: Int) -> Vector {
    let copies: UInt64 =
      switch log2Size {
      case 1: UInt64(lane(i) as UInt16) &* 0x0001_0001_0001_0001
      case 2: UInt64(lane(i) as UInt32) &* 0x0000_0001_0000_0001
      default: lane(i)
      }
    return Vector(copies, copies)
  }
}
