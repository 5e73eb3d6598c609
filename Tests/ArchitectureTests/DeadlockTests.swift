// Owns which lock tables contain a deadlock, and how the deadlock is described.
// It does not know how actors come to wait.
import Testing

@testable import Architecture

struct DeadlockTests {
  private func table(held: [(LockKind, UInt64, UInt32)], waiting: [(LockKind, UInt64, UInt32)]) -> LockTable {
    var table = LockTable()
    table.held = held.map { ActorLock(LockName($0.0, $0.1), ActorID($0.2)) }
    table.waiters = waiting.map { ActorLock(LockName($0.0, $0.1), ActorID($0.2)) }
    return table
  }

  @Test func waitersThatWillHaveTheirTurn() {
    #expect(LockTable().deadlock == [])
    #expect(table(held: [(.zone, 0, 1)], waiting: [(.zone, 0, 2), (.zone, 0, 3)]).deadlock == [])
    // 1 waits for 2, which waits for 3, which runs.
    #expect(table(held: [(.folio, 1, 2), (.folio, 2, 3)], waiting: [(.folio, 1, 1), (.folio, 2, 2)]).deadlock == [])
  }

  /// Three actors that wait in a circle, and one more that waits for one of them without being part of the circle.
  @Test func aCircle() {
    let circle = table(
      held: [(.folio, 1, 1), (.folio, 2, 2), (.folio, 3, 3)],
      waiting: [(.folio, 1, 9), (.folio, 2, 1), (.folio, 3, 2), (.folio, 1, 3)]
    ).deadlock
    #expect(circle.map(\.waiter.actor.rawValue) == [1, 2, 3] && circle.map(\.holder.actor.rawValue) == [2, 3, 1])
    #expect(circle[0].description == "actor 1 waits for the folio of 0x2, which actor 2 holds")
  }

  /// A writer waits for each reader. The reader that waits for the writer's lock closes the circle.
  @Test func oneOfSeveralReaders() {
    let circle = table(
      held: [(.mmapLockRead, 0, 5), (.mmapLockRead, 0, 6), (.zone, 0, 7)], waiting: [(.mmapLockWrite, 0, 7), (.zone, 0, 6)]
    ).deadlock
    #expect(circle.map(\.waiter.actor.rawValue) == [7, 6])
  }
}
