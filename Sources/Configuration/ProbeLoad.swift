// SPDX-License-Identifier: MIT
import Balancing
import Health
import Wire

/// What the health checks of a configuration come to.
struct ProbeLoad {
  let configuration: DirectorConfiguration

  /// Whom a check asks: services that name it at the same address and port share it.
  private struct Target: Hashable {
    let check: HealthCheck
    let server: String
    let virtualAddress: IPAddress
    let port: UInt16
  }

  /// Probes that are sent in a second.
  var perSecond: Double { targets.reduce(0) { $0 + Double($1.check.probes) / ($1.check.interval / .seconds(1)) } }

  private var targets: Set<Target> {
    let checks = Dictionary(configuration.checks.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    return configuration.services.reduce(into: []) { targets, service in
      for check in service.checks.compactMap({ checks[$0] }) {
        let port = check.port ?? service.match.ports.lowerBound
        let address = service.match.prefix.address
        for member in service.members {
          targets.insert(Target(check: check, server: member.server.name, virtualAddress: address, port: port))
        }
      }
    }
  }

  /// Says so where checks have to wait for their turn.
  func warn(_ file: Value) {
    let needed = Int(perSecond.rounded(.up))
    guard needed > configuration.probesPerSecond else { return }
    file.reading.warn(
      """
      the health checks come to about \(needed) probes a second, and "probes-per-second" allows \
      \(configuration.probesPerSecond): rounds will be late
      """, at: file.position(of: "checks"))
  }
}

extension HealthCheck {
  /// Those of one round.
  fileprivate var probes: Int { (path == .both ? 2 : 1) + (fullSize == .off ? 0 : 1) }
}
