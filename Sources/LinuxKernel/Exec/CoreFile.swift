// Owns the layout of a core file: the ELF header, the notes about threads and process, and a segment for each mapping. It does not know
// how the memory behind a segment is read. Linux: fs/binfmt_elf.c elf_core_dump(), include/linux/elfcore.h.
import LinuxMM

struct CoreFile {
  let threads: [(task: Task, registers: SavedRegisters)]
  let process: Process
  let name: [UInt8]
  let signal: SignalInfo
  /// coredump_filter.
  let filter: UInt32
  /// The mappings of files.
  let files: [MappedFile]

  struct MappedFile {
    let area: VMArea
    let name: [UInt8]
  }

  private enum Note {
    static let PRSTATUS: UInt32 = 1, FPREGSET: UInt32 = 2, PRPSINFO: UInt32 = 3, AUXV: UInt32 = 6, SIGINFO: UInt32 = 0x5349_4749
    static let FILE: UInt32 = 0x4649_4c45, ARM_TLS: UInt32 = 0x401
  }

  /// The part of a mapping that a core has.
  enum Part { case nothing, firstPage, firstPageOfELF, whole }

  /// The part that the filter asks for: all of the kinds that it names, and of other files the first page, in which debuggers look for the
  /// build's identification, if the file can be executed or is ELF. The mappings of the kernel's own pages are always whole. `isNameless`
  /// says whether the mapped file has no name any more, and `isExecutable` whether it may be executed. Linux: vma_dump_size().
  func part(of area: VMArea, isNameless: Bool, isExecutable: Bool) -> Part {
    func has(_ bit: UInt32) -> Bool { filter >> bit & 1 != 0 }
    if area.isSpecialMapping { return .whole }
    if area.flags.contains(.DONTDUMP) { return .nothing }
    if area.flags.contains(.HUGETLB) { return has(area.flags.contains(.SHARED) ? 6 : 5) ? .whole : .nothing }
    if area.flags.contains(.IO) { return .nothing }
    if area.flags.contains(.SHARED) { return has(isNameless ? 1 : 3) ? .whole : .nothing }
    if area.anonVMA != .none && has(0) { return .whole }
    if area.isAnonymous { return .nothing }
    if has(2) { return .whole }
    if !has(4) || area.pageOffset != 0 || !area.flags.contains(.READ) { return .nothing }
    return isExecutable ? .firstPage : .firstPageOfELF
  }

  /// Everything before the first segment's contents, which begin at a page's start. Each area has the size in bytes that is in the core.
  func head(_ areas: [(area: VMArea, size: UInt64)]) -> [UInt8] {
    let notes = self.notes
    let table = 64 + 56 * (areas.count + 1)
    var bytes: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    // ET_CORE for EM_AARCH64, version 1; no entry; the program headers follow; no sections.
    bytes += words16(4, 183) + words32(1) + words64(0, 64, 0) + words32(0) + words16(64, 56, UInt16(clamping: areas.count + 1), 0, 0, 0)
    bytes += words32(4, 0) + words64(UInt64(table), 0, 0, UInt64(notes.count), 0, 4)
    var offset = UInt64(table + notes.count + 4095) & ~4095
    for (area, size) in areas {
      let access = area.flags.rawValue
      let flags = UInt32((access & 1) << 2 | access & 2 | (access & 4) >> 2)
      bytes += words32(1, flags) + words64(offset, area.start, 0, size, area.end - area.start, 4096)
      offset += size
    }
    bytes += notes
    return bytes + [UInt8](repeating: 0, count: (4096 - bytes.count % 4096) % 4096)
  }

  private var notes: [UInt8] {
    var bytes: [UInt8] = []
    for (index, thread) in threads.enumerated() {
      bytes += note(Note.PRSTATUS, status(thread.task, thread.registers))
      if index == 0 {
        bytes += note(Note.PRPSINFO, information) + note(Note.SIGINFO, SignalFrame.information(signal))
        bytes += note(Note.AUXV, process.auxiliary.flatMap { words64($0) })
        if !files.isEmpty { bytes += note(Note.FILE, mappedFiles) }
      }
      let registers = thread.registers
      bytes += note(
        Note.FPREGSET,
        registers.vectors + words32(UInt32(truncatingIfNeeded: registers[.FPSR]), UInt32(truncatingIfNeeded: registers[.FPCR]), 0, 0))
      bytes += note(Note.ARM_TLS, words64(registers[.TPIDR_EL0]), owner: "LINUX")
    }
    return bytes
  }

  /// `owner` has four or five letters, so that it takes eight bytes with its end.
  private func note(_ type: UInt32, _ contents: [UInt8], owner: String = "CORE") -> [UInt8] {
    let padding = [UInt8](repeating: 0, count: (4 - contents.count % 4) % 4)
    let name = Array(owner.utf8) + [UInt8](repeating: 0, count: 8 - owner.utf8.count)
    return words32(UInt32(owner.utf8.count + 1), UInt32(contents.count), type) + name + contents + padding
  }

  /// The mapped files: their number, the size of a page, ranges with their offsets in pages, then the names. Linux: fill_files_note().
  private var mappedFiles: [UInt8] {
    words64(UInt64(files.count), 4096) + files.flatMap { words64($0.area.start, $0.area.end, $0.area.pageOffset) }
      + files.flatMap { $0.name + [0] }
  }

  /// struct elf_prstatus: the signal, the masks, the ids, times, X0 to X30, SP, PC and PSTATE.
  private func status(_ task: Task, _ registers: SavedRegisters) -> [UInt8] {
    let pending = task.pending.reduce(0 as UInt64) { $0 | 1 << UInt64($1.signal - 1) }
    var bytes = words32(UInt32(bitPattern: signal.signal), UInt32(bitPattern: signal.code), 0)
    bytes += words32(UInt32(bitPattern: signal.signal)) + words64(pending, task.blocked)
    bytes += words32(id(task.id), 0, id(process.group), id(process.session))
    let seconds = task.runTime / 1_000_000_000
    bytes += words64(seconds, task.runTime % 1_000_000_000 / 1000, 0, 0, 0, 0, 0, 0)
    bytes += registers.general.flatMap { words64($0) } + words64(registers[.SP_EL0], registers[.ELR_EL1], registers[.SPSR_EL1])
    return bytes + words32(1, 0)
  }

  /// struct elf_prpsinfo: the state, ids, the name and the start of the arguments.
  private var information: [UInt8] {
    func text(_ bytes: [UInt8], _ size: Int) -> [UInt8] {
      let kept = bytes.prefix(size - 1)
      return kept + [UInt8](repeating: 0, count: size - kept.count)
    }
    let arguments = process.arguments.dropLast().map { $0 == 0 ? UInt8(ascii: " ") : $0 }
    return [0, UInt8(ascii: "R"), 0, 0, 0, 0, 0, 0] + words64(0) + words32(0, 0)
      + words32(id(process.id), 0, id(process.group), id(process.session)) + text(name, 16) + text(arguments, 80)
  }

  private func id(_ id: TaskID) -> UInt32 { UInt32(bitPattern: id.rawValue) }
  private func words16(_ values: UInt16...) -> [UInt8] { values.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] } }
  private func words32(_ values: UInt32...) -> [UInt8] {
    values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  }
  private func words64(_ values: UInt64...) -> [UInt8] {
    values.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  }
}
