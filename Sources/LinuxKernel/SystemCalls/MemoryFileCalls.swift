// Owns memfd_create, fallocate, and the checks of mmap on a descriptor. It does not know how pages come in: LinuxMM does. Linux:
// mm/memfd.c, mm/shmem.c, mm/mmap.c.
import Architecture
import LinuxMM

extension FileCalls {
  private enum MemoryFileFlags {
    static let CLOEXEC: UInt32 = 1, ALLOW_SEALING: UInt32 = 2, HUGETLB: UInt32 = 4, NOEXEC_SEAL: UInt32 = 8, EXEC: UInt32 = 0x10
  }

  func memfdCreate(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    var flags = a.unsigned(1)
    let known = MemoryFileFlags.CLOEXEC | MemoryFileFlags.ALLOW_SEALING | MemoryFileFlags.NOEXEC_SEAL | MemoryFileFlags.EXEC
    // With MFD_HUGETLB, the top bits of the flags give the size of the pages.
    let isHugetlb = flags & MemoryFileFlags.HUGETLB != 0
    if flags & ~(isHugetlb ? known | MemoryFileFlags.HUGETLB | 0xfc00_0000 : known) != 0 { throw .EINVAL }
    if flags & MemoryFileFlags.EXEC != 0 && flags & MemoryFileFlags.NOEXEC_SEAL != 0 { throw .EINVAL }
    // Linux: check_sysctl_memfd_noexec().
    if flags & (MemoryFileFlags.EXEC | MemoryFileFlags.NOEXEC_SEAL) == 0 {
      flags |= settings.memoryFileExecution == 0 ? MemoryFileFlags.EXEC : MemoryFileFlags.NOEXEC_SEAL
    }
    if flags & MemoryFileFlags.NOEXEC_SEAL == 0 && settings.memoryFileExecution == 2 { throw .EACCES }
    // The name must fit into NAME_MAX together with the prefix "memfd:".
    let name = try user(el1).getString(a[0], limit: 250, tooLong: .EINVAL)
    _ = try state.tables[files.currentFiles].lowestFree(limit: files.descriptorLimit)
    let text = Array("/memfd:".utf8) + name + Array(" (deleted)".utf8)
    let contents =
      isHugetlb ? try mm.createHugetlbFile(name: text, sizeBits: UInt64(flags) >> 26) : mm.createFile(.shmem, name: text, size: 0)
    let permissions: UInt32 = flags & MemoryFileFlags.NOEXEC_SEAL != 0 ? 0o666 : 0o777
    let inode = files.makeRegularInode(contents, permissions: permissions, device: isHugetlb ? .hugetlbfs : .shmem)
    state.inodes[inode].links = 0
    state.inodes[inode].name = name
    if flags & MemoryFileFlags.NOEXEC_SEAL != 0 {
      mm.setSeals(contents, .EXEC)
    } else if flags & MemoryFileFlags.ALLOW_SEALING != 0 {
      mm.setSeals(contents, [])
    }
    let file = files.openDescription(Path(mount: .none, node: .inode(inode)), flags: OpenFlags.RDWR | OpenFlags.LARGEFILE)
    return .done(UInt64(try files.installDescriptor(el1, file, closesOnExec: flags & MemoryFileFlags.CLOEXEC != 0)))
  }

  /// Linux: memfd_add_seals().
  func addSeals(_ file: OpenFileID, _ seals: UInt32) throws(Errno) {
    if !state.open[file].isWritable { throw .EPERM }
    guard case .inode(let id) = state.open[file].path.node, let contents = state.inodes[id].contents else { throw .EINVAL }
    try mm.addSeals(contents, seals, isWritable: true, isExecutable: state.inodes[id].permissions & 0o111 != 0)
  }

  private enum AllocateFlags { static let KEEP_SIZE: UInt32 = 1, PUNCH_HOLE: UInt32 = 2 }

  /// Linux: vfs_fallocate(), shmem_fallocate().
  func fallocate(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let file = try files.openFile(a.int(0))
    let mode = a.unsigned(1)
    let (offset, length) = (Int64(bitPattern: a[2]), Int64(bitPattern: a[3]))
    if offset < 0 || length <= 0 { throw .EINVAL }
    if mode & ~0xff != 0 { throw .EOPNOTSUPP }
    if mode & AllocateFlags.PUNCH_HOLE != 0 && mode & AllocateFlags.KEEP_SIZE == 0 { throw .EOPNOTSUPP }
    if !state.open[file].isWritable { throw .EBADF }
    guard case .inode(let id) = state.open[file].path.node else { throw .ENODEV }
    switch state.inodes[id].kind {
    case .pipe: throw .ESPIPE
    case .directory: throw .EISDIR
    case .regular: break
    default: throw .ENODEV
    }
    let (end, overflow) = offset.addingReportingOverflow(length)
    if overflow { throw .EFBIG }
    guard let contents = state.inodes[id].contents, [.shmem, .hugetlb].contains(mm.state.files[contents].kind),
      mode & ~(AllocateFlags.KEEP_SIZE | AllocateFlags.PUNCH_HOLE) == 0
    else { throw .EOPNOTSUPP }
    if mode & AllocateFlags.PUNCH_HOLE != 0 {
      try mm.punchHole(el1, contents, offset: UInt64(offset), length: UInt64(length))
      return .done(0)
    }
    let size = mm.state.files[contents].size
    let keepsSize = mode & AllocateFlags.KEEP_SIZE != 0
    if UInt64(end) > size { try files.checkFileSize(UInt64(end)) }
    if UInt64(length) >> 12 > UInt64(mm.state.frames.managed) { throw .ENOSPC }
    try mm.allocateFile(el1, contents, offset: UInt64(offset), length: UInt64(length), keepsSize: keepsSize)
    files.noteModified(state.open[file].path)
    return .done(0)
  }

  // MARK: mmap

  /// The file behind a descriptor for mmap. Throws EBADF, EACCES, and ENODEV if the file cannot be mapped. Linux: do_mmap(),
  /// shmem_mmap(), mmap_zero().
  func mappedFile(_ a: SystemCallArguments) throws(Errno) -> MappedFile {
    let file = try files.openFile(a.int(4))
    let open = state.open[file]
    guard case .inode(let id) = open.path.node else { throw try unmappable(open, a) }
    switch state.inodes[id].kind {
    case .device(.zero): return mappedFile(.none, open, a)
    case .regular(let contents): return mappedFile(contents, open, a)
    default: throw try unmappable(open, a)
    }
  }
  private func mappedFile(_ contents: FileID, _ open: OpenFile, _ a: SystemCallArguments) -> MappedFile {
    MappedFile(
      id: contents, offset: a[5] >> 12, isReadable: open.isReadable, isWritable: open.isWritable,
      isExecutable: files.allowsExecution(open.path))
  }

  /// The error for a file that cannot be mapped. The mode in which the file was opened is checked first.
  private func unmappable(_ open: OpenFile, _ a: SystemCallArguments) throws(Errno) -> Errno {
    if a[1] == 0 { return .EINVAL }
    let type = a[3] & MapFlags.typeMask
    if type == 0 || type > MapFlags.SHARED_VALIDATE { return .EINVAL }
    if type != MapFlags.PRIVATE && a[2] & 2 != 0 && !open.isWritable { return .EACCES }
    if !open.isReadable { return .EACCES }
    return a[2] & 4 != 0 && !files.allowsExecution(open.path) ? .EPERM : .ENODEV
  }
}
