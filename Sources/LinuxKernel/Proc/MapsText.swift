// Owns the lines of /proc/PID/maps and the blocks of smaps: their columns, names and letters.
// It does not know how pages are counted: LinuxMM does. Linux: fs/proc/task_mmu.c.
import Architecture
import LinuxMM

extension Kernel {
  /// Every VMA, a line each.
  func mapsText(_ task: TaskSlot) -> [UInt8] {
    let space = mm.state[state.tasks[task].mm]
    return space.vmas.flatMap { mapsLine(task, space, $0) }
  }

  /// The line of a VMA of the running task, without what ends it.
  public func mapsLine(_ vma: VMArea) -> String {
    let task = state.current
    let line = mapsLine(task, mm.state[state.tasks[task].mm], vma)
    let end = line.lastIndex { $0 > UInt8(ascii: " ") } ?? line.startIndex
    return String(decoding: line[...end], as: UTF8.self)
  }

  /// `start-end rwxp offset device inode name`; the name stands in column 74, and a line without one ends in a blank.
  /// Linux: show_map_vma().
  private func mapsLine(_ task: TaskSlot, _ space: MM, _ vma: VMArea) -> [UInt8] {
    let letters =
      (vma.flags.contains(.READ) ? "r" : "-") + (vma.flags.contains(.WRITE) ? "w" : "-") + (vma.flags.contains(.EXEC) ? "x" : "-")
      + (vma.flags.contains(.MAYSHARE) ? "s" : "p")
    var line = "\(hex(vma.start, 8))-\(hex(vma.end, 8)) \(letters) "
    var name: [UInt8] = []
    if vma.isAnonymous {
      line += "00000000 00:00 0 "
      name = Array(anonymousName(task, space, vma).utf8)
    } else {
      let file = mm.state.files[vma.file]
      line += "\(hex(vma.pageOffset << 12, 8)) \(hex(UInt64(file.device.major), 2)):\(hex(UInt64(file.device.minor), 2)) \(file.inode) "
      // A line is a line: what would end it is written as an escape. Linux: seq_path() with "\n".
      name = file.name.utf8.flatMap { $0 == UInt8(ascii: "\n") ? Array("\\012".utf8) : [$0] }
    }
    var bytes = Array(line.utf8)
    if !name.isEmpty {
      while bytes.count < 73 { bytes.append(UInt8(ascii: " ")) }
      bytes += name
    }
    return bytes + [UInt8(ascii: "\n")]
  }

  private func anonymousName(_ task: TaskSlot, _ space: MM, _ vma: VMArea) -> String {
    switch vma.purpose {
    case .vdso: "[vdso]"
    case .stack: "[stack]"
    case .program: state[state.tasks[task].process].executable
    case .anonymous, .heap: space.isHeap(vma) ? "[heap]" : ""
    }
  }

  /// Lower-case digits, at least so many.
  private func hex(_ value: UInt64, _ width: Int) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  // MARK: smaps

  /// Every VMA with what is resident of it. Linux: show_smap().
  func smapsText(_ el1: EL1Interface, _ task: TaskSlot) -> [UInt8] {
    let id = state.tasks[task].mm
    let space = mm.state[id]
    var text: [UInt8] = []
    for vma in space.vmas {
      let counts = mm.residency(el1, id, vma)
      let page: UInt64 = vma.flags.contains(.HUGETLB) ? mm.hugetlbPageSize(vma) : 4096
      text += mapsLine(task, space, vma)
      text += smapsLine("Size", vma.end - vma.start) + smapsLine("KernelPageSize", page) + smapsLine("MMUPageSize", page)
      text += residencyLines(counts, isSum: false)
      text += Array("THPeligible:           \(mm.isEligibleForHugePages(id, vma) ? 1 : 0)\n".utf8)
      text += Array("VmFlags: \(VMFlagLetters.text(vma.flags))\n".utf8)
    }
    return text
  }

  /// All VMAs as one. Linux: show_smaps_rollup().
  func smapsRollupText(_ el1: EL1Interface, _ task: TaskSlot) -> [UInt8] {
    let id = state.tasks[task].mm
    let vmas = mm.vmas(id)
    var counts = Residency()
    for vma in vmas { counts = mm.residency(el1, id, vma, addedTo: counts) }
    let range = "\(hex(vmas.first?.start ?? 0, 8))-\(hex(vmas.last?.end ?? 0, 8)) ---p 00000000 00:00 0 "
    let head = Array(range.utf8) + [UInt8](repeating: UInt8(ascii: " "), count: max(0, 73 - range.utf8.count))
    return head + Array("[rollup]\n".utf8) + residencyLines(counts, isSum: true)
  }

  /// Linux: __show_smap().
  private func residencyLines(_ counts: Residency, isSum: Bool) -> [UInt8] {
    var rows: [(String, UInt64)] = [("Rss", counts.resident), ("Pss", counts.pss), ("Pss_Dirty", counts.pssDirty)]
    if isSum { rows += [("Pss_Anon", counts.pssAnonymous), ("Pss_File", counts.pssFile), ("Pss_Shmem", counts.pssShmem)] }
    rows += [
      ("Shared_Clean", counts.sharedClean), ("Shared_Dirty", counts.sharedDirty), ("Private_Clean", counts.privateClean),
      ("Private_Dirty", counts.privateDirty), ("Referenced", counts.referenced), ("Anonymous", counts.anonymous), ("KSM", 0),
      ("LazyFree", counts.lazyFree), ("AnonHugePages", counts.anonymousHuge), ("ShmemPmdMapped", 0), ("FilePmdMapped", 0),
      ("Shared_Hugetlb", counts.sharedHugetlb), ("Private_Hugetlb", counts.privateHugetlb), ("Swap", 0), ("SwapPss", 0),
      ("Locked", counts.locked),
    ]
    return rows.flatMap { smapsLine($0.0, $0.1) }
  }

  /// `Name:      12 kB`, the number right-aligned to column 24.
  private func smapsLine(_ name: String, _ bytes: UInt64) -> [UInt8] {
    let head = name + ":"
    let number = String(bytes >> 10)
    return Array((head + String(repeating: " ", count: max(1, 24 - head.count - number.count)) + number + " kB\n").utf8)
  }
}

/// The two letters of each flag in VmFlags, in the order of the bits. Linux: show_smap_vma_flags().
private enum VMFlagLetters {
  private static let rows: [(VMFlags, String)] = [
    (.READ, "rd"), (.WRITE, "wr"), (.EXEC, "ex"), (.SHARED, "sh"), (.MAYREAD, "mr"), (.MAYWRITE, "mw"), (.MAYEXEC, "me"),
    (.MAYSHARE, "ms"), (.GROWSDOWN, "gd"), (.MAYBE_GUARD, "gu"), (.LOCKED, "lo"), (.SEQ_READ, "sr"), (.RAND_READ, "rr"),
    (.DONTCOPY, "dc"), (.DONTEXPAND, "de"), (.LOCKONFAULT, "lf"), (.ACCOUNT, "ac"), (.NORESERVE, "nr"), (.HUGETLB, "ht"),
    (.WIPEONFORK, "wf"), (.DONTDUMP, "dd"), (.HUGEPAGE, "hg"), (.NOHUGEPAGE, "nh"), (.MERGEABLE, "mg"),
  ]

  static func text(_ flags: VMFlags) -> String { rows.filter { flags.contains($0.0) }.map { $0.1 + " " }.joined() }
}
