// SPDX-License-Identifier: MIT
import Probing
import Wire

/// A TCP segment (RFC 9293, 3.1), as far as a client needs it, without its ports.
struct TCPSegment: Hashable {
  var sequence: SequenceNumber
  /// Of what is acknowledged, if the flags say so.
  var acknowledgement = SequenceNumber(rawValue: 0)
  var flags: TCPHeader.Flags
  var window = UInt16.max
  /// An option of SYNs; nil where it is not there.
  var maximumSegmentSize: UInt16?
  var payload: [UInt8] = []
}

extension TCPSegment {
  /// What this option is called in its first byte, and its length in its second.
  private static let maximumSegmentSizeOption: [UInt8] = [2, 4]
  private static let windowOffset = 14
  private static let headerLengthOffset = 12

  /// Reads a segment, header first; nil where it is cut short or lies about its length.
  init?(parsing bytes: [UInt8]) {
    var bytes = bytes
    guard let header = try? bytes.withPacketBytes({ bytes throws(Malformation) in try TCPHeader(parsing: bytes) }),
      TCPHeader.size...bytes.count ~= header.headerLength
    else { return nil }
    sequence = SequenceNumber(rawValue: header.sequence)
    acknowledgement = SequenceNumber(rawValue: header.acknowledgement)
    flags = header.flags
    window = bytes.number(at: Self.windowOffset) ?? 0
    maximumSegmentSize = Self.maximumSegmentSize(in: bytes[TCPHeader.size..<header.headerLength])
    payload = Array(bytes[header.headerLength...])
  }

  private static func maximumSegmentSize(in options: ArraySlice<UInt8>) -> UInt16? {
    var rest = options
    while let kind = rest.first, kind != 0 {
      // "No operation" is the one option without a length.
      if kind == 1 {
        rest = rest.dropFirst()
        continue
      }
      guard let length = rest.dropFirst().first, 2...rest.count ~= Int(length) else { return nil }
      if rest.starts(with: maximumSegmentSizeOption) { return Array(rest).number(at: 2) }
      rest = rest.dropFirst(Int(length))
    }
    return nil
  }

  /// The segment between two ports, without checksum.
  func bytes(from source: UInt16, to destination: UInt16) -> [UInt8] {
    let header = TCPHeader(
      sourcePort: source, destinationPort: destination, sequence: sequence.rawValue,
      acknowledgement: acknowledgement.rawValue, flags: flags)
    var bytes = [UInt8].emitting(TCPHeader.size) { header.emit(into: $0, pseudoHeader: Checksum()) }
    bytes.set(window, at: Self.windowOffset)
    guard let maximumSegmentSize else { return bytes + payload }
    bytes += Self.maximumSegmentSizeOption + bigEndian(maximumSegmentSize)
    bytes[Self.headerLengthOffset] = UInt8(bytes.count / 4) << 4
    return bytes + payload
  }
}
