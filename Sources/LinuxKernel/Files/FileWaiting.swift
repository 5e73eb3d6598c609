// Owns the waiting of calls on files: the queue that a call waits in, and the calls that wake it. It does not know the scheduler. Linux:
// wait_event_interruptible in fs/pipe.c, fs/select.c.
import LinuxMM

extension Files {
  private func queue(_ pipe: PipeID) -> WaitChannel { .file(WaitQueueID(pipe)) }

  /// Makes the call wait for a change of this pipe and then run again. `done` is the number of bytes that it has moved so far.
  func sleep(onPipe pipe: PipeID, done: UInt64) -> SystemCallResult { .sleep(on: queue(pipe), until: nil, then: .again(done: done)) }

  /// Wakes the tasks that wait for a change of this pipe, so that they look at it again.
  func wakePipe(_ pipe: PipeID) { scheduler.wake(queue(pipe)) }

  /// The channel on which a poll of these files waits: the pipes among them, each once. Other files are always ready, so no task waits for
  /// them.
  func pollChannel(_ files: [OpenFileID]) -> WaitChannel {
    var pipes: [PipeID] = []
    for file in files {
      guard case .inode(let id) = state.open[file].path.node, case .pipe(let pipe) = state.inodes[id].kind else { continue }
      pipes.append(pipe)
    }
    pipes.sort { $0.rawValue < $1.rawValue }
    return .files(pipes.indices.filter { $0 == 0 || pipes[$0] != pipes[$0 - 1] }.map { WaitQueueID(pipes[$0]) })
  }
}
