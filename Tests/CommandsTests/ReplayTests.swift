// SPDX-License-Identifier: MIT
import Capture
import KernelEngine
import TestSupport
import Testing
import Wire

let canLoadPrograms: Bool = (try? KernelEngine()) != nil

@Suite struct `culvert replay` {
  private let files: TemporaryDirectory
  private let configuration: String

  init() throws {
    files = try TemporaryDirectory()
    configuration = try files.write(Examples.configuration, to: "c.yaml")
  }

  private func replay(_ arguments: String...) throws -> Ending {
    let files = ["--config", configuration, "--read", files.path(of: "in"), "--write", files.path(of: "out")]
    return try ChildProcess.culvert(["replay"] + files + arguments).ending()
  }

  /// A classic pcap file, written apart from `Capture`; the first packet came at second 1, fraction 2.
  private func pcap(
    _ packets: [[UInt8]], magic: UInt32 = 0xA1B2_C3D4, isBigEndian: Bool = false, missing: Int = 0
  ) -> [UInt8] {
    func bytes(_ number: some FixedWidthInteger) -> [UInt8] { isBigEndian ? number.octets : number.octets.reversed() }
    let header = bytes(magic) + bytes(2 as UInt16) + bytes(4 as UInt16) + bytes(0 as UInt64) + bytes(65_535 as UInt32)
    return packets.enumerated().reduce(into: header + bytes(1 as UInt32)) { file, packet in
      let length = packet.element.count
      file += bytes(UInt32(packet.offset + 1)) + bytes(UInt32(packet.offset + 2))
      file += bytes(UInt32(length)) + bytes(UInt32(length + missing)) + packet.element
    }
  }

  private func written() throws -> [CapturedPacket] {
    var reader = try CaptureReader(files.read("out"))
    var packets: [CapturedPacket] = []
    while let packet = try reader.next() { packets.append(packet) }
    return packets
  }

  private static let strangers: [[UInt8]] = [
    PacketBuilder().ethernet(type: 0x0806).raw(Array(repeating: 0, count: 28)).bytes,
    PacketBuilder().ethernet().ipv4(from: "198.51.100.7", to: "203.0.113.80").tcp(from: 40_001, to: 81).bytes,
    PacketBuilder().ethernet().ipv4(from: "203.0.113.53", to: "203.0.113.80").tcp(from: 1, to: 80).bytes,
    Examples.query(from: 1, payload: Array(repeating: 7, count: 1472)),
    [1, 2, 3],
  ]

  @Test(arguments: [(0xA1B2_C3D4, false), (0xA1B2_C3D4, true), (0xA1B2_3C4D, false), (0xA1B2_3C4D, true)])
  func `reads every variant of pcap, and writes the same one`(_ magic: UInt32, _ isBigEndian: Bool) throws {
    try files.write(pcap([Examples.syn(from: 40_001)], magic: magic, isBigEndian: isBigEndian), to: "in")
    #expect(try replay() == Ending(status: 0, output: "", errors: "1 packet: sent 1\n"))
    #expect(files.read("out").prefix(24).dropLast(8) == files.read("in").prefix(24).dropLast(8))
    let sent = try #require(try written().first)
    #expect(sent.seconds == 1)
    #expect(sent.fraction == 2)
  }

  @Test func `sends what a director sends`() throws {
    let (syn, query) = (Examples.syn(from: 40_002), Examples.query(from: 2))
    try files.write(pcap([syn, query]), to: "in")
    #expect(try replay().status == 0)
    let expected = [
      PacketBuilder().ethernet(from: "02:00:00:00:00:01", to: "02:00:0a:02:00:0b")
        .ipv4(from: "192.0.2.10", to: "10.2.0.11", fragment: 0x4000).gre().raw(Array(syn[14...])).bytes,
      PacketBuilder().ethernet(from: "02:00:00:00:00:01", to: "02:00:0a:01:00:0c")
        .ipv4(from: "192.0.2.10", to: "10.1.0.12", fragment: 0x4000, protocolNumber: 4).raw(Array(query[14...])).bytes,
    ]
    #expect(try written().map(\.bytes) == expected)
    #expect(try written().map(\.originalLength) == expected.map(\.count))
  }

  @Test func `tells the verdict on each packet`() throws {
    try files.write(pcap([Examples.syn(from: 40_002), Examples.query(from: 2)] + Self.strangers), to: "in")
    let ending = try replay("--json")
    #expect(
      ending.output == """
        {"address":"10.2.0.11","length":78,"packet":1,"server":"b1","verdict":"sent"}
        {"address":"10.1.0.12","length":69,"packet":2,"server":"a2","verdict":"sent"}
        {"packet":3,"verdict":"notIP"}
        {"packet":4,"verdict":"unconfiguredPort"}
        {"packet":5,"verdict":"spoofedSource"}
        {"packet":6,"verdict":"exceedsMTU"}
        {"packet":7,"verdict":"truncatedFrame"}

        """)
    #expect(
      ending.errors
        == "7 packets: sent 2, exceedsMTU 1, notIP 1, spoofedSource 1, truncatedFrame 1, unconfiguredPort 1\n")
    #expect(try written().count == 2)
  }

  @Test func `sends more where the way is wider`() throws {
    try files.write(pcap([Self.strangers[3]]), to: "in")
    #expect(try replay("--mtu", "1520").errors == "1 packet: sent 1\n")
  }

  @Test func `does not send a packet that was cut when it was captured`() throws {
    try files.write(pcap([Array(Examples.syn(from: 40_001).dropLast(8))], missing: 8), to: "in")
    #expect(try replay() == Ending(status: 0, output: "", errors: "1 packet: malformedIP 1\n"))
    #expect(try written() == [])
  }

  @Test func `takes a capture without packets`() throws {
    try files.write(pcap([]), to: "in")
    #expect(try replay() == Ending(status: 0, output: "", errors: "0 packets\n"))
    #expect(try written() == [])
  }

  @Test(arguments: [
    ([], "byte 0: the file ends in the file's header: 4 bytes are wanted and 0 are left"),
    (Array("director:".utf8), "byte 0: this is not a pcap file: it begins with the bytes 64 69 72 65"),
    ([0x0A, 0x0D, 0x0D, 0x0A], "byte 0: this is a pcapng file; convert it with: editcap -F pcap IN OUT"),
  ])
  func `refuses what is no capture, and writes nothing`(_ bytes: [UInt8], _ reason: String) throws {
    try files.write(bytes, to: "in")
    let ending = try replay()
    #expect(ending == Ending(status: 1, output: "", errors: "Error: \(files.path(of: "in")): \(reason)\n"))
    #expect(files.read("out") == [])
  }

  @Test func `names the file also where it breaks off later`() throws {
    try files.write(pcap([Examples.syn(from: 40_001)]).dropLast(), to: "in")
    let ending = try replay()
    #expect(ending.status == 1)
    #expect(ending.errors.hasPrefix("Error: \(files.path(of: "in")): byte 40: the file ends in a packet"))
    #expect(files.read("out") == [])
  }

  @Test func `says in one sentence that there is no capture`() throws {
    #expect(
      try replay()
        == Ending(
          status: 1, output: "", errors: "Error: cannot read \(files.path(of: "in")): No such file or directory\n"))
  }

  @Test func `agrees with culvert where`() throws {
    let ports = UInt16(40_000)..<40_008
    try files.write(pcap(ports.map { Examples.syn(from: $0) }), to: "in")
    for (line, port) in zip(try replay("--json").output.split(separator: "\n"), ports) {
      let answer = try culvert(
        "where", "198.51.100.7:\(port)", "203.0.113.80:80", "--config", configuration, "--json"
      ).output
      let server = try #require(["a1", "a2", "b1"].first { answer.contains("\"server\" : \"\($0)\"") })
      #expect(line.contains("\"server\":\"\(server)\""))
    }
  }

  @Test(.enabled(if: canLoadPrograms, "needs root, and a kernel that loads BPF programs"))
  func `gives the same file with both engines`() throws {
    try files.write(
      pcap((1...40).flatMap { [Examples.syn(from: $0), Examples.query(from: $0)] } + Self.strangers), to: "in")
    let userspace = try replay("--json", "--engine", "userspace")
    let file = files.read("out")
    #expect(try replay("--json", "--engine", "kernel") == userspace)
    #expect(files.read("out") == file)
    #expect(try written().count == 80)
  }
}
