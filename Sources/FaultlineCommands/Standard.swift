// Owns what the commands write to the host's standard streams, and how the process ends where a stream cannot be written.
// It does not know any text.
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The host's standard streams, without buffering.
enum Standard {
  /// Whether a line could not be written to stderr: no line can say so, but the exit status does.
  private static let hasLostLines = Atomic(false)

  /// Writes to stdout. If that fails, the process ends with one line on stderr and status 2, or without one where the reader has
  /// left.
  static func output(_ text: String) {
    if let error = put(text, 1) { cannotWrite("stdout", error) }
  }

  /// Writes to stderr. The name of the command before a line stands out on a terminal.
  static func error(_ text: String) { if put(Self.coloured(text), 2) != nil { hasLostLines.store(true, ordering: .relaxed) } }

  private static func coloured(_ text: String) -> String {
    for (prefix, colour) in [("faultline: error:", Colour.error), ("faultline:", .bold)] where text.hasPrefix(prefix) {
      return colour.on(2, prefix) + text.dropFirst(prefix.count)
    }
    return text
  }

  /// Ends the process: the host has refused what a command writes to a stream or a file, with this error number.
  static func cannotWrite(_ what: String, _ number: Int32) -> Never {
    // A reader that has left, as `head` does, is no mistake.
    if number == EPIPE { leave(128 + SIGPIPE) }
    error("faultline: error: cannot write to \(what): \(String(cString: strerror(number)))\n")
    leave(2)
  }

  /// Ends the process. A status that would say that all went well is 2 where a line was lost.
  static func leave(_ status: Int32) -> Never { exit(status == 0 && hasLostLines.load(ordering: .relaxed) ? 2 : status) }

  /// Writes all of the text; returns the host's error, or nil.
  private static func put(_ text: String, _ descriptor: Int32) -> Int32? {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress!, $0.count) }
      if count >= 0 {
        bytes = bytes.dropFirst(count)
      } else if errno == EAGAIN {
        // A stream that another process made non-blocking is waited for.
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&wait, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return nil
  }
}
