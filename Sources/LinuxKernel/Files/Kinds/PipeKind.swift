// Owns reads and writes of pipes: what moves, when a call waits, and who is woken.
// It does not know how a pipe keeps its bytes: `Pipe` does. Linux: fs/pipe.c.
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

  /// A page of a pipe is read as far as was asked, or not at all; an empty pipe is not asked again: it might wait.
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
    // Bytes that this call moved before it slept.
    var total = files.sleeps.progress
    let start = total
    // Another thread may have made the buffers smaller meanwhile.
    let rest = wanted - min(start, wanted)
    do throws(Errno) {
      if state.readers == 0 { throw .EPIPE }
      // A full pipe is not asked to take anything, whatever the buffers are.
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
    // Only a full pipe can be why not everything went in: a bad buffer has thrown, or ends the call with what came before it.
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
