// Owns tests of snapshots of the kernel's state: copy it, change it, put the copy back, make the same changes, and compare digests.
// It does not know the machine's own snapshots: RAM is saved here byte by byte, and no instruction runs.
import Architecture
import Laboratory
import TestSupport
import Testing

@testable import LinuxKernel
@testable import LinuxMM

struct SnapshotTests {
  private static let place: UInt64 = 0x1000_0000
  private static let names: UInt64 = 0x2000_0000

  private func ram(_ guest: Guest) -> [UInt8] {
    let el1 = guest.el1
    return Array(UnsafeRawBufferPointer(start: el1.hostAddress(el1.ramBase, size: el1.ramSize), count: Int(el1.ramSize)))
  }
  private func setRAM(_ guest: Guest, _ bytes: [UInt8]) {
    let el1 = guest.el1
    bytes.withUnsafeBytes { raw in
      for offset in stride(from: 0, to: raw.count, by: 4096) {
        el1.store(from: raw.baseAddress! + offset, count: 4096, to: PhysicalAddress(el1.ramBase.rawValue + UInt64(offset)))
      }
    }
    el1.invalidateTLB(.VMALLE1IS)
  }

  /// A program with memory to write to, and the texts that its calls name.
  private func guest() throws -> Guest {
    let guest = try Guest.idle()
    #expect(guest.call(222, Self.place, 64 << 12, 3, 0x32, ~0, 0) == Int64(Self.place))
    #expect(guest.call(222, Self.names, 4096, 3, 0x32, ~0, 0) == Int64(Self.names))
    guest.write(Self.names, Array("/tmp/file\0".utf8))
    guest.write(Self.names + 64, Array("/tmp/directory\0".utf8))
    return guest
  }

  /// Calls that change every table: memory, files, pipes, mounts' names, tasks, signals, time slices, random numbers.
  private func work(_ guest: Guest) -> [Int64] {
    let (place, names) = (Self.place, Self.names)
    var answers: [Int64] = []
    answers.append(guest.call(278, place, 20 << 12, 0))
    answers.append(guest.call(226, place + 4096, 4096, 1))
    answers.append(guest.call(215, place + 3 << 12, 2 << 12))
    let file = guest.call(56, UInt64(bitPattern: -100), names, 0o102, 0o644)
    answers.append(file)
    answers.append(guest.call(64, UInt64(file), place, 3 << 12))
    answers.append(guest.call(222, 0, 3 << 12, 3, 1, UInt64(file), 0))
    answers.append(guest.call(34, UInt64(bitPattern: -100), names + 64, 0o755))
    answers.append(guest.call(59, place + 8 << 12, 0))
    answers.append(guest.call(64, 5, place, 5000))
    answers.append(guest.call(134, 10, 0, place, 8))
    answers.append(guest.call(220, 17, 0, 0, 0, 0))
    answers.append(guest.call(233, place + 10 << 12, 4 << 12, 4))
    answers.append(guest.call(57, UInt64(file)))
    answers.append(guest.call(98, place + 12 << 12, 1, 1))
    return answers
  }

  @Test func copyRunRestoreRerun() throws {
    let guest = try guest()
    let (saved, bytes, start) = (guest.kernel.snapshot(), ram(guest), guest.kernel.stateDigest)
    let first = work(guest)
    let end = guest.kernel.stateDigest
    #expect(end != start)
    #expect(first.allSatisfy { $0 >= 0 }, "\(first)")
    for _ in 0..<2 {
      guest.kernel.restore(saved)
      setRAM(guest, bytes)
      #expect(guest.kernel.stateDigest == start)
      #expect(work(guest) == first)
      #expect(guest.kernel.stateDigest == end)
    }
    #expect(saved.digest == start, "a copy stays what it was")
    #expect(guest.kernel.mm.checkInvariants(guest.el1) == [])
  }

  /// Two runs in one process have the same digest, so the state depends neither on its address nor on hash seeds.
  @Test func twoRunsHaveOneDigest() throws {
    let digests = try (0..<2).map { _ in
      let guest = try guest()
      _ = work(guest)
      return guest.kernel.stateDigest
    }
    #expect(digests[0] == digests[1])
  }

  /// A snapshot has no other parts than these, and a change of any part changes the digest.
  @Test func everyPartCounts() throws {
    let guest = try guest()
    let start = guest.kernel.stateDigest
    let saved = guest.kernel.snapshot()
    let changes: [(inout World) -> Void] = [
      { $0.memory.statistics.pageFaults += 1 }, { $0.kernel.perfPageFaults += 1 }, { $0.kernel.currentTask.blocked = 1 },
      { $0.kernel.files.pipePages += 1 }, { $0.locks.held.append(ActorLock(LockName(.zone, 0), ActorID(0))) },
      { $0.kernel.hasWork.toggle() }, { $0.memory[MMID(0)].lockSequence += 1 },
    ]
    for change in changes {
      var world = saved
      change(&world)
      #expect(world.digest != start)
    }
    #expect(saved.digest == start)
  }
}
