// SPDX-License-Identifier: MIT
public import Wire

/// The frame that benchmarks send through the data plane: a TCP segment with ten bytes of payload, 64 bytes in all.
///
/// Only the client's address and port change from round to round; the checksums, which no director reads, stay those of
/// flow 0.
public enum BenchmarkFrame {
  /// Bytes of the frame.
  @inline(__always) public static var size: Int { 64 }

  /// Bytes of the IP packet in it.
  @inline(__always) public static var packetSize: Int { size &- EthernetHeader.size }

  /// The virtual address it goes to.
  @inline(__always) public static var service: IPv4Address { IPv4Address(bits: 0xCB00_7150) }

  /// The service's TCP port.
  @inline(__always) public static var port: UInt16 { 80 }

  private enum Field: Int {
    case clientAddress = 26
    case clientPort = 34
    case servicePort = 36
    case sequence = 38
    case acknowledgement = 42
    case dataOffset = 46
    case flags = 47
    case window = 48
    case checksum = 50
    case urgent = 52
  }

  /// Writes a whole segment of flow 0 into `frame`, which holds it; the payload is left alone.
  public static func emit(_ flags: TCPHeader.Flags, into frame: PacketBytes) {
    restore(frame)
    let header = IPv4Header(
      trafficClass: 0, totalLength: UInt16(packetSize), identification: 0, fragment: .doNotFragment, timeToLive: 64,
      transportProtocol: .tcp, source: BenchmarkClients.address(ofFlow: 0), destination: service)
    header.emit(into: frame.dropping(EthernetHeader.size))
    frame.store(port, Field.servicePort)
    frame.store(0 as UInt32, Field.sequence)
    frame.store(0 as UInt32, Field.acknowledgement)
    frame.store(0x50 as UInt8, Field.dataOffset)
    frame.store(flags.rawValue, Field.flags)
    frame.store(0xFFFF as UInt16, Field.window)
    frame.store(0 as UInt16, Field.checksum)
    frame.store(0 as UInt16, Field.urgent)
    setClient(ofFlow: 0, in: frame)
  }

  /// Makes the frame one of `flow`.
  @inline(__always)
  public static func setClient(ofFlow flow: UInt32, in frame: PacketBytes) {
    frame.store(BenchmarkClients.address(ofFlow: flow).bits, Field.clientAddress)
    frame.store(BenchmarkClients.port(ofFlow: flow), Field.clientPort)
  }

  /// Writes the Ethernet header, over which an outer header has been.
  @inline(__always)
  public static func restore(_ frame: PacketBytes) {
    let header = EthernetHeader(
      destination: MACAddress(bits: 0x0200_0000_0001), source: MACAddress(bits: 0x0200_0000_0002), type: .ipv4)
    header.emit(into: frame)
  }
}
