// Owns reading a kernel's log: it finds the lines of each fault by the words that Linux 4.x to 7.x begin them with, and collects their facts.
// It does not explain anything. Linux: arch/arm64/mm/fault.c, arch/arm64/kernel/traps.c, arch/arm64/kernel/process.c.

/// Collects the faults of a log, in the log's order.
public struct KernelLogReader {
  private var finished: [KernelReport] = []
  var report: KernelReport?
  /// Whether the lines of a call trace follow.
  private var isInTrace = false
  /// Lines in words that stood before the report to which they belong.
  private var earlierNotes: [String] = []

  /// Reads a whole log. Lines that it does not know are skipped, so it throws nothing.
  public static func reports(in log: [UInt8]) -> [KernelReport] {
    var reader = KernelLogReader()
    for line in log.split(separator: 0x0a) { reader.read(line.prefix(4096)) }
    reader.finish()
    return reader.finished
  }

  /// How a line begins, and what reads the rest of it.
  private struct Row: Sendable {
    let literal: StaticString
    let read: @Sendable (inout KernelLogReader, inout LineScanner) -> Void
    init(_ literal: StaticString, _ read: @escaping @Sendable (inout KernelLogReader, inout LineScanner) -> Void) {
      self.literal = literal
      self.read = read
    }
  }

  private static let rows: [Row] = [
    Row("Unable to handle kernel ") { $0.kernelFault(&$1) },
    Row("Internal error: ") { $0.internalError(&$1) },
    Row("SError Interrupt on CPU") { reader, line in
      reader.begin(.oops, "SError interrupt")
      if line.take(through: "code ") != nil { reader.report?.esr = line.hexadecimal() }
    },
    Row("Insufficient stack space to handle exception") { reader, _ in reader.begin(.stackOverflow, "kernel stack overflow") },
    Row("kernel BUG at ") { reader, line in reader.note("kernel BUG at \(line.text)") },
    Row("list_add corruption") { reader, line in reader.note("list_add corruption\(line.text)") },
    Row("list_del corruption") { reader, line in reader.note("list_del corruption\(line.text)") },
    Row("KASAN: ") { reader, line in reader.note("KASAN: \(line.text)") },
    Row("ESR = ") { reader, line in reader.report?.esr = line.hexadecimal() },
    Row("ESR: ") { reader, line in reader.report?.esr = line.hexadecimal() },
    Row("FAR: ") { reader, line in reader.report?.address = line.hexadecimal() },
    Row("user pgtable: ") { $0.pageTable(&$1, isUser: true) },
    Row("swapper pgtable: ") { $0.pageTable(&$1, isUser: false) },
    Row("pgd = ") { reader, _ in reader.report?.pageTable = LoggedPageTable() },
    Row("[") { $0.bracket(&$1) },
    Row(", p") { $0.entries(&$1, "p") },
    Row("Task stack:") { $0.stack("Task", &$1) },
    Row("IRQ stack:") { $0.stack("IRQ", &$1) },
    Row("Overflow stack:") { $0.stack("Overflow", &$1) },
    Row("CPU: ") { $0.processor(&$1) },
    Row("PC is at ") { reader, line in reader.report?.pcSymbol = line.word() },
    Row("LR is at ") { reader, line in reader.report?.lrSymbol = line.word() },
    Row("pc : ") { $0.programCounter(&$1) },
    Row("lr : ") { $0.linkRegister(&$1) },
    Row("sp : ") { reader, line in reader.report?.sp = line.hexadecimal() },
    Row("pstate: ") { reader, line in reader.report?.pstate = line.hexadecimal() },
    Row("x") { $0.registers(&$1) },
    Row("Call trace:") { reader, _ in reader.isInTrace = reader.report != nil },
    Row("Code: ") { $0.code(&$1) },
    Row("---[ end trace") { reader, _ in reader.finish() },
    Row("Kernel panic - not syncing") { reader, _ in reader.finish() },
  ]

  private mutating func read(_ bytes: ArraySlice<UInt8>) {
    var line = LineScanner(bytes)
    line.skipPrefixes()
    if programFault(line) { return }
    // Linux before 4.20 prints the address of each line of a call trace.
    if isInTrace, line.rest.starts(with: "[<".utf8) {
      traceLine(line)
      return
    }
    for row in Self.rows where line.take(row.literal) {
      isInTrace = false
      row.read(&self, &line)
      return
    }
    if isInTrace { traceLine(line) }
  }

  // MARK: Where a report begins and ends

  mutating func begin(_ kind: KernelReport.Kind, _ message: String) {
    finish()
    report = KernelReport(kind: kind, message: message)
    report?.notes = earlierNotes
    earlierNotes = []
  }

  private mutating func finish() {
    if let report { finished.append(report) }
    report = nil
    isInTrace = false
  }

  /// A line in words, which may stand before the oops that it is about.
  private mutating func note(_ text: String) {
    if report != nil && report?.code.isEmpty == true { report?.notes.append(text) } else { earlierNotes = earlierNotes.suffix(7) + [text] }
  }

  /// `NULL pointer dereference at virtual address 0000000000000010`.
  private mutating func kernelFault(_ line: inout LineScanner) {
    guard let message = line.take(through: " at virtual address ") else { return }
    begin(.oops, String(decoding: message, as: UTF8.self))
    report?.address = line.hexadecimal()
  }

  /// `Oops: 0000000096000006 [#1] SMP`, which follows an abort's lines, or begins the report of another exception.
  private mutating func internalError(_ line: inout LineScanner) {
    // The name may hold a colon of its own.
    var name: [UInt8] = []
    var rest = line
    while let part = rest.take(through: ": ") {
      name += (name.isEmpty ? [] : Array(": ".utf8)) + part
      var copy = rest
      guard let esr = copy.hexadecimal() else { continue }
      copy.skipSpaces()
      guard copy.take("[#"), let number = copy.decimal() else { continue }
      if report?.kind != .oops || report?.number != nil { begin(.oops, String(decoding: name, as: UTF8.self)) }
      report?.number = number
      if report?.esr == nil { report?.esr = esr }
      return
    }
  }

  /// `name[123]: unhandled exception: DABT (lower EL), ESR 0x92000006, level 2 translation fault in name[484,210000+1000]`, and before
  /// Linux 4.17 `name[123]: unhandled level 2 translation fault (11) at 0x00000010, esr 0x92000006, in name[400000+1000]`.
  private mutating func programFault(_ whole: LineScanner) -> Bool {
    var line = whole
    guard let head = line.take(through: "]: unhandled ") else { return false }
    var name = LineScanner(head)
    guard let task = name.take(through: "[") else { return false }
    isInTrace = false
    let process = name.decimal()
    var message: String
    var esr: UInt64?
    var address: UInt64?
    if line.take("exception: ") {
      var copy = line
      if copy.take(through: ", ESR ") != nil, let value = copy.hexadecimal(), copy.take(", ") {
        esr = value
        line = copy
      }
      message = line.text
    } else {
      message = line.text
      var copy = line
      if let kind = copy.take(through: " at ") {
        address = copy.hexadecimal()
        message = String(decoding: kind, as: UTF8.self)
      }
      if copy.take(through: "esr ") != nil { esr = copy.hexadecimal() }
    }
    var mapping: LoggedMapping?
    var copy = line
    if let before = copy.take(through: " in ") {
      mapping = LoggedMapping(&copy)
      if mapping != nil && address == nil { message = String(decoding: before, as: UTF8.self) }
    }
    begin(.program, message)
    report?.task = String(decoding: task, as: UTF8.self)
    report?.process = process
    report?.esr = esr
    report?.address = address
    report?.mapping = mapping
    return true
  }

  /// A line of a call trace: `vfs_fsync+0x1c/0x98 [module]`, or `[<ffff000008085c28>] el0_svc+0x8/0xc`.
  private mutating func traceLine(_ whole: LineScanner) {
    var line = whole
    if line.take("[<") { _ = line.take(through: ">]") }
    line.skipSpaces()
    let text = line.text
    guard text.contains("+0x"), text.count < 200 else { return }
    if (report?.trace.count ?? 64) < 64 { report?.trace.append(text) }
  }
}

extension LoggedMapping {
  /// `name[484,210000+1000]`, or `name[210000+1000]`.
  init?(_ line: inout LineScanner) {
    guard let name = line.take(through: "["), let first = line.hexadecimal() else { return nil }
    var offset: UInt64?
    var start = first
    if line.take(",") {
      offset = first
      guard let second = line.hexadecimal() else { return nil }
      start = second
    }
    guard line.take("+"), let size = line.hexadecimal(), line.take("]") else { return nil }
    self.init(file: String(decoding: name, as: UTF8.self), offset: offset, start: start, size: size)
  }
}
