// Owns the tests of two faults on one page in every order of their steps: who waits, who wakes, and what the memory holds in the
// end.
// It does not know which order a processor would choose.
import Architecture
import Exploration
import TestSupport
import Testing

@testable import LinuxMM

struct InterleavingTests {
  private static let va: UInt64 = 0x1112_3456_7000
  let bench: MemoryBench
  init() throws { bench = try MemoryBench(memory: 8 << 20, processors: 2) }

  /// Runs two actors under every schedule with at most the given number of preemptions. Each time the memory was just mapped, and
  /// it is unmapped afterwards. `check` is told how each schedule ended. Returns the number of schedules, and how often an actor
  /// waited for a lock.
  private func explore(
    preemptions: Int, prepare: () -> Void = {}, actor: @escaping (Int) -> Void, check: (ScheduleEnding, Schedule) -> Void
  ) throws -> (schedules: Int, waits: Int) {
    var schedules = AllSchedules(preemptions: preemptions)
    var waits = 0
    repeat {
      _ = try bench.mmap(Self.va, pages: 2)
      prepare()
      let actors = BenchActors(bench)
      for _ in 0..<2 { actors.add(actor) }
      let ending = schedules.run(actors.run) { actors.mayGoOn($0, $1, bench.manager.box.locks) }
      waits += actors.waits
      actors.end()
      check(ending, schedules.schedule)
      try bench.munmap(Self.va, pages: 2)
    } while schedules.next()
    return (schedules.count, waits)
  }

  /// Two first writes to a page whose tables exist. One actor maps its page. The other finds that page, after waiting for the
  /// table's lock if it comes too early, and frees its own page.
  @Test func twoWritesToOnePage() throws {
    let frames = bench.manager.state.frames.available
    let found = try explore(
      preemptions: 2, prepare: { #expect(bench.touch(Self.va + 0x1000, write: true) == .done(faults: 1)) },
      actor: { [bench] in #expect(bench.serve(Self.va, write: true, on: $0) == nil) }
    ) { ending, schedule in
      #expect(ending == .finished && bench.manager.box.locks == LockTable(), "\(schedule)")
      #expect(bench.space.residentPages == 2 && bench.descriptor(Self.va)! & 1 == 1, "\(schedule)")
      #expect(bench.manager.checkInvariants(bench.el1) == [], "\(schedule)")
    }
    #expect(found.schedules > 200 && found.waits > 20, "\(found)")
    #expect(bench.manager.state.frames.available == frames, "no page is lost in any order")
  }

  /// Two first writes to a VMA. Both actors make an anon_vma for it, and the first actor's stays. The second actor then uses the
  /// first one's.
  @Test func twoActorsGiveAVMAItsAnonVMA() throws {
    var anonVMAs: Set<Int> = []
    let found = try explore(
      preemptions: 1, actor: { [bench] in #expect(bench.serve(Self.va + UInt64($0) << 12, write: true, on: $0) == nil) }
    ) { ending, schedule in
      #expect(ending == .finished && bench.manager.box.locks == LockTable(), "\(schedule)")
      anonVMAs.insert(bench.manager.state.anonVMAs.ids.count)
      #expect(bench.manager.checkInvariants(bench.el1) == [], "\(schedule)")
    }
    #expect(anonVMAs == [1])
    #expect(found.schedules > 50 && found.waits > 0)
  }

  /// A read and a write of one page. The zero page is replaced, or never mapped.
  @Test func aReadAndAWriteOfOnePage() throws {
    var reads: Set<UInt64> = []
    let found = try explore(
      preemptions: 2, prepare: { #expect(bench.touch(Self.va + 0x1000, write: true) == .done(faults: 1)) },
      actor: { [bench] in #expect(bench.serve(Self.va, write: $0 == 1, on: $0) == nil) }
    ) { ending, schedule in
      #expect(ending == .finished, "\(schedule)")
      let entry = PageTableEntry(bench.descriptor(Self.va)!)
      // If the write comes before the read's entry is stored, it later finds the entry, and the instruction's next fault handles
      // it.
      #expect(entry.isWritable != entry.isSpecial, "\(schedule)")
      reads.insert(entry.isSpecial ? 1 : 0)
      #expect(bench.manager.checkInvariants(bench.el1) == [], "\(schedule)")
    }
    #expect(reads == [0, 1] && found.schedules > 200 && found.waits > 0)
  }

  /// Two actors take two locks in opposite order. In some schedules each then waits for the other. Every schedule reports that the
  /// order was broken, whether or not it ends in a deadlock.
  @Test func aDeadlockIsFoundAndNamed() throws {
    let folio = LockName(.folio, 0x4000_1000)
    let table = LockName(.pageTable, 0x4000_2000)
    let locks = bench.manager.box.lockMemory
    locks.pointee.isExplored = true
    var deadlocks: [Schedule] = []
    var names: Set<[String]> = []
    let found = try explore(
      preemptions: .max,
      actor: { [bench] number in
        let el1 = bench.machine.processors[number].el1
        let (first, second) = number == 0 ? (folio, table) : (table, folio)
        el1.lock(first)
        el1.lock(second)
        el1.unlock(second)
        el1.unlock(first)
      }
    ) { ending, schedule in
      let table = locks.pointee.table
      if case .stuck(let actors) = ending {
        deadlocks.append(schedule)
        #expect(actors == [0, 1] && table.deadlock.count == 2)
        names.insert(table.deadlock.map(\.description).sorted())
      } else {
        #expect(ending == .finished && table == LockTable() && table.deadlock == [])
      }
      #expect(
        locks.pointee.disorders.map(\.description)
          == ["actor 1 takes the folio of 0x40001000 while it holds the pageTable of 0x40002000: that is against the lock order"])
      locks.pointee.table = LockTable()
      locks.pointee.disorders = []
    }
    #expect(
      names == [
        [
          "actor 0 waits for the pageTable of 0x40002000, which actor 1 holds",
          "actor 1 waits for the folio of 0x40001000, which actor 0 holds",
        ]
      ])
    #expect(!deadlocks.isEmpty && deadlocks.count < found.schedules && found.waits > 0)
  }

  /// An actor that wants a lock which it already holds waits for itself.
  @Test func aLockTakenTwiceIsADeadlock() throws {
    let lock = LockName(.folio, 0x4000_1000)
    let locks = bench.manager.box.lockMemory
    locks.pointee.isExplored = true
    let actors = BenchActors(bench)
    actors.add { [bench] in
      let el1 = bench.machine.processors[$0].el1
      el1.lock(lock)
      el1.lock(lock)
    }
    var schedules = AllSchedules()
    let ending = schedules.run(actors.run) { actors.mayGoOn($0, $1, locks.pointee.table) }
    actors.end()
    #expect(ending == .stuck([0]))
    #expect(
      locks.pointee.table.deadlock.map(\.description) == ["actor 0 waits for the folio of 0x40001000, which actor 0 holds"])
    locks.pointee.table = LockTable()
  }
}
