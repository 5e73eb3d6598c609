// Owns the assembler text of FEAT_PAuth's instructions, except those of the hint space. It does not know the effect of the instructions.
import Architecture

extension AssemblerForm {
  static func pointerAuthentication(_ instruction: Instruction) -> AssemblerForm? {
    switch instruction {
    case .addPointerCode(let key, let d, let modifier): pointer("pac", key, d, modifier)
    case .authenticatePointer(let key, let d, let modifier): pointer("aut", key, d, modifier)
    case .stripPointerCode(let data, let d): AssemblerForm(data ? "xpacd" : "xpaci", [.x(d)])
    case .genericCode(let d, let n, let m): AssemblerForm("pacga", [.x(d), .x(n), .x(m)])
    case .branchAuthenticated(.ret, let key, _, _): AssemblerForm("reta\(letter(key))", [])
    case .branchAuthenticated(let kind, let key, let n, .zero): AssemblerForm("\(kind)a\(letter(key))z", [.x(n)])
    case .branchAuthenticated(let kind, let key, let n, let modifier): AssemblerForm("\(kind)a\(letter(key))", [.x(n), .x(modifier)])
    case .exceptionReturnAuthenticated(let key): AssemblerForm("ereta\(letter(key))", [])
    case .loadAuthenticated(let key, let t, let addressing):
      AssemblerForm("ldra\(letter(key))", [.x(t), .place(addressing, pc: 0)])
    default: nil
    }
  }

  private static func pointer(_ operation: String, _ key: PointerKey, _ d: Register, _ modifier: Register) -> AssemblerForm {
    let kind = key.isData ? "d" : "i"
    return modifier == .zero
      ? AssemblerForm("\(operation)\(kind)z\(letter(key))", [.x(d)])
      : AssemblerForm("\(operation)\(kind)\(letter(key))", [.x(d), .x(modifier)])
  }
  private static func letter(_ key: PointerKey) -> String { key.isB ? "b" : "a" }
}
