// SPDX-License-Identifier: MIT
import TestSupport

/// A frame taken apart with plain array code that shares nothing with `Wire`, to check what makes frames.
struct Dissection {
  /// Identifiers of the VLAN tags.
  private(set) var tags: [UInt16] = []
  private(set) var packet = DissectedPacket()

  /// `nil` where the frame holds no IP packet, or its headers contradict its length.
  init?(_ frame: [UInt8]) {
    guard frame.count >= 14 else { return nil }
    var offset = 12
    while [0x8100, 0x88A8].contains(frame.word(at: offset)), frame.count >= offset + 6 {
      tags.append(frame.word(at: offset))
      offset += 4
    }
    let version: UInt8
    switch frame.word(at: offset) {
    case 0x0800: version = 4
    case 0x86DD: version = 6
    default: return nil
    }
    guard let packet = DissectedPacket(Array(frame[(offset + 2)...])), packet.version == version else { return nil }
    self.packet = packet
  }
}

/// An IP packet taken apart.
struct DissectedPacket {
  private(set) var version: UInt8 = 0
  private(set) var source: [UInt8] = []
  private(set) var destination: [UInt8] = []
  private(set) var optionsLength = 0
  private(set) var headerSum: UInt16 = 0
  private(set) var extensions: [UInt8] = []
  private(set) var protocolNumber: UInt8 = 0
  /// Offset in bytes, and whether more follows, if this is a fragment.
  private(set) var fragment: (offset: Int, more: Bool)?
  private(set) var identification: UInt32 = 0
  /// What stands behind the headers of IP.
  private(set) var payload: [UInt8] = []

  init() {}

  /// What follows the packet is padding; a packet that is cut short holds what there is if `isQuoted`.
  init?(_ bytes: [UInt8], isQuoted: Bool = false) {
    guard let first = bytes.first else { return nil }
    version = first >> 4
    switch version {
    case 4: guard parseIPv4(bytes, isQuoted) else { return nil }
    case 6: guard parseIPv6(bytes, isQuoted) else { return nil }
    default: return nil
    }
    while [0, 43, 44, 51, 60, 135].contains(protocolNumber), fragment?.offset ?? 0 == 0 {
      guard skipExtension() else { return nil }
    }
  }

  private mutating func parseIPv4(_ bytes: [UInt8], _ isQuoted: Bool) -> Bool {
    let headerLength = Int(bytes[0] & 0xF) * 4
    guard headerLength >= 20, bytes.count >= headerLength else { return false }
    let total = Int(bytes.word(at: 2))
    guard total >= headerLength, isQuoted || total <= bytes.count else { return false }
    (source, destination) = (Array(bytes[12..<16]), Array(bytes[16..<20]))
    (optionsLength, protocolNumber) = (headerLength - 20, bytes[9])
    headerSum = internetChecksum(Array(bytes[..<headerLength]))
    identification = UInt32(bytes.word(at: 4))
    let field = bytes.word(at: 6)
    if field & 0x3FFF != 0 { fragment = (Int(field & 0x1FFF) * 8, field & 0x2000 != 0) }
    payload = Array(bytes[headerLength..<min(total, bytes.count)])
    return true
  }

  private mutating func parseIPv6(_ bytes: [UInt8], _ isQuoted: Bool) -> Bool {
    guard bytes.count >= 40 else { return false }
    let end = 40 + Int(bytes.word(at: 4))
    guard isQuoted || end <= bytes.count else { return false }
    (source, destination, protocolNumber) = (Array(bytes[8..<24]), Array(bytes[24..<40]), bytes[6])
    payload = Array(bytes[40..<min(end, bytes.count)])
    return true
  }

  private mutating func skipExtension() -> Bool {
    guard payload.count >= 8 else { return false }
    let units = Int(payload[1])
    let length = protocolNumber == 44 ? 8 : protocolNumber == 51 ? 4 * (units + 2) : 8 * (units + 1)
    guard payload.count >= length else { return false }
    if protocolNumber == 44 {
      fragment = (Int(payload.word(at: 2) & 0xFFF8), payload[3] & 1 != 0)
      identification = UInt32(payload.word(at: 4)) << 16 | UInt32(payload.word(at: 6))
    }
    extensions.append(protocolNumber)
    protocolNumber = payload[0]
    payload.removeFirst(length)
    return true
  }
}

extension DissectedPacket {
  var sourcePort: UInt16 { payload.word(at: 0) }
  var destinationPort: UInt16 { payload.word(at: 2) }

  /// Whether every checksum is right that a whole packet has: of the IPv4 header, of TCP, UDP, ICMP and ICMPv6.
  var checksumsAreRight: Bool { headerSum == 0 && payloadChecksumIsRight(payload) }

  func payloadChecksumIsRight(_ payload: [UInt8]) -> Bool {
    switch protocolNumber {
    case 1: return internetChecksum(payload) == 0
    case 17 where payload.word(at: 6) == 0: return true
    case 6, 17, 58:
      let pseudoHeader = source + destination + UInt32(payload.count).octets + [0, 0, 0, protocolNumber]
      return internetChecksum(pseudoHeader + payload) == 0
    default: return true
    }
  }
}

extension [UInt8] {
  fileprivate func word(at offset: Int) -> UInt16 {
    offset + 2 <= count ? UInt16(self[offset]) << 8 | UInt16(self[offset + 1]) : 0
  }
}
