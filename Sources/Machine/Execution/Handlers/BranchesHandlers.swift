// Owns the handlers of branches, including fused compare-and-branch, and the way from one page of code to the next.
// They do not know how a page outside the fetch table is found: they leave, and the run loop looks it up.

/// Continues at the op `target` of this page. `done` is the op after the branch: all ops before it have retired.
@inline(__always)
func branch(_ c: Raw, done: Raw, to target: Raw, _ fa: UInt64, _ fb: UInt64) {
  let context = Context(c)
  let retired = UInt64(UInt(bitPattern: done)) &+ context[Slot.anchor]
  context[Slot.anchor] = retired &- UInt64(UInt(bitPattern: target))
  if _slowPath(Int64(bitPattern: retired) >= Int64(bitPattern: context[Slot.softLimit])) {
    return leaveAt(c, target, fa, fb)
  }
  go(c, target, fa, fb)
}

@inline(never)
func leaveAt(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  leave(c, p, fa, fb, pc: Context(c).pc(at: p), .limit)
}

/// Continues at `va`, in this page or another.
@inline(__always)
func jump(_ c: Raw, done: Raw, to va: UInt64, _ fa: UInt64, _ fb: UInt64) {
  let context = Context(c)
  let offset = va &- context[Slot.pageVA]
  if _fastPath(offset < 4096 && offset & 3 == 0) {
    let target = UInt(context[Slot.pageOps] &+ offset &<< 2)
    return branch(c, done: done, to: Raw(bitPattern: target).unsafelyUnwrapped, fa, fb)
  }
  jumpFar(c, done, fa, fb, va)
}

/// Continues in another page if the fetch table knows it. Otherwise the run loop translates the fetch. The table holds no tagged
/// address; an ignored tag is dropped on the way out. Arm ARM: AArch64.BranchAddr.
@inline(never)
func jumpFar(_ c: Raw, _ done: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64) {
  let context = Context(c)
  let entry = context.fetchEntry(va)
  if entry.load(as: UInt64.self) != va & ~0xffc {
    return leave(c, done, fa, fb, pc: context.state.pointee.regime.strippingInstructionTag(va), .limit)
  }
  context[Slot.pageVA] = va & ~0xfff
  let ops = entry.load(fromByteOffset: 8, as: UInt64.self)
  // The retired instructions are counted by distance from the old page's ops, and then the anchor moves to the new page.
  context[Slot.pageOps] = ops
  branch(c, done: done, to: Raw(bitPattern: UInt(ops &+ (va & 0xfff) &<< 2)).unsafelyUnwrapped, fa, fb)
}

// MARK: Unconditional: imm is the distance between ops in bytes, or in words where the target is in another page

@c func h_b(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { branch(c, done: next(p), to: p + Int(p.op.imm), fa, fb) }
@c func h_bFar(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { jumpFar(c, next(p), fa, fb, farTarget(c, p)) }
@c func h_bl(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  setX(c, 30, Context(c).pc(at: p) &+ 4)
  branch(c, done: next(p), to: p + Int(p.op.imm), fa, fb)
}
@c func h_blFar(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  let target = farTarget(c, p)
  setX(c, 30, Context(c).pc(at: p) &+ 4)
  jumpFar(c, next(p), fa, fb, target)
}
@c func h_br(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { jump(c, done: next(p), to: x(c, p.op.n), fa, fb) }
@c func h_blr(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  let target = x(c, p.op.n)
  setX(c, 30, Context(c).pc(at: p) &+ 4)
  jump(c, done: next(p), to: target, fa, fb)
}
/// Runs off the end of a page. This op stands for no instruction.
@c func h_pageEnd(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { jumpFar(c, p, fa, fb, Context(c)[Slot.pageVA] &+ 4096) }

@inline(__always)
private func farTarget(_ c: Raw, _ p: Raw) -> UInt64 { Context(c).pc(at: p) &+ immediate(p.op) &<< 2 }

/// The near and far forms of a conditional branch.
@inline(__always)
private func near(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, if taken: Bool) {
  if taken { return branch(c, done: next(p), to: p + Int(p.op.imm), fa, fb) }
  go(c, next(p), fa, fb)
}
@inline(__always)
private func far(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, if taken: Bool) {
  if taken { return jumpFar(c, next(p), fa, fb, farTarget(c, p)) }
  go(c, next(p), fa, fb)
}

// MARK: Conditional: the truth table is in n (low) and m (high); s is a bit number

@inline(__always) private func condition(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) -> Bool {
  holds(UInt32(p.op.n) | UInt32(p.op.m) &<< 8, nzcv(c, fa, fb))
}
@c func h_bcond(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { near(c, p, fa, fb, if: condition(c, p, fa, fb)) }
@c func h_bcondFar(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { far(c, p, fa, fb, if: condition(c, p, fa, fb)) }
@c func h_cbz_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { near(c, p, fa, fb, if: x(c, p.op.n) == 0) }
@c func h_cbz_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { near(c, p, fa, fb, if: w(c, p.op.n) == 0) }
@c func h_cbnz_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { near(c, p, fa, fb, if: x(c, p.op.n) != 0) }
@c func h_cbnz_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { near(c, p, fa, fb, if: w(c, p.op.n) != 0) }
@c func h_tbz(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { near(c, p, fa, fb, if: x(c, p.op.n) &>> UInt64(p.op.s) & 1 == 0) }
@c func h_tbnz(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { near(c, p, fa, fb, if: x(c, p.op.n) &>> UInt64(p.op.s) & 1 != 0) }
@c func h_cbzFar_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { far(c, p, fa, fb, if: x(c, p.op.n) == 0) }
@c func h_cbzFar_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { far(c, p, fa, fb, if: w(c, p.op.n) == 0) }
@c func h_cbnzFar_x(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { far(c, p, fa, fb, if: x(c, p.op.n) != 0) }
@c func h_cbnzFar_w(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { far(c, p, fa, fb, if: w(c, p.op.n) != 0) }
@c func h_tbzFar(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { far(c, p, fa, fb, if: x(c, p.op.n) &>> UInt64(p.op.s) & 1 == 0) }
@c func h_tbnzFar(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { far(c, p, fa, fb, if: x(c, p.op.n) &>> UInt64(p.op.s) & 1 != 0) }
