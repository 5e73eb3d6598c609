// Owns what the files of /proc/PID say of a zombie: a process whose threads have ended and for which its parent has not waited yet. It
// does not know the files of live processes: `SyntheticFiles` has those. Linux: fs/proc/base.c, array.c for a task without memory.
import Architecture
import LinuxMM

extension ProcFiles {
  private typealias Text = @Sendable (ProcFiles, ProcessSlot, ThreadRemains) -> [UInt8]

  /// The zombie that a node is about, and what its last thread left; nil if it is about none.
  func zombie(_ node: SyntheticNode) -> (slot: ProcessSlot, remains: ThreadRemains)? {
    guard let slot = (node.thread ?? node.process).flatMap(tasks.process(of:)), let remains = tasks[slot].remains else { return nil }
    return (slot, remains)
  }

  /// Refuses to open a file of a zombie that is about its memory (ESRCH) or about its mounts (EINVAL), which it has lost. maps, smaps and
  /// cmdline are empty instead.
  func checkZombie(_ node: SyntheticNode) throws(Errno) {
    guard zombie(node) != nil, let name = SyntheticTree.file(node)?.path.split(separator: "/").last else { return }
    switch name {
    case "auxv", "environ", "mem", "pagemap", "smaps_rollup": throw .ESRCH
    case "mountinfo", "mounts", "mountstats": throw .EINVAL
    default: return
    }
  }

  /// The text of a file of a zombie; nil for a node of none. The files that are about memory are empty.
  func zombieText(_ node: SyntheticNode) -> [UInt8]? {
    guard let zombie = zombie(node), let name = SyntheticTree.file(node)?.path.split(separator: "/").last else { return nil }
    if let text = Self.zombieTexts[String(name)] { return text(self, zombie.slot, zombie.remains) }
    return []
  }

  /// The files that say something, by name.
  private static let zombieTexts: [String: Text] = [
    "cgroup": { proc, slot, remains in proc.cgroupText() },
    "comm": { proc, slot, remains in remains.name + [UInt8(ascii: "\n")] },
    "cpuset": { proc, slot, remains in proc.line("/") },
    "io": { proc, slot, remains in proc.line(proc.tasks[slot].endedIO.text) },
    "limits": { proc, slot, remains in proc.limitsText(slot) },
    "loginuid": { proc, slot, remains in Array("4294967295".utf8) },
    "oom_adj": { proc, slot, remains in proc.line("\(proc.olderAdjustment(slot))") },
    "oom_score": { proc, slot, remains in proc.line("0") },
    "oom_score_adj": { proc, slot, remains in proc.line("\(proc.tasks[slot].scoreAdjustment)") },
    "personality": { proc, slot, remains in proc.digits(remains.personality) },
    "sessionid": { proc, slot, remains in Array("4294967295".utf8) },
    "schedstat": { proc, slot, remains in
      proc.line("\(proc.tasks[slot].endedThreads.nanoseconds) 0 \(remains.voluntarySwitches + remains.involuntarySwitches)")
    },
    "stat": { proc, slot, remains in proc.zombieStat(slot, remains) },
    "statm": { proc, slot, remains in proc.line("0 0 0 0 0 0 0") },
    "status": { proc, slot, remains in proc.zombieStatus(slot, remains) },
    "syscall": { proc, slot, remains in proc.line("-1 0x0 0x0") },
    "timerslack_ns": { proc, slot, remains in proc.line("\(remains.timerSlack)") },
    "wchan": { proc, slot, remains in Array("0".utf8) },
  ]
}
