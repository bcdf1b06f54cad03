// SPDX-License-Identifier: MIT
import Linux
import Netlink
public import Wire

extension PathState {
  /// The way to `server` as a director with these outer `sources` would find it; its next hop gets `patience` to answer.
  public static func lookUp(
    _ server: IPAddress, sources: [IPPrefix], patience: Duration
  ) throws -> PathState {
    var monitor = try NetlinkMonitor()
    var resolver = PathResolver(try NetlinkConnection(), sources: sources)
    let deadline = ContinuousClock.now + patience
    let poller = Poller([monitor.borrowed])
    while true {
      try resolver.look()
      let state = try resolver.resolve(server)
      guard resolver.awaitsAnswers, ContinuousClock.now < deadline else { return state }
      _ = try poller.wait(timeout: deadline - .now)
      _ = try monitor.events()
    }
  }
}
