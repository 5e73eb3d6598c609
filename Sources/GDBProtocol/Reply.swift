// Owns the answers to requests and how each is written. It does not know which answer a request gets.

/// Why a request failed. Its number is that of the errno with the same meaning.
public enum Failure: UInt8, Error, Sendable {
  case noSuchThread = 3
  case tooLong = 7
  case unreadable = 14
  case malformed = 22
  case unsupported = 95
}

/// An answer.
public enum Reply: Equatable, Sendable {
  case ok
  /// The request is not known.
  case empty
  case failure(Failure)
  /// A failure with an explanation, which a debugger shows.
  case refusal(String)
  /// Text that contains none of the bytes that mean something to the frame.
  case text(String)
  /// Bytes as hexadecimal digits.
  case bytes([UInt8])
  /// Bytes as they are.
  case binary([UInt8])
  /// A part of an object. `isLast` if nothing follows it.
  case part(ArraySlice<UInt8>, isLast: Bool)
  case stop(StopReply)
  /// The result of a file request, and the bytes that come with the results of some requests, even if there are none.
  case file(Int, [UInt8]? = nil)
  /// An errno of a file request, by File-I/O's numbers.
  case fileFailure(FileError)

  /// The contents of the packet.
  public var contents: [UInt8] {
    switch self {
    case .ok: Array("OK".utf8)
    case .empty: []
    case .failure(let failure): Array("E".utf8) + Hexadecimal.bytes([failure.rawValue])
    case .refusal(let text): Array("E.".utf8) + PacketWriter.escaped(text.utf8)
    case .text(let text): Array(text.utf8)
    case .bytes(let bytes): Hexadecimal.bytes(bytes)
    case .binary(let bytes): PacketWriter.escaped(bytes)
    case .part(let bytes, let isLast): [UInt8(ascii: isLast ? "l" : "m")] + PacketWriter.escaped(bytes)
    case .stop(let stop): Array(stop.text.utf8)
    case .file(let result, let bytes):
      Array("F\(String(result, radix: 16))".utf8) + (bytes.map { [UInt8(ascii: ";")] + PacketWriter.escaped($0) } ?? [])
    case .fileFailure(let error): Array("F-1,\(String(error.rawValue, radix: 16))".utf8)
    }
  }

  /// The output of a command, which a debugger shows while it waits for the answer.
  public static func console(_ text: String) -> [UInt8] { Array("O".utf8) + Hexadecimal.bytes(text.utf8) }
}

/// The errors of file requests. GDB manual, E.13.9.2 Errno Values.
public enum FileError: Int, Error, Sendable {
  case EPERM = 1
  case ENOENT = 2
  case EBADF = 9
  case EACCES = 13
  case EINVAL = 22
  case EROFS = 30
  case EUNKNOWN = 9999
}

/// The status of a file, in the layout of File-I/O's struct stat. GDB manual, E.13.9.3.
public struct FileStatus: Equatable, Sendable {
  public var mode: UInt32
  public var size: UInt64
  public init(mode: UInt32, size: UInt64) {
    self.mode = mode
    self.size = size
  }

  /// 64 bytes, big-endian: device, inode, mode, links, user, group, device number, size, block size, blocks, three times.
  public var bytes: [UInt8] {
    func word<Word: FixedWidthInteger>(_ value: Word) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
    let identity = word(0 as UInt32) + word(1 as UInt32) + word(mode) + word(1 as UInt32)
    let owner = word(0 as UInt32) + word(0 as UInt32) + word(0 as UInt32)
    return identity + owner + word(size) + word(4096 as UInt64) + word((size + 511) / 512) + [UInt8](repeating: 0, count: 12)
  }
}
