// Owns the options of a file system, the text that mount takes as its last argument: their names, values and limits.
// It does not know flags. Linux: shmem_fs_parameters of mm/shmem.c, hugetlb_fs_parameters of fs/hugetlbfs/inode.c.
import Architecture
import LinuxMM

/// What the options of a mount ask for. A limit of 0 means none.
struct MountOptions: Sendable {
  /// Permission bits of the root directory.
  var mode: UInt32?
  /// In bytes.
  var size: UInt64?
  var inodes: UInt64?
  /// The size of a huge page in bytes.
  var pageSize: UInt64?

  init() {}

  /// Reads the options of a file system. Throws EINVAL for unknown options and values. min_size of hugetlbfs is not modelled and throws
  /// EINVAL too. The only user is root, so other owners are not either.
  init(_ text: [UInt8], _ kind: FileSystemKind, total: UInt64, poolBytes: (UInt64) -> UInt64) throws(Errno) {
    var percent: UInt64?
    for option in text.split(separator: UInt8(ascii: ",")) {
      let parts = option.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      let (name, value) = (String(decoding: parts[0], as: UTF8.self), parts.count > 1 ? Array(parts[1]) : [])
      switch (name, kind) {
      case ("mode", .tmpfs), ("mode", .hugetlbfs): mode = UInt32(try Self.number(value, radix: 8)) & 0o1777
      case ("uid", .tmpfs), ("gid", .tmpfs), ("uid", .hugetlbfs), ("gid", .hugetlbfs):
        if try Self.number(value, radix: 10) != 0 { throw .EINVAL }
      case ("size", .tmpfs), ("size", .hugetlbfs):
        if value.last == UInt8(ascii: "%") { percent = try Self.number(value.dropLast(), radix: 10) } else { size = try Self.size(value) }
      case ("nr_blocks", .tmpfs): size = try Self.size(value) << 12
      case ("nr_inodes", .tmpfs), ("nr_inodes", .hugetlbfs): inodes = try Self.size(value)
      case ("inode32", .tmpfs), ("inode64", .tmpfs): break
      case ("pagesize", .hugetlbfs):
        let wanted = try Self.size(value)
        if !MemoryManager.hugePageSizes.contains(wanted) { throw .EINVAL }
        pageSize = wanted
      case (_, .proc), (_, .sysfs), (_, .ramfs), (_, .devtmpfs): break
      default: throw .EINVAL
      }
    }
    if let percent { size = (kind == .hugetlbfs ? poolBytes(pageSize ?? Layout48.hugePage) : total) * percent / 100 }
  }

  /// A whole number. Throws EINVAL.
  private static func number(_ digits: some Collection<UInt8>, radix: Int) throws(Errno) -> UInt64 {
    guard digits.count < 20, let number = UInt64(String(decoding: digits, as: UTF8.self), radix: radix), number < 1 << 40 else {
      throw .EINVAL
    }
    return number
  }

  /// A number with K, M, G behind it. Linux: memparse().
  private static func size(_ text: [UInt8]) throws(Errno) -> UInt64 {
    let shift: UInt64 =
      switch text.last {
      case UInt8(ascii: "k"), UInt8(ascii: "K"): 10
      case UInt8(ascii: "m"), UInt8(ascii: "M"): 20
      case UInt8(ascii: "g"), UInt8(ascii: "G"): 30
      default: 0
      }
    let number = try number(shift == 0 ? text : text.dropLast(), radix: 10)
    if number >= 1 << (62 - shift) { throw .EINVAL }
    return number << shift
  }
}

extension Files {
  /// Gives a new file system the limits that its options ask for.
  func apply(_ options: MountOptions, to superblock: inout Superblock) {
    switch superblock.kind {
    case .tmpfs, .devtmpfs:
      superblock.quota = mm.makeQuota(limit: options.size.map { $0 == 0 ? nil : Int(($0 + 0xfff) >> 12) } ?? mm.tmpfsLimit)
      superblock.inodeLimit = options.inodes.flatMap { $0 == 0 ? nil : Int($0) }
    case .hugetlbfs:
      superblock.pageSize = options.pageSize ?? Layout48.hugePage
      if let size = options.size { superblock.quota = mm.makeQuota(limit: Int(size / superblock.pageSize)) }
      superblock.inodeLimit = options.inodes.map { Int($0) }
    default: break
    }
    describe(options, &superblock)
  }

  /// The options as /proc/PID/mounts prints them. Linux: shmem_show_options(), hugetlbfs_show_options().
  private func describe(_ options: MountOptions, _ superblock: inout Superblock) {
    let mode = options.mode.map { ",mode=" + String($0, radix: 8) } ?? ""
    switch superblock.kind {
    case .tmpfs:
      let size = options.size.map { $0 == 0 ? "" : ",size=\(Self.kibibytes($0))k" } ?? ""
      superblock.optionText = size + (options.inodes.map { ",nr_inodes=\($0)" } ?? "") + (mode == ",mode=1777" ? "" : mode) + ",inode64"
    case .hugetlbfs:
      let (page, inodes) = (superblock.pageSize, options.inodes.map { ",nr_inodes=\($0)" } ?? "")
      let pageText = page >= 1 << 20 ? "\(page >> 20)M" : "\(page >> 10)K"
      superblock.optionText =
        (mode == ",mode=755" ? "" : mode) + inodes + ",pagesize=\(pageText)" + (options.size.map { ",size=\($0 / page * page)" } ?? "")
    default: break
    }
  }

  /// Changes the limits of a tmpfs that is mounted; other options of a remount are ignored. Throws EINVAL below what is in use. Linux:
  /// shmem_reconfigure().
  func reconfigure(_ id: SuperblockID, _ options: MountOptions) throws(Errno) {
    if state.superblocks[id].kind != .tmpfs { return }
    if let size = options.size {
      try mm.setQuota(state.superblocks[id].quota, limit: size == 0 ? nil : Int((size + 0xfff) >> 12))
      replaceOption("size", size == 0 ? nil : "\(Self.kibibytes(size))k", id)
    }
    if let inodes = options.inodes {
      if inodes != 0 && inodeCount(state.superblocks[id].device) > Int(inodes) { throw .EINVAL }
      state.superblocks[id].inodeLimit = inodes == 0 ? nil : Int(inodes)
      replaceOption("nr_inodes", "\(inodes)", id)
    }
  }

  /// A size in bytes as whole pages, in KiB.
  private static func kibibytes(_ bytes: UInt64) -> UInt64 { ((bytes + 0xfff) >> 12) * 4 }

  private func replaceOption(_ name: String, _ value: String?, _ id: SuperblockID) {
    var options = state.superblocks[id].optionText.split(separator: ",").filter { !$0.hasPrefix(name + "=") }.map { String($0) }
    if let value { options.insert("\(name)=\(value)", at: min(name == "size" ? 0 : 1, options.count)) }
    state.superblocks[id].optionText = options.map { "," + $0 }.joined()
  }
}
