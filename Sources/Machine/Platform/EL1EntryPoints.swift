// Owns the machine's side of the seam to a hosted EL1: what each entry point does to a PE.
// It does not know why a supervisor calls it.
import Architecture

extension EL1EntryPoints {
  /// The entry points of this machine; `context` is a PE's context block.
  static var machine: EL1EntryPoints {
    EL1EntryPoints(
      flaggedStore: { context, pa, size, bytes in
        Context(context).owner.machine.memory.store(pa, bytes, count: size)
      },
      invalidateTLB: { context, operation, operand in
        guard let operation = TLBIOperation(rawValue: UInt8(truncatingIfNeeded: operation)) else {
          preconditionFailure("unknown TLBI operation")
        }
        Context(context).owner.invalidateTLB(operation, operand)
      },
      unprivilegedLoad: { context, va, size, result in
        let core = Context(context)
        do throws(Trap) {
          result.pointee = try core.readValue(va, size, AccessRequest(kind: .read, unprivileged: true))
          return true
        } catch {
          core.noteFault(error, va)
          return false
        }
      },
      unprivilegedStore: { context, va, size, value in
        let core = Context(context)
        do throws(Trap) {
          try core.writeValue(va, size, value, AccessRequest(kind: .write, unprivileged: true))
          return true
        } catch {
          core.noteFault(error, va)
          return false
        }
      },
      unprivilegedTranslate: { context, va, isWrite, pa in
        let core = Context(context)
        do throws(FaultRecord) {
          let entry = try core.translate(va, isWrite ? .write : .read, privileged: false)
          pa.pointee = entry.output | va & 0xfff
          if core.host(pa.pointee, count: 1) != nil { return true }
          core.owner.lastFault = core.fault(.externalAbort, va, isWrite ? .write : .read, readable: false)
        } catch {
          core.owner.lastFault = error
        }
        return false
      },
      readSystemRegister: { context, register in
        let core = Context(context)
        let id = SystemRegister(rawValue: UInt16(truncatingIfNeeded: register))
        guard let value = core.systemRegister(id, retired: core[Slot.retired]) else {
          preconditionFailure("supervisor reads \(id), which does not exist")
        }
        return value
      },
      writeSystemRegister: { context, register, value in
        let id = SystemRegister(rawValue: UInt16(truncatingIfNeeded: register))
        if !Context(context).setSystemRegister(id, value) {
          preconditionFailure("supervisor writes \(id), which does not exist")
        }
      },
      exceptionReturn: { context in Context(context).exceptionReturn() },
      step: { context, kind, operand in
        Context(context).owner.onStep(StepKind(rawValue: UInt8(truncatingIfNeeded: kind))!, operand)
      })
  }
}

extension Context {
  func noteFault(_ trap: Trap, _ va: UInt64) {
    guard case .fault(let fault) = trap else { preconditionFailure("an unprivileged access can only fault") }
    owner.lastFault = fault
  }
}

extension Processor {
  /// TLBI. Broadcast forms reach every PE. Operand: VA[55:12] in bits 43:0, ASID in bits 63:48. Arm ARM C5.5.
  func invalidateTLB(_ operation: TLBIOperation, _ operand: UInt64) {
    if operation.isBroadcast {
      for processor in machine.processors { processor.context.invalidateTLB(operation, operand) }
    } else {
      context.invalidateTLB(operation, operand)
    }
  }
}

extension Context {
  func invalidateTLB(_ operation: TLBIOperation, _ operand: UInt64) {
    let s = state
    s.pointee.statistics.invalidations &+= 1
    s.pointee.walkCache.clear()
    // VA[55:12], sign-extended from bit 55 as entries are kept.
    let page = UInt64(bitPattern: Int64(bitPattern: operand &<< 20) &>> 20) &<< 12
    let asid = UInt16(truncatingIfNeeded: operand &>> 48)
    let drop = { (page: UInt64) in dropFastEntries(page: page) }
    switch operation {
    case .VMALLE1, .VMALLE1IS:
      s.pointee.tlb.invalidateAll()
      flushFastTable()
    case .VAE1, .VAE1IS, .VALE1, .VALE1IS: s.pointee.tlb.invalidate(page: page, asid: asid, drop)
    case .VAAE1, .VAAE1IS, .VAALE1, .VAALE1IS: s.pointee.tlb.invalidate(page: page, asid: nil, drop)
    case .ASIDE1, .ASIDE1IS: s.pointee.tlb.invalidate(asid: asid, drop)
    }
  }
}
