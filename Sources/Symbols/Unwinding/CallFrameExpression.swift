// Owns the evaluation of DWARF expressions as they occur in call frame information: a stack of 64-bit numbers.
// It does not know locations of variables. Source: DWARF 5, section 2.5.1.

/// A DWARF expression over registers and memory.
struct CallFrameExpression {
  private static let longest = 1 << 12
  private static let deepest = 256

  private let registers: UnwindRegisters
  private var stack: [UInt64]

  /// The value of the expression in a range of the bytes. `initial` is on the stack at its start: nothing, or the CFA.
  static func value(
    _ bytes: [UInt8], _ range: Range<Int>, _ registers: UnwindRegisters, initial: [UInt64], _ memory: inout StackMemory
  ) throws(DWARFDamage) -> UInt64 {
    var expression = CallFrameExpression(registers: registers, stack: initial)
    var reader = DWARFReader(bytes, range)
    var steps = 0
    while !reader.isAtEnd {
      steps += 1
      if steps > longest || expression.stack.count > deepest { throw DWARFDamage() }
      if let jump = try expression.step(try reader.byte(), &reader, &memory) {
        let place = reader.at &+ jump
        guard range.contains(place) || place == range.upperBound else { throw DWARFDamage() }
        reader = DWARFReader(bytes, place..<range.upperBound)
      }
    }
    return try expression.pop()
  }

  private mutating func pop() throws(DWARFDamage) -> UInt64 {
    guard let value = stack.popLast() else { throw DWARFDamage() }
    return value
  }

  private func top(_ depth: Int = 0) throws(DWARFDamage) -> UInt64 {
    guard depth < stack.count else { throw DWARFDamage() }
    return stack[stack.count - 1 - depth]
  }

  private func register(_ number: UInt64) throws(DWARFDamage) -> UInt64 {
    guard number <= 31 else { throw DWARFDamage() }
    return number == 31 ? registers.sp : registers.x[Int(number)]
  }

  /// Runs one operation; the result is the distance of a jump.
  private mutating func step(_ code: UInt8, _ reader: inout DWARFReader, _ memory: inout StackMemory) throws(DWARFDamage) -> Int? {
    switch code {
    case 0x30...0x4f: stack.append(UInt64(code - 0x30))  // lit0 to lit31
    case 0x70...0x8f: stack.append(try register(UInt64(code - 0x70)) &+ UInt64(bitPattern: try reader.signed()))  // breg
    case 0x92: stack.append(try register(try reader.unsigned()) &+ UInt64(bitPattern: try reader.signed()))  // bregx
    case 0x06: stack.append(try load(try pop(), 8, &memory))  // deref
    case 0x94:  // deref_size
      let size = Int(try reader.byte())
      guard [1, 2, 4, 8].contains(size) else { throw DWARFDamage() }
      stack.append(try load(try pop(), size, &memory))
    case 0x03, 0x0e: stack.append(try reader.fixed(8))  // addr, const8u
    case 0x08: stack.append(try reader.fixed(1))
    case 0x09: stack.append(try reader.fixedSigned(1))
    case 0x0a: stack.append(try reader.fixed(2))
    case 0x0b: stack.append(try reader.fixedSigned(2))
    case 0x0c: stack.append(try reader.fixed(4))
    case 0x0d: stack.append(try reader.fixedSigned(4))
    case 0x0f: stack.append(try reader.fixed(8))
    case 0x10: stack.append(try reader.unsigned())
    case 0x11: stack.append(UInt64(bitPattern: try reader.signed()))
    case 0x12: stack.append(try top())  // dup
    case 0x13: _ = try pop()
    case 0x14: stack.append(try top(1))  // over
    case 0x15: stack.append(try top(Int(try reader.byte())))  // pick
    case 0x16:  // swap
      let (first, second) = (try pop(), try pop())
      stack += [first, second]
    case 0x23: stack.append(try pop() &+ (try reader.unsigned()))  // plus_uconst
    case 0x28:  // bra
      let jump = Int(Int16(truncatingIfNeeded: try reader.fixed(2)))
      return try pop() != 0 ? jump : nil
    case 0x2f: return Int(Int16(truncatingIfNeeded: try reader.fixed(2)))  // skip
    case 0x96: break  // nop
    default: try arithmetic(code)
    }
    return nil
  }

  private func load(_ address: UInt64, _ size: Int, _ memory: inout StackMemory) throws(DWARFDamage) -> UInt64 {
    guard let value = memory.value(address, size: size) else { throw DWARFDamage() }
    return value
  }

  private mutating func arithmetic(_ code: UInt8) throws(DWARFDamage) {
    let right = try pop()
    if code == 0x1f || code == 0x20 {  // neg, not
      stack.append(code == 0x1f ? 0 &- right : ~right)
      return
    }
    let left = try pop()
    let (signedLeft, signedRight) = (Int64(bitPattern: left), Int64(bitPattern: right))
    switch code {
    case 0x1a: stack.append(left & right)
    case 0x1c: stack.append(left &- right)
    case 0x1e: stack.append(left &* right)
    case 0x21: stack.append(left | right)
    case 0x22: stack.append(left &+ right)
    case 0x24: stack.append(right < 64 ? left << right : 0)
    case 0x25: stack.append(right < 64 ? left >> right : 0)
    case 0x26: stack.append(UInt64(bitPattern: signedLeft >> Int64(min(right, 63))))
    case 0x27: stack.append(left ^ right)
    case 0x29: stack.append(left == right ? 1 : 0)
    case 0x2a: stack.append(signedLeft >= signedRight ? 1 : 0)
    case 0x2b: stack.append(signedLeft > signedRight ? 1 : 0)
    case 0x2c: stack.append(signedLeft <= signedRight ? 1 : 0)
    case 0x2d: stack.append(signedLeft < signedRight ? 1 : 0)
    case 0x2e: stack.append(left != right ? 1 : 0)
    default: throw DWARFDamage()  // division and others, which no unwinding needs
    }
  }
}
