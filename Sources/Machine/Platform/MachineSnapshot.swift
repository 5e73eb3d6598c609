// Owns how a machine returns to an earlier moment: RAM, the state of each PE with its TLB, and devices. It does not know what a
// supervisor keeps elsewhere, which a session adds.
import Architecture

/// A moment of a machine between two runs. RAM is not copied: a frame is kept when it is about to change.
///
/// The moments form a stack: a return to one drops those after it. Things that are not state of the machine stay as they are:
/// statistics of decoded code, a debugger's breakpoints, the trace mask, hooks.
public struct MachineSnapshot {
  fileprivate let number: Int
  fileprivate let processors: [ProcessorSnapshot]
  fileprivate let devices: [[UInt64]]
  fileprivate let lastRun: Int
  /// Of a strict run.
  fileprivate let strictNotes: StrictTranslation.Notes?
}

private struct ProcessorSnapshot {
  /// General, system and vector registers, as they are stored in the context block.
  let registers: [UInt8]
  let core: CoreState
  let tlb: TLB.Contents
  let debugRegisters: [UInt64]
  let exceptionCounts: [UInt64]
  let lastFault: FaultRecord
  let undefinedInstructions: [UndefinedInstruction]
}

extension Emulator {
  /// The number of frames that are kept for all moments together.
  public var keptFrameCount: Int { memory.door.history.frameCount }

  /// Marks this moment. No PE may be running.
  public func snapshot() -> MachineSnapshot {
    memory.door.history.begin()
    memory.watchAllFrames()
    for processor in processors { processor.context.flushFastTables() }
    return MachineSnapshot(
      number: memory.door.history.count - 1, processors: processors.map(\.saved), devices: bus.saved, lastRun: lastRun,
      strictNotes: strictTranslation?.notes)
  }

  /// Returns to a moment. One can return to it again. No PE may be running.
  public func restore(_ snapshot: MachineSnapshot) {
    precondition((snapshot.strictNotes == nil) == (strictTranslation == nil), "a snapshot is of another kind of run")
    if let strict = strictTranslation, let notes = snapshot.strictNotes {
      strict.restore(notes) { restoreFrames(snapshot) }
    } else {
      restoreFrames(snapshot)
    }
    for (processor, saved) in zip(processors, snapshot.processors) { processor.restore(saved) }
    bus.restore(snapshot.devices)
    lastRun = snapshot.lastRun
  }

  private func restoreFrames(_ snapshot: MachineSnapshot) {
    let changed = memory.door.history.takeBack(to: snapshot.number)
    for (frame, bytes) in changed {
      memory.clearFlag(.snapshot, frameOf: frame)
      bytes.withUnsafeBytes { memory.ram.store(frame, from: $0.baseAddress!, count: 4096) }
    }
    for (frame, _) in changed { memory.setFlag(.snapshot, frameOf: frame) }
  }

  /// Drops the latest moment.
  public func forgetLatestSnapshot() { memory.door.history.forgetLatest() }
}

extension Processor {
  fileprivate var saved: ProcessorSnapshot {
    let s = context.state
    return ProcessorSnapshot(
      registers: Array(UnsafeRawBufferPointer(start: context.c, count: Layout.state)), core: s.pointee, tlb: s.pointee.tlb.contents,
      debugRegisters: s.pointee.debug.contents, exceptionCounts: (0..<Self.exceptionCountCount).map { s.pointee.exceptionCounts[$0] },
      lastFault: lastFault, undefinedInstructions: undefinedInstructions)
  }

  fileprivate func restore(_ saved: ProcessorSnapshot) {
    let s = context.state
    let fastTables = s.pointee.fastTables
    let current = context[Slot.fastTable]
    saved.registers.withUnsafeBytes { context.c.copyMemory(from: $0.baseAddress!, byteCount: Layout.state) }
    s.pointee = saved.core
    s.pointee.tlb.restore(saved.tlb)
    s.pointee.debug.restore(saved.debugRegisters)
    for (number, count) in saved.exceptionCounts.enumerated() { s.pointee.exceptionCounts[number] = count }
    lastFault = saved.lastFault
    undefinedInstructions = saved.undefinedInstructions
    // The fast tables are not state: they fill again.
    s.pointee.fastTables = fastTables
    context[Slot.fastTable] = current
    context.flushFastTables()
    s.pointee.debug.hasWatches = !watches.isEmpty
    hear(of: el1.block.pointee.trace)
  }
}
