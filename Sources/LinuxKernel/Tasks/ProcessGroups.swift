// Owns process groups and sessions, the relation of parents, and the small calls that return a task's ids and processor. It does not know
// terminals: no session has one. Linux: kernel/sys.c, kernel/sched/syscalls.c.
import Architecture
import LinuxMM

extension Processes {
  /// The process of a thread's id; 0 means the caller. Throws ESRCH.
  private func process(_ id: Int32) throws(Errno) -> ProcessSlot {
    if id == 0 { return state.currentProcess }
    guard let process = state.process(of: TaskID(id)) else { throw .ESRCH }
    return process
  }
  private func answer(_ id: TaskID) -> SystemCallResult { .done(UInt64(id.rawValue)) }

  func getpid() -> SystemCallResult { answer(state[state.currentProcess].id) }
  func gettid() -> SystemCallResult { answer(state.currentTask.id) }

  /// The parent's id. Orphans are children of a subreaper or of init.
  func getppid() -> SystemCallResult { answer(state.parentID(state.currentProcess)) }
  func getpgid(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult { answer(state[try process(a.int(0))].group) }
  func getsid(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult { answer(state[try process(a.int(0))].session) }

  /// setpgid(pid, group), with its checks in Linux's order.
  func setpgid(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let caller = state.currentProcess
    let id = a.int(0) == 0 ? state[caller].id : TaskID(a.int(0))
    let group = a.int(1) == 0 ? id : TaskID(a.int(1))
    if group.rawValue < 0 { throw .EINVAL }
    guard let process = state.process(of: id) else { throw .ESRCH }
    // The id must be that of a process, not that of another thread.
    if state[process].id != id { throw .EINVAL }
    if state[process].parent == caller && process != caller {
      if state[process].session != state[caller].session { throw .EPERM }
      if state[process].hasExecuted { throw .EACCES }
    } else if process != caller {
      throw .ESRCH
    }
    if state[process].session == id { throw .EPERM }
    if group != id {
      let session = state[caller].session
      if !state.members(ofGroup: group).contains(where: { state[$0].session == session }) { throw .EPERM }
    }
    state.setGroup(of: process, group)
    return .done(0)
  }

  /// Starts a session. Throws EPERM for the leader of a group, and if another process's group has the caller's id.
  func setsid() throws(Errno) -> SystemCallResult {
    let process = state.currentProcess
    let id = state[process].id
    if state[process].session == id || !state.members(ofGroup: id).isEmpty { throw .EPERM }
    state.setGroup(of: process, id)
    state.setSession(of: process, id)
    return answer(id)
  }

  func setSubreaper(_ isSubreaper: Bool) { state[state.currentProcess].isSubreaper = isSubreaper }

  // MARK: Processors

  /// Stores the mask of the one processor. Returns the size of the mask in bytes.
  func schedGetAffinity(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a.unsigned(1) == 0 || a.unsigned(1) & 7 != 0 { throw .EINVAL }
    if a.int(0) != 0 && state.slot(of: TaskID(a.int(0))) == nil { throw .ESRCH }
    try user(el1).put(a[2], 1 as UInt64)
    return .done(8)
  }

  /// getcpu(processor, node).
  func getcpu(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a[0] != 0 { try user(el1).put(a[0], 0 as UInt32) }
    if a[1] != 0 { try user(el1).put(a[1], 0 as UInt32) }
    return .done(0)
  }
}

extension TaskState {
  /// The id of a process's parent; 0 for init, which has none.
  func parentID(_ process: ProcessSlot) -> TaskID { self[process].parent.map { self[$0].id } ?? TaskID(0) }

  /// Whether no member's parent is in the same session and in another group, so that no shell could continue the group. Linux:
  /// will_become_orphaned_pgrp().
  func isOrphaned(group: TaskID) -> Bool {
    !members(ofGroup: group).contains { member in
      guard !self[member].isZombie, let parent = self[member].parent else { return false }
      return self[parent].group != group && self[parent].session == self[member].session
    }
  }
}
