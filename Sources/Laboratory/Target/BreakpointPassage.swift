// Owns which breakpoints a run passes: those before which the target has stopped already.
// It does not know how a PE finds a breakpoint, nor why a run began or ended.
import Machine

/// Where each PE stands that its debugger has been told of. The instruction there is tried without a stop, as often as its exceptions
/// need; once anything has retired on the PE, its breakpoint counts again.
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
  /// By the PE's number; there are as many as have been told of.
  private var places: [Place?] = []

  /// A run begins where this PE stands.
  mutating func begin(at processor: Processor, _ actor: Int) {
    while places.count <= processor.number { places.append(nil) }
    places[processor.number] = Place(processor, actor)
  }

  /// Whether the breakpoint before the PE's next instruction is passed.
  func covers(_ processor: Processor, _ actor: Int) -> Bool {
    processor.number < places.count && places[processor.number] == Place(processor, actor)
  }
}
