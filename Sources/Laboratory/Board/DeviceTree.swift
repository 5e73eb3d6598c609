// Owns a device tree as a value, and its flattened form.
// It does not know what nodes mean. Devicetree Specification v0.4, chapter 5.

struct DeviceTree {
  enum Value {
    case empty
    case cells([UInt32])
    case string(String)
    case strings([String])
  }
  struct Node {
    let name: String
    let properties: [(String, Value)]
    let children: [Node]
    init(_ name: String, _ properties: [(String, Value)] = [], _ children: [Node] = []) {
      self.name = name
      self.properties = properties
      self.children = children
    }
  }
  let root: Node

  /// The flattened tree, version 17.
  var flattened: [UInt8] {
    var blob = Blob()
    blob.add(root)
    blob.structure.add(9)
    let headerSize: UInt32 = 40
    let reservedSize: UInt32 = 16
    let structureOffset = headerSize + reservedSize
    let stringsOffset = structureOffset + UInt32(blob.structure.count)
    let total = stringsOffset + UInt32(blob.strings.count)
    var bytes: [UInt8] = []
    for word in [
      0xd00d_feed, total, structureOffset, stringsOffset, headerSize, 17, 16, 0, UInt32(blob.strings.count),
      UInt32(blob.structure.count),
    ] { bytes.add(word) }
    // No memory is reserved, so the list is one empty entry, which ends it.
    bytes += [UInt8](repeating: 0, count: Int(reservedSize))
    return bytes + blob.structure + blob.strings
  }

  /// The two blocks of the flattened tree while they are built.
  private struct Blob {
    var structure: [UInt8] = []
    var strings: [UInt8] = []
    private var offsets: [String: UInt32] = [:]

    mutating func add(_ node: Node) {
      structure.add(1)
      structure += Array(node.name.utf8) + [0]
      structure.pad()
      for (name, value) in node.properties {
        let bytes = Self.bytes(value)
        structure.add(3)
        structure.add(UInt32(bytes.count))
        structure.add(offset(name))
        structure += bytes
        structure.pad()
      }
      for child in node.children { add(child) }
      structure.add(2)
    }

    private mutating func offset(_ name: String) -> UInt32 {
      if let offset = offsets[name] { return offset }
      let offset = UInt32(strings.count)
      offsets[name] = offset
      strings += Array(name.utf8) + [0]
      return offset
    }

    private static func bytes(_ value: Value) -> [UInt8] {
      switch value {
      case .empty: []
      case .cells(let cells): cells.flatMap { cell in withUnsafeBytes(of: cell.bigEndian) { Array($0) } }
      case .string(let text): Array(text.utf8) + [0]
      case .strings(let texts): texts.flatMap { Array($0.utf8) + [0] }
      }
    }
  }
}

extension [UInt8] {
  /// A big-endian word.
  fileprivate mutating func add(_ word: UInt32) {
    for shift in [24, 16, 8, 0] { append(UInt8(truncatingIfNeeded: word >> UInt32(shift))) }
  }
  /// Zeroes up to the next multiple of four.
  fileprivate mutating func pad() { while count & 3 != 0 { append(0) } }
}
