// Owns mmap and brk: argument checks in Linux's order, placement, and the new VMA.
// It does not know registers or file descriptors. Linux: mm/mmap.c, mm/vma.c.
import Architecture

/// MAP_* as user space passes them.
public enum MapFlags {
  public static let SHARED: UInt64 = 0x1
  public static let PRIVATE: UInt64 = 0x2
  public static let SHARED_VALIDATE: UInt64 = 0x3
  public static let DROPPABLE: UInt64 = 0x8
  public static let typeMask: UInt64 = 0xf
  public static let FIXED: UInt64 = 0x10
  public static let ANONYMOUS: UInt64 = 0x20
  public static let GROWSDOWN: UInt64 = 0x100
  public static let LOCKED: UInt64 = 0x2000
  public static let NORESERVE: UInt64 = 0x4000
  public static let POPULATE: UInt64 = 0x8000
  /// Cancels POPULATE.
  public static let NONBLOCK: UInt64 = 0x1_0000
  public static let STACK: UInt64 = 0x2_0000
  /// The page size is in bits 31:26.
  public static let HUGETLB: UInt64 = 0x4_0000
  public static let FIXED_NOREPLACE: UInt64 = 0x10_0000
  /// The types that exist, and the flags that are known.
  public static let known: UInt64 = legacy | FIXED_NOREPLACE | DROPPABLE
  /// The flags that MAP_SHARED_VALIDATE accepts. Linux: LEGACY_MAP_MASK and MAP_FIXED_NOREPLACE, without MAP_SYNC.
  static let legacy: UInt64 =
    0x3 | FIXED | ANONYMOUS | 0x1900 | GROWSDOWN | LOCKED | NORESERVE | POPULATE | NONBLOCK | STACK | HUGETLB | 0x3f << 26
}

/// The part of a file that is mapped, and the rights of its opener.
public struct MappedFile: Sendable {
  /// The file; none for /dev/zero, whose mappings are anonymous memory with the rights of a file.
  public var id: FileID
  /// The first page of the file.
  public var offset: UInt64
  public var isReadable: Bool
  public var isWritable: Bool
  /// Whether the file system lets its files be executed. Linux: path_noexec().
  public var isExecutable: Bool
  public init(id: FileID, offset: UInt64, isReadable: Bool, isWritable: Bool, isExecutable: Bool = true) {
    self.id = id
    self.offset = offset
    self.isReadable = isReadable
    self.isWritable = isWritable
    self.isExecutable = isExecutable
  }
}

/// The arguments of mmap. Linux: the arguments of do_mmap().
public struct MapRequest: Sendable {
  /// The virtual address, or a hint unless the flags ask for this exact address.
  public var address: UInt64
  /// The length in bytes.
  public var length: UInt64
  /// PROT_* and MAP_*.
  public var protection: UInt64
  public var flags: UInt64
  /// The file; nil for anonymous memory.
  public var file: MappedFile?

  public init(address: UInt64, length: UInt64, protection: UInt64, flags: UInt64, file: MappedFile? = nil) {
    self.address = address
    self.length = length
    self.protection = protection
    self.flags = flags
    self.file = file
  }

  func has(_ flag: UInt64) -> Bool { flags & flag != 0 }
  /// The file whose pages are mapped; nil for anonymous memory and for /dev/zero.
  var pagedFile: MappedFile? { file?.id == FileID.none ? nil : file }
  var type: UInt64 { flags & MapFlags.typeMask }
  /// Whether the address must be used exactly.
  var isFixed: Bool { has(MapFlags.FIXED | MapFlags.FIXED_NOREPLACE) }
  /// Whether its pages are brought in at once.
  var populates: Bool { has(MapFlags.LOCKED) || flags & (MapFlags.POPULATE | MapFlags.NONBLOCK) == MapFlags.POPULATE }
}

extension MemoryManager {
  /// mmap of a file or of anonymous memory. Unknown protection bits and flags are ignored, as in Linux. Linux: do_mmap(),
  /// __mmap_region().
  public func mmap(_ el1: EL1Interface, _ mm: MMID, task: TaskID, _ wanted: MapRequest) throws(Errno) -> UInt64 {
    var request = wanted
    if let file = request.pagedFile, isHugetlb(file.id) {
      request.length = Self.rounded(request.length, hugetlbPageSize(of: file.id))
    } else if request.has(MapFlags.HUGETLB) {
      if request.file != nil { throw .EINVAL }
      return try mmapHugetlb(el1, mm, task: task, request)
    }
    mmapWriteLock(el1, mm)
    let start: UInt64
    do throws(Errno) {
      start = try mmapLocked(el1, mm, request)
    } catch {
      mmapWriteUnlock(el1, mm)
      throw error
    }
    mmapWriteUnlock(el1, mm)
    // Pages that cannot be brought in are left to later faults.
    let isLocked = state[mm].index(containing: start).map { state[mm].vmas[$0].flags.contains(.LOCKED) }
    if isLocked == true || request.populates {
      populate(el1, mm, task: task, start, start + ((request.length + 0xfff) & ~0xfff))
    }
    return start
  }

  /// The part under the mmap lock, which the caller holds for writing. Linux: do_mmap().
  func mmapLocked(_ el1: EL1Interface, _ mm: MMID, _ request: MapRequest) throws(Errno) -> UInt64 {
    if request.length == 0 { throw .EINVAL }
    let size = (request.length &+ 0xfff) & ~0xfff
    if size == 0 { throw .ENOMEM }
    let file = request.pagedFile
    if let file = request.file, file.offset &+ size >> 12 < file.offset { throw .EOVERFLOW }
    if state[mm].vmas.count > state.settings.maximumMapCount || !hasRoomForArea { throw .ENOMEM }
    let isHugetlb = file.map { self.isHugetlb($0.id) } ?? false
    let start =
      isHugetlb
      ? try hugetlbUnmappedArea(mm, request, size, pageSize: hugetlbPageSize(of: file!.id))
      : try unmappedArea(mm, request, size)
    var vmFlags = access(request.protection).union(.may).union(state[mm].defaultFlags)
    try addSharing(request, size, to: &vmFlags)
    if request.has(MapFlags.GROWSDOWN) { vmFlags.insert(.GROWSDOWN) }
    // A thread's stack should stay small.
    if request.has(MapFlags.STACK) { vmFlags.insert(.NOHUGEPAGE) }
    if request.has(MapFlags.LOCKED) { vmFlags.insert(.LOCKED) }
    if request.has(MapFlags.NORESERVE) && (state.settings.overcommit != .never || isHugetlb) { vmFlags.insert(.NORESERVE) }
    if !mayExpand(mm, vmFlags, by: size, replacing: mappedBytes(mm, start, start + size)) { throw .ENOMEM }
    if file == nil && vmFlags.contains(.MAYSHARE) && !vmFlags.contains(.NORESERVE) && !hasEnoughMemory(mm, size) { throw .ENOMEM }
    // Linux: accountable_mapping().
    if vmFlags.isSuperset(of: .WRITE) && vmFlags.isDisjoint(with: [.NORESERVE, .SHARED]) && !isHugetlb {
      if !hasEnoughMemory(mm, size, replacing: mappedBytes(mm, start, start + size, charged: true)) { throw .ENOMEM }
      vmFlags.insert(.ACCOUNT)
    }
    try unmapLocked(el1, mm, start, start + size)
    var vma = VMArea(start: start, end: start + size, flags: vmFlags, pageOffset: start >> 12)
    if let file {
      (vma.file, vma.pageOffset) = (file.id, file.offset)
      if isHugetlb { vma = try preparedHugetlbMapping(el1, vma) }
    } else if vmFlags.contains(.MAYSHARE) {
      // Shared anonymous memory is a nameless file of its own. Linux: shmem_zero_setup().
      vma.file = createFile(.shmem, name: Array("/dev/zero (deleted)".utf8), size: size, inode: state.nextSharedInode())
      vma.pageOffset = request.file?.offset ?? 0
      if !vmFlags.contains(.NORESERVE) { chargeWhole(vma.file) }
    }
    insertVMA(el1, mm, vma)
    if vma.flags.contains(.LOCKED) { state[mm].lockedPages += Int(size >> 12) }
    if file == nil && vma.file != .none { releaseFile(el1, vma.file) }
    return start
  }

  /// VM_SHARED and the rights that the VMA may get later, by the kind of mapping and the way in which the file was opened. Linux:
  /// the middle of do_mmap().
  private func addSharing(_ request: MapRequest, _ size: UInt64, to vmFlags: inout VMFlags) throws(Errno) {
    let type = request.type
    let isShared = type == MapFlags.SHARED || request.file != nil && type == MapFlags.SHARED_VALIDATE
    if type == MapFlags.DROPPABLE && request.file == nil {
      if request.has(MapFlags.GROWSDOWN) { throw .EINVAL }
      // It needs no reserve, and neither a fork nor a core has it.
      return vmFlags.formUnion([.DROPPABLE, .NORESERVE, .WIPEONFORK, .DONTDUMP])
    }
    if !isShared && type != MapFlags.PRIVATE { throw .EINVAL }
    guard let file = request.file else {
      if isShared && request.has(MapFlags.GROWSDOWN) { throw .EINVAL }
      if isShared { vmFlags.formUnion([.SHARED, .MAYSHARE]) }
      return
    }
    // Linux: file_mmap_ok().
    if file.offset > (Self.maximumFileSize - size) >> 12 { throw .EOVERFLOW }
    if isShared {
      if type == MapFlags.SHARED_VALIDATE && request.has(~MapFlags.legacy) { throw .EOPNOTSUPP }
      if vmFlags.contains(.WRITE) && !file.isWritable { throw .EACCES }
      vmFlags.formUnion(file.isWritable ? [.SHARED, .MAYSHARE] : .MAYSHARE)
      if !file.isWritable { vmFlags.remove(.MAYWRITE) }
    }
    if !file.isReadable { throw .EACCES }
    if !file.isExecutable {
      if vmFlags.contains(.EXEC) { throw .EPERM }
      vmFlags.remove(.MAYEXEC)
    }
    if request.has(MapFlags.GROWSDOWN) { throw .EINVAL }
    if file.id != .none { try applySeals(file.id, to: &vmFlags) }
  }

  /// The address of a new mapping: exactly the requested one, or the hint if that is free, or else the best free range. Linux:
  /// round_hint_to_min(), __get_unmapped_area(), generic_get_unmapped_area_topdown().
  private func unmappedArea(_ mm: MMID, _ request: MapRequest, _ size: UInt64) throws(Errno) -> UInt64 {
    let (address, lowest) = (request.address, state.settings.lowestHint)
    if size > Layout48.taskSize - lowest { throw .ENOMEM }
    if request.isFixed {
      if address > Layout48.taskSize - size { throw .ENOMEM }
      if address & 0xfff != 0 { throw .EINVAL }
      if request.has(MapFlags.FIXED_NOREPLACE) && state[mm].overlaps(address, address + size) { throw .EEXIST }
      return address
    }
    let hint = address & ~0xfff
    if hint != 0 {
      let wanted = max(hint, lowest)
      if wanted <= Layout48.taskSize - size && state[mm].isFree(wanted, size) { return wanted }
    }
    // Alignment to huge pages is used only if the program gave no hint.
    let found = hint == 0 ? state[mm].unmappedArea(size, lowest: lowest) : state[mm].freeRange(size, lowest: lowest)
    guard let found else { throw .ENOMEM }
    return found
  }

  // MARK: brk

  /// Where the heap starts, and the size in bytes of the program's data segment; set by exec.
  public func setBrk(_ mm: MMID, start: UInt64, dataSize: UInt64 = 0) {
    state[mm].dataSize = dataSize
    state[mm].brkStart = start
    state[mm].brk = start
  }

  /// brk: returns the new end of the heap, or the old one if the heap cannot move. Linux: mm/mmap.c brk().
  public func brk(_ el1: EL1Interface, _ mm: MMID, task: TaskID, _ value: UInt64) -> UInt64 {
    mmapWriteLock(el1, mm)
    let old = state[mm].brk
    if value >= state[mm].brkStart && value <= Layout48.taskSize - 0x1000 && allowsHeap(mm, endingAt: value)
      && moveBrk(el1, mm, from: old, to: value)
    {
      state[mm].brk = value
    }
    let new = state[mm].brk
    let isLocked = state[mm].defaultFlags.contains(.LOCKED)
    mmapWriteUnlock(el1, mm)
    if isLocked && new > old { populate(el1, mm, task: task, (old + 0xfff) & ~0xfff, (new + 0xfff) & ~0xfff) }
    return new
  }

  /// Whether RLIMIT_DATA allows the heap to end at an address. Even a smaller heap may be too large. Linux: check_data_rlimit().
  private func allowsHeap(_ mm: MMID, endingAt value: UInt64) -> Bool {
    let limit = state[mm].limits.data
    return limit == MemoryLimits.infinity || value - state[mm].brkStart + state[mm].dataSize <= limit
  }

  private func moveBrk(_ el1: EL1Interface, _ mm: MMID, from old: UInt64, to new: UInt64) -> Bool {
    let oldEnd = (old + 0xfff) & ~0xfff
    let newEnd = (new + 0xfff) & ~0xfff
    if newEnd < oldEnd {
      // A heap that the program has unmapped itself cannot shrink.
      if !state[mm].overlaps(newEnd, oldEnd) { return false }
      do { try unmapLocked(el1, mm, newEnd, oldEnd) } catch { return false }
    } else if newEnd > oldEnd {
      // One page stays free above the heap, and a stack keeps its guard gap.
      let size = newEnd - oldEnd
      if !state[mm].isFree(oldEnd, size + 0x1000) { return false }
      let flags = VMFlags.may.union([.READ, .WRITE, .ACCOUNT]).union(state[mm].defaultFlags)
      if !mayExpand(mm, flags, by: size) { return false }
      if state[mm].vmas.count > state.settings.maximumMapCount || !hasEnoughMemory(mm, size) { return false }
      if flags.contains(.LOCKED) { state[mm].lockedPages += Int(size >> 12) }
      insertVMA(el1, mm, VMArea(start: oldEnd, end: newEnd, flags: flags, pageOffset: oldEnd >> 12, purpose: .heap))
    }
    return true
  }
}
