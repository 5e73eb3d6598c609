// Owns the rules by which a function's registers lead to its caller's, as one row: where the CFA is, and where each register was saved.
// It does not know where the rules come from: call frame information, instructions, or the frame pointer.

/// Columns of the table beside X0 to X30: AArch64's DWARF numbers.
enum CallFrameColumn {
  static let fp = 29
  static let link = 30
  static let sp = 31
  /// RA_SIGN_STATE: whether the return address is signed.
  static let signState = 34
}

/// How the canonical frame address is found.
enum CFARule: Equatable {
  case register(Int, offset: Int64)
  /// A DWARF expression, in the file's bytes.
  case expression(Range<Int>)
}

/// Where a register's value in the caller is.
enum RegisterRule: Equatable {
  case same
  /// The value is lost; of the return address: there is no caller.
  case undefined
  /// In memory, at this distance from the CFA.
  case offset(Int64)
  /// The CFA plus this.
  case value(Int64)
  case register(Int)
  /// In memory at the value of an expression.
  case expression(Range<Int>)
  case valueExpression(Range<Int>)
}

/// The rules at one instruction.
struct CallFrameRow: Equatable {
  var cfa = CFARule.register(CallFrameColumn.sp, offset: 0)
  /// For X0 to X30 and SP.
  var rules = [RegisterRule](repeating: .same, count: 32)
  /// Whether the return address is signed.
  var isSigned = false
  /// The column of the return address, X0 to X30.
  var returnColumn = CallFrameColumn.link
  /// Whether the caller was interrupted by a signal, so that its pc is the next instruction to be executed.
  var isSignal = false
  /// The bytes in which expressions lie.
  var expressions: [UInt8] = []

  /// The row of a function that has saved nothing.
  static let leaf = CallFrameRow()

  /// The row of a function whose frame record (its caller's frame pointer, then the return address) is at the frame pointer. The caller's
  /// stack pointer is taken to be behind the record.
  static let frameRecord: CallFrameRow = {
    var row = CallFrameRow(cfa: .register(CallFrameColumn.fp, offset: 16))
    row.rules[CallFrameColumn.fp] = .offset(-16)
    row.rules[CallFrameColumn.link] = .offset(-8)
    return row
  }()
}
