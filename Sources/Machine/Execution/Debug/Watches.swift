// Owns the watches of a debugger on this host: ranges of virtual addresses, an access to which stops the run before it happens. The guest
// sees nothing of them. It does not know the guest's own watchpoints, which raise exceptions (see DebugMatch.swift).
import Architecture

/// A range of virtual addresses that a debugger watches.
public struct Watch: Hashable, Sendable {
  /// The first address, without a tag, and the number of bytes, which is at least 1.
  public let start: UInt64
  public let count: UInt64
  public let reads: Bool
  public let writes: Bool

  public init(start: UInt64, count: UInt64, reads: Bool, writes: Bool) {
    precondition(count > 0 && start &+ (count &- 1) >= start, "a watch is a range of addresses")
    self.start = start
    self.count = count
    self.reads = reads
    self.writes = writes
  }

  func touches(page: UInt64) -> Bool { start & ~0xfff <= page && (start &+ (count &- 1)) & ~0xfff >= page }

  /// The lowest byte of [va, va+length) in the range; nil if there is none.
  fileprivate func lowest(of va: UInt64, length: UInt64) -> UInt64? {
    let lowest = max(va, start)
    return lowest <= min(va &+ (length &- 1), start &+ (count &- 1)) ? lowest : nil
  }
}

/// An access that a watch has stopped.
public struct WatchHit: Hashable, Sendable {
  /// The first of the processor's watches that the access touches.
  public let watch: Watch
  /// The lowest watched address that the access touches.
  public let address: UInt64
  /// Whether the access writes. An atomic instruction writes, and reads too.
  public let isWrite: Bool
}

extension Processor {
  /// The ranges before whose accesses a run on this PE stops. The accesses of instructions at any Exception level count; those of a hosted
  /// kernel, of the walker and of a debugger do not. Set it between runs. An empty list costs nothing; otherwise the accesses to the pages
  /// of the ranges are slow.
  public var watches: [Watch] {
    get { currentWatches }
    set {
      currentWatches = newValue
      context.state.pointee.debug.hasWatches = !newValue.isEmpty
      context.state.pointee.debug.update()
      context.flushFastTables()
    }
  }

  /// Runs as `run` does, but no watch stops the first instruction.
  @inline(never)
  func runPastWatch(until limit: UInt64, passesBreakpoint: Bool) -> ProcessorStop {
    context.state.pointee.debug.passesWatches = true
    let stop = run(until: min(limit, instructionsRetired &+ 1), passesBreakpoint: passesBreakpoint)
    context.state.pointee.debug.passesWatches = false
    return stop == .instructionLimit && instructionsRetired < limit ? run(until: limit, passesBreakpoint: false) : stop
  }
}

extension Context {
  /// The first watch that an access of `count` bytes touches; nil if there is none, if this instruction has stopped for one already, or if
  /// the access is a hosted kernel's.
  func watchHit(_ count: UInt64, _ request: AccessRequest) -> WatchHit? {
    let s = state
    if !s.pointee.debug.hasWatches || s.pointee.debug.passesWatches { return nil }
    if s.pointee.processorState.exceptionLevel != 0 && s.pointee.systemRegisters.vbar == HostedVectors.base { return nil }
    let (va, kind) = (state.pointee.regime.strippingTag(request.va), request.kind)
    let writes = kind.writes || kind == .cacheInvalidation
    let reads = kind == .read || kind == .atomic
    for watch in owner.watches where watch.reads && reads || watch.writes && writes {
      if let address = watch.lowest(of: va, length: count) { return WatchHit(watch: watch, address: address, isWrite: writes) }
    }
    return nil
  }
}
