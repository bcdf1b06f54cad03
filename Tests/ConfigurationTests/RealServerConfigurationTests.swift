// SPDX-License-Identifier: MIT
import Configuration
import DataPlane
import TestSupport
import Testing
import Wire

@Suite struct `The file of a real server` {
  private static let text = """
    interface: eth0
    virtual-addresses: [203.0.113.80, "2001:db8:f::80"]
    directors: 192.0.2.10
    encapsulation: gue
    services: [80, 53/udp]

    """

  private static func problems(_ text: String) -> [String] {
    do {
      _ = try RealServerConfiguration.read(text: text, file: "real.yaml")
      return []
    } catch {
      return error.problems.map { "\($0)".replacing("real.yaml:", with: "", maxReplacements: 1) }
    }
  }

  @Test func `is read`() throws {
    let configuration = try RealServerConfiguration.read(text: Self.text, file: "real.yaml")
    let expected = RealServerConfiguration(
      interface: "eth0", virtualAddresses: ["203.0.113.80/32", "2001:db8:f::80/128"].compactMap { IPPrefix($0) },
      directors: ["192.0.2.10/32"].compactMap { IPPrefix($0) }, encapsulation: .gue,
      services: [.init("tcp", 80), .init("udp", 53)])
    #expect(configuration == expected)
  }

  @Test func `is written in one form`() throws {
    let text = """
      interface: eth0.7
      virtual-addresses: [203.0.113.64/28, "2001:db8:f::80"]
      directors: [192.0.2.0/28, "2001:db8:a::10"]
      encapsulation: gre
      key: 7
      mtu: 1400
      decapsulate: bpf
      local: [10.1.0.11, "2001:db8:b::11"]
      services: [80/tcp, 443/udp]
      bpffs: "/sys/fs/bpf"

      """
    #expect(try RealServerConfiguration.read(text: text, file: "real.yaml").yaml == text)
  }

  @Test func `reading what was printed gives the same`() throws {
    let seed = SplitMix64.freshSeed()
    print("seed \(seed)")
    var random = SplitMix64(seed: seed)
    for _ in 0..<300 {
      let configuration = RealServerConfiguration.random(using: &random)
      #expect(try RealServerConfiguration.read(text: configuration.yaml, file: "real.yaml") == configuration)
    }
  }

  @Test(arguments: [
    ("interface", "dev", #"1:1: unknown key "dev" in the file; did you mean "interface"?"#),
    ("virtual-addresses", "vips", #"2:1: unknown key "vips" in the file; did you mean "virtual-addresses"?"#),
    ("directors", "direktors", #"3:1: unknown key "direktors" in the file; did you mean "directors"?"#),
    ("encapsulation", "tunnel", #"4:1: unknown key "tunnel" in the file; did you mean "encapsulation"?"#),
    ("services", "weight", #"5:1: unknown key "weight" in the file"#),
    (
      "gue", "geu",
      #"4:16: "encapsulation" of the file must be ipip, gre, gue, fou or l2, not "geu"; did you mean "gue"?"#
    ),
    (
      "192.0.2.10", "192.0.2.10/24",
      """
      3:12: "directors" of the file must be one address, or a prefix whose bits after the first 24 are zero, \
      not "192.0.2.10/24"; did you mean "192.0.2.0/24"?
      """
    ),
    (
      "192.0.2.10", "lb1",
      """
      3:12: "directors" of the file must be an address such as 192.0.2.1 or 2001:db8::1, not "lb1"; names are not \
      looked up
      """
    ),
    (
      "192.0.2.10", "203.0.113.80",
      """
      3:12: "directors" of the file is 203.0.113.80, which stands at 2:21 already: virtual addresses, directors and \
      local addresses all differ
      """
    ),
    ("gue", "gue\nkey: 7", #"5:1: "key" of the file is for gre, not gue: write "encapsulation: gre" or leave it out"#),
    (
      "gue", "ipip\nport: 80",
      """
      5:1: "port" of the file is the UDP port of a tunnel, for gue and fou, not ipip: what the host serves is \
      "services"
      """
    ),
    ("gue", "l2", #"3:1: "directors" of the file is for tunnels: l2 has none, so leave it out"#),
    ("gue", "gue\nmtu: 90", #"5:6: "mtu" of the file must be a number from 576 to 65535, not "90""#),
    (
      "gue", "gue\ndecapsulate: xdp",
      #"5:14: "decapsulate" of the file must be auto, kernel or bpf, not "xdp""#
    ),
    (
      "53/udp", "udp/53",
      #"5:16: service 2 of the file must be a port such as 80, 80/tcp or 53/udp, not "udp/53"; did you mean "53/udp"?"#
    ),
    ("53/udp", "80/tcp", "5:16: service 2 of the file is 80/tcp, which stands in the list already"),
    (
      "services: [80, 53/udp]", "bpffs: bpf",
      #"5:8: "bpffs" of the file must be a path from the root, such as /sys/fs/bpf, not "bpf""#
    ),
  ])
  func `is refused with the place of each mistake`(old: String, new: String, message: String) {
    #expect(Self.problems(Self.text.replacing(old, with: new, maxReplacements: 1)).contains(message))
  }

  @Test func `is refused with all of its mistakes at once`() {
    #expect(
      Self.problems("interfac: eth0\ndirectors: [192.0.2.10]\nencapsulation: l3\n") == [
        #"1:1: the file has no "interface""#, #"1:1: the file has no "virtual-addresses""#,
        #"1:1: unknown key "interfac" in the file; did you mean "interface"?"#,
        #"3:16: "encapsulation" of the file must be ipip, gre, gue, fou or l2, not "l3"; did you mean "l2"?"#,
      ])
    #expect(
      Self.problems("") == [#"1:1: the file is empty; it needs "interface", "virtual-addresses" and "directors""#])
  }
}

extension SplitMix64 {
  /// The value, or nil as often.
  fileprivate mutating func chance<Value>(_ value: Value) -> Value? { Bool.random(using: &self) ? value : nil }

  fileprivate mutating func prefixes(_ texts: [String]) -> [IPPrefix] {
    Array(texts.shuffled(using: &self).prefix(Int.random(in: 1...texts.count, using: &self))).compactMap {
      IPPrefix($0)
    }
  }
}

extension RealServerConfiguration {
  /// Any that can be read.
  fileprivate static func random(using random: inout SplitMix64) -> RealServerConfiguration {
    let encapsulation = [Encapsulation.ipip, .gre, .gue, .fou, .l2].randomElement(using: &random) ?? .ipip
    var configuration = RealServerConfiguration(
      interface: ["eth0", "bond0.12", "wan-1", "a\"b\\c", "123"].randomElement(using: &random) ?? "eth0",
      virtualAddresses: random.prefixes(["203.0.113.80", "203.0.113.64/28", "2001:db8:f::80", "2001:db8:f::/64"]),
      encapsulation: encapsulation)
    let ports = [ListeningPort("tcp", 80), ListeningPort("udp", UInt16.random(in: 1...UInt16.max, using: &random))]
    configuration.services = random.chance(ports) ?? []
    configuration.bpffs = random.chance("/run/\"bpf\" 1")
    guard encapsulation != .l2 else { return configuration }
    configuration.directors = random.prefixes(["192.0.2.10", "192.0.2.0/28", "2001:db8:a::10"])
    configuration.local = random.chance(["10.0.0.2", "2001:db8::2"].compactMap { IPAddress($0) }) ?? []
    configuration.decapsulation = Decapsulation.allCases.randomElement(using: &random) ?? .auto
    configuration.mtu = UInt32.random(in: 576...65_535, using: &random)
    if encapsulation == .gre { configuration.key = UInt32.random(in: 0...UInt32.max, using: &random) }
    if encapsulation.isOverUDP { configuration.port = UInt16.random(in: 1...UInt16.max, using: &random) }
    return configuration
  }
}
