// Owns the bookkeeping of a strict run: which descriptors each TLB entry was made from, and the check of every store to one of them.
// It changes nothing that a program could see; without strict mode it does not exist. Barriers are not looked at.
import Architecture

/// One machine's strict mode.
final class StrictTranslation {
  private(set) var violations: [BreakBeforeMakeViolation] = []
  private unowned let machine: Emulator
  private static let violationLimit = 4096

  /// A TLB entry by where it is.
  private struct Place: Hashable {
    let processor: Int
    let page: UInt64
    let asid: UInt16
  }
  private struct Step {
    let level: Int
    let address: UInt64
    let value: UInt64
  }
  /// How an entry came to be: the descriptors on the way, the leaf last.
  private struct Fill {
    let entry: TLBEntry
    let half: TranslationRegime.Half
    let steps: [Step]
  }
  private var fills: [Place: Fill] = [:]
  /// By physical address of a descriptor: the entries made through it, in the order of their walks.
  private var users: [UInt64: [Place]] = [:]

  init(_ machine: Emulator) {
    self.machine = machine
    machine.memory.onTableStore = { [unowned self] pa, count, store in self.check(pa, count, store) }
  }

  /// A walk whose descriptors are remembered if it makes an entry.
  func walk(_ context: Context, _ va: UInt64, writes: Bool, user: Bool) -> WalkResult {
    var steps: [Step] = []
    var walker = TranslationTableWalker(context)
    walker.visit = { steps.append(Step(level: $0, address: $1, value: $2)) }
    let result = walker.walk(va, writes: writes, user: user)
    if case .entry(let entry) = result, !entry.flags.contains(.notCached) {
      let place = Place(processor: context.owner.number, page: entry.page, asid: entry.asid)
      forget(place)
      fills[place] = Fill(entry: entry, half: context.state.pointee.regime.half(of: va), steps: steps)
      for step in steps {
        users[step.address, default: []].append(place)
        machine.memory.setFlag(.translationTable, frameOf: step.address)
      }
    }
    return result
  }

  private func forget(_ place: Place) {
    guard let fill = fills.removeValue(forKey: place) else { return }
    for step in fill.steps { users[step.address]?.removeAll { $0 == place } }
  }

  /// Lets a store to a table's frame happen and looks at each descriptor that it changed.
  private func check(_ pa: UInt64, _ count: UInt64, _ store: () -> Void) {
    let words = Array(stride(from: pa & ~7, to: pa &+ count, by: 8)).filter { users[$0]?.isEmpty == false }
    let old = words.map(load)
    store()
    for (address, old) in zip(words, old) where load(address) != old { check(address, old: old, new: load(address)) }
  }

  private func check(_ address: UInt64, old: UInt64, new: UInt64) {
    var rules: Set<BreakBeforeMakeViolation.Rule> = []
    var live: [BreakBeforeMakeViolation.LiveEntry] = []
    var level = 3
    var cached = old
    for place in users[address] ?? [] {
      guard isLive(place), let fill = fills[place], let depth = fill.steps.firstIndex(where: { $0.address == address }) else {
        forget(place)
        continue
      }
      // Below a table that was taken away nothing is made yet.
      let isReachable = fill.steps[..<depth].allSatisfy { Descriptor(load($0.address)).isTableOrPage && leadsAlike($0, fill.half) }
      guard isReachable, let leaf = leaf(new, fill.steps[depth].level, fill) else { continue }
      let broken = rulesBroken(place, fill, leaf)
      if broken.isEmpty { continue }
      rules.formUnion(broken)
      live.append(.init(processor: place.processor, entry: TLBEntryView(fill.entry)))
      (level, cached) = (fill.steps[depth].level, fill.steps[depth].value)
    }
    if live.isEmpty || violations.count >= Self.violationLimit { return }
    violations.append(
      BreakBeforeMakeViolation(
        descriptorAddress: address, level: level, cached: cached, old: old, new: new,
        rules: BreakBeforeMakeViolation.Rule.allCases.filter(rules.contains), missing: old & 1 == 1 ? .break : .invalidation,
        liveEntries: live))
  }

  private func isLive(_ place: Place) -> Bool {
    let state = machine.processors[place.processor].context.state
    if let entry = state.pointee.tlb.find(page: place.page, asid: place.asid)?.pointee { return entry.asid == place.asid }
    return state.pointee.tlb.findBlock(page: place.page, asid: place.asid)?.asid == place.asid
  }

  /// The table descriptor still leads where it led.
  private func leadsAlike(_ step: Step, _ half: TranslationRegime.Half) -> Bool {
    half.output(load(step.address)) == half.output(step.value)
  }

  /// The leaf that a walk for the entry's page meets from `value` down; nil where there is none.
  private func leaf(_ value: UInt64, _ level: Int, _ fill: Fill) -> (value: UInt64, level: Int)? {
    let granule = fill.half.control.granule
    var (value, level) = (value, level)
    while Descriptor(value).isTableOrPage && level < 3 {
      level += 1
      let index = fill.entry.page &>> granule.shift(level: level) & ((1 &<< granule.bitsPerLevel) &- 1)
      let address = fill.half.output(value) &+ index &* 8
      if !machine.memory.contains(address, count: 8) { return nil }
      value = load(address)
    }
    let isBlock = Descriptor(value).isBlock && level < 3 && fill.half.hasBlocks(level)
    return isBlock || (level == 3 && Descriptor(value).isTableOrPage) ? (value, level) : nil
  }

  /// Arm ARM D8.16.1, rule by rule.
  private func rulesBroken(
    _ place: Place, _ fill: Fill, _ leaf: (value: UInt64, level: Int)
  ) -> Set<BreakBeforeMakeViolation.Rule> {
    var broken: Set<BreakBeforeMakeViolation.Rule> = []
    let regime = machine.processors[place.processor].context.state.pointee.regime
    let old = Descriptor(fill.steps.last!.value)
    let new = Descriptor(leaf.value)
    let entry = fill.entry
    let attributes = UInt8(truncatingIfNeeded: regime.mair &>> (new.attributeIndex &* 8))
    if attributes != entry.attributes {
      let isSameType = attributes & 0xf0 != 0 && entry.isNormal
      broken.insert(isSameType ? .cacheability : .memoryType)
    }
    let shift = fill.half.control.granule.shift(level: leaf.level)
    if shift != UInt64(entry.blockShift) {
      let hasnT = (old.isBlock && old.isNotTranslated) || (new.isBlock && new.isNotTranslated)
      switch regime.features.blockChange {
      case .level0: broken.insert(.blockSize)
      case .level1: if !hasnT { broken.insert(.blockSize) }
      case .level2: break
      }
    } else if old.isContiguous != new.isContiguous && regime.features.blockChange == .level0 {
      broken.insert(.contiguity)
    }
    let inside = (1 as UInt64) &<< shift &- 1
    let output = fill.half.output(leaf.value) & ~inside | entry.page & inside & ~0xfff
    if output != entry.output {
      let isReadOnly = old.isReadOnly && new.isReadOnly && !old.isDirtyBitModifier && !new.isDirtyBitModifier
      if !isReadOnly || !holdsTheSame(output, entry.output) { broken.insert(.outputAddress) }
    }
    if !new.isNonGlobal && !entry.flags.contains(.global) { broken.insert(.globality) }
    return broken
  }

  /// Whether two 4 KiB pieces of memory hold the same bytes.
  private func holdsTheSame(_ a: UInt64, _ b: UInt64) -> Bool {
    guard let first = machine.memory.read(a, count: 4096), let second = machine.memory.read(b, count: 4096) else { return false }
    return first == second
  }

  private func load(_ pa: UInt64) -> UInt64 { machine.memory.host(pa).loadUnaligned(as: UInt64.self) }
}
