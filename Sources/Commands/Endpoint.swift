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
    guard let colon = argument.lastIndex(of: ":"), let port = UInt16(argument[argument.index(after: colon)...]),
      let address = IPAddress(Self.withoutBrackets(argument[..<colon]))
    else { return nil }
    self.init(address: address, port: port)
  }

  private static func withoutBrackets(_ text: Substring) -> Substring {
    text.hasPrefix("[") && text.hasSuffix("]") ? text.dropFirst().dropLast() : text
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
