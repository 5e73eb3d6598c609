// Owns the names of threads and processes in packets, and what a request can select. It does not know which threads there are. GDB manual,
// E.2 Packets, "thread-id syntax".

/// A thread: the number of its process, and its own number. Both are positive.
public struct ThreadID: Hashable, Sendable, CustomStringConvertible {
  public var process: Int
  public var thread: Int
  public init(process: Int, thread: Int) {
    self.process = process
    self.thread = thread
  }

  /// As in `p2.3`.
  public var description: String { "p" + Self.digits(process) + "." + Self.digits(thread) }
  static func digits(_ number: Int) -> String { String(number, radix: 16) }
}

/// A number of a thread or a process in a request.
public enum Selected: Hashable, Sendable {
  /// -1.
  case all
  /// 0: the stub chooses.
  case any
  case one(Int)

  func includes(_ number: Int) -> Bool {
    if case .one(let chosen) = self { chosen == number } else { true }
  }
}

/// The threads that a request selects. A request without a process means whichever process has the thread.
public struct ThreadSelection: Hashable, Sendable {
  public var process: Selected
  public var thread: Selected
  public init(process: Selected = .any, thread: Selected) {
    self.process = process
    self.thread = thread
  }

  public func includes(_ id: ThreadID) -> Bool { process.includes(id.process) && thread.includes(id.thread) }

  public static let all = ThreadSelection(process: .all, thread: .all)
}

extension PacketCursor {
  /// Takes `p2.3`, `p2`, `3`, `-1` or `0`.
  mutating func threads() -> ThreadSelection? {
    if !take("p") { return selected().map { ThreadSelection(thread: $0) } }
    guard let process = selected() else { return nil }
    if !take(".") { return ThreadSelection(process: process, thread: .all) }
    guard let thread = selected() else { return nil }
    return ThreadSelection(process: process, thread: thread)
  }

  private mutating func selected() -> Selected? {
    if take("-1") { return .all }
    guard let number = smallNumber() else { return nil }
    return number == 0 ? .any : .one(number)
  }
}
