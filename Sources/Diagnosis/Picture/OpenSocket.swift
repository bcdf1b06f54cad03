// SPDX-License-Identifier: MIT
import Provisioning
import Wire

/// A socket that waits for packets of anybody.
struct OpenSocket: Hashable, Sendable {
  var protocolName: ServicePort.ProtocolName
  /// Of the address that it is bound to; a wildcard one of IPv6 takes IPv4 as well, unless its program forbade that.
  var address: IPAddress
  var port: UInt16

  var isWildcard: Bool { address.isUnspecified }

  /// Whether packets to `address` reach it.
  func receives(_ address: IPAddress) -> Bool {
    self.address == address || isWildcard && (self.address.version == .v6 || address.version == .v4)
  }
}

extension IPAddress {
  var isUnspecified: Bool {
    switch self {
    case .v4(let address): address.bits == 0
    case .v6(let address): address.high == 0 && address.low == 0
    }
  }

  var isLoopback: Bool {
    switch self {
    case .v4(let address): address.bits >> 24 == 127
    case .v6(let address): address.high == 0 && address.low == 1
    }
  }
}

extension OpenSocket {
  /// Those in the text of `/proc/net/tcp`, `tcp6`, `udp` or `udp6`, proc_net(5).
  static func all(_ protocolName: ServicePort.ProtocolName, in table: String) -> [OpenSocket] {
    table.split(separator: "\n").dropFirst().compactMap { OpenSocket(protocolName, line: $0) }
  }

  /// - Returns: nil for a socket with an other end, and for what is no line of such a table.
  private init?(_ protocolName: ServicePort.ProtocolName, line: Substring) {
    let fields = line.split(separator: " ", maxSplits: 4)
    guard fields.count > 3, fields[3] == (protocolName == .tcp ? "0A" : "07") else { return nil }
    let parts = fields[1].split(separator: ":")
    guard parts.count == 2, let address = Self.address(parts[0]), let port = UInt16(parts[1], radix: 16) else {
      return nil
    }
    self.init(protocolName: protocolName, address: address, port: port)
  }

  /// Words of 32 bits, each in the host's byte order, little-endian on all that Culvert runs on.
  private static func address(_ digits: Substring) -> IPAddress? {
    var rest = digits
    var words: [UInt32] = []
    while !rest.isEmpty {
      guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
      words.append(word.byteSwapped)
      rest = rest.dropFirst(8)
    }
    switch words.count {
    case 1: return .v4(IPv4Address(bits: words[0]))
    case 4:
      let halves = [(0, 1), (2, 3)].map { UInt64(words[$0.0]) << 32 | UInt64(words[$0.1]) }
      return IPAddress(mapped: IPv6Address(high: halves[0], low: halves[1]))
    default: return nil
    }
  }
}
