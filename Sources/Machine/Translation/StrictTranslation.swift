// Owns the bookkeeping of a strict run: the descriptors from which each TLB entry was made, the progress of its invalidation, and
// the check of every store to such a descriptor. It changes nothing that a program could see, and does not exist without strict
// mode.
import Architecture

/// One machine's strict mode. An entry is gone when these events have happened in this order: the descriptor was made invalid, a
/// DSB made that visible to the entry's PE, a TLBI removed the entry, and a DSB of the TLBI's PE completed the TLBI. An entry that
/// was displaced from its TLB is gone too. Arm ARM D8.16.1.
final class StrictTranslation {
  private unowned let machine: Emulator
  private static let violationLimit = 4096
  /// The most translations to follow that no TLB holds any more, but that may return or wait for a DSB. Beyond this number the
  /// oldest is forgotten.
  private static let lingeringLimit = 4096

  fileprivate typealias Step = TrackedTranslation.Step
  fileprivate typealias Place = TrackedTranslation.Place

  /// All that a strict run remembers, as a value that a snapshot of the machine keeps.
  struct Notes {
    fileprivate(set) var violations: [BreakBeforeMakeViolation] = []
    /// The translations by number, in the order of their walks.
    fileprivate var translations: [Int: TrackedTranslation] = [:]
    fileprivate var nextNumber = 0
    /// The translations that a TLB holds, and those that linger, by place.
    fileprivate var cached: [Place: Int] = [:]
    fileprivate var lingering: [Place: Int] = [:]
    /// For each physical address of a descriptor, the translations made through it, in their order.
    fileprivate var users: [UInt64: [Int]] = [:]
    /// Changes of descriptors that no DSB has made visible to every PE yet: the PE that stored, and whether its own walks see the
    /// change.
    fileprivate var pendingStores: [UInt64: PendingStore] = [:]
  }
  fileprivate struct PendingStore {
    let storer: Int
    var isVisibleToStorer = false
  }
  private(set) var notes = Notes()
  var violations: [BreakBeforeMakeViolation] { notes.violations }

  init(_ machine: Emulator) {
    self.machine = machine
    machine.memory.door.onTableStore = { [unowned self] pa, count, store in self.check(pa, count, store) }
  }

  // MARK: Snapshots

  /// Returns to notes of an earlier moment, while `happen` puts the bytes of that moment back: no store of these is a change that a
  /// program made. Frames of tables that were met since stay flagged, which only makes stores to them slower.
  func restore(_ saved: Notes, _ happen: () -> Void) {
    notes = Notes()
    happen()
    notes = saved
  }

  // MARK: Events

  /// Remembers the descriptors of a walk if the walk makes an entry.
  func walk(_ context: Context, _ va: UInt64, _ request: AccessRequest) -> WalkResult {
    var steps: [Step] = []
    var walker = TranslationTableWalker(context)
    walker.visit = { steps.append(Step(level: $0, address: $1, value: $2)) }
    let result = walker.walk(va, request)
    if case .entry(let entry) = result, !entry.flags.contains(.notCached) {
      let place = Place(processor: context.owner.number, page: entry.page, asid: entry.asid)
      forget(notes.cached[place])
      if let old = notes.lingering[place], notes.translations[old]?.steps == steps { forget(old) }
      notes.translations[notes.nextNumber] = TrackedTranslation(
        place: place, entry: entry, half: context.state.pointee.regime.half(of: va), steps: steps)
      notes.cached[place] = notes.nextNumber
      for step in steps {
        notes.users[step.address, default: []].append(notes.nextNumber)
        machine.memory.setFlag(.translationTable, frameOf: step.address)
      }
      notes.nextNumber += 1
    }
    return result
  }

  /// A DSB makes the stores before it visible to the PEs that it covers, and completes the TLBIs of its PE. It also covers stores
  /// of other PEs, because its PE may have observed them through a lock.
  func barrier(_ barrier: DataBarrier, by processor: Int) {
    if barrier.ordersStores {
      if barrier.reachesOthers {
        notes.pendingStores.removeAll()
      } else {
        for (address, store) in notes.pendingStores where store.storer == processor {
          notes.pendingStores[address]?.isVisibleToStorer = true
        }
      }
    }
    if !barrier.completesTLBIs { return }
    for number in notes.lingering.values {
      guard let translation = notes.translations[number], translation.state == .incomplete(issuer: processor) else { continue }
      if barrier.reachesOthers || translation.place.processor == processor { forget(number) }
    }
  }

  /// A TLBI: `happen` performs the invalidation. The translations that it removed count as possibly cached until a DSB completes it.
  func invalidate(_ operation: TLBIOperation, _ operand: UInt64, by processor: Int, _ happen: () -> Void) {
    for number in notes.cached.values.sorted() where !isCached(number) { forget(number) }
    happen()
    var gone = notes.cached.values.filter { !isCached($0) }
    gone += notes.lingering.values.filter { number in
      let translation = notes.translations[number]!
      guard operation.isBroadcast || translation.place.processor == processor else { return false }
      return translation.isTaken(by: operation, operand, regime(of: translation))
    }
    for number in gone.sorted() {
      let state = stateAfter(operation, by: processor, notes.translations[number]!)
      linger(number, state)
    }
  }

  private func linger(_ number: Int, _ state: TrackedTranslation.State) {
    let place = notes.translations[number]!.place
    notes.translations[number]!.state = state
    if notes.cached[place] == number { notes.cached[place] = nil }
    if let old = notes.lingering[place], old != number { forget(old) }
    notes.lingering[place] = number
    if notes.lingering.count > Self.lingeringLimit, let oldest = notes.lingering.values.min() { forget(oldest) }
  }

  private func forget(_ number: Int?) {
    guard let number, let translation = notes.translations.removeValue(forKey: number) else { return }
    if notes.cached[translation.place] == number { notes.cached[translation.place] = nil }
    if notes.lingering[translation.place] == number { notes.lingering[translation.place] = nil }
    for address in Set(translation.steps.map(\.address)) {
      notes.users[address]?.removeAll { $0 == number }
      if notes.users[address]?.isEmpty == true { notes.users[address] = nil }
    }
  }

  /// The state of a translation that a TLBI has just removed.
  private func stateAfter(_ operation: TLBIOperation, by processor: Int, _ translation: TrackedTranslation) -> TrackedTranslation.State {
    let broken = translation.steps.indices.filter { !leads(translation, at: $0) }
    if broken.isEmpty {
      // The tables still lead to the translation, so the next walk brings it back, provided that its PE can walk those tables at
      // all.
      return isReachable(translation) ? .mayReturn(.invalidation) : .incomplete(issuer: processor)
    }
    let visible = broken.filter { isVisible(translation.steps[$0].address, to: translation.place.processor) }
    if visible.isEmpty { return .mayReturn(.visibility) }
    // A TLBI for the last level leaves cached table descriptors in place.
    let isLeaf = visible.contains(translation.steps.count - 1)
    return isLeaf || !operation.isLastLevelOnly ? .incomplete(issuer: processor) : .mayReturn(.invalidation)
  }

  private func isVisible(_ address: UInt64, to processor: Int) -> Bool {
    guard let store = notes.pendingStores[address] else { return true }
    return store.isVisibleToStorer && store.storer == processor
  }

  /// Whether the translation's PE still walks the tables from which it came.
  private func isReachable(_ translation: TrackedTranslation) -> Bool {
    let regime = regime(of: translation)
    let half = regime.half(of: translation.entry.page)
    return regime.sctlr.mmuEnabled && !half.control.walksDisabled && half.table == translation.half.table
      && half.startLevel == translation.half.startLevel && half.control.granule == translation.half.control.granule
      && (translation.entry.flags.contains(.global) || translation.entry.asid == regime.asid)
  }

  // MARK: Effects of a store

  /// Performs a store to a table's frame, and checks each descriptor that the store changed.
  private func check(_ pa: UInt64, _ count: UInt64, _ store: () -> Void) {
    let words = Array(stride(from: pa & ~7, to: pa &+ count, by: 8)).filter { notes.users[$0] != nil }
    let old = words.map(load)
    store()
    for (address, old) in zip(words, old) where load(address) != old {
      check(address, old: old, new: load(address))
      notes.pendingStores[address] = PendingStore(storer: machine.lastRun)
    }
  }

  private func check(_ address: UInt64, old: UInt64, new: UInt64) {
    var rules: Set<BreakBeforeMakeViolation.Rule> = []
    var missing: Set<BreakBeforeMakeViolation.MissingStep> = []
    var live: [BreakBeforeMakeViolation.LiveEntry] = []
    var level = 3
    var first = old
    for number in notes.users[address] ?? [] {
      guard let translation = notes.translations[number] else { continue }
      if translation.state == .cached && !isCached(number) {
        forget(number)
        continue
      }
      guard let depth = translation.steps.firstIndex(where: { $0.address == address }) else { continue }
      // Descriptors below a table that was removed make no new translation yet.
      let isReachable = translation.steps[..<depth].indices.allSatisfy { leads(translation, at: $0) }
      guard isReachable, let leaf = leaf(new, translation.steps[depth].level, translation) else { continue }
      let broken = rulesBroken(translation, leaf)
      if broken.isEmpty { continue }
      rules.formUnion(broken)
      live.append(.init(processor: translation.place.processor, entry: TLBEntryView(translation.entry)))
      (level, first) = (translation.steps[depth].level, translation.steps[depth].value)
      switch translation.state {
      case .cached: missing.insert(.invalidation)
      case .mayReturn(let step): missing.insert(step)
      case .incomplete: missing.insert(.completion)
      }
      // A translation that only lingers is reported once.
      if translation.state != .cached { forget(number) }
    }
    if live.isEmpty || notes.violations.count >= Self.violationLimit { return }
    if old & 1 == 1 { missing = [.break] }
    notes.violations.append(
      BreakBeforeMakeViolation(
        descriptorAddress: address, level: level, cached: first, old: old, new: new,
        rules: BreakBeforeMakeViolation.Rule.allCases.filter(rules.contains),
        missing: BreakBeforeMakeViolation.MissingStep.allCases.first(where: missing.contains)!, liveEntries: live))
  }

  private func isCached(_ number: Int) -> Bool {
    guard let place = notes.translations[number]?.place else { return false }
    let state = machine.processors[place.processor].context.state
    if let entry = state.pointee.tlb.find(page: place.page, asid: place.asid)?.pointee { return entry.asid == place.asid }
    return state.pointee.tlb.findBlock(page: place.page, asid: place.asid)?.asid == place.asid
  }

  private func regime(of translation: TrackedTranslation) -> TranslationRegime {
    machine.processors[translation.place.processor].context.state.pointee.regime
  }

  /// Whether the descriptor at `depth` still leads to the same table, or to a leaf that needs no break-before-make.
  private func leads(_ translation: TrackedTranslation, at depth: Int) -> Bool {
    let step = translation.steps[depth]
    let now = load(step.address)
    if depth < translation.steps.count - 1 {
      return Descriptor(now).isTableOrPage && translation.half.output(now) == translation.half.output(step.value)
    }
    guard let leaf = leaf(now, step.level, translation) else { return false }
    return rulesBroken(translation, leaf).isEmpty
  }

  /// The leaf that a walk for the entry's page reaches from `value` down; nil if it reaches none.
  private func leaf(_ value: UInt64, _ level: Int, _ translation: TrackedTranslation) -> (value: UInt64, level: Int)? {
    let granule = translation.half.control.granule
    var (value, level) = (value, level)
    while Descriptor(value).isTableOrPage && level < 3 {
      level += 1
      let index = translation.entry.page &>> granule.shift(level: level) & ((1 &<< granule.bitsPerLevel) &- 1)
      let address = translation.half.output(value) &+ index &* 8
      if !machine.memory.contains(address, count: 8) { return nil }
      value = load(address)
    }
    let isBlock = Descriptor(value).isBlock && level < 3 && translation.half.hasBlocks(level)
    return isBlock || (level == 3 && Descriptor(value).isTableOrPage) ? (value, level) : nil
  }

  /// Arm ARM D8.16.1, rule by rule.
  private func rulesBroken(_ translation: TrackedTranslation, _ leaf: (value: UInt64, level: Int)) -> Set<BreakBeforeMakeViolation.Rule> {
    var broken: Set<BreakBeforeMakeViolation.Rule> = []
    let regime = regime(of: translation)
    let old = Descriptor(translation.steps.last!.value)
    let new = Descriptor(leaf.value)
    let entry = translation.entry
    let attributes = UInt8(truncatingIfNeeded: regime.mair &>> (new.attributeIndex &* 8))
    if attributes != entry.attributes {
      let isSameType = attributes & 0xf0 != 0 && entry.isNormal
      broken.insert(isSameType ? .cacheability : .memoryType)
    }
    let shift = translation.half.control.granule.shift(level: leaf.level)
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
    let output = translation.half.output(leaf.value) & ~inside | entry.page & inside & ~0xfff
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

  private func load(_ pa: UInt64) -> UInt64 { machine.memory.ram.load(pa, as: UInt64.self) }
}
