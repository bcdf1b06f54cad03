// SPDX-License-Identifier: MIT
import CLinux
import Wire

extension Link {
  /// Reads a link message; `nil` for what bridges tell about their ports in messages of the same type.
  ///
  /// Every message holds statistics; without `statistics` they are left out, so that equal links compare equal.
  init?(_ message: Message, statistics: Bool = false) throws(MalformedMessage) {
    let header = try message.header(ifinfomsg.self)
    guard CInt(header.ifi_family) == AF_UNSPEC else { return nil }
    self.init(
      index: InterfaceIndex(rawValue: UInt32(truncatingIfNeeded: header.ifi_index)), name: "",
      flags: LinkFlags(rawValue: header.ifi_flags), mtu: 0)
    var attributes = message.attributes(LinkAttribute.self, after: ifinfomsg.self)
    while let attribute = attributes.next() { read(attribute, from: &attributes) }
    try attributes.finish()
    if !statistics { self.statistics = nil }
  }

  private mutating func read(_ attribute: LinkAttribute, from reader: inout AttributeReader<LinkAttribute>) {
    switch attribute {
    case .name: name = reader.string()
    case .mtu: mtu = reader.integer()
    case .address: macAddress = flags.contains(.noARP) && flags.contains(.pointToPoint) ? nil : reader.macAddress()
    case .group: group = LinkGroup(rawValue: reader.integer())
    case .alias: alias = reader.string()
    case .master: master = InterfaceIndex(message: reader.integer(UInt32.self))
    case .underlying: underlying = InterfaceIndex(message: reader.integer(UInt32.self))
    case .info: info = LinkInfo(from: &reader)
    case .xdp: xdp = XDPAttachment(from: &reader)
    case .statistics: statistics = LinkStatistics(reader.data())
    default: break
    }
  }
}

extension XDPAttachment {
  /// Reads what stands in ``LinkAttribute/xdp``; `nil` if no program is attached.
  fileprivate init?(from reader: inout AttributeReader<LinkAttribute>) {
    var mode: UInt8 = 0
    var program: UInt32 = 0
    var perMode: [XDPAttribute: UInt32] = [:]
    reader.nested(XDPAttribute.self) { attribute, xdp in
      switch attribute {
      case .attached: mode = xdp.integer()
      case .program: program = xdp.integer()
      case .driverProgram, .genericProgram, .hardwareProgram: perMode[attribute] = xdp.integer()
      default: break
      }
    }
    guard mode != 0 else { return nil }
    // With several programs the kernel leaves out the common number; packets meet the card first, then the driver.
    let first = perMode[.hardwareProgram] ?? perMode[.driverProgram] ?? perMode[.genericProgram]
    self.init(mode: XDPMode(rawValue: mode), program: program != 0 ? program : first ?? 0)
  }
}

extension LinkStatistics {
  /// Reads the first eight counters; `nil` if there are fewer. Later kernels append more.
  fileprivate init?(_ bytes: [UInt8]) {
    guard bytes.count >= 64 else { return nil }
    let counters = unsafe bytes.span.bytes
    func counter(_ index: Int) -> UInt64 { counters.load(UInt64.self, at: index * 8) }
    self.init(
      receivedPackets: counter(0), sentPackets: counter(1), receivedBytes: counter(2), sentBytes: counter(3),
      receiveErrors: counter(4), sendErrors: counter(5), receiveDrops: counter(6), sendDrops: counter(7))
  }
}
