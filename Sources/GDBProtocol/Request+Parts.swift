// Owns how the arguments of requests about registers, memory, stop points and runs are read. It does not know which requests there are:
// the table of packets does.

extension Request {
  /// Takes `0` or `1` as all of the rest.
  static func flag(_ cursor: inout PacketCursor) -> Bool? {
    guard let number = cursor.lastNumber(), number <= 1 else { return nil }
    return number == 1
  }

  /// Takes a thread as all of the rest.
  static func threads(_ cursor: inout PacketCursor) -> ThreadSelection? {
    let threads = cursor.threads()
    return cursor.isAtEnd ? threads : nil
  }

  /// Numbers between separators; GDB also writes one behind the last. Nil if a piece is no number.
  static func numbers(_ cursor: PacketCursor, separator: Character) -> [UInt64]? {
    var numbers: [UInt64] = []
    for piece in cursor.pieces(separator: separator) where !piece.isEmpty {
      var cursor = PacketCursor(piece)
      guard let number = cursor.lastNumber() else { return nil }
      numbers.append(number)
    }
    return numbers
  }

  /// Text in hexadecimal digits.
  static func name(_ cursor: PacketCursor) -> String? {
    Hexadecimal.decoded(cursor.rest).map { String(decoding: $0, as: UTF8.self) }
  }

  // MARK: Registers and memory

  static func writeRegister(_ cursor: inout PacketCursor) -> Request? {
    guard let number = cursor.smallNumber(), cursor.take("="), let bytes = Hexadecimal.decoded(cursor.rest) else { return nil }
    return .writeRegister(number, bytes)
  }

  static func readMemory(_ cursor: inout PacketCursor) -> Request? {
    guard let address = cursor.number(), cursor.take(","), let count = cursor.smallNumber(), cursor.isAtEnd else { return nil }
    return .readMemory(address: address, count: count)
  }

  static func writeMemory(_ cursor: inout PacketCursor, isBinary: Bool) -> Request? {
    guard let address = cursor.number(), cursor.take(","), let count = cursor.smallNumber(), cursor.take(":") else { return nil }
    guard let bytes = isBinary ? Array(cursor.rest) : Hexadecimal.decoded(cursor.rest), bytes.count == count else { return nil }
    return .writeMemory(address: address, bytes)
  }

  static func searchMemory(_ cursor: inout PacketCursor) -> Request? {
    guard let address = cursor.number(), cursor.take(";"), let count = cursor.number(), cursor.take(";"), !cursor.isAtEnd else {
      return nil
    }
    return .searchMemory(address: address, count: count, Array(cursor.rest))
  }

  /// Takes `TYPE,ADDRESS,KIND`. Conditions and commands behind them are not offered, so they are malformed.
  static func stopPoint(_ cursor: inout PacketCursor) -> StopPoint? {
    guard let type = cursor.smallNumber(), let kind = StopPoint.Kind(rawValue: type), cursor.take(","), let address = cursor.number(),
      cursor.take(","), let size = cursor.lastNumber()
    else { return nil }
    return StopPoint(kind, address: address, size: size)
  }

  // MARK: Running

  static func signal(_ cursor: inout PacketCursor) -> Int? {
    guard let number = cursor.smallNumber(), number <= 0xff else { return nil }
    return number
  }

  /// Takes `[SIGNAL][;ADDRESS]`, or `[ADDRESS]` for the packets without a signal.
  static func resumeSelected(_ cursor: inout PacketCursor, hasSignal: Bool, _ action: (Int) -> Action) -> Request? {
    guard let signal = hasSignal ? signal(&cursor) : 0 else { return nil }
    if cursor.isAtEnd { return .resumeSelected(action(signal), address: nil) }
    if hasSignal && !cursor.take(";") { return nil }
    return cursor.lastNumber().map { .resumeSelected(action(signal), address: $0) }
  }

  /// Takes the actions of `vCont`, of which there is at least one.
  static func resume(_ cursor: inout PacketCursor) -> Request? {
    var actions: [ResumeAction] = []
    for piece in cursor.pieces(separator: ";") {
      var cursor = PacketCursor(piece)
      guard let action = action(&cursor) else { return nil }
      var threads = ThreadSelection.all
      if cursor.take(":") {
        guard let selected = cursor.threads() else { return nil }
        threads = selected
      }
      if !cursor.isAtEnd { return nil }
      actions.append(ResumeAction(action, threads))
    }
    return actions.isEmpty ? nil : .resume(actions)
  }

  private static func action(_ cursor: inout PacketCursor) -> Action? {
    if cursor.take("c") { return .continue(signal: 0) }
    if cursor.take("s") { return .step(signal: 0) }
    if cursor.take("t") { return .stop }
    if cursor.take("C") { return signal(&cursor).map { .continue(signal: $0) } }
    if cursor.take("S") { return signal(&cursor).map { .step(signal: $0) } }
    guard cursor.take("r"), let start = cursor.number(), cursor.take(","), let end = cursor.number() else { return nil }
    return .stepRange(start: start, end: end)
  }

  static func catchSystemCalls(_ cursor: inout PacketCursor) -> Request? {
    if cursor.take("0") { return cursor.isAtEnd ? .catchSystemCalls(.none) : nil }
    if !cursor.take("1") { return nil }
    if cursor.isAtEnd { return .catchSystemCalls(.all) }
    if !cursor.take(";") { return nil }
    return numbers(cursor, separator: ";").map { .catchSystemCalls(.some(Set($0))) }
  }

  static func run(_ cursor: inout PacketCursor) -> Request? {
    var words: [[UInt8]] = []
    for piece in cursor.pieces(separator: ";") {
      guard let word = Hexadecimal.decoded(piece) else { return nil }
      words.append(word)
    }
    return .run(file: words.first ?? [], arguments: Array(words.dropFirst()))
  }

  static func detach(_ cursor: inout PacketCursor) -> Request? {
    if cursor.isAtEnd { return .detach(process: nil) }
    guard cursor.take(";"), let process = cursor.smallNumber(), cursor.isAtEnd else { return nil }
    return .detach(process: process)
  }
}
