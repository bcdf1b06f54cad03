// SPDX-License-Identifier: MIT

/// What `FrameCanvas` writes into a frame's headers, true or not.
struct FrameFields {
  var type: UInt16 = 0x0800
  /// Stands in for the true first byte of the IPv4 header.
  var versionAndLength: UInt8?
  var trafficClass: UInt8
  var identification: UInt16
  var fragment: UInt16
  var timeToLive: UInt8
  var transportProtocol: UInt8
  var source: UInt32
  var destination: UInt32
  var sourcePort: UInt16
  var destinationPort: UInt16
  var flags: UInt8
  var payloadLength: Int
  /// Bytes of IPv4 options, a multiple of four up to 40.
  var optionsLength = 0
  /// Bytes behind the IP packet.
  var padding = 0
  /// What the total length field says too much.
  var totalLengthError = 0
}

/// Writes frames over one random payload whose sums are known, so that a checksum costs no walk through the payload:
/// a million frames take seconds also in debug builds.
struct FrameCanvas: Sendable {
  static var largestPayload: Int { 1480 }
  static var largestPadding: Int { 64 }
  static var largestFrame: Int { 14 + 60 + 20 + largestPayload + largestPadding }

  private let payload: [UInt8]
  /// The sum of the payload's first words, by their number.
  private let sums: [UInt32]

  init(using random: inout SplitMix64) {
    let payload = (0..<Self.largestFrame).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    self.payload = payload
    self.sums = (0..<Self.largestPayload / 2).reduce(into: [0]) { sums, word in
      sums.append(sums[word] + (UInt32(payload[2 * word]) << 8 | UInt32(payload[2 * word + 1])))
    }
  }

  /// Gives the number of bytes written. All bytes up to `largestFrame` have a value afterwards that `frame` decides.
  func write(_ frame: FrameFields, to buffer: UnsafeMutableRawBufferPointer) -> Int {
    let isTCP = frame.transportProtocol == 6
    let headerLength = 20 + frame.optionsLength
    let transportLength = (isTCP ? 20 : 8) + frame.payloadLength
    guard let base = buffer.baseAddress else { return 0 }
    let payloadOffset = 14 + headerLength + (isTCP ? 20 : 8)
    payload.withUnsafeBytes { bytes in
      guard let source = bytes.baseAddress else { return }
      (base + payloadOffset).copyMemory(from: source, byteCount: Self.largestFrame - payloadOffset)
    }
    writeEthernet(frame, base)
    writeIPv4(frame, headerLength: headerLength, totalLength: headerLength + transportLength, base + 14)
    writeTransport(frame, isTCP: isTCP, length: transportLength, base + 14 + headerLength)
    return 14 + headerLength + transportLength + frame.padding
  }

  private func writeEthernet(_ frame: FrameFields, _ header: UnsafeMutableRawPointer) {
    put(header, 0, 0x0200_0000 as UInt32)
    put(header, 4, 0x0001_0200 as UInt32)
    put(header, 8, 0x0000_0002 as UInt32)
    put(header, 12, frame.type)
  }

  private func writeIPv4(
    _ frame: FrameFields, headerLength: Int, totalLength: Int, _ header: UnsafeMutableRawPointer
  ) {
    let first = frame.versionAndLength ?? 0x40 | UInt8(truncatingIfNeeded: headerLength >> 2)
    put(header, 0, UInt16(first) << 8 | UInt16(frame.trafficClass))
    put(header, 2, UInt16(truncatingIfNeeded: totalLength &+ frame.totalLengthError))
    put(header, 4, frame.identification)
    put(header, 6, frame.fragment)
    put(header, 8, UInt16(frame.timeToLive) << 8 | UInt16(frame.transportProtocol))
    put(header, 10, 0 as UInt16)
    put(header, 12, frame.source)
    put(header, 16, frame.destination)
    // No-operation options (RFC 791, 3.1).
    for offset in stride(from: 20, to: headerLength, by: 4) { put(header, offset, 0x0101_0101 as UInt32) }
    var sum: UInt32 = 0
    for offset in stride(from: 0, to: headerLength, by: 2) { sum &+= UInt32(word(header, offset)) }
    put(header, 10, complement(sum))
  }

  private func writeTransport(
    _ frame: FrameFields, isTCP: Bool, length: Int, _ header: UnsafeMutableRawPointer
  ) {
    put(header, 0, frame.sourcePort)
    put(header, 2, frame.destinationPort)
    var sum = half(frame.source) &+ half(frame.destination) &+ UInt32(frame.transportProtocol) &+ UInt32(length)
    sum &+= UInt32(frame.sourcePort) &+ UInt32(frame.destinationPort) &+ payloadSum(frame.payloadLength)
    guard isTCP else {
      put(header, 4, UInt16(length))
      let value = complement(sum &+ UInt32(length))
      put(header, 6, value == 0 ? 0xFFFF : value)
      return
    }
    let sequence = frame.source &* 0x9E37_79B9
    put(header, 4, sequence)
    put(header, 8, 0 as UInt32)
    put(header, 12, 0x5000 | UInt16(frame.flags))
    put(header, 14, 0x2000 as UInt16)
    put(header, 16, complement(sum &+ half(sequence) &+ 0x5000 &+ UInt32(frame.flags) &+ 0x2000))
    put(header, 18, 0 as UInt16)
  }

  /// The sum of the payload's first `length` bytes, an odd one at the end being the high half of a word.
  private func payloadSum(_ length: Int) -> UInt32 {
    sums[length >> 1] &+ (length & 1 == 0 ? 0 : UInt32(payload[length &- 1]) << 8)
  }
}

private func half(_ words: UInt32) -> UInt32 { words >> 16 &+ words & 0xFFFF }

private func complement(_ sum: UInt32) -> UInt16 {
  ~UInt16(truncatingIfNeeded: half(half(sum)))
}

private func word(_ header: UnsafeMutableRawPointer, _ offset: Int) -> UInt16 {
  (header + offset).loadUnaligned(as: UInt16.self).bigEndian
}

private func put<Word: FixedWidthInteger & BitwiseCopyable>(
  _ header: UnsafeMutableRawPointer, _ offset: Int, _ word: Word
) {
  (header + offset).storeBytes(of: word.bigEndian, as: Word.self)
}
