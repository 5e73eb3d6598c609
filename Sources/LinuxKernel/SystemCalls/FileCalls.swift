// Owns the system calls that move bytes of open files, and their positions: arguments, checks and their order.
// It does not know how a kind of file is read or written: each `OpenFileKind` does. Linux: fs/read_write.c.
import Architecture
import LinuxMM

extension FileCalls {
  // MARK: One buffer

  func read(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let file = try readable(a.int(0))
    try user(el1).check(a[1], a[2])
    let buffer = UserVector(address: a[1], count: min(a[2], Files.maximumCount))
    return try countingRead { () throws(Errno) in try files.kind(file).read(el1, into: [buffer], at: nil) }
  }
  func write(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let file = try writable(a.int(0))
    try user(el1).check(a[1], a[2])
    let buffer = UserVector(address: a[1], count: min(a[2], Files.maximumCount))
    return try countingWrite { () throws(Errno) in try files.kind(file).write(el1, from: [buffer], at: nil) }
  }
  func pread64(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let (offset, file) = try positioned(a) { d throws(Errno) in try self.readable(d) }
    try user(el1).check(a[1], a[2])
    let buffer = UserVector(address: a[1], count: min(a[2], Files.maximumCount))
    return try countingRead { () throws(Errno) in try files.kind(file).read(el1, into: [buffer], at: offset) }
  }
  func pwrite64(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let (offset, file) = try positioned(a) { d throws(Errno) in try self.writable(d) }
    try user(el1).check(a[1], a[2])
    let buffer = UserVector(address: a[1], count: min(a[2], Files.maximumCount))
    return try countingWrite { () throws(Errno) in try files.kind(file).write(el1, from: [buffer], at: offset) }
  }

  // MARK: Many buffers

  func readv(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    try countingRead { () throws(Errno) in
      let file = try readable(a.int(0))
      return try files.kind(file).read(el1, into: try vectors(el1, a), at: nil)
    }
  }
  func writev(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    try countingWrite { () throws(Errno) in
      let file = try writable(a.int(0))
      return try files.kind(file).write(el1, from: try vectors(el1, a), at: nil)
    }
  }
  func preadv(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if Int64(bitPattern: a[3]) < 0 { throw .EINVAL }
    return try countingRead { () throws(Errno) in
      let (offset, file) = try positioned(a) { d throws(Errno) in try self.readable(d) }
      return try files.kind(file).read(el1, into: try vectors(el1, a), at: offset)
    }
  }
  func pwritev(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if Int64(bitPattern: a[3]) < 0 { throw .EINVAL }
    return try countingWrite { () throws(Errno) in
      let (offset, file) = try positioned(a) { d throws(Errno) in try self.writable(d) }
      return try files.kind(file).write(el1, from: try vectors(el1, a), at: offset)
    }
  }

  /// Reads the buffers of a struct iovec array. Throws before any byte moves if a buffer lies outside user space. Linux: import_iovec().
  func vectors(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> [UserVector] { try vectors(el1, a[1], a[2]) }
  func vectors(_ el1: EL1Interface, _ array: UInt64, _ count: UInt64) throws(Errno) -> [UserVector] {
    if count > 1024 { throw .EINVAL }
    let bytes = try user(el1).get(array, count: Int(count) * 16)
    var vectors = (0..<Int(count)).map { UserVector(address: bytes.word64($0 * 16), count: bytes.word64($0 * 16 + 8)) }
    for vector in vectors where vector.count > UInt64(Int64.max) { throw .EINVAL }
    for vector in vectors {
      try user(el1).check(vector.address, vectors.count == 1 ? min(vector.count, Files.maximumCount) : vector.count)
    }
    var left = Files.maximumCount
    for index in vectors.indices {
      vectors[index].count = min(vectors[index].count, left)
      left -= vectors[index].count
    }
    return vectors
  }

  // MARK: Descriptors

  private func readable(_ descriptor: Int32) throws(Errno) -> OpenFileID {
    let file = try files.openFile(descriptor)
    if !state.open[file].isReadable { throw .EBADF }
    return file
  }
  private func writable(_ descriptor: Int32) throws(Errno) -> OpenFileID {
    let file = try files.openFile(descriptor)
    if !state.open[file].isWritable { throw .EBADF }
    return file
  }
  /// The offset in the fourth argument. Throws if the file has no positions. Linux: ksys_pread64().
  private func positioned(
    _ a: SystemCallArguments, _ find: (Int32) throws(Errno) -> OpenFileID
  ) throws(Errno) -> (Int64, OpenFileID) {
    let offset = Int64(bitPattern: a[3])
    if offset < 0 { throw .EINVAL }
    let any = try files.openFile(a.int(0))
    if !files.isSeekable(any) { throw .ESPIPE }
    return (offset, try find(a.int(0)))
  }

  // MARK: Positions and sizes

  private enum Whence { static let SET: UInt32 = 0, CUR: UInt32 = 1, END: UInt32 = 2, DATA: UInt32 = 3, HOLE: UInt32 = 4 }

  /// Linux: generic_file_llseek_size(), shmem_file_llseek().
  func lseek(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let file = try files.openFile(a.int(0))
    let whence = a.unsigned(2)
    if whence > Whence.HOLE { throw .EINVAL }
    if !files.isSeekable(file) { throw .ESPIPE }
    // A memory device has a position, but it has no effect.
    if isDevice(file) { return .done(0) }
    let size = Int64(clamping: fileSize(file))
    let offset = Int64(bitPattern: a[1])
    let base: Int64
    switch whence {
    case Whence.SET: base = 0
    case Whence.CUR: base = state.open[file].offset
    case Whence.END:
      // A computed file has no end from which to count. Linux: seq_lseek(), mem_lseek().
      if isSynthetic(file) { throw .EINVAL }
      base = size
    default:
      // The file reports no holes: everything up to its end is data.
      if offset < 0 || offset >= size { throw .ENXIO }
      let found = try dataOrHole(file, offset, size, isData: whence == Whence.DATA)
      state.open[file].offset = found
      return .done(UInt64(found))
    }
    let (sum, overflow) = base.addingReportingOverflow(offset)
    // A position of pagemap may be any number, even a negative one.
    if overflow || sum < 0 && !isComputed(file) { throw .EINVAL }
    // Linux: seq_lseek().
    if case .synthetic(let node) = state.open[file].path.node, isText(node) { try files.seekSequence(el1, file, node, to: sum) }
    state.open[file].offset = sum
    return .done(UInt64(bitPattern: sum))
  }

  private func isSynthetic(_ file: OpenFileID) -> Bool {
    if case .synthetic = state.open[file].path.node { true } else { false }
  }
  private func isText(_ node: SyntheticNode) -> Bool {
    switch SyntheticTree.file(node)?.body {
    case .text, .stored, .records: true
    case .computed, .bytes, .memory, .link, nil: false
    }
  }
  private func isComputed(_ file: OpenFileID) -> Bool {
    guard case .synthetic(let node) = state.open[file].path.node else { return false }
    switch SyntheticTree.file(node)?.body {
    case .computed, .memory: return true
    default: return false
    }
  }

  private func dataOrHole(_ file: OpenFileID, _ offset: Int64, _ size: Int64, isData: Bool) throws(Errno) -> Int64 {
    guard let contents = contents(of: file), mm.state.files[contents].kind == .shmem else { return isData ? offset : size }
    var page = UInt64(offset) >> 12
    if isData {
      guard let first = mm.state.files[contents].pages.first(page, (UInt64(size) + 0xfff) >> 12) else { throw .ENXIO }
      page = first
    } else {
      page = mm.state.files[contents].pages.firstMissing(from: page)
    }
    // The end of the last possible page of a file is too large to be an offset.
    return min(max(offset, Int64(clamping: page << 12)), size)
  }

  private func isDevice(_ id: OpenFileID) -> Bool {
    if case .inode(let inode) = state.open[id].path.node, case .device = state.inodes[inode].kind { true } else { false }
  }

  /// The page cache's file behind an open regular file; nil for every other kind.
  func contents(of id: OpenFileID) -> FileID? {
    if case .inode(let inode) = state.open[id].path.node { state.inodes[inode].contents } else { nil }
  }
  private func fileSize(_ id: OpenFileID) -> UInt64 { contents(of: id).map { mm.state.files[$0].size } ?? 0 }

  /// No file is a terminal. FIONREAD works only on pipes; FIONBIO and FIOCLEX work on all files.
  func ioctl(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let descriptor = a.int(0)
    let file = try files.openFile(descriptor)
    switch a.unsigned(1) {
    case 0x5450, 0x5451:  // FIONCLEX, FIOCLEX
      state.tables[files.currentFiles][descriptor]?.closesOnExec = a.unsigned(1) == 0x5451
    case 0x5421:  // FIONBIO
      let isOn = try user(el1).get(a[2], as: UInt32.self) != 0
      state.open[file].flags = state.open[file].flags & ~OpenFlags.NONBLOCK | (isOn ? OpenFlags.NONBLOCK : 0)
    case 0x541b:  // FIONREAD
      guard case .inode(let inode) = state.open[file].path.node else { throw .ENOTTY }
      switch state.inodes[inode].kind {
      case .pipe(let pipe): try user(el1).put(a[2], UInt32(state.pipes[pipe].count))
      case .regular(let contents):
        try user(el1).put(a[2], UInt32(truncatingIfNeeded: Int64(mm.state.files[contents].size) &- state.open[file].offset))
      default: throw .ENOTTY
      }
    default: throw .ENOTTY
    }
    return .done(0)
  }
}
