// Owns what a session asks of a kernel beside exceptions: starting a program, when to interrupt, snapshots, texts for people.
// It does not know how any of it is done.
import Architecture
import ELFFormat
import LinuxMM

extension Kernel {
  /// Where a static PIE is put: two thirds of the address space, page-aligned. Linux: ELF_ET_DYN_BASE.
  public static let dynamicBase: UInt64 = (2 * Layout48.taskSize / 3) & ~0xfff

  /// Starts a program as the first task, on this PE. The PE goes on at its entry point after this. `path` is AT_EXECFN, `link` what
  /// /proc/self/exe leads to: there the program finds its own file, whose bytes are `bytes` and which the host has as `programFile`.
  public func exec(
    _ el1: EL1Interface, _ elf: ELFFile, bytes: [UInt8], path: String, link: String, programFile: Int32, arguments: [String],
    environment: [String]
  ) throws(ExecError) {
    try parts.programs.exec(
      el1, elf, bytes: bytes, path: path, link: link, programFile: programFile, arguments: arguments, environment: environment)
  }

  /// Where the run loop must stop and interrupt the PE: the count of retired instructions at which a slice or a sleep ends.
  @inline(__always) public var runLimit: UInt64 { state.tasks.runLimit }

  /// The line of a VMA of the running task in /proc/PID/maps, without what ends it.
  public func mapsLine(_ vma: VMArea) -> String { parts.procFiles.mapsLine(vma) }

  /// The state of the kernel between two entries. RAM and PEs are the machine's to keep.
  public func snapshot() -> World { box.world }

  /// Puts a state back that `snapshot` gave, on the PE that ran then. RAM and the PE's registers must be those of that moment.
  public func restore(_ world: World) { box.world = world }

  /// A digest over all state of the kernel.
  public var stateDigest: UInt64 { box.world.digest }
}
