// Owns every request that a debugger can make of a stub, as a typed value. It does not know how a request is read from a packet, nor what
// answers it. GDB manual, E.2 Packets, E.4 General Query Packets.

public enum Request: Equatable, Sendable {
  // MARK: The connection

  /// `qSupported`: the features that the debugger has.
  case supported([String])
  /// `QStartNoAckMode`: neither side acknowledges packets from now on.
  case noAcknowledgements
  /// `!`: the connection outlives the program, which can be run again.
  case extendedMode
  /// `qRcmd`: a command of the stub's own.
  case command(String)

  // MARK: Registers and memory

  /// `g` and `G`.
  case readRegisters
  case writeRegisters([UInt8])
  /// `p` and `P`: a register by its number in the target description.
  case readRegister(Int)
  case writeRegister(Int, [UInt8])
  /// `m`.
  case readMemory(address: UInt64, count: Int)
  /// `M` and `X`.
  case writeMemory(address: UInt64, [UInt8])
  /// `qSearch:memory`.
  case searchMemory(address: UInt64, count: UInt64, [UInt8])
  /// `Qqemu.PhyMemMode` and `qqemu.PhyMemMode`: whether addresses of memory are physical.
  case setPhysicalMemory(Bool)
  case isMemoryPhysical
  /// `qMemoryRegionInfo`, which lldb asks.
  case memoryRegion(address: UInt64)

  // MARK: Threads

  /// `Hg` and `Hc`: the thread that later requests mean.
  case select(ThreadUse, ThreadSelection)
  /// `T`.
  case isAlive(ThreadSelection)
  /// `qC`.
  case currentThread
  /// `qfThreadInfo` and `qsThreadInfo`.
  case firstThreads
  case moreThreads
  /// `qThreadExtraInfo`.
  case threadDescription(ThreadSelection)
  /// `qAttached`.
  case wasAttached

  // MARK: Running

  /// `?`.
  case stopReason
  /// `vCont?`.
  case knownActions
  /// `vCont`: for each thread the first action that selects it. A thread that none selects stays where it is.
  case resume([ResumeAction])
  /// `c`, `C`, `s` and `S`: the selected thread goes on, at another address if there is one.
  case resumeSelected(Action, address: UInt64?)
  /// `vCtrlC`.
  case interrupt
  /// `Z` and `z`.
  case insert(StopPoint)
  case remove(StopPoint)
  /// `QPassSignals`: signals that the program gets without a stop.
  case passSignals(Set<Int>)
  /// `QCatchSyscalls`.
  case catchSystemCalls(SystemCallChoice)

  // MARK: Programs

  /// `vRun`: an empty file means the same program as before.
  case run(file: [UInt8], arguments: [[UInt8]])
  /// `R`.
  case restart
  /// `vAttach`.
  case attach(process: UInt64)
  /// `k`, and `vKill` with a process.
  case kill(process: Int?)
  /// `D`.
  case detach(process: Int?)
  /// `QEnvironmentHexEncoded`, `QEnvironmentUnset` and `QEnvironmentReset`.
  case environment(EnvironmentChange)
  /// `QStartupWithShell` and `QDisableRandomization`, which no stub without a shell and without randomness has to obey.
  case startupPreference

  // MARK: Files

  /// `qXfer:OBJECT:read`: a part of an object.
  case transfer(TransferObject, annex: String, offset: Int, count: Int)
  /// `qXfer:OBJECT:write`: new bytes for a part of an object.
  case writeObject(TransferObject, annex: String, offset: Int, [UInt8])
  /// `vFile`.
  case file(FileRequest)

  // MARK: What only lldb asks

  /// `qHostInfo` and `qProcessInfo`.
  case hostInformation
  case processInformation
  /// `QThreadSuffixSupported`, `QListThreadsInStopReply` and others that offer a way which the stub need not take.
  case lldbOffer

  // MARK: Others

  /// A request that this protocol does not have. Its answer is empty.
  case unknown
  /// A known request that is not well formed.
  case malformed
}

/// The requests that a selected thread is for.
public enum ThreadUse: Sendable {
  /// Registers and memory (`Hg`).
  case reading
  /// `c` and `s` (`Hc`).
  case resuming
}

/// The way in which a thread goes on.
public enum Action: Hashable, Sendable {
  /// A signal of 0 is none.
  case `continue`(signal: Int)
  case step(signal: Int)
  /// Steps until the PC leaves the addresses from `start` to just below `end`.
  case stepRange(start: UInt64, end: UInt64)
  /// Stops.
  case stop

  /// The signal with which the thread goes on; 0 for none.
  public var signal: Int {
    switch self {
    case .continue(let signal), .step(let signal): signal
    case .stepRange, .stop: 0
    }
  }
}

/// One action of `vCont`.
public struct ResumeAction: Hashable, Sendable {
  public var action: Action
  public var threads: ThreadSelection
  public init(_ action: Action, _ threads: ThreadSelection = .all) {
    self.action = action
    self.threads = threads
  }
}

/// A place at which a program stops.
public struct StopPoint: Hashable, Sendable {
  public enum Kind: Int, Sendable, CaseIterable {
    case softwareBreakpoint, hardwareBreakpoint, writeWatchpoint, readWatchpoint, accessWatchpoint
  }
  public var kind: Kind
  public var address: UInt64
  /// The bytes of a watchpoint, and the instruction's bytes of a breakpoint.
  public var size: UInt64
  public init(_ kind: Kind, address: UInt64, size: UInt64) {
    self.kind = kind
    self.address = address
    self.size = size
  }
}

/// The system calls at which a program stops.
public enum SystemCallChoice: Hashable, Sendable {
  case none, all
  case some(Set<UInt64>)

  public func includes(_ number: UInt64) -> Bool {
    switch self {
    case .none: false
    case .all: true
    case .some(let numbers): numbers.contains(number)
    }
  }
}

/// A change of the environment of the next program.
public enum EnvironmentChange: Hashable, Sendable {
  /// `NAME=VALUE`.
  case set(String)
  case unset(String)
  case reset
}

/// The objects of `qXfer`, by the name in the packet.
public enum TransferObject: String, Sendable, CaseIterable {
  case features, auxv, threads, siginfo
  case executable = "exec-file"
  case memoryMap = "memory-map"
}

/// A request about a file of the target.
public enum FileRequest: Hashable, Sendable {
  /// The file system of a process; 0 means the stub's own.
  case setFileSystem(process: Int)
  case open(path: String, flags: Int, mode: Int)
  case close(Int)
  case read(Int, count: Int, offset: UInt64)
  case write(Int, offset: UInt64, [UInt8])
  case status(Int)
  case unlink(path: String)
  case readLink(path: String)
}
