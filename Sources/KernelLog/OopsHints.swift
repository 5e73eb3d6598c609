// Owns hints about a report: sentences that follow from its numbers alone.
// It does not guess: a hint names the numbers from which it follows.
import Architecture

enum OopsHints {
  static func all(_ report: KernelReport, _ esr: ExceptionSyndrome?, _ access: LoggedAccess?) -> [String] {
    earlierOops(report) + pointer(report, access) + alignment(esr, access) + address(report, esr) + jump(report, esr) + stack(report)
  }

  private static func earlierOops(_ report: KernelReport) -> [String] {
    var hints: [String] = []
    if let number = report.number, number > 1 { hints.append("this is oops #\(number) since the kernel started: read #1 first") }
    for (letter, meaning) in taints where report.taint.contains(letter) {
      hints.append("the kernel was tainted before, by \(letter): \(meaning)")
    }
    return hints
  }

  /// The letters that can matter for a fault. Linux: kernel/panic.c taint_flags.
  private static let taints: [(letter: Character, meaning: String)] = [
    ("D", "it had oopsed"), ("W", "it had warned"), ("B", "it had found a bad page"), ("L", "a processor had been stuck"),
    ("M", "the machine had reported an error"), ("F", "a module was loaded by force"), ("P", "a proprietary module is loaded"),
    ("O", "a module from outside the kernel's tree is loaded"), ("E", "an unsigned module is loaded"), ("C", "a staging driver is loaded"),
  ]

  /// What the base register, or the address itself, resembles.
  private static func pointer(_ report: KernelReport, _ access: LoggedAccess?) -> [String] {
    var hints: [String] = []
    for register in access?.registers ?? [] {
      if let text = PointerHints.resemblance(register.value) {
        hints.append("\(register.name) = \(hexadecimal(register.value)) is \(text)")
      } else if register.value == 0 {
        hints.append("\(register.name) is NULL")
      }
    }
    if hints.isEmpty, let address = report.address, let text = PointerHints.resemblance(address) {
      hints.append("the address \(hexadecimal(address)) is \(text)")
    }
    if let text = report.address.flatMap(PointerHints.shadow) { hints.append("the address is \(text)") }
    return hints
  }

  private static func alignment(_ esr: ExceptionSyndrome?, _ access: LoggedAccess?) -> [String] {
    guard esr?.faultStatus == .alignment, let access, let address = access.address, access.size > 1, address % access.size != 0 else {
      return []
    }
    return ["the access of \(access.size) bytes is not aligned: \(hexadecimal(address)) is no multiple of \(access.size)"]
  }

  /// Where the address lies.
  private static func address(_ report: KernelReport, _ esr: ExceptionSyndrome?) -> [String] {
    guard let address = report.address, let table = report.pageTable, report.kind == .oops else { return [] }
    if let refusal = table.refusal {
      return refusal.contains("between user and kernel")
        ? ["no tables cover the address: its upper bits are neither all 0 nor all 1, so it was never a valid pointer"] : []
    }
    let page = table.pageSize == 0 ? 4096 : table.pageSize
    if table.isUser && address >= page, esr?.isDataAbort == true {
      return ["the address is one of the program's half: the kernel used a program's pointer, or a wrong one, as its own"]
    }
    return []
  }

  /// A jump to a bad address: the PC is the address, so only LR tells where from.
  private static func jump(_ report: KernelReport, _ esr: ExceptionSyndrome?) -> [String] {
    guard esr?.isInstructionAbort == true else { return [] }
    let origin = report.lrSymbol ?? report.general[30].map { hexadecimal($0) }
    guard let origin else { return [] }
    return ["the PC is the fault's address: a call or jump to it; x30 (lr) shows a caller, \(origin)"]
  }

  private static func stack(_ report: KernelReport) -> [String] {
    guard report.kind == .stackOverflow, let stack = report.stacks.first(where: { $0.name == "Task" }) else { return [] }
    var hints: [String] = []
    let size = (stack.range.upperBound - stack.range.lowerBound) >> 10
    for (name, value) in [("the fault's address", report.address), ("sp", report.sp)] {
      guard let value else { continue }
      if value < stack.range.lowerBound && stack.range.lowerBound - value < 1 << 20 {
        hints.append(
          "\(name) \(hexadecimal(value)) is \(stack.range.lowerBound - value) bytes below the task's stack of \(size) KiB, in its guard")
      } else if let other = report.stacks.first(where: { $0.range.contains(value) && value != $0.range.upperBound }) {
        hints.append(
          "\(name) \(hexadecimal(value)) is in the \(other.name.lowercased()) stack, \(value - other.range.lowerBound) bytes from its end")
      }
    }
    return hints
  }
}
