// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Wire

@Suite struct IPv4Tests {
  /// scapy: `IP(tos=0x2e, id=0x1234, flags="DF", ttl=57, proto=6, src="198.51.100.7", dst="203.0.113.80", len=40)`
  private let golden = hex("45 2e 00 28  12 34 40 00  39 06 c8 e2  c6 33 64 07  cb 00 71 50")
  private let header = IPv4Header(
    trafficClass: 0x2E, totalLength: 40, identification: 0x1234, fragment: .doNotFragment, timeToLive: 57,
    transportProtocol: .tcp, source: "198.51.100.7", destination: "203.0.113.80")
  /// scapy: `IP(id=1, ttl=64, proto=17, src="198.51.100.7", dst="203.0.113.80", options=[IPOption_Router_Alert()]) /
  /// b"\1\2\3\4\5\6\7\x08"`
  private let withOptions = hex(
    "46 00 00 20  00 01 00 00  40 11 7f 3c  c6 33 64 07  cb 00 71 50  94 04 00 00  01 02 03 04  05 06 07 08")

  /// The golden header in a packet as long as it says.
  private var packet: [UInt8] { golden + Array(repeating: 0, count: 20) }

  @Test func `Parsing golden bytes gives the fields`() throws {
    #expect(try parsing(packet, IPv4Header.init(parsing:)) == header)
  }

  @Test func `Emitting writes the header with its checksum, and nothing behind it`() {
    #expect(header.checksum == 0xC8E2)
    #expect(emitting(22, header.emit(into:)) == golden + [0xA5, 0xA5])
  }

  @Test func `Options count as header`() throws {
    let header = try parsing(withOptions, IPv4Header.init(parsing:))
    #expect(header.headerLength == 24)
    #expect(header.totalLength == 32)
    #expect(header.transportProtocol == .udp)
    #expect(header.destination == "203.0.113.80")
  }

  @Test func `The longest header is 60 bytes`() throws {
    let bytes = PacketBuilder().ipv4(from: "198.51.100.7", to: "203.0.113.80", options: Array(repeating: 1, count: 40))
      .bytes
    #expect(try parsing(bytes, IPv4Header.init(parsing:)).headerLength == 60)
  }

  @Test func `What follows the total length is padding`() throws {
    #expect(try parsing(packet + [1, 2, 3], IPv4Header.init(parsing:)).totalLength == 40)
  }

  @Test(arguments: 0..<40)
  func `A packet shorter than its header or its total length is truncated`(count: Int) {
    #expect(throws: Malformation.truncated) {
      try parsing(Array(packet.prefix(count)), IPv4Header.init(parsing:))
    }
  }

  @Test(arguments: [0x05, 0x15, 0x35, 0x55, 0x65, 0xF5] as [UInt8])
  func `Another version than 4 is no IPv4`(first: UInt8) {
    #expect(throws: Malformation.version) { try parsing([first] + packet.dropFirst(), IPv4Header.init(parsing:)) }
  }

  @Test(arguments: [0x40, 0x41, 0x42, 0x43, 0x44] as [UInt8])
  func `A header length below 20 bytes contradicts itself`(first: UInt8) {
    #expect(throws: Malformation.length) { try parsing([first] + packet.dropFirst(), IPv4Header.init(parsing:)) }
  }

  @Test(arguments: 0..<24)
  func `A total length below the header's contradicts itself`(totalLength: UInt8) {
    var bytes = withOptions
    bytes[2...3] = [0, totalLength]
    #expect(throws: Malformation.length) { try parsing(bytes, IPv4Header.init(parsing:)) }
  }

  @Test func `A header without payload is a packet`() throws {
    var bytes = golden
    bytes[3] = 20
    #expect(try parsing(bytes, IPv4Header.init(parsing:)).totalLength == 20)
  }

  @Test(arguments: [
    (0x0000, false), (0x4000, false), (0x8000, false), (0xC000, false),
    (0x2000, true), (0x0001, true), (0x1FFF, true), (0x6000, true), (0x4001, true),
  ])
  func `A fragment is a packet with more to follow or some before`(field: Int, isFragment: Bool) {
    #expect(IPv4Header.Fragment(rawValue: UInt16(field)).isFragment == isFragment)
  }

  @Test func `Random headers survive the way out and back, and their checksum sums to zero`() throws {
    let seed = SplitMix64.freshSeed()
    var random = SplitMix64(seed: seed)
    for _ in 0..<5_000 {
      let header = IPv4Header.random(using: &random)
      let bytes = emitting(Int(header.totalLength), header.emit(into:))
      #expect(try parsing(bytes, IPv4Header.init(parsing:)) == header, "seed \(seed)")
      #expect(internetChecksum(Array(bytes.prefix(20))) == 0, "seed \(seed)")
    }
  }
}

extension IPv4Header {
  fileprivate static func random(using random: inout SplitMix64) -> IPv4Header {
    IPv4Header(
      trafficClass: UInt8(truncatingIfNeeded: random.next()), totalLength: UInt16(20 + random.below(200)),
      identification: UInt16(truncatingIfNeeded: random.next()),
      fragment: Fragment(rawValue: UInt16(truncatingIfNeeded: random.next())),
      timeToLive: UInt8(truncatingIfNeeded: random.next()),
      transportProtocol: TransportProtocol(rawValue: UInt8(truncatingIfNeeded: random.next())),
      source: IPv4Address(bits: UInt32(truncatingIfNeeded: random.next())),
      destination: IPv4Address(bits: UInt32(truncatingIfNeeded: random.next())))
  }
}
