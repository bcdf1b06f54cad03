// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Wire

/// What the members of one service must be to each other and to it.
struct Membership {
  /// The slots of a service, of which each member needs at least one.
  private static let slots = 65_537

  let service: Value
  /// Of the service's address; `nil` where that cannot be read.
  let version: IPVersion?
  /// The members of each pool.
  let pools: [[Entry<Member>]]

  private var members: [Entry<Member>] { pools.flatMap(\.self) }

  func check() {
    checkServersDiffer()
    checkFamilies()
    for pool in pools { checkShares(of: pool) }
  }

  /// Each server stands in a service once, under one name.
  private func checkServersDiffer() {
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
  }

  /// A tunnel carries either family over either; a bare packet does not change its own.
  private func checkFamilies() {
    guard let version else { return }
    for entry in members {
      guard let server = entry.content?.server, server.outer.encapsulation == .l2,
        server.address.version != version
      else { continue }
      service.reading.report(
        """
        L2 across families: server \(quoted(server.name)) has an \(server.address.version.name) address and no \
        tunnel, and \(service.label) is \(version.name); use an \(version.name) address or a tunnel such as ipip
        """, at: entry.value.node.position)
    }
  }

  /// Each member has a share of at least one slot while its pool serves alone.
  private func checkShares(of members: [Entry<Member>]) {
    let sum = members.reduce(0) { $0 + ($1.content?.weight ?? 0) }
    for entry in members {
      guard let member = entry.content, member.weight * Self.slots < sum else { continue }
      entry.value.reading.report(
        """
        weight \(member.weight) of server \(quoted(member.server.name)) is less than one of \(Self.slots) slots: \
        the weights of \(service.label) sum to \(sum)
        """, at: entry.value.node.position)
    }
  }
}
