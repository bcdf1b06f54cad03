// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Wire

@testable import UserspaceEngine

// Made with scapy 2.5.0: what a client sends to 203.0.113.80, and what then leaves for 10.1.0.11 and 10.2.0.11.
enum Fixture {
  /// TCP SYN to port 80 with DSCP 10.
  static let tcp = hex(
    """
    02 00 00 00 00 02 02 00 00 00 00 01 08 00
    45 28 00 2c 12 34 40 00 3d 06 c4 e4 c6 33 64 07 cb 00 71 50
    9c 40 00 50 01 02 03 04 00 00 00 00 60 02 fa f0 96 13 00 00 02 04 05 b4
    """)
  static let tcpInIPIP = hex(
    """
    02 00 00 00 01 02 02 00 00 00 01 01 08 00
    45 28 00 40 00 00 40 00 40 04 6e 7c c0 00 02 0a 0a 01 00 0b
    45 28 00 2c 12 34 40 00 3d 06 c4 e4 c6 33 64 07 cb 00 71 50
    9c 40 00 50 01 02 03 04 00 00 00 00 60 02 fa f0 96 13 00 00 02 04 05 b4
    """)
  /// UDP to port 53, of odd length.
  static let udp = hex(
    """
    02 00 00 00 00 02 02 00 00 00 00 01 08 00
    45 00 00 23 12 35 00 00 3d 11 05 0a c6 33 64 07 cb 00 71 50
    9c 41 00 35 00 0f 53 6f 63 75 6c 76 65 72 74
    """)
  static let udpInGRE = hex(
    """
    02 00 00 00 01 02 02 00 00 00 01 01 08 00
    45 00 00 3b 00 00 40 00 40 2f 6e 7d c0 00 02 0a 0a 02 00 0b 00 00 08 00
    45 00 00 23 12 35 00 00 3d 11 05 0a c6 33 64 07 cb 00 71 50
    9c 41 00 35 00 0f 53 6f 63 75 6c 76 65 72 74
    """)
  /// UDP whose checksum comes to 0 and is therefore sent as ff ff.
  static let udpWithoutZero = hex(
    """
    02 00 00 00 00 02 02 00 00 00 00 01 08 00
    45 00 00 1e 12 35 00 00 3d 11 05 0f c6 33 64 07 cb 00 71 50
    9c 41 00 35 00 0a ff ff fc d7
    """)

  static let virtualAddress = IPAddress.v4(IPv4Address(bits: 0xCB00_7150))
  static let web = ServiceKey(address: virtualAddress.mapped, port: 80, transportProtocol: .tcp)
  static let dns = ServiceKey(address: virtualAddress.mapped, port: 53, transportProtocol: .udp)
}

extension UserspaceEngine {
  /// Sends port 80 to 10.1.0.11 by IPIP and port 53 to 10.2.0.11 by GRE, both through `interface`.
  func configureFixture(interface: UInt32) {
    let path = Destination.Path(
      source: IPPrefix(host: .v4(IPv4Address(bits: 0xC000_020A))), nextHop: MACAddress(bits: 0x0200_0000_0102),
      egress: MACAddress(bits: 0x0200_0000_0101), interface: interface, mtu: 1500)
    let servers: [(ServiceKey, UInt32, UInt32, Encapsulation)] = [
      (Fixture.web, 1, 0x0A01_000B, .ipip), (Fixture.dns, 2, 0x0A02_000B, .gre),
    ]
    withTables { tables in
      for (key, index, address, encapsulation) in servers {
        let destination = DestinationIndex(rawValue: index)
        tables.setDestination(
          Destination(
            serviceIndex: index, address: .v4(IPv4Address(bits: address)), outer: OuterHeader(encapsulation),
            path: path),
          at: destination)
        let slots = [Slot](repeating: .settled(owner: destination), count: slotCount)
        tables.replaceSlots(ofService: index, with: slots.span)
        tables.set(ServiceEntry(index: index, hashSeed: 7, tracking: .none), for: key, in: tables.pointers.services)
      }
    }
  }

  /// Runs the data plane on `frame` with `headroom` bytes in front, and gives what stands there afterwards.
  func forward(_ frame: [UInt8], headroom: Int = 64) -> (decision: Decision, frame: [UInt8]) {
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: headroom + 2 + frame.count, alignment: 16)
    defer { room.deallocate() }
    UnsafeMutableRawBufferPointer(rebasing: room[(headroom + 2)...]).copyBytes(from: frame)
    let usable = UnsafeMutableRawBufferPointer(rebasing: room[2...])
    let (decision, place) = forward(usable, frameAt: headroom, now: Tick(rawValue: 1))
    return (decision, Array(usable[place]))
  }
}
