// Owns what a debugger asks of the kernel between two runs: the tasks, their registers, and the memory of any address space. It does not
// know who debugs, or how a run stopped. Linux: kernel/ptrace.c, fs/proc.
import Architecture
import LinuxMM

/// A task as a debugger lists it.
public struct TaskSummary: Hashable, Sendable {
  /// The thread's id, and those of its process and of its process's parent.
  public let id: TaskID
  public let process: TaskID
  public let parent: TaskID?
  public let name: String
  public let run: RunState
  /// Whether it is the task that ran last. Its registers are those of the PE.
  public let isCurrent: Bool
  /// The address space; nil once the task has left it.
  public let space: MMID?
  /// The number of the system call that it sleeps in; nil unless it sleeps.
  public let systemCall: UInt64?
}

extension Kernel {
  /// The tasks that have not ended, in the order of their ids. The pretended init is not among them.
  public var tasks: [TaskSummary] {
    state.tasks.processes.ids.filter { $0 != .initial }.flatMap { state[$0].threads }.map { summary($0) }.sorted {
      $0.id.rawValue < $1.id.rawValue
    }
  }

  private func summary(_ slot: TaskSlot) -> TaskSummary {
    let task = state.tasks[slot]
    let process = state[task.process]
    return TaskSummary(
      id: task.id, process: process.id, parent: process.parent.map { state[$0].id }, name: String(decoding: task.name, as: UTF8.self),
      run: task.run, isCurrent: slot == state.current, space: mm.state.mms.contains(task.mm) ? task.mm : nil,
      systemCall: task.run == .sleeping ? task.registers.general[8] : nil)
  }

  /// The registers with which a task continues; nil if there is no such task. `el1` is the PE's, whose registers are the running task's.
  /// Between two runs the running task's PC and PSTATE are those of the PE, so that ELR_EL1 and SPSR_EL1 are of no use: the caller has them
  /// from the target.
  public func registers(_ el1: EL1Interface, of id: TaskID) -> SavedRegisters? {
    guard let slot = state.tasks.numbers.thread(id) else { return nil }
    return slot == state.current ? SavedRegisters(el1) : state.tasks[slot].registers
  }

  /// Sets the registers with which a task continues that is not the running one. False if there is no such task.
  public func setRegisters(of id: TaskID, _ registers: SavedRegisters) -> Bool {
    guard let slot = state.tasks.numbers.thread(id), slot != state.current else { return false }
    state.tasks[slot].registers = registers
    return true
  }

  /// Reads memory of an address space. It changes nothing. Nil if any of the bytes is not in RAM.
  public func peek(_ el1: EL1Interface, _ space: MMID, _ va: UInt64, count: Int) -> [UInt8]? {
    guard mm.state.mms.contains(space) else { return nil }
    var bytes: [UInt8] = []
    while bytes.count < count {
      let at = VirtualAddress(va &+ UInt64(bytes.count)).untagged.rawValue
      let piece = min(count - bytes.count, 4096 - Int(at & 0xfff))
      guard at < Layout48.taskSize, let page = mm.visiblePage(el1, space, at) else { return nil }
      let address = el1.hostAddress(PhysicalAddress(page & ~0xfff + at & 0xfff), size: UInt64(piece))
      bytes += UnsafeRawBufferPointer(start: address, count: piece)
    }
    return bytes
  }

  /// Writes memory of an address space as ptrace does: a page that is shared for copy on write becomes private first, a missing page is
  /// brought in. False if not all bytes could be written. Linux: access_process_vm() with FOLL_FORCE.
  public func poke(_ el1: EL1Interface, _ space: MMID, _ va: UInt64, _ bytes: [UInt8]) -> Bool {
    guard mm.state.mms.contains(space), let task = tasks.first(where: { $0.space == space }) else { return false }
    let address = VirtualAddress(va).untagged.rawValue
    return mm.pokeUser(el1, space, task: task.id, address: address, bytes, needing: []) == bytes.count
  }

  // MARK: Holds

  /// The debugger of the programs; nil if there is none.
  public var tracer: (any Tracer)? {
    get { parts.tracer }
    set { parts.tracer = newValue }
  }

  /// Why the running task is held; nil while it is not held. A held task has its registers in the PE as its program left them.
  public var held: HeldEvent? { state.tasks.hold.event }

  /// Chooses the signal that the running task gets when it goes on: the one before which it is held, which it gets without this call too,
  /// another one, or none. A task that is not held, or held around a call, gets the signal as a held one would.
  public func release(with info: SignalInfo?) { parts.holds.release(with: info) }

  /// Sends a signal to a task that is not the running one. False if there is no such task, or if its queue is full.
  public func send(_ info: SignalInfo, toTask id: TaskID) -> Bool { parts.holds.send(info, toTask: id) }

  /// Forgets that the running task's system call was to run again, because a debugger moved its PC. Linux: do_signal(), continue_addr.
  public func forgetRestart() { state.currentTask.restart = nil }

  // MARK: Files

  /// The contents of a file of /proc or /sys by its path; nil if there is no such file, or if it is no text.
  public func syntheticContents(_ el1: EL1Interface, path: String) -> [UInt8]? { parts.procFiles.contents(el1, at: path) }
  /// The target of a symbolic link in /proc or /sys by its path; nil if there is no such link.
  public func syntheticLink(_ el1: EL1Interface, path: String) -> String? { parts.procFiles.link(el1, at: path) }
  /// The path to which /proc/PID/exe leads; nil if there is no such process.
  public func executablePath(of process: TaskID) -> String? { parts.procFiles.executablePath(of: process) }
}
