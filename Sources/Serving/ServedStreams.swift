// Owns the streams of a served program: what it writes is kept for the answer, and it reads what the client has given.
// It does not know requests.
import LinuxKernel
import LinuxMM
import Synchronization

/// What a program wrote during a call.
public struct ProgramOutput: Codable, Equatable, Sendable {
  public var stdout = ""
  public var stderr = ""
  /// The bytes that were too many to keep.
  public var omitted = 0
}

/// Streams in memory, which two threads may use: the program's, and the one that takes the client's input.
public final class ServedStreams: HostIO, Sendable {
  private struct State {
    var written: [[UInt8]] = [[], []]
    var omitted = 0
    var input: [UInt8] = []
  }
  private let state = Mutex(State())
  /// The most bytes of each stream that one answer holds.
  public static let limit = 1 << 20

  public init() {}

  public func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    state.withLock { state in
      let stream = descriptor == 1 ? 0 : 1
      let kept = min(bytes.count, Self.limit - state.written[stream].count)
      state.written[stream] += bytes.prefix(kept)
      state.omitted += bytes.count - kept
    }
    return bytes.count
  }

  /// Reads what the client has given and the program has not yet read; 0 bytes, which are the end of a file, where there is nothing.
  public func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    state.withLock { state in
      let count = min(buffer.count, state.input.count)
      buffer.copyBytes(from: state.input[..<count])
      state.input.removeFirst(count)
      return count
    }
  }

  /// Adds to the program's input.
  public func give(_ text: String) { state.withLock { $0.input += Array(text.utf8) } }

  /// What was written since the last call of this.
  public func take() -> ProgramOutput {
    state.withLock { state in
      defer {
        state.written = [[], []]
        state.omitted = 0
      }
      return ProgramOutput(
        stdout: String(decoding: state.written[0], as: UTF8.self), stderr: String(decoding: state.written[1], as: UTF8.self),
        omitted: state.omitted)
    }
  }
}
