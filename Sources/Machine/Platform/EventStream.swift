// Owns the event stream of a PE: the transitions of a bit of the virtual counter that set the event register.
// It does not know what waits for an event. Arm ARM D12.2, Event streams.
import Architecture

/// The event stream that CNTKCTL_EL1 describes. Arm ARM D23 CNTKCTL_EL1.
struct EventStream {
  private enum Control {
    static let EVNTEN: UInt64 = 1 &<< 2
    static let EVNTDIR: UInt64 = 1 &<< 3
    static let EVNTIS: UInt64 = 1 &<< 17
  }
  let kernelControl: UInt64

  /// The count of the first event after `count`; all ones if there is none. An event is a rise of the selected bit of CNTVCT_EL0, or
  /// with EVNTDIR a fall. EVNTI selects the bit, from bit 0 up, or with EVNTIS from bit 8 up.
  func next(after count: UInt64) -> UInt64 {
    if kernelControl & Control.EVNTEN == 0 { return ~0 }
    let bit = kernelControl &>> 4 & 15 &+ (kernelControl & Control.EVNTIS != 0 ? 8 : 0)
    let half: UInt64 = 1 &<< bit
    // The bit falls where a period of 2 x half begins, and rises in its middle.
    let offset = kernelControl & Control.EVNTDIR != 0 ? 0 : half
    let next = ((count &- offset) | (half &* 2 &- 1)) &+ 1 &+ offset
    return next > count ? next : ~0
  }
}

extension Context {
  /// Sets the event register if the stream has had an event since the last look. Nothing but WFE shows the register, so a running PE
  /// need not look at each event.
  func updateEventRegister(at count: UInt64) {
    let s = state
    if s.pointee.timer.eventStream.next(after: s.pointee.timer.eventLook) <= count && count != ~0 {
      s.pointee.interrupts.eventRegister = true
    }
    s.pointee.timer.eventLook = count
  }

  /// Clears the event register and says whether it was set: whether a WFE at this count does not wait.
  func takeEvent(at count: UInt64) -> Bool {
    updateEventRegister(at: count)
    let isSet = state.pointee.interrupts.eventRegister
    state.pointee.interrupts.eventRegister = false
    return isSet
  }
}
