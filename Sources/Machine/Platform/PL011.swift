// Owns a PL011 serial port as software sees it: a byte written to it is sent at once, and it never receives.
// It does not know where the bytes go. Arm PrimeCell UART (PL011) Technical Reference Manual, DDI 0183.

public final class PL011: Device {
  public static let size: UInt64 = 0x1000

  private enum Offset {
    static let DR: UInt64 = 0x000
    static let RSR: UInt64 = 0x004
    static let FR: UInt64 = 0x018
    static let IMSC: UInt64 = 0x038
    static let RIS: UInt64 = 0x03c
    static let MIS: UInt64 = 0x040
    static let ICR: UInt64 = 0x044
    static let identification: UInt64 = 0xfe0
  }
  /// Both FIFOs are empty.
  private static let idle: UInt64 = 1 << 7 | 1 << 4
  private static let transmitInterrupt: UInt64 = 1 << 5
  /// UARTPeriphID0 to 3 and UARTPCellID0 to 3, a word each: revision r1p5.
  private static let identification: [UInt64] = [0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1]
  /// Registers that only keep what is written: IrDA, baud rate, line control, control (transmit and receive on), FIFO levels, DMA.
  private var kept: [UInt64: UInt64] = [0x020: 0, 0x024: 0, 0x028: 0, 0x02c: 0, 0x030: 0x300, 0x034: 0x12, 0x048: 0]
  private var mask: UInt64 = 0
  private var raw: UInt64 = 0
  private let send: (UInt8) -> Void

  public var saved: [UInt64] {
    get { [mask, raw] + kept.keys.sorted().map { kept[$0]! } }
    set {
      mask = newValue[0]
      raw = newValue[1]
      for (offset, value) in zip(kept.keys.sorted(), newValue[2...]) { kept[offset] = value }
    }
  }

  /// `send` is called for each byte that the guest writes.
  public init(send: @escaping (UInt8) -> Void) { self.send = send }

  public func load(_ offset: UInt64, size: Int) -> UInt64 {
    switch offset {
    case Offset.DR, Offset.RSR: 0
    case Offset.FR: Self.idle
    case Offset.IMSC: mask
    case Offset.RIS: raw
    case Offset.MIS: raw & mask
    case Offset.identification...: Self.identification[Int(offset - Offset.identification) / 4]
    default: kept[offset & ~3] ?? 0
    }
  }

  public func store(_ offset: UInt64, size: Int, _ value: UInt64) {
    switch offset {
    case Offset.DR:
      send(UInt8(truncatingIfNeeded: value))
      // The FIFO is empty again before software can look.
      raw |= Self.transmitInterrupt
    case Offset.IMSC: mask = value & 0x7ff
    case Offset.ICR: raw &= ~value
    default: if kept[offset] != nil { kept[offset] = value & 0xffff }
    }
  }
}
