// Owns a debugger's reads: walks and memory accesses without faults, TLB fills, access flag updates or counts.
// It does not know why a debugger looks. It changes nothing that a program or a statistic could see.
import Architecture

/// One walk, descriptor by descriptor, and its outcome.
public struct WalkExplanation: Sendable {
  public struct Step: Sendable, Equatable {
    public let level: Int
    /// The physical address of the descriptor, and its value.
    public let address: UInt64
    public let descriptor: UInt64
  }
  public enum Outcome: Sendable, Equatable {
    /// The physical address, log2 of the bytes that the descriptor maps, and the permissions of EL0 and then EL1 as text, as in
    /// `rw- rw-`.
    case translated(pa: UInt64, blockShift: UInt64, permissions: String)
    case fault(FaultStatus)
  }
  public var steps: [Step] = []
  public var outcome: Outcome = .fault(.translation(level: 0))
  /// Why there is no translation; nil if there is one.
  public var reason: FaultReason?
  /// How the descriptors are laid out.
  public var format = DescriptorFormat()
  /// The other controls that affect permissions: TCR_EL1.HPDn, TCR_EL1.HA with HD, SCTLR_EL1.WXN.
  public var ignoresTableRights = false
  public var updatesDirtyState = false
  public var writeExecuteNever = false
}

/// The first table of one half of the address space, from TCR_EL1 and a TTBR.
public struct TableRoot: Sendable, Equatable {
  public let format: DescriptorFormat
  /// The first table's physical address, level and number of descriptors.
  public let address: UInt64
  public let level: Int
  public let entries: Int
  /// The lowest virtual address of the half.
  public let start: UInt64
}

/// One entry of the architectural TLB, for people.
public struct TLBEntryView: Sendable, Equatable {
  public let va: UInt64
  public let asid: UInt16
  public let isGlobal: Bool
  /// The bytes that the descriptor maps.
  public let size: UInt64
  public let pa: UInt64
  public let permissions: String
  /// Whether the entry itself covers all of `size`, and not only 4 KiB of it.
  public let isWhole: Bool

  init(_ entry: TLBEntry, isWhole: Bool = false) {
    va = entry.page
    asid = entry.asid
    isGlobal = entry.flags.contains(.global)
    size = 1 << UInt64(entry.blockShift)
    pa = entry.output
    permissions = entry.permissions.text
    self.isWhole = isWhole
  }
}

extension Processor {
  /// The root of the upper half (TTBR1_EL1) or the lower half (TTBR0_EL1).
  public func tableRoot(upper: Bool) -> TableRoot {
    let half = context.state.pointee.regime.half(upper: upper)
    return TableRoot(
      format: half.format, address: half.table, level: half.startLevel, entries: Int(half.startMask) + 1, start: upper ? half.checkMask : 0)
  }

  /// Walks the tables for `va` as an EL0 read would, and reports each step.
  public func explainWalk(_ va: UInt64) -> WalkExplanation { explainWalk(va, faultsOnAccessFlag: true) }

  private func explainWalk(_ va: UInt64, faultsOnAccessFlag: Bool) -> WalkExplanation {
    var explanation = WalkExplanation()
    let s = context.state
    if !s.pointee.regime.sctlr.mmuEnabled {
      explanation.outcome = .translated(pa: va, blockShift: 12, permissions: "rwx rwx")
      return explanation
    }
    var walker = TranslationTableWalker(context)
    walker.updatesDescriptors = false
    walker.faultsOnAccessFlag = faultsOnAccessFlag
    walker.visit = { explanation.steps.append(.init(level: $0, address: $1, descriptor: $2)) }
    let address = s.pointee.regime.strippingTag(va)
    let half = s.pointee.regime.half(of: va)
    explanation.format = half.format
    explanation.ignoresTableRights = half.control.hierarchicalDisabled
    explanation.updatesDirtyState = s.pointee.regime.tcr.hardwareAccessFlag && s.pointee.regime.tcr.hardwareDirtyState
    explanation.writeExecuteNever = s.pointee.regime.sctlr.writeExecuteNever
    switch walker.walk(address, AccessRequest(va, .read, .el1)) {
    case .fault(let status):
      explanation.outcome = .fault(status)
      explanation.reason = FaultReason(status, address, half, explanation.steps.last)
    case .entry(let entry):
      explanation.outcome = .translated(
        pa: entry.output | va & 0xfff, blockShift: UInt64(entry.blockShift), permissions: entry.permissions.text)
    }
    return explanation
  }

  /// Reads guest memory at virtual addresses; nil if any byte is not mapped to RAM. Access flags are ignored.
  public func peek(_ va: UInt64, count: Int) -> [UInt8]? {
    var result: [UInt8] = []
    var at = va
    while result.count < count {
      guard let pa = spyTranslate(at) else { return nil }
      let piece = min(count - result.count, 4096 - Int(at & 0xfff))
      guard let bytes = machine.memory.read(pa, count: piece) else { return nil }
      result += bytes
      at &+= UInt64(piece)
    }
    return result
  }

  /// Writes guest memory at virtual addresses through the door; false if any byte is not mapped to RAM.
  public func poke(_ va: UInt64, _ bytes: [UInt8]) -> Bool {
    var done = 0
    while done < bytes.count {
      let at = va &+ UInt64(done)
      let piece = min(bytes.count - done, 4096 - Int(at & 0xfff))
      guard let pa = spyTranslate(at), machine.memory.write(pa, Array(bytes[done..<(done + piece)])) else { return false }
      done += piece
    }
    for processor in machine.processors { processor.context.state.pointee.monitor.clear() }
    return true
  }

  private func spyTranslate(_ va: UInt64) -> UInt64? {
    guard case .translated(let pa, _, _) = explainWalk(va, faultsOnAccessFlag: false).outcome else { return nil }
    return pa
  }

  /// The live entries of the architectural TLB in the order of their sets, and then the blocks that are cached whole.
  public func tlbEntries() -> [TLBEntryView] {
    let tlb = context.state.pointee.tlb
    return tlb.all().map { TLBEntryView($0) } + tlb.allBlocks().map { TLBEntryView($0, isWhole: true) }
  }
}

extension PagePermissions {
  /// The rights of EL0 and then EL1, as in `r-x rw-`.
  var text: String {
    func letter(_ permission: PagePermissions, _ text: String) -> String { contains(permission) ? text : "-" }
    return letter(.userRead, "r") + letter(.userWrite, "w") + letter(.userExecute, "x") + " "
      + letter(.privilegedRead, "r") + letter(.privilegedWrite, "w") + letter(.privilegedExecute, "x")
  }
}
