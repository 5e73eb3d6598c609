// Owns tests of timers: setitimer's, timer_create's, and timers that are read as files.
// It does not know how deadlines are kept. Right values are those of setitimer(2), timer_create(2), timer_getoverrun(2) and timerfd_create(2).
import Architecture
import Laboratory
import TestSupport
import Testing

@testable import LinuxKernel
@testable import LinuxMM

/// A program with a handler for any signal, whose calls the test makes. Time passes where a call sleeps.
struct TimerTests {
  static let handler: UInt64 = 0x40_1230
  let guest: Guest
  let memory: UInt64

  init() throws { try self.init(.newest) }
  init(_ profile: KernelProfile) throws {
    var configuration = Guest.small
    configuration.kernel = profile
    guest = try Guest.idle(configuration)
    memory = guest.memory(pages: 16)
  }

  func install(_ signal: UInt64, handler: UInt64 = handler) {
    guest.write(memory, words: [handler, 4, 0, 0])
    #expect(guest.call(134, signal, memory, 0, 8) == 0)
  }
  func block(_ mask: UInt64) {
    guest.write(memory, words: [mask])
    #expect(guest.call(135, 2, memory, 0, 8) == 0)
  }
  /// Lets guest time pass, or less of it where a handler runs.
  @discardableResult
  func sleep(_ milliseconds: UInt64) -> Int64 {
    guest.write(memory + 512, words: [0, milliseconds * 1_000_000])
    return guest.call(101, memory + 512, 0)
  }
  var milliseconds: UInt64 {
    #expect(guest.call(113, 1, memory + 600) == 0)
    return guest.word(memory + 600) * 1000 + guest.word(memory + 608) / 1_000_000
  }
  /// Whether the handler is about to run, and for which signal; then it returns.
  func handled() -> (signal: UInt64, code: Int32, first: UInt64, value: UInt64)? {
    if guest.pc != Self.handler { return nil }
    let information = guest.el1[x: 1]
    let taken = (
      guest.el1[x: 0], Int32(bitPattern: guest.word32(information + 8)), guest.word(information + 16), guest.word(information + 24)
    )
    guest.call(139)
    return taken
  }
  /// Takes a blocked signal.
  func take(_ signal: UInt64) -> Int64 {
    guest.write(memory + 700, words: [1 << (signal - 1), 0, 0])
    return guest.call(137, memory + 700, memory + 800, memory + 708, 8)
  }

  // MARK: setitimer

  func setitimer(_ which: UInt64, _ value: UInt64, interval: UInt64 = 0) -> Int64 {
    guest.write(memory + 64, words: [0, interval, 0, value])
    return guest.call(103, which, memory + 64, memory + 128)
  }
  func getitimer(_ which: UInt64) -> [UInt64] {
    #expect(guest.call(102, which, memory + 128) == 0)
    return (0..<4).map { guest.word(memory + 128 + $0 * 8) }
  }

  @Test func ITIMER_REAL() {
    install(14)
    #expect(setitimer(0, 3000, interval: 2000) == 0)
    #expect(getitimer(0) == [0, 2000, 0, 3000])
    sleep(1)
    #expect(handled() == nil)
    #expect(getitimer(0) == [0, 2000, 0, 2000])
    for time in [3, 5, 7] as [UInt64] {
      sleep(100)
      // SI_KERNEL, and no sender.
      #expect(handled()! == (14, 0x80, 0, 0))
      #expect(milliseconds == time)
    }
    // The old value comes back, and zero turns it off.
    #expect(setitimer(0, 0, interval: 5) == 0)
    #expect((0..<4).map { guest.word(memory + 128 + $0 * 8) } == [0, 2000, 0, 2000])
    #expect(getitimer(0) == [0, 0, 0, 0])
    sleep(100)
    #expect(handled() == nil)
    #expect(milliseconds == 107)
  }

  /// The period goes on when the signal is taken: while it is blocked, time passes and nothing more comes.
  @Test func aBlockedSIGALRMHoldsTheTimer() {
    install(14)
    block(1 << 13)
    #expect(setitimer(0, 1000, interval: 1000) == 0)
    sleep(10)
    #expect(getitimer(0) == [0, 1000, 0, 0])
    #expect(take(14) == 14)
    #expect(take(14) == EAGAIN)
    // The next end of a period counts from the first one.
    #expect(getitimer(0) == [0, 1000, 0, 1000])
  }

  @Test func aSignalWithoutHandlerEndsTheProgram() {
    #expect(setitimer(0, 1000) == 0)
    sleep(10)
    #expect(guest.verdict == .killed(signal: 14))
  }

  @Test func setitimerRefuses() {
    #expect(setitimer(3, 1) == EINVAL)
    #expect(setitimer(0, 1_000_000) == EINVAL)
    #expect(setitimer(0, 1, interval: ~0) == EINVAL)
    #expect(guest.call(103, 0, 8, 0) == EFAULT)
    #expect(guest.call(102, 3, memory) == EINVAL)
    #expect(guest.call(102, 0, 8) == EFAULT)
    // No new value turns the timer off.
    #expect(setitimer(0, 10) == 0)
    #expect(guest.call(103, 0, 0, memory + 128) == 0)
    #expect(getitimer(0) == [0, 0, 0, 0])
  }

  /// ITIMER_VIRTUAL and ITIMER_PROF count what the process runs: a loop of two instructions runs into its timer.
  @Test(arguments: [(1, 26), (2, 27)] as [(UInt64, Int32)]) func processorTime(which: UInt64, signal: Int32) throws {
    let (stop, guest) = try run(
      TinyELF([
        0xd101_03ff,  // sub sp, sp, #64
        0xa900_7fff,  // stp xzr, xzr, [sp]
        0xf900_0bff,  // str xzr, [sp, #16]
        0xd287_d000,  // mov x0, #16000
        0xf900_0fe0,  // str x0, [sp, #24]
        0xd280_0000 | UInt32(which) << 5,  // mov x0, #which
        0x9100_03e1,  // mov x1, sp
        0xd280_0002,  // mov x2, #0
        0xd280_0ce8,  // mov x8, #103
        0xd400_0001,  // svc #0
        0xb400_0000,  // 1: cbz x0, 1b
      ]), until: 100_000_000)
    #expect(stop == .killed(signal))
    #expect(guest.processor.instructionsRetired == 16_000_000 + 10)
  }

  // MARK: POSIX timers

  /// Makes a timer; its number, or the error.
  func create(clock: UInt64 = 1, signal: UInt64 = 10, notify: UInt64 = 0, value: UInt64 = 77, thread: UInt64 = 0) -> Int64 {
    guest.write(memory + 200, words: [value, signal | notify << 32, thread, 0, 0, 0, 0, 0])
    let answer = guest.call(107, clock, memory + 200, memory + 300)
    return answer == 0 ? Int64(guest.word32(memory + 300)) : answer
  }
  /// Nanoseconds.
  func settime(_ id: Int64, _ value: UInt64, interval: UInt64 = 0, flags: UInt64 = 0) -> Int64 {
    guest.write(memory + 320, words: [0, interval, 0, value])
    return guest.call(110, UInt64(id), flags, memory + 320, memory + 352)
  }
  func gettime(_ id: Int64) -> [UInt64] {
    #expect(guest.call(108, UInt64(id), memory + 352) == 0)
    return (0..<4).map { guest.word(memory + 352 + $0 * 8) }
  }
  func overrun(_ id: Int64) -> Int64 { guest.call(109, UInt64(id)) }

  @Test func aTimerSendsItsSignal() {
    install(10)
    let id = create()
    #expect(id == 0)
    #expect(settime(id, 2_000_000) == 0)
    #expect(gettime(id) == [0, 0, 0, 2_000_000])
    sleep(100)
    // SI_TIMER, si_tid, si_overrun, si_value.
    #expect(handled()! == (10, -2, 0, 77))
    #expect(milliseconds == 2)
    #expect(gettime(id) == [0, 0, 0, 0])
    #expect(overrun(id) == 0)
    #expect(guest.call(111, UInt64(id)) == 0)
    #expect(guest.call(111, UInt64(id)) == EINVAL)
    // The second timer of a process has the next number, and SIGALRM and its number as the value without a sigevent.
    install(14)
    #expect(guest.call(107, 0, 0, memory + 300) == 0)
    #expect(guest.word32(memory + 300) == 1)
    #expect(settime(1, 1_000_000) == 0)
    sleep(100)
    #expect(handled()! == (14, -2, 1, 1))
  }

  /// One signal is queued at most; what is missed meanwhile is the overrun.
  @Test func overruns() {
    install(10)
    block(1 << 9)
    let id = create()
    #expect(settime(id, 1_000_000, interval: 1_000_000) == 0)
    sleep(10)
    sleep(10)
    // 1 ms was seen; 2 to 20 ms were not.
    #expect(take(10) == 10)
    #expect(guest.word32(memory + 800 + 20) == 19)
    #expect(overrun(id) == 19)
    #expect(take(10) == EAGAIN)
    #expect(gettime(id) == [0, 1_000_000, 0, 1_000_000])
    sleep(1)
    #expect(take(10) == 10)
    #expect(overrun(id) == 0)
  }

  /// Two timers with one signal are two signals.
  @Test func eachTimerHasAPlaceInTheQueue() {
    install(10)
    block(1 << 9)
    for value in [5, 6] as [UInt64] { #expect(settime(create(value: value), 1_000_000) == 0) }
    sleep(2)
    #expect(take(10) == 10)
    #expect(guest.word(memory + 824) == 5)
    #expect(take(10) == 10)
    #expect(guest.word(memory + 824) == 6)
    #expect(take(10) == EAGAIN)
  }

  @Test func ABSTIME() {
    install(10)
    sleep(5)
    let id = create()
    #expect(settime(id, 8_000_000, flags: 1) == 0)
    #expect(gettime(id) == [0, 0, 0, 3_000_000])
    sleep(100)
    #expect(handled()?.signal == 10)
    #expect(milliseconds == 8)
    // A time that has passed is due at once.
    #expect(settime(id, 1, flags: 1) == 0x0a)
    #expect(handled()?.signal == 10)
  }

  @Test func SIGEV_NONE() {
    let id = create(signal: 0, notify: 1)
    #expect(settime(id, 3_000_000, interval: 2_000_000) == 0)
    sleep(4)
    #expect(gettime(id) == [0, 2_000_000, 0, 1_000_000])
    #expect(settime(id, 3_000_000) == 0)
    sleep(4)
    #expect(gettime(id) == [0, 0, 0, 0])
    #expect(guest.verdict == .resume)
  }

  @Test func SIGEV_THREAD_ID() {
    install(10)
    #expect(create(notify: 4, thread: 3) == EINVAL)
    let id = create(notify: 4, thread: 2)
    // The refused one has used up a number.
    #expect(id == 1)
    #expect(settime(id, 1_000_000) == 0)
    sleep(2)
    #expect(handled()! == (10, -2, 1, 77))
  }

  /// A queued signal of a timer that was set anew: 6.13 and later drop it.
  @Test(arguments: KernelProfile.all) func staleSignals(profile: KernelProfile) throws {
    let it = try TimerTests(profile)
    it.install(10)
    it.block(1 << 9)
    let id = it.create()
    #expect(it.settime(id, 1_000_000) == 0)
    it.sleep(2)
    #expect(it.settime(id, 0) == 0)
    #expect(it.take(10) == (profile.version < KernelVersion(6, 13) ? 10 : EAGAIN))
  }

  /// An ignored signal is not queued; 6.13 and later send it when it is handled.
  @Test(arguments: KernelProfile.all) func ignoredSignals(profile: KernelProfile) throws {
    let it = try TimerTests(profile)
    it.install(10, handler: 1)
    let id = it.create()
    #expect(it.settime(id, 1_000_000, interval: 4_000_000) == 0)
    it.sleep(2)
    // Where the signal comes at once, the handler runs before the call has returned.
    it.guest.write(it.memory, words: [Self.handler, 4, 0, 0])
    it.guest.call(134, 10, it.memory, 0, 8)
    #expect((it.handled() != nil) == (profile.version >= KernelVersion(6, 13)))
    it.sleep(100)
    #expect(it.handled()?.signal == 10)
    #expect(it.milliseconds == 5)
  }

  @Test func timersRefuse() {
    #expect(create(clock: 12) == EINVAL)
    #expect(create(clock: 4) == EOPNOTSUPP)
    #expect(create(signal: 0) == EINVAL)
    #expect(create(signal: 65) == EINVAL)
    #expect(create(signal: 0, notify: 2) == EINVAL)
    #expect(create(notify: 3) == EINVAL)
    #expect(guest.call(107, 1, 8, memory) == EFAULT)
    #expect(guest.call(107, 1, 0, 8) == EFAULT)
    // Six failed after the step that gives a number out, two before it.
    let id = create()
    #expect(id == 5)
    #expect(settime(4, 1) == EINVAL)
    #expect(settime(id, 1_000_000_000) == EINVAL)
    #expect(guest.call(110, UInt64(id), 0, 0, 0) == EINVAL)
    #expect(guest.call(110, UInt64(id), 0, 8, 0) == EFAULT)
    #expect(guest.call(108, 4, memory) == EINVAL)
    #expect(guest.call(108, UInt64(id), 8) == EFAULT)
    #expect(guest.call(109, 4) == EINVAL)
    #expect(guest.call(111, 4) == EINVAL)
  }

  /// A timer of processor time is due where the program has run long enough; a sleep is no running.
  @Test(arguments: [2, 3] as [UInt64]) func timersOfProcessorTime(clock: UInt64) throws {
    let (stop, guest) = try run(
      TinyELF([
        0xd101_03ff,  // sub sp, sp, #64
        0xd280_0000 | UInt32(clock) << 5,  // mov x0, #clock
        0xd280_0001,  // mov x1, #0
        0x9100_03e2,  // mov x2, sp
        0xd280_0d68,  // mov x8, #107
        0xd400_0001,  // svc #0
        0xa900_7fff,  // stp xzr, xzr, [sp]
        0xf900_0bff,  // str xzr, [sp, #16]
        0xd2a0_1e80,  // mov x0, #0xf40000
        0xf900_0fe0,  // str x0, [sp, #24]
        0xd280_0000,  // mov x0, #0
        0xd280_0001,  // mov x1, #0
        0x9100_03e2,  // mov x2, sp
        0xd280_0003,  // mov x3, #0
        0xd280_0dc8,  // mov x8, #110
        0xd400_0001,  // svc #0
        0xb400_0000,  // 1: cbz x0, 1b
      ]), until: 100_000_000)
    #expect(stop == .killed(14))
    #expect(guest.processor.instructionsRetired == 0xf4_0000 + 16)
  }

  // MARK: timerfd

  func timerfd(_ flags: UInt64 = 0o4000) -> UInt64 { UInt64(guest.call(85, 1, flags)) }
  func setfd(_ fd: UInt64, _ value: UInt64, interval: UInt64 = 0, flags: UInt64 = 0) -> Int64 {
    guest.write(memory + 320, words: [0, interval, 0, value])
    return guest.call(86, fd, flags, memory + 320, memory + 352)
  }
  func read(_ fd: UInt64) -> (Int64, UInt64) {
    let answer = guest.call(63, fd, memory + 400, 8)
    return (answer, guest.word(memory + 400))
  }

  @Test func timerfdCountsExpirations() {
    let fd = timerfd()
    #expect(fd == 3)
    #expect(read(fd).0 == EAGAIN)
    #expect(setfd(fd, 2_000_000, interval: 3_000_000) == 0)
    #expect(read(fd).0 == EAGAIN)
    sleep(9)
    #expect(read(fd) == (8, 3))
    #expect(guest.call(87, fd, memory + 352) == 0)
    #expect((0..<4).map { guest.word(memory + 352 + $0 * 8) } == [0, 3_000_000, 0, 2_000_000])
    #expect(guest.call(63, fd, memory + 400, 7) == EINVAL)
    #expect(guest.call(64, fd, memory + 400, 8) == EINVAL)
    // Setting it forgets what was not read, and tells the old value.
    sleep(20)
    #expect(setfd(fd, 1_000_000) == 0)
    #expect((0..<4).map { guest.word(memory + 352 + $0 * 8) } == [0, 3_000_000, 0, 3_000_000])
    #expect(read(fd).0 == EAGAIN)
    sleep(1)
    #expect(read(fd) == (8, 1))
    sleep(10)
    #expect(read(fd).0 == EAGAIN)
    // TFD_TIMER_ABSTIME: a time that has passed.
    #expect(setfd(fd, 1, flags: 1) == 0)
    #expect(read(fd) == (8, 1))
  }

  @Test func aReadWaits() {
    let fd = timerfd(0)
    #expect(setfd(fd, 5_000_000, interval: 2_000_000) == 0)
    #expect(read(fd) == (8, 1))
    #expect(milliseconds == 5)
    #expect(read(fd) == (8, 1))
    #expect(milliseconds == 7)
  }

  /// ppoll and pselect6 wait for the timer, and for their own time where that is shorter.
  @Test func aPollWaits() {
    let fd = timerfd()
    #expect(setfd(fd, 5_000_000) == 0)
    guest.write(memory + 400, words: [fd | 1 << 32, 0, 2_000_000])
    #expect(guest.call(73, memory + 400, 1, memory + 408, 0, 8) == 0)
    #expect(milliseconds == 2)
    guest.write(memory + 400, words: [fd | 1 << 32, 1, 0])
    #expect(guest.call(73, memory + 400, 1, memory + 408, 0, 8) == 1)
    #expect(guest.word(memory + 400) == fd | 0x1_0001 << 32)
    #expect(milliseconds == 5)
    // 997 ms are left of the second.
    #expect((0..<2).map { guest.word(memory + 408 + $0 * 8) } == [0, 997_000_000])
    #expect(read(fd) == (8, 1))
    #expect(setfd(fd, 5_000_000) == 0)
    guest.write(memory + 400, words: [1 << fd])
    #expect(guest.call(72, fd + 1, memory + 400, 0, 0, 0, 0) == 1)
    #expect(guest.word(memory + 400) == 1 << fd)
    #expect(milliseconds == 10)
  }

  @Test func timerfdRefuses() {
    #expect(guest.call(85, 2, 0) == EINVAL)
    #expect(guest.call(85, 1, 1) == EINVAL)
    let fd = timerfd()
    #expect(setfd(fd, 1_000_000_000) == EINVAL)
    #expect(setfd(fd, 1, flags: 4) == EINVAL)
    #expect(setfd(9, 1) == EBADF)
    #expect(setfd(0, 1) == EINVAL)
    #expect(guest.call(86, fd, 0, 0, 0) == EFAULT)
    #expect(guest.call(87, 9, memory) == EBADF)
    #expect(guest.call(87, 0, memory) == EINVAL)
    #expect(guest.call(87, fd, 8) == EFAULT)
  }
}
