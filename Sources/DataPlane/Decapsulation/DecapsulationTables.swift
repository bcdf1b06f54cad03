// SPDX-License-Identifier: MIT
/// The parts an address can play on a real server: what stands in the address table. 4 bytes, a set.
public struct AddressRole: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public let rawValue: UInt32

  @inline(__always)
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// An address of this host that tunnels end at: the outer destination.
  @inline(__always) public static var endpoint: Self { Self(rawValue: 1) }
  /// A director: an outer source that is listened to.
  @inline(__always) public static var director: Self { Self(rawValue: 2) }
  /// A virtual address that this host serves: the inner destination.
  @inline(__always) public static var virtualAddress: Self { Self(rawValue: 4) }

  @inline(__always)
  public func has(_ role: AddressRole) -> Bool { rawValue & role.rawValue != 0 }
}

/// What holds for all tunnels of a real server. 16 bytes, one row.
public struct DecapsulationSettings: Hashable, Sendable, BitwiseCopyable {
  private let lengths: UInt64
  private let keyValue: UInt32
  private let keyed: UInt16
  /// The UDP port that GUE arrives at, of variant 0 and of variant 1 (FOU); 0 for none.
  public let port: UInt16

  /// The most lengths of prefixes that differ.
  @inline(__always) public static var prefixLengthLimit: Int { 8 }

  /// - Parameters:
  ///   - prefixLengths: Those of `PrefixKey`, the longest first, at most `prefixLengthLimit`.
  ///   - port: The UDP port that GUE arrives at; 0 for none.
  ///   - key: The one that GRE has to carry; nil for any, or none.
  public init(prefixLengths: [UInt8], port: UInt16, key: UInt32?) {
    var word: UInt64 = 0
    for (place, length) in prefixLengths.prefix(Self.prefixLengthLimit).enumerated() {
      word |= UInt64(length) << (8 * UInt64(place))
    }
    self.init(lengths: word, port: port, key: key)
  }

  @inline(__always)
  private init(lengths: UInt64, port: UInt16, key: UInt32?) {
    self.lengths = lengths
    self.port = port
    self.keyValue = key ?? 0
    self.keyed = key == nil ? 0 : 1
  }

  /// Nobody is listened to.
  @inline(__always)
  public static var none: DecapsulationSettings { DecapsulationSettings(lengths: 0, port: 0, key: nil) }

  /// The one that GRE has to carry; nil for any, or none.
  @inline(__always)
  public var key: UInt32? { keyed == 0 ? nil : keyValue }

  /// The length at `place`; 0 behind the last.
  @inline(always)
  func prefixLength(_ place: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: lengths &>> UInt64(truncatingIfNeeded: place &* 8))
  }

  /// The prefix lengths that are in use.
  public var prefixLengths: [UInt8] {
    (0..<Self.prefixLengthLimit).map(prefixLength).filter { $0 != 0 }
  }
}
