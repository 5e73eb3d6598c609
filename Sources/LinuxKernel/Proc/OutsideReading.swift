// Owns how a debugger outside the guest reads the files of /proc and /sys, without a task that opens them. It does not know what the files
// contain, and changes no state.
import Architecture
import LinuxMM

extension ProcFiles {
  /// The contents of a file by its path from the root; nil if there is no such file, or if it is no text.
  func contents(_ el1: EL1Interface, at path: String) -> [UInt8]? {
    guard let node = self.node(el1, at: path), let file = SyntheticTree.file(node), let task = taskIndex(node) else { return nil }
    switch file.body {
    case .text(let contents), .stored(let contents, _): return try? contents(self, el1, task)
    case .records(let make):
      var (text, record) = ([UInt8](), UInt64(0))
      while record != SequenceRecord.end, let made = try? make(self, el1, task, record) {
        text += made.text
        record = made.next
      }
      return text
    case .bytes(let part): return try? part(self, el1, task, 0, 1 << 20)
    case .computed, .memory, .link: return nil
    }
  }

  /// The target of a symbolic link by its path from the root; nil if there is no such link.
  func link(_ el1: EL1Interface, at path: String) -> String? {
    guard let node = self.node(el1, at: path) else { return nil }
    // The walk to a program's file could read a directory of the host for the first time, which is a change of state.
    if path.hasSuffix("/exe"), let task = taskIndex(node) { return executablePath(of: tasks[tasks[task].process].id) }
    guard let link = try? syntheticLink(el1, node) else { return nil }
    switch link {
    case .text(let text): return String(decoding: text, as: UTF8.self)
    case .place(let place): return String(decoding: files.name(of: place), as: UTF8.self)
    }
  }

  /// The path to which /proc/PID/exe leads; nil if there is no such process.
  func executablePath(of process: TaskID) -> String? {
    tasks.process(of: process).map { String(decoding: tasks[$0].executable, as: UTF8.self) }
  }

  /// The place at a path, whose components but the last are directories, or links within the same tree.
  private func node(_ el1: EL1Interface, at path: String) -> SyntheticNode? {
    var names = path.utf8.split(separator: slash).map { Array($0) }
    guard let first = names.first, ["proc", "sys"].contains(String(decoding: first, as: UTF8.self)) else { return nil }
    names.removeFirst()
    var node = SyntheticTree.root(String(decoding: first, as: UTF8.self))
    while let name = names.first {
      names.removeFirst()
      guard let next = syntheticEntry(node, name) else { return nil }
      if !names.isEmpty, case .text(let target)? = (try? syntheticLink(el1, next)) ?? nil, target.first != slash {
        names = target.split(separator: slash).map { Array($0) } + names
      } else {
        node = next
      }
    }
    return node
  }
}
