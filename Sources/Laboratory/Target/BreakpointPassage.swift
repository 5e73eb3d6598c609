// Owns the breakpoints and watches that a run passes, because the target has already stopped there. It does not know how a PE finds them,
// or why a run began or ended.
import Machine

/// For each PE, the place at which the debugger has seen it stop. The instruction there is tried without another stop, as often as its
/// exceptions require. Once an instruction has retired on the PE, the breakpoint or the watch stops it again.
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
  /// The places, indexed by the PE's number. The array reaches up to the highest number for which a place was recorded.
  private var places: [Place?] = []

  /// Records that a run begins at the place where this PE is.
  mutating func begin(at processor: Processor, _ actor: Int) {
    while places.count <= processor.number { places.append(nil) }
    places[processor.number] = Place(processor, actor)
  }

  /// Whether the breakpoint before the PE's next instruction must not stop it.
  func covers(_ processor: Processor, _ actor: Int) -> Bool {
    processor.number < places.count && places[processor.number] == Place(processor, actor)
  }
}
