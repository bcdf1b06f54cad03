// SPDX-License-Identifier: MIT
import DataPlane
import Wire

extension ForwardingState {
  /// Gives what was restored from a data plane the configuration's names, and changes nothing else: for looking at the tables
  /// of another process.
  ///
  /// The tables do not say who drains: whoever may be sent packets and owns no slot is taken to.
  public mutating func name(after configured: [Service]) {
    for service in configured {
      guard var state = services[service.match] else { continue }
      state.name = service.name
      services[service.match] = state
      for member in service.members { name(member, in: state) }
      let owned = shares(of: service.match)
      for index in state.destinations.values { findLifecycle(index, owned: owned) }
    }
  }

  private mutating func name(_ member: Member, in service: ServiceState) {
    guard let index = service.destinations[member.server.address.mapped] else { return }
    destinations[index]?.describe(member)
  }

  private mutating func findLifecycle(_ index: DestinationIndex, owned: [DestinationIndex: Int]) {
    guard destinations[index]?.lifecycle == .serving, owned[index] == nil else { return }
    destinations[index]?.lifecycle = .draining(since: Tick(rawValue: 0), until: Tick(rawValue: .max))
  }
}
