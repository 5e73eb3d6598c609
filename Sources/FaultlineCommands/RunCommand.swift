// Owns `faultline run`: it runs one program from start to exit.
// It does not know the loop that runs it.
import Architecture
import ArgumentParser
import Debugging
import Laboratory
import LinuxKernel

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a static AArch64 Linux program.",
    discussion: """
      The program's stdout and stderr pass through. The exit status is the program's, or 128 + the signal that killed it; 123 \
      where the kernel panicked, 124 where --max-instructions ended it, 125 where it hangs for good, 2 where it could not be \
      started. Ctrl-C and SIGTERM end the run with 130 and 143; --stats is printed then too, and a second one ends the command at once.

      If a signal kills the program, a report on stderr says which instruction it was, what the address is, which calls mapped and \
      unmapped it, and how the program came there. A process that the program has forked gets such a report too if it dies with a \
      core dump, or because memory ran out. --quiet-death makes it one line.

      --strace, --dmesg and --core record the run for other tools: strace's lines, Linux's log, and a core that gdb opens.

      Examples:
        faultline run --example hello
        faultline run --stats --example force_write
        faultline run --max-instructions 200M ./program first second
        faultline run --strace --example hello
        faultline run --dmesg --core core ./program
      """)

  @OptionGroup var session: SessionOptions

  @Flag(help: "Print counts of instructions, exceptions, faults, walks and TLB maintenance to stderr at the end.")
  var stats = false

  @Flag(help: "Tell of a death in one line.")
  var quietDeath = false

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Stop after exactly this many instructions, as in 1000000 or 200M.", valueName: "n"),
    transform: Quantity.count)
  var maxInstructions: UInt64?

  @OptionGroup var recording: RecordingOptions

  @OptionGroup var program: ProgramArguments

  func run() throws {
    let host = StandardIO()
    let chosen = try program.required()
    let session = try Session(try session.configuration(), host: host)
    try chosen.load(into: session)
    let recording = try recording.start(session)
    session.recordsMappings = !quietDeath
    session.kernel.deathListener = { [unowned session] death in
      recording.died(death.info)
      let full = quietDeath ? nil : DeathReport(session, death)
      report(full?.lines ?? [KillReport(session, death).text])
    }
    let interrupt = RunInterrupt(session.machine, host)
    let stop = session.run(until: maxInstructions ?? .max)
    recording.finish()
    if case .killed = stop { recording.died(session.kernel.state.lastSignal) }
    if stats { Standard.error(StatisticsReport(session).text) }
    throw ExitCode(report(stop, session, interrupt))
  }

  /// Prints a report. The first line says who speaks.
  private func report(_ lines: [String]) { Standard.error("faultline: " + lines.joined(separator: "\n") + "\n") }

  /// Prints what ended the program where the exit status alone would not tell, and returns the exit status.
  private func report(_ stop: StopReason, _ session: Session, _ interrupt: RunInterrupt) -> Int32 {
    switch stop {
    case .exited(let status): return status
    case .killed(let signal):
      let full = quietDeath ? nil : DeathReport(session, signal: signal)
      self.report(full?.lines ?? [KillReport(session, signal: signal).text])
      return 128 + signal
    case .deadlock:
      Standard.error("faultline: deadlock: the program waits for something that nothing can bring about\n")
      return 125
    case .panicked(let reason):
      Standard.error("faultline: kernel panic - not syncing: \(reason)\n")
      return 123
    case .instructionLimit:
      Standard.error(
        "faultline: stopped after \(session.processor.instructionsRetired) instructions (--max-instructions) at pc "
          + "\(hexadecimal(session.processor.pc))\n")
      return 124
    case .noProgress(_, let pc):
      Standard.error(
        "faultline: no progress: the kernel model serves the same exception at pc \(hexadecimal(pc)) for ever (ESR "
          + "\(hexadecimal(session.processor.el1[.ESR_EL1])), FAR \(hexadecimal(session.processor.el1[.FAR_EL1]))); this is a bug of Faultline\n"
      )
      return 125
    case .interrupted:
      Standard.error(
        "faultline: interrupted after \(session.processor.instructionsRetired) instructions at pc \(hexadecimal(session.processor.pc))\n")
      return interrupt.status
    case .breakpoint, .watched, .caught, .held: preconditionFailure("`run` sets no breakpoint and no watch, and catches nothing")
    case .poweredOff, .lockedUp: preconditionFailure("a program under a kernel is no board")
    }
  }
}
