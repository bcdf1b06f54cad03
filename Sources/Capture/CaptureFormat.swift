// SPDX-License-Identifier: MIT

/// How a capture file is written: the classic pcap format (draft-ietf-opsawg-pcap), version 2.4, of Ethernet frames.
public struct CaptureFormat: Hashable, Sendable {
  /// The unit of timestamps' fractions.
  public enum Precision: Hashable, Sendable, CaseIterable {
    case microseconds
    case nanoseconds
  }

  /// The order of the bytes of every number in the file.
  public enum ByteOrder: Hashable, Sendable, CaseIterable {
    case littleEndian
    case bigEndian
  }

  public var precision: Precision
  public var byteOrder: ByteOrder
  /// The most bytes of a packet that the file claims to hold. Readers may cut longer packets: raise it when
  /// writing packets that have grown.
  public var snapLength: UInt32

  public init(
    precision: Precision = .microseconds, byteOrder: ByteOrder = .littleEndian,
    snapLength: UInt32 = CaptureFormat.packetLimit
  ) {
    self.precision = precision
    self.byteOrder = byteOrder
    self.snapLength = snapLength
  }

  /// The largest packet that a file may hold, in bytes: libpcap's `MAXIMUM_SNAPLEN`.
  public static let packetLimit: UInt32 = 262_144
}

/// A packet as it was captured.
public struct CapturedPacket: Hashable, Sendable {
  /// Since 1970-01-01 00:00 UTC.
  public var seconds: UInt32
  /// The rest of the time, in the unit of the file's precision.
  public var fraction: UInt32
  /// How long the packet was on the wire; more than `bytes` holds if it was cut.
  public var originalLength: Int
  /// The frame from the Ethernet header on, without check sequence.
  public var bytes: [UInt8]

  public init(seconds: UInt32, fraction: UInt32, originalLength: Int, bytes: [UInt8]) {
    self.seconds = seconds
    self.fraction = fraction
    self.originalLength = originalLength
    self.bytes = bytes
  }

  /// Whether bytes at the end are missing.
  public var isTruncated: Bool { originalLength > bytes.count }
}

extension CaptureFormat.Precision {
  /// The first number of the file, which also tells the byte order.
  var magic: UInt32 {
    switch self {
    case .microseconds: 0xA1B2_C3D4
    case .nanoseconds: 0xA1B2_3C4D
    }
  }
}

extension CaptureFormat {
  /// Sizes in bytes.
  static let headerSize = 24
  static let recordHeaderSize = 16
  static let major: UInt16 = 2
  static let minor: UInt16 = 4
  /// Ethernet, the one link type that carries what a director sees (LINKTYPE_ETHERNET).
  static let ethernet: UInt32 = 1
}
