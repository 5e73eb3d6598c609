// Owns the text of one explained translation table walk.
// It does not walk.
import Architecture
import Machine

extension WalkExplanation {
  /// One line for each descriptor, then the result for `va` and why it is no more.
  public func lines(for va: UInt64) -> [String] {
    var lines = steps.map { step in
      let explanation = DescriptorExplanation(Descriptor(step.descriptor), level: max(0, step.level))
      return "  level \(step.level)  [\(hexadecimal(step.address))] \(hexadecimal(step.descriptor, digits: 16))  \(explanation.summary)"
    }
    switch outcome {
    case .translated(let pa, let shift, let permissions):
      let rights = permissions.split(separator: " ")
      let size = shift >= 30 ? "\(1 << (shift - 30)) GiB" : shift >= 20 ? "\(1 << (shift - 20)) MiB" : "\(1 << (shift - 10)) KiB"
      lines.append("  \(hexadecimal(va)) is at \(hexadecimal(pa)), \(size), EL0 \(rights.first ?? "") EL1 \(rights.last ?? "")")
      lines += missingRights
    case .fault(let status): lines.append("  \(hexadecimal(va)) is not mapped: \(status)")
    }
    return lines
  }
}
