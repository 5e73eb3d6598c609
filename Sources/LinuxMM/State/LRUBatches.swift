// Owns the numbers of the pages that wait in batches before the lists of pages, by which memory is reclaimed, take them.
// It does not know pages: their descriptors hold the number of each. Linux: mm/folio.c struct cpu_fbatches, mm/mlock.c struct mlock_fbatch.

/// A change of a page's lock that waits for its batch.
struct WaitingLock: Hashable, Sendable {
  enum Kind: UInt8, Sendable { case lock, new, unlock }
  let frame: UInt32
  /// The page's number then. A frame with another number has been given to another page meanwhile.
  let listing: UInt64
  let kind: Kind
}

/// The batches of the one processor. A batch that is full moves at once, and a drain moves all.
///
/// Each page that is added gets the next number and writes it down. A page whose number is at most the one with which its batch last moved
/// is in a list; until then it cannot be aged, given up or locked.
struct LRUBatches: Hashable, Sendable {
  /// The number of pages that make a batch full. Linux: FOLIO_BATCH_SIZE, PAGEVEC_SIZE.
  static let size = 31

  /// The last number that was given.
  private var number: UInt64 = 0
  /// The number of pages that wait in each batch, and the last number that was given when it last moved.
  private var waiting = 0
  private(set) var listed: UInt64 = 0
  /// What changes about the locks of pages, in order.
  private var locking: [WaitingLock] = []
  /// The frames of the pages that wait to be given up by MADV_FREE, and of those that wait to be aged by MADV_COLD, in the order of the
  /// calls. A frame may be there twice, or have been freed meanwhile: the descriptor of a page that waits says so.
  private(set) var givenUp: [UInt32] = []
  private(set) var ageing: [UInt32] = []

  /// The number of a new page. Linux: folio_add_lru().
  @inline(__always)
  mutating func add() -> UInt64 {
    number &+= 1
    waiting &+= 1
    if _slowPath(waiting == Self.size) { list() }
    return number
  }
  /// The number of a new page of locked memory, which waits in the batch of locks only.
  mutating func numberOfLocked() -> UInt64 {
    number &+= 1
    return number
  }
  /// Adds a change of a lock. True if the batch is full then. Linux: mlock_folio(), mlock_new_folio(), munlock_folio().
  mutating func add(_ lock: WaitingLock) -> Bool {
    locking.append(lock)
    return locking.count == Self.size
  }
  /// Empties the batch of locks and returns what was in it.
  mutating func takeLocking() -> [WaitingLock] {
    defer { locking.removeAll(keepingCapacity: true) }
    return locking
  }

  /// Moves the new pages to the lists, as a new page of several base pages does too.
  mutating func list() {
    listed = number
    waiting = 0
  }

  /// Adds a page that is given up, or aged. True if the batch is full then.
  mutating func giveUp(_ frame: UInt32) -> Bool {
    givenUp.append(frame)
    return givenUp.count == Self.size
  }
  mutating func age(_ frame: UInt32) -> Bool {
    ageing.append(frame)
    return ageing.count == Self.size
  }
  /// Empties a batch and returns what was in it.
  mutating func takeGivenUp() -> [UInt32] {
    defer { givenUp.removeAll(keepingCapacity: true) }
    return givenUp
  }
  mutating func takeAgeing() -> [UInt32] {
    defer { ageing.removeAll(keepingCapacity: true) }
    return ageing
  }
}
