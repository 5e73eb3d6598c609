// Owns the waiting of calls on files: the queue that a call waits in, and the calls that wake it. It does not know the scheduler. Linux:
// wait_event_interruptible in fs/pipe.c, fs/select.c.
import LinuxMM

extension Files {
  private func queue(_ pipe: PipeID) -> WaitChannel { .file(WaitQueueID(pipe)) }

  /// Makes the call wait for a change of this pipe and then run again. `done` is the number of bytes that it has moved so far.
  func sleep(onPipe pipe: PipeID, done: UInt64) -> SystemCallResult { .sleep(on: queue(pipe), until: nil, then: .again(done: done)) }

  /// Wakes the tasks that wait for a change of this pipe, so that they look at it again.
  func wakePipe(_ pipe: PipeID) { scheduler.wake(queue(pipe)) }

  /// What a poll of these files waits for: the pipes and timers among them, each once; the rest never keeps a task waiting.
  func pollChannel(_ files: [OpenFileID]) -> WaitChannel {
    var queues: [WaitQueueID] = []
    for file in files {
      guard case .inode(let id) = state.open[file].path.node else { continue }
      switch state.inodes[id].kind {
      case .pipe(let pipe): queues.append(WaitQueueID(pipe))
      case .timer(let timer): queues.append(WaitQueueID(timer))
      default: continue
      }
    }
    queues.sort { $0.rawValue < $1.rawValue }
    return .files(queues.indices.filter { $0 == 0 || queues[$0] != queues[$0 - 1] }.map { queues[$0] })
  }

  /// When one of these files changes by itself: the first timer among them that is due.
  func pollDeadline(_ files: [OpenFileID]) -> UInt64? {
    files.compactMap { file in
      guard case .inode(let id) = state.open[file].path.node, case .timer(let timer) = state.inodes[id].kind else { return nil }
      return state.timers[timer].deadline
    }.min()
  }

  /// The call waits until this timer is due or is set anew, and then runs again.
  func sleep(onTimer timer: TimerFileID) -> SystemCallResult {
    .sleep(on: .file(WaitQueueID(timer)), until: state.timers[timer].deadline, then: .again(done: 0))
  }
  func wakeTimer(_ timer: TimerFileID) { scheduler.wake(.file(WaitQueueID(timer))) }
}
