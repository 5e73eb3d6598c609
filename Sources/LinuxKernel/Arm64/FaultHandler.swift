// Owns arm64's part of the fault path: from ESR and FAR to handle_mm_fault, or to a signal with the right ESR record.
// It does not know signal delivery or page tables. Linux: arch/arm64/mm/fault.c.
import Architecture
import LinuxMM

/// The outcome of an abort.
enum AbortOutcome {
  /// Return to the instruction: it runs again.
  case resume
  /// Send a signal, and keep these values for the signal frame. A fault code of 0 means that the frame has no ESR record.
  case signal(SignalInfo, faultAddress: UInt64, faultCode: UInt64)
  /// There is no RAM left, so the OOM killer must run.
  case outOfMemory
  /// A kernel access cannot be served, so the exception table must handle it.
  case fixup
}

/// An abort on its way through the handlers: its syndrome and addresses, and the task and address space that it is about.
struct Abort {
  let mm: MMID
  let task: TaskID
  /// FAR_EL1, with the address's tag.
  let far: UInt64
  let esr: ExceptionSyndrome
  let userMode: Bool

  @inline(__always) var address: UInt64 { VirtualAddress(far).untagged.rawValue }
}

/// The abort handlers of one kernel: a service over memory management that counts in the kernel's state.
struct FaultHandler {
  let box: KernelBox
  let mm: MemoryManager
  let policy: AtomicFaultPolicy

  /// Linux: do_mem_abort().
  @inline(__always)
  func doMemAbort(_ el1: EL1Interface, _ abort: Abort) -> AbortOutcome {
    let row = FaultTable.rows[Int(abort.esr.faultStatus.rawValue)]
    if row.handler == .page || row.handler == .translation && abort.address < Layout48.taskSize { return doPageFault(el1, abort) }
    return refuse(abort, row)
  }

  /// Handles an abort that no page can serve.
  private func refuse(_ abort: Abort, _ row: FaultTableRow) -> AbortOutcome {
    let esr = abort.esr
    switch row.handler {
    case .page, .translation, .alignment, .tagCheck:
      return badArea(abort, row)
    case .bad, .externalAbort:
      if !abort.userMode { return .fixup }
      if row.signal == Signal.SIGKILL {
        return .signal(
          SignalInfo(signal: Signal.SIGKILL, code: SignalCode.SI_KERNEL, address: 0, isForcedKill: true), faultAddress: 0,
          faultCode: esr.rawValue)
      }
      let siAddress = row.handler == .externalAbort && esr.isFaultAddressInvalid ? 0 : abort.address
      return .signal(SignalInfo(signal: row.signal, code: row.code, address: siAddress), faultAddress: 0, faultCode: esr.rawValue)
    }
  }

  /// Makes its checks in Linux's order. Linux: do_page_fault().
  private func doPageFault(_ el1: EL1Interface, _ abort: Abort) -> AbortOutcome {
    let (id, task, address, esr, userMode) = (abort.mm, abort.task, abort.address, abort.esr, abort.userMode)
    var flags = FaultFlags.DEFAULT
    if userMode { flags.insert(.USER) }
    // Cache maintenance reports WnR = 1 but is served as a read.
    var needed: VMFlags
    if esr.classCode == ExceptionClass.instructionAbortLower.rawValue {
      needed = .EXEC
      flags.insert(.INSTRUCTION)
    } else if esr.isWrite && !esr.isCacheMaintenance {
      needed = .WRITE
      flags.insert(.WRITE)
    } else {
      // Write permission implies read permission, and so does execute permission without EPAN.
      needed = mm.configuration.features.epan ? [.READ, .WRITE] : [.READ, .WRITE, .EXEC]
    }
    box.kernel.perfPageFaults &+= 1
    if userMode {
      if let vma = mm.lockVMAUnderRCU(el1, id, address) {
        // The patch: the read fault of an atomic continues as a write fault. A write or a fetch is never changed. A changed fault
        // stays a write fault when it is retried.
        if flags.isDisjoint(with: [.WRITE, .INSTRUCTION]) && policy.looksAtInstruction(vma, needed: needed) && isAtomicInstruction(el1) {
          needed = .WRITE
          flags.insert(.WRITE)
        }
        if vma.flags.isDisjoint(with: needed) {
          mm.unlockVMA(el1, vma)
          return segmentationFault(SignalCode.SEGV_ACCERR, abort)
        }
        let fault = mm.handleMMFault(el1, id, vma, address: address, flags: flags.union(.VMA_LOCK), task: task)
        if _fastPath(fault.isDisjoint(with: [.RETRY, .COMPLETED])) { mm.unlockVMA(el1, vma) }
        if _fastPath(fault.isEmpty) { return .resume }
        if !fault.contains(.RETRY) { return failed(fault, abort) }
        if fault.contains(.MAJOR) { flags.insert(.TRIED) }
      }
    }
    while true {
      guard let vma = mm.lockMMAndFindVMA(el1, id, address) else {
        return userMode ? segmentationFault(SignalCode.SEGV_MAPERR, abort) : .fixup
      }
      if vma.flags.isDisjoint(with: needed) {
        mm.unlockMM(el1, id)
        return userMode ? segmentationFault(SignalCode.SEGV_ACCERR, abort) : .fixup
      }
      let fault = mm.handleMMFault(el1, id, vma, address: address, flags: flags, task: task)
      if fault.isDisjoint(with: [.RETRY, .COMPLETED]) { mm.unlockMM(el1, id) }
      if !fault.contains(.RETRY) { return failed(fault, abort) }
      flags.insert(.TRIED)
    }
  }

  /// Reads the instruction for the patch. It is read as user data, so text that EL0 may only execute is never recognised. That read
  /// itself aborts, at EL1 and with page faults disabled, and the exception table ends it before any fault is counted.
  private func isAtomicInstruction(_ el1: EL1Interface) -> Bool {
    guard let word = el1.unprivilegedLoad(VirtualAddress(el1[.ELR_EL1]), size: 4) else {
      box.kernel.opcodeReadAborts &+= 1
      return false
    }
    return policy.matches(UInt32(truncatingIfNeeded: word))
  }

  private func failed(_ fault: VMFault, _ abort: Abort) -> AbortOutcome {
    if fault.isDisjoint(with: .ERROR) { return .resume }
    if fault.contains(.OOM) { return .outOfMemory }
    if !abort.userMode { return .fixup }
    if fault.contains(.SIGBUS) {
      return .signal(
        SignalInfo(signal: Signal.SIGBUS, code: SignalCode.BUS_ADRERR, address: abort.far), faultAddress: abort.address,
        faultCode: sanitised(abort))
    }
    if !fault.isDisjoint(with: [.HWPOISON, .HWPOISON_LARGE]) {
      let info = SignalInfo(
        signal: Signal.SIGBUS, code: SignalCode.BUS_MCEERR_AR, address: abort.far, addressLSB: fault.contains(.HWPOISON_LARGE) ? 21 : 12)
      return .signal(info, faultAddress: abort.address, faultCode: sanitised(abort))
    }
    return segmentationFault(SignalCode.SEGV_MAPERR, abort)
  }

  /// Makes a SIGSEGV. si_addr is FAR with its tag; delivery hides the tag from a handler that did not ask for it. The frame's fault_address
  /// has no tag.
  private func segmentationFault(_ code: Int32, _ abort: Abort) -> AbortOutcome {
    .signal(
      SignalInfo(signal: Signal.SIGSEGV, code: code, address: abort.far), faultAddress: abort.address, faultCode: sanitised(abort))
  }

  /// Linux: do_bad_area().
  private func badArea(_ abort: Abort, _ row: FaultTableRow) -> AbortOutcome {
    if !abort.userMode { return .fixup }
    return .signal(
      SignalInfo(signal: row.signal, code: row.code, address: abort.far), faultAddress: abort.address, faultCode: sanitised(abort))
  }

  /// The ESR value that user space may see. For an address outside user space it says only that there was a level 0 translation fault.
  /// Linux: set_thread_esr().
  private func sanitised(_ abort: Abort) -> UInt64 {
    let esr = abort.esr
    if abort.address < Layout48.taskSize { return esr.rawValue }
    let classAndLength = esr.rawValue & 0xfe00_0000
    switch esr.classCode {
    case ExceptionClass.dataAbortLower.rawValue: return classAndLength | (esr.rawValue & 0x140) | 0x04
    case ExceptionClass.instructionAbortLower.rawValue: return classAndLength | 0x04
    default: return 0
    }
  }
}
