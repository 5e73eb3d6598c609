// Owns the calls that move bytes between two processes: process_vm_readv and process_vm_writev. It does not know how the memory of
// another process is reached: LinuxMM does. Linux: mm/process_vm_access.c.
import Architecture
import LinuxMM

extension FileCalls {
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
