// Owns LD1 to LD4 and ST1 to ST4 of the general executor, element by element, for memory of any kind. Arm ARM C7.2.
// It does not know how an access reaches memory. All elements are translated before the first is accessed, so a fault changes
// nothing.
import Architecture
import Decoding

extension Context {
  func execute(_ access: StructureAccess) throws(GeneralExit) {
    let va = try base(access.n)
    let kind: AccessKind = access.load ? .read : .write
    try access.forEachElement { (element) throws(GeneralExit) in
      _ = try span(va &+ element.offset, element.bytes, AccessRules(kind: kind))
    }
    if access.load { clearLoaded(access) }
    try access.forEachElement { (element) throws(GeneralExit) in
      let place = vector(element.register) + element.offsetInRegister
      if access.load {
        try readBytes(va &+ element.offset, element.bytes, to: place, AccessRules(kind: kind))
      } else {
        try writeBytes(va &+ element.offset, element.bytes, from: place, AccessRules(kind: kind))
      }
    }
    if case .replicate(let arrangement) = access.selection { replicate(access, arrangement) }
    switch access.writeBack {
    case .none: break
    case .transferSize: write(access.n, va &+ access.bytes)
    case .register(let m): write(access.n, va &+ read(m))
    }
  }

  /// Clears the registers of a load that writes all lanes.
  private func clearLoaded(_ access: StructureAccess) {
    if case .lane = access.selection { return }
    for i in 0..<access.registers { writeVector((access.t.rawValue &+ i) & 31, .zero) }
  }

  /// LD1R to LD4R: copies the element in the first lane to all lanes.
  private func replicate(_ access: StructureAccess, _ arrangement: Arrangement) {
    let bytes = 1 << Int(arrangement.log2Size)
    for i in 0..<access.registers {
      let register = vector((access.t.rawValue &+ i) & 31)
      for offset in stride(from: bytes, to: arrangement.count * bytes, by: bytes) {
        (register + offset).copyMemory(from: register, byteCount: bytes)
      }
    }
  }
}

/// One element of a structure access: its place in memory, relative to the base, and in the registers.
struct StructureElement {
  var offset: UInt64
  var bytes: UInt64
  var register: UInt8
  var offsetInRegister: Int
}

extension StructureAccess {
  /// The number of registers that take part.
  var registers: UInt8 {
    if case .multiple(let repeats, _) = selection { return elements &* repeats }
    return elements
  }

  /// The number of bytes that are transferred.
  var bytes: UInt64 {
    switch selection {
    case .multiple(_, let arrangement): UInt64(registers) &* (arrangement.lanes == .full ? 16 : 8)
    case .lane(_, let log2Size): UInt64(elements) &<< UInt64(log2Size)
    case .replicate(let arrangement): UInt64(elements) &<< UInt64(arrangement.log2Size)
    }
  }

  /// Visits the elements in the order in which they stand in memory. Arm ARM: LD1 (multiple structures), LD1 (single structure).
  func forEachElement(_ body: (StructureElement) throws(GeneralExit) -> Void) throws(GeneralExit) {
    var offset: UInt64 = 0
    func visit(_ register: UInt8, _ lane: Int, _ log2Size: UInt8) throws(GeneralExit) {
      let bytes: UInt64 = 1 &<< UInt64(log2Size)
      try body(
        StructureElement(
          offset: offset, bytes: bytes, register: (t.rawValue &+ register) & 31, offsetInRegister: lane &<< Int(log2Size)))
      offset &+= bytes
    }
    switch selection {
    case .multiple(let repeats, let arrangement):
      for r in 0..<repeats {
        for lane in 0..<arrangement.count {
          for element in 0..<elements { try visit(r &+ element, lane, arrangement.log2Size) }
        }
      }
    case .lane(let lane, let log2Size):
      for element in 0..<elements { try visit(element, Int(lane), log2Size) }
    case .replicate(let arrangement):
      for element in 0..<elements { try visit(element, 0, arrangement.log2Size) }
    }
  }
}
