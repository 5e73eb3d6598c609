// Owns tests of the lines that strace would write. Expected lines are those of strace 6 for the same calls on arm64.
// It does not know a machine: memory is a dictionary.
import CallTrace
import Testing

/// Memory at a few addresses, and the lines written.
final class Trace {
  var memory: [UInt64: [UInt8]] = [:]
  private(set) var lines: [String] = []
  private(set) lazy var tracer = CallTracer(first: 1) { [unowned self] in lines.append(String($0.dropLast())) }

  private func read(_ address: UInt64, _ count: Int) -> [UInt8]? {
    for (start, bytes) in memory where address >= start && address - start <= bytes.count - count {
      return Array(bytes[Int(address - start)..<Int(address - start) + count])
    }
    return nil
  }

  func begin(_ number: UInt64, _ arguments: [UInt64], task: Int32 = 1) {
    let six = arguments + [UInt64](repeating: 0xdead, count: 6 - arguments.count)
    tracer.began(task, number: number, arguments: six) { self.read($0, $1) }
  }
  func end(_ result: Int64, task: Int32 = 1) { tracer.returned(task, result: UInt64(bitPattern: result)) { self.read($0, $1) } }

  /// The line of one call.
  static func line(_ number: UInt64, _ arguments: [UInt64], _ result: Int64, memory: [UInt64: [UInt8]] = [:]) -> String {
    let trace = Trace()
    trace.memory = memory
    trace.begin(number, arguments)
    trace.end(result)
    return trace.lines.joined(separator: "|")
  }
}

private func words(_ values: UInt64...) -> [UInt8] {
  values.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
}
private func text(_ text: String) -> [UInt8] { Array(text.utf8) + [UInt8](repeating: 0, count: 64) }
private let minusOne = UInt64.max

@Suite struct CallTraceTests {
  struct Row {
    let number: UInt64
    let arguments: [UInt64]
    let result: Int64
    var memory: [UInt64: [UInt8]] = [:]
    let line: String
  }

  static let rows: [Row] = [
    Row(
      number: 222, arguments: [0, 8192, 3, 0x22, minusOne, 0], result: 0xffff_f7ff_d000,
      line: "mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0xfffff7ffd000"),
    Row(number: 214, arguments: [0], result: 0x500000, line: "brk(NULL)                               = 0x500000"),
    Row(
      number: 56, arguments: [0xffff_ff9c, 0x1000, 0o2000000], result: -2, memory: [0x1000: text("/etc/nothing")],
      line: "openat(AT_FDCWD, \"/etc/nothing\", O_RDONLY|O_CLOEXEC) = -1 ENOENT (No such file or directory)"),
    Row(
      number: 56, arguments: [3, 0x1000, 0o1101, 0o644], result: 4, memory: [0x1000: text("new")],
      line: "openat(3, \"new\", O_WRONLY|O_CREAT|O_TRUNC, 0644) = 4"),
    Row(
      number: 64, arguments: [1, 0x1000, 6], result: 6, memory: [0x1000: text("hello\n")],
      line: "write(1, \"hello\\n\", 6)                  = 6"),
    Row(
      number: 64, arguments: [1, 0x1000, 40], result: 40, memory: [0x1000: [UInt8](repeating: 0x61, count: 40)],
      line: "write(1, \"\(String(repeating: "a", count: 32))\"..., 40) = 40"),
    Row(
      number: 63, arguments: [0, 0x1000, 100], result: 3, memory: [0x1000: text("a\u{1}2")],
      line: "read(0, \"a\\0012\", 100)                  = 3"),
    Row(number: 63, arguments: [0, 0x1000, 100], result: -14, line: "read(0, 0x1000, 100)                    = -1 EFAULT (Bad address)"),
    Row(
      number: 80, arguments: [3, 0x1000], result: 0,
      memory: [0x1000: words(1, 2, 0x1_0000_81ed, 0, 0, 0, 1234) + [UInt8](repeating: 0, count: 128)],
      line: "fstat(3, {st_mode=S_IFREG|0755, st_size=1234, ...}) = 0"),
    Row(
      number: 113, arguments: [1, 0x1000], result: 0, memory: [0x1000: words(5, 6)],
      line: "clock_gettime(CLOCK_MONOTONIC, {tv_sec=5, tv_nsec=6}) = 0"),
    Row(
      number: 66, arguments: [1, 0x1000, 2], result: 5,
      memory: [0x1000: words(0x2000, 3, 0x3000, 2), 0x2000: text("abc"), 0x3000: text("d\n")],
      line: "writev(1, [{iov_base=\"abc\", iov_len=3}, {iov_base=\"d\\n\", iov_len=2}], 2) = 5"),
    Row(
      number: 134, arguments: [11, 0x1000, 0, 8], result: 0, memory: [0x1000: words(0x400100, 4, 0, 0x4000)],
      line: "rt_sigaction(SIGSEGV, {sa_handler=0x400100, sa_mask=[TERM], sa_flags=SA_SIGINFO}, NULL, 8) = 0"),
    Row(
      number: 135, arguments: [0, 0, 0x1000, 8], result: 0, memory: [0x1000: words(0)],
      line: "rt_sigprocmask(SIG_BLOCK, NULL, [], 8)  = 0"),
    Row(
      number: 261, arguments: [0, 3, 0, 0x1000], result: 0, memory: [0x1000: words(8 << 20, .max)],
      line: "prlimit64(0, RLIMIT_STACK, NULL, {rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}) = 0"),
    Row(
      number: 59, arguments: [0x1000, 0], result: 0, memory: [0x1000: words(3 | 4 << 32)],
      line: "pipe2([3, 4], 0)                        = 0"),
    Row(
      number: 260, arguments: [minusOne, 0x1000, 0, 0], result: 2, memory: [0x1000: words(0x300)],
      line: "wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 2"),
    Row(
      number: 220, arguments: [0x120_0011, 0, 0, 0, 0x4000], result: 2,
      line: "clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x4000) = 2"),
    Row(number: 98, arguments: [0x1000, 0x81, 1], result: 1, line: "futex(0x1000, FUTEX_WAKE|FUTEX_PRIVATE_FLAG, 1) = 1"),
    Row(
      number: 221, arguments: [0x1000, 0x2000, 0x3000], result: 0,
      memory: [0x1000: text("/bin/x"), 0x2000: words(0x1000, 0x4000, 0), 0x3000: words(0x1000, 0), 0x4000: text("y")],
      line: "execve(\"/bin/x\", [\"/bin/x\", \"y\"], 0x3000 /* 1 var */) = 0"),
    Row(
      number: 233, arguments: [0x1000, 4096, 77], result: -22,
      line: "madvise(0x1000, 4096, 0x4d /* MADV_??? */) = -1 EINVAL (Invalid argument)"),
    Row(number: 62, arguments: [3, UInt64(bitPattern: -8), 1], result: 16, line: "lseek(3, -8, SEEK_CUR)                  = 16"),
    Row(
      number: 101, arguments: [0x1000, 0], result: -516, memory: [0x1000: words(10, 0)],
      line: "nanosleep({tv_sec=10, tv_nsec=0}, NULL) = ? ERESTART_RESTARTBLOCK (Interrupted by signal)"),
    // A call without a row.
    Row(number: 272, arguments: [1, 2, 3, 4, 0], result: 0, line: "kcmp(0x1, 0x2, 0x3, 0x4, 0, 0xdead)     = 0"),
    Row(
      number: 9999, arguments: [1, 2, 3, 4, 5, 6], result: -38,
      line: "syscall_0x270f(0x1, 0x2, 0x3, 0x4, 0x5, 0x6) = -1 ENOSYS (Function not implemented)"),
  ]

  @Test func lines() {
    for row in Self.rows { #expect(Trace.line(row.number, row.arguments, row.result, memory: row.memory) == row.line) }
  }

  @Test func aCallThatAnotherTaskInterrupts() {
    let trace = Trace()
    trace.memory = [0x1000: text("data")]
    trace.begin(220, [17, 0, 0, 0, 0])
    trace.tracer.created(2, by: 1)
    trace.end(2)
    trace.begin(63, [0, 0x1000, 4])
    trace.begin(64, [1, 0x1000, 4], task: 2)
    trace.end(4, task: 2)
    trace.end(4)
    trace.begin(94, [3], task: 2)
    trace.tracer.ended(2, status: 0x300)
    trace.tracer.signalled(1, TracedSignal(signal: 17, code: 1, address: 2))
    trace.begin(94, [0])
    trace.tracer.ended(1, status: 0)
    #expect(
      trace.lines == [
        "clone(child_stack=NULL, flags=SIGCHLD)  = 2",
        "strace: Process 2 attached",
        "[pid     1] read(0,  <unfinished ...>",
        "[pid     2] write(1, \"data\", 4)         = 4",
        "[pid     1] <... read resumed>\"data\", 4) = 4",
        "[pid     2] exit_group(3)               = ?",
        "[pid     2] +++ exited with 3 +++",
        "--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=2, si_uid=0, ...} ---",
        "exit_group(0)                           = ?",
        "+++ exited with 0 +++",
      ])
  }

  /// vfork: the child comes first.
  @Test func aChildThatRunsBeforeItsParentsCallReturns() {
    let trace = Trace()
    trace.begin(220, [0x4111, 0, 0, 0, 0])
    trace.tracer.created(2, by: 1)
    trace.begin(94, [0], task: 2)
    trace.tracer.ended(2, status: 0)
    trace.end(2)
    #expect(
      trace.lines == [
        "clone(child_stack=NULL, flags=CLONE_VM|CLONE_VFORK|SIGCHLD <unfinished ...>",
        "strace: Process 2 attached",
        "[pid     2] exit_group(0)               = ?",
        "[pid     2] +++ exited with 0 +++",
        "<... clone resumed>)                    = 2",
      ])
  }

  @Test func aSignalThatEndsAWait() {
    let trace = Trace()
    trace.memory = [0x1000: words(10, 0)]
    trace.begin(101, [0x1000, 0])
    trace.tracer.signalled(1, TracedSignal(signal: 14, code: 0x80, address: 0))
    trace.end(-516)
    trace.begin(73, [0, 0, 0, 0, 8])
    trace.tracer.signalled(1, TracedSignal(signal: 15, code: 0, address: 7))
    trace.tracer.ended(1, status: 15)
    #expect(
      trace.lines == [
        "nanosleep({tv_sec=10, tv_nsec=0}, NULL) = ? ERESTART_RESTARTBLOCK (Interrupted by signal)",
        "--- SIGALRM {si_signo=SIGALRM, si_code=SI_KERNEL} ---",
        "ppoll(NULL, 0, NULL, NULL, 8)           = ?",
        "--- SIGTERM {si_signo=SIGTERM, si_code=SI_USER, si_pid=7, si_uid=0} ---",
        "+++ killed by SIGTERM +++",
      ])
  }

  @Test func signals() {
    let trace = Trace()
    trace.tracer.signalled(1, TracedSignal(signal: 11, code: 1, address: 8))
    trace.tracer.signalled(1, TracedSignal(signal: 7, code: 2, address: 0xffff_f7ff_e000))
    trace.tracer.signalled(1, TracedSignal(signal: 15, code: 0, address: 7))
    trace.tracer.signalled(1, TracedSignal(signal: 6, code: -6, address: 1))
    trace.tracer.ended(1, status: 0x8b)
    #expect(
      trace.lines == [
        "--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=0x8} ---",
        "--- SIGBUS {si_signo=SIGBUS, si_code=BUS_ADRERR, si_addr=0xfffff7ffe000} ---",
        "--- SIGTERM {si_signo=SIGTERM, si_code=SI_USER, si_pid=7, si_uid=0} ---",
        "--- SIGABRT {si_signo=SIGABRT, si_code=SI_TKILL, si_pid=1, si_uid=0} ---",
        "+++ killed by SIGSEGV (core dumped) +++",
      ])
  }

  /// No arguments end the process, whatever the memory holds.
  @Test func hostileArguments() {
    let values: [UInt64] = [0, 1, 7, 0x1000, 0xfff, 0x7fff_ffff, 0xffff_ffff, 1 << 63, .max, 0xffff_ffff_ffff_f000]
    for number in 0...512 as ClosedRange<UInt64> {
      for (index, value) in values.enumerated() {
        let arguments = (0..<6).map { values[(index + $0 * 3) % values.count] }
        for result in [0, 5, -14, -512, Int64.max, Int64(bitPattern: value)] {
          #expect(!Trace.line(number, arguments, result, memory: [0x1000: words(.max, .max, 1, 0, .max, 7)]).isEmpty)
        }
      }
    }
  }
}
