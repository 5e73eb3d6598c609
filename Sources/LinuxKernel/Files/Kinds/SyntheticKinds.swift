// Owns reads and writes of the files of /proc and /sys: texts that are made record by record, and files that return any part on request. It
// does not know the contents of any file. Linux: fs/seq_file.c, fs/proc/inode.c.
import Architecture
import LinuxMM

/// A file with a text that is made record by record.
struct TextKind: OpenFileKind {
  let files: Files
  let id: OpenFileID

  func read(_ el1: EL1Interface, into vectors: [UserVector], at offset: Int64?) throws(Errno) -> SystemCallResult {
    let wanted = vectors.total
    guard wanted > 0, case .synthetic(let node) = files.state.open[id].path.node else { return .done(0) }
    let start = try files.readStart(id, offset, wanted)
    if start > 0 && SyntheticTree.file(node)?.isNumber == true { return .done(0) }
    return files.finishRead(id, offset, start, try files.readSequence(el1, id, node, vectors, start))
  }

  func write(_ el1: EL1Interface, from vectors: [UserVector], at offset: Int64?) throws(Errno) -> SystemCallResult {
    guard case .synthetic(let node) = files.state.open[id].path.node, files.isSetting(node) else {
      return try files.store(el1, id, vectors)
    }
    // A write to a setting that does not begin at 0 is ignored. Linux: proc_first_pos_non_zero_ignore().
    let start = offset ?? files.state.open[id].offset
    let count = start > 0 ? vectors.total : try files.stored(el1, id, vectors)
    if offset == nil { files.state.open[id].offset = start &+ Int64(clamping: count) }
    return .done(count)
  }
}

/// A file whose parts are computed when they are read.
struct ComputedKind: OpenFileKind {
  let files: Files
  let id: OpenFileID

  func read(_ el1: EL1Interface, into vectors: [UserVector], at offset: Int64?) throws(Errno) -> SystemCallResult {
    let wanted = vectors.total
    // A read of no bytes from pagemap still checks the position.
    if wanted == 0 {
      _ = try part(el1, UInt64(bitPattern: offset ?? files.state.open[id].offset), 0)
      return .done(0)
    }
    let start = try files.readStart(id, offset, wanted)
    let done = try files.user(el1).fill(vectors) { done, count throws(Errno) in try part(el1, UInt64(start) &+ done, count) }
    return files.finishRead(id, offset, start, done)
  }

  private func part(_ el1: EL1Interface, _ position: UInt64, _ count: Int) throws(Errno) -> [UInt8] {
    guard case .synthetic(let node) = files.state.open[id].path.node else { throw .EINVAL }
    guard let task = files.procFiles.taskIndex(node) else {
      if files.procFiles.zombie(node) != nil { return [] }
      throw .ESRCH
    }
    switch SyntheticTree.file(node)?.body {
    case .computed(let read), .bytes(let read): return try read(files.procFiles, el1, task, position, count)
    default: throw .EINVAL
    }
  }

  func write(_ el1: EL1Interface, from vectors: [UserVector], at offset: Int64?) throws(Errno) -> SystemCallResult {
    try files.store(el1, id, vectors)
  }
}

extension Files {
  /// Gives the written bytes to a file that stores them. Throws EINVAL for every other file, and ESRCH if the file's task has ended.
  func store(_ el1: EL1Interface, _ id: OpenFileID, _ vectors: [UserVector]) throws(Errno) -> SystemCallResult {
    .done(try stored(el1, id, vectors))
  }
  /// Whether a file lies in /proc/sys.
  func isSetting(_ node: SyntheticNode) -> Bool { SyntheticTree.file(node)?.path.hasPrefix("/proc/sys/") ?? false }

  func stored(_ el1: EL1Interface, _ id: OpenFileID, _ vectors: [UserVector]) throws(Errno) -> UInt64 {
    guard case .synthetic(let node) = state.open[id].path.node, case .stored(_, let store)? = SyntheticTree.file(node)?.body else {
      throw .EINVAL
    }
    guard let task = procFiles.taskIndex(node) else { throw .ESRCH }
    var text: [UInt8] = []
    for vector in vectors { text += try user(el1).get(vector.address, count: Int(min(vector.count, 4096 - UInt64(text.count)))) }
    // An empty write to a setting changes nothing. Linux: proc_sys_call_handler(), sysfs_kf_write().
    let isOfProcess = SyntheticTree.file(node)?.path.hasPrefix("/proc/PID/") ?? false
    if !text.isEmpty || isOfProcess { try store(procFiles, el1, task, text) }
    return UInt64(text.count)
  }
}

/// /proc/PID/mem. Linux: fs/proc/base.c mem_rw().
struct MemoryKind: OpenFileKind {
  let files: Files
  let id: OpenFileID

  private func target() throws(Errno) -> (task: TaskID, mm: MMID)? {
    guard case .synthetic(let node) = files.state.open[id].path.node else { throw .EINVAL }
    guard let task = files.procFiles.taskIndex(node) else { return nil }
    return (files.tasks[task].id, files.tasks[task].mm)
  }

  func read(_ el1: EL1Interface, into vectors: [UserVector], at offset: Int64?) throws(Errno) -> SystemCallResult {
    let start = offset ?? files.state.open[id].offset
    guard let target = try target() else { return .done(0) }
    var isMissing = false
    let done = try files.user(el1).fill(vectors) { done, count throws(Errno) in
      let bytes = files.mm.peekUser(
        el1, target.mm, task: target.task, address: UInt64(bitPattern: start) &+ done, count: min(count, 65536))
      isMissing = isMissing || bytes.isEmpty
      return bytes
    }
    if done == 0 && isMissing { throw .EIO }
    return files.finishRead(id, offset, start, done)
  }

  func write(_ el1: EL1Interface, from vectors: [UserVector], at offset: Int64?) throws(Errno) -> SystemCallResult {
    let start = offset ?? files.state.open[id].offset
    guard let target = try target() else { return .done(0) }
    var done: UInt64 = 0
    for vector in vectors {
      let bytes = files.user(el1).copyIn(vector.address, count: Int(min(vector.count, 65536)))
      if bytes.isEmpty && vector.count > 0 && done == 0 { throw .EFAULT }
      let piece = files.mm.pokeAsDebugger(el1, target.mm, task: target.task, address: UInt64(bitPattern: start) &+ done, bytes)
      done += UInt64(piece)
      if UInt64(piece) < vector.count { break }
    }
    if done == 0 && vectors.total > 0 { throw .EIO }
    return files.finishRead(id, offset, start, done)
  }
}
