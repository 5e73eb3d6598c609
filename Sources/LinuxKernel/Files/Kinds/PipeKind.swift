// Owns reads and writes of pipes: the bytes that move, the calls that wait, and the tasks that are woken. It does not know how a pipe keeps
// its bytes: `Pipe` does. Linux: fs/pipe.c.
import Architecture
import LinuxMM

struct PipeKind: OpenFileKind {
  let files: Files
  let id: OpenFileID
  let pipe: PipeID

  private var state: Pipe { files.state.pipes[pipe] }
  private var isNonblocking: Bool { files.state.open[id].isNonblocking }

  var isSeekable: Bool { false }

  var readiness: Readiness {
    var ready: Readiness = []
    if files.state.open[id].isReadable {
      if !state.isEmpty { ready.formUnion([.IN, .RDNORM]) }
      if state.writers == 0 { ready.insert(.HUP) }
    }
    if files.state.open[id].isWritable {
      if !state.isFull { ready.formUnion([.OUT, .WRNORM]) }
      if state.readers == 0 { ready.insert(.ERR) }
    }
    return ready
  }

  func read(_ el1: EL1Interface, into vectors: [UserVector], at offset: Int64?) throws(Errno) -> SystemCallResult {
    let wanted = vectors.total
    if wanted == 0 { return .done(0) }
    if state.isEmpty {
      if state.writers == 0 { return .done(0) }
      if isNonblocking { throw .EAGAIN }
      return files.sleep(onPipe: pipe, done: 0)
    }
    let start = try files.readStart(id, offset, wanted)
    let done = try fill(el1, vectors)
    return files.finishRead(id, offset, start, done, movesPosition: false)
  }

  /// Reads the pipe page by page. A page is dropped from the pipe only if all bytes asked of it could be copied. An empty pipe ends the
  /// read.
  private func fill(_ el1: EL1Interface, _ vectors: [UserVector]) throws(Errno) -> UInt64 {
    var done: UInt64 = 0
    for vector in vectors {
      var inVector: UInt64 = 0
      while inVector < vector.count {
        if state.isEmpty { return done }
        let bytes = state.peek(Int(min(vector.count - inVector, UInt64(Pipe.pageSize))))
        if files.user(el1).copyOut(vector.address &+ inVector, bytes) < bytes.count {
          if done == 0 { throw .EFAULT }
          return done
        }
        files.drop(bytes.count, from: pipe)
        files.wakePipe(pipe)
        done += UInt64(bytes.count)
        inVector += UInt64(bytes.count)
      }
    }
    return done
  }

  func write(_ el1: EL1Interface, from vectors: [UserVector], at offset: Int64?) throws(Errno) -> SystemCallResult {
    let wanted = vectors.total
    if wanted == 0 { return .done(0) }
    // The number of bytes that this call moved before it slept.
    var total = files.sleeps.progress
    let start = total
    // Another thread may have made the buffers smaller meanwhile.
    let rest = wanted - min(start, wanted)
    do throws(Errno) {
      if state.readers == 0 { throw .EPIPE }
      // A full pipe is not written to, even if the buffers are bad.
      if state.hasRoom(for: Int(rest)) {
        total += try files.user(el1).drain(vectors, start, rest, wholePages: true) { bytes, _ throws(Errno) in
          try files.put(bytes, into: pipe)
        }
      }
    } catch {
      if error == .EPIPE { try files.signals.sendToCaller(Signal.SIGPIPE) }
      if total == 0 { throw error }
      return .done(total)
    }
    if total > start { files.wakePipe(pipe) }
    // If bytes are left here, the pipe is full: a bad buffer either has thrown or has ended the call with the bytes before it.
    if total < wanted && state.isFull {
      if !isNonblocking { return files.sleep(onPipe: pipe, done: total) }
      if total == 0 { throw .EAGAIN }
    }
    return .done(total)
  }

  func take(_ el1: EL1Interface, _ bytes: [UInt8], at offset: Int64?) throws(Errno) -> Int {
    let taken = try files.put(bytes, into: pipe)
    files.wakePipe(pipe)
    if taken == 0 { throw .EAGAIN }
    return taken
  }
}
