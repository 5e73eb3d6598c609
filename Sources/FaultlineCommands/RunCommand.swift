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
      where the kernel panicked, 124 where --max-instructions ended it, 125 where it hangs for good, 2 where it could not be started. Ctrl-C and SIGTERM end the \
      run with 130 and 143; --stats is printed then too, and a second one ends the command at once. A process that the program has \
      forked and that a signal kills with a core dump, or that dies because memory ran out, is told of in one line.

      Examples:
        faultline run build/firmware/examples/hello
        faultline run --stats build/firmware/examples/force_write
        faultline run --max-instructions 1000000 ./program first second
      """)

  @OptionGroup var session: SessionOptions

  @Flag(help: "Print counts of instructions, exceptions, faults, walks and TLB maintenance to stderr at the end.")
  var stats = false

  @Option(help: ArgumentHelp("Stop after exactly this many instructions.", valueName: "n"))
  var maxInstructions: UInt64?

  @Argument(help: ArgumentHelp("The program: a static ELF64 AArch64 executable.", valueName: "program"), completion: .file())
  var program: String

  @Argument(
    parsing: .captureForPassthrough, help: ArgumentHelp("The program's arguments.", valueName: "arguments"), completion: .file())
  var arguments: [String] = []

  func run() throws {
    let host = StandardIO()
    let session = try Session(try session.configuration(), host: host)
    try session.load(path: program, arguments: arguments)
    session.kernel.deathListener = { [unowned session] death in Standard.error("faultline: " + KillReport(session, death).text + "\n") }
    let interrupt = RunInterrupt(session.machine, host)
    let stop = session.run(until: maxInstructions ?? .max)
    if stats { Standard.error(StatisticsReport(session).text) }
    throw ExitCode(report(stop, session, interrupt))
  }

  /// Prints what ended the program where the exit status alone would not tell, and returns the exit status.
  private func report(_ stop: StopReason, _ session: Session, _ interrupt: RunInterrupt) -> Int32 {
    switch stop {
    case .exited(let status): return status
    case .killed(let signal):
      Standard.error("faultline: " + KillReport(session, signal: signal).text + "\n")
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
    case .breakpoint, .caught: preconditionFailure("`run` sets no breakpoint and catches nothing")
    case .poweredOff, .lockedUp: preconditionFailure("a program under a kernel is no board")
    }
  }
}
