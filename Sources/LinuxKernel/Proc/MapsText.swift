// Owns the lines of /proc/PID/maps and the blocks of smaps: their columns, names and letters.
// It does not know how pages are counted: LinuxMM does. Linux: fs/proc/task_mmu.c.
import Architecture
import LinuxMM

extension ProcFiles {
  /// The line of the VMA at or behind an address. Linux: m_start(), m_next(), show_map().
  func mapsRecord(_ task: TaskSlot, _ address: UInt64) -> SequenceRecord? {
    areaRecord(task, address) { text, space, vma in putLine(&text, task, space, vma) }
  }

  /// The text of the VMA at or behind an address, and the address at which the search for the next VMA starts. The profile decides whether
  /// that is the end of this VMA or the start that the next one has now. Linux: proc_get_vma().
  private func areaRecord(_ task: TaskSlot, _ address: UInt64, _ put: (inout TextBuilder, MM, VMArea) -> Void) -> SequenceRecord? {
    let space = mm[tasks[task].mm]
    guard let (vma, next) = space.areas(from: address) else { return nil }
    var text = TextBuilder()
    put(&text, space, vma)
    let place = configuration.profile.mapsGoOnAtTheEnd ? vma.end : next?.start
    return SequenceRecord(text: text.bytes, next: next == nil ? SequenceRecord.end : place ?? SequenceRecord.end)
  }

  /// The line of a VMA of the running task, without the newline.
  func mapsLine(_ vma: VMArea) -> String {
    let task = tasks.current
    var line = TextBuilder()
    putLine(&line, task, mm[tasks[task].mm], vma)
    let end = line.bytes.lastIndex { $0 > UInt8(ascii: " ") } ?? 0
    return String(decoding: line.bytes[...end], as: UTF8.self)
  }

  /// `start-end rwxp offset device inode name`; the name stands in column 74, and a line without one ends in a blank.
  /// Linux: show_map_vma().
  private func putLine(_ text: inout TextBuilder, _ task: TaskSlot, _ space: MM, _ vma: VMArea) {
    let start = text.bytes.count
    putRange(&text, vma.start, vma.end)
    for (flag, letter, without) in Self.letters { text.put(byte: vma.flags.contains(flag) ? letter : without) }
    text.put(" ")
    var name: [UInt8] = []
    if vma.isAnonymous || vma.isSpecialMapping {
      text.put("00000000 00:00 0 ")
      name = anonymousName(task, space, vma)
    } else {
      let file = mm.state.files[vma.file]
      text.hexadecimal(vma.pageOffset << 12, width: 8)
      text.put(" ")
      text.hexadecimal(UInt64(file.device.major), width: 2)
      text.put(":")
      text.hexadecimal(UInt64(file.device.minor), width: 2)
      text.put(" ")
      text.decimal(file.inode)
      text.put(" ")
      name = files.name(ofMapping: vma) ?? []
    }
    if !name.isEmpty {
      text.pad(from: start, to: 73)
      // A newline in a name is written as an escape, because it would end the line. Linux: seq_path() with "
      // ".
      for byte in name { if byte == UInt8(ascii: "\n") { text.put("\\012") } else { text.put(byte: byte) } }
    }
    text.put("\n")
  }

  private static let letters: [(VMFlags, UInt8, UInt8)] = [
    (.READ, UInt8(ascii: "r"), UInt8(ascii: "-")),
    (.WRITE, UInt8(ascii: "w"), UInt8(ascii: "-")),
    (.EXEC, UInt8(ascii: "x"), UInt8(ascii: "-")),
    (.MAYSHARE, UInt8(ascii: "s"), UInt8(ascii: "p")),
  ]

  private func putRange(_ text: inout TextBuilder, _ start: UInt64, _ end: UInt64) {
    text.hexadecimal(start, width: 8)
    text.put("-")
    text.hexadecimal(end, width: 8)
    text.put(" ")
  }

  private func anonymousName(_ task: TaskSlot, _ space: MM, _ vma: VMArea) -> [UInt8] {
    switch vma.purpose {
    case .vvar: Array("[vvar]".utf8)
    case .vdso: Array("[vdso]".utf8)
    case .stack: Array("[stack]".utf8)
    case .program: tasks[tasks[task].process].executable
    case .anonymous, .heap: space.isHeap(vma) ? Array("[heap]".utf8) : []
    }
  }

  // MARK: smaps

  /// The block of the VMA at or behind an address: its line of maps, and the sizes of its resident parts. Linux: show_smap().
  func smapsRecord(_ el1: EL1Interface, _ task: TaskSlot, _ address: UInt64) -> SequenceRecord? {
    areaRecord(task, address) { text, space, vma in
      let id = tasks[task].mm
      let counts = mm.residency(el1, id, vma)
      let page: UInt64 = vma.flags.contains(.HUGETLB) ? mm.hugetlbPageSize(vma) : 4096
      putLine(&text, task, space, vma)
      putSize(&text, "Size", vma.end - vma.start)
      putSize(&text, "KernelPageSize", page)
      putSize(&text, "MMUPageSize", page)
      putResidency(&text, counts, isSum: false)
      text.put("THPeligible:           ")
      text.put(mm.isEligibleForHugePages(id, vma) ? "1\nVmFlags: " : "0\nVmFlags: ")
      VMFlagLetters.put(&text, vma.flags)
      text.put("\n")
    }
  }

  /// The block for all VMAs together. Linux: show_smaps_rollup().
  func smapsRollupText(_ el1: EL1Interface, _ task: TaskSlot) -> [UInt8] {
    let id = tasks[task].mm
    let vmas = mm[id].vmas
    var counts = Residency()
    for vma in vmas { counts = mm.residency(el1, id, vma, addedTo: counts) }
    var text = TextBuilder()
    putRange(&text, vmas.first?.start ?? 0, vmas.last?.end ?? 0)
    text.put("---p 00000000 00:00 0 ")
    text.pad(to: 73)
    text.put("[rollup]\n")
    putResidency(&text, counts, isSum: true)
    return text.bytes
  }

  /// Linux: __show_smap().
  private func putResidency(_ text: inout TextBuilder, _ counts: Residency, isSum: Bool) {
    putSize(&text, "Rss", counts.resident)
    putSize(&text, "Pss", counts.pss)
    putSize(&text, "Pss_Dirty", counts.pssDirty)
    if isSum {
      putSize(&text, "Pss_Anon", counts.pssAnonymous)
      putSize(&text, "Pss_File", counts.pssFile)
      putSize(&text, "Pss_Shmem", counts.pssShmem)
    }
    putSize(&text, "Shared_Clean", counts.sharedClean)
    putSize(&text, "Shared_Dirty", counts.sharedDirty)
    putSize(&text, "Private_Clean", counts.privateClean)
    putSize(&text, "Private_Dirty", counts.privateDirty)
    putSize(&text, "Referenced", counts.referenced)
    putSize(&text, "Anonymous", counts.anonymous)
    putSize(&text, "KSM", 0)
    putSize(&text, "LazyFree", counts.lazyFree)
    putSize(&text, "AnonHugePages", counts.anonymousHuge)
    putSize(&text, "ShmemPmdMapped", counts.sharedHuge)
    putSize(&text, "FilePmdMapped", 0)
    putSize(&text, "Shared_Hugetlb", counts.sharedHugetlb)
    putSize(&text, "Private_Hugetlb", counts.privateHugetlb)
    putSize(&text, "Swap", 0)
    putSize(&text, "SwapPss", 0)
    putSize(&text, "Locked", counts.locked)
  }

  /// `Name:      12 kB`, the number right-aligned to column 24.
  private func putSize(_ text: inout TextBuilder, _ name: StaticString, _ bytes: UInt64) {
    text.put(name)
    text.put(":")
    text.decimal(bytes >> 10, width: 23 - name.utf8CodeUnitCount)
    text.put(" kB\n")
  }
}

/// The two letters of each flag in VmFlags, in the order of the bits. Linux: show_smap_vma_flags().
private enum VMFlagLetters {
  private static let rows: [(VMFlags, StaticString)] = [
    (.READ, "rd"), (.WRITE, "wr"), (.EXEC, "ex"), (.SHARED, "sh"), (.MAYREAD, "mr"), (.MAYWRITE, "mw"), (.MAYEXEC, "me"),
    (.MAYSHARE, "ms"), (.GROWSDOWN, "gd"), (.PFNMAP, "pf"), (.MAYBE_GUARD, "gu"), (.LOCKED, "lo"), (.IO, "io"), (.SEQ_READ, "sr"),
    (.RAND_READ, "rr"),
    (.DONTCOPY, "dc"), (.DONTEXPAND, "de"), (.LOCKONFAULT, "lf"), (.ACCOUNT, "ac"), (.NORESERVE, "nr"), (.HUGETLB, "ht"), (.BTI, "bt"),
    (.WIPEONFORK, "wf"), (.DONTDUMP, "dd"), (.MIXEDMAP, "mm"), (.HUGEPAGE, "hg"), (.NOHUGEPAGE, "nh"), (.MERGEABLE, "mg"),
    (.DROPPABLE, "dp"), (.SEALED, "sl"),
  ]

  static func put(_ text: inout TextBuilder, _ flags: VMFlags) {
    for (flag, letters) in rows where flags.contains(flag) {
      text.put(letters)
      text.put(" ")
    }
  }
}
