// Owns the registers of a PE as a debugger sees them: their order, sizes and types, and how each is read and written: on a PE, or
// among the registers of a task that does not run. It does not know which thread a debugger means. GDB manual, G.5.1 AArch64 Features.
import Architecture
import Debugging
import GDBProtocol
import LinuxKernel
import Machine

/// The place of a register.
enum RegisterPlace: Hashable {
  case general(Int)
  case stackPointer, programCounter, programState
  case vector(Int)
  case system(SystemRegister)
  /// The bits of an address that pointer authentication uses.
  case authenticationMask
}

/// The registers in the order of their numbers.
struct RegisterSet {
  let features: [RegisterFeature]
  let places: [RegisterPlace]
  /// The sizes in bytes.
  let sizes: [Int]
  /// The number of registers that the packet `g` has. System registers come behind them.
  let commonCount: Int
  static let framePointer = 29
  static let stackPointer = 31
  static let programCounter = 32

  init(_ processor: Processor) {
    var groups: [(feature: RegisterFeature, places: [RegisterPlace])] = [Self.core, Self.vectors]
    groups.append((RegisterFeature("org.gnu.gdb.aarch64.tls", [.init("tpidr", bits: 64, type: "data_ptr")]), [.system(.TPIDR_EL0)]))
    if processor.read(.APIAKeyLo_EL1) != nil {
      let masks = ["pauth_dmask", "pauth_cmask"].map { RegisterDescription($0, bits: 64, type: "int64") }
      groups.append((RegisterFeature("org.gnu.gdb.aarch64.pauth_v2", masks), [.authenticationMask, .authenticationMask]))
    }
    commonCount = groups.reduce(0) { $0 + $1.places.count }
    // FPCR and FPSR are among the vector registers.
    let system = SystemRegister.names.filter { $0.0 != .FPCR && $0.0 != .FPSR && processor.read($0.0) != nil }
    groups.append(
      (
        RegisterFeature("faultline.system", system.map { .init($0.1, bits: 64, type: "uint64", group: "system") }),
        system.map { .system($0.0) }
      ))
    features = groups.map(\.feature)
    places = groups.flatMap(\.places)
    sizes = features.flatMap { $0.registers.map { $0.bits / 8 } }
  }

  private static var core: (RegisterFeature, [RegisterPlace]) {
    let flags: [(name: String, start: Int, end: Int)] = [
      ("SP", 0, 0), ("EL", 2, 3), ("nRW", 4, 4), ("F", 6, 6), ("I", 7, 7), ("A", 8, 8), ("D", 9, 9), ("BTYPE", 10, 11), ("SSBS", 12, 12),
      ("IL", 20, 20), ("SS", 21, 21), ("PAN", 22, 22), ("UAO", 23, 23), ("DIT", 24, 24), ("V", 28, 28), ("C", 29, 29), ("Z", 30, 30),
      ("N", 31, 31),
    ]
    let fields = flags.map { "<field name=\"\($0.name)\" start=\"\($0.start)\" end=\"\($0.end)\"/>" }.joined()
    let general = (0..<31).map { RegisterDescription("x\($0)", bits: 64, type: "int64") }
    let special = [
      RegisterDescription("sp", bits: 64, type: "data_ptr"), RegisterDescription("pc", bits: 64, type: "code_ptr"),
      RegisterDescription("cpsr", bits: 32, type: "cpsr_flags"),
    ]
    let feature = RegisterFeature(
      "org.gnu.gdb.aarch64.core", types: "<flags id=\"cpsr_flags\" size=\"4\">\(fields)</flags>", general + special)
    return (feature, (0..<31).map { .general($0) } + [.stackPointer, .programCounter, .programState])
  }

  private static var vectors: (RegisterFeature, [RegisterPlace]) {
    // A vector can be seen as elements of each of these types.
    let views: [(size: String, elements: [(name: String, type: String)], count: Int)] = [
      ("d", [("f", "ieee_double"), ("u", "uint64"), ("s", "int64")], 2), ("s", [("f", "ieee_single"), ("u", "uint32"), ("s", "int32")], 4),
      ("h", [("f", "ieee_half"), ("u", "uint16"), ("s", "int16")], 8), ("b", [("u", "uint8"), ("s", "int8")], 16),
      ("q", [("u", "uint128"), ("s", "int128")], 1),
    ]
    var types = ""
    for view in views {
      for element in view.elements {
        types += "<vector id=\"v\(view.size)\(element.name)\" type=\"\(element.type)\" count=\"\(view.count)\"/>"
      }
      let fields = view.elements.map { "<field name=\"\($0.name)\" type=\"v\(view.size)\($0.name)\"/>" }.joined()
      types += "<union id=\"vn\(view.size)\">\(fields)</union>"
    }
    types += "<union id=\"vector\">\(views.map { "<field name=\"\($0.size)\" type=\"vn\($0.size)\"/>" }.joined())</union>"
    let registers = (0..<32).map { RegisterDescription("v\($0)", bits: 128, type: "vector") }
    let feature = RegisterFeature(
      "org.gnu.gdb.aarch64.fpu", types: types,
      registers + [.init("fpsr", bits: 32, type: "int"), .init("fpcr", bits: 32, type: "int")])
    return (feature, (0..<32).map { .vector($0) } + [.system(.FPSR), .system(.FPCR)])
  }

  // MARK: Values

  /// The value of a register of the thread that runs on a PE, little-endian; nil if it has none.
  func read(_ number: Int, on processor: Processor, pc: UInt64, state: ProcessorState) -> [UInt8]? {
    let value: UInt64?
    switch places[number] {
    case .general(let n): value = processor[x: n]
    case .stackPointer: value = processor.sp
    case .programCounter: value = pc
    case .programState: value = state.rawValue
    case .vector(let n):
      let (low, high) = processor.vector(n)
      return Self.bytes(low, 8) + Self.bytes(high, 8)
    case .system(let register): value = processor.read(register)
    case .authenticationMask: value = Self.authenticationMask
    }
    return value.map { Self.bytes($0, sizes[number]) }
  }

  /// Writes a register of the thread that runs on a PE. `stateMask` has the bits of PSTATE that may change. Returns false if the register
  /// cannot be written.
  func write(_ number: Int, _ bytes: [UInt8], on processor: Processor, stateMask: UInt64) -> Bool {
    if bytes.count != sizes[number] { return false }
    let value = Self.word(bytes.prefix(8))
    switch places[number] {
    case .general(let n): processor[x: n] = value
    case .stackPointer: processor.sp = value
    case .programCounter: processor.pc = value
    case .programState:
      processor.pstate = ProcessorState(rawValue: processor.pstate.rawValue & ~stateMask | value & stateMask)
    case .vector(let n): processor.setVector(n, low: value, high: Self.word(bytes.dropFirst(8)))
    case .system(let register): return processor.write(register, value)
    case .authenticationMask: return false
    }
    return true
  }

  /// The value of a register of a task that does not run; nil if the register belongs to the PE.
  func read(_ number: Int, in saved: SavedRegisters) -> [UInt8]? {
    let value: UInt64
    switch places[number] {
    case .general(let n): value = saved.general[n]
    case .stackPointer: value = saved[.SP_EL0]
    case .programCounter: value = saved[.ELR_EL1]
    case .programState: value = saved[.SPSR_EL1]
    case .vector(let n): return Array(saved.vectors[n * 16..<n * 16 + 16])
    case .system(let register):
      guard let slot = Self.savedSlots[register] else { return nil }
      value = saved[slot]
    case .authenticationMask: return nil
    }
    return Self.bytes(value, sizes[number])
  }

  /// Writes a register of a task that does not run. Returns false if the register belongs to the PE.
  func write(_ number: Int, _ bytes: [UInt8], in saved: inout SavedRegisters, stateMask: UInt64) -> Bool {
    if bytes.count != sizes[number] { return false }
    let value = Self.word(bytes.prefix(8))
    switch places[number] {
    case .general(let n): saved.general[n] = value
    case .stackPointer: saved[.SP_EL0] = value
    case .programCounter: saved[.ELR_EL1] = value
    case .programState: saved[.SPSR_EL1] = saved[.SPSR_EL1] & ~stateMask | value & stateMask
    case .vector(let n): saved.vectors.replaceSubrange(n * 16..<n * 16 + 16, with: bytes)
    case .system(let register):
      guard let slot = Self.savedSlots[register] else { return false }
      saved[slot] = value
    case .authenticationMask: return false
    }
    return true
  }

  private static let savedSlots: [SystemRegister: RegisterSlot] = [
    .TPIDR_EL0: .TPIDR_EL0, .TPIDRRO_EL0: .TPIDRRO_EL0, .FPCR: .FPCR, .FPSR: .FPSR,
  ]

  static func bytes(_ value: UInt64, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) } }
  static func word(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }

  /// Bits 54 to 48: between the tag with the bit that chooses the half, and a virtual address of 48 bits.
  private static let authenticationMask: UInt64 = 0x007f_0000_0000_0000
}
