// Owns the choice of the handler for each class of operations on integer lanes. It does not know operands, or the results of the
// operations.
import Decoding

extension Lowering {
  /// The handler and the operation's number within its class; nil for operations on floating-point numbers and for cryptography.
  static func integerHandler(_ operation: SIMDOperation) -> (Handler, UInt8)? {
    switch operation {
    case .threeSame(let o): (h_threeSame, o.rawValue)
    case .threeSameExtra(let o):
      switch o {
      case .sqrdmlah, .sqrdmlsh, .sdot, .udot, .usdot, .smmla, .ummla, .usmmla: (h_threeSameExtra, o.rawValue)
      case .fcmla, .fcadd, .bfdot, .bfmmla, .bfmlalb, .bfmlalt: nil
      }
    case .threeDifferent(let o): (h_threeDifferent, o.rawValue)
    case .twoRegister(let o): (h_twoRegister, o.rawValue)
    case .acrossLanes(let o):
      switch o {
      case .saddlv, .uaddlv, .smaxv, .umaxv, .sminv, .uminv, .addv: (h_acrossLanes, o.rawValue)
      case .fmaxnmv, .fmaxv, .fminnmv, .fminv: nil
      }
    case .pairwise(.addp): (h_addPair, 0)
    case .shift(let o): (h_shift, o.rawValue)
    case .byElement(let o): (h_byElement, o.rawValue)
    case .tableLookup(let extends): (h_tableLookup, extends ? 1 : 0)
    case .permute(let o): (h_permute, o.rawValue)
    case .extract: (h_extract, 0)
    default: nil
    }
  }
}
