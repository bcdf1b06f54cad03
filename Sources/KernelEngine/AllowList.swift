// SPDX-License-Identifier: MIT
import Balancing
public import DataPlane
public import Wire

/// Which tunnels' packets a real server takes.
public struct AllowList: Hashable, Sendable {
  /// The parts that addresses play; a prefix has no host bits.
  public internal(set) var roles: [IPPrefix: AddressRole]
  /// The UDP port that GUE arrives at, of variant 0 and of variant 1 (FOU); nil for none.
  public var port: UInt16?
  /// The key that GRE has to carry; nil for any, or none.
  public var key: UInt32?

  /// - Parameters:
  ///   - endpoints: Outer destinations: addresses of the host.
  ///   - directors: Outer sources; a director may send from a range.
  ///   - virtualAddresses: Inner destinations.
  ///   - port: The UDP port that GUE arrives at; nil for none.
  ///   - key: The key that GRE has to carry; nil for any, or none.
  public init(
    endpoints: [IPAddress], directors: [IPPrefix], virtualAddresses: [IPPrefix], port: UInt16? = nil,
    key: UInt32? = nil
  ) {
    roles = [:]
    self.port = port
    self.key = key
    for address in endpoints { roles[IPPrefix(host: address), default: []].insert(.endpoint) }
    for prefix in directors { roles[prefix.masked, default: []].insert(.director) }
    for prefix in virtualAddresses { roles[prefix.masked, default: []].insert(.virtualAddress) }
  }

  /// From a decapsulator's tables.
  init(roles: [IPPrefix: AddressRole], _ settings: DecapsulationSettings) {
    self.roles = roles
    self.port = settings.port == 0 ? nil : settings.port
    self.key = settings.key
  }

  /// What the decapsulator's settings are then.
  ///
  /// - Throws: `EngineError` for prefixes that it cannot look up.
  func settings() throws(EngineError) -> DecapsulationSettings {
    let lengths = Set(roles.keys.map { PrefixKey($0).length }).sorted(by: >)
    if lengths.last == 0 {
      throw EngineError(
        operation: "listing whose packets are decapsulated",
        reason: "::/0 is every address there is: give prefixes of at least one bit")
    }
    guard lengths.count <= DecapsulationSettings.prefixLengthLimit else {
      throw EngineError(
        operation: "listing whose packets are decapsulated",
        reason: """
          the prefixes have \(lengths.count) different lengths, and each packet can be compared with \
          \(DecapsulationSettings.prefixLengthLimit): use fewer
          """)
    }
    return DecapsulationSettings(prefixLengths: lengths, port: port ?? 0, key: key)
  }
}

extension PrefixKey {
  init(_ prefix: IPPrefix) {
    self.init(prefix.address.mapped, length: UInt8(prefix.length + 128 - prefix.address.version.addressWidth))
  }
}

extension IPPrefix {
  /// Nil where `key` was not made from a prefix.
  init?(_ key: PrefixKey) {
    let address = IPAddress(mapped: key.address)
    self.init(address: address, length: Int(key.length) - 128 + address.version.addressWidth)
  }
}
