// Owns remap_file_pages, which Linux emulates with mmap: other pages of the file appear in a part of a shared mapping.
// It does not know registers. Linux: mm/mmap.c.
import Architecture

extension MemoryManager {
  /// Maps the file's pages from `page` on at a range of a shared mapping, which may span several VMAs of the same kind. Of the flags only
  /// MAP_NONBLOCK counts. EINVAL for everything else. Linux: sys_remap_file_pages().
  public func remapFilePages(
    _ el1: EL1Interface, _ mm: MMID, task: TaskID, address: UInt64, length: UInt64, protection: UInt64, page: UInt64, flags: UInt64
  ) throws(Errno) {
    if protection != 0 { throw .EINVAL }
    let (start, size) = (address & ~0xfff, length & ~0xfff)
    if start &+ size <= start || page &+ size >> 12 < page { throw .EINVAL }
    mmapWriteLock(el1, mm)
    let request: MapRequest
    do throws(Errno) {
      request = try remappingRequest(mm, start, size, page, flags)
      // The file must outlive its last mapping.
      retainFile(request.file!.id)
      defer { releaseFile(el1, request.file!.id) }
      _ = try mmapLocked(el1, mm, request)
    } catch {
      mmapWriteUnlock(el1, mm)
      throw error
    }
    mmapWriteUnlock(el1, mm)
    if request.populates { populate(el1, mm, task: task, start, start + size) }
  }

  /// The mmap call that has the effect.
  private func remappingRequest(
    _ mm: MMID, _ start: UInt64, _ size: UInt64, _ page: UInt64, _ flags: UInt64
  ) throws(Errno) -> MapRequest {
    guard let index = state[mm].index(containing: start) else { throw .EINVAL }
    let vma = state[mm].vmas[index]
    if !vma.flags.contains(.SHARED) { throw .EINVAL }
    var (last, end) = (index, vma.end)
    while end < start + size {
      last += 1
      guard last < state[mm].vmas.count, state[mm].vmas[last].start == end, state[mm].vmas[last].file == vma.file,
        state[mm].vmas[last].flags == vma.flags
      else { throw .EINVAL }
      end = state[mm].vmas[last].end
    }
    if isHugetlb(vma.file) && (start | size) & (hugetlbPageSize(vma) - 1) != 0 { throw .EINVAL }
    let locked = vma.flags.contains(.LOCKED) ? MapFlags.LOCKED : 0
    return MapRequest(
      address: start, length: size, protection: vma.flags.intersection(.access).rawValue,
      flags: flags & MapFlags.NONBLOCK | MapFlags.SHARED | MapFlags.FIXED | MapFlags.POPULATE | locked,
      file: MappedFile(id: vma.file, offset: page, isReadable: true, isWritable: true, isExecutable: vma.flags.contains(.MAYEXEC)))
  }
}
