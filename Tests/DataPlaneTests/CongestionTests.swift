// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Testing
import Wire

/// Explicit Congestion Notification at a tunnel's end.
@Suite struct CongestionTests {
  /// A row and a column of the table in RFC 6040, 4.2, and what stands there; nil for a dropped packet.
  struct Case: CustomTestStringConvertible, Sendable {
    let inner: ECN
    let outer: ECN
    let expected: ECN?

    var testDescription: String { "inner \(inner.rawValue), outer \(outer.rawValue)" }

    init(_ inner: ECN, _ outer: ECN, _ expected: ECN?) {
      self.inner = inner
      self.outer = outer
      self.expected = expected
    }
  }

  static let table: [Case] = [
    Case(.notECT, .notECT, .notECT), Case(.notECT, .ect0, .notECT), Case(.notECT, .ect1, .notECT),
    Case(.notECT, .ce, nil),
    Case(.ect0, .notECT, .ect0), Case(.ect0, .ect0, .ect0), Case(.ect0, .ect1, .ect1), Case(.ect0, .ce, .ce),
    Case(.ect1, .notECT, .ect1), Case(.ect1, .ect0, .ect1), Case(.ect1, .ect1, .ect1), Case(.ect1, .ce, .ce),
    Case(.ce, .notECT, .ce), Case(.ce, .ect0, .ce), Case(.ce, .ect1, .ce), Case(.ce, .ce, .ce),
  ]

  @Test func `The table is whole`() {
    #expect(Set(Self.table.map { [$0.inner, $0.outer] }).count == 16)
  }

  @Test(arguments: table, TestTunnel.all)
  func `Marks of the outer header go over to the client's packet as RFC 6040 says`(item: Case, tunnel: TestTunnel) {
    // The codepoint of DSCP is the inner header's own.
    let inner = ClientPacket.tcp.bytes(tunnel.inner, trafficClass: 0xB8 | item.inner.rawValue)
    let frame = tunnel.frame(tunnel.packet(inner, trafficClass: 0x48 | item.outer.rawValue), tags: [100])
    var environment = RealServerScene.environment()
    environment.receive(frame)
    let verdict = decapsulate(&environment)
    guard let expected = item.expected else {
      #expect(verdict == .congestionMark)
      #expect(environment.frame == frame)
      return
    }
    #expect(verdict == .decapsulated)
    // Built anew, with a checksum that was computed over all of the header.
    let marked = ClientPacket.tcp.bytes(tunnel.inner, trafficClass: 0xB8 | expected.rawValue)
    #expect(environment.frame == tunnel.frame(marked, tags: [100], isStripped: true))
  }

  @Test func `A checksum that follows a mark is that of the whole header`() {
    for identification in UInt16.min...UInt16.max {
      let header = IPv4Header(
        trafficClass: 2, totalLength: 40, identification: identification, fragment: .doNotFragment, timeToLive: 64,
        transportProtocol: .tcp, source: "198.51.100.7", destination: "203.0.113.80")
      var marked = header
      marked.trafficClass = 3
      var word: UInt16 = 0
      _ = emitting(IPv4Header.size) { bytes in
        header.emit(into: bytes)
        IPv4Header.mark(bytes, .ce)
        word = bytes.load(ChecksumField.checksum)
      }
      guard word == marked.checksum else {
        Issue.record("identification \(identification): \(word), not \(marked.checksum)")
        return
      }
    }
  }

  private enum ChecksumField: Int {
    case checksum = 10
  }
}
