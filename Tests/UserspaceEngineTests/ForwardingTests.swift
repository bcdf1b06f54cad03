// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Testing
import Wire

@testable import UserspaceEngine

@Suite struct `Forwarding in memory` {
  private let engine: UserspaceEngine

  init() throws {
    engine = try UserspaceEngine()
    engine.configureFixture(interface: 9)
  }

  @Test(arguments: [(Fixture.tcp, Fixture.tcpInIPIP), (Fixture.udp, Fixture.udpInGRE)])
  func `a packet leaves as scapy writes it`(_ sent: [UInt8], _ expected: [UInt8]) {
    let (decision, frame) = engine.forward(sent)
    #expect(decision == Decision(.sent, interface: 9))
    #expect(dump(frame) == dump(expected))
  }

  @Test func `what is sent is counted for the destination`() {
    _ = engine.forward(Fixture.tcp)
    let traffic = engine.withTables { tables in tables.traffic(of: DestinationIndex(rawValue: 1)) }
    #expect(traffic == TrafficCounter(packets: 1, bytes: 44, flows: 1))
  }

  @Test func `without room at its head a packet stays as it was`() {
    let (decision, frame) = engine.forward(Fixture.udp, headroom: 20)
    #expect(decision == Decision(.noHeadroom))
    #expect(frame == Fixture.udp)
    #expect(engine.withTables { tables in tables.verdicts(ofService: 2) } == [.noHeadroom: 1])
  }

  @Test func `a packet for nobody is counted and stays as it was`() {
    engine.withTables { tables in tables.pointers.services.remove(Fixture.web) }
    let (decision, frame) = engine.forward(Fixture.tcp)
    #expect(decision == Decision(.noService))
    #expect(frame == Fixture.tcp)
    #expect(engine.withTables { tables in tables.verdicts(ofService: 0) } == [.noService: 1])
  }

  @Test func `every shorter part of a packet is refused without harm`() {
    for length in 0..<Fixture.tcp.count {
      let part = Array(Fixture.tcp[..<length])
      let (decision, frame) = engine.forward(part)
      #expect(decision.verdict != .sent)
      #expect(frame == part)
    }
  }
}

@Suite struct `Finishing checksums` {
  /// The frame as its sender leaves it to a network card: with the sum of the pseudo header in the field.
  private func unfinished(_ frame: [UInt8], _ checksum: UnfinishedChecksum, pseudoHeader: UInt16) -> [UInt8] {
    var frame = frame
    frame[checksum.start + checksum.field] = UInt8(pseudoHeader >> 8)
    frame[checksum.start + checksum.field + 1] = UInt8(pseudoHeader & 0xFF)
    return frame
  }

  private func finish(_ checksum: UnfinishedChecksum, _ frame: [UInt8]) -> [UInt8] {
    var frame = frame
    frame.withUnsafeMutableBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      checksum.finish(PacketBytes(start: start, end: start + bytes.count))
    }
    return frame
  }

  @Test(
    arguments: [
      (Fixture.tcp, 16, 0x66AA), (Fixture.udp, 6, 0x66AC), (Fixture.udpWithoutZero, 6, 0x66A7),
    ] as [([UInt8], Int, UInt16)])
  func `gives the checksum that scapy computes`(_ frame: [UInt8], _ field: Int, _ pseudoHeader: UInt16) {
    let checksum = UnfinishedChecksum(start: 34, field: field)
    let given = unfinished(frame, checksum, pseudoHeader: pseudoHeader)
    #expect(given != frame)
    #expect(dump(finish(checksum, given)) == dump(frame))
  }

  @Test(arguments: [(57, 0), (34, 23), (34, 65_535), (65_535, 65_535)])
  func `leaves a frame alone that ends before the field`(_ start: Int, _ field: Int) {
    #expect(finish(UnfinishedChecksum(start: start, field: field), Fixture.tcp) == Fixture.tcp)
  }
}
