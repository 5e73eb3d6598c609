// Owns what is remembered of the contents of VMAs that stand together in the tree, so that a search can pass them all by.
// It does not know pages. Linux finds the same by interval trees: i_mmap of a file, rb_root of an anon_vma.

/// A set of files and roots of anon_vmas, kept as one bit for each 32nd of them, and a range of page indices around all that is mapped:
/// what is not in here is not mapped; what is may be.
struct VMAContents: Hashable, Sendable {
  private var owners: UInt64 = 0
  private var firstPage = UInt64.max
  private var endPage: UInt64 = 0

  init() {}

  init(_ vma: VMArea) {
    if vma.file != .none { owners |= Self.bit(vma.file) }
    if vma.anonVMAChain.root != .none { owners |= Self.bit(root: vma.anonVMAChain.root) }
    firstPage = vma.pageOffset
    endPage = vma.pageOffset &+ (vma.end &- vma.start) >> 12
  }

  /// Pages [first, end) of a file.
  init(of file: FileID, _ first: UInt64, _ end: UInt64) { (owners, firstPage, endPage) = (Self.bit(file), first, end) }
  /// Pages [first, end) of anonymous memory, by the root of its anon_vma.
  init(ofRoot root: AnonVMAID, _ first: UInt64, _ end: UInt64) { (owners, firstPage, endPage) = (Self.bit(root: root), first, end) }

  private static func bit(_ file: FileID) -> UInt64 { 1 << UInt64(file.rawValue & 31) }
  private static func bit(root: AnonVMAID) -> UInt64 { 1 << UInt64(32 | root.rawValue & 31) }

  mutating func formUnion(_ other: Self) {
    owners |= other.owners
    firstPage = min(firstPage, other.firstPage)
    endPage = max(endPage, other.endPage)
  }

  /// False where the two have nothing in common.
  func mayMeet(_ other: Self) -> Bool { owners & other.owners != 0 && firstPage < other.endPage && other.firstPage < endPage }
}
