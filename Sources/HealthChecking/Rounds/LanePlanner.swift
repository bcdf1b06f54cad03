// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Health
import Netlink
import Probing
import Wire

/// Finds out by which ways a target can be asked, from which addresses of this host.
struct LanePlanner {
  private let addresses: OwnAddresses
  /// Routes are asked for once, however many targets there are.
  private var sources: [Question: IPAddress?] = [:]

  private struct Question: Hashable {
    let virtualAddress: IPAddress?
    let server: IPAddress
    let source: IPAddress
  }

  init() throws(NetlinkError) {
    addresses = try OwnAddresses(NetlinkConnection())
  }

  /// The ways that `target` is to be asked by, each with whether it is for the full-size probe.
  ///
  /// - Throws: why there is none.
  mutating func ways(
    to target: CheckTarget, _ way: CheckWay
  ) throws(CheckFailure) -> [(way: ProbeWay, isFullSize: Bool)] {
    let legs = target.check.path.legs
    switch way {
    case .unreachable(let reason): throw CheckFailure(.unrouted, reason, on: legs[0])
    case .path(let path):
      let small = target.check.question.isCommand ? [] : legs.map { ($0, isFullSize: false) }
      let full = target.check.fullSize == .off ? [] : [(legs[0], isFullSize: true)]
      var ways: [(way: ProbeWay, isFullSize: Bool)] = []
      for (leg, isFullSize) in small + full { ways.append((try self.way(leg, to: target, by: path), isFullSize)) }
      return ways
    }
  }

  private mutating func way(
    _ leg: CheckFailure.Leg, to target: CheckTarget, by path: Destination.Path
  ) throws(CheckFailure) -> ProbeWay {
    let tunnel = ServerTunnel(to: target.server.address, target.server.outer, by: path)
    let virtualAddress = leg == .tunnel ? target.virtualAddress : nil
    guard let source = source(for: virtualAddress, by: tunnel) else {
      let family = (virtualAddress ?? tunnel.address).version == .v6 ? "IPv6" : "IPv4"
      throw CheckFailure(.local, "this host has no address of \(family) at which answers would reach it", on: leg)
    }
    return leg == .tunnel
      ? ProbeWay(throughTunnelOf: target, by: path, from: source)
      : ProbeWay(directlyTo: target, by: path, from: source)
  }

  private mutating func source(for virtualAddress: IPAddress?, by tunnel: ServerTunnel) -> IPAddress? {
    let question = Question(
      virtualAddress: virtualAddress, server: tunnel.address, source: tunnel.path.source.address)
    if let known = sources[question] { return known }
    let source = virtualAddress.map { addresses.source(for: $0, by: tunnel) } ?? addresses.source(for: tunnel)
    sources[question] = .some(source)
    return source
  }
}

extension HealthCheck.Question {
  var isCommand: Bool {
    if case .command = self { true } else { false }
  }
}
