// Owns the search of all schedules of a system, depth first, within a bound on preemptions.
// It does not know the system: it is given a fresh one for each schedule.

/// How a schedule ended.
public enum ScheduleEnding: Hashable, Sendable {
  case finished
  /// None of these actors may go on, and they have not finished.
  case stuck([Int])
}

/// Every schedule, one after the other. If there is a bound, only those schedules are included in which an actor that could
/// have gone on is stopped at most that many times. Few preemptions suffice to show most races, and the number of preemptions grows
/// with the bound and not with the length of the run.
public struct AllSchedules: Sendable {
  private let preemptionBound: Int
  private var choices = ChoiceTree()
  /// The latest schedule that was run, and the number of schedules that were.
  public private(set) var schedule = Schedule()
  public private(set) var count = 0

  public init(preemptions bound: Int = .max) { preemptionBound = bound }

  /// Runs a system whose actors are at their beginnings, and returns how the run ended. `mayGoOn` is asked about each actor
  /// that has not finished, with the place where the actor is. If the run is stuck, its actors are abandoned.
  public mutating func run<Step>(
    _ system: SteppedRun<Step>, mayGoOn: (Int, SteppedRun<Step>.Place) -> Bool = { _, _ in true }
  ) -> ScheduleEnding {
    schedule = Schedule()
    count += 1
    var preemptions = 0
    while true {
      let unfinished = system.actors.filter { !system.isFinished($0) }
      let candidates = unfinished.filter { mayGoOn($0, system.place(of: $0)) }
      if candidates.isEmpty {
        if unfinished.isEmpty { return .finished }
        system.abandon()
        return .stuck(unfinished)
      }
      // If the actor that ran last could go on, choosing another is a preemption.
      let last = schedule.actors.last.flatMap { candidates.contains($0) ? $0 : nil }
      let open = last.map { preemptions < preemptionBound ? candidates : [$0] } ?? candidates
      let next = open[choices.choose(of: open.count)]
      if let last, last != next { preemptions += 1 }
      schedule.actors.append(next)
      system.resume(next)
    }
  }

  /// Goes on to the next schedule; returns false once all were run.
  public mutating func next() -> Bool { choices.next() }
}

extension SteppedRun {
  /// Lets the actors go on as a schedule says, except those that have finished.
  public func follow(_ schedule: Schedule) {
    for actor in schedule.actors where !isFinished(actor) { resume(actor) }
  }
}
