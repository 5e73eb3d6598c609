// Owns the handler of a slot that is not decoded yet: it turns the word into an op, and fuses it with the next where that pays.
// It does not know what handlers do; `Lowering` chooses them.
import Architecture
import Decoding

/// Decodes the word of this slot, writes the op, and runs it.
@c func h_decode(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  Context(c).decodeSlot(p)
  go(c, p, fa, fb)
}

extension Context {
  /// Writes the op of the slot at `p` in the page that runs.
  @inline(never)
  func decodeSlot(_ p: Raw) {
    let page = runningPage
    decode(page, slot: (p - page.ops) >> 4)
  }

  /// Writes the op of a slot of `page`, fused with the next slot's where that pays.
  func decode(_ page: CodePage, slot: Int) {
    page.stores = 0
    var op = plainOp(page, slot: slot)
    var isFused = false
    if slot + 1 < Op.perPage && !page.isEnd(slot + 1) && owner.machine.code.usesFusion {
      let (first, second) = (instruction(page.word(slot)), instruction(page.word(slot + 1)))
      if let fused = Lowering.fuse(first, second, slot: slot) { (op, isFused) = (fused, true) }
    }
    page.op(slot).pointee = op
    page.setFused(slot, isFused)
  }

  /// Makes a slot the end of a stretch of the running page.
  func setEnd(of page: CodePage, at slot: Int) {
    // The op is decoded before the end is set, so that its fused form is kept for later.
    if page.isUndecoded(slot - 1) { decode(page, slot: slot - 1) }
    page.setEnd(slot, plain: page.isFused(slot - 1) ? plainOp(page, slot: slot - 1) : nil)
  }

  /// The op of one slot's word, without fusion.
  func plainOp(_ page: CodePage, slot: Int) -> Op {
    Lowering(slot: slot, page: page, isStrict: state.pointee.trace.contains(.strictRun)).lower(instruction(page.word(slot)))
  }
}
