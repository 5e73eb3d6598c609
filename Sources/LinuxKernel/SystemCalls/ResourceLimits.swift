// Owns RLIMIT_*: the values a first process has, and what may be set.
// It does not enforce them: the memory manager enforces the stack's, signal delivery that of queued signals, the file calls those
// of descriptors and of file sizes, and nothing enforces the rest.
// Linux: include/asm-generic/resource.h, kernel/sys.c do_prlimit().
import LinuxMM

struct ResourceLimits: Sendable {
  struct Limit: Hashable, Sendable {
    var soft: UInt64
    var hard: UInt64
  }
  static let infinity = ~UInt64(0)
  /// RLIMIT_STACK.
  static let stack: UInt64 = 3
  /// RLIMIT_SIGPENDING's value: signals that may be queued.
  static let pendingSignals = 4096

  private var limits: [Limit] = {
    var limits = [Limit](repeating: Limit(soft: infinity, hard: infinity), count: 16)
    limits[Int(stack)] = Limit(soft: Layout48.stackLimit, hard: infinity)
    limits[4] = Limit(soft: 0, hard: infinity)  // CORE
    limits[6] = Limit(soft: UInt64(pendingSignals), hard: UInt64(pendingSignals))  // NPROC
    limits[7] = Limit(soft: 1024, hard: 4096)  // NOFILE
    limits[8] = Limit(soft: 8 << 20, hard: 8 << 20)  // MEMLOCK
    limits[11] = Limit(soft: UInt64(pendingSignals), hard: UInt64(pendingSignals))  // SIGPENDING
    limits[12] = Limit(soft: 819_200, hard: 819_200)  // MSGQUEUE
    limits[13] = Limit(soft: 0, hard: 0)  // NICE
    limits[14] = Limit(soft: 0, hard: 0)  // RTPRIO
    return limits
  }()

  /// RLIMIT_NOFILE: descriptors end below it.
  var openFiles: UInt64 { limits[7].soft }
  /// RLIMIT_FSIZE: bytes that a file may have.
  var fileSize: UInt64 { limits[1].soft }

  /// EINVAL for a resource that does not exist.
  func limit(_ resource: UInt64) throws(Errno) -> Limit {
    guard resource < UInt64(limits.count) else { throw .EINVAL }
    return limits[Int(resource)]
  }

  /// The only user is root, who may raise hard limits too. EINVAL for a soft limit above the hard one, EPERM for more descriptors than
  /// any table can hold.
  mutating func set(_ resource: UInt64, _ limit: Limit) throws(Errno) {
    guard resource < UInt64(limits.count), limit.soft <= limit.hard else { throw .EINVAL }
    if resource == 7 && limit.hard > DescriptorTable.maximumCount { throw .EPERM }
    limits[Int(resource)] = limit
  }
}
