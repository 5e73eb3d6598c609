// Owns Ctrl-C: it stops the guest that runs, and never the shell.
// It does not know what runs the guest.
import DebugShell
import Dispatch
import Machine
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Takes SIGINT from now on.
final class InterruptKey: Sendable {
  /// Only `requestStop` is used, which is made for other threads.
  private struct Running: @unchecked Sendable {
    let processor: Processor
  }
  /// The processor that runs, while one does. The lock keeps it alive while it is asked to stop.
  private let running = Mutex<Running?>(nil)
  /// Called on another thread where nothing runs.
  private let whenIdle: @Sendable () -> Void
  /// Dispatch sources may be used on any thread; their protocol does not say so.
  private nonisolated(unsafe) let source: any DispatchSourceSignal

  init(whenIdle: @escaping @Sendable () -> Void) {
    self.whenIdle = whenIdle
    signal(SIGINT, SIG_IGN)
    source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    source.setEventHandler { [unowned self] in
      let isRunning = running.withLock { running in
        running?.processor.requestStop()
        return running != nil
      }
      if !isRunning { self.whenIdle() }
    }
    source.resume()
  }

  /// Watches what the shell runs.
  func watch(_ shell: Shell) {
    shell.willRun = { processor in
      let running = Running(processor: processor)
      self.running.withLock { $0 = running }
    }
    shell.didRun = { self.running.withLock { $0 = nil } }
  }
}
