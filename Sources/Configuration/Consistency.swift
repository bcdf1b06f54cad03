// SPDX-License-Identifier: MIT
import Balancing
import Wire
import Yams

/// What the parts of a file must be to each other.
struct Consistency {
  /// The slots of a service, of which each member needs at least one.
  private static let slots = 65_537

  /// The outer source address and where the file gives it.
  let source: (address: IPAddress, position: Position)?
  let servers: [Entry<RealServer>]
  let services: [Entry<Service>]

  func check() {
    checkNumberOfMembers()
    checkServicesDiffer()
    checkAddressesHaveOneRole()
    warnOfUnusedServers()
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

  private func checkServicesDiffer() {
    var seen: [Endpoint: Entry<Service>] = [:]
    for entry in services {
      guard let service = entry.content else { continue }
      if let other = seen.updateValue(entry, forKey: Endpoint(service)) {
        entry.value.reading.report(
          """
          \(entry.value.label) has the same address, protocol and port as \(other.value.label) \
          (line \(other.value.start.line))
          """, at: entry.value.start)
      }
    }
  }

  /// A packet to a VIP must not be able to reach a director or real server as such, nor the other way round.
  private func checkAddressesHaveOneRole() {
    let virtual = Dictionary(
      services.compactMap { entry in entry.content.map { ($0.address, entry.value) } },
      uniquingKeysWith: { first, _ in first })
    for entry in servers {
      guard let address = entry.content?.address else { continue }
      if let service = virtual[address] {
        report("\(entry.value.label) has the address of \(service.label): \(address)", at: entry.value)
      }
      if address == source?.address {
        report("\(entry.value.label) has the address that is the director's source: \(address)", at: entry.value)
      }
    }
    if let source, let service = virtual[source.address] {
      service.reading.report(
        "the director's source is the address of \(service.label): \(source.address)", at: source.position)
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

  /// Each server stands in a service once, under one name, with a share of at least one slot.
  static func checkMembers(_ members: [Entry<Member>], of service: Value) {
    var names: [String: Position] = [:]
    var addresses: [IPAddress: String] = [:]
    for entry in members {
      guard let server = entry.content?.server else { continue }
      let position = entry.value.node.position
      if let first = names[server.name] {
        service.reading.report(
          "server \(quoted(server.name)) is in \(service.label) twice, first at \(first)", at: position)
      } else if let other = addresses[server.address] {
        service.reading.report(
          """
          servers \(quoted(other)) and \(quoted(server.name)) of \(service.label) have the same address \
          \(server.address)
          """, at: position)
      }
      names[server.name] = names[server.name] ?? position
      addresses[server.address] = addresses[server.address] ?? server.name
    }
    checkShares(members, of: service)
  }

  private static func checkShares(_ members: [Entry<Member>], of service: Value) {
    let sum = members.reduce(0) { $0 + ($1.content?.weight ?? 0) }
    for entry in members {
      guard let member = entry.content, member.weight * slots < sum else { continue }
      entry.value.reading.report(
        """
        weight \(member.weight) of server \(quoted(member.server.name)) is less than one of \(slots) slots: \
        the weights of \(service.label) sum to \(sum)
        """, at: entry.value.node.position)
    }
  }
}

/// What a packet is matched with.
private struct Endpoint: Hashable {
  let address: IPAddress
  let transport: TransportProtocol
  let port: UInt16

  init(_ service: Service) {
    address = service.address
    transport = service.transportProtocol
    port = service.port
  }
}
