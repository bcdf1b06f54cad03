// SPDX-License-Identifier: MIT
import Wire

/// Finds the destination of a datagram: the owner of its slot, unless the slot is unsettled.
@inline(__always)
func choose<E: Environment>(
  for datagram: Datagram, opensConnection: Bool, of service: ServiceEntry, _ environment: inout E
) -> DestinationIndex {
  let hash = FlowHash.of(
    client: datagram.client, clientPort: datagram.clientPort, service: datagram.destination, port: datagram.port,
    seed: service.hashSeed)
  let number = FlowHash.slot(hash)
  guard let slot = unsafe environment.slot(number, ofService: service.index)?.pointee else { return .nobody }
  guard !slot.isSettled, service.tracksTransitions,
    let transition = unsafe environment.transition(number, ofService: service.index)
  else { return slot.owner }
  let key = FlowKey(client: datagram.client, clientPort: datagram.clientPort, serviceIndex: service.index)
  let chosen =
    opensConnection
    ? unsafe begin(key, owner: slot.owner, transition, &environment)
    : unsafe resume(key, transition, &environment)
  if chosen != slot.owner { unsafe transition.pointee.lastOther = environment.now }
  return chosen
}

/// A new flow of an unsettled slot goes to the owner, and is remembered, so that its next packets find it there.
///
/// Where the table is full it goes to the previous owner instead: that is where its next packets are sent unremembered.
@inline(__always)
private func begin<E: Environment>(
  _ key: FlowKey, owner: DestinationIndex, _ transition: UnsafeMutablePointer<Transition>, _ environment: inout E
) -> DestinationIndex {
  let flow = Flow(destination: owner, lastSeen: environment.now)
  return environment.remember(flow, for: key) ? owner : unsafe transition.pointee.previous
}

/// A flow that goes on stays where it is remembered; one that is not began before the slot changed hands.
@inline(__always)
private func resume<E: Environment>(
  _ key: FlowKey, _ transition: UnsafeMutablePointer<Transition>, _ environment: inout E
) -> DestinationIndex {
  guard let flow = unsafe environment.flow(key), unsafe flow.pointee.lastSeen >= transition.pointee.since,
    let destination = unsafe environment.destination(flow.pointee.destination), unsafe destination.pointee.serves
  else { return unsafe transition.pointee.previous }
  unsafe flow.pointee.lastSeen = environment.now
  return unsafe flow.pointee.destination
}
