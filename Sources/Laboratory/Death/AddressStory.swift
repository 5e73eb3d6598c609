// Owns what can be said about an address of a program: its mapping, the mapping that it had, the calls that changed it, and what lies near.
// It does not know who asks, or why.
import Architecture
import LinuxKernel
import LinuxMM

/// A change of an address's mapping, and where it came from.
public struct MappingChangeStory {
  public let event: MappingEvent
  /// The functions that led to the call, the innermost first, as in `release (uaf.c:9)`.
  public let places: [String]
  /// All of it in one line.
  public let line: String
}

/// What an address is, in whole lines.
public struct AddressStory {
  let scene: Scene
  /// The address without its tag.
  public let address: UInt64

  /// What can be said about an address of the running task; nil if no task has an address space any more.
  public init?(of address: UInt64, in session: Session) {
    guard let scene = Scene(session, pc: session.programCounter) else { return nil }
    self.init(scene: scene, address: VirtualAddress(address).untagged.rawValue)
  }

  init(scene: Scene, address: UInt64) {
    self.scene = scene
    self.address = address
  }

  /// How the address is described behind the access: `which is not mapped`, `64 bytes below the stack...`.
  public var summary: String {
    if let mapping = scene.mapping(of: address) { return inside(mapping) }
    if address >> 48 != 0 { return "which is no address of user space" }
    if address < 4096 { return address == 0 ? "the null pointer" : "\(bytes(address)) behind the null pointer" }
    if let stack = stackAbove { return belowStack(stack) }
    if let last = history.first, last.change == .unmapped || last.change == .movedAway { return "which is not mapped any more" }
    return "which is not mapped"
  }

  /// The lines that the summary has no room for: who changed the mapping, or what lies on both sides.
  public var details: [String] {
    let changes = history
    if !changes.isEmpty { return changes.prefix(4).map(line) }
    if address >> 48 != 0 || address < 4096 || stackAbove != nil { return [] }
    return scene.mapping(of: address) == nil ? neighbours : []
  }

  /// Every change of the address's mapping that is kept, the latest first.
  public var allChanges: [MappingChangeStory] { stories(scene.session.mappingHistory.events(at: address, in: scene.space)) }

  /// The changes with their places and lines.
  func stories(_ events: [MappingEvent]) -> [MappingChangeStory] {
    events.map { MappingChangeStory(event: $0, places: places($0), line: line($0)) }
  }

  /// The changes of the address's mapping, the latest first, up to the one that mapped it.
  public var changes: [MappingChangeStory] { stories(history) }

  var history: [MappingEvent] {
    let events = scene.session.mappingHistory.events(at: address, in: scene.space)
    guard let made = events.firstIndex(where: { $0.change == .mapped || $0.change == .movedHere }) else { return events }
    return Array(events[...made])
  }

  private func inside(_ mapping: VMArea) -> String {
    let name = self.name(of: mapping)
    if mapping.file != .none, isBeyondEnd(mapping) {
      let size = scene.session.kernel.mm.state.files[mapping.file].size
      return "which lies behind the end of \(name.isEmpty ? "its file" : name) (\(bytes(size)))"
    }
    let symbol = scene.debug.symbols.name(address).map { "<\($0)>, " } ?? ""
    return symbol + "in the mapping \(range(mapping.start, mapping.end)) \(mapping.rights)" + (name.isEmpty ? "" : " \(name)")
  }

  /// Whether the page of the address begins behind the end of the mapped file.
  private func isBeyondEnd(_ mapping: VMArea) -> Bool {
    let file = scene.session.kernel.mm.state.files[mapping.file]
    return mapping.pageIndex(of: address) << 12 >= (file.size + 0xfff) & ~0xfff
  }

  // MARK: The stack

  /// The stack below whose lowest page the address lies, if it is near enough to be meant for it: within 1 MiB, the distance of a frame with
  /// a large array.
  private var stackAbove: VMArea? {
    guard let above = scene.session.kernel.mm.vmas(scene.space).first(where: { $0.start > address }), above.flags.contains(.GROWSDOWN),
      above.start - address <= 1 << 20
    else { return nil }
    return above
  }

  private func belowStack(_ stack: VMArea) -> String {
    let size = stack.end - stack.start
    let limit = scene.session.kernel.mm.state[scene.space].limits.stack
    let distance = bytes(stack.start - address)
    // The stack grows in whole pages and keeps a gap of 256 pages below it. Linux: stack_guard_gap.
    if stack.end - (address & ~0xfff) > limit {
      return "\(distance) below the stack, which has its full \(limit / 1024) KiB (RLIMIT_STACK)"
    }
    return "\(distance) below the stack, whose \(size / 1024) KiB cannot grow over what is mapped below it"
  }

  // MARK: Lines

  private func line(_ event: MappingEvent) -> String {
    let call = SystemCallNames.name(event.systemCall) ?? "call \(event.systemCall)"
    let what =
      switch event.change {
      case .mapped: "was mapped \(Self.rights(event.rights))"
      case .unmapped: "was unmapped"
      case .protected: "was protected \(Self.rights(event.rights))"
      case .movedAway: "was moved away"
      case .movedHere: "was moved here"
      case .truncated: "lost its part of the file, cut"
      }
    let task = event.task == scene.session.kernel.state.currentTask.id ? "" : " of task \(event.task.rawValue)"
    let from = places(event).prefix(2).joined(separator: ", called by ")
    return "\(range(event.start, event.end)) \(what) by \(call)\(task) from \(from), after \(event.instruction) instructions"
  }

  /// Where a change came from: the innermost function that is not a wrapper of the call, and its callers.
  private func places(_ event: MappingEvent) -> [String] {
    let symbols = scene.debug.symbols
    func function(_ address: UInt64) -> UInt64? { symbols.place(address)?.start }
    // The link register is of use only where the function of the SVC has not called anything since.
    let isFresh = function(event.linkRegister &- 4) != function(event.pc) && event.callers.first != event.linkRegister
    let callers = (isFresh ? [event.linkRegister] : []) + event.callers
    let functions = scene.functions(at: event.pc) + callers.flatMap { scene.functions(at: $0 &- 4) }
    let own = functions.drop { Self.isWrapper($0.name, event.systemCall) }
    return own.isEmpty ? [functions.first?.text ?? hexadecimal(event.pc)] : own.map(\.text)
  }

  /// Whether a function only makes a system call for its caller, as the C library's functions of the calls' names do, or belongs to the
  /// C library's allocator.
  private static func isWrapper(_ name: String, _ call: UInt64) -> Bool {
    let name = name.drop { $0 == "_" }
    let call = SystemCallNames.name(call) ?? ""
    return name.hasPrefix(call) || name.hasPrefix("sys") || allocator.contains { name.hasPrefix($0) }
  }
  private static let allocator = [
    "brk", "sbrk", "libc_", "int_malloc", "int_free", "munmap_chunk", "mremap_chunk", "malloc", "tcache", "default_morecore",
  ]

  /// The distance at which a mapping is no neighbour any more.
  private static let near: UInt64 = 16 << 20

  private var neighbours: [String] {
    let areas = scene.session.kernel.mm.vmas(scene.space)
    var lines: [String] = []
    if let below = areas.last(where: { $0.end <= address }), address - below.end < Self.near {
      lines.append("\(bytes(address - below.end)) behind the end of \(described(below))")
    }
    if let above = areas.first(where: { $0.start > address }), above.start - address < Self.near {
      lines.append("\(bytes(above.start - address)) below the start of \(described(above))")
    }
    return lines
  }

  private func described(_ mapping: VMArea) -> String {
    let name = self.name(of: mapping)
    return "\(range(mapping.start, mapping.end)) \(mapping.rights)" + (name.isEmpty ? "" : " \(name)")
  }

  /// The last column of /proc/PID/maps.
  private func name(of mapping: VMArea) -> String {
    let columns = scene.session.kernel.mapsLine(mapping).split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
    return columns.count > 5 ? String(columns[5]).trimmingSpaces : ""
  }

  private static func rights(_ bits: UInt8) -> String {
    (bits & 1 != 0 ? "r" : "-") + (bits & 2 != 0 ? "w" : "-") + (bits & 4 != 0 ? "x" : "-")
  }
  private func range(_ start: UInt64, _ end: UInt64) -> String { "\(hexadecimal(start))-\(hexadecimal(end))" }
  private func bytes(_ count: UInt64) -> String { count == 1 ? "1 byte" : "\(count) bytes" }
}

extension String {
  fileprivate var trimmingSpaces: String { String(drop { $0 == " " }) }
}
