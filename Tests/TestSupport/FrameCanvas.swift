// SPDX-License-Identifier: MIT
import Wire

/// Writes frames over one random payload whose sums are known, so that a checksum costs no walk through the payload:
/// a million frames take seconds also in debug builds.
struct FrameCanvas: Sendable {
  static var largestPayload: Int { 1480 }
  static var largestPadding: Int { 64 }
  /// Two tags, and the headers of most packets; the payload of one with more headers is cut to fit.
  static var largestFrame: Int { 14 + 8 + 60 + 20 + largestPayload + largestPadding }

  private let payload: [UInt8]
  /// The sum of the payload's first words, by their number.
  private let sums: [UInt64]

  init(using random: inout SplitMix64) {
    let payload = (0..<2 * Self.largestFrame).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    self.payload = payload
    self.sums = (0..<Self.largestFrame / 2).reduce(into: [0]) { sums, word in
      sums.append(sums[word] + (UInt64(payload[2 * word]) << 8 | UInt64(payload[2 * word + 1])))
    }
  }

  /// Gives the number of bytes written. All bytes up to `largestFrame` have a value afterwards that `frame` decides.
  func write(_ frame: FrameFields, to buffer: UnsafeMutableRawBufferPointer) -> Int {
    guard let base = buffer.baseAddress else { return 0 }
    let start = 14 &+ 4 &* frame.tags.count
    let innerStart = start &+ (frame.envelope?.headersLength ?? 0)
    var packet = frame.packet
    let payloadStart = innerStart &+ packet.headersLength
    packet.payloadLength = min(packet.payloadLength, Self.largestFrame &- Self.largestPadding &- payloadStart)
    fillPayload(from: max(0, (packet.piece?.lowerBound ?? 0) &- packet.transport.length), base, payloadStart)
    writePacket(packet, base, innerStart, payloadStart)
    guard var envelope = frame.envelope else {
      writeLink(frame, type: packet.ownType, base)
      return start &+ packet.length &+ frame.padding
    }
    envelope.payloadLength = min(packet.length, frame.carried)
    writePacket(envelope, base, start, payloadStart)
    writeLink(frame, type: envelope.ownType, base)
    return start &+ envelope.length &+ frame.padding
  }

  private func fillPayload(from start: Int, _ base: UnsafeMutableRawPointer, _ offset: Int) {
    payload.withUnsafeBytes { bytes in
      guard let source = bytes.baseAddress else { return }
      (base + offset).copyMemory(from: source + start, byteCount: Self.largestFrame &- offset)
    }
  }

  private func writeLink(_ frame: FrameFields, type: UInt16, _ base: UnsafeMutableRawPointer) {
    put(base, 0, 0x0200_0000 as UInt32)
    put(base, 4, 0x0001_0200 as UInt32)
    put(base, 8, 0x0000_0002 as UInt32)
    put(base, 12 &+ 4 &* frame.tags.count, frame.type ?? type)
    guard !frame.tags.isEmpty else { return }
    for (index, tag) in frame.tags.enumerated() { put(base, 12 + 4 * index, tag) }
  }

  private func writePacket(
    _ packet: PacketFields, _ base: UnsafeMutableRawPointer, _ start: Int, _ payloadStart: Int
  ) {
    let header = base + start
    if packet.version == .v4 { writeIPv4(packet, header) } else { writeIPv6(packet, header) }
    if !packet.extensions.isEmpty { writeExtensions(packet, header) }
    guard packet.piece?.lowerBound ?? 0 == 0, packet.transport != .none else { return }
    let offset = start &+ packet.networkLength
    writeTransport(packet, base + offset)
    writeChecksum(packet, base + offset, headersLength: payloadStart &- offset)
  }

  /// `headersLength` says how far it is to the random payload.
  private func writeChecksum(_ packet: PacketFields, _ header: UnsafeMutableRawPointer, headersLength: Int) {
    guard packet.isChecksummed, let field = packet.transport.checksumOffset else { return }
    let length = packet.transport.length &+ packet.payloadLength
    var value = sum(header, min(headersLength, length)) &+ payloadSum(max(0, length &- headersLength))
    if packet.transport != .icmp || packet.version == .v6 { value &+= pseudoHeaderSum(packet, length) }
    let checksum = complement(value)
    // UDP sends zero as all ones (RFC 768).
    put(header, field, checksum == 0 && field == 6 ? 0xFFFF : checksum)
  }

  /// The sum of the payload's first `length` bytes, an odd one at the end being the high half of a word.
  private func payloadSum(_ length: Int) -> UInt64 {
    sums[length >> 1] &+ (length & 1 == 0 ? 0 : UInt64(payload[length &- 1]) << 8)
  }
}
