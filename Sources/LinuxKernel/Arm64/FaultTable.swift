// Owns the 64 rows that give Linux's handler for each fault status code.
// It does not know how a handler works. Linux: arch/arm64/mm/fault.c fault_info.

enum FaultHandlerKind: Sendable { case bad, translation, page, externalAbort, alignment, tagCheck }

struct FaultTableRow: Sendable {
  var handler: FaultHandlerKind
  /// The default signal and si_code. A row with SIGKILL is forced without siginfo.
  var signal: Int32
  var code: Int32
}

enum FaultTable {
  /// By fault status code, 0 to 63.
  static let rows: [FaultTableRow] = {
    typealias Row = FaultTableRow
    let kill = Row(handler: .bad, signal: Signal.SIGKILL, code: SignalCode.SI_KERNEL)
    let walkAbort = Row(handler: .externalAbort, signal: Signal.SIGKILL, code: SignalCode.SI_KERNEL)
    let abort = Row(handler: .externalAbort, signal: Signal.SIGBUS, code: SignalCode.BUS_OBJERR)
    let unmapped = Row(handler: .translation, signal: Signal.SIGSEGV, code: SignalCode.SEGV_MAPERR)
    let denied = Row(handler: .page, signal: Signal.SIGSEGV, code: SignalCode.SEGV_ACCERR)
    var rows = [Row](repeating: kill, count: 64)
    for code in 0x04...0x07 { rows[code] = unmapped }
    rows[0x2b] = unmapped
    for code in 0x08...0x0f { rows[code] = denied }
    rows[0x10] = abort
    rows[0x11] = Row(handler: .tagCheck, signal: Signal.SIGSEGV, code: SignalCode.SEGV_MTESERR)
    for code in 0x13...0x17 { rows[code] = walkAbort }
    rows[0x18] = abort
    for code in 0x1b...0x1f { rows[code] = walkAbort }
    rows[0x21] = Row(handler: .alignment, signal: Signal.SIGBUS, code: SignalCode.BUS_ADRALN)
    rows[0x35] = Row(handler: .bad, signal: Signal.SIGBUS, code: SignalCode.BUS_OBJERR)
    return rows
  }()
}
