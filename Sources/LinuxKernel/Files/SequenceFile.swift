// Owns the reading of a text that is made record by record: a reader's position, and the bytes of a record that it has not read yet. It
// does not know the contents of any record. Linux: fs/seq_file.c.
import Architecture
import LinuxMM

/// One record of a text, and the number at which the next record is found. Only the text itself knows the meaning of the number, which is
/// `SequenceRecord.end` behind the last record. Readers skip empty records.
struct SequenceRecord {
  var text: [UInt8]
  var next: UInt64
  static let end = UInt64.max
}

/// The progress of an open file through its text. Linux: struct seq_file.
struct SequenceState: Sendable {
  /// The offset in bytes at which the reader continues. A read at another offset must make records again. Linux: read_pos.
  var position: Int64 = 0
  /// The number of the record that is made next. Linux: index.
  var record: UInt64 = 0
  /// The bytes of records that were made and not read yet, fewer than `capacity`. Linux: buf, from, count.
  var rest: [UInt8] = []
  /// The size of Linux's buffer in bytes. It is one page, and it is doubled until it is larger than the longest record so far.
  var capacity = 4096
}

extension Files {
  /// The number of bytes that all open files together may have made and not read yet: a quarter of RAM, as for pipes.
  private var sequenceLimit: Int { Int(mm.state.frames.managed) << 12 / 4 }

  /// Reads into the buffers from the offset `start` on, and returns the number of bytes. The unread rest of the last record stays for the
  /// next read. If no byte was read, it throws the error of making a record, EFAULT if no byte could be copied, or ENOMEM if all open files
  /// together hold too many unread bytes. Linux: seq_read_iter().
  func readSequence(_ el1: EL1Interface, _ id: OpenFileID, _ node: SyntheticNode, _ vectors: [UserVector], _ start: Int64)
    throws(Errno) -> UInt64
  {
    let wanted = vectors.reduce(0) { $0 + $1.count }
    if start == 0 { restartSequence(id) }
    try seekSequence(el1, id, node, to: start)
    var done = copyRest(el1, id, vectors, 0)
    if state.open[id].sequence.rest.isEmpty {
      do throws(Errno) { try makeRecords(el1, id, node, atLeast: wanted - done) } catch { if done == 0 { throw error } }
      done += copyRest(el1, id, vectors, done)
    }
    if done == 0 && !state.open[id].sequence.rest.isEmpty { throw .EFAULT }
    state.open[id].sequence.position += Int64(done)
    return done
  }

  /// Moves to an offset by making all records before it again, unless the reader is already there. Linux: traverse(), seq_lseek().
  func seekSequence(_ el1: EL1Interface, _ id: OpenFileID, _ node: SyntheticNode, to offset: Int64) throws(Errno) {
    if offset == state.open[id].sequence.position { return }
    restartSequence(id)
    var (position, record): (Int64, UInt64) = (0, 0)
    while position < offset, let made = try sequenceRecord(el1, node, record) {
      record = made.next
      let left = Int64(made.text.count) - (offset - position)
      if left > 0 {
        noteCapacity(id, made.text.count)
        setRest(id, Array(made.text.suffix(Int(left))))
        break
      }
      position += Int64(made.text.count)
    }
    state.open[id].sequence.record = record
    state.open[id].sequence.position = offset
  }

  /// Makes the next record that has a text, and the records after it that fit into the buffer too, until `wanted` bytes are there. The
  /// first record always fits, because the buffer grows.
  private func makeRecords(_ el1: EL1Interface, _ id: OpenFileID, _ node: SyntheticNode, atLeast wanted: UInt64) throws(Errno) {
    if state.sequenceBytes > sequenceLimit { throw .ENOMEM }
    var text: [UInt8] = []
    var record = state.open[id].sequence.record
    while UInt64(text.count) < wanted {
      guard let made = try sequenceRecord(el1, node, record) else { break }
      if text.isEmpty {
        text = made.text
        noteCapacity(id, text.count)
      } else {
        if text.count + made.text.count >= state.open[id].sequence.capacity { break }
        text += made.text
      }
      record = made.next
    }
    state.open[id].sequence.record = record
    setRest(id, text)
  }

  /// Makes a record. A text that is one record is made at position 0. Throws ESRCH if its task has ended
  /// and is no zombie.
  private func sequenceRecord(_ el1: EL1Interface, _ node: SyntheticNode, _ record: UInt64) throws(Errno) -> SequenceRecord? {
    if record == SequenceRecord.end { return nil }
    guard let task = procFiles.taskIndex(node) else {
      guard record == 0, let text = procFiles.zombieText(node) else { throw .ESRCH }
      return SequenceRecord(text: text, next: SequenceRecord.end)
    }
    switch SyntheticTree.file(node)!.body {
    case .text(let contents), .stored(let contents, _):
      return SequenceRecord(text: try contents(procFiles, el1, task), next: SequenceRecord.end)
    case .records(let make): return try make(procFiles, el1, task, record)
    case .computed, .bytes, .memory, .link: preconditionFailure("a file that has no text")
    }
  }

  private func noteCapacity(_ id: OpenFileID, _ record: Int) {
    while state.open[id].sequence.capacity <= record { state.open[id].sequence.capacity *= 2 }
  }

  // MARK: Unread bytes

  /// Copies the unread bytes to the buffers behind their first `skip` bytes, and returns the number of bytes copied.
  private func copyRest(_ el1: EL1Interface, _ id: OpenFileID, _ vectors: [UserVector], _ skip: UInt64) -> UInt64 {
    let rest = state.open[id].sequence.rest
    if rest.isEmpty { return 0 }
    var (done, skip) = (0, skip)
    for vector in vectors where done < rest.count {
      let before = min(skip, vector.count)
      skip -= before
      let piece = Int(min(vector.count - before, UInt64(rest.count - done)))
      if piece == 0 { continue }
      let copied = user(el1).copyOut(vector.address &+ before, Array(rest[done..<done + piece]))
      done += copied
      if copied < piece { break }
    }
    setRest(id, Array(rest[done...]))
    return UInt64(done)
  }

  private func restartSequence(_ id: OpenFileID) {
    setRest(id, [])
    state.open[id].sequence.record = 0
    state.open[id].sequence.position = 0
  }

  private func setRest(_ id: OpenFileID, _ bytes: [UInt8]) {
    state.sequenceBytes += bytes.count - state.open[id].sequence.rest.count
    state.open[id].sequence.rest = bytes
  }
}
