// SPDX-License-Identifier: MIT
public import Wire

// In files and in JSON, addresses are text as people write them.

extension IPAddress: Codable {
  public init(from decoder: any Decoder) throws {
    self = try Self.read(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    try encode(asTextTo: encoder)
  }
}

extension IPPrefix: Codable {
  public init(from decoder: any Decoder) throws {
    self = try Self.read(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    try encode(asTextTo: encoder)
  }
}

extension IPVersion: Codable {}

extension IPPrefix {
  /// Whether it holds one address.
  var isHost: Bool { length == address.version.addressWidth }

  /// As people write it: of one address without a length.
  var shortText: String { isHost ? "\(address)" : description }
}

extension LosslessStringConvertible {
  fileprivate static func read(from decoder: any Decoder) throws -> Self {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = Self(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "\"\(text)\" is no address")
    }
    return value
  }

  fileprivate func encode(asTextTo encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
