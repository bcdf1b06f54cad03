// SPDX-License-Identifier: MIT
import CLinux
import Wire

extension Tunnel {
  /// What ``tos`` is to copy the inner one; for IPv4 the kernel's own sign.
  private static let inheritedTOS: UInt8 = 1
  /// Where the traffic class and the flow label stand in the first word of an IPv6 header (RFC 8200).
  private static let trafficClassShift: UInt32 = 20
  private static let flowLabelMask: UInt32 = 0xF_FFFF

  /// Writes ``LinkInfoAttribute/data`` for the driver `kind`.
  func write(_ kind: Kind, to info: inout AttributeWriter<LinkInfoAttribute>) {
    let numbers = kind.attributes
    info.nest(.data, TunnelAttribute.self) { data in
      if kind.isGRE { writeKeys(to: &data) }
      if kind.choosesPayload { data.put(.payload, payload.rawValue) }
      if let local { data.put(numbers.local, local) }
      if let remote { data.put(numbers.remote, remote) }
      switch kind.outer {
      case .v4: writeV4(numbers, to: &data)
      case .v6: writeV6(numbers, to: &data)
      }
      if let underlying { data.put(numbers.underlying, underlying.rawValue) }
      (udp ?? .absent).write(numbers, to: &data)
    }
  }

  private func writeV4(_ numbers: TunnelAttributes, to data: inout AttributeWriter<TunnelAttribute>) {
    data.put(numbers.pathMTUDiscovery, UInt8(discoversPathMTU ? 1 : 0))
    data.put(numbers.tos, tos)
    data.put(numbers.ttl, ttl)
  }

  private func writeV6(_ numbers: TunnelAttributes, to data: inout AttributeWriter<TunnelAttribute>) {
    let copies = tos == Self.inheritedTOS
    var flags: IPv6TunnelFlags = []
    if copies { flags.insert(.copiesTrafficClass) }
    if flowLabel == nil { flags.insert(.copiesFlowLabel) }
    data.put(numbers.ttl, ttl)
    if let encapsulationLimit {
      data.put(numbers.encapsulationLimit, encapsulationLimit)
    } else {
      flags.insert(.noEncapsulationLimit)
    }
    let trafficClass = copies ? 0 : UInt32(tos) << Self.trafficClassShift
    data.put(numbers.flowInformation, (trafficClass | (flowLabel ?? 0) & Self.flowLabelMask).bigEndian)
    data.put(numbers.flags, flags.rawValue)
  }

  /// Reads it back.
  init(_ kind: Kind, from reader: inout AttributeReader<LinkInfoAttribute>) {
    let numbers = kind.attributes
    var tunnel = Tunnel()
    var keys = GREKeys()
    var udp = UDPEncapsulation.absent
    reader.nested(TunnelAttribute.self) { attribute, data in
      if kind.isGRE, keys.read(attribute, &data) { return }
      if kind.outer == .v6, tunnel.readV6(attribute, numbers, &data) { return }
      if udp.read(attribute, numbers, &data) { return }
      tunnel.read(attribute, numbers, choosesPayload: kind.choosesPayload, &data)
    }
    (tunnel.inputKey, tunnel.outputKey) = (keys.input, keys.output)
    tunnel.udp = udp.format == UDPEncapsulation.absent.format ? nil : udp
    self = tunnel
  }

  private mutating func read(
    _ attribute: TunnelAttribute, _ numbers: TunnelAttributes, choosesPayload: Bool,
    _ data: inout AttributeReader<TunnelAttribute>
  ) {
    switch attribute {
    case numbers.local: local = data.address().unlessZero
    case numbers.remote: remote = data.address().unlessZero
    case numbers.underlying: underlying = InterfaceIndex(message: data.integer(UInt32.self))
    case numbers.ttl: ttl = data.integer()
    case numbers.tos: tos = data.integer()
    case numbers.pathMTUDiscovery: discoversPathMTU = data.integer(UInt8.self) != 0
    case .payload where choosesPayload: payload = Payload(rawValue: data.integer()) ?? .any
    default: break
    }
  }

  /// Whether the attribute is one that only IPv6 tunnels have, or only they write like this.
  private mutating func readV6(
    _ attribute: TunnelAttribute, _ numbers: TunnelAttributes, _ data: inout AttributeReader<TunnelAttribute>
  ) -> Bool {
    switch attribute {
    case numbers.encapsulationLimit: encapsulationLimit = data.integer()
    case numbers.flowInformation:
      let information = UInt32(bigEndian: data.integer())
      tos = UInt8(truncatingIfNeeded: information >> Self.trafficClassShift)
      flowLabel = information & Self.flowLabelMask
    case numbers.flags:
      // The kernel puts the flags behind what they overrule.
      let flags = IPv6TunnelFlags(rawValue: data.integer())
      if flags.contains(.noEncapsulationLimit) { encapsulationLimit = nil }
      if flags.contains(.copiesTrafficClass) { tos = Self.inheritedTOS }
      if flags.contains(.copiesFlowLabel) { flowLabel = nil }
    default: return false
    }
    return true
  }
}

extension Tunnel {
  /// The bit that says a key is present, in the flags that the kernel keeps in network order: `GRE_KEY`.
  private static let keyFlag: UInt16 = 0x2000

  private func writeKeys(to data: inout AttributeWriter<TunnelAttribute>) {
    if let inputKey { data.put(.inputKey, inputKey.bigEndian) }
    if let outputKey { data.put(.outputKey, outputKey.bigEndian) }
    data.put(.inputFlags, inputKey == nil ? 0 : Self.keyFlag.bigEndian)
    data.put(.outputFlags, outputKey == nil ? 0 : Self.keyFlag.bigEndian)
  }

  /// The keys of a GRE tunnel as they are read: each counts only if its flag says that it is used.
  private struct GREKeys {
    private var inputKey: UInt32 = 0
    private var outputKey: UInt32 = 0
    private var usesInputKey = false
    private var usesOutputKey = false

    var input: UInt32? { usesInputKey ? inputKey : nil }
    var output: UInt32? { usesOutputKey ? outputKey : nil }

    /// Whether the attribute is about keys.
    mutating func read(_ attribute: TunnelAttribute, _ data: inout AttributeReader<TunnelAttribute>) -> Bool {
      switch attribute {
      case .inputFlags: usesInputKey = UInt16(bigEndian: data.integer()) & Tunnel.keyFlag != 0
      case .outputFlags: usesOutputKey = UInt16(bigEndian: data.integer()) & Tunnel.keyFlag != 0
      case .inputKey: inputKey = UInt32(bigEndian: data.integer())
      case .outputKey: outputKey = UInt32(bigEndian: data.integer())
      default: return false
      }
      return true
    }
  }
}

extension UDPEncapsulation {
  /// How a tunnel without one is told, also to take one away. The corresponding C constant is `TUNNEL_ENCAP_NONE`.
  fileprivate static let absent = Self(Format(rawValue: UInt16(TUNNEL_ENCAP_NONE.rawValue)), destinationPort: 0)

  fileprivate func write(_ numbers: TunnelAttributes, to data: inout AttributeWriter<TunnelAttribute>) {
    data.put(numbers.udpFormat, format.rawValue)
    data.put(numbers.udpOptions, options.rawValue)
    data.put(numbers.udpSourcePort, sourcePort.bigEndian)
    data.put(numbers.udpDestinationPort, destinationPort.bigEndian)
  }

  /// Whether the attribute is about UDP.
  fileprivate mutating func read(
    _ attribute: TunnelAttribute, _ numbers: TunnelAttributes, _ data: inout AttributeReader<TunnelAttribute>
  ) -> Bool {
    switch attribute {
    case numbers.udpFormat: format = Format(rawValue: data.integer())
    case numbers.udpOptions: options = Options(rawValue: data.integer())
    case numbers.udpSourcePort: sourcePort = UInt16(bigEndian: data.integer())
    case numbers.udpDestinationPort: destinationPort = UInt16(bigEndian: data.integer())
    default: return false
    }
    return true
  }
}

extension Tunnel.Kind {
  fileprivate var attributes: TunnelAttributes { isGRE ? .gre : .ip }
}

extension IPAddress {
  /// `nil` for `0.0.0.0` and `::`, which say "any" in a tunnel's settings.
  fileprivate var unlessZero: IPAddress? { bytes.allSatisfy { $0 == 0 } ? nil : self }
}
