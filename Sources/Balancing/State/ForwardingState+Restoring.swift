// SPDX-License-Identifier: MIT
import DataPlane
import Wire

extension ForwardingState {
  /// Goes on from what a data plane holds, after a restart of the control plane.
  ///
  /// The configuration is not known before the first `apply`: servers that it has not are taken to drain from then on.
  public init(restoring contents: TableContents) {
    self.init(restoring: contents, slotsPerService: slotCount)
  }

  /// The same with another number of slots, which must be prime.
  init(restoring contents: TableContents, slotsPerService: Int) {
    self.init(slotsPerService: slotsPerService)
    let rows = contents.destinations.filter {
      1..<UInt32(Capacity.destinations) ~= $0.key.rawValue && !$0.value.isVacant
    }
    let entries = contents.matching.entries
    matching = contents.matching
    serviceIndices = IndexPool(below: Capacity.services, except: entries.values.map(\.index))
    addressNumbers = contents.matching.virtualAddresses.mapValues(\.number).filter { $0.value != 0 }
    addressNumberPool = IndexPool(below: Capacity.services, except: addressNumbers.values)
    destinationIndices = IndexPool(below: Capacity.destinations, except: rows.keys.map(\.rawValue))
    for (key, entry) in entries {
      var service = ServiceState(entry: entry, slotCount: slotsPerService)
      service.restore(contents.slots[entry.index] ?? [], contents.transitions[entry.index] ?? [:])
      services[key] = service
    }
    let keys = Dictionary(entries.map { ($0.value.index, $0.key) }, uniquingKeysWith: { first, _ in first })
    for (index, row) in rows {
      guard let key = keys[row.serviceIndex] else { continue }
      let destination = DestinationState(restoring: row, service: key)
      destinations[index] = destination
      services[key]?.destinations[destination.address.mapped] = index
    }
  }
}
