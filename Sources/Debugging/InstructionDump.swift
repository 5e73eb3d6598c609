// Owns the text of a decoded instruction as the machine sees it: its family and its operands by name.
// It does not know assembler syntax.
import Architecture
import Decoding

extension Instruction {
  /// The family and its operands, as in `atomic(add, size: word, acquire: false, release: false, s: X0, t: X1, n: X2)`.
  public var dump: String { InstructionDump.text(self) }
}

private enum InstructionDump {
  static func text(_ value: Any) -> String {
    switch value {
    case let register as Register: register == .sp ? "SP" : register == .zero ? "XZR" : "X\(register.rawValue)"
    case let register as VectorRegister: "V\(register.rawValue)"
    case let register as SystemRegister: register.description
    default: structured(Mirror(reflecting: value), value)
    }
  }

  private static func structured(_ mirror: Mirror, _ value: Any) -> String {
    switch mirror.displayStyle {
    case .optional: mirror.children.first.map { text($0.value) } ?? "none"
    case .enum:
      if let payload = mirror.children.first {
        "\(payload.label ?? "")(\(operands(payload.value)))"
      } else {
        "\(value)"
      }
    case .struct: operands(value)
    default: "\(value)"
    }
  }

  /// The parts of a payload, a tuple or a struct, separated by commas; a lone value is its own part.
  private static func operands(_ payload: Any) -> String {
    let mirror = Mirror(reflecting: payload)
    guard mirror.displayStyle == .tuple || (mirror.displayStyle == .struct && !isRegister(payload)) else { return text(payload) }
    return mirror.children.map { child in
      // Tuple elements without a label are called .0, .1...
      guard let label = child.label, !label.hasPrefix(".") else { return text(child.value) }
      return "\(label): \(text(child.value))"
    }.joined(separator: ", ")
  }

  private static func isRegister(_ value: Any) -> Bool { value is Register || value is VectorRegister || value is SystemRegister }
}
