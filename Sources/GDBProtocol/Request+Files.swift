// Owns how requests for objects (qXfer) and files (vFile) are read. It does not know any object or file. GDB manual, E.4 General Query
// Packets, E.7 Host I/O Packets.

extension Request {
  static let fileRows: [Row] = [
    Row("qXfer:", transfer),
    Row("vFile:setfs:") { cursor in cursor.smallNumber().flatMap { cursor.isAtEnd ? .file(.setFileSystem(process: $0)) : nil } },
    Row("vFile:open:", openFile),
    Row("vFile:close:") { descriptor(&$0).map { .file(.close($0)) } },
    Row("vFile:pread:", readFile),
    Row("vFile:pwrite:", writeFile),
    Row("vFile:fstat:") { descriptor(&$0).map { .file(.status($0)) } },
    Row("vFile:unlink:") { name($0).map { .file(.unlink(path: $0)) } },
    Row("vFile:readlink:") { name($0).map { .file(.readLink(path: $0)) } },
  ]

  /// Takes `OBJECT:read:ANNEX:OFFSET,COUNT` and `siginfo:write:ANNEX:OFFSET:DATA`. Objects that do not exist here, and other operations,
  /// are unknown.
  private static func transfer(_ cursor: inout PacketCursor) -> Request? {
    guard let name = cursor.take(upTo: ":"), let operation = cursor.take(upTo: ":") else { return nil }
    let isWrite = operation.elementsEqual("write".utf8)
    guard let object = TransferObject(rawValue: String(decoding: name, as: UTF8.self)),
      operation.elementsEqual("read".utf8) || isWrite && object == .siginfo
    else { return .unknown }
    guard let annex = cursor.take(upTo: ":") else { return nil }
    if isWrite {
      guard let offset = cursor.smallNumber(), cursor.take(":") else { return nil }
      return .writeObject(object, annex: String(decoding: annex, as: UTF8.self), offset: offset, Array(cursor.rest))
    }
    guard let offset = cursor.smallNumber(), cursor.take(","), let count = cursor.smallNumber(),
      cursor.isAtEnd
    else { return nil }
    return .transfer(object, annex: String(decoding: annex, as: UTF8.self), offset: offset, count: count)
  }

  private static func openFile(_ cursor: inout PacketCursor) -> Request? {
    guard let path = cursor.take(upTo: ","), let decoded = Hexadecimal.decoded(path), let flags = cursor.smallNumber(), cursor.take(","),
      let mode = cursor.smallNumber(), cursor.isAtEnd
    else { return nil }
    return .file(.open(path: String(decoding: decoded, as: UTF8.self), flags: flags, mode: mode))
  }

  private static func readFile(_ cursor: inout PacketCursor) -> Request? {
    guard let file = cursor.smallNumber(), cursor.take(","), let count = cursor.smallNumber(), cursor.take(","),
      let offset = cursor.lastNumber()
    else { return nil }
    return .file(.read(file, count: count, offset: offset))
  }

  private static func writeFile(_ cursor: inout PacketCursor) -> Request? {
    guard let file = cursor.smallNumber(), cursor.take(","), let offset = cursor.number(), cursor.take(",") else { return nil }
    return .file(.write(file, offset: offset, Array(cursor.rest)))
  }

  private static func descriptor(_ cursor: inout PacketCursor) -> Int? {
    let number = cursor.smallNumber()
    return cursor.isAtEnd ? number : nil
  }
}
