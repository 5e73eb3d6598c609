// Owns the names of system instructions by encoding: cache and TLB maintenance, address translation, MRS and MSR.
// It does not know the effect of any instruction.
import Architecture

/// A system instruction as EC 0x18 and 0x14 report it.
public struct SystemInstruction: Sendable {
  public let register: SystemRegister
  /// The general register, 31 for XZR.
  public let t: UInt32
  public let isRead: Bool

  /// Reads the ISS of a trapped MSR, MRS or System instruction.
  public init(_ syndrome: ExceptionSyndrome) {
    let iss = syndrome.iss
    func field(_ high: UInt32, _ low: UInt32) -> UInt16 { UInt16(iss >> low & (1 << (high - low + 1) - 1)) }
    register = SystemRegister(field(21, 20), field(16, 14), field(13, 10), field(4, 1), field(19, 17))
    t = iss >> 5 & 31
    isRead = iss & 1 != 0
  }

  /// Assembler text: `MRS X0, MIDR_EL1`, `DC CVAU, X3`, `SYS #3, C7, C15, #0, X1`.
  public var text: String {
    let general = t == 31 ? "XZR" : "X\(t)"
    if register.op0 != 1 { return isRead ? "MRS \(general), \(register)" : "MSR \(register), \(general)" }
    if let name = Self.names.first(where: { $0.register == register && !isRead })?.name {
      return t == 31 ? name : "\(name), \(general)"
    }
    let operands = "#\(register.op1), C\(register.crn), C\(register.crm), #\(register.op2)"
    return isRead ? "SYSL \(general), \(operands)" : "SYS \(operands), \(general)"
  }

  /// The text where it moves a pair of registers (EC 0x14), of which `t` is the first: `MRRS X2, X3, TTBR0_EL1`. Arm ARM: FEAT_SYSREG128,
  /// FEAT_SYSINSTR128.
  var pairText: String {
    let first = t & 30
    let pair = first < 30 ? "X\(first), X\(first + 1)" : register.op0 == 1 ? "XZR, XZR" : "X30, XZR"
    if register.op0 != 1 { return isRead ? "MRRS \(pair), \(register)" : "MSRR \(register), \(pair)" }
    return "SYSP #\(register.op1), C\(register.crn), C\(register.crm), #\(register.op2), \(pair)"
  }

  /// SYS encodings with names. Arm ARM C5.3 to C5.5.
  static let names: [(register: SystemRegister, name: String)] =
    [
      (SystemRegister(1, 0, 7, 1, 0), "IC IALLUIS"),
      (SystemRegister(1, 0, 7, 5, 0), "IC IALLU"),
      (SystemRegister(1, 3, 7, 5, 1), "IC IVAU"),
      (SystemRegister(1, 0, 7, 6, 1), "DC IVAC"),
      (SystemRegister(1, 0, 7, 6, 2), "DC ISW"),
      (SystemRegister(1, 0, 7, 10, 2), "DC CSW"),
      (SystemRegister(1, 0, 7, 14, 2), "DC CISW"),
      (SystemRegister(1, 3, 7, 4, 1), "DC ZVA"),
      (SystemRegister(1, 3, 7, 4, 3), "DC GVA"),
      (SystemRegister(1, 3, 7, 4, 4), "DC GZVA"),
      (SystemRegister(1, 3, 7, 10, 1), "DC CVAC"),
      (SystemRegister(1, 3, 7, 11, 1), "DC CVAU"),
      (SystemRegister(1, 3, 7, 12, 1), "DC CVAP"),
      (SystemRegister(1, 3, 7, 13, 1), "DC CVADP"),
      (SystemRegister(1, 3, 7, 14, 1), "DC CIVAC"),
      (SystemRegister(1, 3, 7, 10, 3), "DC CGVAC"),
      (SystemRegister(1, 3, 7, 10, 5), "DC CGDVAC"),
      (SystemRegister(1, 3, 7, 12, 3), "DC CGVAP"),
      (SystemRegister(1, 3, 7, 12, 5), "DC CGDVAP"),
      (SystemRegister(1, 3, 7, 13, 3), "DC CGVADP"),
      (SystemRegister(1, 3, 7, 13, 5), "DC CGDVADP"),
      (SystemRegister(1, 3, 7, 14, 3), "DC CIGVAC"),
      (SystemRegister(1, 3, 7, 14, 5), "DC CIGDVAC"),
      (SystemRegister(1, 0, 7, 8, 0), "AT S1E1R"),
      (SystemRegister(1, 0, 7, 8, 1), "AT S1E1W"),
      (SystemRegister(1, 0, 7, 8, 2), "AT S1E0R"),
      (SystemRegister(1, 0, 7, 8, 3), "AT S1E0W"),
      (SystemRegister(1, 0, 7, 9, 0), "AT S1E1RP"),
      (SystemRegister(1, 0, 7, 9, 1), "AT S1E1WP"),
    ] + TLBIOperation.encodings.map { ($0.register, "TLBI \($0.operation)") }
}
