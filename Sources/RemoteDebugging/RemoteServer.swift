// Owns the conversation with one debugger: acknowledgements, the features that both sides have, the selected threads, and which part of the
// server answers a request. It does not know the target beyond `RemoteTarget`.
import GDBProtocol

/// How a conversation ended.
public enum ConversationEnd: Equatable, Sendable {
  /// The debugger let the program go, which runs on without it.
  case detached
  case killed
  /// The connection broke off.
  case disconnected
}

public final class RemoteServer {
  let target: any RemoteTarget
  private let channel: any RemoteChannel
  private let inbox: Inbox
  /// The most bytes of a packet's contents, in both directions.
  static let packetSize = 0x4000

  /// Given the contents of each packet that arrives.
  public var listener: (([UInt8]) -> Void)?

  private var acknowledges = true
  private var lastFrame: [UInt8] = []
  private var end: ConversationEnd?

  // MARK: What the debugger has said

  /// The features of the debugger, as in `multiprocess+`.
  var features: Set<String> = []
  /// The thread of requests about registers and memory.
  var selected: ThreadID
  /// The threads of the packets `c` and `s`.
  var resumed = ThreadSelection.all
  var readsPhysicalMemory = false
  var isExtended = false
  /// Whether it has let a process go.
  var hasDetached = false
  var stopPoints: [Int: Set<StopPoint>] = [:]
  /// The processes that the debugger has not let go.
  var processes: Set<Int>
  var passedSignals: Set<Int> = []
  var systemCalls: [Int: SystemCallChoice] = [:]
  var environment: [EnvironmentChange] = []
  var lastStop: RemoteStop
  /// The threads that a list has not told of yet.
  var untoldThreads: ArraySlice<RemoteThread> = []
  var files = OpenFiles()

  public init(_ target: any RemoteTarget, _ channel: any RemoteChannel) {
    self.target = target
    self.channel = channel
    selected = target.stoppedThread
    processes = [target.stoppedThread.process]
    lastStop = .stopped(target.stoppedThread, signal: SignalNumbers.trap, nil)
    inbox = Inbox(channel, limit: Self.packetSize)
  }

  /// Whether threads are named with their process.
  var namesProcesses: Bool { features.contains("multiprocess+") }
  func name(_ thread: ThreadID) -> String { namesProcesses ? thread.description : String(thread.thread, radix: 16) }

  /// Answers requests until the conversation ends.
  public func serve() -> ConversationEnd {
    while end == nil {
      // A program that was let go runs on, also when the debugger leaves later for another reason.
      guard let event = inbox.next() else { return hasDetached ? .detached : .disconnected }
      take(event)
    }
    return end!
  }

  /// Reacts to something that the debugger sent.
  func take(_ event: PacketEvent) {
    switch event {
    case .acknowledgement, .interrupt: break
    case .repetitionWanted: if acknowledges && !lastFrame.isEmpty { _ = channel.write(lastFrame) }
    case .damaged: if acknowledges { _ = channel.write(Array("-".utf8)) }
    case .tooLong:
      acknowledge()
      send(.failure(.tooLong))
    case .packet(let contents):
      listener?(contents)
      acknowledge()
      handle(Request(contents))
    }
  }

  private func acknowledge() { if acknowledges { _ = channel.write(Array("+".utf8)) } }

  func send(_ reply: Reply) { send(reply.contents) }
  func send(_ contents: [UInt8]) {
    lastFrame = PacketWriter.frame(contents)
    if !channel.write(lastFrame) && end == nil { end = .disconnected }
  }

  /// Runs the target until it stops, or the debugger stops it.
  func run(_ order: RunOrder) -> RemoteStop { inbox.running(stop: target.interrupt) { target.resume(order) } }

  func finish(_ how: ConversationEnd) { end = how }

  private func handle(_ request: Request) {
    switch request {
    case .unknown: send(.empty)
    case .malformed: send(.failure(.malformed))
    case .supported(let features):
      self.features = Set(features)
      send(.text(offer))
    case .noAcknowledgements:
      send(.ok)
      acknowledges = false
    case .extendedMode:
      isExtended = true
      send(.ok)
    case .command(let command):
      let output = target.execute(command)
      if !output.isEmpty { sendConsole(output) }
      send(.ok)
    case .lldbOffer: send(.empty)
    case .readRegisters, .writeRegisters, .readRegister, .writeRegister: send(registers(request))
    case .readMemory, .writeMemory, .searchMemory, .setPhysicalMemory, .isMemoryPhysical, .memoryRegion: send(memory(request))
    case .select, .isAlive, .currentThread, .firstThreads, .moreThreads, .threadDescription, .wasAttached: send(threads(request))
    case .transfer(let object, let annex, let offset, let count): send(transfer(object, annex, offset: offset, count: count))
    case .writeObject(let object, _, let offset, let bytes):
      let isWritten = object == .siginfo && target.writeSignalInformation(of: selected, offset: offset, bytes)
      send(isWritten ? .text(String(bytes.count, radix: 16)) : .failure(.unreadable))
    case .file(let request): send(file(request))
    case .hostInformation, .processInformation: send(lldb(request))
    case .insert, .remove, .passSignals, .catchSystemCalls: send(stopping(request))
    case .stopReason, .knownActions, .resume, .resumeSelected, .interrupt: running(request)
    case .run, .restart, .attach, .kill, .detach, .environment, .startupPreference: life(request)
    }
  }

  /// Shows text in the debugger while it waits for an answer.
  func sendConsole(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let piece = rest.prefix((Self.packetSize - 1) / 2)
      send(Array("O".utf8) + Hexadecimal.bytes(piece))
      rest = rest.dropFirst(piece.count)
    }
  }

  private var offer: String {
    var offer = ["PacketSize=" + String(Self.packetSize, radix: 16)]
    offer += ["QStartNoAckMode", "multiprocess", "vContSupported", "swbreak", "hwbreak", "qXfer:features:read", "qXfer:threads:read"]
      .map { $0 + "+" }
    if target.osABI != nil {
      offer += [
        "qXfer:auxv:read", "qXfer:exec-file:read", "qXfer:siginfo:read", "qXfer:siginfo:write", "QPassSignals", "QCatchSyscalls",
        "fork-events", "vfork-events",
        "exec-events", "QEnvironmentHexEncoded", "QEnvironmentUnset", "QEnvironmentReset", "QStartupWithShell", "QDisableRandomization",
      ].map { $0 + "+" }
    }
    if target.memoryMap != nil { offer.append("qXfer:memory-map:read+") }
    return offer.joined(separator: ";")
  }
}
