// Owns random lines for the debug shell, from its own words and from noise: each gets an answer.
// It does not know which answer is right.
import DebugShell
import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import FaultlineCommands

@Suite struct ShellFuzz {
  private static let commands = [
    "run", "starti", "continue", "c", "stepi", "si", "nexti", "until", "break", "tbreak", "catch fault", "catch", "delete", "info", "x",
    "print",
    "p", "set", "esr", "pte", "tcr", "mair", "sctlr", "spsr", "par",
    "pt", "pagewalk", "tlb", "faults", "vmmap", "help", "quit", "info registers", "info breakpoints",
    "info symbol",
    "info proc", "info program", "info faults", "source", "define", "commands", "document", "end", "echo", "printf", "shell", "!", "show",
    "apropos",
    "set logging", "set print", "f", "printf \"%d %s\\n\",",
  ]
  private static let words = [
    "0", "1", "-1", "0x400000", "0x500000", "0x500ffc", "0xffffffffffffffff", "0x7fffffffffffffff", "0x8000000000000000",
    "99999999999999999999",
    "main", "_start", "loop", "touch", "pages", "$pc", "$sp", "$x0", "$w1", "$v0", "$esr_el1", "$far_el1", "$ttbr0_el1", "$", "$1",
    "$99999", "*", "+",
    "-", "(", ")", "&", "=", "/x", "/4gx", "/1000000i", "/99999999999999999999s", "/s", "/i", "/0b", "/-1x", "read", "write", "fetch",
    "translation", "permission", "signal", "0x500000-0x501000", "0x500000,+4096", "system", "upper", "fields", "mappings", "#", "é",
    "\u{0}", "\u{7f}", "f", "g", "$arg0", "$argc", "\\n", "\"%s\"", "\"%-08lx%c\"", ",", "on", "off", "pagination", "height",
  ]

  private static func line(_ random: inout SeededRandom) -> String {
    if random.chance(1, in: 16) {
      return String(decoding: (0..<random.below(64)).map { _ in UInt8(truncatingIfNeeded: random.next()) }, as: UTF8.self)
    }
    var line = commands[Int(random.below(UInt64(commands.count)))]
    for _ in 0..<random.below(6) {
      line += random.chance(1, in: 5) ? "" : " "
      line += words[Int(random.below(UInt64(words.count)))]
    }
    if random.chance(1, in: 256) { line += String(repeating: "(", count: Int(random.below(6000))) }
    return line
  }

  /// A shell with a program, or without one, and sixteen lines. A line may change the program's registers so that it never ends, so
  /// every second a timer interrupts what runs, as a user would.
  @Test func shell() throws {
    let interrupter = RunningInterrupter()
    let timer = DispatchSource.makeTimerSource(queue: .global())
    timer.schedule(deadline: .now() + 1, repeating: 1)
    timer.setEventHandler { interrupter.interrupt() }
    timer.resume()
    defer { timer.cancel() }
    try FuzzRun("shell", slice: 8_000, inputsPerCase: 16).run { random in
      let shell = random.chance(1, in: 4) ? Shell() : try Terminal().shell
      interrupter.watch(shell.interrupter)
      for _ in 0..<16 {
        let line = Self.line(&random)
        let reply = shell.execute(line, isScript: random.chance(1, in: 2))
        try #require(reply.error?.contains("\n") != true, "\(line.debugDescription): an error is one line")
        try #require(reply.output.utf8.count < 64 << 20, "\(line.debugDescription): \(reply.output.utf8.count) bytes")
      }
    }
  }
}

/// The interrupter of the shell that runs now.
private final class RunningInterrupter: Sendable {
  private let interrupter = Mutex<Interrupter?>(nil)

  func watch(_ new: Interrupter) { interrupter.withLock { $0 = new } }
  func interrupt() { interrupter.withLock { _ = $0?.interrupt() } }
}
