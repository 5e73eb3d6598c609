// Owns Ctrl-C: it stops the guest that runs, and never the shell.
// It does not know what runs the guest.
import DebugShell
import Dispatch

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Takes SIGINT from now on.
final class InterruptKey: Sendable {
  /// Dispatch sources may be used on any thread; their protocol does not say so.
  private nonisolated(unsafe) let source: any DispatchSourceSignal

  /// `whenIdle` is called, on another thread, where nothing runs that `interrupter` could stop.
  init(_ interrupter: Interrupter, whenIdle: @escaping @Sendable () -> Void) {
    signal(SIGINT, SIG_IGN)
    source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    source.setEventHandler { if !interrupter.interrupt() { whenIdle() } }
    source.resume()
  }
}
