// Owns which code has which call frame information: the entries of .eh_frame and .debug_frame, found by address.
// It does not run an entry's instructions. Source: Linux Standard Base, "Exception Frames"; DWARF 5, section 6.4.
import ELFFormat

/// The common part of some entries: CIE.
struct CallFrameCommon {
  var codeFactor: UInt64 = 1
  var dataFactor: Int64 = 1
  /// The number of the column with the return address.
  var returnColumn: UInt64 = 30
  /// Whether the code is one to which a signal handler returns: augmentation S.
  var isSignal = false
  var hasAugmentation = false
  /// How addresses are written: DW_EH_PE_*.
  var encoding: UInt8 = 0
  /// The instructions, in the file's bytes.
  var instructions = 0..<0
}

/// One entry: FDE.
struct CallFrameEntry {
  /// The first address and the first behind the code, as the file has them.
  let start: UInt64
  let end: UInt64
  let common: CallFrameCommon
  let instructions: Range<Int>
}

/// The entries of a module by address.
struct CallFrameTable {
  /// The most entries that are read.
  static let most = 1 << 20

  let bytes: [UInt8]
  /// In the order of their starts.
  private(set) var entries: [CallFrameEntry] = []

  /// The entries of a module's .eh_frame, or where it has none of .debug_frame, its own or that of its debug file. A damaged entry ends
  /// the reading; those before it stay.
  init(_ module: LoadedModule) {
    if let place = Self.exceptionFrames(module.bytes, module.sections) {
      self.init(module.bytes, place.range, address: place.address, isException: true)
      if !entries.isEmpty { return }
    }
    let debug = module.debugFile?.bytes ?? module.bytes
    let section = SectionTable(debug).section(".debug_frame")
    self.init(debug, section.map { $0.isPlain ? $0.bytes : 0..<0 } ?? 0..<0, address: 0, isException: false)
  }

  /// The entries of a section: `range` of the file's bytes, loaded at `address`.
  init(_ bytes: [UInt8], _ range: Range<Int>, address: UInt64, isException: Bool) {
    self.bytes = bytes
    var parser = CallFrameParser(bytes, range, address: address, isException: isException)
    entries = parser.entries().sorted { $0.start < $1.start }
  }

  /// The entry of the code at an address.
  func entry(at address: UInt64) -> CallFrameEntry? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].start <= address { low = middle + 1 } else { high = middle }
    }
    guard low > 0, address < entries[low - 1].end else { return nil }
    return entries[low - 1]
  }

  /// The place and address of .eh_frame, by the section's name or else by the program header of its index.
  private static func exceptionFrames(_ bytes: [UInt8], _ sections: SectionTable) -> (range: Range<Int>, address: UInt64)? {
    if let section = sections.section(".eh_frame"), section.isPlain, !section.bytes.isEmpty { return (section.bytes, section.address) }
    guard let index = sections.exceptionIndex, let place = sections.place(of: index) else { return nil }
    // Version, three encodings, then the address of .eh_frame.
    var reader = DWARFReader(bytes, place)
    guard (try? reader.fixed(1)) == 1, let encoding = try? reader.byte(), (try? reader.fixed(2)) != nil else { return nil }
    let base = index &+ 4
    guard let address = try? CallFrameParser.pointer(&reader, encoding, field: base, data: index),
      let frames = sections.place(of: address)
    else { return nil }
    return (frames, address)
  }
}

/// Reads the entries of a section one after the other.
private struct CallFrameParser {
  private let bytes: [UInt8]
  private let section: Range<Int>
  private let address: UInt64
  private let isException: Bool
  private var commons: [Int: CallFrameCommon] = [:]

  init(_ bytes: [UInt8], _ section: Range<Int>, address: UInt64, isException: Bool) {
    self.bytes = bytes
    self.section = section
    self.address = address
    self.isException = isException
  }

  mutating func entries() -> [CallFrameEntry] {
    var entries: [CallFrameEntry] = []
    var reader = DWARFReader(bytes, section)
    while !reader.isAtEnd && entries.count < CallFrameTable.most {
      guard let contents = try? record(&reader) else { break }
      // A damaged entry is passed over: its length leads to the next one.
      if let entry = try? entry(contents) { entries.append(entry) }
    }
    return entries
  }

  /// The bytes of the next record behind its length; nil at the end mark.
  private func record(_ reader: inout DWARFReader) throws(DWARFDamage) -> (range: Range<Int>, is64: Bool)? {
    let length = try reader.fixed(4)
    if length == 0 && isException { return nil }
    if length == 0xffff_ffff { return (try reader.range(try reader.fixed(8)), true) }
    return (try reader.range(length), false)
  }

  /// The entry of a record; nil if the record is a common part.
  private mutating func entry(_ record: (range: Range<Int>, is64: Bool)) throws(DWARFDamage) -> CallFrameEntry? {
    var reader = DWARFReader(bytes, record.range)
    let place = reader.at
    let identity = try reader.fixed(record.is64 ? 8 : 4)
    if isException ? identity == 0 : identity == (record.is64 ? .max : 0xffff_ffff) { return nil }
    // In .eh_frame the distance back to the common part, else its offset in the section.
    let offset = isException ? UInt64(place - section.lowerBound) &- identity : identity
    let common = try self.common(offset)
    let startField = field(reader.at)
    let start = try Self.pointer(&reader, common.encoding, field: startField, data: 0)
    let size = try Self.pointer(&reader, common.encoding & 0x0f, field: 0, data: 0)
    if common.hasAugmentation { _ = try reader.block() }
    let (end, wraps) = start.addingReportingOverflow(size)
    // The linker leaves entries of code that it dropped: they start at 0 or have no size.
    if wraps || size == 0 { return nil }
    return CallFrameEntry(start: start, end: end, common: common, instructions: reader.at..<record.range.upperBound)
  }

  /// The address where a place of the file is loaded.
  private func field(_ place: Int) -> UInt64 { address &+ UInt64(place - section.lowerBound) }

  private mutating func common(_ offset: UInt64) throws(DWARFDamage) -> CallFrameCommon {
    guard offset < UInt64(section.count) else { throw DWARFDamage() }
    if let known = commons[Int(offset)] { return known }
    var header = DWARFReader(bytes, section.lowerBound + Int(offset)..<section.upperBound)
    guard let record = try record(&header) else { throw DWARFDamage() }
    var reader = DWARFReader(bytes, record.range)
    let identity = try reader.fixed(record.is64 ? 8 : 4)
    guard isException ? identity == 0 : identity == (record.is64 ? .max : 0xffff_ffff) else { throw DWARFDamage() }
    let version = try reader.byte()
    let augmentation = try reader.text()
    if version >= 4 && !isException {
      // The size of an address, and of a segment selector.
      guard try reader.byte() == 8, try reader.byte() == 0 else { throw DWARFDamage() }
    }
    var common = CallFrameCommon()
    common.codeFactor = try reader.unsigned()
    common.dataFactor = try reader.signed()
    common.returnColumn = version == 1 ? UInt64(try reader.byte()) : try reader.unsigned()
    try readAugmentation(augmentation, &reader, &common)
    common.instructions = reader.at..<record.range.upperBound
    commons[Int(offset)] = common
    return common
  }

  /// The letters of an augmentation, as in zPLRS. Only `z` says where the instructions begin after letters that are not known.
  private func readAugmentation(
    _ letters: [UInt8], _ reader: inout DWARFReader, _ common: inout CallFrameCommon
  ) throws(DWARFDamage) {
    guard letters.first == UInt8(ascii: "z") else {
      if !letters.isEmpty { throw DWARFDamage() }
      return
    }
    common.hasAugmentation = true
    let data = try reader.block()
    var inside = DWARFReader(bytes, data)
    for letter in letters.dropFirst() {
      switch Character(UnicodeScalar(letter)) {
      case "R": common.encoding = try inside.byte()
      case "L": _ = try inside.byte()
      case "P":
        let encoding = try inside.byte()
        _ = try Self.pointer(&inside, encoding & 0x0f, field: 0, data: 0)
      case "S": common.isSignal = true
      case "B", "G": break  // Return addresses are signed with key B; tagged stack.
      default: return
      }
    }
  }

  /// A pointer in one of the encodings DW_EH_PE_*. `field` is the address of the pointer itself, `data` the base of the index. An
  /// indirect pointer is left as it is, because memory is not read.
  static func pointer(_ reader: inout DWARFReader, _ encoding: UInt8, field: UInt64, data: UInt64) throws(DWARFDamage) -> UInt64 {
    if encoding == 0xff { return 0 }
    let value =
      switch encoding & 0x0f {
      case 0x00, 0x04: try reader.fixed(8)
      case 0x01: try reader.unsigned()
      case 0x02: try reader.fixed(2)
      case 0x03: try reader.fixed(4)
      case 0x09: UInt64(bitPattern: try reader.signed())
      case 0x0a: try reader.fixedSigned(2)
      case 0x0b: try reader.fixedSigned(4)
      case 0x0c: try reader.fixed(8)
      default: throw DWARFDamage()
      }
    switch encoding & 0x70 {
    case 0x00: return value
    case 0x10: return value &+ field
    case 0x30: return value &+ data
    default: throw DWARFDamage()
    }
  }
}
