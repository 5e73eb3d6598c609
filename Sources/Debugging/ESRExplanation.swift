// Owns the explanation of one ESR_EL1 value: a summary, every field, and the instruction that the value describes.
// It does not know how a kernel reacts to the exception.
import Architecture

/// The explanation of a value of ESR_EL1.
public struct ESRExplanation: Sendable {
  public let syndrome: ExceptionSyndrome
  /// EC, IL, ISS, then the fields of the ISS (depth 1), highest bit first.
  public let fields: [ExplainedField]
  /// The value in one line.
  public let summary: String
  /// The trapped system instruction, as in `MRS X0, MIDR_EL1` or `MRRS X2, X3, TTBR0_EL1`; nil for other classes.
  public let instruction: String?

  public init(_ syndrome: ExceptionSyndrome) {
    self.syndrome = syndrome
    let name = syndrome.exceptionClass?.name ?? "Reserved exception class"
    instruction =
      switch syndrome.exceptionClass {
      case .trappedSystemRegister: SystemInstruction(syndrome).text
      case .trappedSystemRegister128: SystemInstruction(syndrome).pairText
      default: nil
      }
    summary = Self.summary(syndrome, name, instruction)
    let head = [
      FieldLayout("EC", 31, 26) { _ in name },
      FieldLayout("IL", 25, "16-bit instruction", Self.hasLength(syndrome) ? "32-bit instruction" : "always 1 for this class"),
      FieldLayout("ISS", 24, 0),
    ]
    let layout = ESRFields.layout(syndrome)
    let whole = layout.count == 1 && layout[0].name == "ISS"
    var fields = (whole ? Array(head.dropLast()) : head).map { $0.explain(syndrome.rawValue, depth: 0) }
    let inner = layout.filter { $0.high < 32 }
    fields += Debugging.explain(syndrome.rawValue, by: inner, within: 0x1ff_ffff, depth: whole ? 0 : 1)
    let upper = layout.filter { $0.high >= 32 }
    fields += Debugging.explain(syndrome.rawValue, by: upper, within: ~0xffff_ffff, depth: 0)
    self.fields = fields
  }

  /// The explanation as lines of text, without line ends.
  public var lines: [String] {
    var lines = ["ESR \(hexadecimal(syndrome.rawValue)): \(summary)"] + fields.table()
    if let instruction { lines.append("  instruction: \(instruction)") }
    return lines
  }

  /// Whether the class reports the length of the instruction that caused it. The other classes set IL.
  private static func hasLength(_ syndrome: ExceptionSyndrome) -> Bool {
    switch syndrome.exceptionClass {
    case .unknown, .illegalState, .instructionAbortLower, .instructionAbortSame, .pcAlignment, .spAlignment, .serror,
      .breakpointLower, .breakpointSame, .softwareStepLower, .softwareStepSame, .watchpointLower, .watchpointSame, .vectorCatch32,
      .performanceMonitors, .granuleProtection:
      false
    case .dataAbortLower, .dataAbortSame: syndrome.iss & 1 << 24 != 0
    default: true
    }
  }

  private static func summary(_ syndrome: ExceptionSyndrome, _ name: String, _ instruction: String?) -> String {
    if syndrome.isInstructionAbort { return "\(name), \(syndrome.faultStatus)" }
    if syndrome.isDataAbort { return "\(name), \(syndrome.isWrite ? "write" : "read"), \(syndrome.faultStatus)" }
    switch syndrome.exceptionClass {
    case .SVC32, .HVC32, .SVC64, .HVC64, .SMC64, .BRK64, .BKPT32: return "\(name), #\(syndrome.iss & 0xffff)"
    case .trappedSystemRegister, .trappedSystemRegister128: return "\(name), \(instruction!)"
    default: return name
    }
  }
}
