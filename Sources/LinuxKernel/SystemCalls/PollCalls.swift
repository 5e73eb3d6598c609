// Owns ppoll and pselect6: which descriptors are ready, the signal mask and the time of a call that waits for them.
// It does not know what makes a file ready. Linux: fs/select.c.
import Architecture
import LinuxMM

/// A wait for descriptors, as it stays the same while its call runs again and again.
struct PollWait: Hashable, Sendable {
  /// Guest nanoseconds; nil is for ever, 0 is not at all.
  var deadline: UInt64?
  /// The user address of the struct timespec that gets the time that is left, or 0.
  var remainder: UInt64
}

extension FileCalls {
  /// ppoll(entries, count, timeout, mask, mask size). Linux: do_sys_poll().
  func ppoll(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let wait = try startPoll(el1, timeout: a[2], mask: a[3], size: a[4])
    return finishPoll(el1, wait) { () throws(Errno) in try pollEntries(el1, a[0], a.unsigned(1), wait) }
  }

  /// pselect6(count, in, out, exceptional, timeout, {mask, mask size}). Linux: do_pselect(), core_sys_select().
  func pselect6(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let mask = a[5] != 0 ? try user(el1).get(a[5], as: (UInt64, UInt64).self) : (0, 0)
    let wait = try startPoll(el1, timeout: a[4], mask: mask.0, size: mask.1)
    return finishPoll(el1, wait) { () throws(Errno) in try select(el1, a, wait) }
  }

  // MARK: The mask and the time

  /// What the call waits for at most, and the mask that applies from here on. A call that was asleep has both already.
  /// Linux: poll_select_set_timeout(), set_user_sigmask().
  private func startPoll(_ el1: EL1Interface, timeout: UInt64, mask: UInt64, size: UInt64) throws(Errno) -> PollWait {
    if let wait = sleeps.poll { return wait }
    let time: UInt64? = timeout != 0 ? try user(el1).duration(timeout) : nil
    if mask != 0 {
      if size != 8 { throw .EINVAL }
      signals.setTemporaryMask(try user(el1).get(mask, as: UInt64.self))
    }
    return PollWait(deadline: time.map { $0 == 0 ? 0 : GuestTime.later(now, by: $0) }, remainder: timeout)
  }

  /// The end of a call, unless it sleeps: the old mask is back, and the time that is left is stored, whatever the answer is. A fault
  /// in that is no error. Linux: poll_select_finish().
  private func finishPoll(
    _ el1: EL1Interface, _ wait: PollWait, _ body: () throws(Errno) -> SystemCallResult
  ) -> SystemCallResult {
    let result: SystemCallResult
    do throws(Errno) { result = try body() } catch { result = .failed(error) }
    if case .sleep = result { return result }
    signals.restoreMask()
    _ = sleeps.storeTimeLeft(el1, wait)
    return result
  }

  /// Nothing is ready. Nil: the time is over. Signals end even a wait that takes no time.
  private func waitOn(_ files: [OpenFileID], _ wait: PollWait) -> SystemCallResult? {
    let isOver = wait.deadline.map { $0 <= now } ?? false
    if isOver && !tasks.currentTask.hasSignals { return nil }
    let channel = self.files.pollChannel(files)
    let deadlines = [wait.deadline, self.files.pollDeadline(files)].compactMap { $0 }
    return .sleep(on: channel, until: deadlines.min(), then: .poll(wait))
  }

  // MARK: Readiness

  /// What an open file is ready for now.
  private func readiness(_ file: OpenFileID) -> Readiness {
    state.open[file].flags & OpenFlags.PATH != 0 ? .NVAL : files.kind(file).readiness
  }

  private func pollEntries(_ el1: EL1Interface, _ address: UInt64, _ count: UInt32, _ wait: PollWait) throws(Errno) -> SystemCallResult {
    if UInt64(count) > files.descriptorLimit { throw .EINVAL }
    let entries = try user(el1).get(address, count: Int(count) * 8)
    var ready: UInt64 = 0
    var results: [Readiness] = []
    var waited: [OpenFileID] = []
    for index in 0..<Int(count) {
      let descriptor = Int32(bitPattern: entries.word32(index * 8))
      var result: Readiness = []
      if descriptor >= 0 {
        if let slot = state.tables[files.currentFiles][descriptor] {
          let wanted = Readiness(rawValue: UInt16(truncatingIfNeeded: entries.word32(index * 8 + 4)))
          result = readiness(slot.file).intersection(wanted.union([.ERR, .HUP, .NVAL]))
          waited.append(slot.file)
        } else {
          result = .NVAL
        }
      }
      if !result.isEmpty { ready += 1 }
      results.append(result)
    }
    let sleep = ready == 0 ? waitOn(waited, wait) : nil
    // A call that a signal interrupts stores what it found too.
    if sleep == nil || tasks.currentTask.hasSignals {
      for (index, result) in results.enumerated() { try user(el1).put(address &+ UInt64(index * 8 + 6), result.rawValue) }
    }
    return sleep ?? .done(ready)
  }

  /// A set of descriptors of select: bits of 64-bit words.
  private struct DescriptorSet {
    var address: UInt64
    var wanted: [UInt8]
    var found: [UInt8]
    /// What of a file's readiness counts.
    var kinds: Readiness
    /// POLLIN_SET, POLLOUT_SET, POLLEX_SET.
    static let kinds: [Readiness] = [
      [.IN, .RDNORM, .RDBAND, .HUP, .ERR, .NVAL], [.OUT, .WRNORM, .WRBAND, .ERR, .NVAL], [.PRI, .NVAL],
    ]
    func has(_ descriptor: Int) -> Bool { wanted[descriptor / 8] & 1 << UInt8(descriptor % 8) != 0 }
  }

  /// Linux: core_sys_select(), do_select().
  private func select(_ el1: EL1Interface, _ a: SystemCallArguments, _ wait: PollWait) throws(Errno) -> SystemCallResult {
    if a.int(0) < 0 { throw .EINVAL }
    let count = min(Int(a.int(0)), state.tables[files.currentFiles].capacity)
    let size = (count + 63) / 64 * 8
    var sets: [DescriptorSet] = []
    for (index, kinds) in DescriptorSet.kinds.enumerated() where a[1 + index] != 0 {
      let wanted = try user(el1).get(a[1 + index], count: size)
      sets.append(DescriptorSet(address: a[1 + index], wanted: wanted, found: [UInt8](repeating: 0, count: size), kinds: kinds))
    }
    var ready: UInt64 = 0
    var waited: [OpenFileID] = []
    for descriptor in 0..<count where sets.contains(where: { $0.has(descriptor) }) {
      guard let slot = state.tables[files.currentFiles][Int32(descriptor)] else { throw .EBADF }
      let found = readiness(slot.file)
      waited.append(slot.file)
      for index in sets.indices where sets[index].has(descriptor) && !found.isDisjoint(with: sets[index].kinds) {
        sets[index].found[descriptor / 8] |= 1 << UInt8(descriptor % 8)
        ready += 1
      }
    }
    if ready == 0, let sleep = waitOn(waited, wait) { return sleep }
    for set in sets { try user(el1).put(set.address, set.found) }
    return .done(ready)
  }
}
