// Owns RLIMIT_*: the values of a first process, and the values that may be set.
// It does not know how limits are enforced. The memory manager enforces those of the stack, of data and of address space, sending that of
// queued signals, the timers that of processor time, the file calls those of descriptors and of file sizes, and dying that of cores. The
// only user is root, whom those of processes and of locked memory do not bind; the others have no effect. Linux:
// include/asm-generic/resource.h, kernel/sys.c do_prlimit().
import LinuxMM

struct ResourceLimits: Sendable {
  struct Limit: Hashable, Sendable {
    var soft: UInt64
    var hard: UInt64
  }
  static let infinity = ~UInt64(0)
  /// RLIMIT_STACK.
  static let stack: UInt64 = 3
  /// The first value of RLIMIT_SIGPENDING: the number of signals that may be queued.
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

  /// RLIMIT_CPU in seconds.
  var processorTime: Limit { limits[0] }
  /// The soft limit of processor time was reached, and the next warning comes in a second.
  mutating func allowAnotherSecond() { limits[0].soft += 1 }
  /// RLIMIT_SIGPENDING: how many real-time signals are queued at most.
  var queuedSignals: UInt64 { limits[11].soft }
  /// RLIMIT_CORE: the largest size of a core file in bytes.
  var coreSize: UInt64 { limits[4].soft }
  /// RLIMIT_STACK, RLIMIT_DATA and RLIMIT_AS.
  var memory: MemoryLimits {
    var memory = MemoryLimits()
    (memory.stack, memory.addressSpace) = (limits[Int(Self.stack)].soft, limits[9].soft)
    (memory.data, memory.hardData) = (limits[2].soft, limits[2].hard)
    return memory
  }
  /// RLIMIT_NOFILE: every descriptor is below it.
  var openFiles: UInt64 { limits[7].soft }
  /// RLIMIT_FSIZE: the largest size of a file in bytes.
  var fileSize: UInt64 { limits[1].soft }

  /// The limit of a resource. EINVAL if the resource does not exist.
  func limit(_ resource: UInt64) throws(Errno) -> Limit {
    guard resource < UInt64(limits.count) else { throw .EINVAL }
    return limits[Int(resource)]
  }

  /// Sets a limit. The only user is root, who may raise hard limits too. EINVAL for a soft limit above the hard one, EPERM for more
  /// descriptors than a table can hold.
  mutating func set(_ resource: UInt64, _ limit: Limit) throws(Errno) {
    guard resource < UInt64(limits.count), limit.soft <= limit.hard else { throw .EINVAL }
    if resource == 7 && limit.hard > DescriptorTable.maximumCount { throw .EPERM }
    limits[Int(resource)] = limit
  }
}
