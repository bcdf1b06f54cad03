// SPDX-License-Identifier: MIT
import Netlink
import Wire

/// How a host is at one moment: a value that checks look at, without asking the kernel again.
struct HostPicture: Sendable {
  var links: [Link] = []
  var addresses: [InterfaceAddress] = []
  var routes: [Route] = []
  var rules: [RoutingRule] = []
  /// By their path below `/proc/sys`; those that the host does not have are missing.
  var settings: [String: String] = [:]
  var sockets: [OpenSocket] = []
  var firewall = Firewall()
  /// UDP ports that the kernel decapsulates from.
  var ports: [FOUPort] = []
  /// By interface, where it has neighbours.
  var offloads: [String: Offloads] = [:]
  var decapsulator: AttachedProgram?
  var connections: Connections?
  /// Whether limits of the whole machine can be set from here.
  var ownsLimits = true
  /// Where answers to the clients asked about would go, as the kernel has it.
  var answers: [AnswerWay: AnswerRoute] = [:]
  /// By client, the address that the kernel chooses for what this host sends there on its own account.
  var ownSources: [IPAddress: IPAddress] = [:]
  /// What became of packets that were sent through the host's own receive path.
  var probes: [ProbeReport] = []
  /// Why none could be.
  var probeRefusal: String?
}

/// From a virtual address to a client.
struct AnswerWay: Hashable, Sendable {
  var source: IPAddress
  var destination: IPAddress
}

/// Where the kernel says that an answer would go.
enum AnswerRoute: Hashable, Sendable {
  case found(ResolvedRoute)
  /// With the kernel's words.
  case refused(String)
}

/// What an interface's driver leaves to hardware, or to whoever is at the other end of a virtual cable.
struct Offloads: Hashable, Sendable {
  /// Whether checksums of sent packets are left unfinished.
  var sendsUnfinishedChecksums = false
  /// Whether the kernel has taken segmentation away from the interface, as it does with a veth whose other end has an
  /// XDP program.
  var segmentationIsForbidden = false
}

/// The XDP program at the interface.
struct AttachedProgram: Hashable, Sendable {
  /// Whether it is Culvert's decapsulator, kept by its pins.
  var isOurs: Bool
  /// As the kernel describes it.
  var description: String
  var directors: [IPPrefix] = []
  var endpoints: [IPPrefix] = []
  var virtualAddresses: [IPPrefix] = []
  var port: UInt16?
  var key: UInt32?
  /// Packets let through since it was attached.
  var decapsulated: UInt64 = 0
  /// Packets of tunnels from somebody who is not a director.
  var fromStrangers: UInt64 = 0
}

/// What the kernel remembers of connections, for the firewall's sake.
struct Connections: Hashable, Sendable {
  var count: Int
  var limit: Int
}

extension HostPicture {
  func link(_ name: String) -> Link? { links.first { $0.name == name } }

  func name(_ index: InterfaceIndex?) -> String? { links.first { $0.index == index }?.name }

  /// The addresses that are `address`, on whatever link.
  func holders(of address: IPAddress) -> [InterfaceAddress] { addresses.filter { $0.address == address } }

  /// The number under `net/ipv4/conf` that the kernel goes by: the larger of the interface's and that of all.
  func effective(_ setting: String, on interface: String) -> Int? {
    guard let own = number("net/ipv4/conf/\(interface)/\(setting)") else { return nil }
    return max(own, number("net/ipv4/conf/all/\(setting)") ?? 0)
  }

  func number(_ path: String) -> Int? { settings[path].flatMap { Int($0) } }
}
