// SPDX-License-Identifier: MIT
import BPF
import Glibc
import Linux
import Netlink
import SystemPackage
import TestSupport
import Wire

@testable import Probing

/// What the live tests need from the machine.
enum Host {
  static let reason = "needs CAP_SYS_ADMIN, CAP_NET_ADMIN, CAP_BPF and ip(8)"
  static let isPrivileged = canMakeNetworkNamespaces && Capability.bpf.isEffective

  static let liveReason = "needs Linux 5.18, for live frames"
  /// Whether the kernel lets frames of test runs live.
  static let injects =
    isPrivileged
    && (try? withNetworkNamespace { () -> Void in
      try TestSupport.run("ip", "link", "set", "lo", "up")
      try Injection(into: InterfaceIndex(rawValue: 1)).inject([UInt8](repeating: 0, count: 60))
    }) != nil
}

/// A real server that holds two virtual addresses, in a namespace of its own: `eth0` with 10.0.0.2/24 and fd00::2/64.
///
/// Its neighbour at the other end, `d0` in the same namespace, has 10.0.0.1 and fd00::1, as far as it knows.
struct Scene {
  let interface: InterfaceIndex
  let macAddress: MACAddress
  let neighbour: MACAddress

  static func run<Success>(_ body: (Scene) throws -> Success) throws -> Success {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      try skipDuplicateDetection()
      try TestSupport.run("ip", "link", "set", "lo", "up")
      let interface = try netlink.createLink("eth0", .veth(VethPeer(name: "d0")), LinkSettings(isUp: true, mtu: 1500))
      try TestSupport.run("ip", "link", "set", "d0", "up")
      guard let link = try netlink.link(interface), let other = try netlink.link(named: "d0"),
        let own = link.macAddress, let neighbour = other.macAddress
      else { throw ProbeError("a veth pair has addresses") }
      try addAddresses(neighbour)
      try awaitLinks("eth0", "d0")
      return try body(Scene(interface: interface, macAddress: own, neighbour: neighbour))
    }
  }

  private static func addAddresses(_ neighbour: MACAddress) throws {
    for address in ["10.0.0.2/24", "fd00::2/64"] {
      try TestSupport.run("ip", "address", "add", address, "dev", "eth0")
    }
    for address in ["203.0.113.80/32", "2001:db8:f::80/128"] {
      try TestSupport.run("ip", "address", "add", address, "dev", "lo")
    }
    for address in ["10.0.0.1", "fd00::1"] {
      try TestSupport.run("ip", "neighbour", "replace", address, "lladdr", "\(neighbour)", "dev", "eth0")
    }
  }

  static func director(_ version: IPVersion) -> IPAddress { version == .v4 ? .v4("10.0.0.1") : .v6("fd00::1") }
  static func server(_ version: IPVersion) -> IPAddress { version == .v4 ? .v4("10.0.0.2") : .v6("fd00::2") }
  static func virtualAddress(_ version: IPVersion) -> IPAddress {
    version == .v4 ? .v4("203.0.113.80") : .v6("2001:db8:f::80")
  }
}

/// Has addresses of IPv6 serve at once on links that are made from now on. Without a link-local address, which comes by
/// itself, nobody asks for neighbours; the search for duplicates keeps it from use for a second or two.
func skipDuplicateDetection() throws {
  try Sysctl("net/ipv6/conf/default/accept_dad").write(0)
}

/// Waits until links carry packets and all their addresses serve, which the kernel sees to on its own time.
func awaitLinks(_ names: String...) throws {
  let netlink = try NetlinkConnection()
  let pause = Poller([])
  _ = try eventually("links carry packets", within: .seconds(20)) {
    let areReady = try names.allSatisfy { name in
      guard let link = try netlink.link(named: name), link.isRunning else { return false }
      let addresses = try netlink.addresses(.v6, on: link.index)
      return !addresses.isEmpty && addresses.allSatisfy { !$0.flags.contains(.tentative) }
    }
    if !areReady { _ = try pause.wait(timeout: .milliseconds(10)) }
    return areReady ? true : nil
  }
}

/// A socket on a port of all addresses, which nobody reads from: TCP's accepts connections all the same.
final class Listener {
  private let descriptor: CInt

  enum Kind {
    case tcp
    case udp
  }

  init(_ kind: Kind = .tcp, port: UInt16) throws {
    descriptor = socket(AF_INET6, CInt(kind == .tcp ? SOCK_STREAM.rawValue : SOCK_DGRAM.rawValue), 0)
    var name = sockaddr_in6()
    name.sin6_family = sa_family_t(AF_INET6)
    name.sin6_port = port.bigEndian
    let result = withUnsafeBytes(of: name) { bytes in
      bind(descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    guard result == 0, kind == .udp || listen(descriptor, 8) == 0 else {
      throw LinuxError(operation: "listen", errno: Errno(rawValue: errno))
    }
  }

  deinit { close(descriptor) }
}
