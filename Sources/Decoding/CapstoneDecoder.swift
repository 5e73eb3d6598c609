// Owns the Capstone handle: whether Capstone recognises a word, and how it writes it.
// Capstone's types never leave this file.
import CCapstone

/// Why Capstone cannot be used.
public struct CapstoneError: Error, CustomStringConvertible {
  let code: UInt32
  public var description: String { "Capstone refuses to decode AArch64 (error \(code)); libcapstone 4 or 5 is needed" }
}

/// What Capstone says of one word.
struct CapstoneAnswer {
  /// Capstone's own number of the instruction (an alias has the alias's).
  let id: UInt32
  let mnemonic: String
  let operands: String
  /// Names of the register operands in order, for the test that compares operands.
  let registers: [String]
}

final class CapstoneDecoder {
  private var handle: csh = 0
  private let buffer: UnsafeMutablePointer<cs_insn>

  init() throws(CapstoneError) {
    let code = cs_open(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, &handle)
    guard code == CS_ERR_OK, let buffer = cs_malloc(handle) else { throw CapstoneError(code: code.rawValue) }
    self.buffer = buffer
  }
  deinit {
    cs_free(buffer, 1)
    cs_close(&handle)
  }

  /// Whether Capstone knows the word.
  func recognises(_ word: UInt32) -> Bool { disassemble(word, at: 0) }

  /// What Capstone says of a word at an address, or nil.
  func describe(_ word: UInt32, at pc: UInt64, withRegisters: Bool = false) -> CapstoneAnswer? {
    if withRegisters { cs_option(handle, CS_OPT_DETAIL, Int(CS_OPT_ON.rawValue)) }
    defer { if withRegisters { cs_option(handle, CS_OPT_DETAIL, Int(CS_OPT_OFF.rawValue)) } }
    guard disassemble(word, at: pc) else { return nil }
    return CapstoneAnswer(
      id: buffer.pointee.id, mnemonic: Self.text(buffer.pointee.mnemonic), operands: Self.text(buffer.pointee.op_str),
      registers: withRegisters ? registers() : [])
  }

  private func disassemble(_ word: UInt32, at pc: UInt64) -> Bool {
    var little = word.littleEndian
    return withUnsafeBytes(of: &little) { bytes in
      var code = bytes.bindMemory(to: UInt8.self).baseAddress
      var size = 4
      var address = pc
      return cs_disasm_iter(handle, &code, &size, &address, buffer)
    }
  }

  private func registers() -> [String] {
    guard let detail = buffer.pointee.detail else { return [] }
    return withUnsafeBytes(of: detail.pointee.arm64.operands) { raw in
      let operands = raw.bindMemory(to: cs_arm64_op.self)
      return (0..<Int(detail.pointee.arm64.op_count)).compactMap { index in
        operands[index].type == ARM64_OP_REG ? String(cString: cs_reg_name(handle, UInt32(operands[index].reg.rawValue))) : nil
      }
    }
  }

  /// A C array of characters up to its end.
  private static func text<T>(_ array: T) -> String {
    withUnsafeBytes(of: array) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
