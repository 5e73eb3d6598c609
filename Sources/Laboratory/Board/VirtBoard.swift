// Owns the board that bare-metal images run on: its table of addresses, laid out like that of QEMU's `virt`.
// It does not know how an image is loaded or what it does. The addresses of the interrupt controller and of virtio have no devices
// yet.
import Architecture
import Machine

enum VirtBoard {
  /// A range of physical addresses, and in `isPresent` whether a device answers there.
  struct Place {
    let name: String
    let base: UInt64
    let size: UInt64
    var isPresent = false
  }

  static let gicDistributor = Place(name: "intc", base: 0x0800_0000, size: 0x1_0000)
  static let uart = Place(name: "pl011", base: 0x0900_0000, size: PL011.size, isPresent: true)
  static let virtio = Place(name: "virtio_mmio", base: 0x0a00_0000, size: 0x4000)
  static let ram = Place(name: "memory", base: 0x4000_0000, size: 0, isPresent: true)
  static let places = [gicDistributor, uart, virtio, ram]

  /// The address at which a raw image is loaded, which was once Linux's text offset.
  static let rawImage: UInt64 = ram.base + 0x8_0000

  /// The description of the board that an image can read. Devicetree Specification v0.4.
  static func deviceTree(memory: UInt64, processors: Int) -> DeviceTree {
    let cpus = (0..<processors).map { number in
      DeviceTree.Node(
        "cpu@\(number)",
        [
          ("device_type", .string("cpu")), ("compatible", .string("arm,armv8")), ("reg", .cells([UInt32(number)])),
          ("enable-method", .string("psci")),
        ])
    }
    return DeviceTree(
      root: DeviceTree.Node(
        "",
        [
          ("#address-cells", .cells([2])), ("#size-cells", .cells([2])), ("model", .string("faultline,virt")),
          ("compatible", .string("linux,dummy-virt")),
        ],
        [
          DeviceTree.Node("chosen", [("stdout-path", .string(path(uart)))]),
          DeviceTree.Node(node(ram), [("device_type", .string("memory")), ("reg", range(ram.base, memory))]),
          DeviceTree.Node("cpus", [("#address-cells", .cells([1])), ("#size-cells", .cells([0]))], cpus),
          DeviceTree.Node(
            "psci",
            [
              ("compatible", .strings(["arm,psci-1.0", "arm,psci-0.2", "arm,psci"])), ("method", .string("hvc")),
              ("cpu_suspend", .cells([PSCI.cpuSuspend64])), ("cpu_off", .cells([PSCI.cpuOff])), ("cpu_on", .cells([PSCI.cpuOn64])),
            ]),
          // Without an interrupt controller the timers drive each processor's IRQ input.
          DeviceTree.Node("timer", [("compatible", .string("arm,armv8-timer")), ("always-on", .empty)]),
          DeviceTree.Node(
            "apb-pclk",
            [
              ("compatible", .string("fixed-clock")), ("#clock-cells", .cells([0])), ("clock-frequency", .cells([24_000_000])),
              ("clock-output-names", .string("clk24mhz")), ("phandle", .cells([clock])),
            ]),
          DeviceTree.Node(
            node(uart),
            [
              ("compatible", .strings(["arm,pl011", "arm,primecell"])), ("reg", range(uart.base, uart.size)),
              ("clocks", .cells([clock, clock])), ("clock-names", .strings(["uartclk", "apb_pclk"])),
            ]),
        ]))
  }

  private static let clock: UInt32 = 1
  private static func node(_ place: Place) -> String { "\(place.name)@\(bareHexadecimal(place.base))" }
  private static func path(_ place: Place) -> String { "/" + node(place) }
  private static func range(_ base: UInt64, _ size: UInt64) -> DeviceTree.Value {
    .cells([base, size].flatMap { [UInt32($0 >> 32), UInt32(truncatingIfNeeded: $0)] })
  }
}
