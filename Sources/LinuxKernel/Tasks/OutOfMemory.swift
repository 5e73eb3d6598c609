// Owns the OOM killer: the choice of the process, and the moment when the killer is done. It does not know which task ran out of memory, or
// how a process ends. Linux: mm/oom_kill.c.
import Architecture
import LinuxMM

extension Processes {
  /// How much memory a process would free in pages, with its adjustment by thousandths of RAM; nil if it must never be chosen. Linux:
  /// oom_badness().
  func badness(_ process: ProcessSlot) -> Int? {
    let adjustment = state[process].scoreAdjustment
    guard process != .initial, adjustment != -1000, let thread = state[process].threads.first else { return nil }
    return mm.oomBadness(state.tasks[thread].mm) + adjustment * (Int(mm.state.frames.managed) / 1000)
  }

  /// Ends the process with the most memory, or the one that needs memory if the setting says so. The task that needed memory tries again
  /// once that process is gone. The run ends in a panic if the setting asks for that, or if every process is protected. Linux:
  /// out_of_memory(), check_panic_on_oom().
  func killForMemory() {
    let candidates = state.processes.ids.filter { !state[$0].isZombie }
    let caller = state.currentProcess
    var victim: ProcessSlot? = caller
    // A process that is already ending only needs to be scheduled.
    if state[caller].groupExitCode == nil {
      if settings.panicsOutOfMemory != "0" {
        let extent = settings.panicsOutOfMemory == "2" ? "compulsory" : "system-wide"
        return panic("Out of memory: \(extent) panic_on_oom is enabled")
      }
      if let dying = candidates.first(where: { state[$0].groupExitCode != nil }) {
        victim = dying
      } else {
        if settings.killsAllocatingTask == "0" || badness(caller) == nil { victim = worst(of: candidates) }
        guard let victim else { return panic("System is deadlocked on memory") }
        tellDeath(victim, Signal.SIGKILL, nil)
        signals.endGroup(victim, code: Signal.SIGKILL)
        if victim == .first { state.lastSignal = nil }
      }
    }
    outOfMemory = victim == .first
    if victim != caller { scheduler.needReschedule() }
  }

  /// The process with the most memory, of several the one that needs memory now or else the first; nil if all are protected. Linux:
  /// select_bad_process().
  private func worst(of candidates: [ProcessSlot]) -> ProcessSlot? {
    var (victim, most) = (state.currentProcess, badness(state.currentProcess))
    for candidate in candidates {
      guard let points = badness(candidate), points > most ?? .min else { continue }
      (victim, most) = (candidate, points)
    }
    return most == nil ? nil : victim
  }

  /// Ends the run. Linux: panic().
  func panic(_ reason: String) { verdict = .panicked(reason) }
}
