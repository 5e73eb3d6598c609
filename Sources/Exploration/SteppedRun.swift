// Owns actors: strands of work that stop before each of their steps and go on when told, so that other actors may come in between.
// It does not know what an actor does, what a step means, nor who chooses the next actor.
import Dispatch
import Foundation

/// Actors that run in turns. Each has a thread of its own, for its stack alone: exactly one of them, or the caller of `resume`, runs at any
/// time, and who that is follows from the calls of `resume`. So a run is as deterministic as the actors are, and what they share needs
/// no lock of the host's.
///
/// An actor's work says where it stops by calling `stop(before:)`; nothing needs to be rewritten as a state machine. `Step` is whatever
/// the caller wants to know of the place.
public final class SteppedRun<Step: Sendable> {
  /// Where an actor stands.
  public enum Place: Sendable {
    case notStarted
    case before(Step)
    case finished
  }

  private var strands: [Strand<Step>] = []
  /// The actor that runs; nil while the caller does.
  private var current: Int?
  private let caller = DispatchSemaphore(value: 0)

  public init() {}

  /// A new actor, which begins its work when it is first resumed; its number. Actors are numbered from 0.
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

  /// Lets an actor go on until it stops before its next step, or has finished.
  public func resume(_ actor: Int) {
    precondition(current == nil, "an actor cannot resume another")
    precondition(!isFinished(actor), "actor \(actor) has finished")
    current = actor
    strands[actor].goOn()
    current = nil
  }

  /// The actor that runs stops here until it is resumed. What the caller does itself does not stop.
  public func stop(before step: Step) {
    if let current { strands[current].stop(before: step) }
  }

  /// Ends the threads of actors that have not finished, wherever they stand: a run that cannot go on, or is to go no further. What they
  /// hold is not given back, and their work must have left nothing that others rely on.
  public func abandon() {
    for strand in strands { strand.abandon() }
    strands.removeAll()
  }

  deinit { abandon() }
}
