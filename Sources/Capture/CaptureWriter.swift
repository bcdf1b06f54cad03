// SPDX-License-Identifier: MIT

/// Writes a capture file into memory, from where it can be taken piece by piece.
public struct CaptureWriter: Sendable {
  public let format: CaptureFormat
  private var bytes: [UInt8]

  /// Begins a file; its header is the first piece.
  public init(format: CaptureFormat) {
    self.format = format
    let order = format.byteOrder
    bytes = order.bytes(of: format.precision.magic)
    bytes += order.bytes(of: CaptureFormat.major) + order.bytes(of: CaptureFormat.minor)
    // Time zone and accuracy, which every writer leaves zero.
    bytes += Array(repeating: 0, count: 8)
    bytes += order.bytes(of: format.snapLength) + order.bytes(of: CaptureFormat.ethernet)
  }

  /// Adds a packet.
  ///
  /// - Precondition: It holds no more than `CaptureFormat.packetLimit` bytes.
  public mutating func append(_ packet: CapturedPacket) {
    precondition(packet.bytes.count <= CaptureFormat.packetLimit, "a capture holds no packet larger than 256 KiB")
    let fields = [
      packet.seconds, packet.fraction, UInt32(packet.bytes.count), UInt32(clamping: packet.originalLength),
    ]
    for field in fields { bytes += format.byteOrder.bytes(of: field) }
    bytes += packet.bytes
  }

  /// What was written since the last call.
  public mutating func takeBytes() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }
}
