// Owns the streams of a program that a debugger drives: the host's own, with a wait for input that an interrupt ends. It does not know what
// the bytes are.
import Laboratory
import LinuxKernel
import LinuxMM

/// The host's streams, of which stdout may be replaced and stdin may be empty.
public final class RemoteIO: HostIO, Sendable {
  private let standard = StandardIO()
  private let output: Int32
  private let hasInput: Bool

  /// `output` is the host's descriptor for what the program writes to stdout.
  public init(output: Int32 = 1, hasInput: Bool = true) {
    self.output = output
    self.hasInput = hasInput
  }

  /// Ends a read that waits for input.
  public var interrupt: @Sendable () -> Void { { [self] in standard.interrupt() } }

  public func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) throws(Errno) -> Int {
    try standard.write(descriptor == 1 ? output : descriptor, bytes)
  }
  public func read(_ buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int { hasInput ? try standard.read(buffer) : 0 }
}
