// Owns the calls by which a process looks at another: kcmp, process_vm_readv and process_vm_writev. It does not know how the memory of
// another process is reached: LinuxMM does. Linux: kernel/kcmp.c, mm/process_vm_access.c.
import Architecture
import LinuxMM

extension FileCalls {
  /// kcmp(pid1, pid2, type, index1, index2): 0 if both have the same thing, else 1 or 2 by an order that stays the same during a run.
  func kcmp(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    func task(_ id: Int32) throws(Errno) -> Task {
      guard let slot = tasks.slot(of: TaskID(id)) else { throw .ESRCH }
      return tasks[slot]
    }
    func file(_ task: Task, _ descriptor: UInt64) throws(Errno) -> Int {
      guard let number = Int32(exactly: descriptor), let slot = state.tables[task.files][number] else { throw .EBADF }
      return slot.file.rawValue
    }
    let (first, second) = (try task(a.int(0)), try task(a.int(1)))
    let pair: (Int, Int)
    switch a.int(2) {
    case 0: pair = (try file(first, a[3]), try file(second, a[4]))
    case 1: pair = (first.mm.rawValue, second.mm.rawValue)
    case 2: pair = (first.files.rawValue, second.files.rawValue)
    case 3: pair = (first.fs.rawValue, second.fs.rawValue)
    case 4: pair = (tasks[first.process].handlers.rawValue, tasks[second.process].handlers.rawValue)
    // No task has an I/O context or semaphores to undo.
    case 5, 6: pair = (0, 0)
    // KCMP_EPOLL_TFD, with a descriptor that is none of an epoll.
    case 7: throw .EBADF
    default: throw .EINVAL
    }
    return .done(pair.0 == pair.1 ? 0 : pair.0 < pair.1 ? 1 : 2)
  }

  /// process_vm_readv and process_vm_writev(pid, local, count, remote, count, flags). Returns the bytes moved up to the first place that
  /// cannot be reached, and throws EFAULT if that is the first place of all. Linux: process_vm_rw().
  func processMemory(_ el1: EL1Interface, _ a: SystemCallArguments, isWrite: Bool) throws(Errno) -> SystemCallResult {
    if a[5] != 0 { throw .EINVAL }
    let local = try vectors(el1, a[1], a[2])
    let wanted = local.total
    if wanted == 0 { return .done(0) }
    if a[4] > 1024 { throw .EINVAL }
    let bytes = try user(el1).get(a[3], count: Int(a[4]) * 16)
    let remote = (0..<Int(a[4])).map { UserVector(address: bytes.word64($0 * 16), count: bytes.word64($0 * 16 + 8)) }
    for vector in remote where vector.count > UInt64(Int64.max) { throw .EINVAL }
    if remote.allSatisfy({ $0.count == 0 }) { return .done(0) }
    guard let slot = tasks.slot(of: TaskID(a.int(0))) else { throw .ESRCH }
    var done: UInt64 = 0
    var pieces = local[...]
    var used: UInt64 = 0
    for vector in remote {
      var offset: UInt64 = 0
      while offset < vector.count {
        while let piece = pieces.first, used == piece.count {
          pieces.removeFirst()
          used = 0
        }
        guard let piece = pieces.first else { return .done(done) }
        let count = Int(min(vector.count - offset, piece.count - used, 65536))
        let moved = move(el1, tasks[slot].mm, vector.address &+ offset, piece.address &+ used, count, isWrite)
        (offset, used, done) = (offset + UInt64(moved), used + UInt64(moved), done + UInt64(moved))
        if moved < count {
          if done == 0 { throw .EFAULT }
          return .done(done)
        }
      }
    }
    return .done(done)
  }

  /// Moves bytes between the two memories and returns how many it moved.
  private func move(_ el1: EL1Interface, _ space: MMID, _ there: UInt64, _ here: UInt64, _ count: Int, _ isWrite: Bool) -> Int {
    let task = tasks.currentTask.id
    if isWrite {
      let bytes = user(el1).copyIn(here, count: count)
      return mm.pokeUser(el1, space, task: task, address: there, bytes, needing: .WRITE)
    }
    return user(el1).copyOut(here, mm.peekUser(el1, space, task: task, address: there, count: count, needing: .READ))
  }
}
