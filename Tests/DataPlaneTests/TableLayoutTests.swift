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
    Layout(ServiceKey.self, 24, alignment: 8), Layout(ServiceEntry.self, 16, alignment: 8),
    Layout(PrefixKey.self, 24, alignment: 8), Layout(VirtualAddressEntry.self, 8, alignment: 4),
    Layout(PortTableKey.self, 8, alignment: 4), Layout(PortRange.self, 24, alignment: 8),
    Layout(PortTable.self, 408, alignment: 8), Layout(Settings.self, 216, alignment: 8),
    Layout(PrefixLength.self, 24, alignment: 8), Layout(Allowance.self, 16, alignment: 4),
    Layout(Scratch.self, 256, alignment: 8),
    Layout(Slot.self, 4, alignment: 4), Layout(Transition.self, 12, alignment: 4),
    Layout(Destination.self, 64, alignment: 8),
    Layout(Flow.self, 8, alignment: 8), Layout(TrafficCounter.self, 24, alignment: 8),
    Layout(AddressRole.self, 4, alignment: 4), Layout(DecapsulationSettings.self, 16, alignment: 8),
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
    #expect(MemoryLayout.offset(of: \PrefixKey.high) == 0)
    #expect(MemoryLayout.offset(of: \PrefixKey.low) == 8)
    #expect(MemoryLayout.offset(of: \PrefixKey.length) == 16)
    #expect(MemoryLayout.offset(of: \VirtualAddressEntry.number) == 0)
    #expect(MemoryLayout.offset(of: \PortTableKey.number) == 0)
    #expect(MemoryLayout.offset(of: \PortTableKey.transportProtocol) == 4)
    #expect(MemoryLayout.offset(of: \PortRange.first) == 0)
    #expect(MemoryLayout.offset(of: \PortRange.last) == 2)
    #expect(MemoryLayout.offset(of: \PortRange.service) == 8)
    #expect(MemoryLayout.offset(of: \PortTable.portless) == 0)
    #expect(MemoryLayout.offset(of: \PortTable.ranges) == 24)
    #expect(MemoryLayout.offset(of: \Settings.flowLimit) == 192)
    #expect(MemoryLayout.offset(of: \Settings.replyLimit) == 196)
    #expect(MemoryLayout.offset(of: \PrefixLength.length) == 16)
    #expect(MemoryLayout.offset(of: \Transition.previous) == 0)
    #expect(MemoryLayout.offset(of: \Transition.since) == 4)
    #expect(MemoryLayout.offset(of: \Transition.lastOther) == 8)
    #expect(MemoryLayout.offset(of: \Destination.interface) == 44)
    #expect(MemoryLayout.offset(of: \Destination.mtu) == 54)
    #expect(MemoryLayout.offset(of: \Destination.vlan) == 56)
    #expect(MemoryLayout.offset(of: \Destination.timeToLive) == 60)
    #expect(MemoryLayout.offset(of: \Flow.word) == 0)
    #expect(MemoryLayout.offset(of: \TrafficCounter.packets) == 0)
    #expect(MemoryLayout.offset(of: \TrafficCounter.bytes) == 8)
    #expect(MemoryLayout.offset(of: \TrafficCounter.flows) == 16)
  }

  // Written out for little-endian machines. Each value is written over memory of 0x00 and of 0xff: were there a byte
  // that no field covers, the two would differ.

  @Test func `A service's key is these bytes`() {
    let key = ServiceKey(address: "2001:db8::1", port: 0x1234, transportProtocol: .udp)
    expect(key, is: "00000000b80d0120 0100000000000000 3412 11 00 00000000")
    #expect(key.address == "2001:db8::1")
  }

  @Test func `A service's entry is these bytes`() {
    let entry = ServiceEntry(
      index: 0x0102_0304, hashSeed: 0x0506_0708, tracking: .always,
      affinity: Affinity(kind: .sourceAndDestination, clientBits: 120), hashesFragments: true, refusal: .all,
      idleTimeout: 0x090A_0B0C)
    expect(entry, is: "04030201 08070605 0c0b0a09 02 02 78 05")
    #expect(entry.index == 0x0102_0304 && entry.hashSeed == 0x0506_0708 && entry.idleTimeout == 0x090A_0B0C)
    #expect(entry.tracking == .always && entry.tracksAlways && !entry.tracksTransitions)
    #expect(entry.affinity == Affinity(kind: .sourceAndDestination, clientBits: 120))
    #expect(entry.refusal == .all && entry.hashesFragments && !entry.hashesPorts && entry.hashesDestination)
    let plain = ServiceEntry(index: 1, hashSeed: 2, tracking: .transitions)
    expect(plain, is: "01000000 02000000 00000000 01 00 80 00")
    #expect(plain.tracksTransitions && !plain.tracksAlways && plain.affinity == .flow)
    #expect(plain.refusal == .nothing && !plain.hashesFragments && plain.hashesPorts && plain.hashesDestination)
    let refusing = ServiceEntry(index: 1, hashSeed: 2, tracking: .transitions, refusal: .connections)
    expect(refusing, is: "01000000 02000000 00000000 01 00 80 02")
    #expect(refusing.refusal == .connections && !refusing.hashesFragments && refusing.tracking == .transitions)
    let untracked = ServiceEntry(index: 1, hashSeed: 2, tracking: .none)
    #expect(!untracked.tracksTransitions && !untracked.tracksAlways && untracked.tracking == .none)
  }

  @Test func `A prefix of virtual addresses and its entry are these bytes`() {
    let key = PrefixKey("2001:db8:ffff::1", length: 36)
    expect(key, is: "000000f0b80d0120 0000000000000000 24 00 0000 00000000")
    #expect(key.address == "2001:db8:f000::")
    let entry = VirtualAddressEntry(number: 0x0102_0304, unconfiguredPorts: .reset, answersEcho: true)
    expect(entry, is: "04030201 02 01 0000")
    #expect(entry.isVirtual && entry.answersEcho && entry.unconfiguredPorts == .reset)
    expect(VirtualAddressEntry.own, is: "00000000 00 00 0000")
    #expect(!VirtualAddressEntry.own.isVirtual)
  }

  @Test func `A port table is these bytes`() {
    expect(PortTableKey(number: 0x0102_0304, transportProtocol: .sctp), is: "04030201 84 00 0000")
    let service = ServiceEntry(index: 5, hashSeed: 6, tracking: .none)
    let range = PortRange(first: 0x1234, last: 0x5678, service: service)
    let rangeBytes = "3412 7856 00000000 05000000 06000000 00000000 00 00 80 00"
    let vacant = "0100 0000 00000000 00000000 00000000 00000000 00 00 80 00"
    expect(range, is: rangeBytes)
    expect(PortRange.none, is: vacant)
    let table = PortTable(portless: .none, ranges: [range])
    expect(table, is: vacant + rangeBytes + String(repeating: vacant, count: PortTable.limit - 1))
  }

  @Test func `The settings are these bytes`() {
    let fragmenter = Fragmenter(interface: 6, address: "02:03:04:05:06:07")
    let settings = Settings(
      prefixLengths: [128, 36], flowLimit: 0x0102_0304, replyLimit: 5, fragmenter: fragmenter)
    let whole = String(repeating: "ff", count: 16) + "80 00 0000 00000000"
    let short = "000000f0ffffffff 0000000000000000 24 00 0000 00000000"
    let none = String(repeating: "00", count: 24)
    let rest = "04030201 05000000 0706050403020000 06000000 00000000"
    expect(settings, is: whole + short + String(repeating: none, count: 6) + rest)
    #expect(settings.fragmenter == fragmenter)
    #expect(settings.prefixLengths == [128, 36])
    #expect(settings != Settings(prefixLengths: [128], flowLimit: 0x0102_0304, replyLimit: 5))
  }

  @Test(
    arguments: [
      (0, "::"), (1, "8000::"), (63, "ffff:ffff:ffff:fffe::"), (64, "ffff:ffff:ffff:ffff::"),
      (65, "ffff:ffff:ffff:ffff:8000::"), (127, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"),
      (128, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ] as [(UInt8, IPv6Address)])
  func `An address keeps as many leading bits as it is told`(count: UInt8, expected: IPv6Address) {
    #expect(IPv6Address(high: .max, low: .max).masked(to: count) == expected)
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
      source: IPPrefix(host: .v4("192.0.2.10")), nextHop: "02:03:04:05:06:07", egress: "08:09:0a:0b:0c:0d",
      interface: 0x0E0F_1011, vlan: 0x0123, mtu: 1500)
    let outer = OuterHeader(.greKey, key: 0x2122_2324, timeToLive: 63)
    let destination = Destination(serviceIndex: 0x0115, address: .v4("10.1.0.11"), outer: outer, path: path)
    expect(
      destination,
      is: """
        0000000000000000 0b00010affff0000   # outer destination
        0000000000000000 0a0200c0ffff0000   # outer source
        07060504 0d0c0b0a 0302 0908         # next hop and egress, in halves
        11100f0e 24232221                   # interface, key
        1501 dc05 2301                      # service, MTU, VLAN
        02 02 3f 02 00 1c                   # encapsulation, state, TTL, flags, host bits of the source, overhead
        """)
    #expect(destination.outerDestination.embeddedIPv4 == "10.1.0.11" && destination.address == .v4("10.1.0.11"))
    #expect(destination.outerSource(hash: .max).embeddedIPv4 == "192.0.2.10")
    #expect(destination.nextHop == "02:03:04:05:06:07" && destination.egress == "08:09:0a:0b:0c:0d")
    #expect(destination.state == .reachable && destination.outer == outer && destination.path == path)
    #expect(destination.serviceIndex == 0x0115 && destination.key == 0x2122_2324 && destination.overhead == 28)
  }

  @Test func `A destination over IPv6 and UDP is these bytes`() {
    let source = IPPrefix(address: .v6("2001:db8:d::"), length: 104)
    let path = source.map {
      Destination.Path(source: $0, nextHop: .zero, egress: .zero, interface: 1, mtu: 1280)
    }
    let outer = OuterHeader(.gue, port: 0x1234, forbidsFragmentation: false, computesUDPChecksum: true)
    let destination = Destination(serviceIndex: 1, address: .v6("2001:db8:1::b"), outer: outer, path: path)
    expect(
      destination,
      is: """
        00000100b80d0120 0b00000000000000
        00000d00b80d0120 0000000000000000
        00000000 00000000 0000 0000 01000000 34120000
        0100 0005 0000 03 02 40 05 18 34
        """)
    #expect(destination.outer == outer && destination.path == path && destination.port == 0x1234)
    #expect(destination.outerSource(hash: 0xFFFF_FFFF_FF12_3456) == "2001:db8:d::12:3456")
    #expect(destination.overhead == 52)
  }

  @Test func `A destination without a way there, or down, has no way in its bytes`() {
    let unreachable = Destination(serviceIndex: 1, address: .v4("10.1.0.11"), outer: OuterHeader(.ipip), path: nil)
    let down = Destination(down: 1, address: .v4("10.1.0.11"), outer: OuterHeader(.ipip))
    let way = "0000000000000000 0b00010affff0000" + String(repeating: "00", count: 36) + "0100 0000 0000 00"
    expect(unreachable, is: way + "01 40 02 00 14")
    expect(down, is: way + "00 40 02 00 14")
    #expect(unreachable.serves && !unreachable.isReachable && unreachable.state == .unreachable)
    #expect(!down.serves && !down.isReachable && down.state == .down)
    #expect(unreachable.path == nil && down.path == nil)
  }

  static let outers: [OuterHeader] = Encapsulation.allCases.flatMap { encapsulation in
    [1, 64, 255].flatMap { timeToLive in
      [false, true].flatMap { flag in
        [
          OuterHeader(
            encapsulation, key: encapsulation == .greKey ? .max : 0,
            port: encapsulation.isOverUDP ? 65_535 : OuterHeader.defaultPort, timeToLive: timeToLive,
            forbidsFragmentation: flag, computesUDPChecksum: !flag)
        ]
      }
    }
  }

  @Test(arguments: outers, [IPVersion.v4, .v6])
  func `A row tells the outer header that it was made with`(outer: OuterHeader, version: IPVersion) {
    let row = Scene.destination(outer, path: Scene.path(outer: version), outer: version)
    #expect(row.outer == outer)
    #expect(row.path == Scene.path(outer: version))
    #expect(row.address == RealServerScene.endpoint(version))
    #expect(Destination(down: 1, address: RealServerScene.endpoint(version), outer: outer).outer == outer)
  }

  @Test func `A row of zeros serves nobody`() {
    let zeros = PacketMemory(Array(repeating: 0, count: 64))
    let nobody = zeros.packet.start.loadUnaligned(as: Destination.self)
    #expect(!nobody.serves && nobody.state == .down)
  }

  @Test func `A flow is one word`() {
    let flow = Flow(
      tag: 0x1_2345_6789, isPinned: true, destination: DestinationIndex(rawValue: 0x1FFF),
      lastSeen: Tick(rawValue: 0xABCD_1234))
    let word: UInt64 = 0x1_2345_6789 << 31 | 1 << 30 | 0x1FFF << 17 | 0x1_1234
    #expect(flow.word == word)
    #expect(flow.tag == 0x1_2345_6789 && flow.isPinned && flow.destination.rawValue == 0x1FFF && !flow.isVacant)
    #expect(Flow(word: 0).isVacant)
  }

  @Test(arguments: [(0, 0), (1, 1), (0x1_FFFF, 0x1_FFFF), (0x2_0000, 0)] as [(UInt32, UInt32)])
  func `A flow's age is right for 39 hours, also where the clock's bits wrap`(passed: UInt32, age: UInt32) {
    for start in [0, 5, 0x1_FFFF, .max] as [UInt32] {
      let flow = Flow(
        tag: 1, isPinned: false, destination: DestinationIndex(rawValue: 1), lastSeen: Tick(rawValue: start))
      let now = Tick(rawValue: start &+ passed)
      #expect(flow.age(now) == age)
      #expect(flow.lastSeen(now) == Tick(rawValue: now.rawValue &- age))
    }
  }

  @Test func `A flow's place is of the lower bits of its hash, its tag of the next 33`() {
    let hash: UInt64 = 0xFEDC_BA98_7654_3210
    let place = FlowPlace(hash: hash, buckets: 1 << 17)
    #expect(place.bucket == 0x0_3210)
    #expect(place.tag == hash >> 17 & 0x1_FFFF_FFFF)
    #expect(FlowPlace(hash: hash, buckets: 2048).bucket == 0x210)
    #expect(Capacity.flowBuckets.nonzeroBitCount == 1 && Capacity.flowBuckets <= 1 << 17)
    #expect(Capacity.fragmentBuckets.nonzeroBitCount == 1 && Capacity.destinations <= 1 << 13)
  }

  @Test func `A counter is these bytes, and counters add up`() {
    var counter = TrafficCounter(packets: 1, bytes: 2, flows: 3)
    expect(counter, is: "0100000000000000 0200000000000000 0300000000000000")
    counter.add(bytes: 40, isNewFlow: true)
    counter.add(bytes: 60, isNewFlow: false)
    #expect(counter + counter == TrafficCounter(packets: 6, bytes: 204, flows: 8))
  }

  @Test func `An address's key and roles are these bytes`() {
    expect(PrefixKey("::ffff:192.0.2.10"), is: "0000000000000000 0a0200c0ffff0000 80 00 0000 00000000")
    expect(PrefixKey("::ffff:192.0.2.10", length: 120), is: "0000000000000000 000200c0ffff0000 78 00 0000 00000000")
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
