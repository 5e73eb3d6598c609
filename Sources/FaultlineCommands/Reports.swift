// Owns what `run` prints beside the program's own output: the line about a killed program, and `--stats`.
// It does not know where the numbers come from.
import Architecture
import Debugging
import Laboratory
import LinuxKernel
import Machine

/// The line about a process that a signal killed.
struct KillReport {
  let text: String

  /// The line about the first process, which ends the run.
  init(_ session: Session, signal: Int32) {
    let info = session.kernel.state.lastSignal
    let isOutOfMemory = session.kernel.state.outOfMemory
    text = "killed by \(Signal.name(signal))" + Self.reason(session, info?.signal == signal ? info : nil, isOutOfMemory: isOutOfMemory)
  }

  /// The line about another process, which the rest of the program outlives.
  init(_ session: Session, _ death: ProcessDeath) {
    let parent = death.parent.map { " (child of \($0.rawValue))" } ?? ""
    text =
      "process \(death.process.rawValue)\(parent) killed by \(Signal.name(death.signal))"
      + Self.reason(session, death.info, isOutOfMemory: death.isOutOfMemory)
  }

  /// Why, and where: the registers are those of the process that dies, but not where guest memory ran out.
  private static func reason(_ session: Session, _ info: SignalInfo?, isOutOfMemory: Bool) -> String {
    let el1 = session.processor.el1
    let pc = el1[.ELR_EL1]
    let place = " at pc \(hexadecimal(pc))"
    if isOutOfMemory { return ": out of guest memory\(place); give more with --memory" }
    // A signal that a process sent has nothing to do with the last exception.
    guard let info, info.code > 0 else { return place }
    let esr = ExceptionSyndrome(rawValue: el1[.ESR_EL1])
    if esr.isDataAbort || esr.isInstructionAbort {
      let access = esr.isInstructionAbort ? "fetch" : esr.isWrite ? "write" : "read"
      return ": \(access) at \(hexadecimal(el1[.FAR_EL1])), \(esr.faultStatus) (ESR \(hexadecimal(esr.rawValue)))\(place)"
    }
    if esr.exceptionClass == .unknown, let undefined = session.processor.undefinedInstructions.last(where: { $0.pc == pc }) {
      return ": \(undefined.text)\(place)"
    }
    if let name = esr.exceptionClass?.name, esr.exceptionClass != .SVC64 {
      return ": \(name) (ESR \(hexadecimal(esr.rawValue)))\(place)"
    }
    return place
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
        let name = SystemCallNames.name(number) ?? ""
        rows.append(("system call \(number) \(name): option \(option) (\(hexadecimal(option))) is not known here", count))
        continue
      }
      rows.append(("system call \(number) \(SystemCallNames.name(number) ?? "(no such call)"): not implemented, ENOSYS", count))
    }
    let width = rows.map { $0.0.count }.max()! + 2
    text = rows.map { $0.0 + String(repeating: " ", count: width - $0.0.count) + "\($0.1)\n" }.joined()
  }
}
