// SPDX-License-Identifier: MIT
import Wire

/// Whom a packet goes to.
struct Choice {
  let destination: DestinationIndex
  /// Whether a flow begins with it, as far as can be told.
  let isNewFlow: Bool

  @inline(always)
  init(_ destination: DestinationIndex, isNewFlow: Bool = false) {
    self.destination = destination
    self.isNewFlow = isNewFlow
  }
}

/// Finds the destination of a datagram, whose flow has the hash `hash`.
///
/// All fragments of a packet go where the first of them went that came, unless their addresses decide.
@inline(always)
func choose<E: Environment>(
  for datagram: Datagram, flow: FlowTuple, hash: UInt64, opensConnection: Bool, of service: ServiceEntry,
  _ environment: inout E
) -> Choice {
  let isRemembered = datagram.packet.fragment.isFragment && !service.hashesFragments
  let place = isRemembered ? fragmentPlace(of: datagram) : nil
  if let place, let destination = recall(place, environment) { return Choice(destination) }
  let packet: PacketKind =
    opensConnection && !datagram.packet.fragment.isFragment ? .opening : datagram.kind == .error ? .about : .ongoing
  let choice = choose(for: flow, hash: hash, packet, of: service, &environment)
  if let place { remember(choice.destination, at: place, environment) }
  return choice
}

/// What a packet says about its flow.
enum PacketKind {
  /// It is the first one.
  case opening
  case ongoing
  /// It is an ICMP error, and none of the flow's own.
  case about
}

/// Finds the destination of a whole packet: the owner of its flow's slot, unless something else is remembered.
@inline(always)
func choose<E: Environment>(
  for flow: FlowTuple, hash: UInt64, _ packet: PacketKind, of service: ServiceEntry, _ environment: inout E
) -> Choice {
  let slotHash = service.hashesPorts ? hash : FlowHash.of(service.hashed(flow), seed: service.hashSeed)
  let number = FlowHash.slot(slotHash)
  guard let slot = unsafe environment.slot(number, ofService: service.index)?.pointee else { return Choice(.nobody) }
  if service.tracksAlways {
    return recall(slotHash, owner: slot.owner, packet, of: service, &environment)
  }
  guard !slot.isSettled, service.tracksTransitions,
    let transition = unsafe environment.transition(number, ofService: service.index)
  else { return Choice(slot.owner, isNewFlow: packet == .opening) }
  let chosen =
    packet == .opening
    ? unsafe begin(hash, owner: slot.owner, transition, &environment)
    : unsafe resume(hash, transition, &environment)
  if chosen != slot.owner { unsafe transition.pointee.lastOther = environment.now }
  return Choice(chosen, isNewFlow: packet == .opening)
}
