// Owns taking two tables' locks at once, as a move or a copy of entries needs them.
// It does not know what happens under them. The order of the two does not matter, because an actor that takes two holds the mmap
// lock for writing.
import Architecture

extension EL1Interface {
  /// Takes the locks of two tables, which may be one table.
  func lock(_ first: LockName, and second: LockName) {
    lock(first)
    if second != first { lock(second) }
  }
  func unlock(_ first: LockName, and second: LockName) {
    if second != first { unlock(second) }
    unlock(first)
  }
}
