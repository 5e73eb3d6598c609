// Owns the order of a trace's lines: calls that return at once, calls that other tasks interrupt, signals, new tasks and ends.
// It does not know where events come from, nor where lines go.
import Architecture
import LinuxKernel

/// Turns the events of a program's tasks into lines of strace's shape.
public final class CallTracer {
  private let write: (String) -> Void
  /// The calls that have begun, by task.
  private var pending: [Int32: CallText] = [:]
  /// The task whose line is not ended yet; its call may return at once.
  private var open: Int32?
  /// The tasks whose calls other lines have interrupted.
  private var interrupted: Set<Int32> = []
  private var tasks: Set<Int32>
  /// Signals that end a call's wait. Their lines stand behind the call's own, as in strace.
  private var held: [Int32: [TracedSignal]] = [:]
  /// New tasks that no line has named yet, with the task whose call made each.
  private var newborn: [(task: Int32, parent: Int32)] = []

  /// `first` is the number of the first task. `write` is called with each line, which ends with a newline.
  public init(first: Int32, write: @escaping (String) -> Void) {
    tasks = [first]
    self.write = write
  }

  /// A call begins: all six argument registers count.
  public func began(_ task: Int32, number: UInt64, arguments: [UInt64], memory: @escaping MemoryReader) {
    precondition(arguments.count == 6)
    announce(task)
    interruptOpenCall(except: task)
    pending[task] = CallText(number: number, values: arguments, memory: memory)
    open = task
  }

  /// A call returns: the result is as X0 has it, or the negated number of an internal error.
  public func returned(_ task: Int32, result: UInt64, memory: @escaping MemoryReader) {
    finish(task, result: result, memory: memory)
  }

  /// rt_sigreturn, whose arguments are in the signal's frame: the mask and X0 that it puts back.
  public func returnedFromHandler(_ task: Int32, mask: UInt64, result: UInt64) {
    interruptOpenCall(except: nil)
    line(task, "rt_sigreturn({mask=\(ArgumentText.signalSet(mask))})", "\(Int64(bitPattern: result))")
  }

  /// A call's line that ends without a result: the task ends.
  private func finish(_ task: Int32, result: UInt64?, memory: @escaping MemoryReader) {
    guard let call = pending.removeValue(forKey: task) else { return }
    if interrupted.remove(task) != nil {
      interruptOpenCall(except: task)
      let rest = call.end(result: result, memory: memory)
      line(task, "<... \(call.name) resumed>" + rest, call.resultText(result))
    } else {
      if open == task { open = nil } else { interruptOpenCall(except: task) }
      line(task, call.whole(result: result, memory: memory), call.resultText(result))
    }
    for child in newborn where child.parent == task { announce(child.task) }
    for signal in held.removeValue(forKey: task) ?? [] { write(task, signal) }
  }

  public func signalled(_ task: Int32, _ signal: TracedSignal) {
    announce(task)
    if pending[task] != nil { held[task, default: []].append(signal) } else { write(task, signal) }
  }

  private func write(_ task: Int32, _ signal: TracedSignal) {
    interruptOpenCall(except: nil)
    write(prefix(task) + signal.text + "\n")
  }

  /// A call of `parent` has made a task. It is named behind the call's line, or before its own first line.
  public func created(_ task: Int32, by parent: Int32) { newborn.append((task, parent)) }

  private func announce(_ task: Int32) {
    guard let index = newborn.firstIndex(where: { $0.task == task }) else { return }
    newborn.remove(at: index)
    interruptOpenCall(except: nil)
    tasks.insert(task)
    write("strace: Process \(task) attached\n")
  }

  /// A task ends, with the status as wait reports it.
  public func ended(_ task: Int32, status: UInt64) {
    announce(task)
    finish(task, result: nil) { _, _ in nil }
    interruptOpenCall(except: nil)
    write(prefix(task) + TracedSignal.end(status) + "\n")
    tasks.remove(task)
  }

  /// The run is over while calls have not returned.
  public func finish() { interruptOpenCall(except: nil) }

  private func interruptOpenCall(except task: Int32?) {
    guard let other = open, other != task, let call = pending[other] else { return }
    open = nil
    interrupted.insert(other)
    write(prefix(other) + call.beginning + " <unfinished ...>\n")
  }

  /// Results stand in one column where the call leaves room for it.
  private func line(_ task: Int32, _ call: String, _ result: String) {
    let text = prefix(task) + call + " "
    write(text + String(repeating: " ", count: max(0, 40 - text.count)) + "= \(result)\n")
  }

  private func prefix(_ task: Int32) -> String {
    if tasks.count < 2 { return "" }
    let number = "\(task)"
    return "[pid " + String(repeating: " ", count: max(0, 5 - number.count)) + number + "] "
  }
}
