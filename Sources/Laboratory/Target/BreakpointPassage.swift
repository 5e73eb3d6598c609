// Owns which breakpoints a run passes: those at which the target has already stopped.
// It does not know how a PE finds a breakpoint, nor why a run began or ended.
import Machine

/// The places at which the debugger has been told that each PE is. The instruction there is tried without a stop, as often as
/// its exceptions require; once anything has retired on the PE, the breakpoint counts again.
struct BreakpointPassage {
  private struct Place: Equatable {
    let pc: UInt64
    let actor: Int
    let retired: UInt64

    init(_ processor: Processor, _ actor: Int) {
      pc = processor.pc
      self.actor = actor
      retired = processor.instructionsRetired
    }
  }
  /// The places, indexed by the PE's number. It is as long as the highest number that was told.
  private var places: [Place?] = []

  /// Notes that a run begins at the place where this PE is.
  mutating func begin(at processor: Processor, _ actor: Int) {
    while places.count <= processor.number { places.append(nil) }
    places[processor.number] = Place(processor, actor)
  }

  /// Whether the breakpoint before the PE's next instruction is passed.
  func covers(_ processor: Processor, _ actor: Int) -> Bool {
    processor.number < places.count && places[processor.number] == Place(processor, actor)
  }
}
