// SPDX-License-Identifier: MIT
import ArgumentParser
import Balancing
import DataPlane
import Health
import HealthChecking
import Linux
import Netlink
import Wire

/// `culvert benchmark checks`: what health checks cost. `scripts/bench-checks` makes a network for it.
struct BenchmarkChecks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checks",
    abstract: "Measure what health checks cost.",
    discussion: """
      Checks one real server under many virtual addresses, and prints the CPU time of the checker. Nothing is forwarded, \
      and no director is needed; scripts/bench-checks makes a network for it.
      """)

  @Option(help: "The interface that leads to the real server.")
  var interface: String
  @Option(help: ArgumentHelp("The link-layer address of the next hop.", valueName: "mac"))
  var nextHop: String
  @Option(help: ArgumentHelp("The real server's address.", valueName: "address"))
  var server: String
  @Option(help: ArgumentHelp("This host's address.", valueName: "address"))
  var source: String
  @Option(help: ArgumentHelp("The first virtual address, of IPv4; one for each target.", valueName: "address"))
  var vip: String
  @Option(help: ArgumentHelp("The port of each.", valueName: "number"))
  var port: UInt16 = 80
  @Option(help: ArgumentHelp("How many targets.", valueName: "number"))
  var targets = 1000
  @Option(help: ArgumentHelp("ipip, gre, gue or l2.", valueName: "name"))
  var encapsulation = "ipip"
  // Not `--seconds`: that is the benchmark's own, which would take it.
  @Option(help: ArgumentHelp("How long to measure, 1 to 3600.", valueName: "seconds"))
  var duration = 10
  @Flag(help: "No full-size probe besides the small one.")
  var small = false

  func validate() throws {
    guard 1...3600 ~= duration else { throw ValidationError("--duration is 1 to 3600") }
    guard 1...65_536 ~= targets else { throw ValidationError("--targets is 1 to 65536") }
  }

  func run() throws {
    try explaining { try measure() }
  }

  private func measure() throws {
    let server = try IPAddress(server, givenTo: "--server")
    let checker = try Checker(probesPerSecond: 1_000_000) { _, _ in }
    defer { checker.stop() }
    checker.check(try checkTargets(server), ways: [server: .path(try path())])
    // A round for all, and whatever a first round takes longer.
    pause(.seconds(2))
    let start = ContinuousClock.now
    let busy = ProcessClock.measure { pause(.seconds(duration)) }
    show(checker.health.values.map(\.self), part: busy / (ContinuousClock.now - start))
  }

  private func checkTargets(_ address: IPAddress) throws -> [CheckTarget] {
    guard case .v4(let first) = try IPAddress(vip, givenTo: "--vip") else {
      throw CommandFailure("--vip \(vip): not an address of IPv4")
    }
    let names: [String: Encapsulation] = ["ipip": .ipip, "gre": .gre, "gue": .gue, "l2": .l2]
    guard let encapsulation = names[encapsulation] else {
      throw CommandFailure("--encapsulation \(encapsulation): not ipip, gre, gue or l2")
    }
    let server = RealServer(name: "server", address: address, encapsulation: encapsulation)
    let check = HealthCheck(
      name: "check", question: .tcp, fullSize: small ? .off : .automatic, interval: .seconds(1),
      timeout: .milliseconds(500))
    return (0..<targets).map { number in
      let address = IPAddress.v4(IPv4Address(bits: first.bits &+ UInt32(number)))
      return CheckTarget(
        check: check, server: server, virtualAddress: address, port: port, transportProtocol: .tcp)
    }
  }

  private func path() throws -> Destination.Path {
    guard let nextHop = MACAddress(nextHop) else { throw CommandFailure("--next-hop \(nextHop): no Ethernet address") }
    guard let link = try NetlinkConnection().link(named: interface), let egress = link.macAddress else {
      throw CommandFailure("--interface \(interface): there is none of Ethernet")
    }
    return Destination.Path(
      source: IPPrefix(host: try IPAddress(source, givenTo: "--source")), nextHop: nextHop, egress: egress,
      interface: link.index.rawValue, mtu: UInt16(clamping: link.mtu))
  }

  private func pause(_ duration: Duration) {
    _ = try? Poller([]).wait(timeout: duration)
  }

  private func show(_ health: [TargetHealth], part: Double) {
    let up = health.filter { $0.isUp == true }.count
    let failures = health.filter { $0.lastFailure != nil }
    let trips = health.compactMap(\.roundTrip).sorted()
    print("targets     \(targets), each asked once a second\(small ? "" : ", by a small and a full-size probe")")
    print("up          \(up)")
    print("failures    \(failures.count)" + (failures.first?.lastFailure?.failure.map { ", one of them \($0)" } ?? ""))
    if !trips.isEmpty { print("round trip  \(trips[trips.count / 2].shortText) (median)") }
    print("CPU         \((part * 1000).rounded() / 10) % of one core")
  }
}
