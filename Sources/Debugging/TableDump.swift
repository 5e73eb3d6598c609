// Owns the dump of a translation table tree as runs of similar mappings.
// It does not change anything: it reads tables without counting a walk or setting an access flag.
import Architecture
import Machine

/// A run of neighbouring leaf descriptors that differ only in their output addresses.
public struct MappedRun: Hashable, Sendable {
  public let start: UInt64
  /// The first address behind the run; 0 if the run reaches the end of the address space.
  public internal(set) var end: UInt64
  public let level: Int
  /// The first descriptor.
  public let first: Descriptor
  /// Physical address of the first byte.
  public let output: UInt64
  public internal(set) var count: Int
  /// Hierarchical bits that the tables above add.
  let tableFlags: UInt64

  public func contains(_ va: UInt64) -> Bool { va >= start && va &- start < end &- start }

  /// `0x0000000000410000-0x0000000000412000   8K page  pa 0x4002f000  EL0 rw- EL1 rw-  AF nG dirty AttrIndx=0`.
  public var text: String {
    let size = end &- start
    let sizeText = size >= 1 << 30 ? "\(size >> 30)G" : size >= 1 << 20 && size & 0xf_ffff == 0 ? "\(size >> 20)M" : "\(size >> 10)K"
    let kind = level == 3 ? "page " : "block"
    let padding = String(repeating: " ", count: max(0, 5 - sizeText.count))
    let table = Descriptor(tableFlags)
    let rights = DescriptorExplanation.rights(first)
    let tables = DescriptorExplanation.tableFlags(table)
    return "\(hexadecimal(start, digits: 16))-\(hexadecimal(end, digits: 16)) \(padding)\(sizeText) \(kind) pa \(hexadecimal(output))  "
      + "\(rights)  \(DescriptorExplanation.flags(first))" + (tables.isEmpty ? "" : "  \(tables)")
  }
}

/// The mappings of one half of an address space, from its tables.
public struct TableDump: Sendable {
  public private(set) var runs: [MappedRun] = []
  /// The number of tables read. A tree that refers to itself ends at `tableLimit`.
  public private(set) var tables = 0
  public private(set) var isTruncated = false
  private static let tableLimit = 1 << 14

  /// Reads the tables of TTBR1_EL1 if `upper`, else those of TTBR0_EL1.
  public init(_ processor: Processor, _ memory: PhysicalMemory, upper: Bool) {
    let root = processor.tableRoot(upper: upper)
    read(memory, root.format, table: root.address, entries: root.entries, level: root.level, va: root.start, flags: 0)
  }

  private mutating func read(
    _ memory: PhysicalMemory, _ format: DescriptorFormat, table: UInt64, entries: Int, level: Int, va: UInt64, flags: UInt64
  ) {
    tables += 1
    guard tables <= Self.tableLimit else {
      isTruncated = true
      return
    }
    guard let bytes = memory.read(table, count: entries * 8) else { return }
    let shift = format.granule.shift(level: level)
    for index in 0..<entries {
      let raw = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self) }
      let descriptor = Descriptor(raw)
      if !descriptor.isValid { continue }
      let start = va &+ UInt64(index) << shift
      if descriptor.isTableOrPage && level < 3 {
        read(
          memory, format, table: format.output(raw), entries: 1 << Int(format.granule.bitsPerLevel), level: level + 1, va: start,
          flags: flags | raw & 0x7800_0000_0000_0000)
      } else if descriptor.isTableOrPage || format.hasBlocks(level) {
        append(descriptor, start, format, level, flags)
      }
      if isTruncated { return }
    }
  }

  private mutating func append(_ descriptor: Descriptor, _ start: UInt64, _ format: DescriptorFormat, _ level: Int, _ flags: UInt64) {
    let shift = format.granule.shift(level: level)
    let inside: UInt64 = 1 << shift - 1
    let outputMask = format.outputMask & ~inside | format.highMask
    if let last = runs.indices.last, runs[last].end == start, runs[last].level == level, runs[last].tableFlags == flags,
      runs[last].first.rawValue & ~outputMask == descriptor.rawValue & ~outputMask
    {
      runs[last].end = start &+ 1 << shift
      runs[last].count += 1
      return
    }
    runs.append(
      MappedRun(
        start: start, end: start &+ 1 << shift, level: level, first: descriptor, output: format.output(descriptor.rawValue) & ~inside,
        count: 1, tableFlags: flags))
  }
}
