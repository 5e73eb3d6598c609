// Owns what a DSB orders, as far as translation tables are concerned: the PEs that it covers, stores, and completed TLBIs.
// It does not know what waits for it. Arm ARM B2.3.12 (Data Synchronization Barrier), C6.2 DSB.
import Architecture

/// A DSB by shareability domain and access types.
struct DataBarrier: Equatable {
  /// Whether the domain is inner shareable, outer shareable or the full system, which each cover every PE of this machine.
  /// Otherwise the DSB covers only its own PE.
  let reachesOthers: Bool
  /// Whether the access types include stores. A DSB for loads only orders no change of a descriptor.
  let ordersStores: Bool
  /// Whether the access types are loads and stores. Only such a DSB completes the TLBIs before it.
  let completesTLBIs: Bool

  private init(domain: UInt8, types: UInt8) {
    reachesOthers = domain != 1
    ordersStores = types != 1
    // The type 0 is reserved and behaves as a full barrier.
    completesTLBIs = types == 3 || types == 0
  }

  /// Reads CRm. Nil for SSBB (0) and PSSBB (4), which share the encoding and order nothing here.
  init?(option: UInt8) {
    if option == 0 || option == 4 { return nil }
    // A reserved value is a full barrier of the system.
    self.init(domain: option & 3 == 0 ? 3 : option >> 2 & 3, types: option & 3)
  }

  /// Nil if the barrier is not a DSB.
  init?(_ barrier: Barrier) {
    switch barrier {
    case .DSB_ISH: self.init(option: 0b1011)
    case .DSB_ISHST: self.init(option: 0b1010)
    case .DSB_NSH: self.init(option: 0b0111)
    case .DSB_NSHST: self.init(option: 0b0110)
    case .DSB_SY: self.init(option: 0b1111)
    case .DMB_ISH, .DMB_ISHLD, .DMB_ISHST, .ISB: return nil
    }
  }
}
