// Owns the tests of actors that stop and go on: who runs when, how a run that cannot go on is abandoned, and what a race shows. It
// does not know kernels: the actors share plain variables.
import Exploration
import Testing

struct SteppedRunTests {
  /// Actors that each add one to a shared number, by a load and a store with a stop before each.
  private final class Counter {
    let run = SteppedRun<String>()
    var value = 0
    init(actors: Int) {
      for _ in 0..<actors {
        _ = run.add { [self] in
          run.stop(before: "load")
          let old = value
          run.stop(before: "store")
          value = old + 1
        }
      }
    }
  }

  private func place(_ run: SteppedRun<String>, _ actor: Int) -> String {
    switch run.place(of: actor) {
    case .notStarted: "not started"
    case .before(let step): step
    case .finished: "finished"
    }
  }

  @Test func anActorStopsBeforeEachStep() {
    let counter = Counter(actors: 2)
    #expect(place(counter.run, 0) == "not started")
    counter.run.resume(0)
    #expect(place(counter.run, 0) == "load" && place(counter.run, 1) == "not started")
    counter.run.resume(0)
    counter.run.resume(1)
    #expect(place(counter.run, 0) == "store" && place(counter.run, 1) == "load" && counter.value == 0)
    counter.run.resume(0)
    #expect(counter.run.isFinished(0) && counter.value == 1)
    counter.run.resume(1)
    counter.run.resume(1)
    #expect(counter.run.isFinished(1) && counter.value == 2)
  }

  /// What the caller does itself belongs to no actor and does not stop.
  @Test func theCallerDoesNotStop() {
    let run = SteppedRun<String>()
    run.stop(before: "nothing")
    #expect(run.actors.isEmpty)
  }

  /// With three resumptions each there are 6! / (3! 3!) orders, and each occurs once. If both loads come before the first store,
  /// one addition is lost.
  @Test func everyOrderOnce() {
    var schedules = AllSchedules()
    var results: [Schedule: Int] = [:]
    repeat {
      let counter = Counter(actors: 2)
      #expect(schedules.run(counter.run) == .finished)
      #expect(results.updateValue(counter.value, forKey: schedules.schedule) == nil)
    } while schedules.next()
    #expect(results.count == 20 && schedules.count == 20)
    for (schedule, value) in results {
      // An actor's second step is its load, and its third is the store.
      func step(_ actor: Int, _ number: Int) -> Int {
        schedule.actors.indices.filter { schedule.actors[$0] == actor }[number]
      }
      let isLost = step(0, 1) < step(1, 2) && step(1, 1) < step(0, 2)
      #expect(value == (isLost ? 1 : 2), "\(schedule)")
    }
    #expect(results.values.count { $0 == 1 } == 12)
  }

  /// Without a preemption one actor runs after the other; with one preemption one of them is stopped once.
  @Test(arguments: [(0, 2), (1, 6), (2, 14), (9, 20)])
  func preemptionsAreBounded(bound: Int, count: Int) {
    var bounded = AllSchedules(preemptions: bound)
    var found: Set<Schedule> = []
    repeat {
      #expect(bounded.run(Counter(actors: 2).run) == .finished)
      found.insert(bounded.schedule)
    } while bounded.next()
    // The expected number counts the changes of actor in all orders. The change at an actor's end is not a preemption.
    var all = AllSchedules()
    var expected: Set<Schedule> = []
    repeat {
      _ = all.run(Counter(actors: 2).run)
      let actors = all.schedule.actors
      let changes = actors.indices.dropFirst().count { actors[$0] != actors[$0 - 1] && actors[$0...].contains(actors[$0 - 1]) }
      if changes <= bound { expected.insert(all.schedule) }
    } while all.next()
    #expect(found == expected && found.count == count && bounded.count == count)
  }

  /// A schedule can be printed, read and followed again.
  @Test func schedulesAreText() throws {
    var schedules = AllSchedules()
    repeat {
      let counter = Counter(actors: 2)
      _ = schedules.run(counter.run)
      let again = try #require(Schedule("\(schedules.schedule)"))
      #expect(again == schedules.schedule)
      let other = Counter(actors: 2)
      other.run.follow(again)
      #expect(other.value == counter.value)
    } while schedules.next()
    #expect(Schedule("0*3 1*3")?.actors == [0, 0, 0, 1, 1, 1])
    #expect("\(Schedule("1 0 0 1")!)" == "1 0*2 1")
    for text in ["x", "0*", "*2", "0*0", "-1", "0*2*3", "0*99999999999"] { #expect(Schedule(text) == nil, "\(text)") }
  }

  /// When actors wait for each other, the run says which ones. It can be abandoned and begun again many times.
  @Test func aRunThatIsStuckIsGivenUp() {
    for _ in 0..<200 {
      let run = SteppedRun<String>()
      var ended = 0
      for _ in 0..<2 {
        _ = run.add {
          run.stop(before: "begin")
          run.stop(before: "wait")
          ended += 1
        }
      }
      var schedules = AllSchedules()
      let ending = schedules.run(run) { _, place in
        if case .before("wait") = place { return false }
        return true
      }
      #expect(ending == .stuck([0, 1]))
      #expect(ended == 0)
    }
  }

  /// Each fork has a number of choices that does not depend on earlier choices. Every way is taken once.
  @Test func everyWayThroughATree() {
    var tree = ChoiceTree()
    var ways: [[Int]] = []
    repeat {
      let first = tree.choose(of: 3)
      var way = [first]
      for _ in 0..<first { way.append(tree.choose(of: 2)) }
      ways.append(way)
    } while tree.next()
    #expect(ways == [[0], [1, 0], [1, 1], [2, 0, 0], [2, 0, 1], [2, 1, 0], [2, 1, 1]])
  }
}
