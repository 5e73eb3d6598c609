// Owns the kinds of system call argument: how a value is shown, and whether the kernel has written what it points to.
// It does not know which call has which arguments.

import Architecture

/// How one argument of a system call is shown.
enum ArgumentKind: Sendable {
  /// A C int.
  case int
  /// 64 bits, in decimal: a size or a count.
  case size
  /// 64 bits with a sign: an offset in a file.
  case offset
  case hexadecimal
  /// NULL, or a number in hexadecimal.
  case address
  /// A file descriptor, of which AT_FDCWD has a name.
  case directory
  /// Rights of a file, in octal.
  case mode
  /// A string that ends with a zero byte.
  case path
  /// Bytes, as many as the argument with this number says.
  case bytes(Int)
  /// Bytes that the kernel writes, as many as the call returns.
  case output
  /// A string that the kernel writes, as long as the call returns.
  case outputText
  /// An array of strings that ends with NULL.
  case strings
  /// An array of strings, of which only the number is shown.
  case environment
  /// One of several numbers with names.
  case choice(NameTable)
  /// Bits with names.
  case flags(NameTable)
  case signal
  /// A set of signals.
  case signals
  case outputSignals
  /// A structure that the caller has filled.
  case structure(StructureLayout)
  /// A structure that the kernel fills.
  case outputStructure(StructureLayout)
  /// An array of struct iovec, as many as the argument with this number says; the kernel reads what they point to.
  case vectors(Int)
  /// An array of struct iovec whose memory the kernel fills.
  case outputVectors(Int)
  /// An array of struct pollfd.
  case polls(Int)
  /// Two descriptors that the kernel writes.
  case descriptorPair
  /// A 32-bit number that the kernel writes.
  case outputInt
  /// The status of a child that the kernel writes.
  case status
  /// All arguments of clone.
  case cloneArguments

  /// Whether it is shown only once the call has returned.
  var isOutput: Bool {
    switch self {
    case .output, .outputText, .outputSignals, .outputStructure, .outputVectors, .descriptorPair, .outputInt, .status: true
    default: false
    }
  }
}

/// Names of numbers or bits.
struct NameTable: Sendable {
  /// The part of a flag argument that is a number of its own, as the access mode of open: a mask, and its names.
  var field: (mask: UInt64, names: [UInt64: String])?
  let names: [(value: UInt64, name: String)]
  /// What unknown numbers are called, as in `0x40 /* MADV_??? */`.
  let prefix: String

  init(_ prefix: String, field: (mask: UInt64, names: [UInt64: String])? = nil, _ names: [(UInt64, String)]) {
    self.prefix = prefix
    self.field = field
    self.names = names.map { (value: $0.0, name: $0.1) }
  }

  /// The name of one number.
  func choice(_ value: UInt64) -> String {
    names.first { $0.value == value }?.name ?? "\(hexadecimal(value)) /* \(prefix)??? */"
  }

  /// The names of the bits that are set, with `|` between them.
  func flags(_ value: UInt64) -> String {
    var parts: [String] = []
    var rest = value
    if let field {
      parts.append(field.names[rest & field.mask] ?? hexadecimal(rest & field.mask))
      rest &= ~field.mask
    } else if rest == 0 {
      return names.first { $0.value == 0 }?.name ?? "0"
    }
    for (bits, name) in names where bits != 0 && rest & bits == bits {
      parts.append(name)
      rest &= ~bits
    }
    if rest != 0 { parts.append(parts.isEmpty ? "\(hexadecimal(rest)) /* \(prefix)??? */" : hexadecimal(rest)) }
    return parts.joined(separator: "|")
  }
}
