// Owns the routines of a test program, instruction by instruction.
// It does not know the stretches between them.

extension TestProgram {
  /// The words from the start of the text to the first stretch.
  var routines: [UInt32] {
    typealias Layout = TestProgramLayout
    let places: [(address: UInt64, routine: [UInt32])] = [
      (Layout.text, Self.start), (Layout.next, Self.next), (Layout.save, Self.save), (Layout.finish, Self.finish),
      (Layout.handler, Self.handler), (Layout.stretches, []),
    ]
    var words: [UInt32] = []
    for place in places {
      let before = Int(place.address - Layout.text) / 4
      precondition(words.count <= before, "a routine is longer than its place")
      words += Array(repeating: Stretch.nop, count: before - words.count) + place.routine
    }
    return words
  }

  /// Installs signal handlers on a stack of their own, because SP has any value inside a stretch. It clears SSBS, which Linux sets
  /// for a new program and QEMU's user mode does not.
  private static var start: [UInt32] {
    var words = A64.move(0, TestProgramLayout.data + UInt64(TestProgramLayout.stack)) + A64.move(1, 0) + A64.systemCall(132)
    for signal in [4, 7, 11] as [UInt64] {
      words += A64.move(0, signal)
      words += A64.move(1, TestProgramLayout.data + UInt64(TestProgramLayout.action))
      words += A64.move(2, 0) + A64.move(3, 8) + A64.systemCall(134)
    }
    return words + [A64.clearSSBS]
  }

  /// Loads the window and all registers from the next input, and jumps to its stretch.
  private static var next: [UInt32] {
    var words = A64.move(30, TestProgramLayout.data)
    words += [
      A64.load(29, 30, TestProgramLayout.input), A64.load(28, 30, TestProgramLayout.inputEnd), A64.compare(29, 28),
      A64.branchIfEqual(words: Int(TestProgramLayout.finish - TestProgramLayout.next) / 4 - 5),
      A64.add(28, 29, StretchState.windowOffset),
    ]
    words += A64.move(27, TestProgramLayout.window)
    for offset in stride(from: 0, to: StretchState.windowSize, by: 32) {
      words += [A64.loadPairQ(0, 1, 28, offset), A64.storePairQ(0, 1, 27, offset)]
    }
    for (index, register) in controls.enumerated() {
      words += [A64.load(0, 29, StretchState.controlOffset + 8 * index), A64.writeSystem(register, 0)]
    }
    for pair in 0..<16 { words.append(A64.loadPairQ(pair * 2, pair * 2 + 1, 29, StretchState.vectorOffset + pair * 32)) }
    words += [
      A64.load(0, 29, 31 * 8), A64.moveToSP(0), A64.load(0, 29, 30 * 8), A64.writeSystem(.threadPointer, 0),
      A64.load(30, 29, StretchState.placeOffset), A64.subtract(30, 30, value: 4), A64.clearExclusive,
    ]
    for pair in 0..<14 { words.append(A64.loadPair(pair * 2, pair * 2 + 1, 29, pair * 16)) }
    return words + [A64.load(28, 29, 28 * 8), A64.load(29, 29, 29 * 8), A64.branchRegister(30)]
  }

  /// Stores all registers, the signals and the window, and continues with the next input.
  private static var save: [UInt32] {
    var words = A64.move(30, TestProgramLayout.data) + [A64.load(30, 30, TestProgramLayout.output)]
    for pair in 0..<15 { words.append(A64.storePair(pair * 2, pair * 2 + 1, 30, pair * 16)) }
    words += [A64.readSystem(.threadPointer, 0), A64.store(0, 30, 30 * 8), A64.moveFromSP(0), A64.store(0, 30, 31 * 8)]
    for (index, register) in controls.enumerated() {
      words += [A64.readSystem(register, 0), A64.store(0, 30, StretchState.controlOffset + 8 * index)]
    }
    for pair in 0..<16 { words.append(A64.storePairQ(pair * 2, pair * 2 + 1, 30, StretchState.vectorOffset + pair * 32)) }
    words += A64.move(29, TestProgramLayout.data)
    words += [
      A64.load(0, 29, TestProgramLayout.signals), A64.store(0, 30, StretchState.placeOffset),
      A64.store(31, 29, TestProgramLayout.signals), A64.store(31, 29, TestProgramLayout.signalCount),
      A64.add(28, 30, StretchState.windowOffset),
    ]
    words += A64.move(27, TestProgramLayout.window)
    for offset in stride(from: 0, to: StretchState.windowSize, by: 32) {
      words += [A64.loadPairQ(0, 1, 27, offset), A64.storePairQ(0, 1, 28, offset)]
    }
    words += [
      A64.add(30, 30, StretchState.size), A64.store(30, 29, TestProgramLayout.output),
      A64.load(30, 29, TestProgramLayout.input), A64.add(30, 30, StretchState.size), A64.store(30, 29, TestProgramLayout.input),
    ]
    return words + A64.move(30, TestProgramLayout.next) + [A64.branchRegister(30)]
  }

  /// The order of FPCR, FPSR and NZCV in a `StretchState`.
  private static let controls: [A64.SystemRegister] = [.fpcr, .fpsr, .nzcv]

  /// Calls write(1, ...) until everything behind the inputs is written, then exit(0); exit(1) if writing fails.
  private static var finish: [UInt32] {
    var words = A64.move(30, TestProgramLayout.data)
    words += [
      A64.load(1, 30, TestProgramLayout.inputEnd), A64.load(2, 30, TestProgramLayout.output), A64.subtract(2, 2, 1),
    ]
    words += A64.move(0, 1) + A64.systemCall(64)
    words += [A64.skipUnlessNegative(0, words: 5)] + A64.move(0, 1) + A64.systemCall(93)
    words += [
      A64.load(3, 30, TestProgramLayout.inputEnd), A64.addRegister(3, 3, 0), A64.store(3, 30, TestProgramLayout.inputEnd),
      A64.load(2, 30, TestProgramLayout.output), A64.compare(3, 2),
    ]
    words.append(A64.branchIfNotEqual(words: -words.count))
    return words + A64.move(0, 0) + A64.systemCall(93)
  }

  /// Records the signal under the word's index and skips the word. If a stretch makes no progress, the program ends.
  private static var handler: [UInt32] {
    var words = A64.move(9, TestProgramLayout.data)
    words += [
      A64.load(10, 9, TestProgramLayout.input), A64.load(10, 10, StretchState.placeOffset),
      A64.load(11, 2, contextPC), A64.subtract(12, 11, 10), A64.shiftRightBy2(12, 12), A64.keepLow3(12, 12),
      A64.add(13, 9, TestProgramLayout.signals), A64.storeByte(0, 13, 12),
      A64.add(11, 11, 4), A64.store(11, 2, contextPC),
      A64.load(14, 9, TestProgramLayout.signalCount), A64.add(14, 14, 1), A64.store(14, 9, TestProgramLayout.signalCount),
      A64.shiftRightBy2(14, 14), A64.shiftRightBy2(14, 14), A64.skipIfZero(14, words: 5),
    ]
    return words + A64.move(0, 99) + A64.systemCall(93) + A64.systemCall(139)
  }

  /// uc_mcontext.pc in a ucontext. Linux: arch/arm64/include/uapi/asm/sigcontext.h.
  private static let contextPC = 440
}
