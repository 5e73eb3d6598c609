// Owns what `run` prints beside the program's own output: the line about a killed program, and `--stats`.
// It does not know where the numbers come from.
import Architecture
import Debugging
import Laboratory
import LinuxKernel
import Machine

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The host's standard streams, without buffering.
enum Standard {
  static func output(_ text: String) { put(text, 1) }
  static func error(_ text: String) { put(text, 2) }
  /// Ends the process.
  static func leave(_ status: Int32) -> Never { exit(status) }
  private static func put(_ text: String, _ descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress!, $0.count) }
      if count <= 0 { return }
      bytes = bytes.dropFirst(count)
    }
  }
}

/// The line about a program that a signal killed.
struct KillReport {
  let text: String

  init(_ session: Session, signal: Int32) {
    let el1 = session.processor.el1
    var line = "killed by \(Signal.name(signal))"
    let pc = el1[.ELR_EL1]
    if session.kernel.state.outOfMemory {
      text = line + ": out of guest memory at pc \(hexadecimal(pc)); give more with --memory"
      return
    }
    if let info = session.kernel.state.lastSignal, info.signal == signal {
      let esr = ExceptionSyndrome(rawValue: el1[.ESR_EL1])
      if esr.isDataAbort || esr.isInstructionAbort {
        let access = esr.isInstructionAbort ? "fetch" : esr.isWrite ? "write" : "read"
        line += ": \(access) at \(hexadecimal(el1[.FAR_EL1])), \(esr.faultStatus) (ESR \(hexadecimal(esr.rawValue)))"
      } else if esr.exceptionClass == .unknown,
        let undefined = session.processor.undefinedInstructions.last(where: { $0.pc == pc })
      {
        line += ": \(undefined.text)"
      } else if let name = esr.exceptionClass?.name, esr.exceptionClass != .SVC64 {
        line += ": \(name) (ESR \(hexadecimal(esr.rawValue)))"
      }
    }
    text = line + " at pc \(hexadecimal(pc))"
  }
}

extension UndefinedInstruction {
  /// The text, as in `undefined instruction 1e222820 (fadd s0, s1, s2)`.
  var text: String { "undefined instruction \(bareHexadecimal(UInt64(word), digits: 8)) (\(InstructionText.describe(word, at: pc)))" }
}

/// What `--stats` prints: names in one column, numbers in another.
struct StatisticsReport {
  let text: String

  init(_ session: Session) {
    let processor = session.processor.statistics
    let memory = session.kernel.mm.state.statistics
    var rows: [(String, UInt64)] = [("instructions", processor.instructions)]
    for (code, count) in processor.exceptions.enumerated() where count > 0 {
      let name = ExceptionClass(rawValue: UInt8(code))?.name ?? "unnamed"
      rows.append(("exceptions, EC \(hexadecimal(code)) \(name)", count))
    }
    for (name, counts) in [("data aborts", processor.dataAborts), ("instruction aborts", processor.instructionAborts)] {
      for (code, count) in counts.enumerated() where count > 0 {
        rows.append(("\(name), status \(hexadecimal(code)) \(FaultStatus(rawValue: UInt8(code)))", count))
      }
    }
    rows += [
      ("minor faults", memory.minorFaults), ("major faults", memory.majorFaults),
      ("  zero page mapped", memory.zeroPageFaults), ("  anonymous page allocated", memory.anonymousFaults),
      ("  huge zero page mapped", memory.hugePages.zeroPageFaults), ("  huge page allocated", memory.hugePages.faultAlloc),
      ("  huge page reused", memory.hugePages.reuses), ("  zero page replaced", memory.zeroPageCopies), ("  page copied", memory.copies),
      ("  page reused", memory.reuses), ("  page of a file mapped", memory.fileFaults),
      ("  access flag or dirty state set", memory.accessFlagFaults), ("  spurious", memory.spuriousFaults),
      ("translation table walks", processor.walks), ("TLB refills", processor.tlbRefills),
      ("TLB maintenance instructions", processor.tlbInvalidations),
      ("page tables allocated", memory.pageTablesAllocated), ("page tables freed", memory.pageTablesFreed),
      ("pages allocated", memory.pagesAllocated), ("pages freed", memory.pagesFreed),
      ("system calls", session.kernel.state.systemCalls.total),
    ]
    for undefined in session.processor.undefinedInstructions {
      rows.append(("\(undefined.text) at pc \(hexadecimal(undefined.pc))", undefined.count))
    }
    for (number, option, count) in session.kernel.state.systemCalls.unknown {
      if let option {
        rows.append(("system call \(number) \(SystemCallNames.name(number) ?? ""): option \(option) is not implemented, EINVAL", count))
        continue
      }
      rows.append(("system call \(number) \(SystemCallNames.name(number) ?? "(no such call)"): not implemented, ENOSYS", count))
    }
    let width = rows.map { $0.0.count }.max()! + 2
    text = rows.map { $0.0 + String(repeating: " ", count: width - $0.0.count) + "\($0.1)\n" }.joined()
  }
}
