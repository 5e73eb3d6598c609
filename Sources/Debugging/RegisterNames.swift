// Owns the registers that a debugger can name, and their values.
// It does not know how they are printed.
import Architecture
import Machine

/// A register that a user named.
public struct NamedRegister: Hashable, Sendable {
  public let name: String
  public let value: UInt64
  /// The upper half of a 128-bit register.
  public let upper: UInt64?

  public init(name: String, value: UInt64, upper: UInt64? = nil) {
    self.name = name
    self.value = value
    self.upper = upper
  }

  /// Bytes of the register, 1 to 16.
  public var size: Int {
    if upper != nil { return 16 }
    let isNumbered = name.dropFirst().allSatisfy(\.isNumber) && name.count > 1
    if name == "wzr" { return 4 }
    return isNumbered ? ["w": 4, "s": 4, "h": 2, "b": 1][name.first!] ?? 8 : 8
  }
}

/// A PE's registers under the names that GDB and the Arm ARM give them.
public struct RegisterNames {
  private let processor: Processor
  private let pc: UInt64
  private let pstate: ProcessorState

  /// `pc` and `pstate` are those of the program, which after an exception differ from those of the PE.
  public init(_ processor: Processor, pc: UInt64, pstate: ProcessorState) {
    self.processor = processor
    self.pc = pc
    self.pstate = pstate
  }

  /// The registers that `info registers` shows: X0 to X30, SP, PC, CPSR.
  public var general: [NamedRegister] {
    (0..<31).map { NamedRegister(name: "x\($0)", value: processor[x: $0], upper: nil) } + ["sp", "pc", "cpsr"].compactMap(named)
  }

  /// The system registers that are implemented.
  public var system: [NamedRegister] {
    SystemRegister.names.compactMap { register, name in
      processor.read(register).map { NamedRegister(name: name, value: $0, upper: nil) }
    }
  }

  /// The views of the vector register of which this name (without `$`) is a part: v0, q0, d0, s0, h0, b0. Nil if it is no such name.
  public func vectorView(_ name: String) -> VectorView? {
    guard let letter = name.first, "vqdshb".contains(letter), let number = Int(name.dropFirst()), (0..<32).contains(number),
      name.dropFirst().first != "+"
    else { return nil }
    let (low, high) = processor.vector(number)
    return VectorView(low: low, high: high)
  }

  /// The register with this name (without `$`, in any case); nil if there is none.
  public func named(_ name: String) -> NamedRegister? {
    let name = name.lowercased()
    func register(_ value: UInt64, _ upper: UInt64? = nil) -> NamedRegister { NamedRegister(name: name, value: value, upper: upper) }
    switch name {
    case "pc": return register(pc)
    case "sp": return register(processor.sp)
    case "fp": return register(processor[x: 29])
    case "lr": return register(processor[x: 30])
    case "xzr", "wzr": return register(0)
    case "cpsr", "pstate": return register(pstate.rawValue)
    default: break
    }
    if let letter = name.first, let number = Int(name.dropFirst()), number >= 0, name.dropFirst().first != "+" {
      switch letter {
      case "x" where number < 31: return register(processor[x: number])
      case "w" where number < 31: return register(processor[x: number] & 0xffff_ffff)
      case "v" where number < 32, "q" where number < 32:
        let (low, high) = processor.vector(number)
        return register(low, high)
      case "d" where number < 32: return register(processor.vector(number).low)
      case "s" where number < 32: return register(processor.vector(number).low & 0xffff_ffff)
      case "h" where number < 32: return register(processor.vector(number).low & 0xffff)
      case "b" where number < 32: return register(processor.vector(number).low & 0xff)
      default: break
      }
    }
    return SystemRegister.names.first { $0.1.lowercased() == name }.flatMap { row, name in
      processor.read(row).map { NamedRegister(name: name, value: $0, upper: nil) }
    }
  }
}

extension RegisterNames {
  /// Writes the register with this name (without `$`, in any case); false if there is none or it cannot be written. A write of a W
  /// or S register clears the rest of the register, as an instruction's write does. Only those system registers can be written that
  /// EL0 may write: the others belong to the kernel, which would not notice the change.
  public func set(_ name: String, _ value: UInt64) -> Bool {
    let name = name.lowercased()
    switch name {
    case "pc": processor.pc = value
    case "sp": processor.sp = value
    case "fp": processor[x: 29] = value
    case "lr": processor[x: 30] = value
    default:
      guard let letter = name.first, let number = Int(name.dropFirst()), number >= 0, name.dropFirst().first != "+" else {
        guard let register = SystemRegister.names.first(where: { $0.1.lowercased() == name })?.0 else { return false }
        // op1 is 3 in the encodings that EL0 may use.
        return register.op1 == 3 && processor.write(register, value)
      }
      switch letter {
      case "x" where number < 31: processor[x: number] = value
      case "w" where number < 31: processor[x: number] = value & 0xffff_ffff
      case "d" where number < 32: processor.setVector(number, low: value, high: 0)
      case "s" where number < 32: processor.setVector(number, low: value & 0xffff_ffff, high: 0)
      default: return false
      }
    }
    return true
  }
}

extension ProcessorState {
  /// The flags as GDB shows them, as in `[ EL=0 C Z ]`.
  public var flagText: String {
    let flags: [(UInt64, String)] = [(8, "N"), (4, "Z"), (2, "C"), (1, "V")]
    let set = flags.filter { nzcv & $0.0 != 0 }.map(\.1)
    return (["[", "EL=\(exceptionLevel)"] + set + ["]"]).joined(separator: " ")
  }
}
