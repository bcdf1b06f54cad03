// SPDX-License-Identifier: MIT
import Balancing
import Health
import Wire

/// What the parts of a file must be to each other.
struct Consistency {
  let sources: [Entry<IPPrefix>]
  let checks: [Entry<HealthCheck>]
  let servers: [Entry<RealServer>]
  let policies: [Entry<VirtualAddressPolicy>]
  let services: [Entry<Service>]
  let virtualAddresses: VirtualAddresses

  init(
    sources: [Entry<IPPrefix>], checks: [Entry<HealthCheck>], servers: [Entry<RealServer>],
    policies: [Entry<VirtualAddressPolicy>], services: [Entry<Service>]
  ) {
    self.sources = sources
    self.checks = checks
    self.servers = servers
    self.policies = policies
    self.services = services
    self.virtualAddresses = VirtualAddresses(services)
  }

  func check() {
    checkNumberOfMembers()
    checkServicesDiffer()
    checkPrefixLengths()
    checkNumberOfRanges()
    warnOfLongerPrefixes()
    checkPolicies()
    checkServersHaveOneRole()
    checkSourcesHaveOneRole()
    warnOfUnusedServers()
    warnOfUnusedChecks()
  }

  private func checkNumberOfMembers() {
    var total = 0
    for service in services {
      let before = total
      total += service.content?.members.count ?? 0
      let limit = DirectorConfiguration.memberLimit
      guard before <= limit, total > limit else { continue }
      service.value.reading.report(
        "with \(service.value.label) all services together have more than \(limit) members", at: service.value.start)
    }
  }

  /// A packet to a VIP must not be able to reach a director or real server as such, nor the other way round.
  private func checkServersHaveOneRole() {
    for entry in servers {
      guard let address = entry.content?.address else { continue }
      let prefix = IPPrefix(host: address)
      if let found = virtualAddresses.closest(to: prefix) {
        let what = found.prefix.isHost ? "has the address" : "is among the addresses"
        report("\(entry.value.label) \(what) of \(found.service.value.label): \(found.prefix.text)", at: entry.value)
      }
      if let source = sources.first(where: { $0.content?.contains(prefix) == true })?.content {
        let what = source.isHost ? "has the address that is" : "is among the addresses that are"
        report("\(entry.value.label) \(what) the director's source: \(source.text)", at: entry.value)
      }
    }
  }

  private func checkSourcesHaveOneRole() {
    for source in sources {
      guard let prefix = source.content,
        let service = services.first(where: { $0.content?.match.prefix.overlaps(prefix) == true }),
        let virtual = service.content?.match.prefix
      else { continue }
      let inside = virtual.isHost ? "is the address" : "is among the addresses"
      let what = virtual.contains(prefix) ? inside : "holds the address"
      source.value.reading.report(
        "the director's source \(what) of \(service.value.label): \(virtual.text)", at: source.value.node.position)
    }
  }

  private func report(_ message: String, at value: Value) {
    value.reading.report(message, at: value.position(of: "address"))
  }

  private func warnOfUnusedServers() {
    let used = Set(services.flatMap { $0.content?.members.map(\.server.name) ?? [] })
    for entry in servers where !used.contains(entry.name) {
      entry.value.reading.warn("\(entry.value.label) is in no service", at: entry.value.start)
    }
  }
  private func warnOfUnusedChecks() {
    let used = Set(services.flatMap { $0.content?.checks ?? [] })
    guard services.allSatisfy({ $0.content != nil }) else { return }
    for entry in checks where !used.contains(entry.name) {
      entry.value.reading.warn("\(entry.value.label) is named by no service", at: entry.value.start)
    }
  }
}
