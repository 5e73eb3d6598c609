// Owns what a fault does when another actor has the lock that it wants: it waits, or it releases what it holds and starts again.
// It does not know schedules: the other actor runs from within a step of the first.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct LockWaitTests {
  private static let va: UInt64 = 0x1112_3456_7000
  private static let other = ActorID(7)
  let bench: MemoryBench
  init() throws {
    bench = try MemoryBench()
    _ = try bench.mmap(Self.va, pages: 4)
  }

  /// Runs `body` as the other actor, whose steps are not announced.
  private func asOther(_ body: () -> Void) {
    let block = bench.el1.block
    let (actor, trace) = (block.pointee.actor, block.pointee.trace)
    (block.pointee.actor, block.pointee.trace) = (Self.other, [])
    body()
    (block.pointee.actor, block.pointee.trace) = (actor, trace)
  }

  /// Handles a write fault; `stepper` is told each kind of step.
  private func write(_ stepper: @escaping (StepKind) -> Void) -> MemoryBench.Touch? {
    let processor = bench.machine.processors[0]
    processor.stepper = { kind, _ in stepper(kind) }
    defer { processor.stepper = nil }
    return bench.serve(Self.va, write: true)
  }

  private func expectQuiet() {
    #expect(bench.manager.box.locks == LockTable())
    #expect(bench.manager.checkInvariants(bench.el1) == [])
  }

  /// The first write needs the mmap lock to make an anon_vma, and another actor holds the lock. The fault releases the VMA lock,
  /// waits for the mmap lock, and is handled under it; it counts once. Linux: vmf_anon_prepare(), VM_FAULT_RETRY.
  @Test func anAnonVMAWaitsForTheMmapLock() {
    var waits = 0
    var hasBegun = false
    let problem = write { kind in
      if kind == .lockVMAUnderRCU && !hasBegun {
        hasBegun = true
        asOther { bench.manager.mmapWriteLock(bench.el1, bench.mm) }
      }
      if kind == .lockWait {
        waits += 1
        #expect(bench.manager.box.locks.held.map(\.actor) == [Self.other], "the VMA lock is given up before the wait")
        asOther { bench.manager.mmapWriteUnlock(bench.el1, bench.mm) }
      }
    }
    #expect(problem == nil && waits == 1)
    #expect(bench.faults == TaskFaults(minor: 1, major: 0))
    #expect(bench.touch(Self.va, write: true) == .done(faults: 0))
    expectQuiet()
  }

  /// The VMA is write-locked after the fault has found it and before it tries the VMA's lock. The fault goes on under the mmap
  /// lock.
  @Test func aVMAThatIsBeingChangedIsLeftAlone() {
    var isLocked = false
    var wasTaken = false
    let vma = bench.manager.vmas(bench.mm)[0]
    let lock = LockName(.vmaLockWrite, UInt64(vma.id))
    let problem = write { kind in
      if kind == .lockVMAUnderRCU && !wasTaken {
        (isLocked, wasTaken) = (true, true)
        asOther { bench.el1.lock(lock) }
      } else if isLocked && kind == .pteLoad {
        isLocked = false
        #expect(bench.el1.holds(LockName(.mmapLockRead, UInt64(bench.mm.rawValue))))
        asOther { bench.el1.unlock(lock) }
      }
    }
    #expect(problem == nil && wasTaken && !isLocked)
    expectQuiet()
  }

  /// Two actors want the lock of one page table. The second waits until the first has finished.
  @Test func aPageTableLockIsWaitedFor() throws {
    #expect(bench.touch(Self.va + 0x1000, write: true) == .done(faults: 1))
    let table = try #require(bench.walk(Self.va + 0x1000).first { $0.level == 3 }).address & ~0xfff
    let lock = LockName(.pageTable, table)
    asOther { bench.el1.lock(lock) }
    var waits = 0
    let problem = write { kind in
      if kind != .lockWait { return }
      waits += 1
      #expect(bench.manager.box.locks.waiters == [ActorLock(lock, bench.el1.actor)])
      asOther { bench.el1.unlock(lock) }
    }
    #expect(problem == nil && waits == 1)
    expectQuiet()
  }
}
