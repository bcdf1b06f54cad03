// SPDX-License-Identifier: MIT
import ArgumentParser
import Wire

/// An address and a port, `192.0.2.1:80` or `[2001:db8::1]:80`.
struct Endpoint: Hashable, ExpressibleByArgument, CustomStringConvertible {
  let address: IPAddress
  let port: UInt16

  init(address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }

  init?(argument: String) {
    guard let colon = argument.lastIndex(of: ":"), let port = Self.port(argument[argument.index(after: colon)...]),
      let address = Self.address(argument[..<colon])
    else { return nil }
    self.init(address: address, port: port)
  }

  private static func port(_ text: Substring) -> UInt16? {
    guard let first = text.utf8.first, UInt8(ascii: "1")...UInt8(ascii: "9") ~= first else { return nil }
    return UInt16(text)
  }

  /// IPv6 in brackets: without them nobody knows where the address ends (RFC 3986, 3.2.2).
  private static func address(_ text: Substring) -> IPAddress? {
    guard text.hasPrefix("["), text.hasSuffix("]") else { return IPv4Address(text).map(IPAddress.v4) }
    return IPv6Address(text.dropFirst().dropLast()).map(IPAddress.v6)
  }

  var description: String {
    switch address {
    case .v4: "\(address):\(port)"
    case .v6: "[\(address)]:\(port)"
    }
  }
}

/// The transport protocols that a service can have, by the names of the configuration.
enum TransportArgument: String, ExpressibleByArgument, CaseIterable {
  case tcp
  case udp

  var transportProtocol: TransportProtocol { self == .tcp ? .tcp : .udp }
}

extension TransportProtocol {
  /// `tcp`, `udp`, or the number.
  var name: String {
    switch self {
    case .tcp: "tcp"
    case .udp: "udp"
    default: String(rawValue)
    }
  }
}
