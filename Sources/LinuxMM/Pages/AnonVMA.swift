// Owns the tree of anon_vmas: which of them a VMA belongs to, which descends from which by fork, and when one is removed.
// It does not know pages, which name an anon_vma in their descriptor, nor what VMAs map. Linux: mm/rmap.c.
import Architecture

/// The anon_vmas to which a VMA is linked, from the youngest back to the root. Linux: the list anon_vma_chain.
public struct AnonVMAChain: Hashable, Sendable {
  /// The youngest; the others are its predecessors. `none` if there are none.
  var last = AnonVMAID.none
  /// The number of anon_vmas in the chain: 1 for memory that no fork has copied. Linux: list_is_singular().
  var count: UInt32 = 0
  /// The oldest, which all of one family share. Linux: anon_vma->root.
  var root = AnonVMAID.none
}

/// The object that finds every VMA which may map a page of anonymous memory. Linux: struct anon_vma.
struct AnonVMA: Sendable {
  /// The anon_vma whose VMA was forked; a root is its own parent.
  var parent: AnonVMAID
  /// The next older one in the chains of its VMAs; 0 for a root.
  var predecessor: AnonVMAID
  /// The end of its chain; a root's own number.
  var root: AnonVMAID
  /// Descendants of the first generation that have VMAs; a root counts itself. Linux: num_children.
  var children: UInt32
  /// VMAs whose new pages belong to it. Linux: num_active_vmas.
  var activeVMAs: UInt32 = 0
  /// VMAs that have it in their chain, which may hold its pages. Linux: the size of rb_root.
  var vmas: UInt32 = 0
}

/// All anon_vmas. A number is reused only after its anon_vma has lost its last VMA.
struct AnonVMATable: Sendable {
  private var records = Slots<AnonVMAID, AnonVMA>(firstID: 1)

  subscript(id: AnonVMAID) -> AnonVMA {
    @inline(__always) unsafeAddress { records.address(of: id) }
    @inline(__always) unsafeMutableAddress { records.mutableAddress(of: id) }
  }
  /// The root of an anon_vma's family; `none` if the anon_vma was removed.
  func root(of id: AnonVMAID) -> AnonVMAID { records.contains(id) ? records[id].root : .none }
  /// The largest number of anon_vmas ever in use at once.
  var capacity: Int { records.capacity }
  /// The numbers in use, in ascending order.
  var ids: [AnonVMAID] { records.ids }

  /// Makes a root without VMAs.
  mutating func makeRoot() -> AnonVMAID {
    let id = records.insert(AnonVMA(parent: .none, predecessor: .none, root: .none, children: 1))
    (self[id].parent, self[id].root) = (id, id)
    return id
  }

  /// Removes a root to which no VMA was linked. Linux: put_anon_vma().
  mutating func discardRoot(_ id: AnonVMAID) {
    precondition(self[id].vmas == 0 && self[id].root == id, "only a root without VMAs is given back")
    records.remove(id)
  }

  /// Links a VMA's copy in a child to all of the parent's chain. It returns an older anon_vma of the chain that can serve for the
  /// child's own pages, one that has lost its VMAs and has a single descendant; nil if there is none. Linux: anon_vma_clone() for
  /// anon_vma_fork().
  mutating func linkChild(_ chain: AnonVMAChain) -> AnonVMAID? {
    var reusable: AnonVMAID?
    forEach(chain) { if self[$0].children < 2 && self[$0].activeVMAs == 0 { reusable = $0 } }
    addVMA(to: chain)
    if let reusable { self[reusable].activeVMAs += 1 }
    return reusable
  }

  /// The chain of a VMA's copy in a child with an anon_vma of its own, which has this one VMA. Linux: the rest of anon_vma_fork().
  mutating func addOwn(of parent: VMArea) -> AnonVMAChain {
    let chain = parent.anonVMAChain
    let id = records.insert(
      AnonVMA(parent: parent.anonVMA, predecessor: chain.last, root: chain.root, children: 0, activeVMAs: 1, vmas: 1))
    self[parent.anonVMA].children += 1
    return AnonVMAChain(last: id, count: chain.count + 1, root: chain.root)
  }

  /// Calls `body` for each anon_vma of a chain, the youngest first.
  func forEach(_ chain: AnonVMAChain, _ body: (AnonVMAID) -> Void) {
    var id = chain.last
    while id != .none {
      body(id)
      id = self[id].predecessor
    }
  }
  func contains(_ chain: AnonVMAChain, _ anonVMA: AnonVMAID) -> Bool {
    var found = false
    forEach(chain) { if $0 == anonVMA { found = true } }
    return found
  }

  /// Counts a new VMA with this chain. Linux: anon_vma_clone().
  mutating func link(_ vma: VMArea) {
    if vma.anonVMA == .none { return }
    self[vma.anonVMA].activeVMAs += 1
    addVMA(to: vma.anonVMAChain)
  }
  private mutating func addVMA(to chain: AnonVMAChain) {
    var id = chain.last
    while id != .none {
      self[id].vmas += 1
      id = self[id].predecessor
    }
  }

  /// Counts a removed VMA with this chain, and removes anon_vmas without VMAs. Linux: unlink_anon_vmas().
  mutating func unlink(_ vma: VMArea) {
    if vma.anonVMA == .none { return }
    self[vma.anonVMA].activeVMAs -= 1
    var id = vma.anonVMAChain.last
    // The youngest comes first, so a descendant is gone before its parent is looked at.
    while id != .none {
      let predecessor = self[id].predecessor
      self[id].vmas -= 1
      if self[id].vmas == 0 {
        self[self[id].parent].children -= 1
        precondition(self[id].children == 0 && self[id].activeVMAs == 0, "an anon_vma without VMAs has neither children nor pages")
        records.remove(id)
      }
      id = predecessor
    }
  }
}

extension VMArea {
  /// Takes over the anon_vma and chain of another VMA, with which this one is about to merge.
  mutating func takeAnonVMA(of other: VMArea) {
    anonVMA = other.anonVMA
    anonVMAChain = other.anonVMAChain
  }

  /// Whether the anon_vmas of two neighbours allow a merge. A VMA that fork has cloned merges only if both have the same one.
  /// Linux: is_mergeable_anon_vma().
  static func canMergeAnonVMA(_ one: VMArea, _ other: VMArea) -> Bool {
    if one.anonVMA == other.anonVMA { return true }
    if one.anonVMA != .none && other.anonVMA != .none { return false }
    return max(one.anonVMAChain.count, other.anonVMAChain.count) == 1
  }
}
