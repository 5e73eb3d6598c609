// Owns the requests about registers, memory and threads. It does not know how the target keeps them.
import GDBProtocol

extension RemoteServer {
  // MARK: Registers

  func registers(_ request: Request) -> Reply {
    let count = target.registerFeatures.reduce(0) { $0 + $1.registers.count }
    switch request {
    case .readRegisters:
      var bytes: [UInt8] = []
      for number in 0..<target.commonRegisterCount {
        guard let value = target.readRegister(number, of: selected) else { return .failure(.noSuchThread) }
        bytes += value
      }
      return .bytes(bytes)
    case .writeRegisters(let bytes): return writeRegisters(bytes)
    case .readRegister(let number):
      guard number < count, let value = target.readRegister(number, of: selected) else { return .failure(.malformed) }
      return .bytes(value)
    case .writeRegister(let number, let bytes):
      if number >= count { return .failure(.malformed) }
      return target.writeRegister(number, of: selected, bytes) ? .ok : .refusal("the register cannot be written")
    default: return .empty
    }
  }

  /// Writes as many registers as there are bytes for.
  private func writeRegisters(_ bytes: [UInt8]) -> Reply {
    var rest = bytes[...]
    for (number, register) in target.registerFeatures.flatMap(\.registers).enumerated() where !rest.isEmpty {
      let size = register.bits / 8
      if rest.count < size { return .failure(.malformed) }
      let value = Array(rest.prefix(size))
      rest = rest.dropFirst(size)
      // Some registers, as masks, can only be read, and a debugger writes them back as they were.
      if target.readRegister(number, of: selected) != value { _ = target.writeRegister(number, of: selected, value) }
    }
    return rest.isEmpty ? .ok : .failure(.malformed)
  }

  // MARK: Memory

  func memory(_ request: Request) -> Reply {
    switch request {
    case .readMemory(let address, let count):
      let bytes = read(address, count: min(count, Self.packetSize / 2))
      return bytes.isEmpty && count > 0 ? .failure(.unreadable) : .bytes(bytes)
    case .writeMemory(let address, let bytes):
      if bytes.isEmpty { return .ok }
      let isDone =
        readsPhysicalMemory ? target.writePhysicalMemory(address, bytes) : target.writeMemory(address, bytes, of: selected)
      return isDone ? .ok : .failure(.unreadable)
    case .searchMemory(let address, let count, let pattern): return search(address, count: count, pattern)
    case .setPhysicalMemory(let isPhysical):
      readsPhysicalMemory = isPhysical
      return .ok
    case .isMemoryPhysical: return .text(readsPhysicalMemory ? "1" : "0")
    case .memoryRegion(let address):
      guard let region = target.memoryRegion(around: address, of: selected) else { return .empty }
      let size = region.end &- region.start
      let rights = region.rights.isEmpty ? "" : "permissions:\(region.rights);"
      return .text("start:\(String(region.start, radix: 16));size:\(String(size, radix: 16));" + rights)
    default: return .empty
    }
  }

  private func read(_ address: UInt64, count: Int) -> [UInt8] {
    readsPhysicalMemory ? target.readPhysicalMemory(address, count: count) : target.readMemory(address, count: count, of: selected)
  }

  /// The most bytes that one search looks at, so that it ends soon.
  private static let searchLimit: UInt64 = 64 << 20

  private func search(_ address: UInt64, count: UInt64, _ pattern: [UInt8]) -> Reply {
    if count > Self.searchLimit { return .refusal("at most \(Self.searchLimit) bytes can be searched at once") }
    let chunk = 1 << 16
    var done: UInt64 = 0
    var window: [UInt8] = []
    while done < count {
      let start = address &+ done
      let bytes = read(start, count: min(chunk, Int(count - done)))
      if bytes.isEmpty { return .failure(.unreadable) }
      let base = start &- UInt64(window.count)
      window += bytes
      if let index = Self.firstIndex(of: pattern, in: window) { return .text("1,\(String(base &+ UInt64(index), radix: 16))") }
      window = Array(window.suffix(pattern.count - 1))
      done += UInt64(bytes.count)
    }
    return .text("0")
  }

  private static func firstIndex(of pattern: [UInt8], in bytes: [UInt8]) -> Int? {
    if bytes.count < pattern.count { return nil }
    return (0...bytes.count - pattern.count).first { bytes[$0] == pattern[0] && bytes[$0..<$0 + pattern.count].elementsEqual(pattern) }
  }

  // MARK: Threads

  /// The threads of the processes that the debugger has not let go.
  var shownThreads: [RemoteThread] { target.threads.filter { processes.contains($0.id.process) } }

  /// The thread that a selection means: one of its threads, the thread that stopped last if it is one of them.
  func thread(_ selection: ThreadSelection) -> ThreadID? {
    let chosen = shownThreads.map(\.id).filter { selection.includes($0) }
    return chosen.first { $0 == target.stoppedThread } ?? chosen.first
  }

  func threads(_ request: Request) -> Reply {
    switch request {
    case .select(.reading, let selection):
      // Once the program has ended, there is nothing left to select, and a debugger still selects.
      guard let thread = thread(selection) else { return shownThreads.isEmpty ? .ok : .failure(.noSuchThread) }
      selected = thread
      return .ok
    case .select(.resuming, let selection):
      resumed = selection
      return .ok
    case .isAlive(let selection): return thread(selection) == nil ? .failure(.noSuchThread) : .ok
    case .currentThread: return .text("QC" + name(target.stoppedThread))
    case .firstThreads:
      untoldThreads = shownThreads[...]
      return listThreads()
    case .moreThreads: return listThreads()
    case .threadDescription(let selection):
      guard let id = thread(selection), let thread = shownThreads.first(where: { $0.id == id }) else { return .failure(.noSuchThread) }
      return .bytes(Array("\(thread.name): \(thread.description)".utf8))
    // A debugger that leaves ends a program that the stub has started.
    case .wasAttached: return .text("0")
    default: return .empty
    }
  }

  private func listThreads() -> Reply {
    if untoldThreads.isEmpty { return .text("l") }
    let piece = untoldThreads.prefix(500)
    untoldThreads = untoldThreads.dropFirst(piece.count)
    return .text("m" + piece.map { name($0.id) }.joined(separator: ","))
  }
}
