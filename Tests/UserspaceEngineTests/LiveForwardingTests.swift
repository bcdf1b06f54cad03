// SPDX-License-Identifier: MIT
import DataPlane
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing
import Wire

@testable import UserspaceEngine

@Suite(.enabled(if: canMakeNetworkNamespaces, "needs CAP_SYS_ADMIN and CAP_NET_ADMIN"))
struct `Forwarding between namespaces` {
  /// Runs `body` while an engine forwards from d0, and stops it.
  private func forwarding(
    _ reports: Reports = Reports(), _ body: (borrowing Lab, UserspaceEngine) throws -> Void
  ) throws {
    try Lab.run { lab in
      let engine = try UserspaceEngine()
      engine.configureFixture(interface: UInt32(lab.egress))
      try engine.start(interface: lab.ingress, name: "d0") { reports.add($0) }
      defer { engine.stop() }
      try body(lab, engine)
    }
  }

  /// The fixture with `number` as its identification and client port, and how it leaves.
  private func numbered(_ number: UInt16) -> (sent: [UInt8], expected: [UInt8]) {
    let (fixture, outer) = number % 2 == 0 ? (Fixture.tcp, Fixture.tcpInIPIP) : (Fixture.udp, Fixture.udpInGRE)
    var sent = fixture
    for offset in [18, 34] {
      sent[offset] = UInt8(number >> 8)
      sent[offset + 1] = UInt8(number & 0xFF)
    }
    return (sent, outer.dropLast(fixture.count - 14) + sent[14...])
  }

  /// The statistics once `transmitted` frames are counted: that happens after they have left.
  private func statistics(_ engine: UserspaceEngine, transmitted: UInt64) throws -> ForwardingStatistics {
    try eventually("\(transmitted) frames counted") {
      let statistics = engine.statistics()
      return statistics.transmitted == transmitted || poll(nil, 0, 1) != 0 ? statistics : nil
    }
  }

  @Test func `thousands of packets arrive byte for byte, in order, none lost`() throws {
    try forwarding { lab, engine in
      var wrong: [String] = []
      for burst in 0..<200 as Range<UInt16> {
        let packets = (0..<50).map { numbered(burst * 50 + $0) }
        for packet in packets { try lab.source.send(packet.sent) }
        for packet in packets {
          let frame = try lab.sink.receive()
          if frame != packet.expected { wrong.append(dump(frame)) }
        }
      }
      #expect(wrong.isEmpty, "\(wrong.first ?? "")")
      let statistics = try statistics(engine, transmitted: 10_000)
      #expect(statistics.transmitFailures == 0)
      #expect(statistics.overruns == 0)
      #expect(engine.withTables { $0.traffic(of: DestinationIndex(rawValue: 1)) }.packets == 5_000)
    }
  }

  @Test func `a checksum that a local sender left open arrives finished`() throws {
    try forwarding { lab, _ in
      let datagrams = try lab.client.run { try DatagramSource() }
      try datagrams.send([UInt8]("finished?".utf8))
      let frame = try lab.sink.receive()
      let packet = Array(frame[(14 + Encapsulation.gre.overhead(outer: .v4))...])
      #expect(Array(packet[28...]) == [UInt8]("finished?".utf8))
      // Over pseudo header, header and payload, checksum included, the sum comes to all ones.
      #expect(onesComplementSum(packet[12..<20] + [0, 17, 0, 17] + packet[20...]) == 0xFFFF)
    }
  }

  @Test func `datagrams that the sender merged are counted, not sent as one`() throws {
    try forwarding { lab, engine in
      let datagrams = try lab.client.run { try DatagramSource() }
      try datagrams.send([UInt8](repeating: 1, count: 1_200), segment: 600)
      try datagrams.send([2])
      #expect(try lab.sink.receive().last == 2)
      let statistics = try statistics(engine, transmitted: 1)
      #expect(statistics.merged == 1)
      #expect(statistics.advice?.hasPrefix("1 merged packets were not forwarded") == true)
    }
  }

  @Test func `a frame longer than its slot is counted, not sent in part`() throws {
    try forwarding { lab, engine in
      try run("ip", "link", "set", "d0", "mtu", "9000")
      try lab.client.run { _ = try run("ip", "link", "set", "c0", "mtu", "9000") }
      try lab.source.send(Fixture.udp + [UInt8](repeating: 0, count: 5_000))
      try lab.source.send(Fixture.tcp)
      #expect(try lab.sink.receive() == Fixture.tcpInIPIP)
      #expect(try statistics(engine, transmitted: 1).merged == 1)
    }
  }

  @Test func `a frame with a tag is forwarded without it where the way has none`() throws {
    try forwarding { lab, engine in
      try lab.source.send(Fixture.tcp[..<12] + [0x81, 0x00, 0x00, 0x07] + Fixture.tcp[12...])
      #expect(try lab.sink.receive() == Fixture.tcpInIPIP)
    }
  }

  @Test func `frames for others are left alone`() throws {
    try forwarding { lab, engine in
      try lab.source.send([UInt8](repeating: 0xFF, count: 6) + Fixture.tcp[6...])
      try lab.source.send([0x02, 0, 0, 0, 0, 0x77] + Fixture.tcp[6...])
      try lab.source.send(Fixture.tcp)
      #expect(try lab.sink.receive() == Fixture.tcpInIPIP)
      let statistics = try statistics(engine, transmitted: 1)
      #expect(statistics.notForThisHost >= 2)
    }
  }

  @Test func `what the interface does not take is counted, and holds nothing up`() throws {
    try forwarding { lab, engine in
      try run("ip", "link", "set", "d1", "down")
      for number in 0..<100 as Range<UInt16> { try lab.source.send(numbered(number).sent) }
      let failures = try eventually("100 failures") {
        _ = poll(nil, 0, 10)
        return engine.statistics().transmitFailures == 100 ? 100 : nil
      }
      #expect(failures == 100)
      #expect(engine.statistics().transmitted == 0)
    }
  }

  @Test func `merging is switched off while the engine runs, and only then`() throws {
    try Lab.run { lab in
      let socket = try PacketSocket()
      try Offload.gro.set(true, "d0", socket)
      let engine = try UserspaceEngine()
      let reports = Reports()
      try engine.start(interface: lab.ingress, name: "d0") { reports.add($0) }
      #expect(try !Offload.gro.isOn("d0", socket))
      engine.stop()
      #expect(try Offload.gro.isOn("d0", socket))
      #expect(reports.all == [])
    }
  }

  @Test func `stopping takes no time, and a stopped engine starts again`() throws {
    try forwarding { lab, engine in
      let error = #expect(throws: LinuxError.self) {
        try engine.start(interface: 1, name: "lo") { _ in }
      }
      #expect(error?.advice == "the engine does so already at d0")
      let start = ContinuousClock.now
      engine.stop()
      #expect(ContinuousClock.now - start < .milliseconds(500))
      engine.stop()
      try engine.start(interface: lab.ingress, name: "d0") { _ in }
      try lab.source.send(Fixture.udp)
      #expect(try lab.sink.receive() == Fixture.udpInGRE)
    }
  }

  @Test func `an interface that goes down is reported, and forwards again when it comes up`() throws {
    let reports = Reports()
    try forwarding(reports) { lab, _ in
      try run("ip", "link", "set", "d0", "down")
      _ = try eventually("a report") { poll(nil, 0, 10) == 0 && !reports.all.isEmpty ? true : nil }
      #expect(reports.all.map(\.errno) == [.networkDown])
      try run("ip", "link", "set", "d0", "up")
      try lab.source.send(Fixture.udp)
      #expect(try lab.sink.receive() == Fixture.udpInGRE)
    }
  }

  @Test func `an interface that is removed ends the thread, and is reported`() throws {
    let reports = Reports()
    try forwarding(reports) { _, _ in
      try run("ip", "link", "del", "d0")
      _ = try eventually("a report") {
        poll(nil, 0, 10) == 0 && reports.all.contains { $0.errno == .noSuchAddressOrDevice } ? true : nil
      }
    }
  }

  @Test func `an interface that does not exist is named`() throws {
    try withNetworkNamespace {
      let error = #expect(throws: LinuxError.self) {
        try UserspaceEngine().start(interface: 77, name: "none0") { _ in }
      }
      #expect(error?.description == "cannot read the MTU of none0: No such device")
    }
  }
}
