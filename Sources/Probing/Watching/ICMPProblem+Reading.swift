// SPDX-License-Identifier: MIT
package import Wire

extension ICMPProblem.Kind {
  /// Reads an error of RFC 792 or RFC 4443; nil for other messages.
  package init?(_ header: ICMPHeader, _ version: IPVersion) {
    switch version {
    case .v4: self.init(v4: header)
    case .v6: self.init(v6: header)
    }
  }

  private init?(v4 header: ICMPHeader) {
    guard ICMPType.isError(header.type) else { return nil }
    switch (header.type, header.code) {
    case (ICMPType.destinationUnreachable, 2): self = .protocolUnreachable
    case (ICMPType.destinationUnreachable, 3): self = .portUnreachable
    case (ICMPType.destinationUnreachable, 4): self = .tooBig(mtu: Int(header.rest & 0xFFFF))
    case (ICMPType.destinationUnreachable, 9), (ICMPType.destinationUnreachable, 10),
      (ICMPType.destinationUnreachable, 13):
      self = .prohibited
    case (ICMPType.destinationUnreachable, 0...12): self = .noRoute
    case (ICMPType.timeExceeded, 0): self = .timeExceeded
    default: self = .other(type: header.type, code: header.code)
    }
  }

  private init?(v6 header: ICMPHeader) {
    guard ICMPv6Type.isError(header.type) else { return nil }
    switch (header.type, header.code) {
    case (ICMPv6Type.destinationUnreachable, 1), (ICMPv6Type.destinationUnreachable, 5),
      (ICMPv6Type.destinationUnreachable, 6):
      self = .prohibited
    case (ICMPv6Type.destinationUnreachable, 4): self = .portUnreachable
    case (ICMPv6Type.destinationUnreachable, _): self = .noRoute
    case (ICMPv6Type.packetTooBig, _): self = .tooBig(mtu: Int(header.rest))
    case (Self.timeExceededV6, 0): self = .timeExceeded
    // An unknown next header (RFC 4443, 3.4).
    case (Self.parameterProblemV6, 1): self = .protocolUnreachable
    default: self = .other(type: header.type, code: header.code)
    }
  }

  private static let timeExceededV6: UInt8 = 3
  private static let parameterProblemV6: UInt8 = 4
}
