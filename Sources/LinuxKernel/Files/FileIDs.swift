// Owns the typed ids of file tables, and the table of slots that all of them are.
// It does not know what any id names.

/// A descriptor table. Linux: struct files_struct.
struct FilesID: RawRepresentable, Hashable, Sendable {
  var rawValue: Int
  init(rawValue: Int) { self.rawValue = rawValue }
  init(_ rawValue: Int) { self.rawValue = rawValue }
}
/// A working directory and a umask. Linux: struct fs_struct.
struct FSID: RawRepresentable, Hashable, Sendable {
  var rawValue: Int
  init(rawValue: Int) { self.rawValue = rawValue }
  init(_ rawValue: Int) { self.rawValue = rawValue }
}
/// An open file description. Linux: struct file.
struct OpenFileID: RawRepresentable, Hashable, Sendable { var rawValue: Int }
struct InodeID: RawRepresentable, Hashable, Sendable { var rawValue: Int }
struct PipeID: RawRepresentable, Hashable, Sendable { var rawValue: Int }

/// Values by a typed id; the id of a removed one is given out again, the last removed first.
struct Slots<ID: RawRepresentable & Sendable, Element: Sendable>: Sendable where ID.RawValue == Int {
  private var elements: [Element?] = []
  private var free: [Int] = []
  /// How many there are.
  var count: Int { elements.count - free.count }

  func contains(_ id: ID) -> Bool { elements.indices.contains(id.rawValue) && elements[id.rawValue] != nil }

  mutating func insert(_ element: Element) -> ID {
    if let index = free.popLast() {
      elements[index] = element
      return ID(rawValue: index)!
    }
    elements.append(element)
    return ID(rawValue: elements.count - 1)!
  }
  mutating func remove(_ id: ID) {
    precondition(elements[id.rawValue] != nil, "removed twice")
    elements[id.rawValue] = nil
    free.append(id.rawValue)
  }
  subscript(id: ID) -> Element {
    get {
      guard let element = elements[id.rawValue] else { preconditionFailure("\(ID.self) \(id.rawValue) names nothing any more") }
      return element
    }
    _modify {
      precondition(elements[id.rawValue] != nil, "\(ID.self) \(id.rawValue) names nothing any more")
      yield &elements[id.rawValue]!
    }
  }
  func contains(where isWanted: (Element) -> Bool) -> Bool { elements.contains { $0.map(isWanted) ?? false } }
}
