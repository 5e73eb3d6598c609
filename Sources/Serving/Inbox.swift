// Owns the thread that reads a client: it keeps requests for the server, and passes on at once those that concern a call that runs.
// It does not know commands.
import Dispatch
import Foundation
import JSONRPC
import Synchronization

/// The requests that have arrived.
final class Inbox: Sendable {
  private struct State {
    var waiting: [Incoming] = []
    var isClosed = false
    /// The requests that are not answered yet, the one that runs among them.
    var open = 0
  }
  private let state = Mutex(State())
  private let arrived = DispatchSemaphore(value: 0)

  /// The most bytes of a line.
  private static let lineLimit = 1 << 22

  /// `atOnce` takes a message before its turn and returns true, or leaves it and returns false. `lost` is called when the client is gone.
  init(_ channel: any ServedChannel, atOnce: @escaping @Sendable (Incoming, Inbox) -> Bool, lost: @escaping @Sendable () -> Void) {
    Thread.detachNewThread { [self] in
      var reader = LineReader(limit: Self.lineLimit)
      func take(_ line: LineReader.Line?) {
        guard let line else { return }
        let message =
          switch line {
          case .text(let text): Incoming(line: text)
          case .tooLong: Incoming.single(.failure(.invalidRequest("a line has more than \(Self.lineLimit) bytes")), id: .null)
          }
        if !atOnce(message, self) { add(message) }
      }
      while true {
        let bytes = channel.read()
        if bytes.isEmpty { break }
        for byte in bytes { take(reader.take(byte)) }
      }
      take(reader.end())
      state.withLock { $0.isClosed = true }
      arrived.signal()
      // The requests that came are answered, as long as there is a reader.
      channel.waitForLoss()
      lost()
    }
  }

  private func add(_ message: Incoming) {
    state.withLock { state in
      state.waiting.append(message)
      state.open += 1
    }
    arrived.signal()
  }

  /// Waits for the next message; nil after the end. The one before is answered.
  func next(after isFirst: Bool) -> Incoming? {
    if !isFirst { state.withLock { $0.open -= 1 } }
    while true {
      let (message, isClosed) = state.withLock { state in (state.waiting.isEmpty ? nil : state.waiting.removeFirst(), state.isClosed) }
      if let message { return message }
      if isClosed { return nil }
      arrived.wait()
    }
  }

  /// Whether a request waits or is being worked on.
  var isBusy: Bool { state.withLock { $0.open > 0 } }
}
