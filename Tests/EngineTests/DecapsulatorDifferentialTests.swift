// SPDX-License-Identifier: MIT
import BPF
import DataPlane
import KernelEngine
import TestSupport
import Testing
import Wire

/// The decapsulator is one source compiled twice, too.
@Suite(.enabled(if: (try? Decapsulator(scene)) != nil, "needs root, and a kernel that loads BPF programs"))
struct DecapsulatorDifferentialTests {
  @Test func `The kernel and this process make the same of every frame`() throws {
    let seed = SplitMix64.freshSeed()
    let packets = PacketGenerator.packetCount
    print("DecapsulatorDifferentialTests: seed \(seed), \(packets) packets")
    var random = SplitMix64(seed: seed)
    var generator = PacketGenerator(
      seed: seed, services: [(.v4("203.0.113.80"), 53, .udp), (.v6("2001:db8:f::80"), 80, .tcp)])
    generator.shortestFrame = 14
    let decapsulator = try Decapsulator(scene)
    var runner = try decapsulator.runner()
    var host = HostEnvironment()
    for _ in 0..<packets {
      let frame = encapsulated(generator.next(), &random)
      host.receive(frame)
      let verdict = decapsulate(&host)
      let result = try runner.run(frame.span.bytes)
      try #require(result.returnValue == (verdict.isDrop ? 1 : 2), "seed \(seed): \(verdict)\n\(dump(frame))")
      try #require(runner.copyOutput() == host.frame, "seed \(seed): \(verdict)\n\(dump(frame))")
    }
    #expect(try decapsulator.counters().filter { $0.value != 0 } == host.verdicts)
    #expect(host.verdicts[.decapsulated, default: 0] > packets / 10)
    #expect(host.verdicts.count >= 11, "\(host.verdicts)")
  }

  /// The client's packet in any encapsulation, as a rule whole, from a director as a rule.
  private func encapsulated(_ frame: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    guard frame.count > 14, random.below(16) != 0 else { return frame }
    let isIPv6 = frame[14] >> 4 == 6
    let inner = Array(frame.dropFirst(14))
    var link = PacketBuilder().ethernet()
    for tag in 0..<random.below(3) { link = link.vlan(id: UInt16(tag)) }
    var bytes = shim(outer(link, isIPv6, &random), isIPv6, &random).raw(inner).bytes
    if random.below(4) == 0 { bytes[random.below(min(bytes.count, 110))] ^= 1 << UInt8(random.below(8)) }
    return random.below(16) == 0 ? Array(bytes.prefix(max(14, random.below(bytes.count)))) : bytes
  }

  private func outer(_ link: PacketBuilder, _ isIPv6: Bool, _ random: inout SplitMix64) -> PacketBuilder {
    let mark = UInt8(random.below(4))
    if random.below(2) == 0 {
      return link.ipv4(
        from: random.below(16) == 0 ? "192.0.2.66" : "192.0.2.10", to: "10.0.0.2", trafficClass: mark,
        fragment: random.below(32) == 0 ? 0x2000 : 0x4000, options: Array(repeating: 1, count: random.below(3) * 20),
        protocolNumber: [nil, nil, 4, 41][random.below(4)])
    }
    var header = link.ipv6(from: "fd00::1", to: "fd00::2", trafficClass: mark, nextHeader: nil)
    let inner: UInt8 = isIPv6 ? 41 : 4
    switch random.below(6) {
    case 0: header = header.hopByHop().destinationOptions(options: Array(repeating: 0, count: 22))
    case 1: header = header.authentication(nextHeader: random.below(2) == 0 ? inner : nil)
    case 2:
      header = header.routing().ipv6Fragment(
        identification: 1, offset: 8 * random.below(2), more: random.below(4) == 0,
        nextHeader: random.below(2) == 0 ? inner : nil)
    case 3: header = link.ipv6(from: "fd00::1", to: "fd00::2", trafficClass: mark, nextHeader: inner)
    default: break
    }
    return header
  }

  private func shim(_ header: PacketBuilder, _ isIPv6: Bool, _ random: inout SplitMix64) -> PacketBuilder {
    let type: UInt16 = isIPv6 ? 0x86DD : 0x0800
    switch random.below(5) {
    case 0: return header
    case 1: return header.gre(type: type)
    case 2: return header.gre(type: type, key: random.below(8) == 0 ? 6 : 7)
    case 3: return header.udp(from: 50_000, to: 6080, checksum: 0)
    default: return header.udp(from: 50_000, to: 6080, checksum: 0).gue(protocolNumber: isIPv6 ? 41 : 4)
    }
  }
}

private let scene = AllowList(
  endpoints: [.v4("10.0.0.2"), .v6("fd00::2")],
  directors: [(IPAddress.v4("192.0.2.0"), 27), (.v6("fd00::1"), 128)].compactMap { IPPrefix(address: $0, length: $1) },
  virtualAddresses: [(IPAddress.v4("203.0.113.80"), 32), (.v6("2001:db8:f::"), 48)].compactMap {
    IPPrefix(address: $0, length: $1)
  }, port: 6080)

/// The same list in a dictionary.
private struct HostEnvironment: DecapsulationEnvironment {
  private(set) var verdicts: [DecapsulationVerdict: UInt64] = [:]
  private var memory = PacketMemory([])
  let settings = DecapsulationSettings(prefixLengths: [128, 123, 48], port: 6080, key: nil)

  private let roles: [PrefixKey: AddressRole] = [
    PrefixKey("::ffff:10.0.0.2"): .endpoint, PrefixKey("fd00::2"): .endpoint,
    PrefixKey("::ffff:192.0.2.0", length: 123): .director, PrefixKey("fd00::1"): .director,
    PrefixKey("::ffff:203.0.113.80"): .virtualAddress, PrefixKey("2001:db8:f::", length: 48): .virtualAddress,
  ]

  mutating func receive(_ frame: [UInt8]) { memory = PacketMemory(frame) }

  var frame: [UInt8] { memory.bytes }
  var packet: PacketBytes { memory.packet }
  mutating func shrinkHead(by count: Int) -> Bool { memory.shrinkHead(by: count) }
  func role(of prefix: PrefixKey) -> AddressRole? { roles[prefix] }
  mutating func count(_ verdict: DecapsulationVerdict) { verdicts[verdict, default: 0] += 1 }
}
