// Owns PSTATE's fields, the conditions' truth tables, and the vectors, from literal values.
// It does not know instructions.
import Architecture
import Testing

struct ProcessorStateTests {
  @Test func anSPSR() {
    let state = ProcessorState(rawValue: 0xa0c0_03c5)
    #expect(state.nzcv == 0b1010)
    #expect(state.exceptionLevel == 1 && state.usesOwnStackPointer && !state.isAArch32)
    #expect(state.daif == 0xf)
    #expect(state.pan && state.uao && !state.dit && !state.ssbs && !state.isIllegal && !state.softwareStep)
    #expect(ProcessorState(rawValue: 0x0130_1c10).branchType == 3)
    #expect(ProcessorState(rawValue: 0x0130_1c10).isAArch32)
    #expect(ProcessorState.EL1hMasked.rawValue == 0x3c5)
  }

  /// Setting a field changes its bits and no other.
  @Test func everyFieldIsItsOwn() {
    let rows: [(UInt64, (inout ProcessorState, Bool) -> Void)] = [
      (0xf000_0000, { $0.nzcv = $1 ? 15 : 0 }), (0xc, { $0.exceptionLevel = $1 ? 3 : 0 }), (0x1, { $0.usesOwnStackPointer = $1 }),
      (0x3c0, { $0.daif = $1 ? 15 : 0 }), (0xc00, { $0.branchType = $1 ? 3 : 0 }), (0x10_0000, { $0.isIllegal = $1 }),
      (0x20_0000, { $0.softwareStep = $1 }), (0x40_0000, { $0.pan = $1 }), (0x80_0000, { $0.uao = $1 }), (0x100_0000, { $0.dit = $1 }),
      (0x1000, { $0.ssbs = $1 }),
    ]
    for (mask, set) in rows {
      var zeroes = ProcessorState(rawValue: 0)
      set(&zeroes, true)
      #expect(zeroes.rawValue == mask)
      var ones = ProcessorState(rawValue: ~0)
      set(&ones, false)
      #expect(ones.rawValue == ~mask)
    }
  }

  /// Bit n of each table is set where the condition holds under NZCV = n. Arm ARM C1.2.4.
  @Test func conditionsByTruthTable() {
    let tables: [UInt16] = [
      0xf0f0, 0x0f0f, 0xcccc, 0x3333, 0xff00, 0x00ff, 0xaaaa, 0x5555, 0x0c0c, 0xf3f3, 0xaa55, 0x55aa, 0x0a05, 0xf5fa, 0xffff, 0xffff,
    ]
    #expect(Condition.allCases.map(\.truthTable) == tables)
  }

  @Test func exceptionVectorsHaveTheirOffsets() {
    #expect(ExceptionVector.allCases.map(\.rawValue) == (0..<16).map { $0 * 0x80 })
    #expect(ExceptionVector.lowerA64Synchronous.rawValue == 0x400)
    #expect(HostedVectors.base & 0x7ff == 0)
  }

  @Test func operationsWithASuffixAreBroadcast() {
    for operation in TLBIOperation.allCases { #expect(operation.isBroadcast == ["IS", "OS"].contains("\(operation)".suffix(2))) }
  }
}
