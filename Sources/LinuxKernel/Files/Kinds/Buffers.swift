// Owns the copying between the buffers of a call and an open file, piece by piece. It does not know any kind of file: closures fetch and
// take the bytes. Linux: lib/iov_iter.c.
import Architecture
import LinuxMM

extension [UserVector] {
  /// The number of bytes in all buffers together.
  var total: UInt64 { reduce(0) { $0 + $1.count } }

  /// The parts of the buffers from `skip` on that hold the next `count` bytes, in order.
  func parts(from skip: UInt64, count: UInt64) -> [UserVector] {
    var (skip, left) = (skip, count)
    var parts: [UserVector] = []
    for vector in self where left > 0 {
      let skipped = Swift.min(skip, vector.count)
      skip -= skipped
      let size = Swift.min(vector.count - skipped, left)
      if size > 0 { parts.append(UserVector(address: vector.address &+ skipped, count: size)) }
      left -= size
    }
    return parts
  }
}

extension UserMemory {
  /// The largest number of bytes that are copied between user memory and a file at a time.
  private static var chunk: UInt64 { 64 << 10 }

  /// Fills the buffers, and returns the number of bytes copied. `fetch` returns at most `count` bytes, from the distance `done` to the
  /// start of the read on. The copy ends when `fetch` returns fewer bytes than it was asked for, and after the first piece with
  /// `stopsEarly`. An error or a bad buffer is thrown only if no byte was read before it. If `pageOffset` is not nil, it is the file's
  /// offset where the read starts, and no piece crosses a page of the file.
  func fill(
    _ vectors: [UserVector], pageOffset: UInt64? = nil, stopsEarly: Bool = false,
    from fetch: (_ done: UInt64, _ count: Int) throws(Errno) -> [UInt8]
  ) throws(Errno) -> UInt64 {
    var done: UInt64 = 0
    for vector in vectors {
      var inVector: UInt64 = 0
      while inVector < vector.count {
        var wanted = Int(min(vector.count - inVector, Self.chunk))
        if let pageOffset { wanted = min(wanted, 4096 - Int((pageOffset &+ done) & 0xfff)) }
        let bytes: [UInt8]
        do throws(Errno) { bytes = try fetch(done, wanted) } catch {
          if done > 0 { return done }
          throw error
        }
        let copied = copyOut(vector.address &+ inVector, bytes)
        done += UInt64(copied)
        inVector += UInt64(copied)
        if copied < bytes.count {
          if done == 0 { throw .EFAULT }
          return done
        }
        if bytes.count < wanted || stopsEarly { return done }
      }
    }
    return done
  }

  /// The next bytes of the buffers from `skip` on, at most `count`, up to the first that need a fault.
  func copyInAtomically(_ vectors: [UserVector], from skip: UInt64, count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for part in vectors.parts(from: skip, count: UInt64(count)) {
      let copied = copyIn(part.address, count: Int(part.count), atomically: true)
      bytes += copied
      if copied.count < part.count { break }
    }
    return bytes
  }

  /// Serves the read faults of `count` bytes of the buffers from `skip` on. Returns the number of bytes before the first that is not
  /// accessible. Linux: fault_in_iov_iter_readable().
  func faultIn(_ vectors: [UserVector], from skip: UInt64, count: UInt64) -> UInt64 {
    var done: UInt64 = 0
    for part in vectors.parts(from: skip, count: count) {
      let reached = faultIn(part.address, count: part.count)
      done += reached
      if reached < part.count { break }
    }
    return done
  }

  /// Takes the bytes of the buffers from `skip` on, at most `limit`, in pieces. It gives each piece to `put`, with the number of bytes that
  /// went before it, and ends when `put` takes fewer bytes than it was given. Returns the number of bytes taken. An error or a bad buffer
  /// is thrown only if no byte was taken before it. With `wholePages`, no part of a page before a bad address is taken.
  func drain(
    _ vectors: [UserVector], _ skip: UInt64, _ limit: UInt64, wholePages: Bool = false,
    into put: (_ bytes: [UInt8], _ done: UInt64) throws(Errno) -> Int
  ) throws(Errno) -> UInt64 {
    var done: UInt64 = 0
    var skip = skip
    for vector in vectors {
      var inVector = min(skip, vector.count)
      skip -= inVector
      while inVector < vector.count && done < limit {
        let piece = Int(min(vector.count - inVector, limit - done, Self.chunk))
        var bytes = copyIn(vector.address &+ inVector, count: piece)
        if wholePages && bytes.count < piece { bytes.removeLast(bytes.count & 0xfff) }
        var taken = 0
        if !bytes.isEmpty {
          do throws(Errno) { taken = try put(bytes, done) } catch {
            if done > 0 { return done }
            throw error
          }
        }
        done += UInt64(taken)
        inVector += UInt64(taken)
        if bytes.count < piece && taken == bytes.count && done == 0 { throw .EFAULT }
        if taken < piece { return done }
      }
    }
    return done
  }
}
