// Owns the lines about signals and ends: `--- SIGSEGV {...} ---`, `+++ exited with 3 +++`. It does not know what a handler does.
import Architecture
import LinuxKernel

/// A signal that takes effect.
public struct TracedSignal: Sendable {
  public let signal: Int32
  public let code: Int32
  /// si_addr of a fault; of a signal that a process sent, the sender's process id.
  public let address: UInt64

  public init(signal: Int32, code: Int32, address: UInt64) {
    self.signal = signal
    self.code = code
    self.address = address
  }

  var text: String {
    let name = Self.name(signal)
    var fields = ["si_signo=\(name)", "si_code=\(codeName)"]
    switch code {
    case 1..<0x80 where Self.faults.contains(signal): fields.append("si_addr=\(address == 0 ? "NULL" : hexadecimal(address))")
    case 0, -1, -6: fields += ["si_pid=\(address & 0xffff_ffff)", "si_uid=\(address >> 32)"]
    case 1..<0x80 where signal == Signal.SIGCHLD: fields += ["si_pid=\(address & 0xffff_ffff)", "si_uid=\(address >> 32)", "..."]
    default: break
    }
    return "--- \(name) {" + fields.joined(separator: ", ") + "} ---"
  }

  static func name(_ signal: Int32) -> String { signal >= 32 ? "SIGRT_\(signal - 32)" : Signal.name(signal) }

  private static let faults: Set<Int32> = [Signal.SIGILL, Signal.SIGTRAP, Signal.SIGBUS, Signal.SIGFPE, Signal.SIGSEGV]

  private var codeName: String { SignalInfo.codeName(signal, code) ?? hexadecimal(UInt64(UInt32(bitPattern: code))) }

  /// The line about an end, by the status as wait reports it.
  static func end(_ status: UInt64) -> String {
    let signal = Int32(status & 0x7f)
    if signal == 0 { return "+++ exited with \(status >> 8 & 0xff) +++" }
    return "+++ killed by \(name(signal))\(status & 0x80 != 0 ? " (core dumped)" : "") +++"
  }
}
