// Owns the descriptor tables of programs: the open file behind each descriptor, and whether an exec closes it. It does not know what an
// open file is. Linux: fs/file.c.
import Architecture
import LinuxMM

/// A program's descriptors. Tasks that were cloned with CLONE_FILES share one table.
struct DescriptorTable: Sendable {
  struct Slot: Sendable {
    var file: OpenFileID
    var closesOnExec = false
  }
  private(set) var slots = ChunkedArray<Slot?>()
  /// A bit for each descriptor in use. Linux: open_fds.
  private var used = ChunkedArray<UInt64>()
  /// No descriptor below this one is free. Linux: next_fd.
  private var lowest = 0
  /// The number of tasks that use the table.
  var users = 1

  /// The value of fs.nr_open. No limit lets a descriptor number reach it.
  static let maximumCount: UInt64 = 1 << 20

  subscript(descriptor: Int32) -> Slot? {
    get { slots.indices.contains(Int(descriptor)) ? slots[Int(descriptor)] : nil }
    set {
      let index = Int(descriptor)
      if index >= slots.count {
        slots.grow(to: index + 1, with: nil)
        used.grow(to: (index + 64) / 64, with: 0)
      }
      slots[index] = newValue
      if newValue == nil { used[index >> 6] &= ~(1 << UInt64(index & 63)) } else { used[index >> 6] |= 1 << UInt64(index & 63) }
      if newValue == nil { lowest = min(lowest, index) }
    }
  }

  /// The lowest free descriptor from `start` on. Throws EMFILE if that is not below `limit`. Linux: find_next_fd().
  mutating func lowestFree(from start: Int = 0, limit: UInt64) throws(Errno) -> Int32 {
    let index = next(from: max(start, lowest)) { ~$0 } ?? max(start, used.count * 64)
    if start <= lowest { lowest = index }
    if UInt64(index) >= limit { throw .EMFILE }
    return Int32(index)
  }

  /// How many descriptors Linux's table has room for: 64, then powers of two from 128 on. Linux: alloc_fdtable().
  var capacity: Int {
    var room = 64
    while room < slots.count { room *= 2 }
    return room
  }
  /// The descriptors in use, in order.
  var all: [Int32] {
    var found: [Int32] = []
    while let next = first(from: (found.last ?? -1) + 1) { found.append(next) }
    return found
  }
  /// The open files behind them.
  var files: [OpenFileID] { all.map { slots[Int($0)]!.file } }
  /// The first descriptor in use from `start` on.
  func first(from start: Int32) -> Int32? { next(from: Int(start)) { $0 }.map { Int32($0) } }

  /// The first bit from `start` on that is set after `pick` was applied to the words of `used`.
  private func next(from start: Int, _ pick: (UInt64) -> UInt64) -> Int? {
    var word = start >> 6
    var mask = ~UInt64(0) << UInt64(start & 63)
    while word < used.count {
      let bits = pick(used[word]) & mask
      if bits != 0 { return word << 6 + bits.trailingZeroBitCount }
      (word, mask) = (word + 1, ~0)
    }
    return nil
  }
}

/// The root and working directory of tasks, and the permissions that their new files do not get (umask). Tasks that were cloned with
/// CLONE_FS share one. Linux: struct fs_struct.
struct FileSystemContext: Sendable {
  /// The place of "/". Nil is the root of Linux's failfs, in which no name can be found.
  var root: Path?
  var workingDirectory: Path
  var umask: UInt32 = 0o22
  var users = 1
}

extension Files {
  /// The number that every new descriptor must stay below: RLIMIT_NOFILE, and at most nr_open.
  var descriptorLimit: UInt64 { min(tasks[tasks.currentProcess].limits.openFiles, DescriptorTable.maximumCount) }

  /// The open file behind a descriptor of the running task. Throws EBADF if there is none, or if it was opened with O_PATH and `allowsPath`
  /// is false.
  func openFile(_ descriptor: Int32, allowsPath: Bool = false) throws(Errno) -> OpenFileID {
    guard let slot = state.tables[currentFiles][descriptor] else { throw .EBADF }
    if !allowsPath && state.open[slot.file].flags & OpenFlags.PATH != 0 { throw .EBADF }
    return slot.file
  }

  /// Gives an open file the lowest free descriptor. If there is none, it releases the file and throws.
  func installDescriptor(_ el1: EL1Interface, _ file: OpenFileID, closesOnExec: Bool, from start: Int = 0) throws(Errno) -> Int32 {
    do throws(Errno) {
      if state.open.count > maximumOpenFiles { throw .ENOMEM }
      let descriptor = try state.tables[currentFiles].lowestFree(from: start, limit: descriptorLimit)
      try growTable(to: descriptor)
      state.tables[currentFiles][descriptor] = DescriptorTable.Slot(file: file, closesOnExec: closesOnExec)
      return descriptor
    } catch {
      releaseOpenFile(el1, file)
      throw error
    }
  }

  /// The largest number of open file descriptions. They may take a quarter of RAM, at the kilobyte that Linux's struct file, dentry and
  /// inode take together.
  private var maximumOpenFiles: Int { Int(mm.state.frames.managed) }
  /// The largest number of slots of all descriptor tables. They may take a quarter of RAM, at 64 bytes each.
  private var maximumSlots: Int { Int(mm.state.frames.managed) * 16 }

  /// Counts the slots that the running task's table needs for a new descriptor. Throws ENOMEM if all tables together would become too
  /// large. Linux: expand_fdtable().
  func growTable(to descriptor: Int32) throws(Errno) {
    let more = max(0, Int(descriptor) + 1 - state.tables[currentFiles].slots.count)
    if more > 0 && state.descriptorSlots + more > maximumSlots { throw .ENOMEM }
    state.descriptorSlots += more
  }

  /// Closes a descriptor. Throws EBADF. Linux: close_fd().
  func closeDescriptor(_ el1: EL1Interface, _ files: FilesID, _ descriptor: Int32) throws(Errno) {
    guard let slot = state.tables[files][descriptor] else { throw .EBADF }
    state.tables[files][descriptor] = nil
    releaseOpenFile(el1, slot.file)
  }

  // MARK: Life with tasks

  /// Makes a copy of a table, with the same open files, for a fork. Throws ENOMEM if all tables together would become too large. Linux:
  /// dup_fd().
  func copyFiles(_ files: FilesID) throws(Errno) -> FilesID {
    var table = state.tables[files]
    table.users = 1
    if state.descriptorSlots + table.slots.count > maximumSlots { throw .ENOMEM }
    state.descriptorSlots += table.slots.count
    for file in table.files { state.open[file].references += 1 }
    return state.tables.insert(table)
  }
  /// Counts one more task that uses the table (CLONE_FILES).
  func shareFiles(_ files: FilesID) -> FilesID {
    state.tables[files].users += 1
    return files
  }
  /// Counts one task less that uses the table. When the last one is gone, the descriptors are closed. Linux: put_files_struct().
  func releaseFiles(_ el1: EL1Interface, _ files: FilesID) {
    state.tables[files].users -= 1
    if state.tables[files].users > 0 { return }
    let table = state.tables[files]
    state.descriptorSlots -= table.slots.count
    state.tables.remove(files)
    for file in table.files { releaseOpenFile(el1, file) }
  }
  /// Gives the running task a table that no other task uses, and closes the descriptors that are marked for it. Linux: unshare_files(),
  /// do_close_on_exec().
  func closeOnExec(_ el1: EL1Interface) throws(Errno) {
    try unshareFiles(el1)
    let files = currentFiles
    let table = state.tables[files]
    for descriptor in table.all where table[descriptor]?.closesOnExec == true { try closeDescriptor(el1, files, descriptor) }
  }
  /// Gives the running task a table that no other task uses.
  func unshareFiles(_ el1: EL1Interface) throws(Errno) {
    let old = currentFiles
    if state.tables[old].users == 1 { return }
    currentFiles = try copyFiles(old)
    releaseFiles(el1, old)
  }

  /// Makes a copy of a working directory and umask, for a clone without CLONE_FS. Linux: copy_fs_struct().
  func copyFS(_ context: FSID) -> FSID {
    var copy = state.contexts[context]
    copy.users = 1
    retain(copy.workingDirectory)
    if let root = copy.root { retain(root) }
    return state.contexts.insert(copy)
  }
  func shareFS(_ context: FSID) -> FSID {
    state.contexts[context].users += 1
    return context
  }
  func releaseFS(_ el1: EL1Interface, _ context: FSID) {
    state.contexts[context].users -= 1
    if state.contexts[context].users > 0 { return }
    let last = state.contexts[context]
    state.contexts.remove(context)
    release(el1, last.workingDirectory)
    if let root = last.root { release(el1, root) }
    endDetached(el1)
  }
}
