// Owns the numbered breakpoints and catchpoints, and installs them in a session.
// It does not know how a stop is displayed.
import Architecture
import Debugging
import Laboratory
import LinuxKernel

/// A breakpoint or a catchpoint.
struct Breakpoint {
  enum Kind {
    case address(UInt64)
    case fault(FaultFilter)
  }
  let number: Int
  let kind: Kind
  let isTemporary: Bool
  var hits = 0

  var address: UInt64? {
    if case .address(let address) = kind { return address }
    return nil
  }
  var filter: FaultFilter? {
    if case .fault(let filter) = kind { return filter }
    return nil
  }
}

/// The breakpoints and catchpoints, in the order of their numbers.
struct BreakpointTable {
  private(set) var rows: [Breakpoint] = []
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

  /// Counts a hit for each row that matches, removes the temporary ones among them, and returns the first of them.
  mutating func hit(_ matches: (Breakpoint) -> Bool) -> Breakpoint? {
    for index in rows.indices where matches(rows[index]) { rows[index].hits += 1 }
    let hit = rows.first(where: matches)
    rows.removeAll { $0.isTemporary && matches($0) }
    return hit
  }
}

/// Which faults a catchpoint stops at. An empty set restricts nothing.
struct FaultFilter {
  enum Access: String, CaseIterable { case read, write, fetch }
  var accesses: [Access] = []
  var kinds: [FaultStatus.Kind] = []
  var range: ClosedRange<UInt64>?
  var onlySignals = false
  /// What the user typed.
  var text = ""

  func matches(_ record: TraceRecord) -> Bool { FaultLogEntry(record).map { matches($0) } ?? false }
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

extension Shell {
  /// Installs the table in the target.
  func applyBreakpoints(also extra: UInt64? = nil) {
    guard let target else { return }
    target.breakpoints = Set(breakpoints.rows.compactMap(\.address) + (extra.map { [$0] } ?? []))
    let filters = breakpoints.rows.compactMap(\.filter)
    target.traceMask = filters.isEmpty ? [] : .fault
    target.catches = filters.isEmpty ? nil : { record in filters.contains { $0.matches(record) } }
  }
}
