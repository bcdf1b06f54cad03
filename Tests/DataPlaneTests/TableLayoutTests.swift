// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Testing
import Wire

/// The tables' bytes, which the kernel's maps and programs share with this process.
@Suite struct TableLayoutTests {
  struct Layout: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let size: Int
    let stride: Int
    let alignment: Int
    let expected: [Int]

    init<Value>(_ type: Value.Type, _ size: Int, alignment: Int) {
      testDescription = "\(type)"
      self.size = MemoryLayout<Value>.size
      stride = MemoryLayout<Value>.stride
      self.alignment = MemoryLayout<Value>.alignment
      expected = [size, size, alignment]
    }
  }

  @Test(arguments: [
    Layout(ServiceKey.self, 24, alignment: 8), Layout(ServiceEntry.self, 16, alignment: 4),
    Layout(Slot.self, 4, alignment: 4), Layout(Transition.self, 12, alignment: 4),
    Layout(Destination.self, 64, alignment: 8), Layout(FlowKey.self, 24, alignment: 8),
    Layout(Flow.self, 8, alignment: 4), Layout(TrafficCounter.self, 24, alignment: 8),
    Layout(AddressKey.self, 16, alignment: 8), Layout(AddressRole.self, 4, alignment: 4),
    Layout(DestinationIndex.self, 4, alignment: 4), Layout(Tick.self, 4, alignment: 4),
  ])
  func `Size, stride and alignment are pinned`(layout: Layout) {
    #expect([layout.size, layout.stride, layout.alignment] == layout.expected)
  }

  @Test func `Fields that others may read lie where they did`() {
    #expect(MemoryLayout.offset(of: \ServiceKey.addressHigh) == 0)
    #expect(MemoryLayout.offset(of: \ServiceKey.addressLow) == 8)
    #expect(MemoryLayout.offset(of: \ServiceKey.port) == 16)
    #expect(MemoryLayout.offset(of: \ServiceKey.transportProtocol) == 18)
    #expect(MemoryLayout.offset(of: \ServiceEntry.index) == 0)
    #expect(MemoryLayout.offset(of: \ServiceEntry.hashSeed) == 4)
    #expect(MemoryLayout.offset(of: \Transition.previous) == 0)
    #expect(MemoryLayout.offset(of: \Transition.since) == 4)
    #expect(MemoryLayout.offset(of: \Transition.lastOther) == 8)
    #expect(MemoryLayout.offset(of: \Destination.interface) == 48)
    #expect(MemoryLayout.offset(of: \Destination.serviceIndex) == 52)
    #expect(MemoryLayout.offset(of: \Destination.mtu) == 56)
    #expect(MemoryLayout.offset(of: \FlowKey.clientHigh) == 0)
    #expect(MemoryLayout.offset(of: \FlowKey.clientLow) == 8)
    #expect(MemoryLayout.offset(of: \FlowKey.serviceIndex) == 16)
    #expect(MemoryLayout.offset(of: \FlowKey.clientPort) == 20)
    #expect(MemoryLayout.offset(of: \Flow.destination) == 0)
    #expect(MemoryLayout.offset(of: \Flow.lastSeen) == 4)
    #expect(MemoryLayout.offset(of: \TrafficCounter.packets) == 0)
    #expect(MemoryLayout.offset(of: \TrafficCounter.bytes) == 8)
    #expect(MemoryLayout.offset(of: \TrafficCounter.flows) == 16)
    #expect(MemoryLayout.offset(of: \AddressKey.high) == 0)
    #expect(MemoryLayout.offset(of: \AddressKey.low) == 8)
  }

  // Written out for little-endian machines. Each value is written over memory of 0x00 and of 0xff: were there a byte
  // that no field covers, the two would differ.

  @Test func `A service's key is these bytes`() {
    let key = ServiceKey(address: "2001:db8::1", port: 0x1234, transportProtocol: .udp)
    expect(key, is: "00000000b80d0120 0100000000000000 3412 11 00 00000000")
    #expect(key.address == "2001:db8::1")
  }

  @Test func `A service's entry is these bytes`() {
    let entry = ServiceEntry(index: 0x0102_0304, hashSeed: 0x0506_0708, tracking: .transitions)
    expect(entry, is: "04030201 08070605 01 00 0000 00000000")
    #expect(entry.tracking == .transitions && entry.tracksTransitions)
    let untracked = ServiceEntry(index: 1, hashSeed: 2, tracking: .none)
    expect(untracked, is: "01000000 02000000 00 00 0000 00000000")
    #expect(untracked.tracking == .none && !untracked.tracksTransitions)
  }

  @Test func `A slot is its owner, and a bit if it is unsettled`() {
    let owner = DestinationIndex(rawValue: 0x0000_1FFF)
    expect(Slot.settled(owner: owner), is: "ff1f0000")
    expect(Slot.unsettled(owner: owner), is: "ff1f0080")
    #expect(Slot.settled(owner: owner).isSettled && !Slot.unsettled(owner: owner).isSettled)
    #expect(Slot.settled(owner: owner).owner == owner && Slot.unsettled(owner: owner).owner == owner)
  }

  @Test func `A transition is these bytes`() {
    let transition = Transition(
      previous: DestinationIndex(rawValue: 1), since: Tick(rawValue: 0x0203_0405), lastOther: Tick(rawValue: 6))
    expect(transition, is: "01000000 05040302 06000000")
  }

  @Test func `A destination is these bytes`() {
    let path = Destination.Path(
      source: .v4("192.0.2.10"), nextHop: "02:03:04:05:06:07", egress: "08:09:0a:0b:0c:0d", interface: 0x0E0F_1011,
      mtu: 1500
    )
    let destination = Destination(serviceIndex: 0x1213_1415, address: .v4("10.1.0.11"), encapsulation: .gre, path: path)
    expect(
      destination,
      is: """
        0000000000000000 0b00010affff0000   # outer destination
        0000000000000000 0a0200c0ffff0000   # outer source
        0706050403020000 0d0c0b0a09080000   # next hop, egress
        11100f0e 15141312 dc05 02 02 00000000
        """)
    #expect(destination.outerDestination.embeddedIPv4 == "10.1.0.11")
    #expect(destination.outerSource.embeddedIPv4 == "192.0.2.10")
    #expect(destination.nextHop == "02:03:04:05:06:07" && destination.egress == "08:09:0a:0b:0c:0d")
    #expect(destination.state == .reachable && destination.encapsulation == .gre)
  }

  @Test func `A destination without a way there, or down, has no way in its bytes`() {
    let unreachable = Destination(serviceIndex: 1, address: .v4("10.1.0.11"), encapsulation: .ipip, path: nil)
    let down = Destination(down: 1, address: .v4("10.1.0.11"), encapsulation: .ipip)
    let way = "0000000000000000 0b00010affff0000" + String(repeating: "00", count: 36) + "01000000 0000 01"
    expect(unreachable, is: way + "01 00000000")
    expect(down, is: way + "00 00000000")
    #expect(unreachable.serves && !unreachable.isReachable && unreachable.state == .unreachable)
    #expect(!down.serves && !down.isReachable && down.state == .down)
  }

  @Test func `A row of zeros serves nobody`() {
    let zeros = PacketMemory(Array(repeating: 0, count: 64))
    let nobody = zeros.packet.start.loadUnaligned(as: Destination.self)
    #expect(!nobody.serves && nobody.state == .down)
  }

  @Test func `A flow's key is these bytes`() {
    let key = FlowKey(client: "2001:db8::1", clientPort: 0x1234, serviceIndex: 0x0506_0708)
    expect(key, is: "00000000b80d0120 0100000000000000 08070605 3412 0000")
  }

  @Test func `A flow is these bytes`() {
    expect(Flow(destination: DestinationIndex(rawValue: 1), lastSeen: Tick(rawValue: 2)), is: "01000000 02000000")
  }

  @Test func `A counter is these bytes, and counters add up`() {
    var counter = TrafficCounter(packets: 1, bytes: 2, flows: 3)
    expect(counter, is: "0100000000000000 0200000000000000 0300000000000000")
    counter.add(bytes: 40, opensConnection: true)
    counter.add(bytes: 60, opensConnection: false)
    #expect(counter + counter == TrafficCounter(packets: 6, bytes: 204, flows: 8))
  }

  @Test func `An address's key and roles are these bytes`() {
    expect(AddressKey("::ffff:192.0.2.10"), is: "0000000000000000 0a0200c0ffff0000")
    expect([.endpoint, .virtualAddress] as AddressRole, is: "05000000")
    #expect(AddressRole([.endpoint, .virtualAddress]).has(.endpoint))
    #expect(!AddressRole([.endpoint, .virtualAddress]).has(.director))
  }

  @Test func `A tick is 2^30 nanoseconds`() {
    #expect(Tick(nanoseconds: 0x3FFF_FFFF).rawValue == 0)
    #expect(Tick(nanoseconds: 0x4000_0000).rawValue == 1)
    #expect(Tick(nanoseconds: 0x4000_0000 << 32 - 1).rawValue == .max)
    #expect(Tick(rawValue: 1) < Tick(rawValue: 2))
  }

  @Test func `Tables have a row for nobody and a prime number of slots`() {
    #expect(slotCount == 65_537)
    #expect(DestinationIndex.nobody.rawValue == 0)
    #expect((2..<257).allSatisfy { slotCount % $0 != 0 })
  }

  private func expect<Value: BitwiseCopyable>(
    _ value: Value, is bytes: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for background in [0x00, 0xFF] as [UInt8] {
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: MemoryLayout<Value>.size, alignment: 8)
      defer { memory.deallocate() }
      memory.initializeMemory(as: UInt8.self, repeating: background)
      memory.baseAddress?.initializeMemory(as: Value.self, to: value)
      #expect(dump(Array(memory)) == dump(hex(bytes)), sourceLocation: sourceLocation)
    }
  }
}
