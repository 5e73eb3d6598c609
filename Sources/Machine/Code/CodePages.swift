// Owns which frames have decoded code. A page is made when its frame is first fetched from. It is dropped when its bytes are
// rewritten, or when all pages together take more host memory than allowed. It does not know virtual addresses, exception levels or
// attributes.
import Architecture
import Decoding

/// The pages of decoded code of one machine. A page depends on the words of its frame and on the processor's features alone.
final class CodePages {
  private let decoder: Decoder
  private let memory: PhysicalMemory
  let usesFusion: Bool
  let memo = DecodeMemo()
  /// For each frame, the first op of its page, or nil.
  private let pages: UnsafeMutablePointer<Raw?>
  private var count = 0
  /// The two ends of the order of use. A page counts as used when a fetch from it has to be translated, so the order is a rough
  /// one.
  private var oldest: CodePage?
  private var newest: CodePage?
  /// The most pages that may exist at once; at least 2.
  private let capacity: Int
  /// Whether a PE is executing in this page, so that its memory must stay.
  var isRunning: (CodePage) -> Bool = { _ in false }
  /// Called before a page's memory is freed, so that the callee can remove all references to it.
  var willDrop: (CodePage) -> Void = { _ in }

  /// The number of stores to a page's frame, without a newly decoded word, after which the page is dropped. The frame then holds
  /// data, and the slow
  /// stores have cost as much as decoding the page again would.
  static let storesToKeep = 1024

  /// `budget` is in bytes of host memory for all pages together.
  init(decoder: Decoder, memory: PhysicalMemory, usesFusion: Bool, budget: Int) throws(MachineError) {
    self.decoder = decoder
    self.memory = memory
    self.usesFusion = usesFusion
    capacity = max(2, budget / CodePage.byteCount)
    let tableSize = (memory.size >> 12) * 8
    guard let table = HostMemory.reserve(tableSize) else { throw .hostMemory(tableSize) }
    pages = table.assumingMemoryBound(to: Raw?.self)
  }

  deinit {
    while let page = oldest {
      unlink(page)
      page.deallocate()
    }
    HostMemory.release(UnsafeMutableRawPointer(pages), (memory.size >> 12) * 8)
    memo.deallocate()
  }

  /// The number of frames that have a page.
  var pageCount: Int { count }

  /// The page of the frame at `pa`. If there is none it is made, with nothing decoded. This is called outside handlers only.
  func page(ofFrame pa: UInt64) -> CodePage {
    let index = memory.frame(pa)
    if let ops = pages[index] {
      let page = CodePage(ops: ops)
      if page != newest {
        unlink(page)
        append(page)
      }
      return page
    }
    while count >= capacity, let victim = oldest { drop(victim) }
    let frame = pa & ~0xfff
    guard let words = memory.ram.host(frame, count: 4096) else { preconditionFailure("code lies in RAM") }
    let page = CodePage(frame: frame, words: words)
    pages[index] = page.ops
    append(page)
    count += 1
    memory.setFlag(.code, frameOf: frame)
    return page
  }

  /// Forgets what was decoded from [pa, pa+count), which lies in one frame with code and has just been stored to.
  func stored(_ pa: UInt64, count: UInt64) {
    guard let ops = pages[memory.frame(pa)] else { preconditionFailure("a frame without code is flagged as code") }
    let page = CodePage(ops: ops)
    page.stores += 1
    if (count == 4096 || page.stores >= Self.storesToKeep) && !isRunning(page) { return drop(page) }
    page.forget(Int(pa & 0xfff) >> 2...Int(pa & 0xfff &+ count &- 1) >> 2)
  }

  /// Frees a page. Its frame is ordinary memory again.
  private func drop(_ page: CodePage) {
    willDrop(page)
    unlink(page)
    count -= 1
    pages[memory.frame(page.frame)] = nil
    memory.clearFlag(.code, frameOf: page.frame)
    page.deallocate()
  }

  private func append(_ page: CodePage) {
    page.older = newest
    page.newer = nil
    newest?.newer = page
    newest = page
    oldest = oldest ?? page
  }

  private func unlink(_ page: CodePage) {
    if page == oldest { oldest = page.newer }
    if page == newest { newest = page.older }
    page.older?.newer = page.newer
    page.newer?.older = page.older
  }

  /// The instruction that `word` encodes.
  func decode(_ word: UInt32) -> Instruction {
    if let known = memo.find(word) { return known }
    let instruction = decoder.decode(word)
    memo.remember(word, instruction)
    return instruction
  }
}
