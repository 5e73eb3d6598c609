// Owns reading the lines of a report that hold numbers: page tables, registers, code words, stacks, the processor's line.
// It does not know in which order they come.

extension KernelLogReader {
  /// `4k pages, 52-bit VAs, pgdp=0000000042e02480`.
  mutating func pageTable(_ line: inout LineScanner, isUser: Bool) {
    var table = LoggedPageTable()
    table.isUser = isUser
    if let size = line.decimal(), line.take("k pages, "), let bits = line.decimal(), line.take("-bit VAs"), size <= 64, bits <= 56 {
      table.pageSize = size << 10
      table.addressBits = Int(bits)
    }
    if line.take(through: "pgdp") != nil {
      line.skipSpaces()
      if line.take("=") {
        line.skipSpaces()
        table.root = line.hexadecimal()
      }
    }
    report?.pageTable = table
  }

  /// `[0000000000000010] pgd=0800000042ddc003, p4d=...`, or `[dead000000000100] address between user and kernel address ranges`.
  mutating func bracket(_ line: inout LineScanner) {
    guard report?.code.isEmpty == true, line.hexadecimal() != nil, line.take("] ") else { return }
    if report?.pageTable == nil { report?.pageTable = LoggedPageTable() }
    var copy = line
    _ = copy.take("*")
    if copy.take("p") { entries(&copy, "p") } else { report?.pageTable?.refusal = line.text }
  }

  /// `pgd=..., p4d=...`, of which the first letters are read already.
  mutating func entries(_ line: inout LineScanner, _ start: String) {
    var start = start
    for _ in 0..<5 {
      guard let name = line.take(through: "=") else { return }
      let full = (start + String(decoding: name, as: UTF8.self)).trimmingSpaces
      line.skipSpaces()
      guard ["pgd", "p4d", "pud", "pmd", "pte"].contains(full), let value = line.hexadecimal() else { return }
      if report?.pageTable == nil { report?.pageTable = LoggedPageTable() }
      if (report?.pageTable?.entries.count ?? 5) < 5 { report?.pageTable?.entries.append((full, value)) }
      start = ""
      if !line.take(",") { return }
      line.skipSpaces()
      _ = line.take("*")
    }
  }

  /// `[0xffff800082e58000..0xffff800082e5c000]`.
  mutating func stack(_ name: String, _ line: inout LineScanner) {
    line.skipSpaces()
    guard line.take("["), let start = line.hexadecimal(), line.take(".."), let end = line.hexadecimal(), start < end else { return }
    if (report?.stacks.count ?? 8) < 8 { report?.stacks.append(LoggedStack(name: name, range: start...end)) }
  }

  /// `0 UID: 0 PID: 138 Comm: provoke Tainted: G      D            6.12.117+deb13-cloud-arm64 #1`.
  mutating func processor(_ line: inout LineScanner) {
    report?.cpu = line.decimal()
    guard line.take(through: "PID: ") != nil, let process = line.decimal(), line.take(through: "Comm: ") != nil else { return }
    if report?.process == nil { report?.process = process }
    var copy = line
    if let name = copy.take(through: " Not tainted ") {
      if report?.task == nil { report?.task = String(decoding: name, as: UTF8.self) }
    } else if let name = line.take(through: " Tainted: ") {
      if report?.task == nil { report?.task = String(decoding: name, as: UTF8.self) }
      copy = line
      while let byte = copy.rest.first, !(0x30...0x39).contains(byte) {
        let letter = copy.word()
        if letter.count == 1 { report?.taint += letter }
        copy.skipSpaces()
      }
    } else {
      return
    }
    copy.skipSpaces()
    report?.release = copy.word()
  }

  /// A symbol, a number, or before Linux 4.20 `[<ffff000008081000>] lr : [<...>] pstate: 60000145`.
  mutating func programCounter(_ line: inout LineScanner) {
    if line.take("[<") {
      report?.pc = line.hexadecimal()
      if line.take(through: "lr : [<") != nil { report?.general[30] = line.hexadecimal() }
      if line.take(through: "pstate: ") != nil { report?.pstate = line.hexadecimal() }
      return
    }
    let (symbol, value) = Self.symbol(&line)
    report?.pc = value
    report?.pcSymbol = symbol
  }

  mutating func linkRegister(_ line: inout LineScanner) {
    let (symbol, value) = Self.symbol(&line)
    report?.general[30] = value
    report?.lrSymbol = symbol
  }

  private static func symbol(_ line: inout LineScanner) -> (String?, UInt64?) {
    var copy = line
    if let value = copy.hexadecimal(), copy.isEmpty || copy.rest.first == 0x20 { return (nil, value) }
    return (line.text, nil)
  }

  /// `29: ffff8000823eba30 x28: fff0000003609280`, behind the first `x`.
  mutating func registers(_ line: inout LineScanner) {
    repeat {
      guard let number = line.decimal() else { return }
      line.skipSpaces()
      guard line.take(":"), number < 31 else { return }
      line.skipSpaces()
      guard let value = line.hexadecimal() else { return }
      report?.general[Int(number)] = value
      line.skipSpaces()
    } while line.take("x")
  }

  /// `a9bd7bfd 910003fd ???????? (f9400800)`.
  mutating func code(_ line: inout LineScanner) {
    var words: [UInt32?] = []
    var faulting: Int?
    while words.count < 64 {
      line.skipSpaces()
      let isFaulting = line.take("(")
      if line.take("????????") {
        words.append(nil)
      } else if let value = line.hexadecimal(), let word = UInt32(exactly: value) {
        words.append(word)
      } else {
        break
      }
      if isFaulting {
        faulting = words.count - 1
        _ = line.take(")")
      }
    }
    report?.code = words
    report?.faultingWord = faulting
  }
}
