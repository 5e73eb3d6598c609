// Owns the latest changes of a program's mappings: which call made each of them, and from where in the program. It does not know who
// records them, or the names of the places.
import Architecture
import LinuxKernel
import LinuxMM

/// A change of a range of an address space by a system call.
public struct MappingEvent: Hashable, Sendable {
  /// What the history keeps of each event in place.
  struct Head: Hashable, Sendable {
    let change: MappingChange
    let rights: UInt8
    let space: MMID
    let task: TaskID
    let start: UInt64
    let end: UInt64
    let instruction: UInt64
    let systemCall: UInt64
    let pc: UInt64
    let linkRegister: UInt64
  }
  let head: Head
  /// The return addresses that the frame records lead to at the call, the innermost first.
  public let callers: [UInt64]

  public var change: MappingChange { head.change }
  /// The addresses from `start` to below `end`, whole pages.
  public var start: UInt64 { head.start }
  public var end: UInt64 { head.end }
  /// The access rights after the change: 1 read, 2 write, 4 execute.
  public var rights: UInt8 { head.rights }
  public var space: MMID { head.space }
  public var task: TaskID { head.task }
  /// The number of instructions that had retired, and the number of the system call.
  public var instruction: UInt64 { head.instruction }
  public var systemCall: UInt64 { head.systemCall }
  /// The address of the SVC, and the link register then.
  public var pc: UInt64 { head.pc }
  public var linkRegister: UInt64 { head.linkRegister }
}

/// The latest changes of mappings of all address spaces, the oldest first.
///
/// Every mapping call of a run comes here, so an event has no storage of its own: the return addresses of all events stand in one array.
public struct MappingHistory: Sendable {
  public static let limit = 10_000
  /// How many return addresses of a call are kept.
  public static let callerLimit = 12

  private struct Entry {
    let head: MappingEvent.Head
    let layout: Int
    /// The number of return addresses that had been added before this event's, since the beginning.
    let callers: Int
  }
  private var log: [Entry] = []
  private var callers: [UInt64] = []
  /// The number of return addresses that are no longer kept.
  private var droppedCallers = 0
  /// The number of all changes, including those that are no longer kept.
  public private(set) var count = 0
  /// The layout that each address space has. A new program begins a new layout, and the kernel may give its space the number of an old one.
  private var layouts: [MMID: Int] = [:]
  /// The row of `layouts` that was used last.
  private var latest: (space: MMID, layout: Int)?
  /// Of the layout of a forked process: its parent's layout, and the number of changes before the fork.
  private var origins: [Int: (parent: Int, changes: Int)] = [:]
  private var nextLayout = 0

  /// The changes that an address of an address space has seen, the latest first, with those before the forks that led to it.
  public func events(at address: UInt64, in space: MMID) -> [MappingEvent] {
    var layout = layouts[space]
    var end = count
    var found: [MappingEvent] = []
    for (place, entry) in log.enumerated().reversed() {
      let number = count - log.count + place
      while let origin = layout.flatMap({ origins[$0] }), number < origin.changes { (layout, end) = (origin.parent, origin.changes) }
      let isAbout = entry.head.start <= address && address < entry.head.end
      if entry.layout == layout && number < end && isAbout { found.append(MappingEvent(head: entry.head, callers: callers(of: place))) }
    }
    return found
  }

  private func callers(of place: Int) -> [UInt64] {
    let end = place + 1 < log.count ? log[place + 1].callers : droppedCallers + callers.count
    return Array(callers[log[place].callers - droppedCallers..<end - droppedCallers])
  }

  /// Adds an event, and then `addCallers` appends its return addresses.
  mutating func add(_ head: MappingEvent.Head, addCallers: (inout [UInt64]) -> Void) {
    count += 1
    if log.isEmpty {
      log.reserveCapacity(2 * Self.limit)
      callers.reserveCapacity(2 * Self.limit * Self.callerLimit)
    }
    if log.count == 2 * Self.limit { dropOldest() }
    if latest?.space != head.space { latest = (head.space, layouts[head.space] ?? begin(head.space)) }
    log.append(Entry(head: head, layout: latest!.layout, callers: droppedCallers + callers.count))
    addCallers(&callers)
  }

  private mutating func dropOldest() {
    log.removeFirst(Self.limit)
    let dropped = log[0].callers - droppedCallers
    callers.removeFirst(dropped)
    droppedCallers += dropped
  }

  /// Begins a new layout in an address space, because a program starts there.
  @discardableResult
  mutating func begin(_ space: MMID) -> Int {
    nextLayout += 1
    layouts[space] = nextLayout
    latest = nil
    return nextLayout
  }

  /// Begins a copy of a parent's layout.
  mutating func fork(_ parent: MMID, to child: MMID) {
    let origin = layouts[parent] ?? begin(parent)
    origins[begin(child)] = (origin, count)
    // A layout that is long gone only costs its history.
    if origins.count > Self.limit { origins = origins.filter { $0.key > nextLayout - Self.limit / 2 } }
  }
}

extension Session {
  /// Keeps a record of a mapping's change, or of a program's start.
  func note(_ record: TraceRecord) {
    if record.kind == .programStarted {
      mappingHistory.begin(MMID(Int(record.c)))
      forgetExecuted()
    }
    if record.kind == .taskCreated { return noteTask(record) }
    guard record.kind == .mapping, let change = MappingChange(rawValue: record.detail) else { return }
    let el1 = processor.el1
    let task = TaskID(record.task)
    let space = MMID(Int(record.c >> 8))
    var (call, frame, link, pc) = (el1[x: 8], el1[x: 29], el1[x: 30], processor.pc)
    // The state of the kernel is large, and reading it from here would copy it.
    if el1.block.pointee.task != record.task {
      // A task that has ended since then has no registers to look at.
      guard let saved = kernel.registers(el1, of: task) else { return }
      (call, frame, link, pc) = (saved.general[8], saved.general[29], saved.general[30], saved[.ELR_EL1])
    }
    let head = MappingEvent.Head(
      change: change, rights: UInt8(record.c & 7), space: space, task: task, start: record.a, end: record.b,
      instruction: record.instruction,
      systemCall: call, pc: pc &- 4, linkRegister: link)
    let memory = kernel.mm
    // A file is cut for all who map it.
    let caller = change == .truncated ? kernel.tasks.first { $0.id == task }?.space ?? space : space
    mappingHistory.add(head) { Self.addReturnAddresses(from: frame, in: caller, memory, el1, to: &$0) }
  }

  /// A new process has a copy of its parent's mappings; a thread shares them.
  private func noteTask(_ record: TraceRecord) {
    func space(_ id: Int32) -> MMID? { kernel.tasks.first { $0.id.rawValue == id }?.space }
    if let parent = space(record.task), let child = space(Int32(truncatingIfNeeded: record.a)), child != parent {
      mappingHistory.fork(parent, to: child)
    }
  }

  /// The return addresses in the frame records from X29 on. A record is the caller's X29 and the return address. AAPCS64, "The Frame
  /// Pointer". Every mapping call of a run comes here, so the words are read in place.
  private static func addReturnAddresses(
    from first: UInt64, in space: MMID, _ memory: MemoryManager, _ el1: EL1Interface, to addresses: inout [UInt64]
  ) {
    var frame = first
    var (page, place) = (UInt64.max, UInt64(0))
    // An aligned record never crosses a page.
    for _ in 0..<MappingHistory.callerLimit where frame != 0 && frame & 15 == 0 && frame < Layout48.taskSize {
      if frame & ~0xfff != page {
        guard let found = memory.visiblePage(el1, space, frame) else { break }
        (page, place) = (frame & ~0xfff, found & ~0xfff)
      }
      let record = el1.hostAddress(PhysicalAddress(place + frame & 0xfff), size: 16)
      let (older, link) = (record.loadUnaligned(as: UInt64.self), record.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      if link == 0 { break }
      addresses.append(link)
      // The stack grows down, so an older record is at a higher address.
      if older <= frame { break }
      frame = older
    }
  }
}
