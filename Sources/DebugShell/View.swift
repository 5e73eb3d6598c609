// Owns at which task and at which of its frames the user looks, and what registers and memory look like from there. It does not know how
// they are shown.
import Architecture
import Debugging
import Laboratory
import LinuxKernel
import LinuxMM
import Symbols

/// The task and frame that were chosen. After each stop these are the task that stopped, and its innermost frame.
struct View {
  /// The task; nil for the one that stopped.
  var task: TaskID?
  var frame = 0
}

extension Shell {
  /// The chosen task, if it is not the one that stopped.
  var otherTask: TaskSummary? {
    guard let id = view.task else { return nil }
    return session?.kernel.tasks.first { $0.id == id && !$0.isCurrent }
  }

  /// The registers of the chosen task's innermost frame.
  var taskRegisters: UnwindRegisters? {
    guard let session else { return target?.unwindRegisters }
    guard let other = otherTask, let saved = session.kernel.registers(session.processor.el1, of: other.id) else {
      return session.unwindRegisters
    }
    return UnwindRegisters(x: saved.general, sp: saved[.SP_EL0], pc: saved[.ELR_EL1])
  }

  /// Reads memory of the chosen task.
  func peek(_ address: UInt64, count: Int) -> [UInt8]? {
    guard let session, let space = otherTask?.space else { return target?.peek(address, count: count) }
    return session.kernel.peek(session.processor.el1, space, address, count: count)
  }

  /// Writes memory of the chosen task.
  func poke(_ address: UInt64, _ bytes: [UInt8]) -> Bool {
    guard let session, let space = otherTask?.space else { return target?.poke(address, bytes) ?? false }
    return session.kernel.poke(session.processor.el1, space, address, bytes)
  }

  /// The stack of the chosen task.
  func backtrace(_ limits: BacktraceLimits = BacktraceLimits()) -> Backtrace? {
    guard let debugInformation, let registers = taskRegisters else { return nil }
    return debugInformation.backtrace(registers, limits) { self.peek($0, count: $1) }
  }

  /// The chosen frame; nil if there is no program.
  var frame: StackFrame? {
    guard let stack = backtrace(BacktraceLimits(first: view.frame + 1, last: 0)) else { return nil }
    return stack.first.count > view.frame ? stack.first[view.frame] : stack.first.last
  }

  /// The address of the next instruction in the chosen frame.
  var viewedPC: UInt64 {
    if view.frame == 0 { return taskRegisters?.pc ?? 0 }
    return frame?.pc ?? 0
  }

  /// The register of this name as the chosen frame has it; nil if there is none.
  func viewedRegister(_ name: String) -> NamedRegister? {
    let isInnermost = view.frame == 0
    if isInnermost && otherTask == nil { return registers?.named(name) }
    guard let values = isInnermost ? taskRegisters : frame?.registers else { return registers?.named(name) }
    let name = name.lowercased()
    func register(_ value: UInt64) -> NamedRegister { NamedRegister(name: name, value: value, upper: nil) }
    switch name {
    case "pc": return register(values.pc)
    case "sp": return register(values.sp)
    case "fp": return register(values.x[29])
    case "lr": return register(values.x[30])
    default: break
    }
    guard let letter = name.first, let number = Int(name.dropFirst()), (0..<31).contains(number) else { return registers?.named(name) }
    if letter == "x" { return register(values.x[number]) }
    if letter == "w" { return register(values.x[number] & 0xffff_ffff) }
    return registers?.named(name)
  }

  /// Looks at the innermost frame of the task that stopped.
  func resetView() { view = View() }
}
