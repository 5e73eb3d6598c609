// Owns how a packet becomes a request: the table of packets by their first bytes. It does not know what a request does. GDB manual, E.2
// Packets.

extension Request {
  /// Reads a packet's contents. Every sequence of bytes is some request, and those that the protocol does not have are `unknown`.
  public init(_ contents: [UInt8]) {
    var cursor = PacketCursor(contents[...])
    for row in Self.rows where cursor.take(row.prefix) {
      self = row.read(&cursor) ?? .malformed
      return
    }
    self = .unknown
  }

  /// The beginning of a packet, and how the rest is read; nil for a rest that is not well formed.
  struct Row: Sendable {
    let prefix: String
    let read: @Sendable (inout PacketCursor) -> Request?
    init(_ prefix: String, _ read: @escaping @Sendable (inout PacketCursor) -> Request?) {
      self.prefix = prefix
      self.read = read
    }
    /// A packet without a rest. With a rest it is another, unknown packet.
    init(whole name: String, _ request: Request) { self.init(name) { $0.isAtEnd ? request : .unknown } }
  }

  /// The first row whose text begins the packet reads it, so a longer text stands above its own beginning.
  private static let rows: [Row] = connectionRows + threadRows + runRows + fileRows + lldbRows + shortRows

  private static let connectionRows: [Row] = [
    Row("qSupported") { .supported($0.take(":") ? $0.pieces(separator: ";").map { String(decoding: $0, as: UTF8.self) } : []) },
    Row(whole: "QStartNoAckMode", .noAcknowledgements),
    Row("qRcmd,") { Hexadecimal.decoded($0.rest).map { .command(String(decoding: $0, as: UTF8.self)) } },
    Row("Qqemu.PhyMemMode:") { Self.flag(&$0).map { .setPhysicalMemory($0) } },
    Row(whole: "qqemu.PhyMemMode", .isMemoryPhysical),
    Row("qSearch:memory:", searchMemory),
  ]

  private static let threadRows: [Row] = [
    Row(whole: "qC", .currentThread),
    Row(whole: "qfThreadInfo", .firstThreads),
    Row(whole: "qsThreadInfo", .moreThreads),
    Row("qThreadExtraInfo,") { Self.threads(&$0).map { .threadDescription($0) } },
    Row("qAttached") { _ in .wasAttached },
    Row("Hg") { Self.threads(&$0).map { .select(.reading, $0) } },
    Row("Hc") { Self.threads(&$0).map { .select(.resuming, $0) } },
    Row("T") { Self.threads(&$0).map { .isAlive($0) } },
  ]

  private static let runRows: [Row] = [
    Row(whole: "vCont?", .knownActions),
    Row("vCont;", resume),
    Row(whole: "vCtrlC", .interrupt),
    Row("vRun;", run),
    Row("vAttach;") { $0.lastNumber().map { .attach(process: $0) } },
    Row("vKill;") { cursor in cursor.smallNumber().flatMap { cursor.isAtEnd ? .kill(process: $0) : nil } },
    Row("QPassSignals:") { numbers($0, separator: ";").map { .passSignals(Set($0.map { Int(truncatingIfNeeded: $0) })) } },
    Row("QCatchSyscalls:", catchSystemCalls),
    Row("QEnvironmentHexEncoded:") { Self.name($0).map { .environment(.set($0)) } },
    Row("QEnvironmentUnset:") { Self.name($0).map { .environment(.unset($0)) } },
    Row(whole: "QEnvironmentReset", .environment(.reset)),
    Row("QStartupWithShell:") { _ in .startupPreference },
    Row("QDisableRandomization:") { _ in .startupPreference },
  ]

  /// Packets of one letter. They stand last, because words may begin with the same letter.
  private static let shortRows: [Row] = [
    Row(whole: "!", .extendedMode),
    Row(whole: "?", .stopReason),
    Row(whole: "g", .readRegisters),
    Row("G") { Hexadecimal.decoded($0.rest).map { .writeRegisters($0) } },
    Row("p") { cursor in cursor.smallNumber().flatMap { cursor.isAtEnd ? .readRegister($0) : nil } },
    Row("P", writeRegister),
    Row("m", readMemory),
    Row("M") { writeMemory(&$0, isBinary: false) },
    Row("X") { writeMemory(&$0, isBinary: true) },
    Row("Z") { stopPoint(&$0).map { .insert($0) } },
    Row("z") { stopPoint(&$0).map { .remove($0) } },
    Row("c") { resumeSelected(&$0, hasSignal: false) { .continue(signal: $0) } },
    Row("C") { resumeSelected(&$0, hasSignal: true) { .continue(signal: $0) } },
    Row("s") { resumeSelected(&$0, hasSignal: false) { .step(signal: $0) } },
    Row("S") { resumeSelected(&$0, hasSignal: true) { .step(signal: $0) } },
    Row("D", detach),
    Row(whole: "k", .kill(process: nil)),
    Row("R") { cursor in cursor.isAtEnd || cursor.lastNumber() != nil ? .restart : nil },
  ]

  /// Packets that only lldb sends.
  private static let lldbRows: [Row] = [
    Row(whole: "qHostInfo", .hostInformation),
    Row(whole: "qProcessInfo", .processInformation),
    Row("qMemoryRegionInfo:") { $0.lastNumber().map { .memoryRegion(address: $0) } },
    Row(whole: "QListThreadsInStopReply", .lldbOffer),
  ]
}
