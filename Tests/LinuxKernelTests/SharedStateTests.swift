// Owns the tests that a change after a snapshot duplicates what it changes, whatever the size of the tables.
// It does not know what a snapshot is for.
import Laboratory
import LinuxMM
import TestSupport
import Testing

@testable import Architecture
@testable import LinuxKernel
@testable import LinuxMM

struct SharedStateTests {
  /// A program with many descriptors, files and children.
  private func crowd() throws -> Guest {
    var configuration = Guest.small
    configuration.memorySize = 256 << 20
    let guest = try Guest.idle(configuration)
    let memory = guest.memory()
    guest.write(memory, words: [1 << 20, 1 << 20])
    #expect(guest.call(261, 0, 7, memory, 0) == 0)
    for _ in 0..<600 { try #require(guest.call(220, 17) > 0) }
    for number in 0..<2000 {
      guest.write(memory, Array("/tmp/file-\(number)\0".utf8))
      try #require(guest.call(56, UInt64(bitPattern: -100), memory, 0o102, 0o600) == Int64(number + 3))
    }
    return guest
  }

  private func directory(_ state: FileState, _ name: String) throws -> Directory {
    let root = state.mounts[.root].root
    guard case .inode(let id) = root, case .directory(let entries) = state.inodes[id].kind, let point = entries[Array(name.utf8)],
      let mount = state.mountPoints[Path(mount: .root, node: .inode(point))], case .inode(let top) = state.mounts[mount].root,
      case .directory(let found) = state.inodes[top].kind
    else { throw Errno.ENOENT }
    return found
  }

  @Test func aCallAfterASnapshotDuplicatesAChunkOfEachTable() throws {
    let guest = try crowd()
    let memory = guest.memory()
    guest.write(memory, Array("/tmp/another\0".utf8))
    let saved = guest.kernel.snapshot()
    #expect(guest.call(56, UInt64(bitPattern: -100), memory, 0o102, 0o600) == 2003)
    let (before, after) = (saved.kernel.files, guest.kernel.state.files)
    let table = try #require(after.tables.ids.first)
    let slots = (after.tables[table].slots.chunks, before.tables[table].slots.chunks)
    #expect(slots.0.count == 8 && chunksApart(slots.0, slots.1) == 1)
    let entries = (try directory(after, "tmp").entries.chunks, try directory(before, "tmp").entries.chunks)
    #expect(entries.0.count == 8 && chunksApart(entries.0, entries.1) == 1)
    // The new file, its directory, and what else a path leads through.
    #expect(after.inodes.chunks.count > 60 && chunksApart(after.inodes.chunks, before.inodes.chunks) <= 3)
    #expect(after.open.chunks.count > 60 && chunksApart(after.open.chunks, before.open.chunks) == 1)
  }

  @Test func aForkAfterASnapshotDuplicatesAChunkOfEachTable() throws {
    let guest = try crowd()
    let saved = guest.kernel.snapshot()
    #expect(guest.call(220, 17) > 0)
    let (before, after) = (saved.kernel.tasks, guest.kernel.state.tasks)
    // The new id, and that of the group.
    #expect(after.numbers.entries.chunks.count == 3)
    #expect(chunksApart(after.numbers.entries.chunks, before.numbers.entries.chunks) == 2)
    #expect(after.tasks.chunks.count > 18 && chunksApart(after.tasks.chunks, before.tasks.chunks) <= 2)
    #expect(after.processes.chunks.count > 18 && chunksApart(after.processes.chunks, before.processes.chunks) <= 2)
    #expect(chunksApart(guest.kernel.mm.state.taskFaults.chunks, saved.memory.taskFaults.chunks) <= 1)
  }
}
