// Owns handle and info signals: at which signals the program stops, and which of them it gets. It does not know how a signal is delivered.
import LinuxKernel

/// What happens at a signal of the program's.
struct SignalHandling: Equatable {
  /// Whether the program stops before it has an effect.
  var stops: Bool
  /// Whether the program gets it.
  var passes = true

  /// SIGALRM, SIGCHLD, SIGURG, SIGVTALRM, SIGPROF, SIGWINCH, SIGIO, and the signals of the C library's threads: gdb does not stop for them.
  static let quiet: Set<Int32> = [14, 17, 23, 26, 27, 28, 29, 32, 33]
}

extension Shell {
  func handling(of signal: Int32) -> SignalHandling {
    signals[signal] ?? SignalHandling(stops: !SignalHandling.quiet.contains(signal))
  }

  /// handle SIGNAL... WORD...: stop, nostop, pass, nopass; print and noprint are gdb's and mean the same as stop and nostop here, where a
  /// signal that stops is told.
  func handle(_ given: CommandArguments) throws(ShellError) -> [String] {
    var chosen: [Int32] = []
    var changes: [(inout SignalHandling) -> Void] = []
    for word in given.words {
      switch word {
      case "stop": changes.append { $0.stops = true }
      case "nostop", "noprint": changes.append { $0.stops = false }
      case "pass", "noignore": changes.append { $0.passes = true }
      case "nopass", "ignore": changes.append { $0.passes = false }
      case "print": break
      case "all": chosen += (1...64).filter { $0 != 9 && $0 != 19 }
      default:
        guard let signal = Self.signal(word) else { throw ShellError("'\(word)' is no signal and none of stop, nostop, pass, nopass.") }
        chosen.append(signal)
      }
    }
    if chosen.isEmpty { throw ShellError("handle needs a signal, as in handle SIGUSR1 nostop pass") }
    for signal in chosen {
      var handling = handling(of: signal)
      for change in changes { change(&handling) }
      signals[signal] = handling
    }
    return Self.table(chosen.map { ($0, handling(of: $0)) })
  }

  func infoSignals(_ given: CommandArguments) throws(ShellError) -> [String] {
    var chosen = Array<Int32>(1...31)
    if !given.text.isEmpty {
      guard let signal = Self.signal(given.text) else { throw ShellError("'\(given.text)' is no signal.") }
      chosen = [signal]
    }
    return Self.table(chosen.map { ($0, handling(of: $0)) })
  }

  private static func table(_ rows: [(signal: Int32, handling: SignalHandling)]) -> [String] {
    ["Signal        Stop\tPass to program"]
      + rows.map { Signal.name($0.signal).padded(14) + ($0.handling.stops ? "Yes" : "No") + "\t" + ($0.handling.passes ? "Yes" : "No") }
  }

  /// A signal by its name, with or without SIG, or by its number.
  static func signal(_ word: String) -> Int32? {
    let name = word.uppercased()
    return Int32(word).flatMap { (1...64).contains($0) ? $0 : nil }
      ?? (1...31).first { Signal.name($0) == name || Signal.name($0) == "SIG" + name }
  }
}
