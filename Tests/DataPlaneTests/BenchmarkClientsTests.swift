// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Testing
import Wire

struct BenchmarkClientsTests {
  @Test(arguments: [1, 2, 3, 1000, 65_537, 262_144] as [UInt32], [.ascending, .scattered] as [BenchmarkClients.Order])
  func `every flow takes its turn once`(_ flows: UInt32, _ order: BenchmarkClients.Order) {
    var clients = BenchmarkClients(flows: flows, order: order, encapsulation: .ipip)
    var seen = [Bool](repeating: false, count: Int(flows))
    for _ in 0..<flows { seen[Int(clients.take())] = true }
    #expect(!seen.contains(false))
    #expect(clients == BenchmarkClients(flows: flows, order: order, encapsulation: .ipip))
  }

  @Test func `scattered flows are far from the ones before`() {
    var clients = BenchmarkClients(flows: 262_144, order: .scattered, encapsulation: .ipip)
    var last = Int(clients.take())
    for _ in 0..<10_000 {
      let next = Int(clients.take())
      #expect(abs(next - last) > 60_000)
      last = next
    }
  }

  @Test func `each flow has an address and a port of its own`() {
    let endpoints = Set((0..<100_000 as Range<UInt32>).map { Endpoint(flow: $0) })
    #expect(endpoints.count == 100_000)
    #expect(endpoints.allSatisfy { $0.address.bits >> 17 == 0xC612_0000 >> 17 && $0.port >= 0x8000 })
  }

  private struct Endpoint: Hashable {
    let address: IPv4Address
    let port: UInt16

    init(flow: UInt32) {
      address = BenchmarkClients.address(ofFlow: flow)
      port = BenchmarkClients.port(ofFlow: flow)
    }
  }

  @Test func `the frame is a whole TCP segment to the service`() throws {
    let memory = PacketMemory(Array(repeating: 0, count: BenchmarkFrame.size))
    BenchmarkFrame.emit(.acknowledge, into: memory.packet)
    let expected = PacketBuilder()
      .ethernet()
      .ipv4(from: BenchmarkClients.address(ofFlow: 0), to: BenchmarkFrame.service, fragment: 0x4000)
      .tcp(
        from: BenchmarkClients.port(ofFlow: 0), to: BenchmarkFrame.port, window: 0xFFFF,
        payload: Array(repeating: 0, count: 10))
    #expect(zeroingTransportChecksum(memory.bytes) == zeroingTransportChecksum(expected.bytes))
  }

  private func zeroingTransportChecksum(_ frame: [UInt8]) -> [UInt8] {
    var frame = frame
    frame.replaceSubrange(50..<52, with: [0, 0])
    return frame
  }
}
