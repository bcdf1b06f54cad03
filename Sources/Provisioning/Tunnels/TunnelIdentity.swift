// SPDX-License-Identifier: MIT
import Netlink
import Wire

/// What the kernel tells tunnels of one kind apart by. Whether they are in UDP, or at which port, does not count.
struct TunnelIdentity: Hashable {
  let kind: Tunnel.Kind
  let local: IPAddress?
  let remote: IPAddress?
  let key: UInt32?
  let device: String?

  /// Refuses two tunnels that the kernel could not tell apart, and two of one name.
  static func requireDifferent(_ transitions: [TunnelTransition], on host: TunnelHost) throws {
    let names = Set(transitions.map(\.name))
    let others = host.tunnels.filter { !names.contains($0.name) }.map { ($0.name, TunnelIdentity($0)) }
    var taken = Dictionary(others.map { ($0.1, $0.0) }) { first, _ in first }
    var seen: Set<String> = []
    for transition in transitions {
      guard seen.insert(transition.name).inserted else {
        throw ProvisioningError("\(transition.name) is named twice: name each tunnel once")
      }
      guard let link = transition.wanted?.link else { continue }
      if let other = taken.updateValue(link.name, forKey: TunnelIdentity(link)) { throw clash(link, with: other) }
    }
  }

  private static func clash(_ link: TunnelLink, with other: String) -> ProvisioningError {
    let distinction = link.kind.isGRE ? "another --key" : "another --local"
    return ProvisioningError(
      """
      \(link.name) would be the same to the kernel as \(other), a tunnel of kind \(link.kind) from \(link.local) to \
      \(link.remote): give \(distinction), or --device
      """)
  }
}

extension TunnelIdentity {
  init(_ tunnel: TunnelView) {
    self.init(
      kind: tunnel.kind, local: tunnel.local, remote: tunnel.remote, key: tunnel.key, device: tunnel.device)
  }

  init(_ link: TunnelLink) {
    self.init(kind: link.kind, local: link.local, remote: link.remote, key: link.key, device: link.device)
  }
}
