// SPDX-License-Identifier: MIT
import Glibc
import Linux
import Netlink
import TestSupport
import Testing
import Wire

@testable import Provisioning

@Suite(.enabled(if: Host.isPrivileged, "\(Host.reason)"))
struct `A real server in a fresh namespace` {
  /// A change that no kernel makes.
  private let impossible = Change.address(
    LinkAddress(prefix: IPPrefix(host: Scene.virtualAddress), link: "no-such-link"))

  /// Leads every way of ending early, at every step, back to where it started.
  private func expectNothingLeft(
    _ decapsulation: Decapsulation, _ interrupt: (Scene, RealServerArrangement, Int) throws -> Void
  ) throws {
    try Scene.run { scene in
      let before = try snapshot()
      let arrangement = try RealServerArrangement(scene.request(decapsulation), decapsulation, on: scene.netlink)
      for step in 0...arrangement.changes.count {
        try interrupt(scene, arrangement, step)
        #expect(try changes(since: before) == [], "interrupted at step \(step)")
        #expect(try scene.control.file.read() == nil, "interrupted at step \(step)")
        #expect(try run("ls", scene.bpffs).split(separator: "\n").filter { !$0.hasSuffix(".debug") } == [])
      }
    }
  }

  private func transaction(_ scene: Scene, _ arrangement: RealServerArrangement) throws -> Transaction {
    let journal = Journal(namespace: try NetworkNamespace.current().number(), arrangement: arrangement)
    try scene.control.file.locked {}
    return scene.control.transaction(journal, scene.netlink) { _ in }
  }

  @Test(arguments: Host.decapsulations)
  func `a step that fails leaves nothing behind`(decapsulation: Decapsulation) throws {
    try expectNothingLeft(decapsulation) { scene, arrangement, step in
      var transaction = try transaction(scene, arrangement)
      #expect(throws: ProvisioningError.self) {
        try transaction.apply(Array(arrangement.changes.prefix(step)) + [impossible])
      }
    }
  }

  @Test(arguments: Host.decapsulations)
  func `down takes back what a killed process has done`(decapsulation: Decapsulation) throws {
    try expectNothingLeft(decapsulation) { scene, arrangement, step in
      var transaction = try transaction(scene, arrangement)
      try transaction.apply(Array(arrangement.changes.prefix(step)))
      #expect(try scene.control.down { _ in } == (step > 0))
    }
  }

  @Test(arguments: Host.decapsulations)
  func `down takes back what was recorded and not done yet`(decapsulation: Decapsulation) throws {
    try expectNothingLeft(decapsulation) { scene, arrangement, step in
      guard step < arrangement.changes.count else { return }
      var transaction = try transaction(scene, arrangement)
      try transaction.apply(Array(arrangement.changes.prefix(step)))
      // What the tunnel does not hold yet cannot be remembered.
      _ = try transaction.announce(arrangement.changes[step])
      #expect(try scene.control.down { _ in })
    }
  }

  @Test(arguments: Host.decapsulations)
  func `down goes on where a killed down has stopped`(decapsulation: Decapsulation) throws {
    try expectNothingLeft(decapsulation) { scene, arrangement, step in
      var transaction = try transaction(scene, arrangement)
      try transaction.apply(arrangement.changes)
      try transaction.revert(to: step)
      #expect(try scene.control.down { _ in } == (step > 0))
    }
  }

  @Test(arguments: Host.decapsulations)
  func `up goes on where a killed up has stopped`(decapsulation: Decapsulation) throws {
    try expectNothingLeft(decapsulation) { scene, arrangement, step in
      var transaction = try transaction(scene, arrangement)
      try transaction.apply(Array(arrangement.changes.prefix(step)))
      _ = try scene.control.up(scene.request(decapsulation)) { _ in }
      #expect(try scene.control.status()?.problems == [])
      #expect(try scene.control.down { _ in })
    }
  }

  @Test func `a signal that asks for the end lets no step begin, and takes back what was done`() throws {
    try Scene.run { scene in
      let before = try snapshot()
      SignalHold.during { hold in
        // To this thread alone; it is taken before it could end the process.
        pthread_kill(pthread_self(), SIGTERM)
        #expect(throws: Interruption(signal: .terminate)) { try scene.control.up(scene.request(.bpf)) { _ in } }
        take(SIGTERM)
        #expect(hold.waiting == nil)
      }
      #expect(try changes(since: before) == [])
      #expect(try scene.control.file.read() == nil)
    }
  }

  private func take(_ signal: CInt) {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, signal)
    var taken: CInt = 0
    sigwait(&set, &taken)
  }

  @Test(arguments: Host.decapsulations)
  func `up twice does nothing the second time, and down twice nothing either`(decapsulation: Decapsulation) throws {
    try Scene.run { scene in
      let before = try snapshot()
      let request = scene.request(decapsulation)
      #expect(try scene.control.up(request) { _ in } == .init(decapsulation: decapsulation, isChanged: true))
      let during = try snapshot()
      #expect(during != before)
      #expect(try scene.control.up(request) { _ in } == .init(decapsulation: decapsulation, isChanged: false))
      #expect(try changes(since: during) == [])
      #expect(try scene.control.down { _ in })
      #expect(try changes(since: before) == [])
      #expect(try !scene.control.down { _ in })
    }
  }

  @Test(arguments: Host.decapsulations)
  func `up repairs what somebody removed, and status tells it before`(decapsulation: Decapsulation) throws {
    try Scene.run { scene in
      let before = try snapshot()
      let request = scene.request(decapsulation)
      _ = try scene.control.up(request) { _ in }
      let link = decapsulation == .bpf ? "lo" : "culvert0"
      try run("ip", "address", "delete", "203.0.113.80/32", "dev", link)
      let status = try #require(try scene.control.status())
      #expect(
        status.problems == [
          "not done: ip address add 203.0.113.80/32 dev \(link) scope host ('culvert real up', as before, does it)"
        ])
      #expect(status.virtualAddresses == [.init(address: "203.0.113.80", links: [])])
      #expect(try scene.control.up(request) { _ in }.isChanged)
      #expect(try scene.control.status()?.problems == [])
      #expect(try scene.control.down { _ in })
      #expect(try changes(since: before) == [])
    }
  }

  @Test func `what was there before is not taken away`() throws {
    try Scene.run { scene in
      try run("ip", "address", "add", "203.0.113.80/32", "dev", "lo")
      for link in ["eth0", "d0"] { try Sysctl("net/ipv4/conf/\(link)/arp_announce").write(2) }
      try Sysctl("net/ipv4/conf/all/arp_ignore").write(1)
      let before = try snapshot()
      var lines: [String] = []
      var request = scene.request(.bpf)
      request.mtu = 1600
      _ = try scene.control.up(request) { lines.append($0) }
      #expect(lines == ["# attach Culvert's decapsulator to eth0, with pins below \(scene.bpffs)"])
      #expect(try scene.control.down { _ in })
      #expect(try changes(since: before) == [])
    }
  }

  @Test func `a setting that somebody changed since is left as it is`() throws {
    try Scene.run { scene in
      _ = try scene.control.up(scene.request(.bpf)) { _ in }
      try Sysctl("net/ipv4/conf/eth0/arp_ignore").write(3)
      var lines: [String] = []
      #expect(try scene.control.down { lines.append($0) })
      #expect(lines.last == "# net.ipv4.conf.eth0.arp_ignore is 3 by now, not 1: left as it is")
      #expect(try Sysctl("net/ipv4/conf/eth0/arp_ignore").read() == "3")
    }
  }

  @Test func `down works when the interface is gone`() throws {
    try Scene.run { scene in
      _ = try scene.control.up(scene.request(.bpf)) { _ in }
      try run("ip", "link", "delete", "eth0")
      #expect(try scene.control.status()?.problems.isEmpty == false)
      #expect(try scene.control.down { _ in })
      #expect(try run("ip", "address", "show", "dev", "lo").contains("203.0.113.80") == false)
    }
  }

  @Test func `the kernel's reverse path filter is loosened only where it would drop`() throws {
    try Scene.run { scene in
      func loosens() throws -> Bool {
        try RealServerArrangement(scene.request(.bpf), .bpf, on: scene.netlink).loosensReversePathFilter
      }
      #expect(try !loosens())
      try Sysctl("net/ipv4/conf/all/rp_filter").write(1)
      #expect(try !loosens(), "clients are answered through the same interface")
      try run("ip", "address", "add", "10.0.1.2/24", "dev", "d0")
      try run("ip", "route", "replace", "default", "via", "10.0.1.1", "dev", "d0")
      #expect(try loosens(), "clients are answered through another interface")
      try Sysctl("net/ipv4/conf/all/rp_filter").write(2)
      #expect(try !loosens(), "it is loose already")
    }
  }

  @Test func `auto takes what the kernel has`() throws {
    try Scene.run { scene in
      var request = scene.request(.bpf)
      request.decapsulation = .auto
      let outcome = try scene.control.up(request) { _ in }
      #expect(outcome.decapsulation == (Host.has(.ipip) ? .kernel : .bpf))
      #expect(try !scene.control.up(request) { _ in }.isChanged)
      #expect(try scene.control.down { _ in })
    }
  }

  @Test func `a request that this host cannot meet is refused and changes nothing`() throws {
    try Scene.run { scene in
      try expectRefusal(scene, "there is no interface \"eth7\" (there are lo, ") { $0.interface = "eth7" }
      try expectRefusal(scene, "10.0.0.2 is on eth0, where neighbours are told about it") {
        $0.virtualAddresses = [try prefix("10.0.0.2")]
      }
      try expectRefusal(scene, "d0 has no IPv4 address that tunnels from 10.0.0.1 could end at") { $0.interface = "d0" }
      try expectRefusal(scene, "looking at /nowhere: No such file or directory") { $0.bpffs = "/nowhere" }
      try run("ip", "link", "set", "lo", "down")
      try expectRefusal(scene, "lo is down, so that it cannot hold virtual addresses") { _ in }
    }
  }

  private func expectRefusal(
    _ scene: Scene, _ reason: String, _ change: (inout RealServerRequest) throws -> Void
  ) throws {
    var request = scene.request(.bpf)
    try change(&request)
    let before = try snapshot()
    let error = #expect(throws: (any Error).self) { try scene.control.up(request) { _ in } }
    let text = try "\(#require(error))"
    #expect(text.hasPrefix(reason), "\(text)")
    #expect(try changes(since: before) == [])
    #expect(try scene.control.file.read() == nil)
  }

  @Test func `an IPv6 virtual address waits for no neighbour and is no source`() throws {
    try withNetworkNamespace {
      let netlink = try NetlinkConnection()
      try run("ip", "link", "set", "lo", "up")
      try Sysctl("net/ipv6/conf/lo/disable_ipv6").write(0)
      let address = LinkAddress(prefix: try prefix("2001:db8:f::80/128"), link: "lo", scope: .host)
      #expect(try !address.isMade(on: netlink))
      try address.make(on: netlink) { _ in }
      #expect(try address.isMade(on: netlink))
      let held = try run("ip", "-6", "address", "show", "dev", "lo", "to", "2001:db8:f::80")
      #expect(held.contains(" nodad deprecated") && held.contains("valid_lft forever preferred_lft 0sec"))
      try address.revert(on: netlink) { _ in }
      #expect(try !address.isMade(on: netlink))
    }
  }

  @Test func `IPv6 that is switched off is told before anything is changed`() throws {
    try Scene.run { scene in
      var request = scene.request(.kernel)
      request.virtualAddresses = [try prefix("2001:db8:f::80")]
      let error = #expect(throws: ProvisioningError.self) { try scene.control.up(request) { _ in } }
      #expect(
        error?.description == """
          net.ipv6.conf.default.disable_ipv6 switches IPv6 off, for a virtual address of IPv6: \
          'sysctl -w net.ipv6.conf.default.disable_ipv6=0'
          """)
      #expect(try scene.control.file.read() == nil)
    }
  }

  @Test func `other options than before are refused`() throws {
    try Scene.run { scene in
      _ = try scene.control.up(scene.request(.bpf)) { _ in }
      var request = scene.request(.bpf)
      request.directors = [try prefix("10.0.0.9")]
      let error = #expect(throws: ProvisioningError.self) { try scene.control.up(request) { _ in } }
      #expect(error?.description.hasSuffix("run 'culvert real down' first") == true)
      #expect(try scene.control.down { _ in })
    }
  }

  @Test func `the journal of one namespace is not used in another`() throws {
    try Scene.run { scene in
      _ = try scene.control.up(scene.request(.bpf)) { _ in }
      try withNetworkNamespace {
        let error = #expect(throws: ProvisioningError.self) { try scene.control.down { _ in } }
        #expect(error?.description.contains("is about another network namespace") == true)
      }
      #expect(try scene.control.down { _ in })
    }
  }

  @Test func `two namespaces with an eth0 each share a BPF file system`() throws {
    try Scene.run { first in
      _ = try first.control.up(first.request(.bpf)) { _ in }
      try Scene.run { (second) throws in
        var request = second.request(.bpf)
        request.bpffs = first.bpffs
        #expect(try second.control.up(request) { _ in }.isChanged)
        #expect(try second.control.status()?.problems == [])
        #expect(try second.control.down { _ in })
      }
      #expect(try first.control.status()?.problems == [])
      #expect(try first.control.down { _ in })
    }
  }
}
