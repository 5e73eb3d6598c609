// Owns the thread that reads a connection: it finds packets and keeps them for the server, and stops what runs as soon as the debugger asks
// for that. It does not know what a packet asks.
import Dispatch
import Foundation
import GDBProtocol
import Synchronization

/// Bytes to and from a debugger.
public protocol RemoteChannel: Sendable {
  /// Waits for bytes. An empty array is the end.
  func read() -> [UInt8]
  /// Returns false if the other side is gone.
  func write(_ bytes: [UInt8]) -> Bool
}

/// The packets that have arrived.
final class Inbox: Sendable {
  private struct State {
    var events: [PacketEvent] = []
    var isClosed = false
    /// Whether the debugger has asked for a stop since the last run began.
    var isInterrupted = false
    /// Stops what runs; nil while nothing runs.
    var stop: (@Sendable () -> Void)?
  }
  private let state = Mutex(State())
  private let arrived = DispatchSemaphore(value: 0)

  init(_ channel: any RemoteChannel, limit: Int) {
    Thread.detachNewThread { [self] in
      var reader = PacketReader(limit: limit)
      while true {
        let bytes = channel.read()
        if bytes.isEmpty { break }
        for byte in bytes { if let event = reader.take(byte) { add(event) } }
      }
      state.withLock { state in
        state.isClosed = true
        state.stop?()
      }
      arrived.signal()
    }
  }

  private func add(_ event: PacketEvent) {
    state.withLock { state in
      if event == .interrupt {
        state.isInterrupted = true
        state.stop?()
      } else {
        state.events.append(event)
      }
    }
    arrived.signal()
  }

  /// Waits for the next event; nil after the end of the connection.
  func next() -> PacketEvent? {
    while true {
      let (event, isClosed) = state.withLock { state in (state.events.isEmpty ? nil : state.events.removeFirst(), state.isClosed) }
      if let event { return event }
      if isClosed { return nil }
      arrived.wait()
    }
  }

  /// Runs `body` in such a way that the debugger's interrupt, or the end of the connection, calls `stop`.
  func running<Result>(stop: @escaping @Sendable () -> Void, _ body: () -> Result) -> Result {
    state.withLock { state in
      state.stop = stop
      if state.isInterrupted || state.isClosed { stop() }
    }
    defer {
      state.withLock { state in
        state.stop = nil
        state.isInterrupted = false
      }
    }
    return body()
  }
}
