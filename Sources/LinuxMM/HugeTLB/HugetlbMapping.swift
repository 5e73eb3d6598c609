// Owns the rules of pool memory for mmap, mremap and splits of VMAs: where it may lie, and where it may be cut.
// It does not know pages. Linux: fs/hugetlbfs/inode.c, mm/mmap.c ksys_mmap_pgoff(), mm/mremap.c.
import Architecture

extension MemoryManager {
  /// The page size of a VMA of pool memory, in bytes. Linux: huge_page_size().
  public func hugetlbPageSize(_ vma: VMArea) -> UInt64 { hugetlbPageSize(of: vma.file) }
  /// The same for a file of pool memory.
  func hugetlbPageSize(of file: FileID) -> UInt64 { 1 << UInt64(state.files[file].hugePageShift) }
  func isHugetlb(_ file: FileID) -> Bool { state.files[file].kind == .hugetlb }

  /// MAP_HUGETLB: makes a nameless file of pool memory for the mapping, private or not. EINVAL if there is no such page size.
  func mmapHugetlb(_ el1: EL1Interface, _ mm: MMID, task: TaskID, _ wanted: MapRequest) throws(Errno) -> UInt64 {
    guard let shift = HugePagePool.size(encoded: wanted.flags >> 26 & 0x3f) else { throw .EINVAL }
    var request = wanted
    request.length = Self.rounded(wanted.length, 1 << UInt64(shift))
    let id = addHugetlbFile(name: Array("/anon_hugepage (deleted)".utf8), size: request.length, shift: shift)
    defer { releaseFile(el1, id) }
    request.file = MappedFile(id: id, offset: 0, isReadable: true, isWritable: true)
    return try mmap(el1, mm, task: task, request)
  }

  /// A length rounded up to whole pages of this size. A length near 2^64 wraps to zero.
  static func rounded(_ length: UInt64, _ pageSize: UInt64) -> UInt64 { (length &+ (pageSize - 1)) & ~(pageSize - 1) }

  /// Where a mapping of pool memory goes. Linux: hugetlb_get_unmapped_area().
  func hugetlbUnmappedArea(_ mm: MMID, _ request: MapRequest, _ size: UInt64, pageSize: UInt64) throws(Errno) -> UInt64 {
    let address = request.address
    if size > Layout48.taskSize - state.settings.lowestHint { throw .ENOMEM }
    if request.isFixed {
      if address & (pageSize - 1) != 0 { throw .EINVAL }
      if address > Layout48.taskSize - size { throw .ENOMEM }
      if request.has(MapFlags.FIXED_NOREPLACE) && state[mm].overlaps(address, address + size) { throw .EEXIST }
      return address
    }
    if address & ~0xfff != 0 {
      let wanted = Self.rounded(max(address, state.settings.lowestHint), pageSize)
      if wanted != 0 && wanted <= Layout48.taskSize - size && state[mm].isFree(wanted, size) { return wanted }
    }
    let slack = pageSize - 0x1000
    guard let start = state[mm].freeRange(size + slack, lowest: state.settings.lowestHint) else { throw .ENOMEM }
    return (start + slack) & ~(pageSize - 1)
  }

  /// Makes a new VMA one of pool memory and reserves its pages. EINVAL for an offset inside a page, ENOMEM if there are too few
  /// pages. Linux: hugetlbfs_file_mmap().
  func preparedHugetlbMapping(_ el1: EL1Interface, _ new: VMArea) throws(Errno) -> VMArea {
    var vma = new
    vma.flags.formUnion([.HUGETLB, .DONTEXPAND])
    // Pool memory is never swapped, so locking has no effect.
    vma.flags.subtract(.lockedMask)
    if vma.pageOffset << 12 & (hugetlbPageSize(vma) - 1) != 0 { throw .EINVAL }
    guard let promised = reserveHugePages(el1, vma) else { throw .ENOMEM }
    let end = vma.pageIndex(of: vma.end) << 12
    if vma.flags.contains(.WRITE) { state.files[vma.file].size = max(state.files[vma.file].size, end) }
    return promised
  }

  /// Checks an address that is about to become the border of a VMA: EINVAL if it lies inside a page of pool memory, or inside a mapping
  /// of the kernel's own pages. Linux: hugetlb_vm_op_split(), special_mapping_split().
  func checkSplit(_ mm: MMID, at address: UInt64) throws(Errno) {
    let index = state[mm].firstIndex(endingAbove: address)
    guard index < state[mm].vmas.count else { return }
    let vma = state[mm].vmas[index]
    if vma.start >= address { return }
    if vma.flags.contains(.HUGETLB) && address & (hugetlbPageSize(vma) - 1) != 0 { throw .EINVAL }
    if vma.isSpecialMapping { throw .EINVAL }
  }

  /// Rounds the lengths of an mremap of pool memory to its pages. EINVAL for addresses inside a page, and for growth. Linux:
  /// align_hugetlb().
  func alignHugetlb(_ vma: VMArea, _ request: RemapRequest) throws(Errno) -> RemapRequest {
    if !vma.flags.contains(.HUGETLB) { return request }
    let size = hugetlbPageSize(vma)
    var request = request
    request.oldSize = Self.rounded(request.oldSize, size)
    request.newSize = Self.rounded(request.newSize, size)
    if (request.address | request.newAddress) & (size - 1) != 0 || request.newSize > request.oldSize { throw .EINVAL }
    return request
  }
}
