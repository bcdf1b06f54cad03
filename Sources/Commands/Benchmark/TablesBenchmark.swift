// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Linux
import SystemPackage
import Wire

/// Measures how long the control plane computes, with any number of services and servers: no engine takes part.
struct TablesBenchmark {
  private let services: [Service]
  private let servers: Int
  private let paths: [IPAddress: Destination.Path]
  private var selection = Selection()
  private var state: ForwardingState
  private let now = Tick(rawValue: 100)

  /// Servers of its own for each service, and one that is in all of them: no two have the same table.
  init(services: Int, servers: Int) {
    self.services = (1...services).map { number in
      Service(
        name: "web\(number)", address: .v4(IPv4Address(bits: 0xC612_0000 + UInt32(number))), port: 443,
        transportProtocol: .tcp, tracking: .transitions, idleTimeout: .seconds(900), drainTimeout: .seconds(3600),
        members: [Self.member(0)] + (1..<max(servers, 1)).map { Self.member(number * servers + $0) })
    }
    self.servers = servers
    let path = Destination.Path(
      source: IPPrefix(host: .v4(IPv4Address(bits: 0xC000_020A))), nextHop: MACAddress(bits: 0x0200_0000_0001),
      egress: .zero, interface: 1, mtu: 1500)
    paths = Dictionary(self.services.flatMap(\.members).map { ($0.server.address, path) }) { first, _ in first }
    state = ForwardingState(
      capacity: TableCapacity(services: services + 1, destinations: services * servers + 1))
  }

  private static func member(_ number: Int) -> Member {
    let address = IPAddress.v4(IPv4Address(bits: 0x0A00_0000 + UInt32(number)))
    return Member(server: RealServer(name: "s\(number)", address: address, encapsulation: .gue))
  }

  mutating func run() throws -> TablesReport {
    let first = try milliseconds(downServer: nil)
    let down = try milliseconds(downServer: "s0")
    let unchanged = try milliseconds(downServer: "s0")
    return TablesReport(
      services: services.count, servers: servers, firstMilliseconds: first, downMilliseconds: down,
      unchangedMilliseconds: unchanged, peakMemoryKibibytes: try Self.peakMemory())
  }

  /// How long it takes to choose who serves, and to compute what is to be written.
  private mutating func milliseconds(downServer: String?) throws -> Double {
    let start = ContinuousClock.now
    let selected = selection.select(services) { MemberCondition(isHealthy: $1.server.name != downServer) }
    _ = try state.apply(selected.map(\.service), paths: paths, now: now)
    return (ContinuousClock.now - start) / .milliseconds(1)
  }

  /// Of this process, in KiB: `VmHWM` of proc_pid_status(5).
  private static func peakMemory() throws -> Int {
    let line = try TextFile.read("/proc/self/status").split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    guard let value = line?.split(whereSeparator: \.isWhitespace).dropFirst().first, let number = Int(value) else {
      throw CommandFailure("/proc/self/status has no VmHWM")
    }
    return number
  }
}

/// What `culvert benchmark --tables` found. docs/benchmark.md describes it.
struct TablesReport: Encodable {
  let services: Int
  let servers: Int
  let firstMilliseconds: Double
  let downMilliseconds: Double
  let unchangedMilliseconds: Double
  let peakMemoryKibibytes: Int

  var text: String {
    var table = TextTable(("\(services) services of \(servers) servers", .left), ("ms", .right), ("a service", .right))
    let rows = [
      ("all tables for the first time", firstMilliseconds), ("one server down in all services", downMilliseconds),
      ("nothing changed", unchangedMilliseconds),
    ]
    for (name, milliseconds) in rows {
      table.add(name, "\(Int(milliseconds.rounded()))", hundredths(milliseconds / Double(services)))
    }
    return "\(table.text)\nmemory at the most: \(peakMemoryKibibytes / 1024) MiB"
  }
}
