// Owns the settings of /proc/sys that programs can change and that do not belong to memory management, as values.
// It does not know how they are written. Linux: kernel/sysctl.c, kernel/pid.c, fs/coredump.c.

struct KernelSettings: Sendable {
  /// kernel.core_pattern, and core_uses_pid: whether a name without %p gets the process's id.
  var corePattern = Array("core".utf8)
  var coreUsesID = false
  /// kernel.pid_max: every id is below it.
  var maximumID: Int32 = 32768
  /// kernel.threads-max; nil for what follows from the size of RAM.
  var maximumTasks: Int?
  /// kernel.hostname and domainname, as uname gives them.
  var hostName = Array("faultline".utf8)
  var domainName = Array("(none)".utf8)
  /// vm.oom_kill_allocating_task, as a text; any number but 0 makes the OOM killer end the task that asked for memory.
  var killsAllocatingTask = "0"
  /// vm.panic_on_oom: whether the kernel panics when memory runs out, as a text: 0, 1, or 2 for panics that no limit of a cgroup prevents.
  var panicsOutOfMemory = "0"
  /// vm.memfd_noexec: what memfd_create does if the caller says nothing about execution: 0 allows it, 1 seals it off, 2 refuses the call.
  var memoryFileExecution: UInt64 = 0
  /// kernel.tainted: a bit for each reason to mistrust the kernel. Writes only add bits.
  var taints: UInt64 = 0
  /// The settings that have no effect, in the order in which they were changed last.
  var kept: [KeptSetting] = []
}

/// A setting whose value only its own file shows.
struct KeptSetting: Sendable {
  var path: String
  var text: String
}
