// SPDX-License-Identifier: MIT
public import Wire

/// Builds frames from the outside in, each header a call, lengths, protocol numbers and checksums filled in at the end:
///
///     PacketBuilder().ethernet().ipv4(from: "198.51.100.7", to: "203.0.113.80").tcp(from: 40000, to: 80).bytes
///
/// Written apart from `Wire`'s emitters, so that tests can hold the one against the other.
public struct PacketBuilder: Sendable {
  private var layers: [Layer] = []

  public init() {}

  /// The frame: every layer around the ones inside it.
  public var bytes: [UInt8] {
    layers.indices.reversed().reduce(into: []) { inner, index in
      inner = layers[index].bytes(around: inner, inside: layers[..<index].last { $0.isIPv4 }, next: next(index))
    }
  }

  private func next(_ index: Int) -> Layer? {
    index + 1 < layers.count ? layers[index + 1] : nil
  }

  private func adding(_ layer: Layer) -> PacketBuilder {
    var builder = self
    builder.layers.append(layer)
    return builder
  }

  /// An untagged Ethernet II header; `type` is what the frame claims to carry.
  public func ethernet(
    from source: MACAddress = "02:00:00:00:00:02", to destination: MACAddress = "02:00:00:00:00:01",
    type: UInt16 = 0x0800
  ) -> PacketBuilder {
    adding(.ethernet(source, destination, type))
  }

  /// An IPv4 header. `options` are filled up with zeros to a multiple of four bytes.
  ///
  /// `protocolNumber` and `totalLength` are computed unless given: then they are lies.
  public func ipv4(
    from source: IPv4Address, to destination: IPv4Address, trafficClass: UInt8 = 0, identification: UInt16 = 0,
    fragment: UInt16 = 0, timeToLive: UInt8 = 64, options: [UInt8] = [], protocolNumber: UInt8? = nil,
    totalLength: UInt16? = nil
  ) -> PacketBuilder {
    adding(
      .ipv4(
        IPv4Fields(
          source: source, destination: destination, trafficClass: trafficClass, identification: identification,
          fragment: fragment, timeToLive: timeToLive, options: options, protocolNumber: protocolNumber,
          totalLength: totalLength)))
  }

  /// A TCP header without options, and the payload.
  public func tcp(
    from source: UInt16, to destination: UInt16, sequence: UInt32 = 0, acknowledgement: UInt32 = 0,
    flags: TCPHeader.Flags = .acknowledge, window: UInt16 = 8192, payload: [UInt8] = []
  ) -> PacketBuilder {
    let header: [UInt8] =
      source.octets + destination.octets + sequence.octets + acknowledgement.octets + [0x50, flags.rawValue]
      + window.octets + [0, 0, 0, 0]
    return adding(.transport(protocolNumber: 6, checksumOffset: 16, header + payload))
  }

  /// A UDP header, and the payload.
  public func udp(from source: UInt16, to destination: UInt16, payload: [UInt8] = []) -> PacketBuilder {
    let header = source.octets + destination.octets + UInt16(8 + payload.count).octets + [0, 0]
    return adding(.transport(protocolNumber: 17, checksumOffset: 6, header + payload))
  }

  /// A GRE header; flags other than 0 do not make the fields that they announce: give those as `raw`.
  public func gre(flags: UInt16 = 0, type: UInt16 = 0x0800) -> PacketBuilder {
    adding(.gre(flags: flags, type: type))
  }

  /// Bytes as they are, counted as part of the layers around them: options, a payload, nonsense.
  public func raw(_ bytes: [UInt8]) -> PacketBuilder {
    adding(.raw(bytes))
  }
}

private struct IPv4Fields: Sendable {
  let source: IPv4Address
  let destination: IPv4Address
  let trafficClass: UInt8
  let identification: UInt16
  let fragment: UInt16
  let timeToLive: UInt8
  let options: [UInt8]
  let protocolNumber: UInt8?
  let totalLength: UInt16?

  func bytes(around inner: [UInt8], protocolNumber next: UInt8) -> [UInt8] {
    let options = options + Array(repeating: 0, count: (4 - options.count % 4) % 4)
    let length = 20 + options.count
    var header: [UInt8] = [0x40 | UInt8(length / 4), trafficClass]
    header += (totalLength ?? UInt16(length + inner.count)).octets + identification.octets + fragment.octets
    header += [timeToLive, protocolNumber ?? next, 0, 0] + source.bits.octets + destination.bits.octets + options
    header.replaceSubrange(10..<12, with: internetChecksum(header).octets)
    return header + inner
  }
}

private enum Layer: Sendable {
  case ethernet(MACAddress, MACAddress, UInt16)
  case ipv4(IPv4Fields)
  case transport(protocolNumber: UInt8, checksumOffset: Int, [UInt8])
  case gre(flags: UInt16, type: UInt16)
  case raw([UInt8])

  var isIPv4: Bool {
    if case .ipv4 = self { true } else { false }
  }

  /// The number by which IP announces this layer; 253 is for experiments (RFC 3692).
  var protocolNumber: UInt8 {
    switch self {
    case .ipv4: 4
    case .transport(let number, _, _): number
    case .gre: 47
    case .ethernet, .raw: 253
    }
  }

  func bytes(around inner: [UInt8], inside outer: Layer?, next: Layer?) -> [UInt8] {
    switch self {
    case .ethernet(let source, let destination, let type):
      destination.bits.octets.suffix(6) + source.bits.octets.suffix(6) + type.octets + inner
    case .ipv4(let fields): fields.bytes(around: inner, protocolNumber: next?.protocolNumber ?? 253)
    case .transport(let number, let offset, let bytes):
      Self.checksummed(bytes + inner, at: offset, protocolNumber: number, outer)
    case .gre(let flags, let type): flags.octets + type.octets + inner
    case .raw(let bytes): bytes + inner
    }
  }

  /// The segment with the checksum over itself and the pseudo header (RFC 9293, 3.1; RFC 768: 0 is sent as all ones).
  private static func checksummed(
    _ segment: [UInt8], at offset: Int, protocolNumber: UInt8, _ outer: Layer?
  ) -> [UInt8] {
    guard case .ipv4(let ip) = outer else { return segment }
    let pseudoHeader =
      ip.source.bits.octets + ip.destination.bits.octets + [0, protocolNumber] + UInt16(segment.count).octets
    let sum = internetChecksum(pseudoHeader + segment)
    let value = protocolNumber == 17 && sum == 0 ? 0xFFFF : sum
    var segment = segment
    segment.replaceSubrange(offset..<offset + 2, with: value.octets)
    return segment
  }
}

/// The Internet checksum as RFC 1071 words it: add 16-bit words with end-around carry, complement. An odd byte at the
/// end counts as the high half of a word.
public func internetChecksum(_ bytes: [UInt8]) -> UInt16 {
  var sum: UInt32 = 0
  for (index, byte) in bytes.enumerated() {
    sum += index % 2 == 0 ? UInt32(byte) << 8 : UInt32(byte)
    if sum > 0xFFFF { sum = sum - 0x10000 + 1 }
  }
  return ~UInt16(sum)
}

extension FixedWidthInteger {
  /// The bytes in network order.
  public var octets: [UInt8] {
    stride(from: Self.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> Self($0)) }
  }
}
