// Owns the parts that the services of one kernel share: the box with all state, memory management, the configuration, the host's files. It
// does not know any service: `Services` lists which of these parts each service reaches.
import Architecture
import LinuxMM

/// The parts that are made once for a kernel. Only the contents of the box, the listeners and the tracer ever change, and the counters of
/// the abort that is being handled.
final class KernelParts {
  let box: KernelBox
  let mm: MemoryManager
  let faults: FaultHandler
  let configuration: KernelConfiguration
  let host: HostIO
  /// The host's files that the program may see; nil if it sees none.
  let hostFiles: HostFiles?
  /// Told of deaths as they happen; nil where the caller does not want to know.
  var deathListener: ((ProcessDeath) -> Void)?
  /// Told of each system call before it does anything, while system calls are traced.
  var callListener: ((EL1Interface) -> Void)?
  /// Given the core of the first process, piece by piece.
  var coreListener: ((_ offset: UInt64, _ bytes: [UInt8]) -> Void)?
  /// The debugger of the programs; nil if there is none.
  var tracer: (any Tracer)?
  /// The counters as they were before the abort that is being handled. They are set while faults are traced.
  var countersBeforeAbort: MemoryStatistics

  init(_ box: KernelBox, _ mm: MemoryManager, _ configuration: KernelConfiguration, _ host: HostIO, _ hostFiles: HostFiles?) {
    self.box = box
    self.mm = mm
    self.configuration = configuration
    self.host = host
    self.hostFiles = hostFiles
    countersBeforeAbort = mm.state.statistics
    faults = FaultHandler(box: box, mm: mm, policy: configuration.policy)
  }
}
