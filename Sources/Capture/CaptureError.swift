// SPDX-License-Identifier: MIT

/// Why a capture file cannot be read, and where.
public struct CaptureError: Error, Hashable, Sendable {
  public enum Reason: Hashable, Sendable {
    /// The file's first four bytes, as a big-endian number, are no known magic number.
    case unknownFormat(magic: UInt32)
    /// A format with a name that is not classic pcap.
    case otherFormat(OtherFormat)
    case version(major: UInt16, minor: UInt16)
    /// By its number in the registry of link types.
    case linkType(UInt32)
    /// The frames end with their check sequences.
    case frameCheckSequence
    /// The file ends in the middle of its header, of a record's header or of a record's packet.
    case endOfFile(in: Part, wanted: Int, left: Int)
    /// A record claims to hold a packet of so many bytes.
    case packetLength(UInt32)
  }

  /// A format that people mistake for pcap.
  public enum OtherFormat: Hashable, Sendable {
    case pcapng
    case modifiedPcap
    case snoop
    case gzip
    case zstd
  }

  /// A part of a capture file.
  public enum Part: String, Hashable, Sendable {
    case fileHeader = "the file's header"
    case recordHeader = "a record's header"
    case packet = "a packet"
  }

  /// From the start of the file, in bytes, to what is wrong.
  public var offset: Int
  public var reason: Reason

  public init(offset: Int, reason: Reason) {
    self.offset = offset
    self.reason = reason
  }
}

extension CaptureError: CustomStringConvertible {
  /// What is wrong, where, and what to do.
  public var description: String { "byte \(offset): \(reason)" }
}

extension CaptureError.Reason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownFormat(let magic):
      "this is not a pcap file: it begins with the bytes \(Self.hexadecimal(magic))"
    case .otherFormat(let format): format.description
    case .version(let major, let minor):
      "pcap version \(major).\(minor) is not supported, only 2.4"
    case .linkType(let number):
      "the packets are \(Self.name(ofLinkType: number)), not Ethernet (link type 1); capture on one Ethernet interface"
    case .frameCheckSequence:
      "the frames include their check sequences (FCS), which is not supported"
    case .endOfFile(let part, let wanted, let left):
      "the file ends in \(part.rawValue): \(wanted) bytes are wanted and \(left) are left"
    case .packetLength(let length):
      "a packet of \(length) bytes is more than the \(CaptureFormat.packetLimit) a file may hold; the file is damaged"
    }
  }

  private static func hexadecimal(_ magic: UInt32) -> String {
    CaptureFormat.ByteOrder.bigEndian.bytes(of: magic)
      .map { $0 < 16 ? "0\(String($0, radix: 16))" : String($0, radix: 16) }
      .joined(separator: " ")
  }

  private static func name(ofLinkType number: UInt32) -> String {
    linkTypes[number].map { "\($0) (link type \(number))" } ?? "of link type \(number)"
  }

  /// Those that captures on Linux come in (https://www.tcpdump.org/linktypes.html).
  private static let linkTypes: [UInt32: String] = [
    0: "BSD loopback", 9: "PPP", 12: "raw IP", 101: "raw IP", 105: "IEEE 802.11", 108: "OpenBSD loopback",
    113: "Linux \"any\" captures (SLL)", 127: "IEEE 802.11 with radiotap", 228: "raw IPv4", 229: "raw IPv6",
    276: "Linux \"any\" captures (SLL2)",
  ]
}

extension CaptureError.OtherFormat: CustomStringConvertible {
  public var description: String {
    switch self {
    case .pcapng: "this is a pcapng file; convert it with: editcap -F pcap IN OUT"
    case .modifiedPcap: "this is a \"modified\" pcap file; convert it with: editcap -F pcap IN OUT"
    case .snoop: "this is a snoop file; convert it with: editcap -F pcap IN OUT"
    case .gzip: "this is compressed; unpack it with: gunzip"
    case .zstd: "this is compressed; unpack it with: unzstd"
    }
  }

  /// By the file's first four bytes as a big-endian number.
  init?(magic: UInt32) {
    switch magic {
    case 0x0A0D_0D0A: self = .pcapng
    case 0xA1B2_CD34, 0x34CD_B2A1: self = .modifiedPcap
    case 0x736E_6F6F: self = .snoop
    case 0x1F8B_0000...0x1F8B_FFFF: self = .gzip
    case 0x28B5_2FFD: self = .zstd
    default: return nil
    }
  }
}
