// Owns the lines that Linux logs for a program's fault which no handler takes, where the sysctl debug.exception-trace is 1.
// It does not know when a fault is unhandled. Linux: arm64_show_signal(), print_vma_addr(), __show_regs().
import Architecture

extension KernelReport {
  /// The lines of the report of a program's fault, as Linux 6.12 to 7.3 write them, without times. Registers that the report lacks are 0.
  public var linuxLines: [String] {
    var head = "\(task ?? "")[\(process ?? 0)]: unhandled exception: "
    if let esr, esr != 0 { head += "\(LinuxNames.exceptionClass(esr)), ESR \(hexadecimal(esr, digits: 16)), " }
    head += message
    if let mapping {
      let range = "\(bareHexadecimal(mapping.start))+\(bareHexadecimal(mapping.size))"
      head += " in \(mapping.file)[" + (mapping.offset.map { bareHexadecimal($0) + "," } ?? "") + range + "]"
    }
    let state = pstate ?? 0
    return [
      head, "CPU: \(cpu ?? 0) UID: 0 PID: \(process ?? 0) Comm: \(task ?? "") Not tainted \(release ?? "") #1",
      "pstate: \(bareHexadecimal(state, digits: 8)) (\(Self.flags(state)))", "pc : \(Self.number(pc))", "lr : \(Self.number(general[30]))",
      "sp : \(Self.number(sp))",
    ] + registerLines
  }

  /// What stands before a line, by the nanoseconds between the start and the line: `[    1.234567] `.
  public static func time(_ nanoseconds: UInt64) -> String {
    func right(_ value: UInt64, _ width: Int, _ filler: String) -> String {
      let digits = "\(value)"
      return String(repeating: filler, count: max(0, width - digits.count)) + digits
    }
    return "[\(right(nanoseconds / 1_000_000_000, 5, " ")).\(right(nanoseconds / 1000 % 1_000_000, 6, "0"))] "
  }

  private static func number(_ value: UInt64?) -> String { bareHexadecimal(value ?? 0, digits: 16) }

  /// X29 to X0, three to a line.
  private var registerLines: [String] {
    stride(from: 29, through: 2, by: -3).map { first in
      (0..<3).map { "x\("\(first - $0)".padding(2)): \(Self.number(general[first - $0]))" }.joined(separator: " ")
    }
  }

  /// `nZCv daif -PAN -UAO -TCO -DIT +SSBS BTYPE=--`.
  private static func flags(_ state: UInt64) -> String {
    func isSet(_ bit: UInt64) -> Bool { state >> bit & 1 != 0 }
    func letters(_ bits: [(UInt64, String)]) -> String { bits.map { isSet($0.0) ? $0.1.uppercased() : $0.1 }.joined() }
    let signs: [(UInt64, String)] = [(22, "PAN"), (23, "UAO"), (25, "TCO"), (24, "DIT"), (12, "SSBS")]
    let types = ["--", "jc", "-c", "j-"]
    return letters([(31, "n"), (30, "z"), (29, "c"), (28, "v")]) + " " + letters([(9, "d"), (8, "a"), (7, "i"), (6, "f")]) + " "
      + signs.map { (isSet($0.0) ? "+" : "-") + $0.1 }.joined(separator: " ") + " BTYPE=\(types[Int(state >> 10 & 3)])"
  }
}

extension String {
  /// The text followed by spaces up to `width`.
  fileprivate func padding(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
