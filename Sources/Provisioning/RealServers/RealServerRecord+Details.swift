// SPDX-License-Identifier: MIT
public import Netlink
import Wire

/// Of what ``RealServerRecord`` tells, what a doctor has to know exactly: as it was when it was set up.
public struct RecordedDetails: Hashable, Sendable {
  /// The kernel's tunnel devices.
  public var tunnels: [RecordedTunnel] = []
  /// The UDP ports that they need.
  public var ports: [FOUPort] = []
  /// The commands of ip(8) for routes of answers that are not there by now; the routes that they were copied from may be
  /// gone as well.
  public var missingRoutes: [String] = []
}

/// A tunnel device of the kernel as it is on record.
public struct RecordedTunnel: Hashable, Sendable {
  public let name: String
  public let kind: Tunnel.Kind
  /// Both ends, what it carries, the key, and what is between the headers.
  public let tunnel: Tunnel
}

extension RealServerControl {
  /// Empty if this host was not made a real server.
  public func recordedDetails() throws -> RecordedDetails {
    guard let arrangement = try ownJournal()?.arrangement else { return RecordedDetails() }
    var details = RecordedDetails()
    let netlink = try NetlinkConnection()
    details.ports = arrangement.ports.map(\.kernelPort)
    for change in arrangement.changes {
      switch change {
      case .tunnel(let link): details.tunnels.append(RecordedTunnel(link))
      case .returnRoutes where try !change.isMade(on: netlink): details.missingRoutes += change.commands
      default: break
      }
    }
    return details
  }
}

extension RecordedTunnel {
  init(_ link: TunnelLink) {
    name = link.name
    kind = link.kind
    tunnel = link.settings()
  }
}
