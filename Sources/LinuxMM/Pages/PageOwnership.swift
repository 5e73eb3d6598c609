// Owns page descriptors that are written as a whole when pages change hands: their halves as values with named fields.
// It does not know when that happens, nor single fields: PageDescriptor names those.
import Architecture

/// The first half of a descriptor, laid out as `PageDescriptor` says.
struct PageOwnership: BitwiseCopyable {
  var flags: UInt64 = 0
  var referenceCount: UInt32 = 0
  var mapCount: UInt32 = 0
  var mapping: UInt64 = 0
  var index: UInt64 = 0
}

/// The second half: the head of which the page is a tail, or the order of which it is the head.
struct PageComposition: BitwiseCopyable {
  var compoundHead: UInt64 = 0
  var order: UInt32 = 0
  var entireMapCount: UInt32 = 0
}

extension PageDescriptor {
  /// The `mapping` of anonymous memory. Linux: PAGE_MAPPING_ANON.
  @inline(__always) static func mapping(_ anonVMA: AnonVMAID) -> UInt64 { UInt64(anonVMA.rawValue) << 1 | 1 }
  /// The `mapping` of a file's page.
  @inline(__always) static func mapping(_ file: FileID) -> UInt64 { UInt64(file.rawValue) << 1 }
}

extension MemoryManager {
  func setOwnership(_ el1: EL1Interface, _ page: UInt64, _ ownership: PageOwnership) {
    el1.store(PhysicalAddress(state.frames.descriptor(of: page)), ownership)
  }
  func setComposition(_ el1: EL1Interface, _ page: UInt64, _ composition: PageComposition) {
    el1.store(PhysicalAddress(state.frames.descriptor(of: page) &+ PageDescriptor.compoundHead), composition)
  }
}
