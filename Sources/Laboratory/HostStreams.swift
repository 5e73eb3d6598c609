// Owns the streams of a session: the host's own stdin, stdout and stderr, and streams in memory.
// It does not know what the bytes are.
import LinuxKernel

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The system's read(), for callers that have a method of that name.
func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int { read(descriptor, buffer, count) }
private func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawPointer, _ count: Int) -> Int { write(descriptor, buffer, count) }

/// The host's own stdin, stdout and stderr, unbuffered.
public final class StandardIO: HostIO {
  public init() { signal(SIGPIPE, SIG_IGN) }

  public func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int? {
    var done = 0
    while done < bytes.count {
      let count = systemWrite(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if count < 0 {
        if errno == EINTR { continue }
        return nil
      }
      done += count
    }
    return done
  }

  public func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    while true {
      let count = systemRead(0, buffer.baseAddress!, buffer.count)
      if count >= 0 { return count }
      if errno != EINTR { return 0 }
    }
  }
}

/// Streams in memory: for tests and benchmarks.
public final class MemoryIO: HostIO {
  public private(set) var output: [UInt8] = []
  public private(set) var errors: [UInt8] = []
  private var input: [UInt8]
  public init(input: [UInt8] = []) { self.input = input }

  public var outputText: String { String(decoding: output, as: UTF8.self) }
  public var errorText: String { String(decoding: errors, as: UTF8.self) }

  public func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int? {
    if descriptor == 1 { output += bytes } else { errors += bytes }
    return bytes.count
  }
  public func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(buffer.count, input.count)
    buffer.copyBytes(from: input[..<count])
    input.removeFirst(count)
    return count
  }
}
