// Owns the copying between the buffers of a call and a kind of open file, piece by piece, and how far it got.
// It does not know what a kind of file is: it is told where bytes come from and where they go. Linux: lib/iov_iter.c.
import Architecture
import LinuxMM

extension [UserVector] {
  /// Bytes in all of them.
  var total: UInt64 { reduce(0) { $0 + $1.count } }
}

extension UserMemory {
  /// What is copied between user memory and a file at a time.
  private static var chunk: UInt64 { 64 << 10 }

  /// Fills the buffers with what `fetch` has at a distance from the beginning of the read, at most so many bytes; how many bytes went.
  /// It ends where `fetch` has fewer than it was asked for, and with `stopsEarly` after the first piece. An error or a bad buffer counts
  /// only where nothing was read before it. `pageOffset` not nil: no piece crosses a page of the file, in which the read starts there.
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

  /// Takes the buffers' bytes from `skip` on, at most `limit`, in pieces, and gives each to `put` with how many went before it; stops
  /// where that takes less than it was given. An error or a bad buffer counts only where nothing was taken before it; with `wholePages`
  /// no part of a page before a bad address is taken.
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
