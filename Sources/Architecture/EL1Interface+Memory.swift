// Owns a supervisor's accesses to guest RAM: descriptors, page descriptors, whole pages, and the user's memory.
// It does not know what the bytes mean.

extension EL1Interface {
  /// Host address of physical address `pa`. `pa + size` must lie in RAM: a supervisor that leaves it is our bug.
  @inlinable @inline(__always)
  public func hostAddress(_ pa: PhysicalAddress, size: UInt64) -> UnsafeMutableRawPointer {
    let offset = pa.rawValue &- block.pointee.ramBase
    precondition(offset <= block.pointee.ramSize &- size, "supervisor access outside RAM")
    return block.pointee.ram + Int(truncatingIfNeeded: offset)
  }
  @inlinable public var ramBase: PhysicalAddress { PhysicalAddress(block.pointee.ramBase) }
  @inlinable public var ramSize: UInt64 { block.pointee.ramSize }

  /// Loads a value from RAM without announcing a step: for data that only its owner writes.
  @inlinable @inline(__always)
  public func load<T: BitwiseCopyable>(_ pa: PhysicalAddress, as type: T.Type) -> T {
    hostAddress(pa, size: UInt64(MemoryLayout<T>.size)).loadUnaligned(as: T.self)
  }

  /// Stores a value to RAM through the one door for stores, without announcing a step.
  @inlinable @inline(__always)
  public func store<T: BitwiseCopyable>(_ pa: PhysicalAddress, _ value: T) {
    let host = hostAddress(pa, size: UInt64(MemoryLayout<T>.size))
    if _fastPath(pageFlags(pa) == 0) {
      host.storeBytes(of: value, as: T.self)
    } else {
      withUnsafeBytes(of: value) { bytes in
        block.pointee.entryPoints.flaggedStore(
          block.pointee.context, pa.rawValue, UInt64(bytes.count), bytes.baseAddress!)
      }
    }
  }

  @inlinable @inline(__always)
  func pageFlags(_ pa: PhysicalAddress) -> UInt8 {
    block.pointee.pageFlags[Int(truncatingIfNeeded: (pa.rawValue &- block.pointee.ramBase) &>> 12)]
  }

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
  public func zeroFrame(_ pa: PhysicalAddress) {
    let host = hostAddress(pa, size: 4096)
    if _fastPath(pageFlags(pa) == 0) {
      host.initializeMemory(as: UInt8.self, repeating: 0, count: 4096)
    } else {
      withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 16) { zeroes in
        zeroes.initializeMemory(as: UInt8.self, repeating: 0)
        block.pointee.entryPoints.flaggedStore(block.pointee.context, pa.rawValue, 4096, zeroes.baseAddress!)
      }
    }
  }

  /// Copies a 4 KiB frame.
  @inlinable
  public func copyFrame(from source: PhysicalAddress, to destination: PhysicalAddress) {
    store(from: UnsafeRawPointer(hostAddress(source, size: 4096)), count: 4096, to: destination)
  }

  /// Stores host bytes into RAM through the one door. [pa, pa+count) must stay inside one 4 KiB frame, for each has flags of its own:
  /// where a later frame held code, that code would go on running.
  @inlinable
  public func store(from bytes: UnsafeRawPointer, count: Int, to pa: PhysicalAddress) {
    if count == 0 { return }
    precondition(count > 0 && pa.rawValue & 0xfff &+ UInt64(count) <= 4096, "a store must stay inside one frame of RAM")
    let host = hostAddress(pa, size: UInt64(count))
    if _fastPath(pageFlags(pa) == 0) {
      host.copyMemory(from: bytes, byteCount: count)
    } else {
      block.pointee.entryPoints.flaggedStore(block.pointee.context, pa.rawValue, UInt64(count), bytes)
    }
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
