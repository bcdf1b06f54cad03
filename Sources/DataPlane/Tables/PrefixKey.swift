// SPDX-License-Identifier: MIT
public import Wire

/// A prefix of addresses, as tables are asked for it. 24 bytes.
public struct PrefixKey: Hashable, Sendable, BitwiseCopyable {
  public let high: UInt64
  public let low: UInt64
  /// Leading bits of the mapped address that count: 1 to 128.
  public let length: UInt8
  private let zero8: UInt8 = 0
  private let zero16: UInt16 = 0
  private let zero32: UInt32 = 0

  /// The prefix that `address` is in; IPv4 addresses are mapped (`IPAddress.mapped`).
  @inline(__always)
  public init(_ address: IPv6Address, length: UInt8 = 128) {
    let masked = address.masked(to: length)
    self.init(high: masked.high, low: masked.low, length: length)
  }

  @inline(__always)
  init(high: UInt64, low: UInt64, length: UInt8) {
    self.high = high
    self.low = low
    self.length = length
  }

  public var address: IPv6Address { IPv6Address(high: high, low: low) }
}
