// Owns running the instructions of call frame information up to an address: DW_CFA_*.
// It does not know registers' values, nor memory. Source: DWARF 5, section 6.4.2; DWARF for the Arm 64-bit Architecture.

/// Runs an entry's instructions.
struct CallFrameProgram {
  /// The most instructions, and the most remembered rows; those of compilers have a few dozen, and one or two.
  private static let longest = 1 << 14
  private static let deepest = 64

  private let entry: CallFrameEntry
  private let target: UInt64
  private var location: UInt64
  private var row = CallFrameRow()
  /// The row behind the common part's instructions, which DW_CFA_restore restores.
  private var initial: CallFrameRow?
  private var remembered: [CallFrameRow] = []
  private var steps = 0

  /// The rules at an address of the entry's code; an error says that the instructions are damaged.
  static func row(_ entry: CallFrameEntry, at address: UInt64, _ bytes: [UInt8]) throws(DWARFDamage) -> CallFrameRow {
    guard entry.common.returnColumn <= 30 else { throw DWARFDamage() }
    var program = CallFrameProgram(entry, address)
    try program.run(bytes, entry.common.instructions)
    program.initial = program.row
    try program.run(bytes, entry.instructions)
    program.row.returnColumn = Int(entry.common.returnColumn)
    program.row.isSignal = entry.common.isSignal
    program.row.expressions = bytes
    return program.row
  }

  private init(_ entry: CallFrameEntry, _ target: UInt64) {
    self.entry = entry
    self.target = target
    location = entry.start
  }

  private mutating func run(_ bytes: [UInt8], _ range: Range<Int>) throws(DWARFDamage) {
    var reader = DWARFReader(bytes, range)
    while !reader.isAtEnd {
      steps += 1
      if steps > Self.longest { throw DWARFDamage() }
      let byte = try reader.byte()
      let low = UInt64(byte & 0x3f)
      switch byte >> 6 {
      case 1: advance(low)
      case 2: set(low, .offset(scaled(try reader.unsigned())))
      case 3: restore(low)
      default: try extended(byte, &reader)
      }
      // The rules behind the target's address are not those of the target.
      if location > target { return }
    }
  }

  private mutating func extended(_ code: UInt8, _ reader: inout DWARFReader) throws(DWARFDamage) {
    switch code {
    case 0x00: break  // nop
    case 0x01: throw DWARFDamage()  // set_loc, which no compiler for AArch64 writes
    case 0x02: advance(try reader.fixed(1))
    case 0x03: advance(try reader.fixed(2))
    case 0x04: advance(try reader.fixed(4))
    case 0x05: set(try reader.unsigned(), .offset(scaled(try reader.unsigned())))  // offset_extended
    case 0x06: restore(try reader.unsigned())
    case 0x07: set(try reader.unsigned(), .undefined)
    case 0x08: set(try reader.unsigned(), .same)
    case 0x09:
      let column = try reader.unsigned()
      set(column, .register(try general(try reader.unsigned())))
    case 0x0a:
      if remembered.count == Self.deepest { throw DWARFDamage() }
      remembered.append(row)
    case 0x0b:
      guard let last = remembered.popLast() else { throw DWARFDamage() }
      row = last
    case 0x0c: row.cfa = .register(try general(try reader.unsigned()), offset: Int64(truncatingIfNeeded: try reader.unsigned()))
    case 0x0d: row.cfa = .register(try general(try reader.unsigned()), offset: try offset())
    case 0x0e: row.cfa = .register(try base(), offset: Int64(truncatingIfNeeded: try reader.unsigned()))
    case 0x0f: row.cfa = .expression(try reader.block())
    case 0x10: set(try reader.unsigned(), .expression(try reader.block()))
    case 0x11: set(try reader.unsigned(), .offset(scaled(try reader.signed())))  // offset_extended_sf
    case 0x12: row.cfa = .register(try general(try reader.unsigned()), offset: scaled(try reader.signed()))
    case 0x13: row.cfa = .register(try base(), offset: scaled(try reader.signed()))
    case 0x14: set(try reader.unsigned(), .value(scaled(try reader.unsigned())))
    case 0x15: set(try reader.unsigned(), .value(scaled(try reader.signed())))
    case 0x16: set(try reader.unsigned(), .valueExpression(try reader.block()))
    case 0x2c, 0x2d: row.isSigned.toggle()  // AARCH64_negate_ra_state, with_pc and without
    case 0x2e: _ = try reader.unsigned()  // GNU_args_size
    case 0x2f: set(try reader.unsigned(), .offset(0 &- scaled(try reader.unsigned())))  // GNU_negative_offset_extended
    default: throw DWARFDamage()
    }
  }

  private mutating func advance(_ delta: UInt64) {
    let (next, wraps) = location.addingReportingOverflow(delta.multipliedReportingOverflow(by: entry.common.codeFactor).partialValue)
    location = wraps ? .max : next
  }

  private func scaled(_ value: UInt64) -> Int64 { Int64(truncatingIfNeeded: value) &* entry.common.dataFactor }
  private func scaled(_ value: Int64) -> Int64 { value &* entry.common.dataFactor }

  /// A register of which values are known here: X0 to X30 and SP.
  private func general(_ column: UInt64) throws(DWARFDamage) -> Int {
    guard column <= UInt64(CallFrameColumn.sp) else { throw DWARFDamage() }
    return Int(column)
  }

  private func base() throws(DWARFDamage) -> Int {
    guard case .register(let register, _) = row.cfa else { throw DWARFDamage() }
    return register
  }

  private func offset() throws(DWARFDamage) -> Int64 {
    guard case .register(_, let offset) = row.cfa else { throw DWARFDamage() }
    return offset
  }

  /// Sets a column's rule. Vector registers and others that are not needed for the stack are passed over.
  private mutating func set(_ column: UInt64, _ rule: RegisterRule) {
    if column < UInt64(row.rules.count) { row.rules[Int(column)] = rule }
  }

  private mutating func restore(_ column: UInt64) {
    if column == UInt64(CallFrameColumn.signState) {
      row.isSigned = initial?.isSigned ?? false
    } else if column < UInt64(row.rules.count) {
      row.rules[Int(column)] = initial?.rules[Int(column)] ?? .same
    }
  }
}
