// SPDX-License-Identifier: MIT

/// A codepoint of Explicit Congestion Notification: the last two bits of the traffic class (RFC 3168, 5).
public struct ECN: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt8

  /// - Parameter rawValue: 0 to 3.
  @inline(always)
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  @inline(always)
  public init(trafficClass: UInt8) {
    self.rawValue = trafficClass & 3
  }

  /// The transport does not understand marks.
  @inline(always) public static var notECT: Self { Self(rawValue: 0) }
  @inline(always) public static var ect1: Self { Self(rawValue: 1) }
  @inline(always) public static var ect0: Self { Self(rawValue: 2) }
  /// Congestion was experienced on the way.
  @inline(always) public static var ce: Self { Self(rawValue: 3) }

  /// What a packet says once it leaves a tunnel whose outer header says `outer` (RFC 6040, 4.2). Nil where it has to be
  /// dropped: losing it is then the only sign of congestion that its transport understands.
  @inline(always)
  public func leavingTunnel(marked outer: ECN) -> ECN? {
    if outer == .ce { return self == .notECT ? nil : .ce }
    return outer == .ect1 && self == .ect0 ? .ect1 : self
  }
}

extension IPv4Header {
  /// Marks the packet at the start of `bytes`, which hold its header; the checksum follows (RFC 1624).
  @inline(always)
  public static func mark(_ bytes: PacketBytes, _ ecn: ECN) {
    let old = bytes.load(Field.versionAndLength, as: UInt16.self)
    let new = old & ~3 | UInt16(ecn.rawValue)
    var checksum = Checksum()
    checksum.add(~bytes.load(Field.checksum, as: UInt16.self))
    checksum.subtract(old)
    checksum.add(new)
    bytes.store(new, Field.versionAndLength)
    bytes.store(checksum.value, Field.checksum)
  }
}

extension IPv6Header {
  /// Marks the packet at the start of `bytes`, which hold its header.
  @inline(always)
  public static func mark(_ bytes: PacketBytes, _ ecn: ECN) {
    let old = bytes.load(Field.versionClassAndLabel, as: UInt32.self)
    bytes.store(old & ~(3 << 20) | UInt32(ecn.rawValue) << 20, Field.versionClassAndLabel)
  }
}
