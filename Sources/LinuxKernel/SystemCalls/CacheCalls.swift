// Owns cachestat: how much of a range of a file is in RAM. It does not know why pages are there: LinuxMM does. Linux: mm/filemap.c.
import Architecture
import LinuxMM

extension FileCalls {
  /// cachestat(fd, range, answer, flags). No page is ever dirty, written back or evicted, because no file has a disk behind it. A length of
  /// 0 means the rest of the file. Throws EOPNOTSUPP for pool memory.
  func cachestat(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let file = try files.openFile(a.int(0))
    let range = try user(el1).get(a[1], count: 16)
    let (offset, length) = (range.word64(0), range.word64(8))
    var contents: FileID?
    if case .inode(let id) = state.open[file].path.node { contents = state.inodes[id].contents }
    if let contents, mm.hugetlbFilePageSize(contents) != nil { throw .EOPNOTSUPP }
    if a.unsigned(3) != 0 { throw .EINVAL }
    let first = offset >> 12
    let last = length == 0 ? UInt64.max : (offset &+ length &- 1) >> 12
    let pages = contents.map { first > last ? 0 : mm.state.files[$0].pages.pages(first, last == .max ? .max : last + 1).count } ?? 0
    // nr_cache, nr_dirty, nr_writeback, nr_evicted, nr_recently_evicted.
    let counts: [UInt64] = [UInt64(pages), 0, 0, 0, 0]
    try user(el1).put(a[2], counts.withUnsafeBytes { Array($0) })
    return .done(0)
  }
}
