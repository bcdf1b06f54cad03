// SPDX-License-Identifier: MIT
import Glibc
import Linux
import TestSupport
import Testing

@Suite(.enabled(if: canRunDirectors, why))
struct `A director` {
  @Test(arguments: engines)
  func `forwards, and leaves nothing when it is asked to end`(_ engine: String) throws {
    try Lab.run { lab in
      try lab.configure(engine: engine)
      let director = try lab.start()
      _ = try director.line("reachable", "server=a1", "mtu=1500", "source=192.0.2.10")
      _ = try director.line("forwarding", "taken.over=false", "services=2", "servers=2")
      let listing = try eventually("a packet that is counted", within: .seconds(20)) {
        try lab.sendDatagram()
        let listing = try lab.culvert("list --interval 0 --json")
        return listing.output.contains(/"packets" : [1-9]/) ? listing : nil
      }
      #expect(listing.output.contains("\"process\" : \(director.identifier),"))
      let flow = "where 198.51.100.7:40001 203.0.113.80:80"
      let (running, predicted) = (
        try lab.culvert(flow), try lab.culvert("\(flow) --config \(lab.files.path(of: "c.yaml"))")
      )
      #expect(running == predicted)
      #expect(try director.stop() == 0)
      _ = try director.line("stopped")
      let remains = try lab.remains()
      #expect(remains == "")
    }
  }

  @Test(arguments: engines)
  func `has its interface for itself`(_ engine: String) throws {
    try Lab.run { lab in
      try lab.configure(engine: engine)
      let director = try lab.start()
      let before = try lab.remains()
      let second = try lab.launch()
      #expect(try second.end() == 1)
      #expect(second.errors == "Error: a director runs on eth0 already: process \(director.identifier)\n")
      let after = try lab.remains()
      #expect(after == before)
      #expect(try director.stop() == 0)
    }
  }

  @Test(arguments: engines)
  func `goes on where one that was killed has ended`(_ engine: String) throws {
    try Lab.run { lab in
      try lab.configure(engine: engine)
      let first = try lab.start()
      let remains = try lab.remains()
      let tables = try lab.tables()
      first.send(SIGKILL)
      #expect(try first.end() == -SIGKILL)
      let left = try lab.remains()
      #expect(left == remains)
      let listing = try lab.culvert("list --interval 0")
      #expect(listing.status == 0)
      #expect(listing.output.contains("\(engine) engine, no process\n"))
      let second = try lab.start()
      _ = try second.line("forwarding", "taken.over=true")
      let again = try lab.tables()
      #expect(again == tables)
      #expect(try second.stop() == 0)
      let nothing = try lab.remains()
      #expect(nothing == "")
    }
  }

  @Test(.enabled(if: engines.contains("kernel"), "needs a kernel that loads BPF programs"))
  func `leaves the data path to the next one where it is told to`() throws {
    try Lab.run { lab in
      try lab.configure(engine: "kernel")
      let first = try lab.launch(without: [], "--stay")
      _ = try first.line("forwarding")
      let remains = try lab.remains()
      #expect(try first.stop() == 0)
      _ = try first.line("leaving the data path forwarding")
      let left = try lab.remains()
      #expect(left == remains)
      let second = try lab.start()
      _ = try second.line("forwarding", "taken.over=true")
      #expect(try second.stop() == 0)
    }
  }

  @Test(arguments: engines)
  func `follows a next hop that changes its Ethernet address`(_ engine: String) throws {
    try Lab.run { lab in
      try lab.configure(engine: engine)
      let director = try lab.start()
      _ = try director.line("reachable", "server=a1", "next.hop=\(Lab.routerMAC)")
      try lab.router.run {
        try lab.ip("link set peer0 address 02:00:00:00:00:99")
        // Whoever has a new address asks for others with it, and they learn it.
        try lab.ip("neighbour flush dev peer0")
      }
      try lab.sendDatagram()
      _ = try director.line("reachable", "server=a1", "next.hop=02:00:00:00:00:99")
      #expect(try director.stop() == 0)
    }
  }

  @Test(arguments: engines)
  func `tells that the way is lost, and found again`(_ engine: String) throws {
    try Lab.run { lab in
      try lab.configure(engine: engine)
      let director = try lab.start()
      try lab.ip("route replace 10.2.0.0/16 via 192.0.2.1 mtu 1400")
      _ = try director.line("reachable", "server=b1", "mtu=1400")
      try lab.ip("route replace unreachable 10.2.0.0/16")
      _ = try director.line("unreachable", "server=b1", "no route")
      let listing = try lab.culvert("list --interval 0")
      #expect(listing.output.contains("up! "))
      #expect(try director.stop() == 0)
    }
  }

  @Test(arguments: engines)
  func `ends with its interface, and leaves nothing`(_ engine: String) throws {
    try Lab.run { lab in
      try lab.configure(engine: engine)
      let director = try lab.start()
      try lab.ip("link delete eth0")
      #expect(try director.end() == 1)
      #expect(director.errors.hasSuffix("Error: eth0 was removed\n"))
      let remains = try lab.remains()
      #expect(remains == "")
    }
  }
}

extension Lab {
  /// The hashes of the services' tables.
  func tables() throws -> [Substring] {
    let tables = try culvert("list --interval 0 --json").output.split(separator: "\n").filter {
      $0.contains("\"table\"")
    }
    try #require(tables.count == 2)
    return tables
  }
}
