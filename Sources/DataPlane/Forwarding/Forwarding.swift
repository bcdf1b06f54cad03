// SPDX-License-Identifier: MIT
import Wire

/// Decides about the packet of `environment` and carries the decision out: afterwards a sent packet stands there
/// encapsulated, a refused one has become the answer, and any other one is unchanged.
///
/// Constant time: at most 18 table lookups; four for a service of one address and port where the flow's slot is settled;
/// then the counters.
@inline(__always)
public func forward<E: Environment>(_ environment: inout E) -> Decision {
  do throws(Verdict) {
    return forward(environment.settle(try Datagram(parsing: environment.packet)), &environment)
  } catch {
    environment.count(error, ofService: 0)
    return Decision(error)
  }
}

@inline(always)
private func forward<E: Environment>(_ datagram: Datagram, _ environment: inout E) -> Decision {
  let match = environment.settle(match(datagram.flow, hasPorts: datagram.kind != .laterFragment, environment))
  var mtu = 0
  do throws(Verdict) {
    if match.isForUs && isSpoofed(datagram.packet.source, environment) { throw .spoofedSource }
    guard let service = match.service else { throw refusal(of: datagram, at: match.virtualAddress) }
    return Decision(.sent, interface: try send(datagram, of: service, mtu: &mtu, &environment))
  } catch {
    let verdict = error.action == .reply ? reply(error, to: datagram, mtu: mtu, &environment) : error
    environment.count(verdict, ofService: match.service?.index ?? 0)
    return Decision(verdict)
  }
}

/// Sends the packet to the flow's real server; gives the interface that it leaves through, and before that `mtu`, the
/// largest packet that could be sent there.
@inline(always)
private func send<E: Environment>(
  _ datagram: Datagram, of service: ServiceEntry, mtu: inout Int, _ environment: inout E
) throws(Verdict) -> UInt32 {
  let opensConnection = try datagram.opensConnection(in: environment.packet)
  if service.refuses(opensConnection: opensConnection), let refusal = datagram.refusal { throw refusal }
  let isAddressed = datagram.packet.fragment.isFragment && service.hashesFragments
  let flow = isAddressed ? datagram.flow.withoutPorts : datagram.flow
  let hash = FlowHash.of(flow, seed: service.hashSeed)
  let choice = environment.settle(
    choose(for: datagram, flow: flow, hash: hash, opensConnection: opensConnection, of: service, &environment))
  guard let row = unsafe environment.destination(choice.destination), unsafe row.pointee.serves else {
    throw .noServer
  }
  let destination = unsafe row.pointee
  let interface = try carry(datagram, to: destination, hash: hash, mtu: &mtu, &environment)
  environment.count(
    choice.destination, bytes: UInt64(truncatingIfNeeded: datagram.packet.totalLength), isNewFlow: choice.isNewFlow)
  return interface
}

extension Verdict: Error {}
