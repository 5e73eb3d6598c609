// Owns the place where a program stands when something has happened to it: registers, memory, mappings and names, all of one task. It does
// not know what has happened.
import Architecture
import Debugging
import LinuxKernel
import LinuxMM
import Symbols

/// The running task of a session at a moment, as reports look at it.
struct Scene {
  let session: Session
  let registers: UnwindRegisters
  let space: MMID
  let debug: DebugInformation

  /// The running task as it will go on, or as it ended. Nil if it has no address space any more.
  init?(_ session: Session, pc: UInt64) {
    let task = session.kernel.state.currentTask
    guard session.kernel.mm.state.mms.contains(task.mm) else { return nil }
    self.session = session
    space = task.mm
    let el1 = session.processor.el1
    registers = UnwindRegisters(x: (0..<31).map { el1[x: $0] }, sp: el1[.SP_EL0], pc: pc)
    debug = session.debugInformation(of: space)
  }

  func peek(_ va: UInt64, count: Int) -> [UInt8]? { session.kernel.peek(session.processor.el1, space, va, count: count) }

  func word(at pc: UInt64) -> UInt32? {
    peek(pc, count: 4).map { $0.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
  }

  /// The mapping of an address; nil if there is none.
  func mapping(of address: UInt64) -> VMArea? { session.kernel.mm.vma(space, containing: address) }

  /// `main+76 (uaf.c:11)`, or the address in hexadecimal where it has no name. The line is the innermost one.
  func place(_ address: UInt64) -> String {
    let name = debug.symbols.name(address) ?? hexadecimal(address)
    return debug.lines.line(at: address)?.shortPlace.map { "\(name) (\($0))" } ?? name
  }

  /// The functions at an address, the innermost inlined one first, each with its line: `map (guest.h:80)`, `main+36 (uaf.c:8)`.
  func functions(at address: UInt64) -> [(name: String, text: String)] {
    let lines = debug.lines.frames(at: address)
    let name = debug.symbols.name(address) ?? hexadecimal(address)
    let outer = (debug.symbols.place(address)?.rawName ?? "", lines.last?.shortPlace.map { "\(name) (\($0))" } ?? name)
    return lines.dropLast().map { line in (line.function, line.shortPlace.map { "\(line.function) (\($0))" } ?? line.function) } + [outer]
  }

  /// The stack of the functions that have not returned.
  func backtrace(_ limits: BacktraceLimits) -> Backtrace { debug.backtrace(registers, limits) { peek($0, count: $1) } }
}

extension VMArea {
  /// `r-xp`, as in /proc/PID/maps.
  var rights: String {
    func letter(_ flag: VMFlags, _ text: String) -> String { flags.contains(flag) ? text : "-" }
    return letter(.READ, "r") + letter(.WRITE, "w") + letter(.EXEC, "x") + (flags.contains(.MAYSHARE) ? "s" : "p")
  }
}
