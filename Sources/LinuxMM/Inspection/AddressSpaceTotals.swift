// Owns the sizes of an address space as /proc/PID/status and statm give them, in pages.
// It does not know how they are printed. Linux: fs/proc/task_mmu.c task_mem(), mm/mmap.c vm_stat_account().

/// Sizes of an address space, or of a part of one.
public struct AddressSpaceTotals: Hashable, Sendable {
  /// total_vm: all mapped pages.
  public var mapped: UInt64 = 0
  /// data_vm: private, writable, not a stack.
  public var data: UInt64 = 0
  /// exec_vm: executable, not writable, not a stack.
  public var executable: UInt64 = 0
  /// stack_vm: mappings that grow down.
  public var stack: UInt64 = 0
  /// The executable parts of the program's segments. Linux: end_code - start_code.
  public var text: UInt64 = 0

  mutating func add(_ vma: VMArea) {
    let pages = (vma.end &- vma.start) >> 12
    mapped &+= pages
    if vma.purpose == .program && vma.flags.contains(.EXEC) { text &+= pages }
    if vma.flags.contains(.GROWSDOWN) {
      stack &+= pages
    } else if vma.flags.contains(.EXEC) && !vma.flags.contains(.WRITE) {
      executable &+= pages
    } else if vma.flags.contains(.WRITE) && !vma.flags.contains(.SHARED) {
      data &+= pages
    }
  }
  mutating func add(_ other: Self) {
    mapped &+= other.mapped
    data &+= other.data
    executable &+= other.executable
    stack &+= other.stack
    text &+= other.text
  }
}

extension MM {
  public var totals: AddressSpaceTotals { vmas.totals }

  /// The first VMA that ends above an address, and the next one; nil if there is none.
  public func areas(from address: UInt64) -> (first: VMArea, next: VMArea?)? {
    let index = vmas.firstPosition(endingAbove: address)
    return index < vmas.count ? (vmas[index], index + 1 < vmas.count ? vmas[index + 1] : nil) : nil
  }

  /// Records the largest sizes so far; called before a size shrinks. Linux: update_hiwater_rss(), update_hiwater_vm().
  mutating func noteHighWater() {
    peakResident = max(peakResident, residentPages)
    peakMapped = max(peakMapped, mappedPages)
  }
  /// VmHWM and VmPeak, in pages.
  public var highWater: (resident: Int, mapped: UInt64) { (max(peakResident, residentPages), max(peakMapped, mappedPages)) }

  /// Whether a VMA is named as the heap in /proc/PID/maps. Linux: vma_is_initial_heap().
  public func isHeap(_ vma: VMArea) -> Bool { brkStart != 0 && vma.isAnonymous && vma.start < brk && vma.end > brkStart }
}
