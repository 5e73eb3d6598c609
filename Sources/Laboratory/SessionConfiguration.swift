// Owns what a session is made of: processor, memory, kernel, policy.
// It does not know the command line that chose the parts.
import Architecture
import Decoding
import LinuxKernel
import LinuxMM

/// A machine, a kernel and a program's surroundings.
public struct SessionConfiguration: Sendable {
  public var kernel: KernelProfile = .newest
  public var policy: AtomicFaultPolicy = .stock
  public var accessFlagSetter = AccessFlagSetter.compareAndSwap
  public var features = ProcessorFeatures()
  /// Guest RAM in bytes.
  public var memorySize: UInt64 = 1 << 30
  /// transparent_hugepage/enabled at boot. Debian's kernels boot with `always`.
  public var hugePages = HugePageMode.always
  public var seed: UInt64 = 0
  public var environment: [String] = []
  /// The host directory that the program sees as its root; nil for an empty one. Nothing in it is ever changed.
  public var root: String?
  /// Host directories with separate debug files, which are searched before /usr/lib/debug.
  public var debugDirectories: [String] = []
  /// Whether the fast table and fusion are used. They change no result; tests turn them off to show that.
  public var usesFastTable = true
  public var usesFusion = true
  /// How often the decoder asks Capstone. It changes no result.
  public var decodeMode = Decoder.Mode.everyForm
  /// Strict mode: whether the kernel's changes of its tables are checked against break-before-make. It changes no result.
  public var reportsBreakBeforeMake = false
  public init() {}
}

/// Why a session cannot start.
public enum SessionError: Error, CustomStringConvertible {
  case file(String, String)
  case machine(String)

  public var description: String {
    switch self {
    case .file(let path, let reason): "\(path): \(reason)"
    case .machine(let reason): reason
    }
  }
}
