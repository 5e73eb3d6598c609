// Owns how a debugger outside the guest reads the files of /proc and /sys, without a task that opens them. It does not know what the files
// contain, and changes no state.
import Architecture
import LinuxMM

extension Kernel {
  /// The contents of a file of /proc or /sys by its path; nil if there is no such file, or if it is no text.
  public func syntheticContents(_ el1: EL1Interface, path: String) -> [UInt8]? {
    let files = parts.procFiles
    guard let node = files.syntheticNode(el1, path), let file = SyntheticTree.file(node), let task = files.taskIndex(node) else {
      return nil
    }
    switch file.body {
    case .text(let contents), .stored(let contents, _): return try? contents(files, el1, task)
    case .records(let make):
      var (text, record) = ([UInt8](), UInt64(0))
      while record != SequenceRecord.end, let made = try? make(files, el1, task, record) {
        text += made.text
        record = made.next
      }
      return text
    case .bytes(let part): return try? part(files, el1, task, 0, 1 << 20)
    case .computed, .memory, .link: return nil
    }
  }

  /// The path to which /proc/PID/exe leads; nil if there is no such process.
  public func executablePath(of process: TaskID) -> String? {
    state.tasks.process(of: process).map { String(decoding: state[$0].executable, as: UTF8.self) }
  }

  /// The target of a symbolic link in /proc or /sys by its path; nil if there is no such link.
  public func syntheticLink(_ el1: EL1Interface, path: String) -> String? {
    let files = parts.procFiles
    guard let node = files.syntheticNode(el1, path) else { return nil }
    // The walk to a program's file could read a directory of the host for the first time, which is a change of state.
    if path.hasSuffix("/exe"), let task = files.taskIndex(node) { return executablePath(of: state[state.tasks[task].process].id) }
    guard let link = try? files.syntheticLink(el1, node) else { return nil }
    switch link {
    case .text(let text): return String(decoding: text, as: UTF8.self)
    case .place(let place): return String(decoding: files.files.name(of: place), as: UTF8.self)
    }
  }
}

extension ProcFiles {
  /// The place at a path, whose components but the last are directories, or links within the same tree.
  fileprivate func syntheticNode(_ el1: EL1Interface, _ path: String) -> SyntheticNode? {
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
