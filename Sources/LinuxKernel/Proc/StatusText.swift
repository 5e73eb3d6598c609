// Owns /proc/PID/status: every line of it, in Linux's order.
// It does not know how memory is counted. Linux: fs/proc/array.c proc_pid_status().
import Architecture
import LinuxMM

extension ProcFiles {
  /// Lines of `Name:\tvalue`. There is one user (root), one processor, one memory node, and no seccomp.
  func statusText(_ task: TaskSlot) -> [UInt8] {
    let it = tasks[task]
    let process = tasks[it.process]
    let descriptors = fileState.tables[it.files].slots.count
    let size = max(64, (descriptors + 63) & ~63)
    var rows = ["Umask:\t\(octal(fileState.contexts[it.fs].umask))"]
    rows += identityLines(it.process, id: it.id.rawValue, state: stateWords(task), tableSize: size) + memoryStatusLines(task)
    let disabled = mm[it.mm].hugePageDisabling == .completely
    rows += ["CoreDumping:\t0", "THP_enabled:\t\(disabled ? 0 : 1)", "untag_mask:\t0xffffffffffffff"]
    let actions = SignalSets(tasks.handlers[process.handlers])
    rows += signalLines(process, threads: process.threads.count, pending: it.pending, blocked: it.blocked, actions)
    rows += rightLines + placeLines(it.voluntarySwitches, it.involuntarySwitches)
    return Array("Name:\t".utf8) + taskName(task) + [UInt8(ascii: "\n")] + rows.flatMap { line($0) }
  }

  /// The same for a zombie, which has no memory, no files and no working directory any more.
  func zombieStatus(_ slot: ProcessSlot, _ remains: ThreadRemains) -> [UInt8] {
    let process = tasks[slot]
    var rows = identityLines(slot, id: process.id.rawValue, state: "Z (zombie)", tableSize: 0)
    rows += signalLines(process, threads: 1, pending: [], blocked: remains.blocked, remains.actions)
    rows += rightLines + placeLines(remains.voluntarySwitches, remains.involuntarySwitches)
    return Array("Name:\t".utf8) + remains.name + [UInt8(ascii: "\n")] + rows.flatMap { line($0) }
  }

  /// The state, the ids and the size of the descriptor table. Linux: task_state().
  private func identityLines(_ slot: ProcessSlot, id: Int32, state: String, tableSize: Int) -> [String] {
    let process = tasks[slot]
    let group = process.id.rawValue
    return [
      "State:\t\(state)", "Tgid:\t\(group)", "Ngid:\t0", "Pid:\t\(id)", "PPid:\t\(tasks.parentID(slot).rawValue)", "TracerPid:\t0",
      "Uid:\t0\t0\t0\t0", "Gid:\t0\t0\t0\t0", "FDSize:\t\(tableSize)", "Groups:\t ", "NStgid:\t\(group)", "NSpid:\t\(id)",
      "NSpgid:\t\(process.group.rawValue)", "NSsid:\t\(process.session.rawValue)", "Kthread:\t0",
    ]
  }

  /// Linux: task_sig().
  private func signalLines(_ process: Process, threads: Int, pending: [SignalInfo], blocked: UInt64, _ actions: SignalSets) -> [String] {
    func mask(_ signals: [SignalInfo]) -> UInt64 { signals.reduce(0) { $0 | 1 << UInt64($1.signal - 1) } }
    return [
      "Threads:\t\(threads)", "SigQ:\t\(pending.count + process.pending.count)/\(process.limits.queuedSignals)",
      "SigPnd:\t\(set(mask(pending)))", "ShdPnd:\t\(set(mask(process.pending)))", "SigBlk:\t\(set(blocked))",
      "SigIgn:\t\(set(actions.ignored))", "SigCgt:\t\(set(actions.caught))",
    ]
  }

  /// Linux: task_cap(), task_seccomp().
  private var rightLines: [String] {
    ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map {
      $0 + ":\t" + ($0 == "CapInh" || $0 == "CapAmb" ? set(0) : set(1 << 41 - 1))
    } + [
      "NoNewPrivs:\t0", "Seccomp:\t0", "Seccomp_filters:\t0", "Speculation_Store_Bypass:\tnot vulnerable",
      "SpeculationIndirectBranch:\tunknown",
    ]
  }

  /// The one processor and memory node, and the switches.
  private func placeLines(_ voluntary: UInt64, _ involuntary: UInt64) -> [String] {
    [
      "Cpus_allowed:\t1", "Cpus_allowed_list:\t0", "Mems_allowed:\t\(configuration.profile.padsNodeMasks ? "0001" : "1")",
      "Mems_allowed_list:\t0", "voluntary_ctxt_switches:\t\(voluntary)", "nonvoluntary_ctxt_switches:\t\(involuntary)",
    ]
  }

  /// A set of signals as 16 hexadecimal digits.
  private func set(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
  private func octal(_ value: UInt32) -> String {
    let digits = String(value, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
  private func stateWords(_ task: TaskSlot) -> String {
    switch stateLetter(task) {
    case "R": "R (running)"
    case "S": "S (sleeping)"
    case "T": "T (stopped)"
    default: "X (dead)"
    }
  }
}
