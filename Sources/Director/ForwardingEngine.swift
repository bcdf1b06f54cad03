// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import KernelEngine
import Linux
import Logging
import Netlink
import UserspaceEngine
import Wire

/// An engine that the director starts and stops.
protocol ForwardingEngine: Engine {
  /// Whether the tables are those of an earlier run, to go on from.
  var isTakenOver: Bool { get }

  /// Starts forwarding at `link`. The tables are right.
  func start(at link: Link, logger: Logger) throws

  /// Makes the host's own network stack keep its hands off packets for `prefixes`, where it sees them.
  func claim(_ prefixes: Set<IPPrefix>, logger: Logger) throws

  /// Stops forwarding and leaves nothing behind.
  func stop() throws
}

extension KernelEngine: ForwardingEngine {
  func start(at link: Link, logger: Logger) throws {
    if let refusal = takeoverRefusal {
      logger.warning("the tables of an earlier run were not taken over", metadata: ["reason": "\(refusal)"])
    }
    let report = try attach(to: link.index.rawValue)
    if let refusal = report.nativeRefusal {
      logger.notice(
        "generic XDP instead of native: slower, but nothing else differs",
        metadata: ["interface": "\(link.name)", "reason": "\(refusal)"])
    }
  }

  /// The program takes packets before the host's stack sees them.
  func claim(_ prefixes: Set<IPPrefix>, logger: Logger) {}

  func stop() throws {
    try detach()
  }
}
