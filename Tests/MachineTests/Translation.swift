// Owns how tests ask a PE for one translation, with the answer as one value.
// It does not know the right answer.
import Architecture
import TestSupport

@testable import Machine

/// A physical address, or the fault status code as ESR_EL1 would show it.
enum Translation: Equatable {
  case pa(UInt64)
  case fault(UInt8)
}

extension BareMachine {
  /// Translates as an access would: TLB, walk, permissions.
  func translate(
    _ va: UInt64, _ kind: AccessKind = .read, privileged: Bool = false, number: Int = 0
  ) -> Translation {
    do throws(FaultRecord) {
      return .pa(try self[number].context.translate(AccessRequest(va, kind, privileged ? .el1 : .el0)).output | va & 0xfff)
    } catch {
      return .fault(error.status.rawValue)
    }
  }

  /// The same with an empty TLB.
  func walk(_ va: UInt64, _ kind: AccessKind = .read, privileged: Bool = false) -> Translation {
    self[0].el1.invalidateTLB(.VMALLE1)
    return translate(va, kind, privileged: privileged)
  }
}
