// Owns the seam through which a PE's events reach their listeners: the mask, the records, and the stepper of a stepped run. It
// does not know who reads the records. Nothing here is on the fast path of a run.
import Architecture

extension Processor {
  /// The events of this PE that are recorded in the machine's `trace`. It changes no result. Set it between runs.
  public var traceMask: TraceMask {
    get { el1.block.pointee.trace.intersection(.records) }
    set { hear(of: el1.block.pointee.trace.subtracting(.records).union(newValue.intersection(.records))) }
  }

  /// Called before each step of EL1, if something steps this PE's run. Other actors may do their own steps during the call.
  /// While it is set, an actor waits for a lock that it cannot have.
  public var stepper: ((StepKind, UInt64) -> Void)? {
    get { currentStepper }
    set {
      currentStepper = newValue
      let trace = el1.block.pointee.trace
      hear(of: newValue == nil ? trace.subtracting(.steppedRun) : trace.union(.steppedRun))
    }
  }

  /// Sets both copies of the mask, and all that depends on it.
  func hear(of mask: TraceMask) {
    el1.block.pointee.trace = mask
    let s = context.state
    s.pointee.trace = mask
    s.pointee.debug.isTraced = mask.intersects(.withinInstructions)
    s.pointee.debug.update()
    s.pointee.usesWalkCache = machine.configuration.allowsWalkCache && !mask.intersects(.walks)
    s.pointee.walkCache.clear()
  }

  /// Records an event of the kernel that this PE runs.
  func happened(_ record: TraceRecord) {
    let trace = el1.block.pointee.trace
    if trace.contains(TraceMask(record.kind)) { keep(record) }
    guard record.kind == .el1Step, let kind = StepKind(rawValue: record.detail) else { return }
    if trace.contains(.strictRun), kind == .barrier, let barrier = Barrier(rawValue: UInt8(truncatingIfNeeded: record.a)),
      let type = DataBarrier(barrier)
    {
      machine.strictTranslation?.barrier(type, by: number)
    }
    if trace.contains(.steppedRun) { currentStepper?(kind, record.a) }
  }

  private func keep(_ record: TraceRecord) {
    if machine.trace.append(record) { askToStop(.traceIsHalfFull) }
  }

  /// Records an event of the machine's own, after the given number of retired instructions; nil stands for the PE's present
  /// count.
  @inline(never)
  func record(_ kind: TraceKind, detail: UInt8 = 0, at instruction: UInt64? = nil, _ a: UInt64 = 0, _ b: UInt64 = 0, _ c: UInt64 = 0) {
    if !context.state.pointee.trace.contains(TraceMask(kind)) { return }
    keep(
      TraceRecord(
        kind, detail: detail, processor: number, actor: el1.actor, task: el1.block.pointee.task,
        instruction: instruction ?? instructionsRetired, a: a, b: b, c: c))
  }
}

extension Context {
  /// Handles a walk that something observes: the bookkeeping of a strict run, and the records of the walk and of the entry that
  /// it makes.
  @inline(never)
  func watchedWalk(_ address: UInt64, _ request: AccessRequest) -> WalkResult {
    let owner = self.owner
    let result = owner.machine.strictTranslation?.walk(self, address, request) ?? TranslationTableWalker(self).walk(address, request)
    switch result {
    case .fault(let status): owner.record(.walk, detail: status.rawValue, address)
    case .entry(let entry):
      owner.record(.walk, detail: TraceRecord.noFault, address, entry.output)
      recordFill(entry)
    }
    return result
  }

  /// Records that `entry` goes into the TLB.
  @inline(never)
  func recordFill(_ entry: TLBEntry) {
    if !entry.flags.contains(.notCached) { owner.record(.tlbFill, entry.page, entry.output, UInt64(entry.asid)) }
  }
}

extension MachineConfiguration {
  /// Whether the walk cache may be used. It is not used with several PEs, in strict runs, or with TLBs that hold whole blocks.
  var allowsWalkCache: Bool { usesFastTable && processorCount == 1 && !reportsBreakBeforeMake && features.tlbBlockEntries == 0 }
}
