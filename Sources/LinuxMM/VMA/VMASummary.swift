// Owns the summary that a node of the tree of VMAs keeps of everything below one of its children, so that a search can skip it.
// It does not know the tree's form.

/// A summary of a run of VMAs in the order of their addresses: their number, the start of the first and the end of the last, the
/// contents that they may map, and the gaps between them.
struct VMASummary: Hashable, Sendable {
  private(set) var count = 0
  private(set) var start: UInt64 = 0
  private(set) var end: UInt64 = 0
  /// The widest gap between two neighbours, in bytes.
  private(set) var widestGap: UInt64 = 0
  /// The files and anon_vmas that they map, and the lowest and the highest page index.
  private(set) var contents = VMAContents()
  private(set) var totals = AddressSpaceTotals()

  init() {}

  /// Adds one VMA behind those that were added before.
  mutating func add(_ vma: VMArea) {
    join(vma.start, vma.end)
    count &+= 1
    contents.formUnion(VMAContents(vma))
    totals.add(vma)
  }

  /// Adds all VMAs of another run, behind those that were added before.
  mutating func add(_ other: Self) {
    join(other.start, other.end)
    count &+= other.count
    widestGap = max(widestGap, other.widestGap)
    contents.formUnion(other.contents)
    totals.add(other.totals)
  }

  private mutating func join(_ nextStart: UInt64, _ nextEnd: UInt64) {
    if count == 0 { start = nextStart } else { widestGap = max(widestGap, nextStart &- end) }
    end = nextEnd
  }
}
