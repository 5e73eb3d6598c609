// Owns random runs of a million operations on address spaces that fork and share files, compared with a naive model.
// It does not know how pages are shared: it compares what programs see, and checks the invariants.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct SpacesTests {
  /// Small pages lie in a window of 40, and huge ones in two windows of a huge page each.
  private static let window: UInt64 = 0x1_0000_0000
  private static let huge: UInt64 = 0x2_0000_0000

  /// One configuration of the kernel, with its own seed.
  struct Run: CustomTestStringConvertible {
    var seed: UInt64
    var profile = KernelProfile.newest
    var hugePages = HugePageMode.never
    var hardwareUpdate = ProcessorFeatures.HardwareUpdate.accessFlagAndDirty
    var testDescription: String { "seed \(seed), \(profile.name), huge pages \(hugePages), \(hardwareUpdate)" }
  }
  static let runs = [
    Run(seed: 1), Run(seed: 2, profile: .linux6_12), Run(seed: 3, hugePages: .always),
    Run(seed: 4, profile: .linux6_12, hugePages: .always), Run(seed: 5, hardwareUpdate: .off),
    Run(seed: 6, profile: .linux6_12, hugePages: .madvise, hardwareUpdate: .off),
    Run(seed: 7, hugePages: .madvise, hardwareUpdate: .accessFlag), Run(seed: 8, hugePages: .always, hardwareUpdate: .off),
  ]
  static let operations = 125_000

  @Test(arguments: runs) func aMillionOperationsFollowANaiveModel(_ run: Run) throws {
    let player = try SpacesPlayer(run)
    for step in 0..<Self.operations {
      let context = player.play()
      try #require(player.disagreement == nil, "step \(step): \(context): \(player.disagreement ?? "")")
      if step % 512 == 0 { try #require(player.compare() == [], "step \(step): \(context)") }
    }
    try #require(player.compare() == [])
    // The test requires many writes, forks and refusals, because a run without them would show little.
    #expect(player.writes > 5000 && player.forks > 100 && player.refusals > 1000)
    player.endAll()
    #expect(player.bench.manager.state.frames.used == player.framesAtStart)
  }

  /// The same with other seeds, kernels and settings, for as long as `make soak` asks. In `make test` it is one short run.
  @Test func soak() throws {
    try FuzzRun("soak", slice: 4096, inputsPerCase: 4096).run { random in
      let run = Run(
        seed: random.next(), profile: KernelProfile.all[Int(random.below(UInt64(KernelProfile.all.count)))],
        hugePages: HugePageMode.allCases[Int(random.below(UInt64(HugePageMode.allCases.count)))],
        hardwareUpdate: [.off, .accessFlag, .accessFlagAndDirty][Int(random.below(3))])
      let player = try SpacesPlayer(run)
      for step in 0..<4096 {
        let context = player.play()
        try #require(player.disagreement == nil, "\(run.testDescription), step \(step): \(context): \(player.disagreement ?? "")")
        if step % 512 == 0 { try #require(player.compare() == [], "\(run.testDescription), step \(step): \(context)") }
      }
      try #require(player.compare() == [], "\(run.testDescription)")
      player.endAll()
      #expect(player.bench.manager.state.frames.used == player.framesAtStart, "\(run.testDescription)")
    }
  }

  /// The two sides of a run, and the choice of the next operation.
  final class SpacesPlayer {
    let bench: MemoryBench
    var twin = SpacesTwin()
    private var random: SeededRandom
    private let profile: KernelProfile
    /// The address spaces by the twin's numbers.
    private var mms: [MMID?]
    private var files: [FileID] = []
    private(set) var disagreement: String?
    private(set) var writes = 0, forks = 0, refusals = 0
    let framesAtStart: UInt32

    init(_ run: Run) throws {
      var features = ProcessorFeatures()
      features.hardwareUpdate = run.hardwareUpdate
      bench = try MemoryBench(memory: 64 << 20, profile: run.profile, features: features, hugePages: run.hugePages)
      profile = run.profile
      random = SeededRandom(seed: run.seed)
      mms = [bench.mm]
      // The huge zero page stays once it was made.
      _ = try bench.mmap(SpacesTests.huge, pages: 512, 1)
      try bench.madvise(SpacesTests.huge, pages: 512, 14)
      _ = bench.load(SpacesTests.huge)
      try bench.munmap(SpacesTests.huge, pages: 512)
      framesAtStart = bench.manager.state.frames.used
      for number in 0..<3 {
        files.append(bench.manager.createFile(.shmem, name: Array("/memfd:\(number) (deleted)".utf8), size: 8 << 12))
        twin.files.append(SpacesTwin.File(size: 8))
      }
    }

    /// Ends every space and closes every file.
    func endAll() {
      for space in mms.indices.dropFirst() where mms[space] != nil { end(space) }
      bench.enter(mms[0]!)
      for start in [SpacesTests.window, SpacesTests.huge] { try? bench.munmap(start, pages: 2048) }
      for file in files { bench.manager.releaseFile(bench.el1, file) }
    }

    private func end(_ space: Int) {
      bench.enter(mms[0]!)
      bench.manager.destroyMM(bench.el1, mms[space]!)
      mms[space] = nil
      twin.spaces[space] = nil
    }

    private func expect(_ expected: Errno?, _ body: () throws(Errno) -> Void) {
      var actual: Errno?
      do throws(Errno) { try body() } catch { actual = error }
      if actual != nil { refusals += 1 }
      if actual != expected { disagreement = "answers \(actual?.rawValue ?? 0), not \(expected?.rawValue ?? 0)" }
    }
    private func error(_ body: () throws(Errno) -> Void) -> Errno? {
      do throws(Errno) { try body() } catch { return error }
      return nil
    }

    /// Performs one operation on both sides, and returns its description.
    func play() -> String {
      let live = mms.indices.filter { mms[$0] != nil }
      let space = live[Int(random.below(UInt64(live.count)))]
      bench.enter(mms[space]!)
      let isHuge = random.chance(1, in: 6)
      let pages = isHuge ? [512, 1024, 256, 128, 1, 7][Int(random.below(6))] : 1 + random.below(8)
      let first = isHuge ? random.below(8) * 128 + (random.chance(1, in: 3) ? random.below(128) : 0) : random.below(40)
      let start = (isHuge ? SpacesTests.huge : SpacesTests.window) + first << 12
      let protection: UInt64 = [3, 3, 3, 1, 0, 7, 2, 5][Int(random.below(8))]
      let place = "space \(space) 0x\(String(start, radix: 16)) \(pages) pages"
      switch random.below(26) {
      case 0, 1:
        return mapAnonymous(space, start, pages, protection, isShared: random.chance(1, in: 4), place)
      case 2: return mapFile(space, start, pages, protection, place)
      case 3:
        twin.unmap(space, start, pages)
        expect(nil) { () throws(Errno) in try bench.munmap(start, pages: pages) }
        return "munmap \(place)"
      case 4, 5:
        var expected: Errno?
        do throws(Errno) { try twin.protect(space, start, pages, protection) } catch { expected = error }
        expect(expected) { () throws(Errno) in try bench.mprotect(start, pages: pages, protection) }
        return "mprotect \(place) \(protection)"
      case 6, 7, 8: return advise(space, start, pages, place)
      case 9: return move(space, start, pages, isHuge: isHuge, place)
      case 10: return forkOrEnd(space)
      case 11: return changeFile()
      case 12...17: return read(space, start, place)
      default: return write(space, start, place)
      }
    }

    private func mapAnonymous(
      _ space: Int, _ start: UInt64, _ pages: UInt64, _ protection: UInt64, isShared: Bool, _ place: String
    ) -> String {
      var page = SpacesTwin.Page(protection: protection, backing: .zeroes, isShared: isShared)
      if isShared {
        page.backing = .file(twin.files.count, 0)
        twin.files.append(SpacesTwin.File(size: pages))
      }
      twin.map(space, start, pages, page)
      let flags: UInt64 = isShared ? 0x31 : 0x32
      expect(nil) { () throws(Errno) in _ = try bench.mmap(start, pages: pages, protection, flags: flags) }
      return "mmap \(place) \(protection) shared \(isShared)"
    }

    private func mapFile(_ space: Int, _ start: UInt64, _ pages: UInt64, _ protection: UInt64, _ place: String) -> String {
      let (file, offset, isShared) = (Int(random.below(3)), random.below(8), random.chance(1, in: 2))
      twin.map(
        space, start, pages, SpacesTwin.Page(protection: protection, backing: .file(file, 0), isShared: isShared), from: offset)
      let mapped = MappedFile(id: files[file], offset: offset, isReadable: true, isWritable: true)
      let (manager, el1, mm, task) = (bench.manager, bench.el1, bench.mm, bench.task)
      expect(nil) { () throws(Errno) in
        _ = try manager.mmap(
          el1, mm, task: task,
          MapRequest(address: start, length: pages << 12, protection: protection, flags: isShared ? 0x11 : 0x12, file: mapped))
      }
      return "mmap \(place) \(protection) of file \(file) from \(offset) shared \(isShared)"
    }

    private func advise(_ space: Int, _ start: UInt64, _ pages: UInt64, _ place: String) -> String {
      let advice: UInt64 = [4, 4, 8, 9, 10, 11, 14, 15, 18, 19, 22, 23, 25][Int(random.below(13))]
      var expected: Errno?
      do throws(Errno) {
        if advice == 22 || advice == 23 {
          try twin.populate(space, start, pages, write: advice == 23)
        } else {
          try twin.advise(space, start, pages, advice)
        }
      } catch { expected = error }
      if advice == 25 {
        // Whether a collapse is possible depends on the pages; the test requires only that it changes nothing that a program sees.
        _ = error { () throws(Errno) in try bench.madvise(start, pages: pages, advice) }
      } else {
        expect(expected) { () throws(Errno) in try bench.madvise(start, pages: pages, advice) }
      }
      return "madvise \(place) \(advice)"
    }

    private func move(_ space: Int, _ start: UInt64, _ pages: UInt64, isHuge: Bool, _ place: String) -> String {
      // Before 6.17 a move ends with a VMA, which the twin does not know, so it moves one page at a time.
      let pages = profile.remapsInBatches ? pages : 1
      let target =
        isHuge ? SpacesTests.huge + random.below(8) << 19 : SpacesTests.window + random.below(40) << 12
      let keeps = random.chance(1, in: 4)
      var expected: Errno?
      do throws(Errno) {
        if !profile.remapsInBatches && twin.spaces[space]![start] == nil { throw .EFAULT }
        try twin.move(space, start, pages, to: target, keeps: keeps)
      } catch { expected = error }
      expect(expected) { () throws(Errno) in _ = try bench.mremap(start, pages: pages, to: pages, flags: keeps ? 7 : 3, at: target) }
      return "mremap \(place) to 0x\(String(target, radix: 16)) keeps \(keeps)"
    }

    private func forkOrEnd(_ space: Int) -> String {
      let live = mms.indices.filter { mms[$0] != nil }
      if live.count < 4 {
        twin.fork(space)
        do {
          mms.append(try bench.manager.fork(bench.el1, mms[space]!))
          forks += 1
        } catch { disagreement = "fork answers \(error.rawValue)" }
        return "fork space \(space)"
      }
      let dying = live[1 + Int(random.below(UInt64(live.count - 1)))]
      end(dying)
      return "end of space \(dying)"
    }

    private func changeFile() -> String {
      let file = Int(random.below(3))
      if random.chance(1, in: 3) {
        let pages = random.below(12)
        twin.truncate(file, pages)
        let (manager, el1, id) = (bench.manager, bench.el1, files[file])
        expect(nil) { () throws(Errno) in try manager.truncateFile(el1, id, size: pages << 12) }
        return "truncate file \(file) to \(pages)"
      }
      let (index, value) = (random.below(12), random.next())
      twin.writeFile(file, index, value)
      let (manager, el1, id) = (bench.manager, bench.el1, files[file])
      // A whole page is written, so that the file's size stays a multiple of pages.
      let bytes = [UInt64](repeating: value, count: 512).withUnsafeBytes { Array($0) }
      expect(nil) { () throws(Errno) in _ = try manager.writeFile(el1, id, offset: index << 12, bytes) }
      return "write file \(file) at \(index)"
    }

    private static func access(_ touch: MemoryBench.Touch, _ value: UInt64) -> SpacesTwin.Access {
      switch touch {
      case .done: .value(value)
      case .noMapping: .noMapping
      case .denied: .denied
      case .failed: .beyondEnd
      }
    }

    private func read(_ space: Int, _ at: UInt64, _ place: String) -> String {
      let touch = bench.touch(at, write: false)
      let value = touch == .noMapping || touch == .denied ? 0 : bench.el1.unprivilegedLoad(VirtualAddress(at), size: 8) ?? 0
      let (actual, expected) = (Self.access(touch, value), twin.read(space, at))
      if actual != expected { disagreement = "sees \(actual), not \(expected)" }
      return "read \(place)"
    }

    private func write(_ space: Int, _ at: UInt64, _ place: String) -> String {
      let value = random.next() | 1
      let (actual, expected) = (Self.access(bench.store(at, value), value), twin.write(space, at, value))
      if actual != expected { disagreement = "comes to \(actual), not \(expected)" }
      writes += 1
      return "write \(place)"
    }

    /// Every present page holds the twin's value, and the manager's own check finds nothing.
    func compare() -> [String] {
      var problems = bench.manager.checkInvariants(bench.el1)
      for space in mms.indices where mms[space] != nil {
        bench.enter(mms[space]!)
        for (at, _) in twin.spaces[space]! {
          guard let word = bench.peek(at) else { continue }
          if word != twin.expected(space, at) { problems.append("space \(space) 0x\(String(at, radix: 16)) holds \(word)") }
        }
        let mapped = bench.space.vmas.reduce(0) { $0 + ($1.end - $1.start) >> 12 }
        if mapped != UInt64(twin.spaces[space]!.count) { problems.append("space \(space) has \(mapped) pages mapped") }
      }
      if bench.el1.holdsAnyLock { problems.append("a lock is kept") }
      return problems
    }
  }
}
