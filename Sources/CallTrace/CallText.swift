// Owns one call from its beginning to its result: which arguments are known when, and the text of the result.
// It does not know the other calls of the program.
import Architecture
import LinuxKernel

/// A system call that has begun.
struct CallText {
  let name: String
  private let row: CallRow
  private let values: [UInt64]
  /// The text of each argument that is known at the beginning: neither one that the kernel writes, nor one in memory that is not there yet.
  private let early: [String?]

  init(number: UInt64, values: [UInt64], memory: @escaping MemoryReader) {
    self.values = values
    name = SystemCallNames.name(number) ?? "syscall_\(hexadecimal(number))"
    row = Self.row(name, values)
    early = row.arguments.enumerated().map { index, kind in
      if kind.isOutput { return nil }
      var isComplete = true
      let reader: MemoryReader = { address, count in
        let bytes = memory(address, count)
        if bytes == nil { isComplete = false }
        return bytes
      }
      let text = withoutActuallyEscaping(reader) { ArgumentText(memory: $0, values: values).text(kind, values[index]) }
      return isComplete ? text : nil
    }
  }

  /// The row of a call, without the arguments that it ignores.
  private static func row(_ name: String, _ values: [UInt64]) -> CallRow {
    guard var row = CallRow.byName[name] else { return CallRow([ArgumentKind](repeating: .hexadecimal, count: 6)) }
    func shortened(_ count: Int) -> CallRow { CallRow(Array(row.arguments.prefix(count)), row.result) }
    switch name {
    // The rights count for a new file only.
    case "openat" where values[2] & 0o100 == 0 && values[2] & 0o20040000 != 0o20040000: row = shortened(3)
    case "mremap" where values[3] & 6 == 0: row = shortened(4)
    case "fcntl" where [1, 3, 9, 1032, 1034].contains(values[1]): row = shortened(2)
    case "fcntl" where values[1] == 2:
      row = CallRow([.int, .choice(.control), .flags(NameTable("FD_", [(1, "FD_CLOEXEC")]))])
    case "fcntl" where values[1] == 4: row = CallRow([.int, .choice(.control), .flags(.open)])
    case "futex":
      switch values[1] & 0x7f {
      // Wake, and unlock.
      case 1, 10: row = shortened(3)
      case 7: row = shortened(2)
      case 0: row = CallRow([.address, .flags(.futex), .size, .structure(.time)])
      case 9: row = CallRow([.address, .flags(.futex), .size, .structure(.time), .address, .hexadecimal])
      default: break
      }
    default: break
    }
    return row
  }

  /// The arguments up to the first one that the kernel has yet to write, as in `read(3, `.
  var beginning: String {
    let known = early.prefix { $0 != nil }.map { $0! }
    return "\(name)(" + known.joined(separator: ", ") + (known.count == early.count ? "" : known.isEmpty ? "" : ", ")
  }

  /// The arguments from the first one that `beginning` left out, and the closing bracket.
  func end(result: UInt64?, memory: @escaping MemoryReader) -> String {
    let first = early.prefix { $0 != nil }.count
    return texts(result: result, memory: memory).dropFirst(first).joined(separator: ", ") + ")"
  }

  /// The whole call.
  func whole(result: UInt64?, memory: @escaping MemoryReader) -> String {
    let texts = texts(result: result, memory: memory)
    return "\(name)(" + texts.joined(separator: ", ") + ")"
  }

  private func texts(result: UInt64?, memory: @escaping MemoryReader) -> [String] {
    let isError = result.map { Int64(bitPattern: $0) < 0 && Int64(bitPattern: $0) >= -4095 } ?? true
    let writer = ArgumentText(memory: memory, values: values, result: isError ? nil : result)
    return zip(row.arguments, early).enumerated().map { index, pair in pair.1 ?? writer.text(pair.0, values[index]) }
  }

  // MARK: Results

  /// ` = 3`, ` = -1 ENOENT (No such file or directory)`, ` = ? ERESTARTSYS (To be restarted if SA_RESTART is set)`.
  func resultText(_ result: UInt64?) -> String {
    guard let result, row.result != .none else { return "?" }
    let signed = Int64(bitPattern: result)
    if signed < 0 && signed >= -4095 {
      let number = 0 &- result
      if let restart = Self.restarts.first(where: { $0.number == number }) { return "? \(restart.name) (\(restart.meaning))" }
      guard let error = ErrorName.byNumber[number] else { return "-1 ERRNO_\(number)" }
      return "-1 \(error.name) (\(error.text))"
    }
    switch row.result {
    case .number, .none: return "\(signed)"
    case .address, .hexadecimal: return result == 0 ? "NULL" : hexadecimal(result)
    }
  }

  /// Results that the program never sees.
  private static let restarts: [(number: UInt64, name: String, meaning: String)] = [
    (512, "ERESTARTSYS", "To be restarted if SA_RESTART is set"), (513, "ERESTARTNOINTR", "To be restarted"),
    (514, "ERESTARTNOHAND", "To be restarted if no handler"), (516, "ERESTART_RESTARTBLOCK", "Interrupted by signal"),
  ]
}
