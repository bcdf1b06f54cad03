// SPDX-License-Identifier: MIT
public import DataPlane

/// One write to the data plane's tables.
///
/// "Service" is a service's index here. A whole table is exchanged at once: a packet sees the old one or the new one.
public enum TableWrite: Hashable, Sendable {
  /// Fills a row of the destination table.
  case destination(DestinationIndex, Destination)
  /// Adds or changes the entry that a service of one address and port is found by; nil removes it.
  case service(ServiceKey, ServiceEntry?)
  /// Adds or changes a prefix of addresses; nil removes it.
  case virtualAddress(PrefixKey, VirtualAddressEntry?)
  /// Adds or changes the other services of a virtual address; nil removes them.
  case portTable(PortTableKey, PortTable?)
  case settings(Settings)
  case sourceFilter(SourceFilter)
  /// Exchanges what a service's unsettled slots remember.
  case transitions([UInt32: Transition], service: UInt32)
  /// Exchanges who owns a service's slots.
  case slots([Slot], service: UInt32)
  /// Removes a service's transitions: all of its slots are settled.
  case removeTransitions(service: UInt32)
  /// Removes a service's slots and transitions, and zeroes its counters: the index may be given to another service.
  case removeService(UInt32)
  /// Forgets every flow that goes to one of these, and zeroes their counters: the indices may be given to other servers.
  case release(Set<DestinationIndex>)
}

/// The writes that take the data plane from one state of `ForwardingState` to the next.
///
/// An engine commits all of them in this order, or none. Packets are forwarded meanwhile, so after each write every
/// packet must be right. Therefore:
///
/// 1. Rows that serve, before any slot names them.
/// 2. Changed entries of services: from here on tracked, if they are to be.
/// 3. Transitions. A settled slot's are not read, so those of slots that are about to become unsettled do no harm yet; an
///    unsettled slot's keep their `since` and change their `previous` only where that does not serve any more.
/// 4. Slots: each that becomes unsettled finds its transition. One that settles leaves a transition that nobody reads,
///    so settling never exchanges a table into which the data plane writes.
/// 5. Entries of new services: all that they lead to is there.
/// 6. Entries of removed services: nothing leads to their tables now.
/// 7. Tables that nobody reads any more.
/// 8. Rows that do not serve any more, which no slot and no transition names.
/// 9. Flows to rows that are released. Their indices are given away by a later update at the earliest.
public struct TableUpdate: Hashable, Sendable {
  public let writes: [TableWrite]

  public init(writes: [TableWrite]) {
    self.writes = writes
  }

  public var isEmpty: Bool { writes.isEmpty }

  /// The destinations that the update releases.
  public var released: Set<DestinationIndex> {
    writes.reduce(into: []) { released, write in
      if case .release(let indices) = write { released.formUnion(indices) }
    }
  }
}
