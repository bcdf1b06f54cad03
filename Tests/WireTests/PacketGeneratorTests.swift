// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Wire

@Suite struct PacketGeneratorTests {
  private let services: [PacketGenerator.Service] = [("203.0.113.80", 80, .tcp), ("203.0.113.53", 53, .udp)]

  @Test func `The same seed gives the same frames`() {
    var one = PacketGenerator(seed: 1, services: services)
    var other = PacketGenerator(seed: 1, services: services)
    var third = PacketGenerator(seed: 2, services: services)
    let frames = (0..<1_000).map { _ in one.next() }
    #expect(frames == (0..<1_000).map { _ in other.next() })
    #expect(frames != (0..<1_000).map { _ in third.next() })
  }

  @Test func `A buffer is filled with what next gives`() {
    var one = PacketGenerator(seed: 3, services: services)
    var other = PacketGenerator(seed: 3, services: services)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: PacketGenerator.largestFrame, alignment: 4)
    defer { buffer.deallocate() }
    for _ in 0..<1_000 {
      let count = one.fill(buffer)
      #expect(Array(buffer[..<count]) == other.next())
    }
  }

  @Test func `A quarter of a million frames hold something of everything, most with right checksums`() {
    let seed = SplitMix64.freshSeed()
    var generator = PacketGenerator(seed: seed, services: services)
    var census = Census()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: PacketGenerator.largestFrame, alignment: 4)
    defer { buffer.deallocate() }
    let time = ContinuousClock().measure {
      for number in 0..<250_000 {
        let count = generator.fill(buffer)
        if number.isMultiple(of: 25) { census.note(Array(buffer[..<count])) }
      }
    }
    print("PacketGenerator: seed \(seed), 250,000 frames in \(time), of 10,000: \(census)")
    #expect(census.whole > 4_000 && census.wrongChecksums < census.whole / 8, "seed \(seed)")
    #expect(census.malformed > 500 && census.fragments > 100 && census.withOptions > 300, "seed \(seed)")
    #expect(census.lengths.isSuperset(of: 1..<128), "seed \(seed)")
  }

  @Test func `No frame is shorter than was asked for`() {
    var generator = PacketGenerator(seed: 4, services: services)
    generator.shortestFrame = 14
    #expect((0..<5_000).allSatisfy { _ in generator.next().count >= 14 })
  }
}

/// What there is among frames.
private struct Census: CustomStringConvertible {
  var whole = 0
  var wrongChecksums = 0
  var malformed = 0
  var fragments = 0
  var withOptions = 0
  var lengths: Set<Int> = []

  var description: String {
    "\(whole) whole (\(wrongChecksums) with a wrong checksum), \(malformed) malformed, \(fragments) fragments, "
      + "\(withOptions) with options, \(lengths.count) lengths"
  }

  mutating func note(_ frame: [UInt8]) {
    lengths.insert(frame.count)
    guard frame.count >= 14, frame[12...13] == [8, 0] else { return }
    let packet = Array(frame.dropFirst(14))
    guard let ip = try? parsing(packet, IPv4Header.init(parsing:)) else { return malformed += 1 }
    if ip.fragment.isFragment { return fragments += 1 }
    if ip.headerLength > 20 { withOptions += 1 }
    guard ip.transportProtocol == .tcp || ip.transportProtocol == .udp else { return }
    whole += 1
    if !checksumsAreRight(in: Array(packet.prefix(Int(ip.totalLength))), ip) { wrongChecksums += 1 }
  }

  private func checksumsAreRight(in packet: [UInt8], _ ip: IPv4Header) -> Bool {
    let segment = packet.dropFirst(ip.headerLength)
    let pseudoHeader =
      ip.source.bits.octets + ip.destination.bits.octets + [0, ip.transportProtocol.rawValue]
      + UInt16(segment.count).octets
    return internetChecksum(Array(packet.prefix(ip.headerLength))) == 0
      && internetChecksum(pseudoHeader + segment) == 0
  }
}
