// Owns the texts of the files of /proc that are about the whole system and not about memory. It does not know how they are opened. Linux:
// fs/proc, arch/arm64/kernel/cpuinfo.c.
import Architecture
import LinuxMM

extension ProcFiles {
  func versionText() -> [UInt8] {
    line("Linux version \(configuration.profile.release) \(KernelProfile.builder) \(configuration.profile.build)")
  }

  /// The seconds since the start and the seconds without a running task, each with two decimal places.
  func uptimeText() -> [UInt8] {
    func seconds(_ nanoseconds: UInt64) -> String {
      let hundredths = nanoseconds / 10_000_000
      let fraction = hundredths % 100
      return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }
    return line("\(seconds(now)) \(seconds(tasks.idleNanoseconds))")
  }

  /// The kinds of control groups; each has only its root. Linux: proc_cgroupstats_show().
  func controllersText() -> [UInt8] {
    let names = Self.controllers.filter { configuration.profile.hasFirstMemoryGroups || !["cpuset", "memory"].contains($0) }
    return line("#subsys_name\thierarchy\tnum_cgroups\tenabled") + names.flatMap { line("\($0)\t0\t1\t1") }
  }
  private static let controllers = [
    "cpuset", "cpu", "cpuacct", "blkio", "memory", "devices", "freezer", "net_cls", "perf_event", "net_prio", "hugetlb", "pids", "rdma",
    "misc",
  ]

  /// The control groups of a task. No hierarchy is mounted, so there is none. Linux: proc_cgroup_show().
  func cgroupText() -> [UInt8] { [] }

  func fileSystemsText() -> [UInt8] {
    Array(["sysfs", "tmpfs", "devtmpfs", "proc", "pipefs", "ramfs", "hugetlbfs"].map { "nodev\t\($0)\n" }.joined().utf8)
  }

  /// The line of the first mount whose number is at least `record` and that lies below the running task's root, in the order of mounting.
  /// Linux: m_start(), show_vfsmnt().
  func mountRecord(_ record: UInt64) -> SequenceRecord? {
    let mounts = fileState.mounts.all.map { (id: $0.id, mount: $0.element) }.filter { $0.mount.number >= record }
    for (id, mount) in mounts.sorted(by: { $0.mount.number < $1.mount.number }) {
      let (name, isReachable) = files.nameAndReach(of: Path(mount: id, node: mount.root))
      if !isReachable { continue }
      var text = TextBuilder()
      text.put(mount.source)
      text.put(" ")
      text.put(name)
      let superblock = fileState.superblock(of: mount)
      let flags = MountFlags.text(mount: mount.flags, superblock: superblock.flags)
      text.put(Array(" \(superblock.kind.rawValue) \(flags)\(superblock.optionText) 0 0\n".utf8))
      return SequenceRecord(text: text.bytes, next: mount.number + 1)
    }
    return nil
  }

  /// Linux: show_vfsstat().
  func mountStatistics(_ record: UInt64) -> SequenceRecord? {
    let mounts = fileState.mounts.all.map { (id: $0.id, mount: $0.element) }.filter { $0.mount.number >= record }
    for (id, mount) in mounts.sorted(by: { $0.mount.number < $1.mount.number }) {
      let (name, isReachable) = files.nameAndReach(of: Path(mount: id, node: mount.root))
      if !isReachable { continue }
      let kind = fileState.superblock(of: mount).kind.rawValue
      let text = Array("device ".utf8) + mount.source + Array(" mounted on ".utf8) + name + line(" with fstype \(kind)")
      return SequenceRecord(text: text, next: mount.number + 1)
    }
    return nil
  }

  /// What the first namespaces, which all tasks share, map and shift.
  func namespaceText(_ name: String) -> [UInt8] {
    switch name {
    case "setgroups": line("allow")
    case "timens_offsets": line("monotonic           0         0\nboottime            0         0")
    default: line("         0          0 4294967295")
    }
  }

  /// The line of mountinfo of the same mount. Linux: show_mountinfo().
  func mountInformation(_ record: UInt64) -> SequenceRecord? {
    let mounts = fileState.mounts.all.map { (id: $0.id, mount: $0.element) }.filter { $0.mount.number >= record }
    for (id, mount) in mounts.sorted(by: { $0.mount.number < $1.mount.number }) {
      let (name, isReachable) = files.nameAndReach(of: Path(mount: id, node: mount.root))
      if !isReachable { continue }
      let superblock = fileState.superblock(of: mount)
      let first = 21
      let parent = mount.point.map { $0.mount.rawValue + first } ?? 1
      var text = TextBuilder()
      text.put(Array("\(id.rawValue + first) \(parent) \(superblock.device.major):\(superblock.device.minor) ".utf8))
      text.put(files.nameInFileSystem(mount.root))
      text.put(" ")
      text.put(name)
      text.put(Array(" \(MountFlags.text(mount: mount.flags, superblock: []))".utf8))
      if let peers = mount.peers { text.put(Array(" shared:\(peers)".utf8)) }
      if let master = mount.master { text.put(Array(" master:\(master)".utf8)) }
      if mount.isUnbindable { text.put(" unbindable") }
      text.put(Array(" - \(superblock.kind.rawValue) ".utf8))
      text.put(mount.source)
      text.put(Array(" \(superblock.flags.contains(.RDONLY) ? "ro" : "rw")\(superblock.optionText)\n".utf8))
      return SequenceRecord(text: text.bytes, next: mount.number + 1)
    }
    return nil
  }

  /// The load is not measured. The last two fields are the ready and all tasks, and the last id. Linux: loadavg_proc_show().
  func loadText() -> [UInt8] {
    line("0.00 0.00 0.00 \(tasks.runQueue.count + 1)/\(tasks.liveTasks) \(tasks.lastID)")
  }

  /// The words of a file with 64 bits for each page frame. Throws EINVAL if offset or count are not multiples of a word. Linux:
  /// kpage_read().
  func frameWords(_ offset: UInt64, _ count: Int, _ word: (UInt64) -> UInt64) throws(Errno) -> [UInt8] {
    if offset & 7 != 0 || count & 7 != 0 { throw .EINVAL }
    let (first, end) = (offset >> 3, mm.frameEnd)
    if first >= end { return [] }
    return (first..<min(end, first + UInt64(count) >> 3)).flatMap { frame in
      let value = word(frame)
      return (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
  }

  /// A random number in the form of a UUID. It is the same in every read of a run.
  func bootIdentifier() -> [UInt8] {
    var generator = SplitMix64(seed: configuration.seed ^ 0xb007)
    var bytes = generator.bytes(16)
    bytes[6] = bytes[6] & 0x0f | 0x40
    bytes[8] = bytes[8] & 0x3f | 0x80
    let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return line([0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }.joined(separator: "-"))
  }

  /// The text of cpuinfo for one processor. BogoMIPS is twice the counter's frequency of 1 GHz. Linux: c_show().
  func processorText(_ el1: EL1Interface) -> [UInt8] {
    let midr = el1.read(.MIDR_EL1)
    func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
    let part = String(midr >> 4 & 0xfff, radix: 16)
    return Array(
      """
      processor\t: 0
      BogoMIPS\t: 2000.00
      Features\t: \(HardwareCapabilities.names(configuration.features).joined(separator: " "))
      CPU implementer\t: 0x\(midr >> 24 & 0xff < 16 ? "0" : "")\(String(midr >> 24 & 0xff, radix: 16))
      CPU architecture: 8
      CPU variant\t: \(hex(midr >> 20 & 15))
      CPU part\t: 0x\(String(repeating: "0", count: 3 - part.count))\(part)
      CPU revision\t: \(midr & 15)


      """.utf8)
  }
}
