// Owns a supervisor's accesses to guest RAM: descriptors, page descriptors, whole pages, and the user's memory.
// It does not know what the bytes mean.

extension EL1Interface {
  /// Guest RAM. Stores through it announce no step.
  @inlinable @inline(__always) public var ram: RAM { block.pointee.ram }
  @inlinable public var ramBase: PhysicalAddress { PhysicalAddress(ram.base) }
  @inlinable public var ramSize: UInt64 { ram.size }

  /// Host address of [pa, pa+size), for reading. All of it must be RAM: a supervisor that leaves RAM is an error in the supervisor.
  @inlinable @inline(__always)
  public func hostAddress(_ pa: PhysicalAddress, size: UInt64) -> UnsafeRawPointer {
    guard let host = ram.host(pa.rawValue, count: size) else { preconditionFailure("the supervisor reads outside RAM") }
    return UnsafeRawPointer(host)
  }

  /// Loads a value from RAM without announcing a step: for data that only its owner writes.
  @inlinable @inline(__always)
  public func load<T: BitwiseCopyable>(_ pa: PhysicalAddress, as type: T.Type) -> T { ram.load(pa.rawValue, as: T.self) }

  /// Stores a value to RAM without announcing a step.
  @inlinable @inline(__always)
  public func store<T: BitwiseCopyable>(_ pa: PhysicalAddress, _ value: T) { ram.store(pa.rawValue, value) }

  /// Reads a translation table descriptor. A step.
  @inlinable @inline(__always)
  public func loadDescriptor(_ pa: PhysicalAddress) -> UInt64 {
    step(.pteLoad, pa.rawValue)
    return load(pa, as: UInt64.self)
  }

  /// Writes a translation table descriptor. A step. Only LinuxMM's PageTableEditor calls this.
  @inlinable @inline(__always)
  public func storeDescriptor(_ pa: PhysicalAddress, _ value: UInt64) {
    step(.pteStore, pa.rawValue)
    store(pa, value)
  }

  /// Replaces a descriptor if it still holds `expected`; returns what it held. A step.
  @inlinable @inline(__always)
  public func compareAndSwapDescriptor(_ pa: PhysicalAddress, expected: UInt64, desired: UInt64) -> UInt64 {
    step(.pteCompareAndSwap, pa.rawValue)
    let old = load(pa, as: UInt64.self)
    if old == expected { store(pa, desired) }
    return old
  }

  /// Fills a 4 KiB frame with zeroes.
  @inlinable
  public func zeroFrame(_ pa: PhysicalAddress) { ram.zeroFrame(pa.rawValue) }

  /// Copies a 4 KiB frame to another.
  @inlinable
  public func copyFrame(from source: PhysicalAddress, to destination: PhysicalAddress) {
    ram.copyFrame(from: source.rawValue, to: destination.rawValue)
  }

  /// Stores `count` bytes of host memory to RAM; [pa, pa+count) may cover many frames.
  @inlinable
  public func store(from bytes: UnsafeRawPointer, count: Int, to pa: PhysicalAddress) {
    precondition(count >= 0, "a store has no negative size")
    ram.store(pa.rawValue, from: bytes, count: UInt64(count))
  }

  /// Reads user memory as LDTR does, with EL0's permissions. A step. Nil leaves the reason in `lastFault`.
  @inlinable
  public func unprivilegedLoad(_ va: VirtualAddress, size: UInt64) -> UInt64? {
    step(.userLoad, va.rawValue)
    var value: UInt64 = 0
    return block.pointee.entryPoints.unprivilegedLoad(block.pointee.context, va.rawValue, size, &value) ? value : nil
  }

  /// Writes user memory as STTR does, with EL0's permissions. A step. False leaves the reason in `lastFault`.
  @inlinable
  public func unprivilegedStore(_ va: VirtualAddress, size: UInt64, _ value: UInt64) -> Bool {
    step(.userStore, va.rawValue)
    return block.pointee.entryPoints.unprivilegedStore(block.pointee.context, va.rawValue, size, value)
  }

  /// Where a user access to `va` lands, for copies that stay inside one page. A step. Nil leaves the reason in `lastFault`.
  @inlinable
  public func unprivilegedTranslate(_ va: VirtualAddress, write: Bool) -> PhysicalAddress? {
    step(write ? .userStore : .userLoad, va.rawValue)
    var pa: UInt64 = 0
    let done = block.pointee.entryPoints.unprivilegedTranslate(block.pointee.context, va.rawValue, write, &pa)
    return done ? PhysicalAddress(pa) : nil
  }

  /// Why the last unprivileged access failed.
  @inlinable public var lastFault: FaultRecord { block.pointee.lastFault }
}
