// Owns the machine's side of the seam to a hosted EL1: the effect of each entry point on a PE. It does not know why a supervisor calls it.
import Architecture

extension EL1EntryPoints {
  /// The entry points of this machine; `context` is a PE's context block.
  static var machine: EL1EntryPoints {
    EL1EntryPoints(
      invalidateTLB: { context, operation, operand in
        guard let operation = TLBIOperation(rawValue: UInt8(truncatingIfNeeded: operation)) else {
          preconditionFailure("unknown TLBI operation")
        }
        precondition(Context(context).state.pointee.features.has(operation), "the supervisor's TLBI does not exist here")
        Context(context).owner.invalidateTLB(operation, operand)
      },
      unprivilegedLoad: { context, va, size, result in
        let core = Context(context)
        do throws(GeneralExit) {
          result.pointee = try core.readValue(va, size, AccessRules(kind: .read, unprivileged: true))
          return true
        } catch {
          core.noteFault(error, va)
          return false
        }
      },
      unprivilegedStore: { context, va, size, value in
        let core = Context(context)
        do throws(GeneralExit) {
          try core.writeValue(va, size, value, AccessRules(kind: .write, unprivileged: true))
          return true
        } catch {
          core.noteFault(error, va)
          return false
        }
      },
      unprivilegedTranslate: { context, va, isWrite, pa in
        let core = Context(context)
        let request = AccessRequest(va, isWrite ? .write : .read, .el0)
        do throws(FaultRecord) {
          let entry = try core.translate(request)
          pa.pointee = entry.output | va & 0xfff
          if core.host(pa.pointee, count: 1) != nil { return true }
          core.owner.lastFault = core.fault(.externalAbort, request)
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
      idle: { context, nanoseconds in Context(context).state.pointee.idleNanoseconds &+= nanoseconds },
      exceptionReturn: { context in Context(context).exceptionReturn() },
      event: { context, record in Context(context).owner.happened(record.load(as: TraceRecord.self)) })
  }
}

extension Context {
  func noteFault(_ exit: GeneralExit, _ va: UInt64) {
    guard case .fault(let fault) = exit else { preconditionFailure("an unprivileged access can only fault") }
    owner.lastFault = fault
  }
}
