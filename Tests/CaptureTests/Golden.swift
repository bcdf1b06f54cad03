// SPDX-License-Identifier: MIT
import Capture
import Testing

/// A capture that scapy 2.5 wrote (`PcapWriter(linktype=1, endianness=, nano=, snaplen=48)`), as hexadecimal digits:
/// a TCP SYN of 54 bytes cut at 48, then the 14 bytes of its Ethernet header alone.
struct Golden: Sendable, CustomTestStringConvertible {
  let format: CaptureFormat
  let bytes: [UInt8]

  var testDescription: String { "\(format.byteOrder), \(format.precision)" }

  private init(
    _ byteOrder: CaptureFormat.ByteOrder, _ precision: CaptureFormat.Precision, file: String, first: String,
    second: String
  ) {
    format = CaptureFormat(precision: precision, byteOrder: byteOrder, snapLength: 48)
    bytes = Self.bytes(file) + Self.bytes(first) + Self.syn + Self.bytes(second) + Self.ethernet
  }

  static let ethernet = bytes("0200000000020200000000010800")
  static let syn = bytes(
    """
    020000000002020000000001080045000028000100004006\
    1444c6336407cb0071509c40005000000000000000005002
    """)

  static let all = [
    Golden(
      .littleEndian, .microseconds, file: "d4c3b2a10200040000000000000000003000000001000000",
      first: "00f1536540e201003000000036000000", second: "01f15365050000000e0000000e000000"),
    Golden(
      .littleEndian, .nanoseconds, file: "4d3cb2a10200040000000000000000003000000001000000",
      first: "00f1536515cd5b073000000036000000", second: "01f15365050000000e0000000e000000"),
    Golden(
      .bigEndian, .microseconds, file: "a1b2c3d40002000400000000000000000000003000000001",
      first: "6553f1000001e2400000003000000036", second: "6553f101000000050000000e0000000e"),
    Golden(
      .bigEndian, .nanoseconds, file: "a1b23c4d0002000400000000000000000000003000000001",
      first: "6553f100075bcd150000003000000036", second: "6553f101000000050000000e0000000e"),
  ]

  /// The bytes that pairs of hexadecimal digits stand for.
  static func bytes(_ digits: String) -> [UInt8] {
    let values = digits.compactMap { $0.hexDigitValue.map { UInt8($0) } }
    return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
  }
}
