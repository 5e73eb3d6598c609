// Owns the explanation of a walk's rights: the descriptor bit that removes each missing right. It does not know the order of a walk's
// checks, or TLBs. Arm ARM D8.4; these bits are at the same place in all formats.
import Architecture
import Machine

extension WalkExplanation {
  /// A line for each right that a mapped address lacks, as in `EL0 write: no, AP[2] at level 3`.
  public var missingRights: [String] {
    guard case .translated(_, _, let permissions) = outcome, let leaf = steps.last else { return [] }
    let letters = permissions.split(separator: " ").map(Array.init)
    guard letters.count == 2 else { return [] }
    let rights = [("EL0", letters[0]), ("EL1", letters[1])]
    return rights.flatMap { level, letters in
      zip(["read", "write", "execute"], letters).compactMap { right, letter in
        letter == "-" ? "  \(level) \(right): no, \(reasons(level, right, leaf).joined(separator: ", "))" : nil
      }
    }
  }

  private func reasons(_ level: String, _ right: String, _ leaf: Step) -> [String] {
    let page = Descriptor(leaf.descriptor)
    var found: [String] = []
    func note(_ isSo: Bool, _ bit: String, _ step: Step) { if isSo { found.append("\(bit) at level \(step.level)") } }
    for step in steps.dropLast() where !ignoresTableRights {
      let table = Descriptor(step.descriptor)
      if level == "EL0" { note(table.noUserAccessBelow && right != "execute", "APTable[0]", step) }
      if right == "write" { note(table.readOnlyBelow, "APTable[1]", step) }
      if right == "execute" {
        note(
          level == "EL0" ? table.userExecuteNeverBelow : table.privilegedExecuteNeverBelow, level == "EL0" ? "UXNTable" : "PXNTable", step)
      }
    }
    if level == "EL0" && right != "execute" { note(!page.isUserAccessible, "AP[1] is 0", leaf) }
    if right == "write" { note(page.isReadOnly, page.isDirtyBitModifier ? "AP[2], which DBM lets a write clear," : "AP[2]", leaf) }
    if right == "execute" {
      note(level == "EL0" ? page.isUserExecuteNever : page.isPrivilegedExecuteNever, level == "EL0" ? "UXN" : "PXN", leaf)
      // EL1 never executes memory that EL0 may write. A page that hardware may make dirty counts as writable.
      let writable = !page.isReadOnly || (page.isDirtyBitModifier && updatesDirtyState)
      note(level == "EL1" && page.isUserAccessible && writable, "EL0 may write it: AP", leaf)
      if writeExecuteNever && writable && (level == "EL1" || page.isUserAccessible) { found.append("SCTLR_EL1.WXN, for it may be written") }
    }
    return found.isEmpty ? ["the regime's own rule"] : found
  }
}
