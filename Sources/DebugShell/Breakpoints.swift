// Owns the numbered stop points: breakpoints, watchpoints and catchpoints with their conditions. It does not know how they are installed,
// nor how a stop is displayed.
import Architecture
import Debugging
import Laboratory
import LinuxKernel
import LinuxMM
import Machine

/// A breakpoint, a watchpoint or a catchpoint.
struct Breakpoint {
  enum Kind {
    case address(UInt64)
    case watch(WatchedPlace)
    /// The descriptor that translates an address. The kernel or the walker changes it.
    case descriptor(WatchedDescriptor)
    case fault(FaultFilter)
    /// System calls by number; an empty set stands for all of them.
    case systemCall(Set<UInt64>)
    /// Signals by number; an empty set stands for all of them.
    case signal(Set<Int32>)
    case fork
    case exec
  }
  let number: Int
  var kind: Kind
  let isTemporary: Bool
  /// The name by which the user gave an address, and which of the name's addresses it is; nil for a bare address.
  var name: (text: String, index: Int)?
  /// The address that the name has in each program where it was looked for: none or one. `.none` is the program that was loaded.
  var places: [FileID: [UInt64]] = [:]
  var isEnabled = true
  /// The condition under which it stops, as the user typed it, and the condition itself; nil if it always stops.
  var condition: (text: String, expression: Expression)?
  /// How many of the next hits do not stop.
  var ignored: UInt64 = 0
  /// The commands that run after a stop.
  var commands: [String] = []
  var hits = 0

  // These are not inlined, because the optimiser of Swift 6.3.1 fails on the inlined switch.

  var address: UInt64? {
    @inline(never) get {
      if case .address(let address) = kind { return address }
      return nil
    }
  }
  var place: WatchedPlace? {
    @inline(never) get {
      if case .watch(let place) = kind { return place }
      return nil
    }
  }
  var descriptor: WatchedDescriptor? {
    @inline(never) get {
      if case .descriptor(let descriptor) = kind { return descriptor }
      return nil
    }
  }

  /// The word that gdb has for the kind.
  var typeName: String {
    switch kind {
    case .address: "breakpoint"
    case .watch(let place):
      switch (place.watch.reads, place.watch.writes) {
      case (true, true): "acc watchpoint"
      case (true, false): "read watchpoint"
      default: "hw watchpoint"
      }
    case .descriptor: "pte watchpoint"
    case .fault, .systemCall, .signal, .fork, .exec: "catchpoint"
    }
  }
}

/// Memory that a watchpoint watches.
struct WatchedPlace {
  let text: String
  let watch: Watch
  let type: ValueType
  /// The value when it was last looked at; nil while it cannot be read.
  var value: UInt64?
}

/// A descriptor that a watchpoint watches.
struct WatchedDescriptor {
  let address: UInt64
  /// The last descriptor of the walk, and its level, when it was last looked at; nil if no table could be read.
  var value: Reading?

  struct Reading: Equatable {
    let level: Int
    let place: UInt64
    let descriptor: UInt64
  }
}

/// The stop points, in the order of their numbers.
struct BreakpointTable {
  var rows: [Breakpoint] = []
  private var nextNumber = 1

  mutating func add(_ kind: Breakpoint.Kind, isTemporary: Bool = false) -> Breakpoint {
    defer { nextNumber += 1 }
    rows.append(Breakpoint(number: nextNumber, kind: kind, isTemporary: isTemporary))
    return rows.last!
  }

  mutating func remove(_ number: Int) -> Bool {
    guard let index = rows.firstIndex(where: { $0.number == number }) else { return false }
    rows.remove(at: index)
    return true
  }

  mutating func removeAll() { rows = [] }

  /// Forgets the addresses in programs that were executed, whose numbers may be those of other programs now.
  mutating func forgetExecuted() {
    for index in rows.indices { rows[index].places = rows[index].places[.none].map { [.none: $0] } ?? [:] }
  }

  subscript(number: Int) -> Breakpoint {
    get { rows.first { $0.number == number }! }
    set { rows[rows.firstIndex { $0.number == number }!] = newValue }
  }
  func has(_ number: Int) -> Bool { rows.contains { $0.number == number } }

  /// The enabled rows.
  var enabled: [Breakpoint] { rows.filter(\.isEnabled) }
}

/// Which faults a catchpoint stops at. An empty set restricts nothing.
struct FaultFilter {
  enum Access: String, CaseIterable { case read, write, fetch }
  var accesses: [Access] = []
  var kinds: [FaultStatus.Kind] = []
  var range: ClosedRange<UInt64>?
  var onlySignals = false
  /// Whether it stops before the kernel handles the fault, and not behind that.
  var isBefore = false
  /// What the user typed.
  var text = ""

  func matches(_ entry: FaultLogEntry) -> Bool {
    (accesses.isEmpty || accesses.contains(entry.access)) && (kinds.isEmpty || kinds.contains(entry.esr.faultStatus.kind))
      && (range?.contains(entry.far) ?? true) && (!onlySignals || entry.signal != 0)
  }

  /// The words that `catch fault` accepts for the kinds of fault.
  static let kindNames: [(name: String, kinds: [FaultStatus.Kind])] = [
    ("translation", [.translation]),
    ("permission", [.permission]),
    ("access-flag", [.accessFlag]),
    ("alignment", [.alignment]),
    ("address-size", [.addressSize]),
    ("external", [.externalAbort, .externalAbortOnWalk]),
  ]
}

extension FaultLogEntry {
  var access: FaultFilter.Access { esr.isInstructionAbort ? .fetch : esr.isWrite ? .write : .read }
}
