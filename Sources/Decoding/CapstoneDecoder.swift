// Owns the Capstone handle: whether Capstone recognises a word, how it writes the word, and what operands it reports.
// Capstone's types never leave this file, and it does not know what an instruction does.
import CCapstone

/// Why Capstone cannot be used.
public struct CapstoneError: Error, CustomStringConvertible {
  let code: UInt32
  public var description: String { "Capstone refuses to decode AArch64 (error \(code)); libcapstone 4 or 5 is needed" }
}

/// What Capstone reports for one word.
struct CapstoneAnswer {
  /// Capstone's number for the instruction; an alias has a number of its own.
  let id: UInt32
  let mnemonic: String
  let operandText: String
  /// Empty unless the decoder was made with details.
  let operands: [CapstoneOperand]
}

/// One operand from Capstone's details.
enum CapstoneOperand: Hashable {
  /// A register by name; `shift` is the amount of its shift or extension.
  case register(String, shift: Int)
  /// An immediate with its shift applied.
  case immediate(Int64)
  case memory(base: String, index: String?, displacement: Int64, shift: Int)
  /// A barrier option, system register, PSTATE field, prefetch operation or floating-point constant.
  case other
}

/// Capstone for A64, one instruction buffer for every word. Not thread-safe.
final class CapstoneDecoder {
  private var handle: csh = 0
  private let buffer: UnsafeMutablePointer<cs_insn>

  /// Opens Capstone. With `details` it reports operands too, which costs time; the option must be set before the buffer is made.
  init(details: Bool = false) throws(CapstoneError) {
    let code = cs_open(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, &handle)
    guard code == CS_ERR_OK else { throw CapstoneError(code: code.rawValue) }
    if details { cs_option(handle, CS_OPT_DETAIL, Int(CS_OPT_ON.rawValue)) }
    guard let buffer = cs_malloc(handle) else {
      cs_close(&handle)
      throw CapstoneError(code: CS_ERR_MEM.rawValue)
    }
    self.buffer = buffer
  }
  deinit {
    cs_free(buffer, 1)
    cs_close(&handle)
  }

  /// Major and minor version of the linked library.
  static var version: (major: Int, minor: Int) {
    var major: Int32 = 0
    var minor: Int32 = 0
    _ = cs_version(&major, &minor)
    return (Int(major), Int(minor))
  }

  /// The version of the linked library as text. The library does not know its own patch level; the header that this was built with
  /// does, and it is the library's where the rest agrees.
  static var versionText: String {
    let (major, minor) = version
    let isHeaders = (major, minor) == (Int(CS_API_MAJOR), Int(CS_API_MINOR))
    return "\(major).\(minor)" + (isHeaders ? ".\(CS_VERSION_EXTRA)" : "")
  }

  /// Whether Capstone knows the word.
  func recognises(_ word: UInt32) -> Bool { disassemble(word, at: 0) }

  /// What Capstone reports for a word at an address; nil if it does not know the word.
  func describe(_ word: UInt32, at pc: UInt64) -> CapstoneAnswer? {
    guard disassemble(word, at: pc) else { return nil }
    return CapstoneAnswer(
      id: buffer.pointee.id, mnemonic: Self.text(buffer.pointee.mnemonic), operandText: Self.text(buffer.pointee.op_str),
      operands: (0..<faultline_capstone_operand_count(buffer)).map { operand(faultline_capstone_operand(buffer, $0).pointee) })
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

  private func operand(_ operand: cs_arm64_op) -> CapstoneOperand {
    let shift = Int(operand.shift.value)
    switch operand.type {
    case ARM64_OP_REG: return .register(name(operand.reg), shift: shift)
    case ARM64_OP_IMM: return .immediate(operand.imm << Int64(shift))
    case ARM64_OP_MEM:
      let memory = operand.mem
      return .memory(
        base: name(memory.base), index: memory.index == ARM64_REG_INVALID ? nil : name(memory.index),
        displacement: Int64(memory.disp), shift: shift)
    default: return .other
    }
  }
  private func name(_ register: arm64_reg) -> String {
    cs_reg_name(handle, UInt32(register.rawValue)).map { String(cString: $0) } ?? "?"
  }

  /// The text in a C array of characters, without the terminating zero.
  private static func text<T>(_ array: T) -> String {
    withUnsafeBytes(of: array) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
