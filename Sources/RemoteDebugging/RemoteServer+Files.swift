// Owns the requests for objects and files of the target, and the files that the debugger has open. It does not know where the contents come
// from.
import GDBProtocol

/// The files that a debugger has open: whole contents as they were when the file was opened.
struct OpenFiles {
  private(set) var process = 0
  private var files: [Int: [UInt8]] = [:]
  /// The most files that may be open.
  private static let limit = 64

  mutating func setFileSystem(process: Int) { self.process = process }
  mutating func add(_ contents: [UInt8]) -> Int? {
    guard files.count < Self.limit, let number = (1...Self.limit).first(where: { files[$0] == nil }) else { return nil }
    files[number] = contents
    return number
  }
  mutating func remove(_ number: Int) -> Bool { files.removeValue(forKey: number) != nil }
  subscript(number: Int) -> [UInt8]? { files[number] }
}

extension RemoteServer {
  func transfer(_ object: TransferObject, _ annex: String, offset: Int, count: Int) -> Reply {
    let process = UInt32(annex, radix: 16).map { Int($0) } ?? selected.process
    let contents: [UInt8]?
    switch object {
    case .features:
      if annex != "target.xml" { return .failure(.malformed) }
      contents = Array(TargetDescription.xml(architecture: "aarch64", osABI: target.osABI, target.registerFeatures).utf8)
    case .threads:
      let threads = shownThreads.map { (id: name($0.id), name: $0.name, description: $0.description) }
      contents = Array(TargetDescription.threads(threads).utf8)
    case .auxv: contents = target.auxiliaryVector(ofProcess: selected.process)
    case .siginfo: contents = target.signalInformation(of: selected)
    case .memoryMap: contents = target.memoryMap.map { Array(TargetDescription.memoryMap($0).utf8) }
    case .executable: contents = target.executable(ofProcess: process).map { Array($0.utf8) }
    }
    guard let contents else { return .failure(.unreadable) }
    return part(contents, offset: UInt64(offset), count: count)
  }

  /// A part of some contents, as far as it fits into a packet.
  private func part(_ contents: [UInt8], offset: UInt64, count: Int) -> Reply {
    let rest = contents[min(Int(clamping: offset), contents.count)...]
    let part = PacketWriter.fitting(rest.prefix(count), limit: Self.packetSize - 1)
    return .part(part, isLast: part.count == rest.count)
  }

  func file(_ request: FileRequest) -> Reply {
    switch request {
    case .setFileSystem(let process):
      files.setFileSystem(process: process)
      return .file(0)
    case .open(let path, let flags, _):
      // File-I/O's O_WRONLY and O_RDWR are 1 and 2.
      if flags & 3 != 0 { return .fileFailure(.EROFS) }
      do {
        let contents = try target.contents(ofFile: path, process: fileProcess)
        guard let number = files.add(contents) else { return .fileFailure(.EUNKNOWN) }
        return .file(number)
      } catch { return .fileFailure(error) }
    case .close(let number): return files.remove(number) ? .file(0) : .fileFailure(.EBADF)
    case .read(let number, let count, let offset):
      guard let contents = files[number] else { return .fileFailure(.EBADF) }
      let rest = contents[min(Int(clamping: offset), contents.count)...]
      // `F`, the count and `;` come before the bytes.
      let part = PacketWriter.fitting(rest.prefix(count), limit: Self.packetSize - 10)
      return .file(part.count, Array(part))
    case .status(let number):
      guard let contents = files[number] else { return .fileFailure(.EBADF) }
      let status = FileStatus(mode: 0o100444, size: UInt64(contents.count)).bytes
      return .file(status.count, status)
    case .readLink(let path):
      do {
        let target = Array(try self.target.target(ofLink: path, process: fileProcess).utf8)
        return .file(target.count, target)
      } catch { return .fileFailure(error) }
    case .write, .unlink: return .fileFailure(.EROFS)
    }
  }

  private var fileProcess: Int { files.process == 0 ? selected.process : files.process }
}
