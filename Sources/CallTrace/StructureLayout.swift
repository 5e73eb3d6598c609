// Owns the layouts of the structures that arguments point to, as data: one row for each, with the fields that are shown.
// It does not know how a field is written as text. Linux: include/uapi/asm-generic, arch/arm64.

/// The fields of a structure that are shown.
struct StructureLayout: Sendable {
  enum FieldKind: Sendable {
    /// Bytes of a signed or unsigned number in decimal.
    case signed(Int)
    case unsigned(Int)
    case address
    /// The rights and the type of a file, in 2 or 4 bytes.
    case mode(Int)
    /// Names of bits, and the field's bytes.
    case flags(NameTable, Int)
    case signals
    /// SIG_DFL, SIG_IGN or an address.
    case handler
    /// A limit of resources.
    case limit
    /// Text, and the most bytes that it has.
    case text(Int)
    indirect case structure(StructureLayout)
  }

  struct Field: Sendable {
    let name: String
    let offset: Int
    let kind: FieldKind
    init(_ name: String, _ offset: Int, _ kind: FieldKind) {
      self.name = name
      self.offset = offset
      self.kind = kind
    }
  }

  /// Bytes that must be readable.
  let size: Int
  let fields: [Field]
  /// Whether it has more fields than are shown.
  var isPartial = false

  static let time = StructureLayout(size: 16, fields: [Field("tv_sec", 0, .signed(8)), Field("tv_nsec", 8, .signed(8))])
  static let timeMicroseconds = StructureLayout(size: 16, fields: [Field("tv_sec", 0, .signed(8)), Field("tv_usec", 8, .signed(8))])
  static let timer = StructureLayout(
    size: 32, fields: [Field("it_interval", 0, .structure(time)), Field("it_value", 16, .structure(time))])
  static let intervalTimer = StructureLayout(
    size: 32, fields: [Field("it_interval", 0, .structure(timeMicroseconds)), Field("it_value", 16, .structure(timeMicroseconds))])
  static let limits = StructureLayout(size: 16, fields: [Field("rlim_cur", 0, .limit), Field("rlim_max", 8, .limit)])
  static let fileStatus = StructureLayout(
    size: 128, fields: [Field("st_mode", 16, .mode(4)), Field("st_size", 48, .signed(8))], isPartial: true)
  static let extendedStatus = StructureLayout(
    size: 256, fields: [Field("stx_mode", 28, .mode(2)), Field("stx_size", 40, .unsigned(8))], isPartial: true)
  static let fileSystem = StructureLayout(
    size: 120, fields: [Field("f_type", 0, .unsigned(8)), Field("f_bsize", 8, .unsigned(8))], isPartial: true)
  static let signalAction = StructureLayout(
    size: 32, fields: [Field("sa_handler", 0, .handler), Field("sa_mask", 24, .signals), Field("sa_flags", 8, .flags(.signalAction, 8))])
  static let signalStack = StructureLayout(
    size: 24, fields: [Field("ss_sp", 0, .address), Field("ss_flags", 8, .flags(.signalStack, 4)), Field("ss_size", 16, .unsigned(8))])
  static let systemName = StructureLayout(
    size: 390, fields: [Field("sysname", 0, .text(65)), Field("nodename", 65, .text(65))], isPartial: true)
  static let usage = StructureLayout(
    size: 144, fields: [Field("ru_utime", 0, .structure(timeMicroseconds)), Field("ru_stime", 16, .structure(timeMicroseconds))],
    isPartial: true)
  static let cloneArguments = StructureLayout(
    size: 64,
    fields: [
      Field("flags", 0, .flags(.clone, 8)), Field("child_tid", 16, .address), Field("parent_tid", 24, .address),
      Field("exit_signal", 32, .unsigned(8)),
      Field("stack", 40, .address), Field("stack_size", 48, .unsigned(8)), Field("tls", 56, .address),
    ])
  static let priority = StructureLayout(size: 4, fields: [Field("sched_priority", 0, .signed(4))])
  static let system = StructureLayout(
    size: 112, fields: [Field("uptime", 0, .signed(8)), Field("totalram", 32, .unsigned(8)), Field("freeram", 40, .unsigned(8))],
    isPartial: true)
}
