// Owns actors: strands of work that stop before each of their steps and go on when told, so that other actors may run in
// between. It does not know what an actor does, what a step means, nor who chooses the next actor.
import Dispatch
import Foundation

/// Actors that run in turns. Each has a thread of its own, only because it needs a stack of its own: at any time exactly one of
/// the actors or the caller of `resume` runs, and the calls of `resume` determine which. So a run is as deterministic as the actors
/// are, and the data that they share needs no lock of the host's.
///
/// An actor's work calls `stop(before:)` at the places where it stops, and need not be rewritten as a state machine. `Step` is
/// whatever the caller wants to know about such a place.
public final class SteppedRun<Step: Sendable> {
  /// Where an actor is.
  public enum Place: Sendable {
    case notStarted
    case before(Step)
    case finished
  }

  private var strands: [Strand<Step>] = []
  /// The actor that runs; nil while the caller runs.
  private var current: Int?
  private let caller = DispatchSemaphore(value: 0)

  public init() {}

  /// Adds an actor, which begins its work when it is first resumed, and returns its number. Actors are numbered from 0.
  public func add(_ work: @escaping () -> Void) -> Int {
    strands.append(Strand(work, caller))
    return strands.count - 1
  }

  public var actors: Range<Int> { strands.indices }
  public func place(of actor: Int) -> Place { strands[actor].place }
  public func isFinished(_ actor: Int) -> Bool {
    if case .finished = strands[actor].place { return true }
    return false
  }

  /// Lets an actor go on until it stops before its next step or has finished.
  public func resume(_ actor: Int) {
    precondition(current == nil, "an actor cannot resume another")
    precondition(!isFinished(actor), "actor \(actor) has finished")
    current = actor
    strands[actor].goOn()
    current = nil
  }

  /// Stops the actor that runs until it is resumed. In the caller's own code this does nothing.
  public func stop(before step: Step) {
    if let current { strands[current].stop(before: step) }
  }

  /// Ends the threads of the actors that have not finished, wherever they are. This is for a run that cannot or shall not go
  /// on. What the actors hold is not released, so nothing else may depend on what they leave behind.
  public func abandon() {
    for strand in strands { strand.abandon() }
    strands.removeAll()
  }

  deinit { abandon() }
}
