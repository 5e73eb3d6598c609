// Owns the handler of a slot that is not decoded yet: word to op, fused with the next where that pays.
// It does not know handlers' insides; `Lowering` chooses them.
import Architecture
import Decoding

/// Decodes the word of this slot, writes the op, and runs it.
@c func h_decode(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  Context(c).decodeSlot(p)
  go(c, p, fa, fb)
}

extension Context {
  @inline(never)
  func decodeSlot(_ p: Raw) {
    let slot = Int((UInt64(UInt(bitPattern: p)) &- self[Slot.pageOps]) >> 4)
    var op = plainOp(word(at: p), slot: slot)
    if slot + 1 < Op.perPage && owner.machine.code.usesFusion {
      let following = instruction(word(at: next(p)))
      if let fused = Lowering.fuse(instruction(word(at: p)), following, slot: slot) { op = fused }
    }
    p.assumingMemoryBound(to: Op.self).pointee = op
  }

  /// The op of one word, not fused: what a single step runs.
  func plainOp(_ word: UInt32, slot: Int) -> Op {
    let code = owner.machine.code
    return Lowering(
      slot: slot, usesLandingPads: state.pointee.features.bti, watchesBarriers: state.pointee.isStrict, literal: { code.literal($0) }
    ).lower(instruction(word))
  }
}
