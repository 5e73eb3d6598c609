// Owns the program around the stretches, as bytes of a static ELF executable: it loads all registers from a table, runs a stretch,
// stores all registers into another table, and writes that table to stdout at the end.
// It does not know what the words do, and needs no compiler.

/// The program's places in memory. They are the same in every program, so that a stretch alone behaves as it does among others.
enum TestProgramLayout {
  static let text: UInt64 = 0x40_0000
  // Routines of the text, in the order in which `TestProgram.routines` has them.
  static let next: UInt64 = 0x40_0100
  static let save: UInt64 = 0x40_0280
  static let finish: UInt64 = 0x40_0400
  static let handler: UInt64 = 0x40_0480
  /// The address of the first stretch, and the distance between two. A stretch is MRS, the words, MSR, B.
  static let stretches: UInt64 = 0x40_1000
  static let stretchSize: UInt64 = 64

  static let data: UInt64 = 0x1000_0000
  /// The window lies across the border of two pages that hold nothing else.
  static let window: UInt64 = data + 0x1f80
  static let signalStack: UInt64 = data + 0x3000
  static let signalStackSize: UInt64 = 0x1_0000
  static let inputs: UInt64 = data + 0x2_0000

  // Variables, as offsets from the data.
  static let input = 0
  static let output = 8
  static let inputEnd = 16
  static let signals = 24
  static let signalCount = 32
  static let stack = 64
  static let action = 96

  /// The address of word `index` of the stretch in `slot`.
  static func address(slot: Int, word index: Int) -> UInt64 { stretches + UInt64(slot) * stretchSize + 4 + 4 * UInt64(index) }
}

/// A program that runs stretches.
struct TestProgram {
  private let stretches: [Stretch]

  /// Puts each stretch into the slot of its index in the list.
  init(_ stretches: [Stretch]) { self.stretches = stretches.enumerated().map { $1.moved(to: $0) } }

  /// The ELF file: the text, and the data, whose part beyond the file's bytes receives the results.
  var bytes: [UInt8] {
    typealias Layout = TestProgramLayout
    let text = routines + stretches.enumerated().flatMap(code)
    var data = [UInt8](repeating: 0, count: Int(Layout.inputs - Layout.data))
    let inputsSize = UInt64(stretches.count * StretchState.size)
    let variables: [(Int, UInt64)] = [
      (Layout.input, Layout.inputs), (Layout.output, Layout.inputs + inputsSize), (Layout.inputEnd, Layout.inputs + inputsSize),
      (Layout.stack, Layout.signalStack), (Layout.stack + 16, Layout.signalStackSize),
      (Layout.action, Layout.handler), (Layout.action + 8, Self.signalFlags),
    ]
    for (offset, value) in variables { withUnsafeBytes(of: value) { data.replaceSubrange(offset..<offset + 8, with: $0) } }
    data.reserveCapacity(data.count + Int(inputsSize))
    for stretch in stretches { stretch.input.append(to: &data) }
    return Self.executable(text: text, data: data, dataSize: UInt64(data.count) + inputsSize)
  }

  /// SA_SIGINFO and SA_ONSTACK.
  private static let signalFlags: UInt64 = 0x0800_0004

  /// X30 holds the stretch's address, so its own value is passed through TPIDR_EL0.
  private func code(slot: Int, _ stretch: Stretch) -> [UInt32] {
    precondition(stretch.words.count <= Stretch.wordLimit)
    let words = stretch.words + Array(repeating: Stretch.nop, count: Stretch.wordLimit - stretch.words.count)
    let end = TestProgramLayout.address(slot: slot, word: Stretch.wordLimit)
    let exit = [A64.writeSystem(.threadPointer, 30), A64.branch(from: end + 4, to: TestProgramLayout.save)]
    let code = [A64.readSystem(.threadPointer, 30)] + words + exit
    return code + Array(repeating: Stretch.nop, count: Int(TestProgramLayout.stretchSize) / 4 - code.count)
  }

  private static func executable(text: [UInt32], data: [UInt8], dataSize: UInt64) -> [UInt8] {
    let textSize = UInt64(text.count * 4)
    let dataOffset = (0x1000 + textSize + 0xfff) & ~0xfff
    var header: [UInt64] = [0x0001_0102_464c_457f, 0, 0x0000_0001_00b7_0002, TestProgramLayout.text, 64, 0]
    header += [0x0038_0040_0000_0000, 0x0000_0000_0040_0002]
    header += segment(flags: 5, offset: 0x1000, address: TestProgramLayout.text, fileSize: textSize, size: textSize)
    header += segment(flags: 6, offset: dataOffset, address: TestProgramLayout.data, fileSize: UInt64(data.count), size: dataSize)
    var file: [UInt8] = []
    file.reserveCapacity(Int(dataOffset) + data.count)
    header.withUnsafeBytes { file += $0 }
    file += [UInt8](repeating: 0, count: 0x1000 - file.count)
    text.withUnsafeBytes { file += $0 }
    file += [UInt8](repeating: 0, count: Int(dataOffset) - file.count)
    return file + data
  }

  private static func segment(flags: UInt64, offset: UInt64, address: UInt64, fileSize: UInt64, size: UInt64) -> [UInt64] {
    [1 | flags << 32, offset, address, address, fileSize, size, 0x1000]
  }
}
