// Owns fault status codes against the manual's table, row by row.
// It does not know ESR_EL1's other fields. Arm ARM ESR_EL1, DFSC.
import Architecture
import Testing

struct FaultStatusTests {
  static let rows: [(code: UInt8, status: FaultStatus, kind: FaultStatus.Kind, level: Int?)] = [
    (0b000000, .addressSize(level: 0), .addressSize, 0), (0b000001, .addressSize(level: 1), .addressSize, 1),
    (0b000010, .addressSize(level: 2), .addressSize, 2), (0b000011, .addressSize(level: 3), .addressSize, 3),
    (0b000100, .translation(level: 0), .translation, 0), (0b000101, .translation(level: 1), .translation, 1),
    (0b000110, .translation(level: 2), .translation, 2), (0b000111, .translation(level: 3), .translation, 3),
    (0b001000, .accessFlag(level: 0), .accessFlag, 0), (0b001001, .accessFlag(level: 1), .accessFlag, 1),
    (0b001010, .accessFlag(level: 2), .accessFlag, 2), (0b001011, .accessFlag(level: 3), .accessFlag, 3),
    (0b001100, .permission(level: 0), .permission, 0), (0b001101, .permission(level: 1), .permission, 1),
    (0b001110, .permission(level: 2), .permission, 2), (0b001111, .permission(level: 3), .permission, 3),
    (0b010000, .externalAbort, .externalAbort, nil),
    (0b010011, .externalAbortOnWalk(level: -1), .externalAbortOnWalk, -1),
    (0b010100, .externalAbortOnWalk(level: 0), .externalAbortOnWalk, 0),
    (0b010101, .externalAbortOnWalk(level: 1), .externalAbortOnWalk, 1),
    (0b010110, .externalAbortOnWalk(level: 2), .externalAbortOnWalk, 2),
    (0b010111, .externalAbortOnWalk(level: 3), .externalAbortOnWalk, 3),
    (0b100001, .alignment, .alignment, nil),
    (0b101001, .addressSize(level: -1), .addressSize, -1), (0b101011, .translation(level: -1), .translation, -1),
    (0b110000, .tlbConflict, .tlbConflict, nil), (0b110001, .unsupportedHardwareUpdate, .unsupportedHardwareUpdate, nil),
    (0b110101, .unsupportedExclusive, .unsupportedExclusive, nil),
  ]

  @Test func everyRow() {
    for row in Self.rows {
      #expect(row.status.rawValue == row.code)
      #expect(FaultStatus(rawValue: row.code).kind == row.kind)
      #expect(FaultStatus(rawValue: row.code).level == row.level)
    }
  }

  /// Codes that no code here makes still have a name and a level.
  @Test func codesWithoutAMaker() {
    #expect(FaultStatus(rawValue: 0b010001).kind == .tagCheck)
    #expect(FaultStatus(rawValue: 0b011000).kind == .parity)
    #expect((0b011011...0b011111).map { FaultStatus(rawValue: $0).kind } == [FaultStatus.Kind](repeating: .parityOnWalk, count: 5))
    #expect((0b011011...0b011111).map { FaultStatus(rawValue: $0).level } == [-1, 0, 1, 2, 3])
    #expect(FaultStatus(rawValue: 0b110100).kind == .lockdown)
  }

  /// All other codes are reserved and have no level.
  @Test func theRestIsReserved() {
    let known = Set(Self.rows.map(\.code)).union([0b010001, 0b011000, 0b110100]).union(0b011011...0b011111)
    #expect(known.count == 28 + 8)
    for code in 0..<64 as Range<UInt8> where !known.contains(code) {
      #expect(FaultStatus(rawValue: code).kind == .reserved, "\(code)")
      #expect(FaultStatus(rawValue: code).level == nil, "\(code)")
    }
  }

  /// Only six bits belong to the code.
  @Test func sixBits() { #expect(FaultStatus(rawValue: 0xc7).rawValue == 0x07) }

  @Test func statusesHaveNames() {
    #expect("\(FaultStatus(rawValue: 0x07))" == "translation fault, level 3")
    #expect("\(FaultStatus(rawValue: 0x2b))" == "translation fault, level -1")
    #expect("\(FaultStatus(rawValue: 0x21))" == "alignment fault")
    #expect("\(FaultStatus(rawValue: 0x10))" == "synchronous external abort")
  }
}
