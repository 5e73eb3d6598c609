// Owns what the services of one kernel stand on: the box with all state, memory management, the configuration, the host's files.
// It does not know any service: `Services` says which of these each of them reaches.
import Architecture
import LinuxMM

/// What is made once for a kernel and never changes, but for what lies in the box and who listens.
final class KernelParts {
  let box: KernelBox
  let mm: MemoryManager
  let faults: FaultHandler
  let configuration: KernelConfiguration
  let host: HostIO
  /// The files of the host that the program may see; nil where it sees none.
  let hostFiles: HostFiles?
  /// Told of deaths as they happen; nil where the caller does not want to know.
  var deathListener: ((ProcessDeath) -> Void)?

  init(_ box: KernelBox, _ mm: MemoryManager, _ configuration: KernelConfiguration, _ host: HostIO, _ hostFiles: HostFiles?) {
    self.box = box
    self.mm = mm
    self.configuration = configuration
    self.host = host
    self.hostFiles = hostFiles
    faults = FaultHandler(box: box, mm: mm, policy: configuration.policy)
  }
}
