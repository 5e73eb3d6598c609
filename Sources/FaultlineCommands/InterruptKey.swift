// Owns Ctrl-C: it stops the running guest, and never the shell.
// It does not know what runs the guest.
import DebugShell
import Dispatch

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Handles SIGINT from its creation on.
final class InterruptKey: Sendable {
  /// Dispatch sources may be used on any thread, but their protocol is not declared Sendable.
  private nonisolated(unsafe) let source: any DispatchSourceSignal

  /// If nothing runs that `interrupter` could stop, `whenIdle` is called, on another thread.
  init(_ interrupter: Interrupter, whenIdle: @escaping @Sendable () -> Void) {
    signal(SIGINT, SIG_IGN)
    source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    source.setEventHandler { if !interrupter.interrupt() { whenIdle() } }
    source.resume()
  }
}
