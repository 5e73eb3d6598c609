// Owns the groups of mounts that share what is mounted in them, and the end of mounts that were unmounted lazily. It does not know the
// calls. Linux: fs/pnode.c, fs/namespace.c umount_tree().
import Architecture
import LinuxMM

extension Files {
  /// Changes how a mount shares: one of `MountFlags.propagation`. Linux: change_mnt_propagation().
  func setPropagation(_ id: MountID, _ kind: MountFlags) {
    if kind == .SHARED {
      state.mounts[id].isUnbindable = false
      if state.mounts[id].peers == nil { state.mounts[id].peers = freeGroup }
      return
    }
    let group = state.mounts[id].peers
    state.mounts[id].peers = nil
    state.mounts[id].isUnbindable = kind == .UNBINDABLE
    let hasPeers = state.mounts.firstID { $0.peers == group } != nil
    if kind == .SLAVE {
      if let group, hasPeers { state.mounts[id].master = group }
    } else {
      state.mounts[id].master = nil
    }
    if let group, !hasPeers { endGroup(group, master: state.mounts[id].master) }
  }

  /// The mounts that took from a group take from its own master now, if it had one.
  private func endGroup(_ group: Int, master: Int?) {
    for id in state.mounts.ids where state.mounts[id].master == group { state.mounts[id].master = master }
  }

  /// The lowest number that no group has. Linux: mnt_alloc_group_id().
  private var freeGroup: Int {
    let taken = Set(state.mounts.all.flatMap { [$0.element.peers, $0.element.master] })
    return (1...).first { !taken.contains($0) }!
  }

  /// The mounts that get what is mounted in a mount: its peers, and those that take from them, each with the mount that it gets it from.
  /// Linux: propagation_next().
  func receivers(of id: MountID) -> [(id: MountID, isSlave: Bool)] {
    guard let group = state.mounts[id].peers else { return [] }
    var found: [(id: MountID, isSlave: Bool)] = []
    var groups: [(group: Int, isSlave: Bool)] = [(group, false)]
    while let next = groups.popLast() {
      for other in state.mounts.ids where other != id && !found.contains(where: { $0.id == other }) {
        let isPeer = state.mounts[other].peers == next.group
        if !isPeer && state.mounts[other].master != next.group { continue }
        found.append((other, next.isSlave || !isPeer))
        if !isPeer, let own = state.mounts[other].peers { groups.append((own, true)) }
      }
    }
    return found
  }

  /// Mounts a copy of a new mount wherever its place is shared. The new mount and its copies share then as well. Linux:
  /// attach_recursive_mnt(), propagate_mnt().
  func propagate(_ id: MountID) {
    guard let point = state.mounts[id].point, state.mounts.contains(point.mount), state.mounts[point.mount].peers != nil else { return }
    setPropagation(id, .SHARED)
    for receiver in receivers(of: point.mount) where isInside(point.node, state.mounts[receiver.id].root) {
      var copy = state.mounts[id]
      copy.point = Path(mount: receiver.id, node: point.node)
      if receiver.isSlave { (copy.master, copy.peers) = (copy.peers, state.mounts[receiver.id].peers == nil ? nil : freeGroup) }
      retain(Path(mount: id, node: copy.root))
      addMount(copy)
    }
  }

  /// The copies of a mount that came with it where its place is shared. Linux: propagate_umount().
  func copies(of id: MountID) -> [MountID] {
    guard let point = state.mounts[id].point, state.mounts.contains(point.mount) else { return [] }
    return receivers(of: point.mount).compactMap { state.mountPoints[Path(mount: $0.id, node: point.node)] }
  }

  /// Whether a node is `root` or lies below it in the same file system.
  func isInside(_ node: Node, _ root: Node) -> Bool {
    var node = node
    while node != root {
      switch node {
      case .inode(let id):
        guard let parent = state.inodes[id].parent else { return false }
        node = .inode(parent)
      case .synthetic(let entry):
        let parent = SyntheticTree.parent(entry)
        if parent == entry { return false }
        node = .synthetic(parent)
      }
    }
    return true
  }

  /// The path of a node from the top of its file system, as mountinfo shows what a bind mount shows. Linux: show_path(), dentry_path().
  func nameInFileSystem(_ node: Node) -> [UInt8] {
    var (node, names) = (node, [[UInt8]]())
    var isDeleted = false
    while true {
      switch node {
      case .inode(let id):
        let inode = state.inodes[id]
        guard let parent = inode.parent else { return joined(names, isDeleted) }
        if inode.links == 0 { isDeleted = true }
        names.append(inode.name)
        node = .inode(parent)
      case .synthetic(let entry):
        if SyntheticTree.parent(entry) == entry { return joined(names, isDeleted) }
        names.append(SyntheticTree.name(entry))
        node = .synthetic(SyntheticTree.parent(entry))
      }
    }
  }
  private func joined(_ names: [[UInt8]], _ isDeleted: Bool) -> [UInt8] {
    (names.isEmpty ? [slash] : names.reversed().flatMap { [slash] + $0 }) + Array((isDeleted ? "//deleted" : "").utf8)
  }

  // MARK: Users

  /// Whether a mount cannot be unmounted: it is used, or another mount lies in it. Linux: propagate_mount_busy().
  func isBusy(_ id: MountID) -> Bool { isUsed(id) || state.mounts.firstID { $0.point?.mount == id } != nil }

  /// Whether something in a mount is in use: an open file, a working directory, or a mapping if it is the last mount of its file system.
  private func isUsed(_ id: MountID) -> Bool {
    state.open.firstID { $0.path.mount == id } != nil
      || state.contexts.firstID { $0.workingDirectory.mount == id || $0.root?.mount == id } != nil
      || state.superblock(of: state.mounts[id]).mounts == 1 && hasMappings(state.mounts[id].superblock) { $0.mappings > 0 }
  }

  /// A mount and all those in it, each behind the one in which it lies.
  private func tree(_ id: MountID) -> [MountID] {
    [id] + state.mounts.ids.filter { state.mounts[$0].point?.mount == id }.flatMap { tree($0) }
  }

  /// Takes a mount out of the tree, and those in it out of it. Each ends with its last user. Linux: umount_tree() of a lazy unmount,
  /// disconnect_mount().
  func detach(_ el1: EL1Interface, _ id: MountID) {
    if state.mounts[id].point == nil { return }
    for member in tree(id) {
      leaveGroups(member)
      state.mounts[member].isDetached = true
      state.detachedMounts += 1
    }
    for member in tree(id).reversed() {
      guard let point = state.mounts[member].point else { continue }
      state.mountPoints[point] = nil
      state.mounts[member].point = nil
      release(el1, point)
    }
    endDetached(el1)
  }

  /// A mount that leaves the tree shares nothing any more.
  func leaveGroups(_ id: MountID) { setPropagation(id, .PRIVATE) }

  /// Removes the detached mounts that have no user any more.
  func endDetached(_ el1: EL1Interface) {
    if state.detachedMounts == 0 { return }
    for id in state.mounts.ids where state.mounts.contains(id) && state.mounts[id].isDetached {
      if isUsed(id) { continue }
      removeMount(el1, id)
      state.detachedMounts -= 1
    }
  }
}
