// Owns the decision to write a core file, and its name. It does not know what is in the file. Linux: fs/coredump.c do_coredump(),
// format_corename().
import Architecture
import LinuxMM

extension Processes {
  /// Writes the core file of the running task's process, which a signal ends, if its limit, its settings and the file system allow that.
  /// True if there is one, even if it is cut off at the limit.
  func dumpCore(_ el1: EL1Interface, _ signal: SignalInfo) -> Bool {
    let process = state.currentProcess
    let limit = state[process].limits.coreSize
    if !Signal.dumpsCore(signal.signal) || limit < 4096 || !mm[state.currentMM].isDumpable { return false }
    // No program can be run for a pattern that starts with a bar.
    guard let name = coreName(signal.signal), name.first != UInt8(ascii: "|"),
      let file = try? files.createCoreFile(el1, name)
    else { return false }
    /// Writes bytes at an offset; false if they do not fit under the limit or into RAM.
    let size = composeCore(el1, signal) { bytes, offset in
      let fitting = bytes.prefix(Int(clamping: limit - min(offset, limit)))
      guard let done = try? mm.writeFile(el1, file, offset: offset, Array(fitting)) else { return false }
      return done == bytes.count
    }
    if let size { try? mm.truncateFile(el1, file, size: min(size, limit)) }
    return true
  }

  /// Tells of the core of the running task's process.
  func tellCore(_ el1: EL1Interface, _ signal: SignalInfo) {
    guard let coreListener, Signal.dumpsCore(signal.signal) else { return }
    let size = composeCore(el1, signal) { bytes, offset in
      coreListener(offset, bytes)
      return true
    }
    if let size { coreListener(size, []) }
  }

  /// Gives the pieces of the core of the running task's process, with their offsets, to `put`, which returns false to end it. Pages of
  /// anonymous memory that the process has not touched stay holes, and so do pages that cannot be read. Returns the whole size, or nil if
  /// `put` ended it.
  private func composeCore(_ el1: EL1Interface, _ signal: SignalInfo, put: (_ bytes: [UInt8], _ offset: UInt64) -> Bool) -> UInt64? {
    let mapped = mm.vmas(state.currentMM)
    let names = mapped.compactMap { area in files.name(ofMapping: area).map { CoreFile.MappedFile(area: area, name: $0) } }
    let core = CoreFile(
      threads: threadsForCore(el1), process: state[state.currentProcess], name: state.currentTask.name, signal: signal,
      filter: mm[state.currentMM].coreFilter, files: names)
    let areas = mapped.map { area in (area: area, size: size(el1, of: area, in: core)) }
    let head = core.head(areas)
    if !put(head, 0) { return nil }
    var offset = UInt64(head.count)
    for (area, size) in areas {
      let end = area.start + size
      let pages =
        area.isAnonymous && !area.isSpecialMapping
        ? mm.presentPages(el1, state.currentMM, area.start, end) : Array(stride(from: area.start, to: end, by: 4096))
      for at in pages {
        let page = mm.peekUser(el1, state.currentMM, task: state.currentTask.id, address: at, count: 4096)
        if !put(page, offset + (at - area.start)) { return nil }
      }
      offset += size
    }
    return offset
  }

  /// The bytes of a mapping that are in the core.
  private func size(_ el1: EL1Interface, of area: VMArea, in core: CoreFile) -> UInt64 {
    let rights = files.rights(ofMapped: area.file)
    switch core.part(of: area, isNameless: rights.isNameless, isExecutable: rights.isExecutable) {
    case .nothing: return 0
    case .firstPage: return 4096
    case .whole: return area.end - area.start
    case .firstPageOfELF:
      let first = mm.peekUser(el1, state.currentMM, task: state.currentTask.id, address: area.start, count: 4)
      return first == [0x7f, 0x45, 0x4c, 0x46] ? 4096 : 0
    }
  }

  /// The threads of the running task's process with their registers, the running one first.
  private func threadsForCore(_ el1: EL1Interface) -> [(task: Task, registers: SavedRegisters)] {
    [(state.currentTask, SavedRegisters(el1))]
      + state[state.currentProcess].threads.filter { $0 != state.current }.map { (state.tasks[$0], state.tasks[$0].registers) }
  }

  /// The name that core_pattern gives; nil for an empty one.
  private func coreName(_ signal: Int32) -> [UInt8]? {
    let id = "\(state[state.currentProcess].id.rawValue)"
    var (name, hasID) = ([UInt8](), false)
    var pattern = settings.corePattern[...]
    while let byte = pattern.popFirst() {
      guard byte == UInt8(ascii: "%"), let letter = pattern.popFirst() else {
        name.append(byte)
        continue
      }
      switch letter {
      case UInt8(ascii: "%"): name.append(letter)
      case UInt8(ascii: "p"), UInt8(ascii: "P"):
        name += id.utf8
        hasID = true
      case UInt8(ascii: "i"), UInt8(ascii: "I"): name += "\(state.currentTask.id.rawValue)".utf8
      case UInt8(ascii: "u"), UInt8(ascii: "g"): name += "0".utf8
      case UInt8(ascii: "d"): name += "1".utf8
      case UInt8(ascii: "s"): name += "\(signal)".utf8
      case UInt8(ascii: "t"): name += "\(state.now / 1_000_000_000)".utf8
      case UInt8(ascii: "h"): name += "faultline".utf8
      case UInt8(ascii: "e"): name += state.currentTask.name.map { $0 == slash ? UInt8(ascii: "!") : $0 }
      case UInt8(ascii: "c"): name += "\(state[state.currentProcess].limits.coreSize)".utf8
      default: break
      }
    }
    if settings.coreUsesID && !hasID { name += ".\(id)".utf8 }
    return name.isEmpty ? nil : name
  }
}

extension Files {
  /// Whether a mapped file has no name any more, and whether it may be executed. Files without an inode are the program that a session was
  /// given, which has a name, and shared anonymous memory, which has none.
  func rights(ofMapped file: FileID) -> (isNameless: Bool, isExecutable: Bool) {
    if file == .none { return (true, false) }
    let backing = mm.state.files[file]
    guard let place = backing.place else { return (backing.kind == .shmem, backing.kind != .shmem) }
    let inode = state.inodes[InodeID(rawValue: place.inode)]
    return (inode.links == 0, inode.permissions & 0o111 != 0)
  }

  /// The empty file for a core: a new one, or a regular one of a single name that is there already. Throws the errors of the path walk.
  func createCoreFile(_ el1: EL1Interface, _ path: [UInt8]) throws(Errno) -> FileID {
    let walked = try walk(el1, Self.currentDirectory, path, followsLast: false)
    if let place = walked.target {
      guard case .inode(let id) = place.node, let contents = state.inodes[id].contents, state.inodes[id].links == 1 else { throw .EEXIST }
      try mm.truncateFile(el1, contents, size: 0)
      return contents
    }
    guard case .name(let name) = walked.last, case .inode(let directory) = walked.parent.node, state.inodes[directory].links > 0 else {
      throw .ENOENT
    }
    try checkInodes(walked.parent)
    let inode = makeRegularFile(el1, name: name, permissions: 0o600, mount: walked.parent.mount)
    insert(inode, into: directory, as: name)
    noteName(inode, mount: walked.parent.mount)
    guard let contents = state.inodes[inode].contents else { preconditionFailure("a regular file has contents") }
    return contents
  }
}
