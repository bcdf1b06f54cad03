// SPDX-License-Identifier: MIT
import ArgumentParser
import Balancing
import DataPlane
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

/// A protocol that a service can have, by its name in the configuration or its number.
struct TransportArgument: Hashable, ExpressibleByArgument, CustomStringConvertible {
  let transportProtocol: TransportProtocol

  static let tcp = TransportArgument(transportProtocol: .tcp)

  init(transportProtocol: TransportProtocol) {
    self.transportProtocol = transportProtocol
  }

  init?(argument: String) {
    let named = TransportProtocol.names.first { $0.value == argument }?.key
    guard let found = named ?? UInt8(argument).map({ TransportProtocol(rawValue: $0) }) else { return nil }
    self.init(transportProtocol: found)
  }

  var description: String { transportProtocol.name }
}

extension TransportProtocol {
  fileprivate static let names: [TransportProtocol: String] = [
    .tcp: "tcp", .udp: "udp", .sctp: "sctp", .udpLite: "udplite", .esp: "esp", .authentication: "ah",
  ]

  /// `tcp`, `udp`, …, or the number.
  var name: String { Self.names[self] ?? String(rawValue) }
}

extension ServiceMatch {
  /// `203.0.113.80`, or `203.0.113.64/28`.
  var addressText: String {
    prefix.length == prefix.address.version.addressWidth ? "\(prefix.address)" : "\(prefix)"
  }

  /// `80`, `8000-8099` or `all`; nil for a protocol without ports.
  var portText: String? {
    guard transportProtocol.hasPorts else { return nil }
    if ports == Self.allPorts { return "all" }
    return ports.count == 1 ? "\(ports.lowerBound)" : "\(ports.lowerBound)-\(ports.upperBound)"
  }
}

extension OuterHeader {
  /// The configuration's word for the encapsulation.
  var name: String { encapsulation == .greKey ? "gre" : "\(encapsulation)" }
}
