// Owns the ways in which a fault is served, and how the counters tell which one it was. It does not know who counts, nor how a fault is
// handled.

/// How the kernel served one fault. The raw value is part of a trace record.
public enum FaultService: UInt8, Sendable, CaseIterable {
  /// The entry had changed meanwhile, or memory ran out: the instruction runs again.
  case nothing
  case zeroPage
  case newPage
  case zeroPageReplaced
  case copied
  case reused
  case filePageMapped
  case filePageRead
  case accessFlagSet
  case spurious
  case hugeZeroPage
  case hugePage
  case hugePageReused
  case hugeFilePage

  /// The way in words.
  public var text: String {
    switch self {
    case .nothing: "nothing changed"
    case .zeroPage: "zero page"
    case .newPage: "new page"
    case .zeroPageReplaced: "new page for the zero page"
    case .copied: "copied"
    case .reused: "reused"
    case .filePageMapped: "file page mapped"
    case .filePageRead: "file page read"
    case .accessFlagSet: "access flag set by software"
    case .spurious: "spurious"
    case .hugeZeroPage: "huge zero page"
    case .hugePage: "huge page"
    case .hugePageReused: "huge page reused"
    case .hugeFilePage: "huge page of a file"
    }
  }

  /// The way of the one fault between two states of the counters. A counter of the huge pages comes first, because what such a fault falls
  /// back to counts too.
  public init(from before: MemoryStatistics, to after: MemoryStatistics) {
    func grew(_ counter: KeyPath<MemoryStatistics, UInt64>) -> Bool { after[keyPath: counter] != before[keyPath: counter] }
    self = Self.counters.first { grew($0.counter) }?.way ?? .nothing
    if self == .filePageMapped && grew(\.majorFaults) { self = .filePageRead }
  }

  private static let counters: [(counter: KeyPath<MemoryStatistics, UInt64> & Sendable, way: FaultService)] = [
    (\.hugePages.faultAlloc, .hugePage),
    (\.hugePages.zeroPageFaults, .hugeZeroPage),
    (\.hugePages.reuses, .hugePageReused),
    (\.hugePages.fileMapped, .hugeFilePage),
    (\.copies, .copied),
    (\.zeroPageCopies, .zeroPageReplaced),
    (\.anonymousFaults, .newPage),
    (\.zeroPageFaults, .zeroPage),
    (\.reuses, .reused),
    (\.fileFaults, .filePageMapped),
    (\.accessFlagFaults, .accessFlagSet),
    (\.spuriousFaults, .spurious),
  ]
}
