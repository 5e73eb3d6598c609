// Owns how calls on files wait: which queue they wait in, and who wakes it.
// It does not know the scheduler. Linux: wait_event_interruptible in fs/pipe.c, fs/select.c.
import LinuxMM

extension Files {
  private func queue(_ pipe: PipeID) -> WaitChannel { .file(WaitQueueID(pipe)) }

  /// The call waits for a change of this pipe, and then runs again; it has moved `done` bytes so far.
  func sleep(onPipe pipe: PipeID, done: UInt64) -> SystemCallResult { .sleep(on: queue(pipe), until: nil, then: .again(done: done)) }

  /// Something about a pipe has changed: whoever waits for it looks again.
  func wakePipe(_ pipe: PipeID) { scheduler.wake(queue(pipe)) }

  /// What a poll of these files waits for: the pipes among them, each once; the rest never keeps a task waiting.
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
