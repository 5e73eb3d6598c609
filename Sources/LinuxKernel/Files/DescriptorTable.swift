// Owns which descriptor of a program is which open file, and which descriptors an exec closes.
// It does not know what an open file is. Linux: fs/file.c.
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
  /// No descriptor below it is free. Linux: next_fd.
  private var lowest = 0
  /// Tasks that use it.
  var users = 1

  /// fs.nr_open: no limit lets a descriptor be larger.
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

  /// The lowest free descriptor from `start` on. Throws EMFILE where it would reach the limit. Linux: find_next_fd().
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

  /// The first bit from `start` on that is set in what `pick` makes of the words of `used`.
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

/// What a task's paths start at, and the permissions that its files do not get. Shared with CLONE_FS. Linux: struct fs_struct.
struct FileSystemContext: Sendable {
  /// What "/" is; nil: the root of Linux's failfs, where nothing can be found.
  var root: Path?
  var workingDirectory: Path
  var umask: UInt32 = 0o22
  var users = 1
}

extension Files {
  /// RLIMIT_NOFILE, and nr_open.
  var descriptorLimit: UInt64 { min(tasks[tasks.currentProcess].limits.openFiles, DescriptorTable.maximumCount) }

  /// The open file behind a descriptor of the running task. Throws EBADF, for O_PATH descriptors too unless `allowsPath`.
  func openFile(_ descriptor: Int32, allowsPath: Bool = false) throws(Errno) -> OpenFileID {
    guard let slot = state.tables[currentFiles][descriptor] else { throw .EBADF }
    if !allowsPath && state.open[slot.file].flags & OpenFlags.PATH != 0 { throw .EBADF }
    return slot.file
  }

  /// Gives an open file the lowest free descriptor. The file is released where there is none.
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

  /// Open file descriptions that there may be: a quarter of RAM, at the kilobyte that Linux's struct file, dentry and inode take.
  private var maximumOpenFiles: Int { Int(mm.state.frames.managed) }
  /// Slots that all descriptor tables may have: a quarter of RAM at 64 bytes each.
  private var maximumSlots: Int { Int(mm.state.frames.managed) * 16 }

  /// Counts the slots that the running task's table is about to get. Throws ENOMEM where all tables are too large together.
  /// Linux: expand_fdtable().
  func growTable(to descriptor: Int32) throws(Errno) {
    let more = max(0, Int(descriptor) + 1 - state.tables[currentFiles].slots.count)
    if more > 0 && state.descriptorSlots + more > maximumSlots { throw .ENOMEM }
    state.descriptorSlots += more
  }

  /// Linux: close_fd(). Throws EBADF.
  func closeDescriptor(_ el1: EL1Interface, _ files: FilesID, _ descriptor: Int32) throws(Errno) {
    guard let slot = state.tables[files][descriptor] else { throw .EBADF }
    state.tables[files][descriptor] = nil
    releaseOpenFile(el1, slot.file)
  }

  // MARK: Life with tasks

  /// A table of its own with the same open files, for a fork. Throws ENOMEM where all tables are too large together.
  /// Linux: dup_fd().
  func copyFiles(_ files: FilesID) throws(Errno) -> FilesID {
    var table = state.tables[files]
    table.users = 1
    if state.descriptorSlots + table.slots.count > maximumSlots { throw .ENOMEM }
    state.descriptorSlots += table.slots.count
    for file in table.files { state.open[file].references += 1 }
    return state.tables.insert(table)
  }
  /// One more task uses the table (CLONE_FILES).
  func shareFiles(_ files: FilesID) -> FilesID {
    state.tables[files].users += 1
    return files
  }
  /// A task that used the table is gone; with the last one its descriptors close. Linux: put_files_struct().
  func releaseFiles(_ el1: EL1Interface, _ files: FilesID) {
    state.tables[files].users -= 1
    if state.tables[files].users > 0 { return }
    let table = state.tables[files]
    state.descriptorSlots -= table.slots.count
    state.tables.remove(files)
    for file in table.files { releaseOpenFile(el1, file) }
  }
  /// The running task's table becomes its own, and what is marked so closes. Linux: unshare_files(), do_close_on_exec().
  func closeOnExec(_ el1: EL1Interface) throws(Errno) {
    try unshareFiles(el1)
    let files = currentFiles
    let table = state.tables[files]
    for descriptor in table.all where table[descriptor]?.closesOnExec == true { try closeDescriptor(el1, files, descriptor) }
  }
  /// The running task's table becomes its own.
  func unshareFiles(_ el1: EL1Interface) throws(Errno) {
    let old = currentFiles
    if state.tables[old].users == 1 { return }
    currentFiles = try copyFiles(old)
    releaseFiles(el1, old)
  }

  /// A working directory of its own that starts as another's, for a clone without CLONE_FS. Linux: copy_fs_struct().
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
  }
}
