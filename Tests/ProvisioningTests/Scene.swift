// SPDX-License-Identifier: MIT
import BPF
import Foundation
import Linux
import Netlink
import TestSupport
import Wire

@testable import Provisioning

/// What the live tests need from the machine.
enum Host {
  static let reason = "needs CAP_SYS_ADMIN, CAP_NET_ADMIN, CAP_BPF and ip(8)"
  static let isPrivileged = canMakeNetworkNamespaces && Capability.bpf.isEffective

  /// Whether the kernel has the drivers for `tunnelProtocol` over IPv4.
  static func has(_ tunnelProtocol: TunnelProtocol) -> Bool {
    has(tunnelProtocol, local: Scene.director, remote: Scene.virtualAddress)
  }

  /// Whether it has those for outer headers of IPv6.
  static func hasV6(_ tunnelProtocol: TunnelProtocol) -> Bool {
    has(tunnelProtocol, local: .v6(IPv6Address(high: 1 << 61, low: 1)), remote: .v6(IPv6Address(high: 1 << 61, low: 2)))
  }

  private static func has(_ tunnelProtocol: TunnelProtocol, local: IPAddress, remote: IPAddress) -> Bool {
    guard isPrivileged else { return false }
    let setup = TunnelSetup(
      .example(tunnelProtocol.device(outer: local.version, carrying: .ipv4), local, remote) { link in
        link.encapsulation = tunnelProtocol.encapsulation
        (link.port, link.mtu) = (link.usualPort, 1400)
      })
    return
      (try? withNetworkNamespace {
        try TunnelControl(NetlinkConnection()).perform(.add(setup)) { _ in }
      }) != nil
  }

  /// Who can decapsulate here: Culvert always, the kernel where it has the drivers of IPIP and GRE.
  static let decapsulations: [Decapsulation] = has(.ipip) && has(.gre) ? [.bpf, .kernel] : [.bpf]

  /// Who can decapsulate what, over IPv4.
  static let receivable: [(Decapsulation, Delivery)] = Delivery.allCases.flatMap { delivery in
    guard let tunnel = delivery.tunnel else { return [] as [(Decapsulation, Delivery)] }
    return [(.bpf, delivery)] + (has(tunnel) ? [(.kernel, delivery)] : [])
  }
}

/// A real server in a namespace of its own, not set up yet: `eth0` with 10.0.0.2/24, the director's namespace at the other
/// end, and the way to everybody else through the director.
struct Scene {
  let netlink: NetlinkConnection
  let control: RealServerControl
  let bpffs: String

  static let virtualAddress = IPAddress.v4(IPv4Address(bits: 0xCB00_7150))
  static let director = IPAddress.v4(IPv4Address(bits: 0x0A00_0001))

  func request(_ decapsulation: Decapsulation, _ encapsulation: Delivery = .ipip) -> RealServerRequest {
    RealServerRequest(
      virtualAddresses: [IPPrefix(host: Self.virtualAddress)], directors: [IPPrefix(host: Self.director)],
      interface: "eth0",
      encapsulation: encapsulation, decapsulation: decapsulation == .bpf ? .bpf : .kernel, bpffs: bpffs)
  }

  /// Runs `body` on the real server. The namespace of `peer`, or else the same, gets the other end, `d0`.
  static func run<Success>(
    peer: VethPeer.Namespace = .same, _ body: (Scene) throws -> Success
  ) throws -> Success {
    try inTemporaryDirectory { directory in
      let bpffs = "\(directory)/bpf"
      try FileManager.default.createDirectory(atPath: bpffs, withIntermediateDirectories: false)
      _ = try BPFFileSystem.mount(at: bpffs)
      defer { try? BPFFileSystem.unmount(at: bpffs) }
      return try withNetworkNamespace {
        let netlink = try prepare(peer)
        return try body(
          Scene(netlink: netlink, control: RealServerControl(stateDirectory: "\(directory)/state"), bpffs: bpffs))
      }
    }
  }

  private static func prepare(_ peer: VethPeer.Namespace) throws -> NetlinkConnection {
    let netlink = try NetlinkConnection()
    try makeUplink(netlink, peer: peer)
    try TestSupport.run("ip", "address", "add", "10.0.0.2/24", "dev", "eth0")
    try TestSupport.run("ip", "route", "add", "default", "via", "10.0.0.1", "dev", "eth0")
    return netlink
  }
}

/// Everything that a real server could have changed, as text.
func snapshot() throws -> [String] {
  let shown = [
    try run("ip", "-d", "link"), try run("ip", "address"), try run("ip", "route", "show", "table", "all"),
    try run("ip", "-6", "route", "show", "table", "all"), try run("ip", "rule"),
  ]
  let ports = try FOUConnection()?.ports() ?? []
  return try shown.flatMap { $0.split(separator: "\n").map(String.init) } + ports.map { "\($0)" } + settings()
}

/// What is there now and was not in `before`, with `+`, and what is not there any more, with `-`.
func changes(since before: [String]) throws -> [String] {
  try snapshot().difference(from: before).map { change in
    switch change {
    case .insert(_, let line, _): "+\(line)"
    case .remove(_, let line, _): "-\(line)"
    }
  }
}

/// Makes a pair of links, `eth0` and a peer `d0`, and waits until the kernel says that they carry packets, which it finds
/// out on its own time.
func makeUplink(_ netlink: NetlinkConnection, peer: VethPeer.Namespace = .same, mtu: UInt32 = 1500) throws {
  // IPv6 changes its addresses by itself, which the comparison of snapshots would see.
  for name in ["all", "default"] { try Sysctl("net/ipv6/conf/\(name)/disable_ipv6").write(1) }
  try run("ip", "link", "set", "lo", "up")
  try netlink.createLink("eth0", .veth(VethPeer(name: "d0", namespace: peer)), LinkSettings(isUp: true, mtu: mtu))
  guard peer == .same else { return }
  try run("ip", "link", "set", "d0", "up")
  _ = try eventually("both links are up") {
    try run("ip", "-brief", "link", "show", "up").split(separator: "\n").count { $0.contains(" UP ") } == 2 ? true : nil
  }
}

/// All settings of IPv4 for all interfaces.
private func settings() throws -> [String] {
  let root = "/proc/sys/net/ipv4/conf"
  return try FileManager.default.contentsOfDirectory(atPath: root).sorted().flatMap { interface in
    try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(interface)").sorted().map { name in
      "\(interface)/\(name)=\(try Sysctl("net/ipv4/conf/\(interface)/\(name)").read())"
    }
  }
}

/// Runs `body` with a directory of its own.
func inTemporaryDirectory<Success>(_ body: (String) throws -> Success) throws -> Success {
  let path = "\(NSTemporaryDirectory())culvert-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try body(path)
}

func ip(_ text: String) throws -> IPAddress { try required(IPAddress(text), text) }
func prefix(_ text: String) throws -> IPPrefix { try required(IPPrefix(text), text) }

private func required<Value>(_ value: Value?, _ text: String) throws -> Value {
  guard let value else { throw ProvisioningError("\(text) is a mistake in the test") }
  return value
}
