// SPDX-License-Identifier: MIT
import Linux
import Netlink
import SystemPackage
import TestSupport
import Testing
import Wire

@testable import Provisioning

@Suite(.enabled(if: Host.isPrivileged, "\(Host.reason)"))
struct `Routes for answers` {
  private func routes() throws -> [String] {
    try run("ip", "route", "show", "table", "197").split(separator: "\n").map {
      $0.split { " \t".contains($0) }.joined(separator: " ")
    }
  }

  @Test func `are those of the main table, with the MSS that fits`() throws {
    try Scene.run { scene in
      try run("ip", "route", "add", "10.8.0.0/16", "via", "10.0.0.8", "metric", "20", "advmss", "1000")
      try run("ip", "route", "add", "blackhole", "10.66.0.0/16")
      try run("ip", "route", "add", "10.9.0.0/16", "nexthop", "via", "10.0.0.7", "nexthop", "via", "10.0.0.8")
      let before = try snapshot()
      _ = try scene.control.up(scene.request(.bpf, .gre)) { _ in }
      #expect(
        try routes() == [
          "default via 10.0.0.1 dev eth0 proto 197 advmss 1436",
          "10.0.0.0/24 dev eth0 proto 197 scope link advmss 1436",
          "10.8.0.0/16 via 10.0.0.8 dev eth0 proto 197 metric 20 advmss 1000",
          "10.9.0.0/16 proto 197 advmss 1436",
          "nexthop via 10.0.0.7 dev eth0 weight 1",
          "nexthop via 10.0.0.8 dev eth0 weight 1",
          "throw 10.66.0.0/16 proto 197",
        ])
      #expect(try run("ip", "rule").contains("from 203.0.113.80 lookup 197 proto 197"))
      #expect(try scene.control.record()?.maximumSegments == [.v4: 1436])
      #expect(try scene.control.down { _ in })
      #expect(try changes(since: before) == [])
    }
  }

  @Test func `follow the main table when up is called again, and go when they are not needed`() throws {
    try Scene.run { scene in
      let before = try snapshot()
      let request = scene.request(.bpf)
      _ = try scene.control.up(request) { _ in }
      try run("ip", "route", "replace", "default", "via", "10.0.0.9", "dev", "eth0")
      #expect(try scene.control.status()?.problems.isEmpty == false)
      #expect(try scene.control.up(request) { _ in }.isChanged)
      #expect(try routes().first == "default via 10.0.0.9 dev eth0 proto 197 advmss 1440")
      #expect(try scene.control.status()?.problems == [])
      try run("ip", "link", "set", "eth0", "mtu", "1600")
      #expect(try scene.control.up(request) { _ in }.isChanged)
      #expect(try routes() == [])
      #expect(try !run("ip", "rule").contains("197"))
      try run("ip", "link", "set", "eth0", "mtu", "1500")
      try run("ip", "route", "replace", "default", "via", "10.0.0.1", "dev", "eth0")
      #expect(try scene.control.down { _ in })
      #expect(try changes(since: before) == [])
    }
  }

  @Test func `a table of somebody else's is not touched`() throws {
    try Scene.run { scene in
      try run("ip", "route", "add", "10.8.0.0/16", "via", "10.0.0.8", "table", "197")
      let before = try snapshot()
      let error = #expect(throws: ProvisioningError.self) { try scene.control.up(scene.request(.bpf)) { _ in } }
      #expect(error?.description.hasPrefix("routing table 197, which answers of virtual addresses are to use") == true)
      #expect(try changes(since: before) == [])
    }
  }

  @Test(
    arguments: [
      (1500, .ipip, nil, 1440), (1500, .gre, nil, 1436), (1500, .gre, 7, 1432), (1500, .fou, nil, 1432),
      (1500, .gue, nil, 1428), (1520, .ipip, nil, nil), (1519, .ipip, nil, 1459), (9000, .gue, nil, nil),
    ] as [(UInt32, Delivery, UInt32?, UInt32?)])
  func `tell clients what fits, and only where full-size packets do not`(
    mtu: UInt32, delivery: Delivery, key: UInt32?, segment: UInt32?
  ) throws {
    try Scene.run { scene in
      var request = scene.request(.bpf, delivery)
      (request.mtu, request.key) = (mtu, key)
      let arrangement = try RealServerArrangement(request, .bpf, on: scene.netlink)
      #expect(arrangement.returns.map(\.maximumSegment) == (segment.map { [$0] } ?? []))
    }
  }
}

@Suite(.enabled(if: Host.isPrivileged, "\(Host.reason)"))
struct `A plan of a real server` {
  @Test func `is what up then does, and changes nothing`() throws {
    try Scene.run { scene in
      let before = try snapshot()
      let request = scene.request(.bpf)
      let plan = try scene.control.plan(request)
      #expect(try changes(since: before) == [])
      #expect(try scene.control.file.read() == nil)
      var lines: [String] = []
      _ = try scene.control.up(request) { lines.append($0) }
      #expect(lines == plan.commands)
      #expect(try scene.control.plan(request).commands == [])
      #expect(try scene.control.down { _ in })
    }
  }

  @Test func `says what of a real server somebody has removed`() throws {
    try Scene.run { scene in
      _ = try scene.control.up(scene.request(.bpf)) { _ in }
      try run("ip", "address", "delete", "203.0.113.80/32", "dev", "lo")
      #expect(
        try scene.control.plan(scene.request(.bpf)).commands == ["ip address add 203.0.113.80/32 dev lo scope host"])
      #expect(try scene.control.down { _ in })
    }
  }
}

@Suite(.enabled(if: Host.isPrivileged, "\(Host.reason)"))
struct `The filter of the kernel's tunnels` {
  @Test func `is as it should be until somebody changes it, and leaves other tables alone`() throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      try run("nft", "add table inet somebody")
      let before = try run("nft", "list ruleset")
      let filter = TunnelFilter(
        tunnels: ["culvert0"], virtualAddresses: [try prefix("203.0.113.80"), try prefix("2001:db8:f::80")],
        directors: [try prefix("192.0.2.10"), try prefix("2001:db8:a::10")], port: 6080)
      #expect(try !filter.isMade(on: netlink))
      try filter.make(on: netlink) { _ in }
      #expect(try filter.isMade(on: netlink))
      try run("nft", "flush chain inet culvert tunnelled")
      #expect(try !filter.isMade(on: netlink))
      try filter.make(on: netlink) { _ in }
      #expect(try filter.isMade(on: netlink))
      try filter.revert(on: netlink) { _ in }
      #expect(try run("nft", "list ruleset") == before)
    }
  }
}

@Suite(.enabled(if: Host.isPrivileged, "\(Host.reason)"))
struct `A real server that comes back at boot` {
  private func unit(_ directory: String, _ scene: Scene) -> BootUnit {
    BootUnit(
      directory: directory, command: ["/usr/bin/culvert", "real", "up"],
      stateDirectory: scene.control.file.directory.string)
  }

  @Test func `has a unit that down removes, also when the journal went with a boot`() throws {
    try inTemporaryDirectory { directory in
      try Scene.run { scene in
        let unit = unit(directory, scene)
        _ = try scene.control.up(scene.request(.bpf), boot: unit) { _ in }
        #expect(try scene.control.status()?.bootUnit == "\(directory)/culvert-real.service")
        #expect(try run("find", directory, "-type", "l").hasSuffix("multi-user.target.wants/culvert-real.service\n"))
        #expect(try !scene.control.up(scene.request(.bpf)) { _ in }.isChanged)
        #expect(try scene.control.down(unitDirectory: directory) { _ in })
        #expect(try run("find", directory, "-mindepth", "1") == "")

        _ = try scene.control.up(scene.request(.bpf), boot: unit) { _ in }
        try run("rm", scene.control.file.path.string)
        #expect(try scene.control.down(unitDirectory: directory) { _ in })
        #expect(try run("find", directory, "-name", "culvert-real*") == "")
        _ = try scene.control.up(scene.request(.bpf), boot: unit) { _ in }
        #expect(try scene.control.down(unitDirectory: directory) { _ in })
      }
    }
  }

  @Test func `does not take a unit of somebody else's, nor of another state directory`() throws {
    try inTemporaryDirectory { directory in
      try Scene.run { scene in
        let other = BootUnit(directory: directory, command: ["/usr/bin/culvert"], stateDirectory: "/elsewhere")
        try other.make(on: scene.netlink) { _ in }
        #expect(try !scene.control.down(unitDirectory: directory) { _ in })
        #expect(try other.isMade(on: scene.netlink))
        try run("sh", "-c", "echo mine > \(directory)/culvert-real.service")
        let before = try snapshot()
        let error = #expect(throws: ProvisioningError.self) {
          try scene.control.up(scene.request(.bpf), boot: unit(directory, scene)) { _ in }
        }
        #expect(error?.description.contains("was not made by Culvert") == true)
        #expect(try changes(since: before) == [])
      }
    }
  }
}
