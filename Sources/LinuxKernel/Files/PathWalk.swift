// Owns the walk along a path: components, symbolic links, "..", mounts. It does not know what the caller does with the place that it finds.
// Linux: fs/namei.c.
import Architecture
import LinuxMM

/// The result of a walk along a path.
struct WalkedPath {
  enum Last { case name([UInt8]), dot, dotdot, root }
  /// The directory of the last component, and the kind of that component.
  var parent: Path
  var last: Last
  /// Whether the path ended in a slash, so that it may only name a directory.
  var hasTrailingSlash: Bool
  /// The place that the path names; nil if the directory exists and the name does not.
  var target: Path?
}

/// The target of a symbolic link: a text, or the file itself for the links of /proc.
enum LinkTarget { case text([UInt8]), place(Path) }

extension Files {
  /// PATH_MAX and NAME_MAX.
  static var pathLimit: Int { 4096 }
  private static var nameLimit: Int { 255 }
  /// The largest number of symbolic links that one walk follows.
  private static var linkLimit: Int { 40 }
  /// AT_FDCWD.
  static var currentDirectory: Int32 { -100 }

  /// Reads a path from user memory. Throws EFAULT, ENAMETOOLONG. Linux: getname().
  func userPath(_ el1: EL1Interface, _ address: UInt64) throws(Errno) -> [UInt8] {
    try user(el1).getString(address, limit: Self.pathLimit, tooLong: .ENAMETOOLONG)
  }

  /// The place at which a walk starts. Throws EBADF, and ENOTDIR if the descriptor is not a directory.
  private func start(_ descriptor: Int32, _ path: [UInt8]) throws(Errno) -> Path {
    if path.first == slash { return try root() }
    if descriptor == Self.currentDirectory { return currentContext.workingDirectory }
    let place = state.open[try openFile(descriptor, allowsPath: true)].path
    if !isDirectory(place) { throw .ENOTDIR }
    return place
  }

  /// The top of the whole tree, which is the root of the first process.
  var topDirectory: Path { crossMounts(Path(mount: .root, node: state.mounts[.root].root)) }

  /// The place of "/" for the running task. Throws EOPNOTSUPP under the root of failfs. Linux: nd_jump_root(), fs/failfs.
  func root() throws(Errno) -> Path {
    guard let root = currentContext.root else { throw .EOPNOTSUPP }
    return root
  }
  private var currentContext: FileSystemContext { state.contexts[tasks.currentTask.fs] }

  /// Finds the place that a path names. Throws ENOENT if there is none. `followsLast` says whether a symbolic link at the path's end is
  /// followed.
  func find(_ el1: EL1Interface, _ descriptor: Int32, _ path: [UInt8], followsLast: Bool) throws(Errno) -> Path {
    guard let target = try walk(el1, descriptor, path, followsLast: followsLast).target else { throw .ENOENT }
    return target
  }

  /// Walks along a path. Throws ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, EBADF. Linux: path_lookupat(), link_path_walk().
  func walk(_ el1: EL1Interface, _ descriptor: Int32, _ path: [UInt8], followsLast: Bool) throws(Errno) -> WalkedPath {
    if path.isEmpty { throw .ENOENT }
    let place = try start(descriptor, path)
    return try walk(el1, from: place, path, followsLast: followsLast)
  }

  func walk(_ el1: EL1Interface, from start: Path, _ path: [UInt8], followsLast: Bool) throws(Errno) -> WalkedPath {
    var place = start
    // The components that are left, in reverse order.
    var rest = components(path)
    var hasTrailingSlash = path.last == slash
    var links = 0
    var walked = WalkedPath(parent: place, last: .root, hasTrailingSlash: hasTrailingSlash, target: place)
    while let name = rest.popLast() {
      if !isDirectory(place) { throw .ENOTDIR }
      if name == [dot] {
        walked = WalkedPath(parent: place, last: .dot, hasTrailingSlash: hasTrailingSlash, target: place)
        continue
      }
      if name == [dot, dot] {
        let up = parent(of: place)
        walked = WalkedPath(parent: place, last: .dotdot, hasTrailingSlash: hasTrailingSlash, target: up)
        place = up
        continue
      }
      if name.count > Self.nameLimit { throw .ENAMETOOLONG }
      walked = WalkedPath(parent: place, last: .name(name), hasTrailingSlash: hasTrailingSlash, target: nil)
      guard let child = try lookup(el1, place, name) else {
        if rest.isEmpty { return walked }
        throw .ENOENT
      }
      let isLast = rest.isEmpty
      if let link = try linkTarget(el1, child), !isLast || followsLast || hasTrailingSlash {
        links += 1
        if links > Self.linkLimit || state.mountFlags(of: child).contains(.NOSYMFOLLOW) { throw .ELOOP }
        switch link {
        case .place(let target): place = target
        case .text(let text):
          if text.isEmpty { throw .ENOENT }
          if text.first == slash { place = try root() }
          if isLast && text.last == slash { hasTrailingSlash = true }
          rest += components(text)
          if rest.isEmpty { walked = WalkedPath(parent: place, last: .root, hasTrailingSlash: hasTrailingSlash, target: place) }
          continue
        }
      } else {
        place = child
      }
      walked.target = place
    }
    if hasTrailingSlash, let target = walked.target, !isDirectory(target) { throw .ENOTDIR }
    walked.hasTrailingSlash = hasTrailingSlash
    return walked
  }

  /// The components of a path in reverse order, so that the walk can pop the next one.
  private func components(_ path: [UInt8]) -> [[UInt8]] {
    path.split(separator: slash).reversed().map { Array($0) }
  }

  func linkTarget(_ el1: EL1Interface, _ place: Path) throws(Errno) -> LinkTarget? {
    switch place.node {
    case .inode(let id): state.inodes[id].linkText.map { .text($0) }
    case .synthetic(let node): try procFiles.syntheticLink(el1, node)
    }
  }

  func isDirectory(_ place: Path) -> Bool {
    switch place.node {
    case .inode(let id): state.inodes[id].isDirectory
    case .synthetic(let node): SyntheticTree.isDirectory(node)
    }
  }

  /// The entry of a directory with a name, or the root of the file system that is mounted on the entry.
  func lookup(_ el1: EL1Interface, _ directory: Path, _ name: [UInt8]) throws(Errno) -> Path? {
    switch directory.node {
    case .inode(let id):
      loadHostDirectory(id)
      guard case .directory(let entries) = state.inodes[id].kind, let child = entries[name] else { return nil }
      return crossMounts(Path(mount: directory.mount, node: .inode(child)))
    case .synthetic(let node):
      guard let child = procFiles.syntheticEntry(node, name) else {
        // /proc has no place where a new name could be made. Linux: proc_lookup_de().
        if SyntheticTree.isProcess(node) { throw .ENOENT }
        return nil
      }
      return crossMounts(Path(mount: directory.mount, node: .synthetic(child)))
    }
  }

  func crossMounts(_ place: Path) -> Path {
    var place = place
    while let id = state.mountPoints[place] {
      place = Path(mount: id, node: state.mounts[id].root)
    }
    return place
  }

  /// The place of "..". For the root of a mount it is the parent of the place that the mount covers. The running task's root, the top of the
  /// tree and the root of a mount outside the tree are their own parents. Linux: follow_dotdot().
  func parent(of place: Path) -> Path {
    let root = currentContext.root
    var place = place
    if place == root { return place }
    while let mount = state.mount(of: place), mount.root == place.node {
      guard let point = mount.point else { return mount.isDetached ? place : topDirectory }
      place = point
      if place == root { return place }
    }
    let parent: Node
    switch place.node {
    case .inode(let id):
      guard let above = state.inodes[id].parent else { return place }
      parent = .inode(above)
    case .synthetic(let node): parent = .synthetic(SyntheticTree.parent(node))
    }
    return crossMounts(Path(mount: place.mount, node: parent))
  }

  /// The path of a place as /proc prints it. It starts at the running task's root, or at the top of the tree if that root is not above the
  /// place. Linux: d_path().
  func name(of place: Path) -> [UInt8] { nameAndReach(of: place).name }

  /// The path of the file that a VMA maps; nil for memory without a file.
  func name(ofMapping vma: VMArea) -> [UInt8]? {
    if vma.isAnonymous || vma.isSpecialMapping { return nil }
    let file = mm.state.files[vma.file]
    return file.place.map { place in
      name(of: Path(mount: MountID(rawValue: place.mount), node: .inode(InodeID(rawValue: place.inode))))
    } ?? file.name
  }

  /// The path of a place, and whether the running task's root is above the place. The walk upwards ends once the path is longer than
  /// `limit` bytes. Linux: prepend_path().
  func nameAndReach(of place: Path, limit: Int = .max) -> (name: [UInt8], isReachable: Bool) {
    let root = currentContext.root
    var names: [[UInt8]] = []
    var length = 0
    var place = place
    var isDeleted = false
    func joined() -> [UInt8] {
      let text = names.isEmpty ? [slash] : names.reversed().flatMap { [slash] + $0 }
      return isDeleted ? text + Array(" (deleted)".utf8) : text
    }
    while true {
      if place == root { return (joined(), true) }
      while let mount = state.mount(of: place), mount.root == place.node, let point = mount.point {
        place = point
      }
      switch place.node {
      case .inode(let id):
        let inode = state.inodes[id]
        if let text = unnamedText(place, inode) { return (text, true) }
        guard let parent = inode.parent else { return (joined(), false) }
        if inode.links == 0 { isDeleted = true }
        names.append(inode.name)
        length += inode.name.count + 1
        if length > limit { return (joined(), true) }
        place = Path(mount: place.mount, node: .inode(parent))
      case .synthetic(let node):
        if SyntheticTree.parent(node) == node { return (joined(), false) }
        names.append(SyntheticTree.name(node))
        place = Path(mount: place.mount, node: .synthetic(SyntheticTree.parent(node)))
      }
    }
  }

  /// The text for a file that has no place in the tree.
  private func unnamedText(_ place: Path, _ inode: Inode) -> [UInt8]? {
    if place.mount != .none { return nil }
    switch inode.kind {
    case .pipe: return Array("pipe:[\(inode.number)]".utf8)
    case .process: return Array("anon_inode:[pidfd]".utf8)
    case .timer: return Array("anon_inode:[timerfd]".utf8)
    case .device(let device): return Array(device.text.utf8)
    default: return Array("/memfd:".utf8) + inode.name + Array(" (deleted)".utf8)
    }
  }
}

let slash = UInt8(ascii: "/")
private let dot = UInt8(ascii: ".")
