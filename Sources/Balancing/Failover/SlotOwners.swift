// SPDX-License-Identifier: MIT
import DataPlane
import Wire

/// Who would own each slot of a service, by address; nobody is `::`.
struct SlotOwners {
  private let addresses: [IPv6Address]

  init(_ service: Service) {
    let serving = service.members.filter { $0.part == .serving }
    let table = MaglevTable(
      members: serving.map { MaglevTable.Member(identity: $0.server.address.mapped, weight: $0.weight) })
    addresses =
      serving.isEmpty
      ? Array(repeating: IPv6Address(high: 0, low: 0), count: slotCount)
      : table.owners.map { table.members[Int($0)].identity }
  }

  /// How many slots each owns.
  var counts: [IPv6Address: Int] { addresses.reduce(into: [:]) { $0[$1, default: 0] += 1 } }

  /// The same as `ServiceStatus.tableHash` of a director that has applied it.
  var hash: TableHash { TableHash(owners: addresses) }

  /// How many slots are somebody else's there.
  func differences(from other: SlotOwners) -> Int {
    zip(addresses, other.addresses).count { $0 != $1 }
  }
}
