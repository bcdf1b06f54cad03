// SPDX-License-Identifier: MIT
import Wire

/// Decides about the packet of `environment` and carries the decision out: afterwards a sent packet stands there
/// encapsulated, any other one unchanged.
///
/// Constant time: at most six table lookups, three where the flow's slot is settled; then the counters.
@inline(__always)
public func forward<E: Environment>(_ environment: inout E) -> Decision {
  do throws(Verdict) {
    let datagram = try Datagram(parsing: environment.packet)
    return forward(datagram, &environment)
  } catch {
    environment.count(error, ofService: 0)
    return Decision(error)
  }
}

@inline(__always)
private func forward<E: Environment>(_ datagram: Datagram, _ environment: inout E) -> Decision {
  guard let entry = unsafe environment.service(datagram.serviceKey) else {
    environment.count(.noService, ofService: 0)
    return Decision(.noService)
  }
  let service = unsafe entry.pointee
  do throws(Verdict) {
    let opensConnection = try datagram.opensConnection(in: environment.packet)
    let index = choose(for: datagram, opensConnection: opensConnection, of: service, &environment)
    guard let chosen = unsafe environment.destination(index), unsafe chosen.pointee.serves else { throw .noServer }
    let destination = unsafe chosen.pointee
    try encapsulate(datagram, to: destination, &environment)
    environment.count(index, bytes: UInt64(datagram.totalLength), opensConnection: opensConnection)
    return Decision(.sent, interface: destination.interface)
  } catch {
    environment.count(error, ofService: service.index)
    return Decision(error)
  }
}

extension Verdict: Error {}
