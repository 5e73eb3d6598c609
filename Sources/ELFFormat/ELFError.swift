// Owns the errors of ELF files, as texts for the user. It does not know the file's name.

/// Why a file cannot be used.
public enum ELFError: Error, Hashable, Sendable, CustomStringConvertible {
  case notELF(size: Int)
  /// A script's first line: the path behind `#!`.
  case script(interpreter: String)
  case truncated(String, size: Int)
  case unsupported(String, String)
  case malformed(String)

  public var description: String {
    switch self {
    case .notELF(let size): size == 0 ? "it is empty" : "it is not an ELF file (the first four bytes are not 7f 45 4c 46)"
    case .script(let interpreter):
      "it is a script; run its interpreter instead" + (interpreter.isEmpty ? "" : ", which is \(interpreter)")
        + ", and give the script as its argument"
    case .truncated(let what, let size): "it is truncated: \(what) does not fit into its \(size) bytes"
    case .unsupported(let what, let supported): "it is \(what); only \(supported) can be run"
    case .malformed(let what): what
    }
  }
}
