// Owns the data about mappings, faults, tables and the TLB. It does not know how they are read.
import Architecture
import Debugging
import Laboratory
import LinuxMM
import Machine

struct FaultsData: Codable, Sendable {
  let faults: [FaultData]
  /// The number of earlier ones that are not among `faults`.
  let omitted: Int
}

/// A mapping of a process.
struct MappingData: Codable, Sendable {
  let start: HexadecimalText
  /// The first address behind it.
  let end: HexadecimalText
  /// As in /proc/PID/maps: `rw-p`.
  let rights: String
  /// The offset in the file, in bytes.
  let offset: HexadecimalText
  let name: String?

  init(_ vma: VMArea, line: String) {
    let columns = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true).map(String.init)
    start = HexadecimalText(vma.start)
    end = HexadecimalText(vma.end)
    rights = columns[1]
    offset = HexadecimalText(UInt64(columns[2], radix: 16) ?? 0)
    name = columns.count > 5 ? columns[5].trimmed : nil
  }
}

struct MappingsData: Codable, Sendable {
  let mappings: [MappingData]
}

struct TableRunData: Codable, Sendable {
  let start: HexadecimalText
  let end: HexadecimalText
  let level: Int
  /// The first descriptor of the run, and the physical address to which it leads.
  let descriptor: HexadecimalText
  let output: HexadecimalText
  /// The number of descriptors.
  let count: Int

  init(_ run: MappedRun) {
    start = HexadecimalText(run.start)
    end = HexadecimalText(run.end)
    level = run.level
    descriptor = HexadecimalText(run.first.rawValue)
    output = HexadecimalText(run.output)
    count = run.count
  }
}

struct TablesData: Codable, Sendable {
  let runs: [TableRunData]
  /// The number of tables that were read.
  let tables: Int
  let isTruncated: Bool
}

struct WalkData: Codable, Sendable {
  struct Step: Codable, Sendable {
    let level: Int
    /// The physical address of the descriptor.
    let address: HexadecimalText
    let descriptor: HexadecimalText
    let summary: String
    let fields: [FieldDocument]
  }
  let address: HexadecimalText
  let steps: [Step]
  /// The physical address, the size of the page or block in bytes, and the rights of EL0 and EL1; none where the walk ends in a fault.
  let output: HexadecimalText?
  let size: UInt64?
  let rights: String?
  /// The fault in which the walk ends.
  let fault: String?

  init(_ walk: WalkExplanation, of address: UInt64) {
    self.address = HexadecimalText(address)
    steps = walk.steps.map { step in
      let explanation = DescriptorExplanation(Descriptor(step.descriptor), level: step.level, format: walk.format)
      return Step(
        level: step.level, address: HexadecimalText(step.address), descriptor: HexadecimalText(step.descriptor),
        summary: explanation.summary,
        fields: explanation.fields.map(FieldDocument.init))
    }
    switch walk.outcome {
    case .translated(let pa, let shift, let permissions):
      (output, size, rights, fault) = (HexadecimalText(pa), 1 << UInt64(shift), permissions, nil)
    case .fault(let status): (output, size, rights, fault) = (nil, nil, nil, "\(status)")
    }
  }
}

struct TLBData: Codable, Sendable {
  struct Entry: Codable, Sendable {
    let address: HexadecimalText
    let output: HexadecimalText
    let asid: UInt16
    let isGlobal: Bool
    /// The bytes that the descriptor maps.
    let size: UInt64
    let rights: String
  }
  let entries: [Entry]

  init(_ views: [TLBEntryView]) {
    entries = views.map {
      Entry(
        address: HexadecimalText($0.va), output: HexadecimalText($0.pa), asid: $0.asid, isGlobal: $0.isGlobal, size: $0.size,
        rights: $0.permissions)
    }
  }
}
