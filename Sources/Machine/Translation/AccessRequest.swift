// Owns the question that is put to the MMU: one access inside one page, and whose permissions it has.
// It does not know which instruction asks, nor alignment, size or data.
import Architecture

/// Whose permissions an access has: those of EL0, or those of EL1. Arm ARM: AccessDescriptor.el, with LDTR and STTR as EL0's.
enum Privilege: UInt8 { case el0, el1 }

/// One access as translation sees it. Arm ARM: AccessDescriptor.
struct AccessRequest {
  /// The virtual address as the instruction formed it. It may be tagged, and FAR_EL1 gets it unchanged.
  let va: UInt64
  let kind: AccessKind
  let privilege: Privilege

  @inline(__always)
  init(_ va: UInt64, _ kind: AccessKind, _ privilege: Privilege) {
    self.va = va
    self.kind = kind
    self.privilege = privilege
  }
}

extension Context {
  /// The permissions of the code that runs.
  @inline(__always) var privilege: Privilege { state.pointee.processorState.exceptionLevel == 0 ? .el0 : .el1 }
}
