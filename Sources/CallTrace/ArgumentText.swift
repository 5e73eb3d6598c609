// Owns the text of one argument: numbers, names, strings and structures in a program's memory, as strace writes them.
// It does not know when a call begins or returns.
import Architecture
import LinuxKernel

/// Reads a program's memory without changing anything: nil where not all bytes are readable.
public typealias MemoryReader = (_ address: UInt64, _ count: Int) -> [UInt8]?

/// Writes arguments of one call of one program.
struct ArgumentText {
  let memory: MemoryReader
  /// All six registers of the call.
  let values: [UInt64]
  /// The result, once the call has returned one that is no error.
  var result: UInt64?

  /// The number of bytes behind which a string is cut.
  static let stringLimit = 32
  /// The most elements that are shown of an array.
  private static let arrayLimit = 32

  func text(_ kind: ArgumentKind, _ value: UInt64) -> String {
    switch kind {
    case .int: "\(Int32(truncatingIfNeeded: value))"
    case .size: "\(value)"
    case .offset: "\(Int64(bitPattern: value))"
    case .hexadecimal: value == 0 ? "0" : hexadecimal(value)
    case .address: address(value)
    case .directory: Int32(truncatingIfNeeded: value) == -100 ? "AT_FDCWD" : "\(Int32(truncatingIfNeeded: value))"
    case .mode: octal(value & 0o7777)
    case .path: path(value)
    case .bytes(let count): string(value, count: values[count])
    case .output, .outputText: result.map { string(value, count: $0) } ?? address(value)
    case .strings: strings(value)
    case .environment: environment(value)
    case .choice(let table): table.choice(value & 0xffff_ffff)
    case .flags(let table): table.flags(value & 0xffff_ffff)
    case .signal: Signal.name(Int32(truncatingIfNeeded: value))
    case .signals: signals(value)
    case .outputSignals: result == nil ? address(value) : signals(value)
    case .structure(let layout): structure(layout, value)
    case .outputStructure(let layout): result == nil ? address(value) : structure(layout, value)
    case .vectors(let count): vectors(value, count: values[count], filled: nil)
    case .outputVectors(let count): result.map { vectors(value, count: values[count], filled: $0) } ?? address(value)
    case .polls(let count): polls(value, count: values[count])
    case .descriptorPair: result == nil ? address(value) : numbers(value, 2).map { "[\($0[0]), \($0[1])]" } ?? address(value)
    case .outputInt: result == nil ? address(value) : numbers(value, 1).map { "[\($0[0])]" } ?? address(value)
    case .status: result == nil || result == 0 ? address(value) : numbers(value, 1).map { "[\(Self.status($0[0]))]" } ?? address(value)
    case .cloneArguments: cloneArguments
    }
  }

  /// All arguments of clone: they depend on its flags, and strace shows the stack first.
  private var cloneArguments: String {
    let signal = values[0] & 0xff
    let flags = values[0] & ~0xff
    let names = (flags == 0 ? [] : [NameTable.clone.flags(flags)]) + (signal == 0 ? [] : [Signal.name(Int32(signal))])
    var parts = ["child_stack=\(address(values[1]))", "flags=\(names.isEmpty ? "0" : names.joined(separator: "|"))"]
    if flags & 0x10_0000 != 0 { parts.append("parent_tid=\(address(values[2]))") }
    if flags & 0x8_0000 != 0 { parts.append("tls=\(address(values[3]))") }
    if flags & 0x120_0000 != 0 { parts.append("child_tidptr=\(address(values[4]))") }
    return parts.joined(separator: ", ")
  }

  private func address(_ value: UInt64) -> String { value == 0 ? "NULL" : hexadecimal(value) }
  private func octal(_ value: UInt64) -> String { value == 0 ? "000" : "0" + String(value, radix: 8) }

  private func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }

  private func numbers(_ value: UInt64, _ count: Int) -> [Int32]? {
    memory(value, 4 * count).map { bytes in (0..<count).map { Int32(truncatingIfNeeded: number(bytes[(4 * $0)..<(4 * $0 + 4)])) } }
  }

  // MARK: Strings

  /// Bytes in quotes, cut behind `stringLimit` with three dots.
  private func string(_ value: UInt64, count: UInt64) -> String {
    if value == 0 { return "NULL" }
    let shown = Int(min(count, UInt64(Self.stringLimit)))
    guard let bytes = shown == 0 ? [] : memory(value, shown) else { return hexadecimal(value) }
    return Self.quoted(bytes) + (count > UInt64(shown) ? "..." : "")
  }

  /// A string that ends with a zero byte. A path is shown whole.
  private func path(_ value: UInt64) -> String {
    if value == 0 { return "NULL" }
    return zeroTerminated(value).map { Self.quoted($0) } ?? hexadecimal(value)
  }

  private func zeroTerminated(_ value: UInt64) -> [UInt8]? {
    var bytes: [UInt8] = []
    while bytes.count < 4096 {
      // Reading up to the page's end: the next page may not be readable.
      let at = value &+ UInt64(bytes.count)
      guard let piece = memory(at, Int(min(64, 4096 - at % 4096))) else { return nil }
      if let end = piece.firstIndex(of: 0) { return bytes + piece[..<end] }
      bytes += piece
    }
    return bytes
  }

  static func quoted(_ bytes: [UInt8]) -> String {
    var text = "\""
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case 0x22: text += "\\\""
      case 0x5c: text += "\\\\"
      case 0x0a: text += "\\n"
      case 0x0d: text += "\\r"
      case 0x09: text += "\\t"
      case 0x0b: text += "\\v"
      case 0x0c: text += "\\f"
      case 0x20...0x7e: text += String(UnicodeScalar(byte))
      default:
        // Octal, in full only where a digit follows.
        let digits = String(byte, radix: 8)
        let next = bytes.indices.contains(index + 1) ? bytes[index + 1] : 0
        text += "\\" + ((0x30...0x37).contains(next) ? String(repeating: "0", count: 3 - digits.count) : "") + digits
      }
    }
    return text + "\""
  }

  private func strings(_ value: UInt64) -> String {
    if value == 0 { return "NULL" }
    var parts: [String] = []
    for index in 0..<Self.arrayLimit {
      guard let bytes = memory(value &+ UInt64(8 * index), 8) else { return hexadecimal(value) }
      let pointer = number(bytes[...])
      if pointer == 0 { return "[" + parts.joined(separator: ", ") + "]" }
      parts.append(path(pointer))
    }
    return "[" + parts.joined(separator: ", ") + ", ...]"
  }

  private func environment(_ value: UInt64) -> String {
    if value == 0 { return "NULL" }
    for index in 0..<4096 {
      guard let bytes = memory(value &+ UInt64(8 * index), 8) else { return hexadecimal(value) }
      if number(bytes[...]) == 0 { return "\(hexadecimal(value)) /* \(index) var\(index == 1 ? "" : "s") */" }
    }
    return hexadecimal(value)
  }

  // MARK: Signals and statuses

  private func signals(_ value: UInt64) -> String {
    if value == 0 { return "NULL" }
    return memory(value, 8).map { Self.signalSet(number($0[...])) } ?? hexadecimal(value)
  }

  /// `[INT CHLD]`, or `~[KILL STOP]` where most signals are in the set.
  static func signalSet(_ set: UInt64) -> String {
    let inverted = set.nonzeroBitCount >= 43
    let shown = inverted ? ~set : set
    let names = (1...64 as ClosedRange<Int32>).filter { shown >> UInt64($0 - 1) & 1 != 0 }.map { signal in
      let name = Signal.name(signal)
      return name.hasPrefix("SIG") ? String(name.dropFirst(3)) : signal >= 32 ? "RT_\(signal - 32)" : "\(signal)"
    }
    return (inverted ? "~[" : "[") + names.joined(separator: " ") + "]"
  }

  /// `{WIFEXITED(s) && WEXITSTATUS(s) == 3}`.
  static func status(_ status: Int32) -> String {
    let signal = status & 0x7f
    if signal == 0 { return "{WIFEXITED(s) && WEXITSTATUS(s) == \(status >> 8 & 0xff)}" }
    if status & 0xff == 0x7f {
      return status == 0xffff ? "{WIFCONTINUED(s)}" : "{WIFSTOPPED(s) && WSTOPSIG(s) == \(Signal.name(status >> 8 & 0xff))}"
    }
    return "{WIFSIGNALED(s) && WTERMSIG(s) == \(Signal.name(signal))\(status & 0x80 != 0 ? " && WCOREDUMP(s)" : "")}"
  }

  // MARK: Structures and arrays

  private func structure(_ layout: StructureLayout, _ value: UInt64) -> String {
    if value == 0 { return "NULL" }
    return memory(value, layout.size).map { structure(layout, $0[...]) } ?? hexadecimal(value)
  }

  private func structure(_ layout: StructureLayout, _ bytes: ArraySlice<UInt8>) -> String {
    let fields = layout.fields.map { "\($0.name)=\(field($0, bytes))" } + (layout.isPartial ? ["..."] : [])
    return "{" + fields.joined(separator: ", ") + "}"
  }

  private func field(_ field: StructureLayout.Field, _ bytes: ArraySlice<UInt8>) -> String {
    func piece(_ count: Int) -> ArraySlice<UInt8> { bytes.dropFirst(field.offset).prefix(count) }
    switch field.kind {
    case .signed(let size):
      let unused = UInt64(64 - 8 * size)
      return "\(Int64(bitPattern: number(piece(size)) << unused) >> Int64(unused))"
    case .unsigned(let size): return "\(number(piece(size)))"
    case .address: return address(number(piece(8)))
    case .mode(let size):
      let mode = number(piece(size))
      return (mode & 0o170000 == 0 ? "" : NameTable.fileType.choice(mode & 0o170000) + "|") + octal(mode & 0o7777)
    case .flags(let table, let size): return table.flags(number(piece(size)))
    case .signals: return Self.signalSet(number(piece(8)))
    case .handler:
      let handler = number(piece(8))
      return handler == 0 ? "SIG_DFL" : handler == 1 ? "SIG_IGN" : hexadecimal(handler)
    case .limit:
      let limit = number(piece(8))
      return limit == .max ? "RLIM64_INFINITY" : limit > 1024 && limit % 1024 == 0 ? "\(limit / 1024)*1024" : "\(limit)"
    case .text(let size): return Self.quoted(Array(piece(size).prefix { $0 != 0 }))
    case .structure(let inner): return structure(inner, piece(inner.size))
    }
  }

  /// `filled`: the bytes that the call has moved; nil means that all are there.
  private func vectors(_ value: UInt64, count: UInt64, filled: UInt64?) -> String {
    if value == 0 { return "NULL" }
    let shown = Int(min(count, UInt64(Self.arrayLimit)))
    guard let bytes = shown == 0 ? [] : memory(value, 16 * shown) else { return hexadecimal(value) }
    var rest = filled
    let parts = (0..<shown).map { index in
      let (base, length) = (number(bytes[(16 * index)..<(16 * index + 8)]), number(bytes[(16 * index + 8)..<(16 * index + 16)]))
      let present = min(rest ?? length, length)
      rest = rest.map { $0 - present }
      return "{iov_base=\(string(base, count: present)), iov_len=\(length)}"
    }
    return "[" + parts.joined(separator: ", ") + (count > UInt64(shown) ? ", ..." : "") + "]"
  }

  private func polls(_ value: UInt64, count: UInt64) -> String {
    if value == 0 { return "NULL" }
    let shown = Int(min(count, UInt64(Self.arrayLimit)))
    guard let bytes = shown == 0 ? [] : memory(value, 8 * shown) else { return hexadecimal(value) }
    let parts = (0..<shown).map { index in
      let at = 8 * index
      let descriptor = Int32(truncatingIfNeeded: number(bytes[at..<(at + 4)]))
      return "{fd=\(descriptor), events=\(NameTable.poll.flags(number(bytes[(at + 4)..<(at + 6)])))}"
    }
    return "[" + parts.joined(separator: ", ") + (count > UInt64(shown) ? ", ..." : "") + "]"
  }
}
