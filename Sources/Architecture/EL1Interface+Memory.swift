// Owns a supervisor's accesses to guest RAM: descriptors, page descriptors, whole pages, and the user's memory.
// It does not know what the bytes mean.

extension EL1Interface {
  /// Guest RAM. A store through this view announces no step.
  @inlinable @inline(__always) public var ram: RAM { block.pointee.ram }
  @inlinable public var ramBase: PhysicalAddress { PhysicalAddress(ram.base) }
  @inlinable public var ramSize: UInt64 { ram.size }

  /// The host address of the physical range [pa, pa+size), for reading. All of it must be RAM: a supervisor that reads outside RAM
  /// is a bug of the emulator, and ends it.
  @inlinable @inline(__always)
  public func hostAddress(_ pa: PhysicalAddress, size: UInt64) -> UnsafeRawPointer {
    guard let host = ram.host(pa.rawValue, count: size) else { preconditionFailure("the supervisor reads outside RAM") }
    return UnsafeRawPointer(host)
  }

  /// Loads a value from RAM at a physical address. It announces no step, so only the owner of the data may use it.
  @inlinable @inline(__always)
  public func load<T: BitwiseCopyable>(_ pa: PhysicalAddress, as type: T.Type) -> T { ram.load(pa.rawValue, as: T.self) }

  /// Stores a value to RAM at a physical address. It announces no step.
  @inlinable @inline(__always)
  public func store<T: BitwiseCopyable>(_ pa: PhysicalAddress, _ value: T) { ram.store(pa.rawValue, value) }

  /// Reads the translation table descriptor at a physical address. This is a step.
  @inlinable @inline(__always)
  public func loadDescriptor(_ pa: PhysicalAddress) -> UInt64 {
    step(.pteLoad, pa.rawValue)
    return load(pa, as: UInt64.self)
  }

  /// Writes the translation table descriptor at a physical address. This is a step. Only LinuxMM's PageTableEditor calls this.
  @inlinable @inline(__always)
  public func storeDescriptor(_ pa: PhysicalAddress, _ value: UInt64) {
    step(.pteStore, pa.rawValue)
    store(pa, value)
  }

  /// Replaces the descriptor at a physical address if it still holds `expected`, and returns what it held before. This is a step.
  @inlinable @inline(__always)
  public func compareAndSwapDescriptor(_ pa: PhysicalAddress, expected: UInt64, desired: UInt64) -> UInt64 {
    step(.pteCompareAndSwap, pa.rawValue)
    let old = load(pa, as: UInt64.self)
    if old == expected { store(pa, desired) }
    return old
  }

  /// Fills the 4 KiB frame at a physical address with zeroes.
  @inlinable
  public func zeroFrame(_ pa: PhysicalAddress) { ram.zeroFrame(pa.rawValue) }

  /// Copies one 4 KiB frame to another.
  @inlinable
  public func copyFrame(from source: PhysicalAddress, to destination: PhysicalAddress) {
    ram.copyFrame(from: source.rawValue, to: destination.rawValue)
  }

  /// Stores `count` bytes of host memory to RAM. The physical range [pa, pa+count) may cover many frames.
  @inlinable
  public func store(from bytes: UnsafeRawPointer, count: Int, to pa: PhysicalAddress) {
    precondition(count >= 0, "a store has no negative size")
    ram.store(pa.rawValue, from: bytes, count: UInt64(count))
  }

  /// Reads user memory as LDTR does, with EL0's permissions. This is a step. Nil means that the access faulted; `lastFault` says
  /// why.
  @inlinable
  public func unprivilegedLoad(_ va: VirtualAddress, size: UInt64) -> UInt64? {
    step(.userLoad, va.rawValue)
    var value: UInt64 = 0
    return block.pointee.entryPoints.unprivilegedLoad(block.pointee.context, va.rawValue, size, &value) ? value : nil
  }

  /// Writes user memory as STTR does, with EL0's permissions. This is a step. False means that the access faulted; `lastFault` says
  /// why.
  @inlinable
  public func unprivilegedStore(_ va: VirtualAddress, size: UInt64, _ value: UInt64) -> Bool {
    step(.userStore, va.rawValue)
    return block.pointee.entryPoints.unprivilegedStore(block.pointee.context, va.rawValue, size, value)
  }

  /// The physical address that a user access to `va` reaches, for copies that stay inside one page. This is a step. Nil means that
  /// the access would fault; `lastFault` says why.
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
