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

/// Continues in another page if the fetch table knows it.
@inline(never)
func jumpFar(_ c: Raw, _ done: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64) {
  let context = Context(c)
  let entry = context.fetchEntry(va)
  if entry.load(as: UInt64.self) != va & ~0xffc { return jumpGuarded(c, done, fa, fb, va) }
  context[Slot.pageVA] = va & ~0xfff
  let ops = entry.load(fromByteOffset: 8, as: UInt64.self)
  // The retired instructions are counted by distance from the old page's ops, and then the anchor moves to the new page.
  context[Slot.pageOps] = ops
  context[Slot.targetOps] = ops
  branch(c, done: done, to: at(ops &+ (va & 0xfff) &<< 2), fa, fb)
}

/// Continues in a guarded page if the fetch table knows it and the branch may land there. Otherwise the run loop translates the fetch. The
/// table holds no tagged address; an ignored tag is dropped on the way out. Arm ARM: AArch64.BranchAddr.
@inline(never)
private func jumpGuarded(_ c: Raw, _ done: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64) {
  let context = Context(c)
  let entry = context.fetchEntry(va)
  if entry.load(as: UInt64.self) == va & ~0xffc | FastTables.guarded {
    let ops = entry.load(fromByteOffset: 8, as: UInt64.self)
    let type = context.branchType(at: context.retired(at: done))
    if type == 0 || context.accepts(CodePage(ops: at(ops)).word(Int((va & 0xfff) &>> 2)), branchType: type) {
      context[Slot.pageVA] = va & ~0xfff
      context[Slot.pageOps] = ops
      context[Slot.targetOps] = UInt64(UInt(bitPattern: context.state.pointee.landingOps))
      return branch(c, done: done, to: at(ops &+ (va & 0xfff) &<< 2), fa, fb)
    }
  }
  leave(c, done, fa, fb, pc: context.state.pointee.regime.strippingInstructionTag(va), .limit)
}

/// Continues at `va` after BR or BLR, which note their time in the slot of their BTYPE. In a guarded page the target is first a landing op.
@inline(__always)
private func land(_ c: Raw, done: Raw, at va: UInt64, _ branchType: Slot, _ fa: UInt64, _ fb: UInt64) {
  let context = Context(c)
  let retired = UInt64(UInt(bitPattern: done)) &+ context[Slot.anchor]
  context[branchType] = retired
  let offset = va &- context[Slot.pageVA]
  if _slowPath(offset >= 4096 || offset & 3 != 0) { return jumpFar(c, done, fa, fb, va) }
  let target = context[Slot.targetOps] &+ offset &<< 2
  context[Slot.anchor] = retired &- target
  if _slowPath(Int64(bitPattern: retired) >= Int64(bitPattern: context[Slot.softLimit])) {
    return leaveLanding(c, at(target), fa, fb)
  }
  go(c, at(target), fa, fb)
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
@c func h_ret(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { jump(c, done: next(p), to: x(c, p.op.n), fa, fb) }
@c func h_br(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  if _slowPath(Context(c).pageIsGuarded) { return brGuarded(c, p, fa, fb) }
  land(c, done: next(p), at: x(c, p.op.n), .branchType1, fa, fb)
}
/// BR in a guarded page.
@inline(never)
private func brGuarded(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { land(c, done: next(p), at: x(c, p.op.n), .branchType3, fa, fb) }
/// BR of X16 or X17.
@c func h_brVeneer(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { land(c, done: next(p), at: x(c, p.op.n), .branchType1, fa, fb) }
@c func h_blr(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  let target = x(c, p.op.n)
  let done = next(p)
  setX(c, 30, Context(c).pc(at: done))
  land(c, done: done, at: target, .branchType2, fa, fb)
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
