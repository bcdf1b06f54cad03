// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Wire

@Suite struct PacketGeneratorTests {
  typealias Kind = PacketGenerator.Kind

  static let services: [PacketGenerator.Service] = [
    (.v4("203.0.113.80"), 80, .tcp), (.v4("203.0.113.53"), 53, .udp), (.v6("2001:db8:5::80"), 80, .tcp),
    (.v6("2001:db8:5::53"), 53, .udp), (.v4("203.0.113.80"), 5060, TransportProtocol(rawValue: 132)),
    (.v6("2001:db8:5::80"), 5060, TransportProtocol(rawValue: 132)),
    (.v4("203.0.113.50"), 0, TransportProtocol(rawValue: 50)),
    (.v6("2001:db8:5::50"), 0, TransportProtocol(rawValue: 50)),
  ]

  private func generator(seed: UInt64) -> PacketGenerator { PacketGenerator(seed: seed, services: Self.services) }

  @Test func `The same seed gives the same frames`() {
    var one = generator(seed: 1)
    var other = generator(seed: 1)
    var third = generator(seed: 2)
    let frames = (0..<1_000).map { _ in one.next() }
    #expect(frames == (0..<1_000).map { _ in other.next() })
    #expect(frames != (0..<1_000).map { _ in third.next() })
  }

  @Test func `A buffer is filled with what next gives, whatever was in it`() {
    var one = generator(seed: 3)
    var other = generator(seed: 3)
    one.shortestFrame = 100
    other.shortestFrame = 100
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: PacketGenerator.largestFrame, alignment: 4)
    defer { buffer.deallocate() }
    buffer.initializeMemory(as: UInt8.self, repeating: 0xA5)
    for _ in 0..<1_000 {
      let count = one.fill(buffer)
      #expect(Array(buffer[..<count]) == other.next())
    }
  }

  @Test func `No frame is shorter than was asked for, and none longer than said`() {
    var generator = generator(seed: 4)
    generator.shortestFrame = 14
    #expect((0..<5_000).allSatisfy { _ in 14...PacketGenerator.largestFrame ~= generator.next().count })
  }

  @Test func `A service without ports is enough`() {
    let only: PacketGenerator.Service = (.v6("2001:db8::1"), 0, TransportProtocol(rawValue: 50))
    var generator = PacketGenerator(seed: 5, services: [only])
    #expect((0..<5_000).contains { _ in Dissection(generator.next())?.packet.protocolNumber == 50 })
  }

  @Test func `Frames hold every kind of either family, with right checksums unless damaged`() {
    let seed = SplitMix64.freshSeed()
    var generator = generator(seed: seed)
    var census: [Kind: [UInt8: Int]] = [:]
    var lengths: Set<Int> = []
    for _ in 0..<20_000 {
      let frame = generator.next()
      lengths.insert(frame.count)
      let dissection = Dissection(frame)
      census[generator.kind, default: [:]][dissection?.packet.version ?? 0, default: 0] += 1
      guard !generator.kind.isDamaged else { continue }
      guard let dissection else {
        Issue.record("\(generator.kind), seed \(seed): no packet in\n\(dump(frame))")
        continue
      }
      check(dissection, generator.kind, "\(generator.kind), seed \(seed):\n\(dump(frame))")
    }
    for kind in Kind.allCases where !kind.isDamaged {
      #expect(census[kind]?[4] ?? 0 > 20 && census[kind]?[6] ?? 0 > 20, "\(kind), seed \(seed)")
    }
    #expect(census.keys.count == Kind.allCases.count, "seed \(seed)")
    #expect(census[.lengthLie]?[0] ?? 0 > 100 && census[.truncated]?[0] ?? 0 > 100, "seed \(seed)")
    #expect(lengths.isSuperset(of: 40..<160), "seed \(seed)")
  }

  /// Whether a frame is what its kind says.
  private func check(_ dissection: Dissection, _ kind: Kind, _ comment: Comment) {
    let packet = dissection.packet
    #expect(packet.headerSum == 0, comment)
    #expect(packet.fragment != nil || packet.payloadChecksumIsRight(packet.payload), comment)
    #expect(dissection.tags.isEmpty == (kind != .tagged), comment)
    switch kind {
    case .options: #expect(packet.optionsLength > 0 || packet.extensions == [60], comment)
    case .extensions:
      #expect(packet.version == 4 ? packet.extensions == [51] : 1...8 ~= packet.extensions.count, comment)
    case .fragment: #expect(packet.fragment != nil, comment)
    case .query, .icmpError: #expect(packet.protocolNumber == (packet.version == 4 ? 1 : 58), comment)
    case .encapsulated: #expect([4, 17, 41, 47].contains(packet.protocolNumber), comment)
    case .spoofed: #expect(Self.addresses.contains(packet.source), comment)
    case .valid, .padding, .tunnelLimit: #expect(Self.keys.contains(key(of: packet)), comment)
    default: break
    }
  }

  private static let addresses = Set(services.map { $0.address.octets })
  private static let keys = Set(services.map { $0.address.octets + $0.port.octets + [$0.protocol.rawValue] })

  /// Address, port and protocol, as of a service.
  private func key(of packet: DissectedPacket) -> [UInt8] {
    packet.destination + (packet.protocolNumber == 50 ? 0 : packet.destinationPort).octets + [packet.protocolNumber]
  }
}

extension IPAddress {
  fileprivate var octets: [UInt8] {
    switch self {
    case .v4(let address): address.bits.octets
    case .v6(let address): address.high.octets + address.low.octets
    }
  }
}
