// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Wire

/// What stands inside of the less simple kinds of frames.
@Suite struct PacketGeneratorDetailTests {
  private let seed = SplitMix64.freshSeed()

  /// The frames of one kind among 50,000.
  private func frames(of kind: PacketGenerator.Kind) -> [[UInt8]] {
    var generator = PacketGenerator(seed: seed, services: PacketGeneratorTests.services)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: PacketGenerator.largestFrame, alignment: 4)
    defer { buffer.deallocate() }
    return (0..<50_000).compactMap { _ in
      let count = generator.fill(buffer)
      return generator.kind == kind ? Array(buffer[..<count]) : nil
    }
  }

  @Test func `Pieces of a datagram come in any order and make it`() {
    struct Datagram: Hashable {
      let source: [UInt8]
      let destination: [UInt8]
      let identification: UInt32
      let protocolNumber: UInt8
    }
    var pieces: [Datagram: [Int: DissectedPacket]] = [:]
    var order: [Int] = []
    for packet in frames(of: .fragment).compactMap({ Dissection($0)?.packet }) {
      let datagram = Datagram(
        source: packet.source, destination: packet.destination, identification: packet.identification,
        protocolNumber: packet.protocolNumber)
      pieces[datagram, default: [:]][packet.fragment?.offset ?? 0] = packet
      order.append(packet.fragment?.offset ?? 0)
    }
    #expect(pieces.count == 8 * PacketGeneratorTests.services.count, "seed \(seed)")
    #expect(Set(order) == [0, 256, 512] && order != order.sorted(), "seed \(seed)")
    for (datagram, pieces) in pieces {
      #expect(pieces.values.filter { $0.fragment?.more == true }.count == 2, "\(datagram), seed \(seed)")
      let whole = pieces.sorted { $0.key < $1.key }.flatMap(\.value.payload)
      #expect(pieces[0]?.payloadChecksumIsRight(whole) == true, "\(datagram), seed \(seed)")
    }
  }

  @Test func `ICMP errors quote what a service sent, eight bytes of its transport, more and less`() {
    var shares: [String: Int] = [:]
    for frame in frames(of: .icmpError) {
      guard let error = Dissection(frame)?.packet else { continue }
      shares["type \(error.version) \(error.payload[0])", default: 0] += 1
      guard let quoted = DissectedPacket(Array(error.payload.dropFirst(8)), isQuoted: true) else {
        shares["nonsense", default: 0] += 1
        continue
      }
      shares["from the address", default: 0] += quoted.source == error.destination ? 1 : 0
      shares[quoted.payload.count < 8 ? "less" : quoted.payload.count == 8 ? "eight" : "more", default: 0] += 1
    }
    for share in ["nonsense", "less", "eight", "more"] + [3, 11, 12].map({ "type 4 \($0)" })
      + (1...4).map({ "type 6 \($0)" })
    {
      #expect(shares[share] ?? 0 > 50, "\(share), seed \(seed)")
    }
    #expect(shares["from the address"] ?? 0 > 2_000, "seed \(seed)")
  }

  @Test func `Tunnels are of every kind and family, and what they carry is sound`() {
    var shares: [String: Int] = [:]
    for frame in frames(of: .encapsulated) {
      guard let outer = Dissection(frame)?.packet else { continue }
      let length = tunnelHeaderLength(of: outer)
      let inner = DissectedPacket(Array(outer.payload.dropFirst(length)))
      #expect(inner?.checksumsAreRight == true, "seed \(seed):\n\(dump(frame))")
      shares["\(inner?.version ?? 0) in \(outer.version), \(outer.protocolNumber) and \(length) bytes", default: 0] += 1
    }
    #expect(shares.count == 2 * 2 * 5 && shares.values.allSatisfy { $0 > 20 }, "\(shares), seed \(seed)")
  }

  /// GUE's first byte has variant 0 in its upper bits, an IP header's is the variant 1 or 3 there.
  private func tunnelHeaderLength(of outer: DissectedPacket) -> Int {
    switch outer.protocolNumber {
    case 17: outer.payload[8] == 0 ? 12 : 8
    case 47: outer.payload[0] == 0x20 ? 8 : 4
    default: 0
    }
  }

  @Test func `Tags are one, two, and such as only tell the priority`() {
    let frames = frames(of: .tagged)
    let tags = Set(frames.compactMap { Dissection($0)?.tags })
    #expect(tags == [[0x8100], [0x88A8, 0x8100]], "seed \(seed)")
    #expect(frames.contains { $0[14] & 0xF == 0 && $0[15] == 0 }, "seed \(seed)")
  }

  @Test func `Lengths surround the limits of every tunnel`() {
    let lengths = Set(frames(of: .tunnelLimit).map { $0.count - 14 })
    for overhead in [0, 20, 24, 28, 32, 40, 44, 48, 52] {
      #expect(lengths.isSuperset(of: 1498 - overhead...1502 - overhead), "overhead \(overhead), seed \(seed)")
    }
  }

  @Test func `Chains of extension headers are one to eight long`() {
    let counts = Set(frames(of: .extensions).compactMap { Dissection($0)?.packet.extensions.count })
    #expect(counts == Set(1...8), "seed \(seed)")
  }

  /// The time is printed, and no matter of right or wrong.
  @Test func `A quarter of a million frames are mostly short`() {
    var generator = PacketGenerator(seed: seed, services: PacketGeneratorTests.services)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: PacketGenerator.largestFrame, alignment: 4)
    defer { buffer.deallocate() }
    var bytes = 0
    let time = ContinuousClock().measure { for _ in 0..<250_000 { bytes += generator.fill(buffer) } }
    print("PacketGenerator: seed \(seed), 250,000 frames of \(bytes) bytes in \(time)")
    #expect(100...400 ~= bytes / 250_000, "seed \(seed)")
  }
}
