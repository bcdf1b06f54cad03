// SPDX-License-Identifier: MIT

/// Reads the packets of a capture file, one after the other.
public struct CaptureReader: Sendable {
  public let format: CaptureFormat
  private let bytes: [UInt8]
  /// Where the next record begins.
  private var offset = CaptureFormat.headerSize

  /// Takes a whole file and checks its header.
  public init(_ bytes: [UInt8]) throws(CaptureError) {
    // Told by the magic number first: a short file of another format is of another format above all.
    let (precision, byteOrder) = try Self.kind(of: bytes)
    guard bytes.count >= CaptureFormat.headerSize else {
      let reason = CaptureError.Reason.endOfFile(
        in: .fileHeader, wanted: CaptureFormat.headerSize, left: bytes.count)
      throw CaptureError(offset: 0, reason: reason)
    }
    format = CaptureFormat(
      precision: precision, byteOrder: byteOrder, snapLength: byteOrder.number(in: bytes, at: 16))
    self.bytes = bytes
    try checkVersion()
    try checkLinkType()
  }

  /// The next packet; `nil` at the end of the file. After an error, the same error again.
  public mutating func next() throws(CaptureError) -> CapturedPacket? {
    guard offset < bytes.count else { return nil }
    try check(.recordHeader, at: offset, holds: CaptureFormat.recordHeaderSize)
    let included = number(at: offset + 8)
    guard included <= CaptureFormat.packetLimit else {
      throw CaptureError(offset: offset + 8, reason: .packetLength(included))
    }
    let start = offset + CaptureFormat.recordHeaderSize
    try check(.packet, at: start, holds: Int(included))
    let packet = CapturedPacket(
      seconds: number(at: offset), fraction: number(at: offset + 4), originalLength: Int(number(at: offset + 12)),
      bytes: Array(bytes[start..<start + Int(included)]))
    offset = start + Int(included)
    return packet
  }
}

extension CaptureReader {
  private static func kind(
    of bytes: [UInt8]
  ) throws(CaptureError) -> (CaptureFormat.Precision, CaptureFormat.ByteOrder) {
    guard bytes.count >= 4 else {
      throw CaptureError(offset: 0, reason: .endOfFile(in: .fileHeader, wanted: 4, left: bytes.count))
    }
    for precision in CaptureFormat.Precision.allCases {
      for byteOrder in CaptureFormat.ByteOrder.allCases
      where byteOrder.number(in: bytes, at: 0) == precision.magic {
        return (precision, byteOrder)
      }
    }
    let magic = CaptureFormat.ByteOrder.bigEndian.number(in: bytes, at: 0)
    let other = CaptureError.OtherFormat(magic: magic).map { CaptureError.Reason.otherFormat($0) }
    throw CaptureError(offset: 0, reason: other ?? .unknownFormat(magic: magic))
  }

  private func checkVersion() throws(CaptureError) {
    let major = format.byteOrder.shortNumber(in: bytes, at: 4)
    let minor = format.byteOrder.shortNumber(in: bytes, at: 6)
    guard major == CaptureFormat.major, minor == CaptureFormat.minor else {
      throw CaptureError(offset: 4, reason: .version(major: major, minor: minor))
    }
  }

  /// The low 26 bits name the link type; the rest tells of check sequences (draft-ietf-opsawg-pcap, section 4).
  private func checkLinkType() throws(CaptureError) {
    let field = number(at: 20)
    guard field & 0x03FF_FFFF == CaptureFormat.ethernet else {
      throw CaptureError(offset: 20, reason: .linkType(field & 0x03FF_FFFF))
    }
    guard field >> 26 == 0 else { throw CaptureError(offset: 20, reason: .frameCheckSequence) }
  }

  private func check(_ part: CaptureError.Part, at offset: Int, holds size: Int) throws(CaptureError) {
    let left = bytes.count - offset
    guard left >= size else {
      throw CaptureError(offset: offset, reason: .endOfFile(in: part, wanted: size, left: left))
    }
  }

  private func number(at offset: Int) -> UInt32 {
    format.byteOrder.number(in: bytes, at: offset)
  }
}
