// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Linux

/// Where a flow goes and why. Its JSON is stable: docs/commands.md describes it.
struct FlowAnswer: Encodable {
  let client: String
  let service: String
  let `protocol`: String
  let slot: UInt32
  let settled: Bool
  /// Where the flow goes: where it is remembered, else to the owner, as a new flow does.
  let server: String?
  let address: String?
  let site: String?
  let encapsulation: String?
  /// The server that a new flow goes to.
  let owner: String?
  /// The server of flows that began before the slot changed hands.
  let previous: String?
  /// The server that this very flow is remembered at.
  let remembered: String?

  init(
    client: Endpoint, service: Endpoint, _ transport: TransportArgument, _ placement: Placement, _ flow: Flow?,
    _ state: ForwardingState, now: Tick = Tick(nanoseconds: MonotonicClock.coarseNanoseconds)
  ) {
    func name(_ index: DestinationIndex?) -> String? {
      index.flatMap { state.destinations[$0] }.map { $0.name ?? "\($0.address)" }
    }
    let counts = flow.flatMap { placement.counts($0, now: now) ? $0.destination : nil }
    let index = counts ?? placement.owner
    let destination = state.destinations[index]
    self.client = "\(client)"
    self.service = "\(service)"
    self.protocol = transport.description
    slot = placement.slot
    settled = placement.isSettled
    server = name(index)
    address = destination.map { "\($0.address)" }
    site = destination?.site
    encapsulation = destination.map { $0.outer.name }
    owner = name(placement.owner)
    previous = name(placement.previous)
    remembered = name(counts)
  }

  /// A few lines for people.
  var text: String {
    """
    \(client) -> \(service)/\(`protocol`)
      slot    \(slot) of \(slotCount), \(settled ? "settled" : "unsettled")
      server  \(server ?? "none")\(details)
      why     \(reason)
    """
  }

  private var details: String {
    guard let address, let encapsulation else { return "" }
    return " (\(address)\(site.map { ", site \($0)" } ?? "")), by \(encapsulation)"
  }

  private var reason: String {
    guard server != nil else {
      return previous.map { "nobody takes new flows; one that began before goes on at \($0)" } ?? "nobody owns the slot"
    }
    guard !settled else { return "it owns the slot, and no flow in it belongs to anybody else" }
    guard remembered == nil else { return "the flow was seen since the slot changed hands, and is remembered there" }
    return "it owns the slot now; a flow that began before goes on at \(previous ?? "nobody")"
  }
}
