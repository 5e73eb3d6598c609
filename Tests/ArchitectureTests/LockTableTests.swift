// Owns the tests of the lock table and the lock order: who may have which lock at the same time, who waits, and which order is
// allowed.
// It does not know what any lock protects.
import Testing

@testable import Architecture

struct LockTableTests {
  /// A stand-in for a PE: a block without a machine behind it, whose steps go to `stepper`.
  fileprivate final class Bench {
    let memory = LockMemory.allocate()
    private let block = UnsafeMutablePointer<EL1Block>.allocate(capacity: 1)
    private let bytes = UnsafeMutableRawPointer.allocate(byteCount: 1 << 16, alignment: 16)
    var stepper: (StepKind) -> Void = { _ in }
    var el1: EL1Interface { EL1Interface(block) }
    init() {
      block.initialize(
        to: EL1Block(
          ram: RAM(
            bytes: bytes, base: 0, size: 1 << 16, flags: bytes.assumingMemoryBound(to: UInt8.self),
            door: StoreDoor(owner: bytes) { _, _, _, _, _, _ in }),
          registers: bytes.assumingMemoryBound(to: UInt64.self), vectors: bytes, context: Unmanaged.passUnretained(self).toOpaque(),
          entryPoints: .forSteps, processor: 3))
      el1.use(memory)
    }
    deinit {
      LockMemory.free(memory)
      block.deallocate()
      bytes.deallocate()
    }
    func run(as actor: UInt32) { block.pointee.actor = ActorID(actor) }
    func stepped(_ body: () -> Void) {
      block.pointee.trace = .steppedRun
      body()
      block.pointee.trace = []
    }
  }

  private static let read = LockName(.mmapLockRead, 7)
  private static let write = LockName(.mmapLockWrite, 7)

  @Test func aPEsActorHasItsNumber() {
    let bench = Bench()
    #expect(bench.el1.actor == ActorID(3))
  }

  /// Readers share a lock, a writer shares it with no other actor, and another owner's lock is a different lock.
  @Test func sharedAndExclusive() {
    let bench = Bench()
    bench.run(as: 1)
    #expect(bench.el1.tryLock(Self.read))
    bench.run(as: 2)
    #expect(bench.el1.tryLock(Self.read))
    #expect(!bench.el1.tryLock(Self.write))
    #expect(bench.el1.tryLock(LockName(.mmapLockWrite, 8)))
    #expect(bench.memory.pointee.table.held.map(\.actor.rawValue) == [1, 2, 2])
    bench.el1.unlock(Self.read)
    bench.run(as: 1)
    bench.el1.unlock(Self.read)
    bench.run(as: 2)
    #expect(bench.el1.tryLock(Self.write))
    bench.run(as: 1)
    #expect(!bench.el1.tryLock(Self.read))
    #expect(!bench.el1.holdsAnyLock && !bench.el1.holds(Self.write))
  }

  @Test func takingALockTwiceFails() {
    let bench = Bench()
    bench.el1.lock(LockName(.zone, 0))
    #expect(!bench.el1.tryLock(LockName(.zone, 0)))
    bench.el1.unlock(LockName(.zone, 0))
    #expect(bench.el1.tryLock(LockName(.zone, 0)))
  }

  /// In a stepped run an actor waits. The wait is a step, during which the table says who waits for which lock.
  @Test func aLockOfAnothersIsAWaitInASteppedRun() {
    let bench = Bench()
    bench.run(as: 1)
    bench.el1.lock(Self.write)
    bench.run(as: 2)
    var waiters: [ActorLock] = []
    var kinds: [StepKind] = []
    bench.stepper = { kind in
      kinds.append(kind)
      if kind != .lockWait { return }
      waiters = bench.memory.pointee.table.waiters
      #expect(!bench.memory.pointee.table.isFree(Self.read, for: ActorID(2)))
      // The other actor goes on and releases the lock.
      bench.run(as: 1)
      bench.el1.unlock(Self.write)
      bench.run(as: 2)
      #expect(bench.memory.pointee.table.isFree(Self.read, for: ActorID(2)))
    }
    bench.stepped { bench.el1.lock(Self.read) }
    #expect(waiters == [ActorLock(Self.read, ActorID(2))])
    #expect(kinds == [.lock, .lockWait, .unlock])
    #expect(bench.memory.pointee.table.waiters.isEmpty && bench.el1.holds(Self.read))
  }

  /// The order that Linux's mm/rmap.c documents: an actor may take only what is listed below what it holds, and tables nest in each
  /// other.
  @Test(
    arguments: [
      ([.mmapLockWrite], .vmaLockWrite, true), ([.mmapLockRead], .folio, true), ([.folio], .pageTable, true),
      ([.pageTable], .zone, true), ([.pageTable], .pageTable, true), ([.mmapLockWrite], .mmapLockWrite, true),
      ([.folio], .mmapLockRead, false), ([.pageTable], .anonVMAWrite, false), ([.zone], .pageTable, false),
      ([.folio], .folio, false), ([.anonVMARead], .fileMappingRead, false), ([.mmapLockRead, .anonVMAWrite], .pageTable, true),
    ] as [([LockKind], LockKind, Bool)])
  func order(held: [LockKind], taken: LockKind, isAllowed: Bool) {
    let bench = Bench()
    for (index, kind) in held.enumerated() { #expect(bench.el1.tryLock(LockName(kind, UInt64(index)))) }
    #expect((bench.memory.pointee.disorder(LockName(taken, 99), bench.el1.actor) == nil) == isAllowed)
    // Another actor's locks do not count.
    #expect(bench.memory.pointee.disorder(LockName(taken, 99), ActorID(9)) == nil)
  }

  @Test func theTableIsAValue() {
    let bench = Bench()
    bench.el1.lock(Self.write)
    let saved = bench.memory.pointee.table
    bench.el1.lock(LockName(.zone, 0))
    bench.memory.pointee.table = saved
    #expect(bench.memory.pointee.table == saved && bench.el1.holds(Self.write) && !bench.el1.holds(LockName(.zone, 0)))
  }
}

extension EL1EntryPoints {
  /// Only steps work; nothing else of a machine exists.
  fileprivate static var forSteps: EL1EntryPoints {
    EL1EntryPoints(
      invalidateTLB: { _, _, _ in }, unprivilegedLoad: { _, _, _, _ in false },
      unprivilegedStore: { _, _, _, _ in false }, unprivilegedTranslate: { _, _, _, _ in false }, readSystemRegister: { _, _ in 0 },
      writeSystemRegister: { _, _, _ in }, idle: { _, _ in }, exceptionReturn: { _ in },
      event: { context, record in
        let listener = Unmanaged<LockTableTests.Bench>.fromOpaque(context).takeUnretainedValue()
        listener.stepper(StepKind(rawValue: record.load(as: TraceRecord.self).detail)!)
      })
  }
}
