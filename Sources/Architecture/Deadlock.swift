// Owns the search of actors that wait for each other in a lock table.
// It does not know why the actors came to wait: the lock order exists to prevent it.

/// An actor that waits for a lock, and an actor that keeps it from having the lock.
public struct LockWait: Hashable, Sendable, CustomStringConvertible {
  public let waiter: ActorLock
  public let holder: ActorLock
  public var description: String {
    "actor \(waiter.actor.rawValue) waits for the \(waiter.name), which actor \(holder.actor.rawValue) holds"
  }
}

extension LockTable {
  /// Waits that never end: the holder of each is the waiter of the next, and the holder of the last is the waiter of the first.
  /// It is empty where every waiter will have its turn. The cycle begins with that one of its actors that began to wait first.
  public var deadlock: [LockWait] {
    for waiter in waiters {
      if let cycle = cycle(from: waiter, back: waiter.actor, passing: []) { return cycle }
    }
    return []
  }

  /// The waits that lead from `waiter` back to an actor; nil if there are none.
  private func cycle(from waiter: ActorLock, back actor: ActorID, passing seen: [ActorID]) -> [LockWait]? {
    for holder in held where keeps(holder, from: waiter) {
      let wait = LockWait(waiter: waiter, holder: holder)
      if holder.actor == actor { return [wait] }
      if seen.contains(holder.actor) { continue }
      guard let next = waiters.first(where: { $0.actor == holder.actor }) else { continue }
      if let rest = cycle(from: next, back: actor, passing: seen + [waiter.actor]) { return [wait] + rest }
    }
    return nil
  }

  private func keeps(_ holder: ActorLock, from waiter: ActorLock) -> Bool {
    holder.name.excludes(waiter.name) || holder.actor == waiter.actor && holder.name.isSide(ofSameLockAs: waiter.name)
  }
}
