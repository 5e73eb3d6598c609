// Owns a run under the shell's stop points: what is installed for it, and which stops the user gets to see. It does not know how a stop is
// described.
import Architecture
import Debugging
import Laboratory
import LinuxKernel
import LinuxMM
import Machine

/// A stop that the user sees: the reason, and the stop points that asked for it.
struct ShownStop {
  let reason: StopReason
  var rows: [Breakpoint] = []
  /// What a watchpoint saw, in whole lines.
  var findings: [String] = []
}

/// Asks the shell's table where tasks are to be held.
final class ShellTracer: Tracer {
  private unowned let shell: Shell
  init(_ shell: Shell) { self.shell = shell }

  /// A signal is shown if a catchpoint asks for it, or if it is not one of those that programs use all the time.
  func holds(before signal: Int32, in process: TaskID) -> Bool {
    if let handling = shell.signals[signal] {
      return handling.stops || !handling.passes || shell.breakpoints.enabled.contains { $0.catches(signal: signal, alsoAny: true) }
    }
    if SignalHandling.quiet.contains(signal) { return shell.breakpoints.enabled.contains { $0.catches(signal: signal, alsoAny: false) } }
    return process == .firstProgram || Self.fatal.contains(signal)
      || shell.breakpoints.enabled.contains { $0.catches(signal: signal, alsoAny: true) }
  }
  func holds(around systemCall: UInt64, in process: TaskID) -> Bool {
    shell.breakpoints.enabled.contains { $0.catches(systemCall: systemCall) }
  }
  func holds(before abort: FaultLogEntry) -> Bool { shell.takes(before: abort) }

  /// The signals of faults, for which the shell stops in every process.
  private static let fatal: Set<Int32> = [4, 5, 6, 7, 8, 11, 31]
}

extension Breakpoint {
  func catches(signal: Int32, alsoAny: Bool) -> Bool {
    guard case .signal(let signals) = kind else { return false }
    return signals.contains(signal) || alsoAny && signals.isEmpty
  }
  func catches(systemCall: UInt64) -> Bool {
    guard case .systemCall(let calls) = kind else { return false }
    return calls.isEmpty || calls.contains(systemCall)
  }
}

extension Shell {
  /// Resumes the target until a stop that the user is to see. `place` is a place for one more breakpoint, which stops if `accepts` is true
  /// there.
  func go(_ target: any DebugTarget, _ request: ResumeRequest, to place: UInt64? = nil, where accepts: () -> Bool = { true }) -> ShownStop {
    if let board { return go(board, request, to: place, where: accepts) }
    // A count of steps is one for the whole run, however often it is interrupted on the way.
    var request = request
    if case .steps(let count) = request {
      let (limit, overflow) = target.instructionsRetired.addingReportingOverflow(count)
      request = .until(instructions: overflow ? .max : limit)
    }
    while true {
      install(target, also: place)
      let reason = interrupter.run(target, request)
      leave(target)
      if let shown = judge(reason, target, place, accepts) { return shown }
    }
  }

  // MARK: Installing

  func install(_ target: any DebugTarget, also place: UInt64?) {
    let rows = breakpoints.enabled
    target.breakpoints = addresses(of: rows).union(place.map { [$0] } ?? [])
    for row in rows {
      if let place = row.place { breakpoints[row.number].kind = .watch(looked(place, target)) }
      if let descriptor = row.descriptor {
        breakpoints[row.number].kind = .descriptor(WatchedDescriptor(address: descriptor.address, value: reading(of: descriptor, target)))
      }
    }
    target.watches = Array(Set(rows.compactMap { $0.place?.watch })).sorted { ($0.start, $0.count) < ($1.start, $1.count) }
    var mask: TraceMask = []
    for row in rows {
      switch row.kind {
      case .fault: mask.insert(.fault)
      case .systemCall: mask.insert(.systemCall)
      case .fork: mask.insert(.taskCreated)
      case .exec: mask.insert(.programStarted)
      // A board's own instructions change its memory, and one step at a time is made where it has a descriptor to watch.
      case .watch where board != nil, .descriptor where board != nil: break
      // The kernel changes memory and descriptors in exceptions; the walker changes descriptors in walks.
      case .watch: mask.insert(.exception)
      case .descriptor: mask.formUnion([.exception, .walk])
      // Another program has the names at other addresses.
      case .address: if row.name != nil { mask.insert(.programStarted) }
      case .signal: break
      }
    }
    caught = []
    target.traceMask = mask
    target.catches = mask.isEmpty ? nil : { [unowned self] record in takes(record, target) }
    session?.kernel.tracer = tracer
  }

  func leave(_ target: any DebugTarget) {
    target.breakpoints = []
    target.watches = []
    target.traceMask = []
    target.catches = nil
  }

  // MARK: Judging

  /// Whether a record stops the run. The stop points that it concerns are kept for `judge`.
  func takes(_ record: TraceRecord, _ target: any DebugTarget) -> Bool {
    let hasNames = record.kind == .programStarted && breakpoints.enabled.contains { $0.name != nil }
    if hasNames { breakpoints.forgetExecuted() }
    for row in breakpoints.enabled {
      let isHit: Bool
      switch row.kind {
      case .fault(let filter):
        guard !filter.isBefore, let entry = FaultLogEntry(record), filter.matches(entry) else { continue }
        isHit = accepts(row.number, event: entry)
      case .fork: isHit = record.kind == .taskCreated && accepts(row.number)
      case .exec: isHit = record.kind == .programStarted && accepts(row.number)
      case .watch(let place):
        let now = looked(place, target)
        if !place.watch.writes || now.value == place.value { continue }
        // A page that has become readable, or is gone, has not changed the memory's contents.
        if place.value == nil || now.value == nil {
          breakpoints[row.number].kind = .watch(now)
          continue
        }
        isHit = accepts(row.number)
      case .descriptor(let descriptor):
        guard reading(of: descriptor, target) != descriptor.value else { continue }
        isHit = accepts(row.number)
      default: continue
      }
      if isHit && !caught.contains(row.number) { caught.append(row.number) }
    }
    return !caught.isEmpty || hasNames
  }

  /// Whether the run stops before an abort is handled. The stop points that it concerns are kept for `judge`.
  fileprivate func takes(before abort: FaultLogEntry) -> Bool {
    var isHit = false
    for row in breakpoints.enabled {
      guard case .fault(let filter) = row.kind, filter.isBefore, filter.matches(abort), accepts(row.number, event: abort) else { continue }
      caught.append(row.number)
      isHit = true
    }
    return isHit
  }

  /// What a stop means; nil if the run is to go on.
  func judge(_ reason: StopReason, _ target: any DebugTarget, _ place: UInt64?, _ accepts: () -> Bool) -> ShownStop? {
    switch reason {
    case .breakpoint(let pc):
      let rows = breakpoints.enabled.filter { address(of: $0) == pc && self.accepts($0.number) }
      if rows.isEmpty && !(pc == place && accepts()) { return nil }
      return shown(reason, rows.map(\.number))
    case .watched(let hit): return watched(hit, target)
    case .caught:
      // A new program has begun: its breakpoints must be installed.
      if caught.isEmpty { return nil }
      let findings = caught.flatMap { changes(of: breakpoints[$0], target) }
      return shown(reason, caught, findings)
    case .held: return held(reason)
    case .instructionLimit:
      // A breakpoint that a step reaches counts as well.
      let rows = breakpoints.enabled.filter { address(of: $0) == target.programCounter && self.accepts($0.number) }
      return rows.isEmpty ? ShownStop(reason: reason) : shown(.breakpoint(target.programCounter), rows.map(\.number))
    default: return ShownStop(reason: reason)
    }
  }

  /// The access happens before it is shown, because its effect is what matters.
  private func watched(_ hit: WatchHit, _ target: any DebugTarget) -> ShownStop? {
    // A board's PEs may translate the address in ways of their own, and a change of the tables changes the value without a store.
    if board != nil {
      for row in breakpoints.enabled { if let place = row.place { breakpoints[row.number].kind = .watch(looked(place, target)) } }
    }
    let rows = breakpoints.enabled.filter { $0.place?.watch == hit.watch }
    target.watches = [hit.watch]
    let stop = interrupter.run(target, .steps(1))
    target.watches = []
    var numbers: [Int] = []
    var findings: [String] = []
    for row in rows {
      guard let place = row.place else { continue }
      let isChanged = looked(place, target).value != place.value
      if !(place.watch.reads || isChanged) || !accepts(row.number) { continue }
      numbers.append(row.number)
      findings += isChanged ? changes(of: row, target) : accesses(of: row, hit)
    }
    if numbers.isEmpty { return stop == .instructionLimit ? nil : judge(stop, target, nil, { true }) }
    return shown(stop.isEnd ? stop : .watched(hit), numbers, findings)
  }

  /// A stop before a signal, around a system call, or before an abort is handled. What watchpoints saw on the way to it is told with it.
  private func held(_ reason: StopReason) -> ShownStop? {
    guard let event = session?.kernel.held else { return nil }
    let findings = caught.flatMap { changes(of: breakpoints[$0], target!) }
    let numbers: [Int]
    switch event {
    case .signal(let info):
      numbers = breakpoints.enabled.filter { $0.catches(signal: info.signal, alsoAny: true) && accepts($0.number) }.map(\.number)
      if let handling = signals[info.signal] {
        if !handling.passes { session?.kernel.release(with: nil) }
        if !handling.stops && numbers.isEmpty && caught.isEmpty { return nil }
      }
    case .systemCallEntry(let number), .systemCallReturn(let number):
      numbers = breakpoints.enabled.filter { $0.catches(systemCall: number) && accepts($0.number) }.map(\.number)
      if numbers.isEmpty && caught.isEmpty { return nil }
    case .abort: numbers = []
    }
    return shown(reason, numbers + caught, findings)
  }

  private func shown(_ reason: StopReason, _ numbers: [Int], _ findings: [String] = []) -> ShownStop {
    let rows = numbers.map { breakpoints[$0] }
    for row in rows where row.isTemporary { _ = breakpoints.remove(row.number) }
    return ShownStop(reason: reason, rows: rows, findings: findings)
  }

  /// Whether a stop point that was reached stops: its condition is true, and no hit is left to be ignored. A condition that has no value
  /// stops, and says why.
  private func accepts(_ number: Int, event: FaultLogEntry? = nil) -> Bool {
    if let condition = breakpoints[number].condition {
      do throws(ShellError) {
        if try !condition.expression.value(ShellNames(shell: self, event: event)).isTrue { return false }
      } catch { warnings.append("Error in testing condition of \(number): \(error.message)") }
    }
    breakpoints[number].hits += 1
    if breakpoints[number].ignored > 0 {
      breakpoints[number].ignored -= 1
      return false
    }
    return true
  }

  // MARK: What watchpoints see

  private func looked(_ place: WatchedPlace, _ target: any DebugTarget) -> WatchedPlace {
    var place = place
    place.value = target.peek(place.watch.start, count: Int(place.watch.count)).map {
      $0.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    return place
  }

  private func reading(of descriptor: WatchedDescriptor, _ target: any DebugTarget) -> WatchedDescriptor.Reading? {
    target.processor.explainWalk(descriptor.address).steps.last.map {
      WatchedDescriptor.Reading(level: $0.level, place: $0.address, descriptor: $0.descriptor)
    }
  }

  /// The old and the new value of a watchpoint.
  private func changes(of row: Breakpoint, _ target: any DebugTarget) -> [String] {
    if let place = row.place {
      let now = looked(place, target).value
      return [
        "", "\(row.title) \(row.number): \(place.text)", "", "Old value = \(shown(place.value, of: place))",
        "New value = \(shown(now, of: place))",
      ]
    }
    guard let descriptor = row.descriptor else { return [] }
    func text(_ reading: WatchedDescriptor.Reading?) -> String {
      guard let reading else { return "<no table>" }
      let explanation = DescriptorExplanation(
        Descriptor(rawValue: reading.descriptor), level: reading.level, format: target.processor.explainWalk(descriptor.address).format)
      return
        "level \(reading.level) at \(hexadecimal(reading.place)): \(hexadecimal(reading.descriptor, digits: 16)) \(explanation.summary)"
    }
    return [
      "", "\(row.title) \(row.number): the descriptor of \(hexadecimal(descriptor.address))", "", "Old value = \(text(descriptor.value))",
      "New value = \(text(reading(of: descriptor, target)))",
    ]
  }

  private func accesses(of row: Breakpoint, _ hit: WatchHit) -> [String] {
    guard let place = row.place else { return [] }
    return ["", "\(row.title) \(row.number): \(place.text)", "", "Value = \(shown(place.value, of: place))"]
  }

  private func shown(_ value: UInt64?, of place: WatchedPlace) -> String {
    guard let value else { return "<unreadable>" }
    return ExamineFormat(letter: place.type.isAddress ? .a : .d, size: place.type.size)
      .text(place.type.extend(value), size: place.type.size, padded: false, symbols: symbols)
  }
}

extension Breakpoint {
  /// The kind at the start of a message.
  var title: String {
    switch kind {
    case .address: isTemporary ? "Temporary breakpoint" : "Breakpoint"
    case .watch(let place):
      switch (place.watch.reads, place.watch.writes) {
      case (true, true): "Hardware access (read/write) watchpoint"
      case (true, false): "Hardware read watchpoint"
      default: "Hardware watchpoint"
      }
    case .descriptor: "Page table watchpoint"
    case .fault, .systemCall, .signal, .fork, .exec: isTemporary ? "Temporary catchpoint" : "Catchpoint"
    }
  }
}
