// Owns timers that are read as files: when they are due, how often they were, and the calls that make and set them.
// It does not know who waits: a read sleeps until the timer is due, and looks again. Linux: fs/timerfd.c.
import Architecture
import LinuxMM

/// Linux: struct timerfd_ctx.
struct TimerFile: Sendable {
  /// When it is due next in guest nanoseconds; nil while it is off or has been due once.
  var deadline: UInt64?
  /// 0: it is due once.
  var interval: UInt64 = 0
  /// How often it was due since it was last read, up to `deadline`.
  private(set) var expirations: UInt64 = 0

  /// Counts what is due.
  mutating func advance(to now: UInt64) {
    guard let deadline, deadline <= now else { return }
    if interval == 0 {
      expirations &+= 1
      self.deadline = nil
    } else {
      let passed = GuestTime.periods(of: interval, from: deadline, until: now)
      expirations &+= passed
      self.deadline = GuestTime.later(deadline, by: passed &* interval)
    }
  }

  /// What a read gives, or 0; it starts again from there.
  mutating func takeExpirations() -> UInt64 {
    defer { expirations = 0 }
    return expirations
  }

  func left(_ now: UInt64) -> UInt64 { deadline.map { $0 > now ? $0 - now : 0 } ?? 0 }
}

struct TimerKind: OpenFileKind {
  let files: Files
  let id: OpenFileID
  let timer: TimerFileID

  var isSeekable: Bool { false }

  var readiness: Readiness {
    var state = files.state.timers[timer]
    state.advance(to: files.now)
    return state.expirations != 0 ? .IN : []
  }

  /// Eight bytes: how often it was due. EINVAL for less room, EAGAIN where O_NONBLOCK is set. Linux: timerfd_read_iter().
  func read(_ el1: EL1Interface, into vectors: [UserVector], at offset: Int64?) throws(Errno) -> SystemCallResult {
    if vectors.total < 8 { throw .EINVAL }
    files.state.timers[timer].advance(to: files.now)
    let count = files.state.timers[timer].takeExpirations()
    if count == 0 {
      if files.state.open[id].isNonblocking { throw .EAGAIN }
      return files.sleep(onTimer: timer)
    }
    let bytes = withUnsafeBytes(of: count.littleEndian) { Array($0) }
    let done = try files.user(el1).fill(vectors) { done, room throws(Errno) in Array(bytes.dropFirst(Int(done)).prefix(room)) }
    if done < 8 { throw .EFAULT }
    return .done(8)
  }

  func write(_ el1: EL1Interface, from vectors: [UserVector], at offset: Int64?) throws(Errno) -> SystemCallResult { throw .EINVAL }
}

extension FileCalls {
  private enum TimerFlags {
    static let ABSTIME: UInt32 = 1, CANCEL_ON_SET: UInt32 = 2
  }

  /// timerfd_create(clock, flags). REALTIME, MONOTONIC, BOOTTIME and the two alarms, which the root user may have.
  func timerfdCreate(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a.unsigned(1) & ~(OpenFlags.CLOEXEC | OpenFlags.NONBLOCK) != 0 { throw .EINVAL }
    if ![0, 1, 7, 8, 9].contains(a.int(0)) { throw .EINVAL }
    let timer = state.timers.insert(TimerFile())
    let inode = files.makeInode(.timer(timer), permissions: 0o600, device: .processes)
    state.inodes[inode].links = 0
    let file = files.openDescription(
      Path(mount: .none, node: .inode(inode)), flags: OpenFlags.RDWR | a.unsigned(1) & OpenFlags.NONBLOCK)
    return .done(UInt64(try files.installDescriptor(el1, file, closesOnExec: a.unsigned(1) & OpenFlags.CLOEXEC != 0)))
  }

  private func timer(_ descriptor: Int32) throws(Errno) -> TimerFileID {
    guard case .inode(let id) = state.open[try files.openFile(descriptor)].path.node, case .timer(let timer) = state.inodes[id].kind else {
      throw .EINVAL
    }
    state.timers[timer].advance(to: now)
    return timer
  }

  /// timerfd_settime(fd, flags, new, old). Guest time is never set, so nothing is ever cancelled. Linux: do_timerfd_settime().
  func timerfdSettime(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let bytes = try user(el1).get(a[2], count: 32)
    if a.unsigned(1) & ~(TimerFlags.ABSTIME | TimerFlags.CANCEL_ON_SET) != 0 { throw .EINVAL }
    let (interval, value) = (try bytes.duration(at: 0), try bytes.duration(at: 16))
    let timer = try timer(a.int(0))
    let old = state.timers[timer]
    let isAbsolute = a.unsigned(1) & TimerFlags.ABSTIME != 0
    let deadline = value == 0 ? nil : isAbsolute ? value : GuestTime.later(now, by: value)
    state.timers[timer] = TimerFile(deadline: deadline, interval: interval)
    files.wakeTimer(timer)
    if a[3] != 0 { try user(el1).put(a[3], old.interval.timespec + old.left(now).timespec) }
    return .done(0)
  }

  func timerfdGettime(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let timer = state.timers[try timer(a.int(0))]
    try user(el1).put(a[1], timer.interval.timespec + timer.left(now).timespec)
    return .done(0)
  }
}
