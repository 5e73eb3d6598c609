// Owns how a stream of bytes becomes lines with a limit. It does not know what a line means.

/// Bytes to and from a client.
public protocol ServedChannel: Sendable {
  /// Waits for bytes. An empty array is the end.
  func read() -> [UInt8]
  /// Returns false if the client is gone.
  func write(_ bytes: [UInt8]) -> Bool
  /// Returns once the client reads no more answers.
  func waitForLoss()
}

/// Cuts bytes into lines.
struct LineReader {
  enum Line: Equatable {
    case text(String)
    /// The line had more bytes than are read of one.
    case tooLong
  }
  private let limit: Int
  private var bytes: [UInt8] = []
  private var isTooLong = false

  init(limit: Int) { self.limit = limit }

  /// Takes a byte, and returns the line that it ends. Empty lines are left out.
  mutating func take(_ byte: UInt8) -> Line? {
    if byte != UInt8(ascii: "\n") {
      if bytes.count < limit { bytes.append(byte) } else { isTooLong = true }
      return nil
    }
    return end()
  }

  /// The line that the end of the stream ends.
  mutating func end() -> Line? {
    defer {
      bytes = []
      isTooLong = false
    }
    if isTooLong { return .tooLong }
    let text = String(decoding: bytes, as: UTF8.self)
    return text.allSatisfy(\.isWhitespace) ? nil : .text(text)
  }
}
