// Owns the levels of the page-table lines of a log, and the comparison of the place where the walk ends with the fault's level.
// It does not know how a line is printed. Linux: show_pte(); Arm ARM D8.2.
import Architecture
import Debugging

/// The walk that a log's page-table lines show.
public struct LoggedWalk: Sendable {
  public struct Step: Sendable {
    /// The names of the entry, from Linux's top level down: several where levels are folded, as in `pgd, p4d`.
    public var names: String
    public let level: Int
    public let explanation: DescriptorExplanation
  }

  /// The descriptor's format by the log's page size and address size; nil where the log does not say them.
  public let format: DescriptorFormat?
  public let levels: ClosedRange<Int>
  public private(set) var steps: [Step] = []

  public init(_ table: LoggedPageTable) {
    let granules: [UInt64: Granule] = [4096: .size4K, 16384: .size16K, 65536: .size64K]
    guard let granule = granules[table.pageSize], table.addressBits > Int(granule.shift) else {
      format = nil
      levels = 3...3
      return
    }
    let format = DescriptorFormat(granule, hasWideAddresses: table.addressBits > 48)
    self.format = format
    let perLevel = Int(granule.bitsPerLevel)
    let count = (table.addressBits - Int(granule.shift) + perLevel - 1) / perLevel
    levels = max(-1, 4 - count)...3
    for entry in table.entries {
      // Linux's names stand for the levels -1 to 3. A level that the tables do not have is folded: its name shows the top entry again.
      let level = max(levels.lowerBound, Self.nominal[entry.name] ?? 3)
      if steps.last?.level == level {
        steps[steps.count - 1].names += ", \(entry.name)"
      } else {
        steps.append(
          Step(names: entry.name, level: level, explanation: DescriptorExplanation(Descriptor(entry.value), level: level, format: format)))
      }
    }
  }

  private static let nominal = ["pgd": -1, "p4d": 0, "pud": 1, "pmd": 2, "pte": 3]

  /// What the place where the walk ends says about a fault.
  public func verdict(_ status: FaultStatus) -> Verdict {
    guard let last = steps.last else { return Verdict(agrees: nil, text: "") }
    let place = "level \(last.level)"
    switch (last.explanation.kind, status.kind) {
    case (.table, _): return Verdict(agrees: nil, text: "the log ends with a table")
    case (.invalid, .translation):
      if status.level == last.level { return Verdict(agrees: true, text: "the walk ends at \(place), as the ESR says") }
      return Verdict(
        agrees: false,
        text: "the walk ends at \(place), but the ESR says level \(status.level ?? -2): the tables changed between the fault and the log")
    case (.invalid, _):
      return Verdict(
        agrees: false,
        text: "nothing is mapped at \(place) now, but the ESR says \(status): the tables changed between the fault and the log")
    case (_, .translation):
      return Verdict(
        agrees: false, text: "the address is mapped at \(place) now: the tables changed after the fault, or the TLB had an old entry")
    case (_, .permission), (_, .accessFlag):
      if status.level == last.level { return Verdict(agrees: true, text: "the walk ends at \(place), as the ESR says") }
      return Verdict(
        agrees: false,
        text: "the walk ends at \(place), but the ESR says level \(status.level ?? -2): the tables changed, or the TLB had an old entry")
    default: return Verdict(agrees: nil, text: "the address is mapped at \(place): the fault is not the walk's")
    }
  }

  /// Whether the tables agree with the ESR: nil where they cannot tell.
  public struct Verdict: Sendable {
    public let agrees: Bool?
    public let text: String
  }

  /// The bits of the last descriptor that refuse an access of the kernel's. `pan` is PSTATE.PAN.
  public func refusals(_ syndrome: ExceptionSyndrome, pan: Bool) -> [String] {
    guard syndrome.faultStatus.kind == .permission, let last = steps.last, last.explanation.kind == .page || last.explanation.kind == .block
    else { return [] }
    let descriptor = last.explanation.descriptor
    if syndrome.isInstructionAbort {
      var found = descriptor.isPrivilegedExecuteNever ? ["PXN is set: EL1 may not execute the page"] : []
      if descriptor.isUserAccessible && !descriptor.isReadOnly { found.append("EL0 may write the page, so EL1 never executes it") }
      for step in steps.dropLast() where step.explanation.descriptor.privilegedExecuteNeverBelow {
        found.append("PXNTable is set at level \(step.level): EL1 may execute nothing below")
      }
      return found
    }
    var found: [String] = []
    if descriptor.isUserAccessible && pan {
      found.append("EL0 may access the page and PSTATE.PAN is set: the kernel's plain loads and stores fault")
    }
    if syndrome.isWrite && descriptor.isReadOnly {
      found.append(
        descriptor.isDirtyBitModifier ? "AP[2] is set: read-only for now (DBM lets a write clear it)" : "AP[2] is set: read-only")
    }
    return found
  }
}
