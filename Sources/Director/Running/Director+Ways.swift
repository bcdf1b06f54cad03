// SPDX-License-Identifier: MIT
import Balancing
import Configuration
import Control
import DataPlane
import Linux
import Logging
import Netlink
import Wire

// The ways to the servers.
extension Director {
  func lookUpPaths(of wanted: DirectorConfiguration? = nil) throws {
    // Servers that drain are not in the configuration any more.
    let addresses = Set((wanted ?? configuration).servers.map(\.address) + state.destinations.values.map(\.address))
    paths = try resolver.resolve(addresses)
    host.addresses = try resolver.ownAddresses()
  }

  /// Tells what is different from what was told last.
  func reportPaths() {
    for (address, path) in paths.sorted(by: { "\($0.key)" < "\($1.key)" }) where path != reported[address] {
      let servers = configuration.servers.filter { $0.address == address }.map(\.name)
      let name = servers.isEmpty ? "\(address)" : servers.joined(separator: ",")
      log(name, path)
      tell(name, path, before: reported[address])
    }
    reported = paths
  }

  private func log(_ name: String, _ state: PathState) {
    switch state {
    case .path(let path):
      logger.info(
        "reachable",
        metadata: [
          "server": "\(name)", "next.hop": "\(path.nextHop)", "mtu": "\(path.mtu)", "source": "\(path.source)",
        ])
    case .unreachable(let reason):
      logger.warning("unreachable", metadata: ["server": "\(name)", "reason": "\(reason)"])
    }
  }

  private func tell(_ name: String, _ state: PathState, before: PathState?) {
    guard case .path(let path) = state else {
      if case .unreachable(let reason) = state { tell(.neighbour, server: name, "unreachable: \(reason)") }
      return
    }
    let old = before?.path
    if let old, old.mtu != path.mtu { tell(.mtu, server: name, "\(old.mtu) -> \(path.mtu) bytes") }
    if old?.nextHop != path.nextHop { tell(.neighbour, server: name, "next hop \(path.nextHop)") }
  }

  func followPaths() throws {
    let before = paths
    try lookUpPaths()
    reportPaths()
    let known = paths.compactMapValues(\.path)
    try commit { state in state.setPaths(known, host: host) }
    if paths != before { checkServers() }
  }

  /// Gives next hops that were just asked for a moment to answer, so that the first packets find their way.
  func awaitNextHops(_ monitor: inout NetlinkMonitor) throws {
    let deadline = ContinuousClock.now + Self.patience
    let poller = Poller([monitor.borrowed])
    while paths.values.contains(where: { $0.path == nil }), ContinuousClock.now < deadline {
      _ = try poller.wait(timeout: deadline - .now)
      _ = try monitor.events()
      try lookUpPaths()
    }
  }
}
