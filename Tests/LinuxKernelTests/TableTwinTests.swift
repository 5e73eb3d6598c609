// Owns the comparison of those kernel tables that answer without a search (ids, descriptors, names) with naive ones that search
// everything.
// It does not know why entries are added.
import Laboratory
import LinuxMM
import TestSupport
import Testing

@testable import LinuxKernel

struct TableTwinTests {
  @Test(arguments: [1, 2, 3] as [UInt64]) func descriptorsAreASet(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var table = DescriptorTable()
    var naive: Set<Int32> = []
    for step in 0..<5000 {
      let descriptor = Int32(random.below(step / 1000 % 2 == 0 ? 400 : 70))
      if random.chance(1, in: 3) {
        table[descriptor] = nil
        naive.remove(descriptor)
      } else {
        let start = random.chance(1, in: 2) ? 0 : Int(random.below(300))
        let expected = (start...).first { !naive.contains(Int32($0)) }!
        let limit = UInt64(200 + random.below(200))
        if UInt64(expected) >= limit {
          #expect(throws: Errno.EMFILE) { try table.lowestFree(from: start, limit: limit) }
        } else {
          let free = try table.lowestFree(from: start, limit: limit)
          try #require(free == Int32(expected))
          table[free] = DescriptorTable.Slot(file: OpenFileID(rawValue: Int(free)))
          naive.insert(free)
        }
      }
      try #require((table[descriptor] != nil) == naive.contains(descriptor))
      try #require(table.first(from: descriptor) == naive.filter { $0 >= descriptor }.min())
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64]) func directoriesAreLists(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var directory = Directory()
    var naive: [(name: [UInt8], inode: Int)] = []
    for step in 0..<3000 {
      let name = Array("\(random.below(200))".utf8)
      let place = naive.firstIndex { $0.name == name }
      switch (place, random.below(step / 600 % 2 == 0 ? 3 : 6)) {
      case (nil, 0...1):
        directory.insert(name, InodeID(rawValue: step))
        naive.append((name, step))
      case (let place?, 2...):
        directory.remove(name)
        naive.remove(at: place)
      case (let place?, 1):
        directory.replace(name, with: InodeID(rawValue: step))
        naive[place].inode = step
      default: break
      }
      try #require(directory.count == naive.count && directory.isEmpty == naive.isEmpty)
      try #require(directory[name]?.rawValue == naive.first { $0.name == name }?.inode)
      // The whole list is read in pieces, each from the end of the last.
      var (listed, below): ([Int], UInt64) = ([], .max)
      while let piece = Optional(directory.newest(1 + Int(random.below(9)), below: below)), let last = piece.last {
        listed += piece.map(\.inode.rawValue)
        below = last.offset
      }
      try #require(listed == naive.map(\.inode).reversed())
    }
  }

  /// Children, threads, groups and sessions come and go. Ids, groups and waiting tasks agree with a search through everything.
  @Test(arguments: [1, 2, 3] as [UInt64]) func idsAreWhatAWalkFinds(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let guest = try Guest.idle()
    let kernel = guest.kernel
    for step in 0..<400 {
      let state = kernel.state.tasks
      let chosen = UInt64(state.processes.all.map(\.element.id.rawValue).randomElement(using: &random)!)
      switch random.below(7) {
      case 0, 1: guest.call(220, 17)  // a child
      case 2: guest.call(220, 0x50f00, guest.memory())  // a thread
      case 3: guest.call(154, chosen, random.chance(1, in: 2) ? 0 : chosen)  // setpgid
      case 4: guest.call(157)  // setsid
      case 5: if state.current != TaskSlot(rawValue: 0) { guest.call(93, 0) }  // exit, not of the first
      default: guest.call(124)  // whose turn is next
      }
      if case .resume = guest.verdict {} else { break }
      try Self.check(kernel.state.tasks, "step \(step)")
    }
    #expect(kernel.state.tasks.processes.count > 5)
  }

  private static func check(_ state: TaskState, _ context: String) throws {
    for number in 0...(state.lastID + 2) {
      let id = TaskID(number)
      let slot = state.tasks.firstID { $0.id == id && $0.run != .dead }
      try #require(state.slot(of: id) == slot, "\(context): \(number)")
      let process = state.processes.firstID { $0.id == id }
      try #require(state.process(of: id) == slot.map { state[$0].process } ?? process, "\(context): \(number)")
      let isTaken = slot != nil || state.processes.firstID { [$0.id, $0.group, $0.session].contains(id) } != nil
      try #require(state.numbers.isTaken(id) == isTaken, "\(context): \(number)")
      let members = state.processes.ids.filter { state[$0].group == id }
      try #require(state.members(ofGroup: id) == members, "\(context): \(number)")
    }
    let tasks = state.tasks.all
    for (slot, task) in tasks {
      try #require((task.channel != nil) == (task.run == .sleeping), "\(context): \(slot)")
      if let channel = task.channel { try #require(state.waiters[channel]?.contains(slot) == true, "\(context): \(slot)") }
    }
    let waiting = tasks.count { $0.element.channel != nil }
    try #require(state.waiters.values.reduce(0) { $0 + $1.count } == waiting, "\(context)")
  }
}
