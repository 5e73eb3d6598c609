// Owns membarrier: the commands, and for which of them an address space is registered. It does not know other processors: they run in turn,
// so what one of them did before a call is always visible to the others after it. Linux: kernel/sched/membarrier.c.

/// MEMBARRIER_CMD_*. A command that registers an address space has twice the value of the command that needs it.
enum BarrierCommand {
  static let QUERY: Int32 = 0
  static let GLOBAL: Int32 = 1
  static let GLOBAL_EXPEDITED: Int32 = 2
  static let PRIVATE_EXPEDITED: Int32 = 8
  static let PRIVATE_EXPEDITED_SYNC_CORE: Int32 = 32
  static let PRIVATE_EXPEDITED_RSEQ: Int32 = 128
  static let GET_REGISTRATIONS: Int32 = 512
  static let all: Int32 = 1023
}

/// The registrations of an address space, as bits of the commands that registered it. Linux: membarrier_state of struct mm_struct.
struct BarrierRegistrations: Hashable, Sendable {
  /// What GET_REGISTRATIONS answers. A special private command also counts as the plain one there.
  private(set) var reported: Int32 = 0
  private var ready: Int32 = 0

  mutating func add(_ registration: Int32) {
    reported |= registration
    if registration != 2 * BarrierCommand.GLOBAL_EXPEDITED { reported |= 2 * BarrierCommand.PRIVATE_EXPEDITED }
    ready |= registration
  }
  func allows(_ command: Int32) -> Bool { ready & (2 * command) != 0 }
}

extension MemoryManager {
  /// Returns the commands for QUERY, the registrations for GET_REGISTRATIONS, else 0. EINVAL for unknown commands and flags, EPERM for a
  /// private command before its registration. Linux: sys_membarrier().
  public func membarrier(_ mm: MMID, command: Int32, flags: UInt32) throws(Errno) -> UInt64 {
    // MEMBARRIER_CMD_FLAG_CPU.
    let known: UInt32 = command == BarrierCommand.PRIVATE_EXPEDITED_RSEQ ? 1 : 0
    if flags & ~known != 0 { throw .EINVAL }
    switch command {
    case BarrierCommand.QUERY: return UInt64(BarrierCommand.all)
    case BarrierCommand.GET_REGISTRATIONS: return UInt64(state[mm].barriers.reported)
    case BarrierCommand.GLOBAL, BarrierCommand.GLOBAL_EXPEDITED: return 0
    case BarrierCommand.PRIVATE_EXPEDITED, BarrierCommand.PRIVATE_EXPEDITED_SYNC_CORE, BarrierCommand.PRIVATE_EXPEDITED_RSEQ:
      if !state[mm].barriers.allows(command) { throw .EPERM }
      return 0
    case 2 * BarrierCommand.GLOBAL_EXPEDITED, 2 * BarrierCommand.PRIVATE_EXPEDITED, 2 * BarrierCommand.PRIVATE_EXPEDITED_SYNC_CORE,
      2 * BarrierCommand.PRIVATE_EXPEDITED_RSEQ:
      state[mm].barriers.add(command)
      return 0
    default: throw .EINVAL
    }
  }
}
