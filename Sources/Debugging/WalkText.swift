// Owns the text of one explained translation table walk.
// It does not walk itself.
import Architecture
import Machine

extension WalkExplanation {
  /// A line for each descriptor (with `fields`, also one for each of its fields), then the result for `va` and the reasons for
  /// missing rights.
  public func lines(for va: UInt64, fields: Bool = false) -> [String] {
    var lines = steps.flatMap { step in
      let explanation = DescriptorExplanation(Descriptor(step.descriptor), level: step.level, format: format)
      let line = "  level \(step.level)  [\(hexadecimal(step.address))] \(hexadecimal(step.descriptor, digits: 16))  \(explanation.summary)"
      return [line] + (fields ? explanation.fields.table().map { "  " + $0 } : [])
    }
    switch outcome {
    case .translated(let pa, let shift, let permissions):
      let rights = permissions.split(separator: " ")
      lines.append(
        "  \(hexadecimal(va)) is at \(hexadecimal(pa)), \(sizeText(1 << shift)), EL0 \(rights.first ?? "") EL1 \(rights.last ?? "")")
      lines += missingRights
    case .fault(let status): lines.append("  \(hexadecimal(va)) is not mapped: \(status)" + (reason.map { ", \(Self.text($0))" } ?? ""))
    }
    return lines
  }

  private static func text(_ reason: FaultReason) -> String {
    switch reason {
    case .addressRange(let bits): "because the half has \(bits) bits (TnSZ \(64 - bits)) and the address more"
    case .sizeOffset(let value): "because TnSZ \(value) is out of range"
    case .walksDisabled: "because TCR_EL1.EPDn forbids walks of this half"
    case .tableBase(let bits): "because the TTBR's address has more than \(bits) bits (TCR_EL1.IPS)"
    case .noMemory: "because the descriptor lies where there is no memory"
    case .invalidDescriptor: "because the descriptor's bit 0 is 0"
    case .noBlocks: "because there are no blocks at this level with this granule"
    case .notTranslated: "because nT asks for no TLB entry, which is a fault here"
    case .outputAddress(let bits): "because the descriptor's address has more than \(bits) bits (TCR_EL1.IPS)"
    case .accessFlag: "because AF is 0 and TCR_EL1.HA does not let hardware set it"
    }
  }
}
