// SPDX-License-Identifier: MIT
import Netlink
import Wire

/// One change to tunnels.
enum TunnelStep: Hashable {
  case closePort(TunnelPort)
  /// With all that is on it.
  case deleteLink(String)
  case changeLink(TunnelLink, from: TunnelLink)
  case createLink(TunnelLink)
  case openPort(TunnelPort)
  case deleteRoute(TunnelRoute, link: String)
  case deleteAddress(IPPrefix, link: String)
  case addAddress(IPPrefix, link: String)
  case addRoute(TunnelRoute, link: String)

  /// What it takes to make a step. Consecutive ones of the same nature are made together.
  enum Nature {
    case ports
    case deletion
    case creation
    case changes
    /// Addresses and routes, which need the links' numbers.
    case contents
  }

  var nature: Nature {
    switch self {
    case .closePort, .openPort: .ports
    case .deleteLink: .deletion
    case .createLink: .creation
    case .changeLink: .changes
    case .deleteRoute, .deleteAddress, .addAddress, .addRoute: .contents
    }
  }

  /// The same as commands of ip(8).
  var commands: [String] {
    switch self {
    case .closePort(let port): [port.closing]
    case .deleteLink(let name): ["ip link delete dev \(name)"]
    case .changeLink(let wanted, let found): wanted.commands(changing: found)
    case .createLink(let link): link.commands
    case .openPort(let port): [port.opening]
    case .deleteRoute(let route, let link): ["ip route delete \(route.words(through: link))"]
    case .deleteAddress(let prefix, let link): ["ip address delete \(prefix) dev \(link)"]
    case .addAddress(let prefix, let link): ["ip address add \(prefix) dev \(link)"]
    case .addRoute(let route, let link): ["ip route add \(route.words(through: link))"]
    }
  }
}
