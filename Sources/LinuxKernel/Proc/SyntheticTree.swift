// Owns the shape of /proc and /sys: a tree computed once from the rows of `SyntheticFiles`, and the places in it for live tasks. It does
// not know the contents of any file. Linux: fs/proc/generic.c, base.c, fs/kernfs.
import Architecture
import LinuxMM

/// A place in /proc or /sys: an entry of the tree, and the task or descriptor that its path names.
struct SyntheticNode: Hashable, Sendable {
  var entry: Int
  var process: TaskID?
  var thread: TaskID?
  /// The descriptor in the path, or 0 if there is none.
  var descriptor: Int32 = 0
}

/// One row: a file whose contents are computed when it is read.
struct SyntheticFile: Sendable {
  /// The contents of a file. `task` is the task that the path names, or the running task if the path names none.
  typealias Contents = @Sendable (ProcFiles, EL1Interface, _ task: TaskSlot) throws(Errno) -> [UInt8]
  /// The record at a place in the text; the first place is 0. Nil behind the last record.
  typealias Records = @Sendable (ProcFiles, EL1Interface, _ task: TaskSlot, _ record: UInt64) throws(Errno) -> SequenceRecord?
  typealias Part = @Sendable (ProcFiles, EL1Interface, _ task: TaskSlot, _ offset: UInt64, _ count: Int) throws(Errno) -> [UInt8]
  enum Body: Sendable {
    /// The text is one record, which is made as a whole when its first byte is read.
    case text(Contents)
    /// The text is made record by record, as far as it is read.
    case records(Records)
    /// The text is one record, and `store` gets the bytes that are written.
    case stored(Contents, store: @Sendable (ProcFiles, EL1Interface, _ task: TaskSlot, _ bytes: [UInt8]) throws(Errno) -> Void)
    /// Any part of the file can be asked for at any time; an empty part is the end. Offsets may be negative.
    case computed(Part)
    /// Any part of the file can be asked for, at offsets from zero on.
    case bytes(Part)
    /// The memory of the task's process, at offsets that are its virtual addresses.
    case memory
    /// A symbolic link. The closure also gets the descriptor that the path names.
    case link(@Sendable (ProcFiles, EL1Interface, _ task: TaskSlot, _ descriptor: Int32) throws(Errno) -> LinkTarget)
  }
  /// The path from the root. The components PID, TID and FD stand for any live task, any thread of it, and any open descriptor.
  let path: String
  let mode: UInt32
  let body: Body
  /// Whether kernels of a profile have the file.
  let isPart: @Sendable (KernelProfile) -> Bool
  /// Whether it is a setting of numbers, which is read whole at once. Linux: proc_dointvec().
  let isNumber: Bool
  init(
    _ path: String, _ mode: UInt32, _ body: Body, isNumber: Bool = false,
    if isPart: @escaping @Sendable (KernelProfile) -> Bool = { _ in true }
  ) {
    self.isNumber = isNumber
    self.path = path
    self.mode = mode
    self.body = body
    self.isPart = isPart
  }
  /// A file that every user may read.
  init(_ path: String, _ body: Body) { self.init(path, 0o444, body) }
}

enum SyntheticTree {
  enum Component: Equatable, Sendable { case name([UInt8]), process, thread, descriptor }
  struct Entry: Sendable {
    let component: Component
    let parent: Int
    var children: [Int] = []
    /// The children that have a name, by name.
    var named: [[UInt8]: Int] = [:]
    /// The file; nil for a directory.
    var file: SyntheticFile?
  }

  /// All entries. A parent comes before its children.
  static let entries: [Entry] = {
    var entries: [Entry] = []
    for row in SyntheticFiles.rows {
      var at = -1
      for name in row.path.utf8.split(separator: slash).map({ Array($0) }) {
        let component: Component =
          switch String(decoding: name, as: UTF8.self) {
          case "PID": .process
          case "TID": .thread
          case "FD": .descriptor
          default: .name(name)
          }
        let siblings = at < 0 ? entries.indices.filter { entries[$0].parent == $0 } : entries[at].children
        if let known = siblings.first(where: { entries[$0].component == component }) {
          at = known
        } else {
          entries.append(Entry(component: component, parent: at < 0 ? entries.count : at))
          if at >= 0 {
            entries[at].children.append(entries.count - 1)
            if case .name(let name) = component { entries[at].named[name] = entries.count - 1 }
          }
          at = entries.count - 1
        }
      }
      entries[at].file = row
    }
    return entries
  }()

  /// The root of "proc" or "sys".
  static func root(_ name: String) -> SyntheticNode {
    SyntheticNode(entry: entries.indices.first { entries[$0].parent == $0 && entries[$0].component == .name(Array(name.utf8)) }!)
  }

  /// Whether the node lies in /proc.
  static func isProcess(_ node: SyntheticNode) -> Bool { isBelow(node, root("proc")) }
  /// Whether it lies in the part of the tree that starts at `top`.
  static func isBelow(_ node: SyntheticNode, _ top: SyntheticNode) -> Bool {
    var entry = node.entry
    while entry != top.entry && entries[entry].parent != entry { entry = entries[entry].parent }
    return entry == top.entry
  }

  static func file(_ node: SyntheticNode) -> SyntheticFile? { entries[node.entry].file }
  static func isDirectory(_ node: SyntheticNode) -> Bool { entries[node.entry].file == nil }

  /// Whether the node's name is a descriptor.
  static func isDescriptor(_ node: SyntheticNode) -> Bool { entries[node.entry].component == .descriptor }

  static func parent(_ node: SyntheticNode) -> SyntheticNode {
    var parent = node
    parent.entry = entries[node.entry].parent
    switch entries[node.entry].component {
    case .name: break
    case .process: parent.process = nil
    case .thread: parent.thread = nil
    case .descriptor: parent.descriptor = 0
    }
    return parent
  }

  static func name(_ node: SyntheticNode) -> [UInt8] {
    switch entries[node.entry].component {
    case .name(let name): name
    case .process: Array(String(node.process?.rawValue ?? 0).utf8)
    case .thread: Array(String(node.thread?.rawValue ?? 0).utf8)
    case .descriptor: Array(String(node.descriptor).utf8)
    }
  }

  /// Parses a number in a path of /proc: decimal, without leading zeroes.
  static func number(_ name: [UInt8]) -> Int32? {
    guard let number = Int32(String(decoding: name, as: UTF8.self)), number >= 0, Array(String(number).utf8) == name else { return nil }
    return number
  }
}

extension ProcFiles {
  /// An entry of a synthetic directory.
  func syntheticEntry(_ directory: SyntheticNode, _ name: [UInt8]) -> SyntheticNode? {
    if let child = SyntheticTree.entries[directory.entry].named[name] {
      var node = directory
      node.entry = child
      return SyntheticTree.entries[child].file.map { $0.isPart(configuration.profile) } ?? true ? node : nil
    }
    for child in syntheticChildren(directory) {
      var node = directory
      node.entry = child
      switch SyntheticTree.entries[child].component {
      case .name: continue
      case let component:
        guard let number = SyntheticTree.number(name), firstNumber(directory, component, from: number) == number else { continue }
        return set(node, component, number)
      }
    }
    return nil
  }

  /// The children of a directory that this kernel has, as indices of `entries`.
  private func syntheticChildren(_ directory: SyntheticNode) -> [Int] {
    SyntheticTree.entries[directory.entry].children.filter { child in
      SyntheticTree.entries[child].file.map { $0.isPart(configuration.profile) } ?? true
    }
  }

  /// Lists at most `count` entries of a synthetic directory from a place on, each with the place behind it. Names come first, in the order
  /// of their rows. Numbers follow, each at a place that is its value plus the number of names. Linux: proc_pid_readdir(),
  /// proc_readfd_common().
  func syntheticEntries(_ directory: SyntheticNode, from place: UInt64, atMost count: Int) -> [(node: SyntheticNode, next: UInt64)] {
    var listed: [(node: SyntheticNode, next: UInt64)] = []
    let children = syntheticChildren(directory)
    let names = children.filter { if case .name = SyntheticTree.entries[$0].component { true } else { false } }
    for (index, child) in names.enumerated().dropFirst(Int(clamping: place)) where listed.count < count {
      var node = directory
      node.entry = child
      listed.append((node, UInt64(index) + 1))
    }
    guard let child = children.first(where: { !names.contains($0) }) else { return listed }
    let (component, base) = (SyntheticTree.entries[child].component, UInt64(names.count))
    var from = Int32(clamping: place - min(place, base))
    while listed.count < count, let number = firstNumber(directory, component, from: from) {
      var node = directory
      node.entry = child
      listed.append((set(node, component, number), base + UInt64(number) + 1))
      from = number + 1
    }
    return listed
  }

  private func set(_ node: SyntheticNode, _ component: SyntheticTree.Component, _ number: Int32) -> SyntheticNode {
    var node = node
    switch component {
    case .name: break
    case .process: node.process = TaskID(number)
    case .thread: node.thread = TaskID(number)
    case .descriptor: node.descriptor = number
    }
    return node
  }

  /// The lowest number from `start` on that exists for a component.
  private func firstNumber(_ directory: SyntheticNode, _ component: SyntheticTree.Component, from start: Int32) -> Int32? {
    switch component {
    case .name: return nil
    case .process: return tasks.numbers.firstProcess(from: start) { !tasks[$0].threads.isEmpty || tasks[$0].isZombie }?.rawValue
    case .thread:
      guard let slot = directory.process.flatMap(tasks.process(of:)) else { return nil }
      if tasks[slot].isZombie { return tasks[slot].id.rawValue >= start ? tasks[slot].id.rawValue : nil }
      return tasks[slot].threads.lazy.map { self.tasks[$0].id.rawValue }.filter { $0 >= start }.min()
    case .descriptor:
      guard let task = taskIndex(directory) else { return nil }
      return fileState.tables[tasks[task].files].first(from: start)
    }
  }

  /// The task that a node is about; nil if it has ended.
  func taskIndex(_ node: SyntheticNode) -> TaskSlot? {
    guard let id = node.thread ?? node.process else { return tasks.current }
    // If a process's first thread has ended, another thread of it stands for the process.
    return tasks.slot(of: id) ?? tasks.process(of: id).flatMap { tasks[$0].threads.first }
  }

  /// The target of a synthetic symbolic link; nil if the node is not a link. Throws ENOENT for a task that has ended.
  func syntheticLink(_ el1: EL1Interface, _ node: SyntheticNode) throws(Errno) -> LinkTarget? {
    guard let file = SyntheticTree.file(node), case .link(let target) = file.body else { return nil }
    guard let task = taskIndex(node) else { throw .ENOENT }
    return try target(self, el1, task, node.descriptor)
  }
}
