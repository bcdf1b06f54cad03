// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Testing
import Wire

/// A service and its clients.
private struct Flows {
  var service: IPv6Address = "::ffff:203.0.113.80"
  var port: UInt16 = 80
  var seed: UInt32 = 0x1234_5678

  func hash(_ client: IPv6Address, _ clientPort: UInt16) -> UInt64 {
    let flow = FlowTuple(
      client: client, clientPort: clientPort, address: service, port: port, transportProtocol: .tcp)
    return FlowHash.of(flow, seed: seed)
  }

  func slot(_ client: IPv6Address, _ clientPort: UInt16) -> Int {
    Int(FlowHash.slot(hash(client, clientPort)))
  }
}

/// Clients as they come, and how the flow of a number looks.
struct ClientPattern: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let flow: @Sendable (Int) -> (client: IPv6Address, port: UInt16)

  private init(_ description: String, _ flow: @escaping @Sendable (Int) -> (client: IPv6Address, port: UInt16)) {
    self.testDescription = description
    self.flow = flow
  }

  private static func mapped(_ bits: Int) -> IPv6Address {
    IPv6Address(mapping: IPv4Address(bits: UInt32(truncatingIfNeeded: bits)))
  }

  static let all = [
    ClientPattern("few clients, sequential ports") { number in
      (mapped(0xC633_6400 | number >> 14), UInt16(0x8000 | number & 0x3FFF))
    },
    ClientPattern("one /24, ports from 32,768 in steps of two") { number in
      (mapped(0xC633_6400 | number & 0xFF), UInt16(0x8000 | (number >> 8 & 0x3FFF) << 1))
    },
    ClientPattern("one client in each /16, a few ports") { number in
      (mapped((number & 0xFFFF) << 16 | 0x0101), UInt16(1024 | number >> 16 & 0x3FF))
    },
    ClientPattern("one client in each /24, one port") { number in (mapped(number << 8 | 1), 40_000) },
    ClientPattern("neighbours, one port") { number in (mapped(0x0A00_0000 | number), 40_000) },
    ClientPattern("IPv6 clients that differ in the last bytes") { number in
      (IPv6Address(high: 0x2001_0DB8_0001_0002, low: 0x0200_5EFF_FE00_0000 | UInt64(number)), 40_000)
    },
    ClientPattern("IPv6 clients that differ in the network") { number in
      (IPv6Address(high: 0x2001_0DB8_0000_0000 | UInt64(number), low: 1), 40_000)
    },
    ClientPattern("IPv6 clients whose networks and hosts count alike") { number in
      (IPv6Address(high: UInt64(number & 0x7FF), low: UInt64(number >> 11)), 40_000)
    },
  ]
}

@Suite struct FlowHashTests {
  private let flows = Flows()

  /// Every director of a service computes these: a change of any strands flows while directors are upgraded. The numbers
  /// are those of an implementation in Python.
  @Test func `Hashes and slots are pinned`() {
    #expect(flows.hash("::ffff:198.51.100.7", 40_000) == 0x55CB_0187_88BF_5693)
    #expect(flows.slot("::ffff:198.51.100.7", 40_000) == 21_963)
    #expect(flows.hash("2001:db8::7", 40_000) == 0x99AA_5B30_8C17_7880)
    #expect(flows.slot("2001:db8::7", 40_000) == 39_338)
    let other = Flows(service: "2001:db8::80", port: 443, seed: 0)
    #expect(other.hash("::", 0) == 0xD2CD_7C5F_DB29_6DA4)
    #expect(other.slot("::", 0) == 53_966)
  }

  @Test func `Slots reach from the first to the last`() {
    #expect(FlowHash.slot(0) == 0)
    #expect(FlowHash.slot(.max) == 65_536)
    #expect(FlowHash.slot(0x8000_0000_0000_0000) == 32_768)
    #expect(FlowHash.slot(0xFFFF_FFFF) == 0)
  }

  /// 65,536 degrees of freedom: the statistic's mean is that, its deviation 362. Six of those either way are chance in
  /// one of a thousand million; the patterns are fixed, so that the test is not of chance at all.
  @Test(arguments: ClientPattern.all)
  func `Slots get equal shares of flows, whoever the clients are`(pattern: ClientPattern) {
    let count = 1 << 20
    var tally = [Int32](repeating: 0, count: slotCount)
    for number in 0..<count {
      let (client, port) = pattern.flow(number)
      tally[flows.slot(client, port)] += 1
    }
    let expected = Double(count) / Double(slotCount)
    let squares = tally.reduce(into: 0.0) { $0 += (Double($1) - expected) * (Double($1) - expected) }
    #expect(abs(squares / expected - 65_536) < 6 * 362, "chi-square \(squares / expected)")
  }

  @Test(arguments: ClientPattern.all)
  func `No two of a quarter of a million flows hash alike`(pattern: ClientPattern) {
    let count = 1 << 18
    let hashes = Set(
      (0..<count).map { number in
        let (client, port) = pattern.flow(number)
        return flows.hash(client, port)
      })
    #expect(hashes.count == count)
  }

  /// Of all bits of a flow, each flips each of the slot-deciding upper 32 bits half the time.
  @Test func `Every bit of a flow reaches every bit that decides the slot`() {
    var random = SplitMix64(seed: 7)
    let rounds = 2_000
    var flips = [[Int]](repeating: Array(repeating: 0, count: 32), count: 144)
    for _ in 0..<rounds {
      let client = IPv6Address(high: random.next(), low: random.next())
      let port = UInt16(truncatingIfNeeded: random.next())
      let hash = flows.hash(client, port)
      for bit in 0..<144 {
        let changed = hash ^ flippedHash(client, port, bit)
        for place in 0..<32 { flips[bit][place] += Int(changed >> UInt64(32 + place) & 1) }
      }
    }
    let rates = flips.joined().map { Double($0) / Double(rounds) }
    // 4608 rates with a deviation of 0.0112: six of them leave chance out.
    #expect(rates.allSatisfy { abs($0 - 0.5) < 0.067 }, "\(rates.min() ?? 0) to \(rates.max() ?? 0)")
  }

  private func flippedHash(_ client: IPv6Address, _ port: UInt16, _ bit: Int) -> UInt64 {
    switch bit {
    case 0..<64: flows.hash(IPv6Address(high: client.high, low: client.low ^ 1 << UInt64(bit)), port)
    case 64..<128: flows.hash(IPv6Address(high: client.high ^ 1 << UInt64(bit - 64), low: client.low), port)
    default: flows.hash(client, port ^ 1 << UInt16(bit - 128))
    }
  }

  @Test func `Seed, service and port each change the slots of most clients`() {
    let others = [
      Flows(seed: 0x1234_5679), Flows(service: "::ffff:203.0.113.81"), Flows(service: "2001:db8::80"), Flows(port: 81),
    ]
    for other in others {
      let same = (0..<10_000).count { number in
        let client = IPv6Address(mapping: IPv4Address(bits: 0x0A00_0000 | UInt32(number)))
        return flows.slot(client, 40_000) == other.slot(client, 40_000)
      }
      #expect(same < 10)
    }
  }
}
