// SPDX-License-Identifier: MIT
import Wire

/// A new flow of an unsettled slot goes to the owner, and is remembered, so that its next packets find it there.
///
/// Where there is no room it goes to the previous owner instead: that is where its next packets are sent unremembered.
@inline(always)
func begin<E: Environment>(
  _ hash: UInt64, owner: DestinationIndex, _ transition: UnsafeMutablePointer<Transition>, _ environment: inout E
) -> DestinationIndex {
  remember(hash, isPinned: true, owner, &environment) ? owner : unsafe transition.pointee.previous
}

/// A flow that goes on stays where it is remembered; one that is not began before the slot changed hands.
@inline(always)
func resume<E: Environment>(
  _ hash: UInt64, _ transition: UnsafeMutablePointer<Transition>, _ environment: inout E
) -> DestinationIndex {
  let now = environment.now
  guard let flow = unsafe find(hash, environment), unsafe flow.pointee.lastSeen(now) >= transition.pointee.since,
    let destination = serving(unsafe flow.pointee.destination, environment)
  else { return unsafe transition.pointee.previous }
  unsafe refresh(flow, isPinned: true, now)
  return destination
}

/// A flow of a service that is tracked always goes where it is remembered to go, and is remembered.
///
/// Whoever opens a connection anew is a new flow, and goes to the owner of its slot.
@inline(always)
func recall<E: Environment>(
  _ hash: UInt64, owner: DestinationIndex, _ packet: PacketKind, of service: ServiceEntry, _ environment: inout E
) -> Choice {
  let now = environment.now
  if packet != .opening, let flow = unsafe find(hash, environment),
    unsafe flow.pointee.age(now) <= service.idleTimeout,
    let destination = serving(unsafe flow.pointee.destination, environment)
  {
    unsafe refresh(flow, isPinned: false, now)
    return Choice(destination)
  }
  guard packet != .about else { return Choice(owner) }
  _ = remember(hash, isPinned: false, owner, &environment)
  return Choice(owner, isNewFlow: true)
}

/// Where a packet that comes in fragments is remembered. The services of one virtual address have different seeds, and
/// its fragments may be for different ones of them; so this has none.
@inline(always)
func fragmentPlace(of datagram: Datagram) -> FlowPlace {
  let hash = FlowHash.of(fragment: datagram.packet.fragment.identification, of: datagram.flow, seed: 0)
  return FlowPlace(hash: hash, buckets: Capacity.fragmentBuckets)
}

/// Where fragments of the same packet went, if that was a short while ago.
@inline(always)
func recall<E: Environment>(_ place: FlowPlace, _ environment: E) -> DestinationIndex? {
  guard let flow = unsafe environment.fragments(place.bucket)?.find(place.tag),
    unsafe flow.pointee.age(environment.now) <= Fragments.lifetime
  else { return nil }
  return serving(unsafe flow.pointee.destination, environment)
}

@inline(always)
func remember<E: Environment>(_ destination: DestinationIndex, at place: FlowPlace, _ environment: E) {
  let now = environment.now
  let flow = Flow(tag: place.tag, isPinned: false, destination: destination, lastSeen: now)
  _ = environment.fragments(place.bucket)?.insert(flow, environment)
}

enum Fragments {
  /// For how long later fragments follow, in ticks: about the 15 s that RFC 791 has them waited for.
  @inline(__always) static var lifetime: UInt32 { 15 }
}

@inline(always)
private func find<E: Environment>(_ hash: UInt64, _ environment: E) -> UnsafeMutablePointer<Flow>? {
  let place = FlowPlace(hash: hash, buckets: Capacity.flowBuckets)
  return unsafe environment.flows(place.bucket)?.find(place.tag)
}

@inline(always)
private func refresh(_ flow: UnsafeMutablePointer<Flow>, isPinned: Bool, _ now: Tick) {
  let old = unsafe flow.pointee
  unsafe flow.pointee = Flow(tag: old.tag, isPinned: isPinned, destination: old.destination, lastSeen: now)
}

/// Remembers a flow, unless this CPU has remembered enough for now. False where it is not remembered. What nobody takes
/// is no flow, and needs no memory.
@inline(always)
private func remember<E: Environment>(
  _ hash: UInt64, isPinned: Bool, _ destination: DestinationIndex, _ environment: inout E
) -> Bool {
  if destination == .nobody { return true }
  let now = environment.now
  guard let settings = unsafe environment.settings, let allowance = unsafe environment.allowance(),
    unsafe allowance.pointee.takeFlow(now, limit: settings.pointee.flowLimit)
  else { return false }
  let place = FlowPlace(hash: hash, buckets: Capacity.flowBuckets)
  guard let bucket = environment.flows(place.bucket) else { return false }
  return bucket.insert(
    Flow(tag: place.tag, isPinned: isPinned, destination: destination, lastSeen: now), environment)
}

/// A destination, if it serves.
@inline(always)
private func serving<E: Environment>(_ index: DestinationIndex, _ environment: E) -> DestinationIndex? {
  guard let row = unsafe environment.destination(index), unsafe row.pointee.serves else { return nil }
  return index
}
