// SPDX-License-Identifier: MIT
import Linux
import Netlink
import TestSupport
import Testing
import Wire

@testable import Provisioning

private let director: UInt32 = 0x0A00_0001
private let realServer: UInt32 = 0x0A00_0002
private let virtualAddress: UInt32 = 0xCB00_7150
/// 198.51.100.7, which the real server reaches by the director's namespace.
private let client: UInt32 = 0xC633_6407
private let stranger: UInt32 = 0x0A00_0042

/// A director's namespace, with clients in it, and a real server at the other end of a cable.
private func withDirector(
  _ body: (_ real: Scene, _ onDirector: (() throws -> Void) throws -> Void) throws -> Void
) throws {
  try withNetworkNamespace {
    try run("ip", "link", "set", "lo", "up")
    try run("ip", "address", "add", "198.51.100.7/32", "dev", "lo")
    let namespace = try NetworkNamespace.current()
    try Scene.run(peer: .descriptor(namespace.borrowed)) { scene in
      try namespace.run {
        try run("ip", "link", "set", "d0", "up")
        try run("ip", "address", "add", "10.0.0.1/24", "dev", "d0")
        try run("ip", "route", "add", "203.0.113.0/24", "dev", "d0")
      }
      try body(scene) { work in try namespace.run(work) }
    }
  }
}

@Suite(.enabled(if: Host.isPrivileged, "\(Host.reason)"))
struct `Packets to a real server` {
  /// What is asked in a tunnel comes out of it, and is answered straight to the client, from the virtual address.
  @Test(arguments: Host.receivable)
  func `a director's datagram is answered directly`(decapsulation: Decapsulation, kind: Delivery) throws {
    try withDirector { real, onDirector in
      // Clients come by the tunnel and are answered through eth0: what strict filters drop.
      try Sysctl("net/ipv4/conf/all/rp_filter").write(1)
      _ = try real.control.up(real.request(decapsulation, kind)) { _ in }
      let server = try Socket.udp(virtualAddress, 53)
      try onDirector {
        let client = try Socket.udp(client, 4000)
        try send(kind, "refused", from: stranger)
        try send(kind, "question", from: director)
        let question = try server.receive()
        #expect(String(decoding: question.bytes, as: UTF8.self) == "question")
        #expect(question.address == 0xC633_6407 && question.port == 4000)
        try server.send(Array("answer".utf8), to: question.address, question.port)
        let answer = try client.receive()
        #expect(String(decoding: answer.bytes, as: UTF8.self) == "answer")
        #expect(answer.address == virtualAddress && answer.port == 53)
      }
      #expect(try real.control.down { _ in })
    }
  }

  /// A client's datagram in a tunnel from `source`.
  private func send(
    _ kind: Delivery, _ text: String, from source: UInt32, to inner: UInt32 = virtualAddress
  ) throws {
    let packet = ipv4(client, inner, protocol: 17, udp(4000, 53, Array(text.utf8)))
    try send(kind, packet, from: source)
  }

  private func send(_ kind: Delivery, _ packet: [UInt8], from source: UInt32) throws {
    let (number, payload): (UInt8, [UInt8]) =
      switch kind {
      case .ipip, .l2: (4, packet)
      case .gre: (47, gre(packet))
      case .fou: (17, udp(50_000, 6080, packet))
      case .gue: (17, udp(50_000, 6080, [0, 4, 0, 0] + packet))
      }
    try Socket.raw().send(ipv4(source, realServer, protocol: number, payload), to: realServer)
  }

  @Test(arguments: Host.receivable)
  func `a connection is opened directly`(decapsulation: Decapsulation, kind: Delivery) throws {
    try withDirector { real, onDirector in
      _ = try real.control.up(real.request(decapsulation, kind)) { _ in }
      let listener = try Socket.tcpListener(virtualAddress, 80)
      try onDirector {
        let tap = try Socket.tcpTap()
        let segment = synchronize(client, 4000, virtualAddress, 80)
        try send(kind, ipv4(client, virtualAddress, protocol: 6, segment), from: director)
        let answer = try tap.receive()
        #expect(answer.address == virtualAddress)
        #expect(Array(answer.bytes[20..<24]) == [0, 80, 0x0f, 0xa0], "the ports")
        #expect(answer.bytes[33] == 0x12, "SYN and ACK")
        #expect(Array(answer.bytes[28..<32]) == [0x12, 0x34, 0x56, 0x79], "the client's sequence number and one")
      }
      withExtendedLifetime(listener) {}
    }
  }

  @Test func `strangers and other addresses are refused and counted`() throws {
    try withDirector { real, onDirector in
      _ = try real.control.up(real.request(.bpf)) { _ in }
      let server = try Socket.udp(virtualAddress, 53)
      try onDirector {
        for kind in [Delivery.ipip, .gre] {
          try send(kind, "from a stranger", from: stranger)
          try send(kind, "to another address", from: director, to: 0xCB00_7163)
        }
        let fragment = ipv4(client, virtualAddress, protocol: 17, udp(4000, 53, Array("a part".utf8)))
        var outer = ipv4(director, realServer, protocol: 4, fragment)
        outer[6] = 0x20
        try Socket.raw().send(outer, to: realServer)
        try send(.ipip, "welcome", from: director)
      }
      #expect(String(decoding: try server.receive().bytes, as: UTF8.self) == "welcome")
      let verdicts = try #require(try real.control.status()?.verdicts)
      #expect(verdicts["unknownDirector"] == 2 && verdicts["unknownVirtualAddress"] == 2)
      #expect(verdicts["fragment"] == 1 && verdicts["decapsulated"] == 1)
    }
  }

  @Test(arguments: Host.decapsulations)
  func `nobody is told by ARP who has the virtual address`(decapsulation: Decapsulation) throws {
    try withDirector { real, onDirector in
      _ = try real.control.up(real.request(decapsulation)) { _ in }
      try onDirector {
        let netlink = try NetlinkConnection()
        let link = try #require(try netlink.link(named: "d0")).index
        try Sysctl("net/ipv4/neigh/d0/retrans_time_ms").write(20)
        try netlink.solicit(Scene.virtualAddress, on: link)
        let silent = try eventually("the question has an end") {
          let state = try netlink.neighbour(Scene.virtualAddress, on: link)?.state
          return state.flatMap { $0.isDisjoint(with: [.incomplete]) ? $0 : nil }
        }
        #expect(silent.contains(.failed))
        try netlink.solicit(try ip("10.0.0.2"), on: link)
        let answer = try eventually("the real server's own address is told") {
          try netlink.neighbour(try ip("10.0.0.2"), on: link)?.macAddress
        }
        #expect(answer.bits != 0)
      }
    }
  }
}
