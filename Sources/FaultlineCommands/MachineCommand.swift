// Owns `faultline machine`: it runs a bare-metal image from reset to its end.
// It does not know the board.
import Architecture
import ArgumentParser
import Debugging
import Laboratory

struct MachineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "machine",
    abstract: "Run a bare-metal EL1 image on a board laid out like QEMU's virt.",
    discussion: """
      The image starts at EL1 with the MMU off and everything masked. An ELF file is loaded at its physical addresses and finds \
      the device tree at the start of RAM (0x40000000) where it leaves room for one; anything else is loaded at 0x40080000 with \
      the device tree's address in X0.

      The board: RAM at 0x40000000, a PL011 at 0x09000000 whose output is stdout, semihosting by HLT #0xF000 (SYS_WRITEC, \
      SYS_WRITE0, SYS_EXIT, SYS_EXIT_EXTENDED), PSCI by HVC and SMC, the generic timer on each processor's IRQ input.

      The exit status is that of a semihosting exit; 0 where the image switched the board off by PSCI; 124 where \
      --max-instructions ended it, 125 where it hangs for good, 2 where it could not be started or its output not written; 130 and \
      143 where Ctrl-C or SIGTERM ended it.

      Examples:
        faultline machine kernel.elf
        faultline machine --vcpus 4 --memory 64M kernel.elf
        faultline machine --strict kernel.elf
      """)

  @OptionGroup var processor: ProcessorOptions

  @OptionGroup var decoder: DecoderOptions

  @Option(parsing: .unconditional, help: ArgumentHelp("RAM, as in 64M or 1G.", valueName: "size"))
  var memory = "256M"

  @Option(parsing: .unconditional, help: ArgumentHelp("Processors, 1 to 8. (default: 1)", valueName: "n"), transform: Quantity.number)
  var vcpus = 1

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Stop after exactly this many instructions of all processors.", valueName: "n"),
    transform: Quantity.count)
  var maxInstructions: UInt64?

  @Flag(help: "Report each change of a translation table that omits a step of break-before-make (break, DSB, TLBI, DSB), at the end.")
  var strict = false

  @Argument(help: ArgumentHelp("The image: an AArch64 ELF file, or a raw one.", valueName: "image"), completion: .file())
  var image: String

  func run() throws {
    var configuration = try BoardConfiguration(processor, decoder, memory: memory, vcpus: vcpus)
    configuration.reportsBreakBeforeMake = strict
    let host = StandardIO()
    let session = try BoardSession(configuration, host: host)
    try session.load(path: image)
    let interrupt = RunInterrupt(session.machine, host)
    let stop = session.run(until: maxInstructions ?? .max)
    for violation in session.machine.breakBeforeMakeViolations { Standard.error("faultline: \(violation)\n") }
    if let error = session.outputError { Standard.cannotWrite("stdout", error.rawValue) }
    throw ExitCode(report(stop, session, interrupt))
  }

  private func report(_ stop: StopReason, _ session: BoardSession, _ interrupt: RunInterrupt) -> Int32 {
    switch stop {
    case .exited(let status): return status
    case .poweredOff: return 0
    case .instructionLimit:
      let places = session.machine.processors.map { hexadecimal($0.pc) }.joined(separator: ", ")
      Standard.error("faultline: stopped after \(session.instructionsRetired) instructions (--max-instructions) at pc \(places)\n")
      return 124
    case .deadlock:
      let places = session.machine.processors.map { hexadecimal($0.pc) }.joined(separator: ", ")
      Standard.error("faultline: deadlock: every processor waits or is off, and nothing can wake one (pc \(places))\n")
      return 125
    case .lockedUp(let number, let pc), .noProgress(let number, let pc):
      let el1 = session.machine.processors[number].el1
      Standard.error(
        "faultline: processor \(number) is locked up: its exception vector at \(hexadecimal(pc)) faults itself (ESR "
          + "\(hexadecimal(el1[.ESR_EL1])), FAR \(hexadecimal(el1[.FAR_EL1])))\n")
      return 125
    case .interrupted:
      let places = session.machine.processors.map { hexadecimal($0.pc) }.joined(separator: ", ")
      Standard.error("faultline: interrupted after \(session.instructionsRetired) instructions at pc \(places)\n")
      return interrupt.status
    case .breakpoint, .watched, .caught, .held: preconditionFailure("`machine` sets no breakpoint and no watch, and catches nothing")
    case .killed, .panicked: preconditionFailure("a board has no signals and no kernel model")
    }
  }
}
