// Owns what a node of the tree of VMAs knows of all that lies below one of its children, so that a search can pass it by.
// It does not know the tree's form.

/// Of a run of VMAs in the order of their addresses: how many, where the first begins and the last ends, what they may map, and how
/// far apart they stand.
struct VMASummary: Hashable, Sendable {
  private(set) var count = 0
  private(set) var start: UInt64 = 0
  private(set) var end: UInt64 = 0
  /// The widest gap between two neighbours, in bytes.
  private(set) var widestGap: UInt64 = 0
  /// Which files and anon_vmas they map, and the lowest and the highest page index of any.
  private(set) var contents = VMAContents()
  private(set) var totals = AddressSpaceTotals()

  init() {}

  /// One VMA more behind those that were added before.
  mutating func add(_ vma: VMArea) {
    join(vma.start, vma.end)
    count &+= 1
    contents.formUnion(VMAContents(vma))
    totals.add(vma)
  }

  /// All VMAs of another run, behind those that were added before.
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
