// SPDX-License-Identifier: MIT
import CLinux
import Linux
import SystemPackage

/// Something that merges received packets before anybody sees them: no balancer can forward what comes out.
enum Offload: String, Hashable, Sendable, CaseIterable {
  /// Generic receive offload, done by the kernel.
  case gro
  /// Large receive offload, done by the network card.
  case lro

  /// Whether it is on for an interface of the socket's network namespace.
  func isOn(_ interface: String, _ socket: PacketSocket) throws(LinuxError) -> Bool {
    let value = try ask(self == .gro ? ETHTOOL_GGRO : ETHTOOL_GFLAGS, 0, interface, socket)
    return self == .gro ? value != 0 : value & ETH_FLAG_LRO.rawValue != 0
  }

  /// Switches it on or off.
  func set(_ isOn: Bool, _ interface: String, _ socket: PacketSocket) throws(LinuxError) {
    do throws(LinuxError) {
      switch self {
      case .gro:
        _ = try ask(ETHTOOL_SGRO, isOn ? 1 : 0, interface, socket)
      case .lro:
        let others = try ask(ETHTOOL_GFLAGS, 0, interface, socket) & ~ETH_FLAG_LRO.rawValue
        _ = try ask(ETHTOOL_SFLAGS, isOn ? others | ETH_FLAG_LRO.rawValue : others, interface, socket)
      }
    } catch {
      throw LinuxError(
        operation: "switch \(rawValue) \(isOn ? "on" : "off") at \(interface)", errno: error.errno,
        advice: "merged packets cannot be forwarded; try: ethtool -K \(interface) \(rawValue) \(isOn ? "on" : "off")")
    }
  }

  private func ask(
    _ command: CInt, _ argument: UInt32, _ interface: String, _ socket: PacketSocket
  ) throws(LinuxError) -> UInt32 {
    var value = ethtool_value(cmd: UInt32(command), data: argument)
    _ = try attempt("read \(rawValue) of \(interface)") {
      unsafe linux_ethtool(socket.borrowed.rawValue, interface, &value)
    }
    return value.data
  }
}

/// The offloads of one interface that were switched off and are to be switched on again.
struct SwitchedOffloads: Sendable {
  private let interface: String
  private let socket: PacketSocket
  private var offloads: [Offload] = []

  /// Switches off what is on. What refuses stays as it is, and is reported.
  init(off interface: String, _ socket: PacketSocket, report: (LinuxError) -> Void) {
    self.interface = interface
    self.socket = socket
    for offload in Offload.allCases {
      do throws(LinuxError) {
        guard try offload.isOn(interface, socket) else { continue }
        try offload.set(false, interface, socket)
        offloads.append(offload)
      } catch {
        report(error)
      }
    }
  }

  /// Switches on again what was on.
  func restore(report: (LinuxError) -> Void) {
    for offload in offloads {
      do throws(LinuxError) {
        try offload.set(true, interface, socket)
      } catch {
        report(error)
      }
    }
  }
}
