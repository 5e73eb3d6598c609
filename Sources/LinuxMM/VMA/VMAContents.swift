// Owns a summary of the contents of VMAs that stand together in the tree, so that a search can skip all of them at once.
// It does not know pages. Linux uses interval trees for this: i_mmap of a file, rb_root of an anon_vma.

/// A set of files and roots of anon_vmas, kept as one bit for each class of numbers modulo 32, and a range of page indices around
/// everything that is mapped. Contents outside the summary are not mapped; contents inside it may be.
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

  /// The summary of pages [first, end) of a file.
  init(of file: FileID, _ first: UInt64, _ end: UInt64) { (owners, firstPage, endPage) = (Self.bit(file), first, end) }
  /// The summary of pages [first, end) of anonymous memory, by the root of its anon_vma.
  init(ofRoot root: AnonVMAID, _ first: UInt64, _ end: UInt64) { (owners, firstPage, endPage) = (Self.bit(root: root), first, end) }

  private static func bit(_ file: FileID) -> UInt64 { 1 << UInt64(file.rawValue & 31) }
  private static func bit(root: AnonVMAID) -> UInt64 { 1 << UInt64(32 | root.rawValue & 31) }

  mutating func formUnion(_ other: Self) {
    owners |= other.owners
    firstPage = min(firstPage, other.firstPage)
    endPage = max(endPage, other.endPage)
  }

  /// False if the two summaries have nothing in common.
  func mayMeet(_ other: Self) -> Bool { owners & other.owners != 0 && firstPage < other.endPage && other.firstPage < endPage }
}
