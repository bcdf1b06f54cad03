// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Linux
import Wire

/// The service that benchmarks send to: four servers or, unsettled, four others than before.
struct BenchmarkScene {
  /// The writes that lead empty tables there, in order.
  let updates: [TableUpdate]

  init(isSettled: Bool, encapsulation: Encapsulation) throws {
    let now = Tick(nanoseconds: MonotonicClock.coarseNanoseconds)
    var state = ForwardingState()
    // Nobody keeps a slot: every one is unsettled afterwards. The old servers drain.
    let stages: [ClosedRange<UInt32>] = isSettled ? [1...4] : [1...4, 5...8]
    updates = try stages.map { numbers in
      try state.apply([Self.service(numbers, encapsulation)], paths: Self.paths, now: now)
    }
  }

  private static func address(_ number: UInt32) -> IPAddress { .v4(IPv4Address(bits: 0x0A01_0000 | number)) }

  private static func service(_ numbers: ClosedRange<UInt32>, _ encapsulation: Encapsulation) -> Service {
    Service(
      name: "benchmark", address: .v4(BenchmarkFrame.service), port: BenchmarkFrame.port, transportProtocol: .tcp,
      tracking: .transitions, idleTimeout: .seconds(900), drainTimeout: .seconds(3600),
      members: numbers.map { number in
        Member(server: RealServer(name: "s\(number)", address: address(number), encapsulation: encapsulation))
      })
  }

  /// The ways to all servers, those that were replaced included.
  private static let paths: [IPAddress: Destination.Path] = Dictionary(
    uniqueKeysWithValues: (1...8 as ClosedRange<UInt32>).map { number in
      (
        address(number),
        Destination.Path(
          source: IPPrefix(host: .v4(IPv4Address(bits: 0xC000_020A))),
          nextHop: MACAddress(bits: 0x0200_0000_0100 | UInt64(number)),
          egress: MACAddress(bits: 0x0200_0000_0001), interface: 1, mtu: 1500)
      )
    })
}
