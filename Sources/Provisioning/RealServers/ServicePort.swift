// SPDX-License-Identifier: MIT

/// What a real server is to listen on, as text such as `80`, `80/tcp` or `53/udp`.
public struct ServicePort: Hashable, Sendable, LosslessStringConvertible {
  public var protocolName: ProtocolName
  /// 1 to 65535.
  public var port: UInt16

  public enum ProtocolName: String, Hashable, Sendable, CaseIterable {
    case tcp
    case udp
  }

  public init(_ protocolName: ProtocolName, _ port: UInt16) {
    self.protocolName = protocolName
    self.port = port
  }

  /// A port alone is one of TCP.
  public init?(_ description: String) {
    let parts = description.split(separator: "/", omittingEmptySubsequences: false)
    guard 1...2 ~= parts.count, let port = UInt16(parts[0]), port > 0, parts[0].first != "0",
      let name = ProtocolName(rawValue: parts.count == 2 ? String(parts[1]) : "tcp")
    else { return nil }
    self.init(name, port)
  }

  public var description: String { "\(port)/\(protocolName.rawValue)" }
}

extension ServicePort: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = Self(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "\"\(text)\" is no port")
    }
    self = value
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
