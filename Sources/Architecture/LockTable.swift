// Owns which actor holds which lock and which actors wait, over all PEs: as a value, and in the memory that a running kernel
// uses. It does not know what a lock protects, nor when a waiting actor goes on, which the stepper decides.

/// A lock that an actor holds, or waits for.
@frozen public struct ActorLock: Hashable, Sendable {
  public var name: LockName
  public var actor: ActorID
  @inlinable public init(_ name: LockName, _ actor: ActorID) {
    self.name = name
    self.actor = actor
  }
}

/// The lock table as a plain value, as a snapshot keeps it.
public struct LockTable: Hashable, Sendable {
  /// The locks that are held, in the order in which they were taken. A lock with several readers is listed once for each
  /// reader.
  public var held: [ActorLock] = []
  /// The locks that are waited for, in the order in which the actors began to wait.
  public var waiters: [ActorLock] = []
  public init() {}

  /// Whether an actor that asks for a lock now would get it.
  public func isFree(_ name: LockName, for actor: ActorID) -> Bool {
    !held.contains { $0.name.excludes(name) || $0.actor == actor && $0.name.isSide(ofSameLockAs: name) }
  }
}

/// A lock that an actor took, or waits for, while it held one that stands below it in the lock order.
public struct LockDisorder: Hashable, Sendable, CustomStringConvertible {
  public let taken: ActorLock
  public let held: LockName
  public var description: String {
    "actor \(taken.actor.rawValue) takes the \(taken.name) while it holds the \(held): that is against the lock order"
  }
}

/// The lock table of a running kernel: plain memory, so that a fault takes locks without a retain or a uniqueness check. The
/// box of the kernel's state owns it, and the block of each PE that the kernel runs on points to it.
@frozen public struct LockMemory {
  @usableFromInline var entries: UnsafeMutablePointer<ActorLock>
  @usableFromInline var count: Int
  @usableFromInline var waiters: [ActorLock]
  /// Whether the run searches for mistakes. If so, a lock that is taken against the order is noted in `disorders`, and an actor
  /// that wants a lock which it holds itself waits for ever. In other runs either mistake ends the process.
  public var isExplored = false
  public var disorders: [LockDisorder] = []

  /// The number of locks that all actors together may hold. An actor that collapses a file's pages holds the locks of 512 folios.
  @inlinable static var capacity: Int { 2048 }

  /// Makes an empty table, which `free` frees.
  public static func allocate() -> UnsafeMutablePointer<LockMemory> {
    let memory = UnsafeMutablePointer<LockMemory>.allocate(capacity: 1)
    memory.initialize(to: LockMemory(entries: .allocate(capacity: capacity), count: 0, waiters: []))
    return memory
  }
  public static func free(_ memory: UnsafeMutablePointer<LockMemory>) {
    memory.pointee.entries.deallocate()
    memory.deinitialize(count: 1)
    memory.deallocate()
  }

  /// A copy of the table as a plain value.
  public var table: LockTable {
    get {
      var table = LockTable()
      table.held = (0..<count).map { entries[$0] }
      table.waiters = waiters
      return table
    }
    set {
      precondition(newValue.held.count <= Self.capacity, "more locks than the table has room for")
      for (index, entry) in newValue.held.enumerated() { entries[index] = entry }
      count = newValue.held.count
      waiters = newValue.waiters
    }
  }

  /// The index of a held lock that keeps this actor from having `name`; -1 if there is none. A lock that the actor holds itself
  /// counts too.
  @inlinable @inline(__always)
  func conflict(_ name: LockName, _ actor: ActorID) -> Int {
    var index = 0
    while index < count {
      let entry = entries[index]
      if _slowPath(entry.name.isSide(ofSameLockAs: name)) && (entry.name.excludes(name) || entry.actor == actor) { return index }
      index &+= 1
    }
    return -1
  }

  @inlinable @inline(__always)
  mutating func add(_ name: LockName, _ actor: ActorID) {
    precondition(count < Self.capacity, "too many locks held")
    entries[count] = ActorLock(name, actor)
    count &+= 1
  }

  /// Removes a lock from the table, and returns false if the actor does not hold it. The search begins with the latest lock,
  /// which is nearly always the right one.
  @inlinable @inline(__always)
  mutating func remove(_ name: LockName, _ actor: ActorID) -> Bool {
    var index = count &- 1
    while index >= 0 && (entries[index].name != name || entries[index].actor != actor) { index &-= 1 }
    if _slowPath(index < 0) { return false }
    count &-= 1
    while index < count {
      entries[index] = entries[index &+ 1]
      index &+= 1
    }
    return true
  }

  /// The first lock of this actor that forbids it to take `name` now: one that is below `name` in the lock order, or one of the
  /// same rank that does not nest.
  @usableFromInline
  func disorder(_ name: LockName, _ actor: ActorID) -> LockName? {
    let kind = name.kind
    for index in 0..<count where entries[index].actor == actor {
      let held = entries[index].name
      if held.kind.rank > kind.rank || held.kind.rank == kind.rank && !kind.nestsInItself { return held }
    }
    return nil
  }
}
