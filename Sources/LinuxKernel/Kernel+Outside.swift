// Owns the requests that a session makes to a kernel outside exceptions: starting a program, the instruction count of the next interrupt,
// snapshots, and texts for messages. It does not know how any of them is served.
import Architecture
import ELFFormat
import LinuxMM

extension Kernel {
  /// The address of a static PIE: two thirds of the address space, rounded down to a page. Linux: ELF_ET_DYN_BASE.
  public static let dynamicBase: UInt64 = (2 * Layout48.taskSize / 3) & ~0xfff

  /// Starts a program as the first task, on this PE, which then continues at the program's entry point. `path` is the value of AT_EXECFN
  /// and `link` the target of /proc/self/exe, where the program finds its own file. `bytes` are that file's contents, and `programFile` is
  /// its handle on the host.
  public func exec(
    _ el1: EL1Interface, _ elf: ELFFile, bytes: [UInt8], path: String, link: String, programFile: Int32, arguments: [String],
    environment: [String]
  ) throws(ExecError) {
    try parts.programs.exec(
      el1, elf, bytes: bytes, path: path, link: link, programFile: programFile, arguments: arguments, environment: environment)
  }

  /// The count of retired instructions at which the run loop must stop and interrupt the PE, because a time slice or a sleep ends.
  @inline(__always) public var runLimit: UInt64 { state.tasks.runLimit }

  /// The line of /proc/PID/maps for a VMA of the running task, without the newline.
  public func mapsLine(_ vma: VMArea) -> String { parts.procFiles.mapsLine(vma) }

  /// The path of the file that a VMA of the running task maps; nil for memory without a file.
  public func fileName(_ vma: VMArea) -> [UInt8]? { parts.files.name(ofMapping: vma) }

  /// The state of the kernel between two entries. The machine keeps RAM and the PEs.
  public func snapshot() -> World { box.world }

  /// Restores a state that `snapshot` returned, on the PE that ran at that moment. The caller must restore RAM and the PE's registers too.
  public func restore(_ world: World) { box.world = world }

  /// A digest over all state of the kernel.
  public var stateDigest: UInt64 { box.world.digest }
}
