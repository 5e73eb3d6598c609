// Owns a command that runs beside the emulator and answers each line with one line: its start, the exchange, and its end.
// It does not know what is asked. A helper that dies, hangs or talks without end is ended; the emulator never waits for it.
import Foundation

/// A helper that runs.
final class HelperProcess {
  /// Why there is no answer.
  enum Failure: Error, Equatable {
    case ended
    case hung
    case talks
  }

  /// The most bytes of an answer. C++ has long names, but none of this length.
  static let longestAnswer = 1 << 20

  private let process = Process()
  /// The end of the connection that is ours: the helper has the other one as stdin and stdout.
  private let connection: Int32
  /// Bytes that came behind the last answer.
  private var rest: [UInt8] = []

  /// Starts the command at `path`; nil if it cannot be started.
  init?(_ path: String, _ arguments: [String]) {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Self.stream, 0, &ends) == 0 else { return nil }
    connection = ends[0]
    // A program that the emulator starts later must not hold the connection open.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(connection, F_SETFL, fcntl(connection, F_GETFL) | O_NONBLOCK)
    let other = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.standardInput = other
    process.standardOutput = other
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { return nil }
    try? other.close()
    #if canImport(Darwin)
      var on: Int32 = 1
      setsockopt(connection, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
    #endif
  }

  /// The helper reads the end of its input and ends; one that hangs is killed.
  deinit {
    close(connection)
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }

  /// Writes lines and reads as many answers, within `patience` for each answer. After an error the helper must not be asked again, nor if
  /// its input was ended, which some helpers wait for before they answer.
  func exchange(_ lines: [String], patience: Duration, endsInput: Bool = false) throws(Failure) -> [String] {
    var output = Array(lines.joined(separator: "\n").utf8) + [UInt8(ascii: "\n")]
    var answers: [String] = []
    var deadline = ContinuousClock.now + patience
    while answers.count < lines.count {
      let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
      if left <= 0 { throw .hung }
      // Both directions at once: neither side may wait for the other with a full connection.
      var request = pollfd(fd: connection, events: Int16(POLLIN) | (output.isEmpty ? 0 : Int16(POLLOUT)), revents: 0)
      if poll(&request, 1, Int32(left.rounded(.up))) < 0 && errno != EINTR { throw .ended }
      if request.revents & Int16(POLLOUT) != 0 && !output.isEmpty {
        try write(&output)
        if output.isEmpty && endsInput { shutdown(connection, Self.sending) }
      }
      if request.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 {
        let before = answers.count
        try read(&answers)
        if answers.count > before { deadline = ContinuousClock.now + patience }
      }
    }
    // More lines than were asked for would shift all later answers.
    if answers.count > lines.count || !rest.isEmpty { throw .talks }
    return answers
  }

  private func write(_ output: inout [UInt8]) throws(Failure) {
    let count = send(connection, output, output.count, Self.noSignal)
    if count > 0 { output.removeFirst(count) } else if errno != EAGAIN && errno != EINTR { throw .ended }
  }

  private func read(_ answers: inout [String]) throws(Failure) {
    var bytes = [UInt8](repeating: 0, count: 65536)
    let count = recv(connection, &bytes, bytes.count, 0)
    if count == 0 { throw .ended }
    if count < 0 {
      if errno == EAGAIN || errno == EINTR { return }
      throw .ended
    }
    rest += bytes[..<count]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      // LLVM separates some answers by empty lines.
      if end > 0 { answers.append(String(decoding: rest[..<end], as: UTF8.self)) }
      rest.removeSubrange(...end)
    }
    if rest.count > Self.longestAnswer { throw .talks }
  }

  #if canImport(Darwin)
    private static let noSignal: Int32 = 0
    private static let sending = SHUT_WR
    private static let stream = SOCK_STREAM
  #else
    private static let noSignal = Int32(MSG_NOSIGNAL)
    private static let sending = Int32(SHUT_WR)
    private static let stream = Int32(SOCK_STREAM.rawValue)
  #endif
}
