// SPDX-License-Identifier: MIT

extension Frame {
  /// Checks that the client's bytes stand at the end, and that the headers in front of them fit them.
  func check(encapsulates client: Frame) {
    let inner = client.packet
    precondition(isConsistent, "the link's type is not the packet's")
    precondition(bytes.count >= linkSize + inner.bytes.count, "the client's packet lost bytes")
    precondition(bytes.suffix(inner.bytes.count) == inner.bytes[...], "the client's packet changed")
    let overhead = bytes.count - linkSize - inner.bytes.count
    guard overhead > 0 else { return }
    let outer = packet
    precondition(outer.length == overhead + inner.length, "\(overhead) bytes around \(inner.length): \(outer.length)")
    precondition(outer.headerLength == (outer.isIPv6 ? 40 : 20), "the outer header has options")
    precondition(outer.hasRightHeaderChecksum, "the outer header's checksum is wrong")
    precondition(outer.trafficClass == inner.trafficClass, "the traffic class changed")
    precondition(11...16 ~= outer.timeToLive, "the time to live is no server's")
    outer.checkShim(outer.bytes[outer.headerLength..<overhead], around: inner)
  }
}

extension Packet {
  /// `shim` is what stands between this packet's header and the client's.
  fileprivate func checkShim(_ shim: ArraySlice<UInt8>, around inner: Packet) {
    let shim = Array(shim)
    let innerProtocol: UInt8 = inner.isIPv6 ? 41 : 4
    let type: [UInt8] = inner.isIPv6 ? [0x86, 0xDD] : [0x08, 0x00]
    switch (transportProtocol, shim.count) {
    case (innerProtocol, 0): break
    case (47, 4): precondition(shim == [0, 0] + type, "GRE: \(shim)")
    case (47, 8): precondition(shim == [0x20, 0] + type + [0, 0, 0, 7], "GRE with key: \(shim)")
    case (17, 8): checkUDP(shim, around: inner)
    case (17, 12):
      checkUDP(shim, around: inner)
      precondition(shim[8...] == [0, innerProtocol, 0, 0], "GUE: \(shim)")
    default: preconditionFailure("no encapsulation: protocol \(transportProtocol), \(shim)")
    }
  }

  private func checkUDP(_ header: [UInt8], around inner: Packet) {
    precondition(header.number(at: 0) >= 49152, "the source port is \(header.number(at: 0))")
    precondition(header.number(at: 2) == 6080, "the destination port is \(header.number(at: 2))")
    precondition(header.number(at: 4) == length - headerLength, "the UDP length is \(header.number(at: 4))")
    // It follows from the client's checksums: wrong ones make it wrong.
    guard header.number(at: 6) != 0, inner.hasRightChecksums else { return }
    precondition(hasRightChecksums, "the UDP checksum is wrong")
  }
}
