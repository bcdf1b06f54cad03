// SPDX-License-Identifier: MIT
import Linux
import Netlink
import SystemPackage

/// A setting under `net/ipv4/conf` of which the kernel takes the larger of the interface's value and that of `all`:
/// `arp_ignore`, `arp_announce`, `rp_filter`. At least `value` is needed; only the interface's is ever changed.
struct InterfaceSetting: Hashable, Sendable, Codable {
  var interface: String
  var name: String
  var value: Int
  /// What the interface had before.
  var previous: String?

  /// The value that holds for the interface; nil if there is no such interface.
  func effective() throws -> Int? {
    do {
      return try Swift.max(Self.read(interface, name), Self.read("all", name))
    } catch let error as LinuxError where error.errno == .noSuchFileOrDirectory {
      return nil
    }
  }

  func isSame(as other: InterfaceSetting) -> Bool {
    (interface, name, value) == (other.interface, other.name, other.value)
  }

  /// What sysctl(8) calls it: with slashes where the interface's name has dots.
  var key: String {
    interface.contains(".") ? sysctl.path : sysctl.path.split(separator: "/").joined(separator: ".")
  }

  private var sysctl: Sysctl { Self.sysctl(interface, name) }

  private static func sysctl(_ interface: String, _ name: String) -> Sysctl {
    Sysctl("net/ipv4/conf/\(interface)/\(name)")
  }

  private static func read(_ interface: String, _ name: String) throws -> Int {
    try Int(sysctl(interface, name).read()) ?? 0
  }
}

extension InterfaceSetting: Step {
  var commands: [String] {
    ["sysctl -w \(key)=\(value)" + (previous.map { "  # was \($0)" } ?? "")]
  }

  func isMade(on netlink: NetlinkConnection) throws -> Bool {
    try effective().map { $0 >= value } ?? false
  }

  func remembering(on netlink: NetlinkConnection) throws -> Change {
    var setting = self
    setting.previous = try sysctl.read()
    return .setting(setting)
  }

  func make(on netlink: NetlinkConnection, _ report: Report) throws {
    try sysctl.write(value)
  }

  func revert(on netlink: NetlinkConnection, _ report: Report) throws {
    guard let previous, let found = try? sysctl.read(), found != previous else { return }
    guard found == String(value) else {
      report("# \(key) is \(found) by now, not \(value): left as it is")
      return
    }
    report("sysctl -w \(key)=\(previous)  # was \(value)")
    try sysctl.write(previous)
  }
}
