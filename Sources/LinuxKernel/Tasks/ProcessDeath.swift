// Owns what is told of a process that dies by a signal which its parent may never mention.
// It does not know who listens. Linux: kernel/signal.c print_fatal_signal().
import Architecture
import LinuxMM

/// The death of another process than the first: by a signal that dumps core, or because memory ran out. A signal that only ends a
/// process was sent by a process that knows why, as a shell that ends a job; such deaths are not told.
public struct ProcessDeath: Sendable {
  public let process: TaskID
  /// The parent; nil where it has ended.
  public let parent: TaskID?
  public let signal: Int32
  /// What came with the signal; nil where no signal was delivered.
  public let info: SignalInfo?
  /// Whether it died because guest memory was exhausted. The registers are then those of the task that needed memory.
  public let isOutOfMemory: Bool
}

extension Processes {
  /// Tells of the death of a process that nothing has ended yet.
  func tellDeath(_ process: ProcessSlot, _ signal: Int32, _ info: SignalInfo?) {
    guard process != .first, state[process].groupExitCode == nil, let deathListener else { return }
    let isOutOfMemory = info == nil && signal == Signal.SIGKILL
    if !isOutOfMemory && !Signal.dumpsCore(signal) { return }
    let parent = state[process].parent.map { state[$0].id }
    deathListener(ProcessDeath(process: state[process].id, parent: parent, signal: signal, info: info, isOutOfMemory: isOutOfMemory))
  }
}
