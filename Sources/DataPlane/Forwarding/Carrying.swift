// SPDX-License-Identifier: MIT
import Wire

/// Encapsulates the packet of `environment` for `destination`, as `forward` does for a flow of that real server: for
/// those who have chosen it themselves. Looks nothing up, and counts nothing.
///
/// - Throws: why it would not be sent: it is unreachable, too long, or no packet at all.
@inline(__always)
public func carry<E: Environment>(_ environment: inout E, to destination: Destination) throws(Verdict) {
  let datagram = try Datagram(parsing: environment.packet)
  var mtu = 0
  _ = try carry(datagram, to: destination, hash: FlowHash.of(datagram.flow, seed: 0), mtu: &mtu, &environment)
}

/// Encapsulates the packet of a flow that has this hash; gives the interface that it leaves through, and before that
/// `mtu`, the largest packet that could be sent there.
@inline(always)
func carry<E: Environment>(
  _ datagram: Datagram, to chosen: Destination, hash: UInt64, mtu: inout Int, _ environment: inout E
) throws(Verdict) -> UInt32 {
  guard chosen.isReachable else { throw .unreachable }
  var destination = chosen
  mtu = Int(destination.mtu) &- destination.overhead
  if datagram.packet.totalLength > mtu {
    guard datagram.packet.isDivisible, destination.allowsFragmentation,
      let fragmenter = unsafe environment.settings?.pointee.fragmenter
    else { throw datagram.packet.tooBig(for: mtu, kind: datagram.kind) }
    destination = destination.through(fragmenter)
  }
  try encapsulate(datagram, to: destination, hash: hash, &environment)
  return destination.interface
}
