// Owns the reasons that a walk gives for missing rights, from literal descriptors.
// It does not know how the walk found them.
import Architecture
import Debugging
import Testing

@testable import Machine

@Suite struct WalkReasonTests {
  private func reasons(_ permissions: String, _ descriptors: [UInt64]) -> [String] {
    var walk = WalkExplanation()
    for (level, descriptor) in descriptors.enumerated() {
      walk.steps.append(.init(level: level + 4 - descriptors.count, address: 0, descriptor: descriptor))
    }
    walk.outcome = .translated(pa: 0, blockShift: 12, permissions: permissions)
    return walk.missingRights
  }

  @Test func aPageThatAllowsAll() { #expect(reasons("rwx rwx", [0x3, 0x0040_0743]).isEmpty) }

  @Test func theLeafsOwnBits() {
    #expect(
      reasons("r-- r--", [0x3, 0x0060_0000_0040_0fc3]) == [
        "  EL0 write: no, AP[2] at level 3", "  EL0 execute: no, UXN at level 3", "  EL1 write: no, AP[2] at level 3",
        "  EL1 execute: no, PXN at level 3",
      ])
  }

  @Test func tablesTakeRightsAway() {
    #expect(
      reasons("--- r--", [0x7800_0000_0000_0003, 0x0040_07c3]) == [
        "  EL0 read: no, APTable[0] at level 2",
        "  EL0 write: no, APTable[0] at level 2, APTable[1] at level 2, AP[2] at level 3",
        "  EL0 execute: no, UXNTable at level 2",
        "  EL1 write: no, APTable[1] at level 2, AP[2] at level 3",
        "  EL1 execute: no, PXNTable at level 2",
      ])
  }

  @Test func aCleanPageSaysThatAWriteMayMakeItDirty() {
    #expect(
      reasons("r-x r-x", [0x0008_0000_0040_07c3]).first
        == "  EL0 write: no, AP[2], which DBM lets a write clear, at level 3")
  }

  @Test func whatIsNotMappedHasNoRights() {
    var walk = WalkExplanation()
    walk.outcome = .fault(.translation(level: 3))
    #expect(walk.missingRights.isEmpty)
  }
}
