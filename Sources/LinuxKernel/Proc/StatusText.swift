// Owns /proc/PID/status: every line of it, in Linux's order.
// It does not know how memory is counted. Linux: fs/proc/array.c proc_pid_status().
import Architecture
import LinuxMM

extension ProcFiles {
  /// Lines of `Name:\tvalue`. There is one user (root), one processor, one memory node, and no seccomp.
  func statusText(_ task: TaskSlot) -> [UInt8] {
    let it = tasks[task]
    let process = tasks[it.process]
    let (id, group) = (it.id.rawValue, process.id.rawValue)
    let parent = tasks.parentID(it.process).rawValue
    let descriptors = fileState.tables[it.files].slots.count
    var rows: [String] = [
      "Umask:\t\(octal(fileState.contexts[it.fs].umask))",
      "State:\t\(stateWords(task))", "Tgid:\t\(group)", "Ngid:\t0", "Pid:\t\(id)", "PPid:\t\(parent)", "TracerPid:\t0",
      "Uid:\t0\t0\t0\t0", "Gid:\t0\t0\t0\t0", "FDSize:\t\(max(64, (descriptors + 63) & ~63))", "Groups:\t ", "NStgid:\t\(group)",
      "NSpid:\t\(id)", "NSpgid:\t\(process.group.rawValue)", "NSsid:\t\(process.session.rawValue)", "Kthread:\t0",
    ]
    rows += memoryStatusLines(task)
    let disabled = mm[it.mm].hugePageDisabling == .completely
    rows += [
      "CoreDumping:\t0", "THP_enabled:\t\(disabled ? 0 : 1)", "untag_mask:\t0xffffffffffffff", "Threads:\t\(process.threads.count)",
      "SigQ:\t\(it.pending.count + process.pending.count)/\(process.limits.queuedSignals)",
    ]
    rows += signalLines(it, process)
    rows += ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map {
      $0 + ":\t" + ($0 == "CapInh" || $0 == "CapAmb" ? set(0) : set(1 << 41 - 1))
    }
    rows += [
      "NoNewPrivs:\t0", "Seccomp:\t0", "Seccomp_filters:\t0", "Speculation_Store_Bypass:\tnot vulnerable",
      "SpeculationIndirectBranch:\tunknown", "Cpus_allowed:\t1", "Cpus_allowed_list:\t0",
      "Mems_allowed:\t\(configuration.profile.padsNodeMasks ? "0001" : "1")",
      "Mems_allowed_list:\t0",
      "voluntary_ctxt_switches:\t\(it.voluntarySwitches)", "nonvoluntary_ctxt_switches:\t\(it.involuntarySwitches)",
    ]
    return Array("Name:\t".utf8) + taskName(task) + [UInt8(ascii: "\n")] + rows.flatMap { line($0) }
  }

  private func signalLines(_ it: Task, _ process: Process) -> [String] {
    func mask(_ signals: [SignalInfo]) -> UInt64 { signals.reduce(0) { $0 | 1 << UInt64($1.signal - 1) } }
    var (ignored, caught): (UInt64, UInt64) = (0, 0)
    for (signal, action) in tasks.handlers[process.handlers].actions.enumerated().dropFirst() {
      if action.handler == SignalAction.ignored {
        ignored |= 1 << UInt64(signal - 1)
      } else if action.handler != SignalAction.default {
        caught |= 1 << UInt64(signal - 1)
      }
    }
    return [
      "SigPnd:\t\(set(mask(it.pending)))", "ShdPnd:\t\(set(mask(process.pending)))", "SigBlk:\t\(set(it.blocked))",
      "SigIgn:\t\(set(ignored))", "SigCgt:\t\(set(caught))",
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
