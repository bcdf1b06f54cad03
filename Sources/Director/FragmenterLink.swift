// SPDX-License-Identifier: MIT
import DataPlane
import KernelEngine
import Linux
import Netlink
import Wire

/// A veth pair by which the engine hands over encapsulated packets that are too long for their way: what enters one end
/// comes out at the other for the host's own IP stack, which divides it and sends it on (RFC 791).
///
/// An XDP program cannot make two packets of one. The pair stays when the director dies, as the data path does.
struct FragmenterLink {
  private let netlink: NetlinkConnection
  private let names: (near: String, far: String)
  private let receiver: PinDirectory?

  /// The largest packet it takes: native XDP has one page for each on a veth device.
  private static let mtu: UInt32 = 3400

  /// The pair of the director at `interface`, whose number makes the pair's names. `receiver` says where to pin the program
  /// that lets an interface receive what XDP sends; nil where sockets send.
  init(for interface: InterfaceIndex, _ netlink: NetlinkConnection, receiver: (String) throws -> PinDirectory?) rethrows
  {
    self.netlink = netlink
    names = ("cvfrag\(interface.rawValue)", "cvfragip\(interface.rawValue)")
    self.receiver = try receiver(names.far)
  }

  /// Makes the pair, unless an earlier run has left it, and switches on forwarding for what comes out of it alone.
  func make() throws -> Fragmenter {
    if try netlink.link(named: names.near) == nil {
      try netlink.createLink(names.near, .veth(VethPeer(name: names.far)))
    }
    for name in [names.near, names.far] {
      try Sysctl("net/ipv6/conf/\(name)/disable_ipv6").write(1)
      let settings = LinkSettings(isUp: true, mtu: Self.mtu, alias: "culvert: divides long packets")
      try netlink.setLink(try link(name).index, settings)
    }
    // Its packets come from this host's own address, and leave by any interface.
    for (setting, value) in [("forwarding", 1), ("accept_local", 1), ("rp_filter", 0)] {
      try Sysctl("net/ipv4/conf/\(names.far)/\(setting)").write(value)
    }
    let (near, far) = (try link(names.near), try link(names.far))
    if let receiver { _ = try PassProgram.attach(to: far.index.rawValue, pins: receiver) }
    guard let address = far.macAddress else { throw DirectorError("\(far.name) has no Ethernet address") }
    return Fragmenter(interface: near.index.rawValue, address: address)
  }

  private func link(_ name: String) throws -> Link {
    guard let link = try netlink.link(named: name) else { throw DirectorError("\(name) was removed at once") }
    return link
  }

  /// Removes the pair, if there is one.
  func remove() throws {
    try receiver?.remove()
    if let link = try netlink.link(named: names.near) { try netlink.deleteLink(link.index) }
  }
}
