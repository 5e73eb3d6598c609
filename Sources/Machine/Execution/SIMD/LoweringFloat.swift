// Owns which handler runs each scalar floating-point instruction: one that computes on the host if there is one, and otherwise that
// of the class. It does not know what the operations compute.
import Architecture
import Decoding

extension Lowering {
  /// The op of a scalar floating-point instruction; nil for the other classes.
  func scalarFloat(_ i: SIMDInstruction) -> Op? {
    let o = i.operands
    switch i.operation {
    case .floatSelect:
      let table = Condition(rawValue: o.a).unsafelyUnwrapped.truthTable
      let handler = Self.pick(o.arrangement.log2Size, (h_fcsel_s, h_fcsel_d)) ?? h_fcsel_h
      return Op(handler, d: o.d, n: o.n, m: o.m, imm: Int32(table))
    case .floatToGeneral, .floatToJavaScript:
      // The destination is a general register.
      return Self.scalarHandler(i).map { handler, code in
        var op = Self.pack(handler, code, o)
        op.d = target(Register(o.d))
        return op
      }
    default: return Self.scalarHandler(i).map { Self.pack($0, $1, o) }
    }
  }

  /// The handler and the code in its op's `s`.
  private static func scalarHandler(_ i: SIMDInstruction) -> (Handler, UInt8)? {
    let size = i.operands.arrangement.log2Size
    switch i.operation {
    case .floatOneSource(let o): return (pick(size, fastOneSource(o)) ?? h_floatOneSource, o.rawValue)
    case .floatTwoSource(let o): return (pick(size, fastTwoSource(o)) ?? h_floatTwoSource, o.rawValue)
    case .floatThreeSource(let o): return (pick(size, HostProcessor.fuses ? fastThreeSource(o) : nil) ?? h_floatThreeSource, o.rawValue)
    case .floatCompare(let signals, let zero):
      let code = (signals ? FloatCode.signals : 0) | (zero ? FloatCode.zero : 0)
      return (pick(size, fastCompare(zero: zero)) ?? h_floatCompare, code)
    case .floatConditionalCompare(let signals): return (h_floatConditionalCompare, signals ? FloatCode.signals : 0)
    case .floatToGeneral(let o, let width):
      let fast = o == .fcvtzs && i.operands.immediate == 0 ? fastToGeneral(width) : nil
      return (pick(size, fast) ?? h_floatToGeneral, o.rawValue | wide(width))
    case .generalToFloat(let unsigned, let width):
      let fast = i.operands.immediate == 0 ? fastFromGeneral(unsigned, width) : nil
      return (pick(size, fast) ?? h_generalToFloat, (unsigned ? 1 : 0) | wide(width))
    case .floatToJavaScript: return (h_fjcvtzs, 0)
    default: return nil
    }
  }

  private static func wide(_ width: Width) -> UInt8 { width == .x ? FloatCode.isWide : 0 }

  private static func pick(_ log2Size: UInt8, _ handlers: (single: Handler, double: Handler)?) -> Handler? {
    log2Size == 3 ? handlers?.double : log2Size == 2 ? handlers?.single : nil
  }

  private static func fastOneSource(_ operation: FloatOneSource) -> (Handler, Handler)? {
    switch operation {
    case .fabs: (h_fabs_s, h_fabs_d)
    case .fneg: (h_fneg_s, h_fneg_d)
    case .fsqrt: (h_fsqrt_s, h_fsqrt_d)
    // These convert from single and from double precision. There is no instruction for the other pairs.
    case .fcvtToDouble: (h_fcvt_ds, h_floatOneSource)
    case .fcvtToSingle: (h_floatOneSource, h_fcvt_sd)
    default: nil
    }
  }

  private static func fastTwoSource(_ operation: FloatTwoSource) -> (Handler, Handler) {
    switch operation {
    case .fmul: (h_fmul_s, h_fmul_d)
    case .fdiv: (h_fdiv_s, h_fdiv_d)
    case .fadd: (h_fadd_s, h_fadd_d)
    case .fsub: (h_fsub_s, h_fsub_d)
    case .fmax, .fmaxnm: (h_fmax_s, h_fmax_d)
    case .fmin, .fminnm: (h_fmin_s, h_fmin_d)
    case .fnmul: (h_fnmul_s, h_fnmul_d)
    }
  }

  private static func fastThreeSource(_ operation: FloatThreeSource) -> (Handler, Handler) {
    switch operation {
    case .fmadd: (h_fmadd_s, h_fmadd_d)
    case .fmsub: (h_fmsub_s, h_fmsub_d)
    case .fnmadd: (h_fnmadd_s, h_fnmadd_d)
    case .fnmsub: (h_fnmsub_s, h_fnmsub_d)
    }
  }

  private static func fastCompare(zero: Bool) -> (Handler, Handler) {
    switch zero {
    case true: (h_fcmpZero_s, h_fcmpZero_d)
    case false: (h_fcmp_s, h_fcmp_d)
    }
  }

  private static func fastToGeneral(_ width: Width) -> (Handler, Handler) {
    switch width {
    case .x: (h_fcvtzs_xs, h_fcvtzs_xd)
    case .w: (h_fcvtzs_ws, h_fcvtzs_wd)
    }
  }

  private static func fastFromGeneral(_ unsigned: Bool, _ width: Width) -> (Handler, Handler)? {
    switch (unsigned, width) {
    case (false, .x): (h_scvtf_sx, h_scvtf_dx)
    case (false, .w): (h_scvtf_sw, h_scvtf_dw)
    case (true, .w): (h_ucvtf_sw, h_ucvtf_dw)
    case (true, .x): nil
    }
  }
}
